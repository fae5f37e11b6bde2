//! What the environment says about a store: who asks, and where the store is.
//!
//! A fixed list of names, so that what can change where a review looks is known:
//!
//! | store | credentials | where |
//! |---|---|---|
//! | `s3://` | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`; or `AWS_SKIP_SIGNATURE=true` for a public bucket | `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` |
//! | `az://` | `AZURE_STORAGE_ACCOUNT_KEY`; or `AZURE_STORAGE_SAS_TOKEN`; or `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET`, `AZURE_TENANT_ID`; or `AZURE_SKIP_SIGNATURE=true` | `AZURE_STORAGE_ACCOUNT_NAME`, `AZURE_STORAGE_ENDPOINT` |
//! | `gs://` | `GOOGLE_APPLICATION_CREDENTIALS` (the path of a service account's or a user's file); or `GOOGLE_SKIP_SIGNATURE=true` | `GOOGLE_BASE_URL` |

/// Looks up a variable of the environment; an empty one counts as absent.
pub type Settings<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process's own environment.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The first of these variables that is set.
pub(crate) fn first(settings: Settings<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| settings(name))
}

/// Whether a switch is on.
pub(crate) fn is_on(settings: Settings<'_>, name: &str) -> bool {
    settings(name).is_some_and(|value| matches!(value.as_str(), "true" | "TRUE" | "True" | "1"))
}

/// Whether an endpoint may be asked over plain HTTP: `Err` says what is wrong with it.
pub(crate) fn is_plain_http(endpoint: &str) -> Result<bool, String> {
    if endpoint.contains('@') {
        return Err("the endpoint holds a user name; expected an address without one".to_owned());
    }
    let Some(rest) = endpoint.strip_prefix("http://") else {
        return if endpoint.starts_with("https://") {
            Ok(false)
        } else {
            Err("the endpoint is no address; expected https://HOST".to_owned())
        };
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_own = host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if is_own {
        Ok(true)
    } else {
        Err("the endpoint is plain HTTP; expected https://, except to this machine".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for endpoint in [
            "http://127.0.0.1:9000",
            "http://127.8.8.8/account",
            "http://[::1]:80/",
            "http://localhost:10000/x",
        ] {
            assert_eq!(is_plain_http(endpoint), Ok(true), "{endpoint}");
        }
        assert_eq!(is_plain_http("https://storage.example.com"), Ok(false));
        for endpoint in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1@example.com/",
            "http://example.com\\@127.0.0.1",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "ftp://127.0.0.1",
            "127.0.0.1",
            "",
        ] {
            assert!(is_plain_http(endpoint).is_err(), "{endpoint}");
        }
    }
}
