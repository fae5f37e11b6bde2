//! A client of one bucket or container, made from the environment, that can list and read.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::{GcpCredential, GoogleCloudStorageBuilder};
use object_store::list::PaginatedListStore;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig, StaticCredentialProvider,
};
use plainview_register::{Cloud, Location};

use crate::Error;
use crate::settings::{Settings, first, is_on, is_plain_http};

/// A bucket, for listing and for reading.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) pages: Arc<dyn PaginatedListStore>,
    pub(crate) keys: Arc<dyn ObjectStore>,
}

/// Requests are tried again at most so often, and at most so long.
const RETRIES_MAX: usize = 4;
const RETRY_SECONDS_MAX: u64 = 60;

/// A connection that does not come about in so many seconds is given up.
const CONNECT_SECONDS_MAX: u64 = 15;

fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RETRIES_MAX,
        retry_timeout: Duration::from_secs(RETRY_SECONDS_MAX),
    }
}

/// A large file takes as long as it takes; a silence is given up by the reader.
fn options(is_plain: bool) -> ClientOptions {
    ClientOptions::new()
        .with_allow_http(is_plain)
        .with_timeout_disabled()
        .with_connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
}

/// Makes the client of `place`. Nothing is requested yet.
pub(crate) fn open(place: &Location, settings: Settings<'_>) -> Result<Store, Error> {
    let made = match place.cloud {
        Cloud::S3 => s3(place, settings),
        Cloud::Azure => azure(place, settings),
        Cloud::Gcs => gcs(place, settings),
    };
    made.map_err(|problem| Error::Settings {
        place: place.to_string(),
        problem,
    })
}

/// The endpoint, if one is set, and whether it may be asked over plain HTTP.
fn endpoint(settings: Settings<'_>, names: &[&str]) -> Result<(Option<String>, bool), String> {
    match first(settings, names) {
        None => Ok((None, false)),
        Some(text) => {
            let is_plain = is_plain_http(&text)?;
            Ok((Some(text), is_plain))
        }
    }
}

fn s3(place: &Location, settings: Settings<'_>) -> Result<Store, String> {
    let (endpoint, is_plain) = endpoint(settings, &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])?;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&place.bucket)
        .with_retry(retry())
        .with_client_options(options(is_plain));
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let Some(region) = first(settings, &["AWS_REGION", "AWS_DEFAULT_REGION"]) {
        builder = builder.with_region(region);
    }
    if is_on(settings, "AWS_SKIP_SIGNATURE") {
        builder = builder.with_skip_signature(true);
    } else {
        let (Some(id), Some(secret)) = (
            settings("AWS_ACCESS_KEY_ID"),
            settings("AWS_SECRET_ACCESS_KEY"),
        ) else {
            return Err(
                "no credentials; expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or \
                 AWS_SKIP_SIGNATURE=true for a public bucket"
                    .to_owned(),
            );
        };
        builder = builder
            .with_access_key_id(id)
            .with_secret_access_key(secret);
        if let Some(token) = settings("AWS_SESSION_TOKEN") {
            builder = builder.with_token(token);
        }
    }
    let store = Arc::new(builder.build().map_err(|error| error.to_string())?);
    Ok(Store {
        pages: store.clone(),
        keys: store,
    })
}

fn azure(place: &Location, settings: Settings<'_>) -> Result<Store, String> {
    let (endpoint, is_plain) = endpoint(settings, &["AZURE_STORAGE_ENDPOINT"])?;
    let account = settings("AZURE_STORAGE_ACCOUNT_NAME").ok_or(
        "no storage account; expected its name in AZURE_STORAGE_ACCOUNT_NAME in the environment",
    )?;
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(account)
        .with_container_name(&place.bucket)
        .with_retry(retry())
        .with_client_options(options(is_plain));
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let identity = (
        settings("AZURE_CLIENT_ID"),
        settings("AZURE_CLIENT_SECRET"),
        settings("AZURE_TENANT_ID"),
    );
    builder = if is_on(settings, "AZURE_SKIP_SIGNATURE") {
        builder
            .with_skip_signature(true)
            .with_bearer_token_authorization("")
    } else if let Some(key) = settings("AZURE_STORAGE_ACCOUNT_KEY") {
        builder.with_access_key(key)
    } else if let Some(token) = settings("AZURE_STORAGE_SAS_TOKEN") {
        builder.with_config(object_store::azure::AzureConfigKey::SasKey, token)
    } else if let (Some(client), Some(secret), Some(tenant)) = identity {
        builder.with_client_secret_authorization(client, secret, tenant)
    } else {
        return Err(
            "no credentials; expected AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN or AZURE_CLIENT_ID, \
             AZURE_CLIENT_SECRET and AZURE_TENANT_ID in the environment, or AZURE_SKIP_SIGNATURE=true for a public container"
                .to_owned(),
        );
    };
    let store = Arc::new(builder.build().map_err(|error| error.to_string())?);
    Ok(Store {
        pages: store.clone(),
        keys: store,
    })
}

