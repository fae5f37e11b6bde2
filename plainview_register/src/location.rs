//! Addresses of record files: `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix`.
//!
//! Text only: nothing is looked up here. It refuses what could carry a secret (a query, a fragment, a user), and prefixes
//! that do not name one place (empty segments, `.` and `..`).

use std::fmt;

/// Where a store of record files is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cloud {
    /// `s3://`
    S3,
    /// `az://`; the storage account comes from the environment.
    Azure,
    /// `gs://`
    Gcs,
}

impl Cloud {
    /// The scheme, without `://`.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Azure => "az",
            Self::Gcs => "gs",
        }
    }
}

/// A place in a store: everything below one prefix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Whose store.
    pub cloud: Cloud,
    /// The bucket or container.
    pub bucket: String,
    /// The prefix, without `/` at either end; empty for the whole bucket.
    pub prefix: String,
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLocation {
    /// What is wrong with it.
    pub problem: String,
    /// What is expected instead.
    pub expected: &'static str,
}

impl fmt::Display for BadLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; expected {}", self.problem, self.expected)
    }
}

impl std::error::Error for BadLocation {}

/// What an address looks like.
const EXPECTED: &str = "s3://bucket/prefix, az://container/prefix or gs://bucket/prefix";

impl Location {
    /// Whether a text is meant as an address: it has a scheme.
    pub fn is_address(text: &str) -> bool {
        text.contains("://")
    }

    /// Reads an address. In a `pattern` the prefix may hold `*`, `?` and `[`, and ends up as it is written.
    fn read(text: &str, is_pattern: bool) -> Result<Self, BadLocation> {
        let bad = |problem: String| {
            Err(BadLocation {
                problem,
                expected: EXPECTED,
            })
        };
        let Some((scheme, rest)) = text.split_once("://") else {
            return bad(format!("`{text}` has no scheme"));
        };
        let cloud = match scheme {
            "s3" => Cloud::S3,
            "az" => Cloud::Azure,
            "gs" => Cloud::Gcs,
            _ => return bad(format!("`{scheme}://` is not a kind of store that is read")),
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '$');
        if bucket.is_empty() || bucket.len() > 255 || !bucket.chars().all(fits) {
            return bad("the name of the bucket or container cannot be one".to_owned());
        }
        if !is_pattern && prefix.contains(['?', '#', '*', '[']) {
            return bad(
                "a location is one prefix, without wildcards, queries and signatures".to_owned(),
            );
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        if !prefix.is_empty() && !is_plain(prefix) {
            return bad("the prefix does not name one place".to_owned());
        }
        Ok(Self {
            cloud,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// Reads the address of a place.
    pub fn parse(text: &str) -> Result<Self, BadLocation> {
        Self::read(text, false)
    }

    /// Reads a file pattern that is a full address: the bucket as a location, and the pattern within it.
    pub fn parse_pattern(text: &str) -> Result<(Self, String), BadLocation> {
        let whole = Self::read(text, true)?;
        let pattern = whole.prefix.clone();
        let bucket = Self {
            prefix: String::new(),
            ..whole
        };
        Ok((bucket, pattern))
    }

    /// Whether a file pattern stays below a location.
    pub fn holds(pattern: &str) -> bool {
        pattern == "." || is_plain(pattern.strip_suffix('/').unwrap_or(pattern))
    }
}

/// Whether every segment of a prefix or a pattern names something below the one before it.
fn is_plain(prefix: &str) -> bool {
    !prefix.contains('\\')
        && !prefix.chars().any(char::is_control)
        && prefix
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.cloud.scheme(), self.bucket)?;
        if self.prefix.is_empty() {
            Ok(())
        } else {
            write!(f, "/{}", self.prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_as_they_are() {
        for (text, cloud, bucket, prefix) in [
            ("s3://b/records/2025", Cloud::S3, "b", "records/2025"),
            ("s3://b/records/", Cloud::S3, "b", "records"),
            ("az://$logs", Cloud::Azure, "$logs", ""),
            ("gs://a.b_c/ä ö", Cloud::Gcs, "a.b_c", "ä ö"),
        ] {
            let location = Location::parse(text).expect(text);
            assert_eq!(
                (
                    location.cloud,
                    location.bucket.as_str(),
                    location.prefix.as_str()
                ),
                (cloud, bucket, prefix)
            );
            assert_eq!(location.to_string(), text.trim_end_matches('/'));
        }
    }

    #[test]
    fn what_carries_a_secret_or_leads_elsewhere_is_refused() {
        for text in [
            "records",
            "http://example.com/b",
            "s3://",
            "s3:///prefix",
            "s3://key:secret@bucket/prefix",
            "az://c/p?sv=2024&sig=abc",
            "s3://b/p#x",
            "s3://b/p/*",
            "s3://b/../c",
            "s3://b/a//c",
            "s3://b/a/./c",
            "s3://b/a\\c",
            "s3://b/a\u{0}c",
            "s3://b c/d",
        ] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
        let (bucket, pattern) = Location::parse_pattern("s3://b/x/*/y?.json").expect("a pattern");
        assert_eq!(
            (bucket.to_string().as_str(), pattern.as_str()),
            ("s3://b", "x/*/y?.json")
        );
        assert!(Location::parse_pattern("s3://b/../x").is_err());
        assert!(Location::holds("a/*.csv") && Location::holds(".") && Location::holds("a/"));
        assert!(!Location::holds("../a") && !Location::holds("/a") && !Location::holds(""));
    }
}
