//! What one digest file says.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use crate::digest::hex;
use crate::formats::sheet::text::stopped;
use crate::formats::stream::raw::Raw;
use crate::open::read_whole;
use crate::run::{Note, Run, SourceFile};
use crate::times::parse_iso_ms;

/// A small file, read whole and uncompressed.
pub(super) struct Text {
    pub(super) text: String,
    /// SHA-256 of its bytes.
    pub(super) sha256: String,
}

impl Text {
    pub(super) fn read(run: &Run<'_>, file: &SourceFile) -> Result<Self, Note> {
        let limit = run.input.limits.whole_file_bytes_max;
        let bytes = read_whole(&file.path, limit)
            .map_err(|error| stopped(&error))?
            .ok_or_else(|| {
                Note::lost("file-too-large", "the file is too large to be held whole")
                    .expected(format!("at most {limit} bytes"))
            })?;
        let sha256 = hex(&Sha256::digest(&bytes));
        let text = String::from_utf8(bytes)
            .map_err(|_| Note::lost("file-damaged", "the file is not text").expected("UTF-8"))?;
        Ok(Self { text, sha256 })
    }
}

/// A digest without its list of log files.
#[derive(Debug, Default)]
pub(super) struct Digest {
    pub(super) account: String,
    pub(super) object: String,
    pub(super) start_at: i64,
    pub(super) end_at: i64,
    pub(super) first_event_at: Option<i64>,
    pub(super) last_event_at: Option<i64>,
    pub(super) fingerprint: String,
    pub(super) is_sha256_with_rsa: bool,
    pub(super) previous: Option<Previous>,
    bucket: String,
    end_text: String,
}

/// What a digest says of the one before.
#[derive(Debug, Default)]
pub(super) struct Previous {
    pub(super) object: String,
    pub(super) sha256: String,
    pub(super) signature: Option<String>,
}

/// A log file, as a digest names it.
#[derive(Debug, Default)]
pub(super) struct LogFile<'a> {
    pub(super) object: Cow<'a, str>,
    pub(super) sha256: Cow<'a, str>,
    pub(super) first_event_at: Option<i64>,
    pub(super) last_event_at: Option<i64>,
}

fn owned(value: Raw<'_>) -> String {
    value.text().map(Cow::into_owned).unwrap_or_default()
}

fn time(value: Raw<'_>) -> Option<i64> {
    parse_iso_ms(value.text()?.as_bytes())
}

impl Digest {
    /// Reads a digest and gives each log file that it names; an error says what is missing, without showing anything.
    pub(super) fn read(
        document: Raw<'_>,
        each: &mut dyn FnMut(LogFile<'_>),
    ) -> Result<Self, String> {
        let mut digest = Self::default();
        let mut previous = Previous::default();
        let (mut start_at, mut end_at, mut logs) = (None, None, None);
        document
            .fields(|name, value| match name {
                "awsAccountId" => digest.account = owned(value),
                "digestS3Bucket" => digest.bucket = owned(value),
                "digestS3Object" => digest.object = owned(value),
                "digestStartTime" => start_at = time(value),
                "digestEndTime" => {
                    end_at = time(value);
                    digest.end_text = owned(value);
                }
                "digestPublicKeyFingerprint" => digest.fingerprint = owned(value),
                "digestSignatureAlgorithm" => {
                    digest.is_sha256_with_rsa = owned(value) == "SHA256withRSA";
                }
                "oldestEventTime" => digest.first_event_at = time(value),
                "newestEventTime" => digest.last_event_at = time(value),
                "previousDigestS3Object" => previous.object = owned(value),
                "previousDigestHashValue" => previous.sha256 = owned(value).to_ascii_lowercase(),
                "previousDigestSignature" => {
                    previous.signature = Some(owned(value)).filter(|text| !text.is_empty());
                }
                "logFiles" => logs = Some(value),
                _ => {}
            })
            .map_err(|error| error.to_string())?;
        let missing = |what: &str| format!("no readable {what}");
        digest.start_at = start_at.ok_or_else(|| missing("digestStartTime"))?;
        digest.end_at = end_at.ok_or_else(|| missing("digestEndTime"))?;
        if digest.object.is_empty() {
            return Err(missing("digestS3Object"));
        }
        if digest.account.is_empty() {
            return Err(missing("awsAccountId"));
        }
        if !(previous.object.is_empty() && previous.sha256.is_empty()) {
            digest.previous = Some(previous);
        }
        let logs = logs
            .filter(|logs| logs.is_array())
            .ok_or_else(|| missing("logFiles"))?;
        logs.elements(|element| each(LogFile::read(element)))
            .map_err(|error| error.to_string())?;
        Ok(digest)
    }

    /// Account, region and trail, as the file's name says them: the name up to its time.
    pub(super) fn chain(&self) -> String {
        let name = self.object.rsplit('/').next().unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(name);
        let name = name.strip_suffix(".json").unwrap_or(name);
        match name.strip_suffix("_backfill") {
            None => before_time(name).to_owned(),
            Some(name) => format!("{}_backfill", before_time(name)),
        }
    }

    /// The region in the key.
    pub(super) fn region(&self) -> Option<&str> {
        let (_, rest) = self.object.split_once("CloudTrail-Digest/")?;
        rest.split('/').next()
    }

    /// What is signed, for a digest with this hash.
    pub(super) fn signed_text(&self, sha256: &str) -> String {
        let before = self
            .previous
            .as_ref()
            .and_then(|previous| previous.signature.as_deref())
            .unwrap_or("null");
        format!(
            "{}\n{}/{}\n{sha256}\n{before}",
            self.end_text, self.bucket, self.object
        )
    }
}

fn before_time(name: &str) -> &str {
    name.rsplit_once('_').map_or(name, |(before, _)| before)
}

impl<'a> LogFile<'a> {
    fn read(element: Raw<'a>) -> Self {
        let mut log = Self::default();
        if element.is_object() {
            // An element of an array that was read to its end is whole.
            let _ = element.fields(|name, value| match name {
                "s3Object" => log.object = value.text().unwrap_or_default(),
                "hashValue" => log.sha256 = value.text().unwrap_or_default(),
                "oldestEventTime" => log.first_event_at = time(value),
                "newestEventTime" => log.last_event_at = time(value),
                _ => {}
            });
        }
        log
    }
}