fn gcs(place: &Location, settings: Settings<'_>) -> Result<Store, String> {
    let (endpoint, is_plain) = endpoint(settings, &["GOOGLE_BASE_URL"])?;
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(&place.bucket)
        .with_retry(retry())
        .with_client_options(options(is_plain));
    if let Some(endpoint) = endpoint {
        builder = builder.with_base_url(&endpoint);
    }
    builder = if is_on(settings, "GOOGLE_SKIP_SIGNATURE") {
        // Without credentials of its own the library would look for some in the user's home.
        let nobody = GcpCredential {
            bearer: String::new(),
        };
        builder
            .with_skip_signature(true)
            .with_credentials(Arc::new(StaticCredentialProvider::new(nobody)))
    } else if let Some(path) = settings("GOOGLE_APPLICATION_CREDENTIALS") {
        builder.with_application_credentials(path)
    } else {
        return Err(
            "no credentials; expected GOOGLE_APPLICATION_CREDENTIALS in the environment, or \
             GOOGLE_SKIP_SIGNATURE=true for a public bucket"
                .to_owned(),
        );
    };
    let store = Arc::new(builder.build().map_err(|error| error.to_string())?);
    Ok(Store {
        pages: store.clone(),
        keys: store,
    })
}

/// Runs `work` to its end on this thread.
pub(crate) fn block_on<T>(
    place: &Location,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Store {
            place: place.to_string(),
            problem: error.to_string(),
            expected: "a machine that can open connections",
        })?
        .block_on(work)
}

/// Most characters of what a store said that are shown.
const SHOWN_CHARS_MAX: usize = 400;

/// What a store said, on one line and without queries, which may carry signatures.
pub(crate) fn words(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    // An answer's body is markup that says the same again.
    let text = text.split(": <").next().unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    let mut in_query = false;
    for character in text.chars() {
        if character.is_whitespace() || matches!(character, '"' | '\'' | ')' | '<') {
            in_query = false;
        }
        if character == '?' {
            in_query = true;
        }
        if !in_query {
            out.push(if character.is_control() {
                ' '
            } else {
                character
            });
        }
    }
    out.chars().take(SHOWN_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(address: &str, set: &[(&str, &str)]) -> Option<String> {
        let place = Location::parse(address).expect("an address");
        let settings = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        open(&place, &settings).err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_looked_for_elsewhere() {
        for (address, named) in [
            ("s3://b/p", "AWS_ACCESS_KEY_ID"),
            ("az://c/p", "AZURE_STORAGE_ACCOUNT_NAME"),
            ("gs://b/p", "GOOGLE_APPLICATION_CREDENTIALS"),
        ] {
            let said = problem(address, &[]).expect("refused");
            assert!(said.contains(named) && said.contains(address), "{said}");
        }
        let account = [("AZURE_STORAGE_ACCOUNT_NAME", "fictional")];
        let said = problem("az://c", &account).expect("refused");
        assert!(said.contains("AZURE_STORAGE_ACCOUNT_KEY"), "{said}");
    }

    #[test]
    fn each_way_to_say_who_asks_is_taken() {
        let key = "c2VjcmV0";
        for (address, set) in [
            ("s3://b", &[("AWS_SKIP_SIGNATURE", "true")][..]),
            (
                "s3://b",
                &[("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")],
            ),
            (
                "az://c",
                &[
                    ("AZURE_STORAGE_ACCOUNT_NAME", "a"),
                    ("AZURE_STORAGE_ACCOUNT_KEY", key),
                ],
            ),
            (
                "az://c",
                &[
                    ("AZURE_STORAGE_ACCOUNT_NAME", "a"),
                    ("AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=b"),
                ],
            ),
            (
                "az://c",
                &[
                    ("AZURE_STORAGE_ACCOUNT_NAME", "a"),
                    ("AZURE_CLIENT_ID", "a"),
                    ("AZURE_CLIENT_SECRET", "b"),
                    ("AZURE_TENANT_ID", "c"),
                ],
            ),
            (
                "az://c",
                &[
                    ("AZURE_STORAGE_ACCOUNT_NAME", "a"),
                    ("AZURE_SKIP_SIGNATURE", "1"),
                ],
            ),
            ("gs://b", &[("GOOGLE_SKIP_SIGNATURE", "true")]),
        ] {
            assert_eq!(problem(address, set), None, "{address} {set:?}");
        }
        let plain = [
            ("AWS_SKIP_SIGNATURE", "true"),
            ("AWS_ENDPOINT_URL", "http://example.com"),
        ];
        assert!(
            problem("s3://b", &plain)
                .expect("refused")
                .contains("plain HTTP")
        );
    }

    #[test]
    fn what_a_store_says_is_shown_without_queries() {
        let error = object_store::Error::Generic {
            store: "S3",
            source: "GET https://b.example/k?sig=SECRET&x=1: refused\n(\"u?token=SECRET\")".into(),
        };
        let said = words(&error);
        assert!(
            !said.contains("SECRET") && said.contains("refused"),
            "{said}"
        );
        assert!(!said.contains('\n'));
    }
}
