//! `RULE-manifest.json` of an Azure blob inventory.

use serde::Deserialize;

use crate::formats::inventory::plan::{Listed, Manifest};
use crate::times::{DAY_MS, parse_iso_ms};

/// A manifest, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AzureManifest {
    /// The account's blob endpoint, `https://ACCOUNT.blob.core.windows.net`.
    #[serde(default)]
    endpoint: String,
    files: Vec<Listed>,
    #[serde(default)]
    inventory_start_time: Option<String>,
    #[serde(default)]
    rule_definition: Rule,
    #[serde(default)]
    status: String,
    #[serde(default)]
    summary: Summary,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(default)]
    object_type: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    #[serde(default)]
    object_count: Option<u64>,
}

impl Manifest for AzureManifest {
    const WHAT: &'static str = "the manifest of an Azure blob inventory";
    const MD5_FIELD: Option<&'static str> = None;

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        // Manifests written on Windows may begin with a byte order mark.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    fn listed(&self) -> &[Listed] {
        &self.files
    }

    fn snapshot_at(&self) -> Option<i64> {
        parse_iso_ms(self.inventory_start_time.as_deref()?.trim().as_bytes())
    }

    /// Rules run once a day at most, so that two manifests of one account and day are of two rules.
    fn listing(&self) -> String {
        let day = self
            .snapshot_at()
            .map_or(0, |moment| moment.div_euclid(DAY_MS));
        format!(
            "{} on day {day} since 1970",
            self.account()
                .unwrap_or_else(|| "an unnamed account".to_owned())
        )
    }
}

impl AzureManifest {
    /// The storage account: the first label of the endpoint's host.
    pub(super) fn account(&self) -> Option<String> {
        let host = self
            .endpoint
            .split("://")
            .last()?
            .split(['/', ':'])
            .next()?;
        let (account, _) = host.split_once('.')?;
        (!account.is_empty()).then(|| account.to_lowercase())
    }

    /// Whether the run of the rule succeeded.
    pub(super) fn is_finished(&self) -> bool {
        self.status.eq_ignore_ascii_case("succeeded")
    }

    /// The status as written.
    pub(super) fn status(&self) -> &str {
        &self.status
    }

    /// Whether the report lists containers, not blobs.
    pub(super) fn is_about_containers(&self) -> bool {
        self.rule_definition
            .object_type
            .eq_ignore_ascii_case("container")
    }

    /// How many rows the files should have, when the inventory was finished.
    pub(super) fn object_count(&self) -> Option<u64> {
        self.summary.object_count.filter(|_| self.is_finished())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_account_is_the_first_label_of_the_endpoint() {
        let account = |endpoint: &str| {
            AzureManifest::parse(format!(r#"{{"endpoint":"{endpoint}","files":[]}}"#).as_bytes())
                .unwrap()
                .account()
        };
        assert_eq!(
            account("https://contoso.blob.core.windows.net").as_deref(),
            Some("contoso")
        );
        assert_eq!(
            account("https://contoso.z12.blob.storage.azure.net/").as_deref(),
            Some("contoso")
        );
        assert_eq!(account(""), None);
        assert_eq!(account("https://localhost:10000/x"), None);
    }
}
