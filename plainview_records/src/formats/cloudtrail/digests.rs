//! Digest files: what was delivered, whether it is here, and how one digest hangs on the one before.
//!
//! The provider writes a digest for every hour and region, also when nothing happened. Each becomes one row of `deliveries`,
//! and so does each log file that it names.
//!
//! **Hashes.** The hashes that a digest states, of log files (`logFiles[].hashValue`) and of the digest before
//! (`previousDigestHashValue`), are SHA-256 over the **uncompressed** bytes; that is what the provider's own `validate-logs`
//! checks. A hash over the compressed bytes is accepted too, because exports by other tools state that one. A file is
//! sought by the last segment of its key, with or without `.gz`, and then by its bytes: a file that was renamed or saved
//! uncompressed is there. Bytes that were changed are not: the file is `altered`.
//!
//! **The chain** (`link`) of one account, region and trail. `start`: the digest names none before it, so logging was begun; with
//! an earlier digest here that is a restart, a `digest-chain-restarted` doubt, because what happened in between was not
//! recorded. `linked` and `altered`: the one before is here. `first`: the one before is not here and neither is any earlier
//! one, so the source begins with this digest (a `digest-chain-begins` doubt). `broken`: the one before is not here though
//! earlier ones are. Several digests removed in a row leave one broken link; the gap is from the latest earlier
//! `end_at` of the chain to this row's `start_at`. Intervals are of delivery: an event can be older than its interval.
//!
//! **Signatures.** The signature of a digest is in the metadata of its object, which files do not carry, and in the digest
//! that follows. It is checked where that one is here and the source holds the public key; else it is `unchecked`, and so is
//! the last digest of every chain. It is over the end of the interval, bucket and key, the hash of the uncompressed digest and
//! the signature of the digest before (`null` at a start).
//!
//! Backfill digests (`..._backfill.json.gz`) name files that were delivered late; they are a chain of their own here.

use std::collections::BTreeMap;

use crate::formats::sheet::tally::Tally;
use crate::formats::stream::Part;
use crate::formats::stream::raw::Raw;
use crate::run::{Note, Run, SourceFile};
use crate::tables::deliveries::{DeliveryRow, link, state};
use crate::{Error, Tokens};

use super::digest_file::{Digest, LogFile, Text};
use super::keys::Keys;
use super::log_files::{LogFiles, stem};

/// The files of a source, as far as digests speak of them.
#[derive(Debug, Default)]
pub(super) struct Held {
    logs: LogFiles,
    digests: Vec<HeldDigest>,
    /// Place in `digests` by the hash of the uncompressed bytes.
    met: BTreeMap<String, usize>,
    keys: Keys,
}

/// A digest file and what it says, but for its list of log files.
#[derive(Debug)]
struct HeldDigest {
    file: SourceFile,
    digest: Digest,
    /// SHA-256 of the uncompressed bytes and of the bytes on disk.
    hashes: [String; 2],
}

/// How every digest hangs on the one before and the one behind.
struct Chains {
    /// For each digest, its link and the digest before it, where that is here.
    links: Vec<(&'static str, Option<usize>)>,
    /// For each digest, the one that states its hash and signature.
    next: BTreeMap<usize, usize>,
}

impl Held {
    /// Takes a file that was read as events.
    pub(super) fn events(&mut self, file: SourceFile, sha256: String) {
        self.logs.add(file, Some(sha256));
    }

    /// Takes a file that was not read, because it is another one's copy or cannot be read.
    pub(super) fn duplicate(&mut self, file: SourceFile) {
        self.logs.add(file, None);
    }

    /// Takes a file of public keys.
    pub(super) fn keys(&mut self, run: &mut Run<'_>, file: &SourceFile) {
        let added = Text::read(run, file).and_then(|text| {
            self.keys.add(&text.text).map_err(|error| {
                Note::lost("digest-keys-unreadable", "the public keys cannot be read")
                    .measured(error.to_string())
                    .expected("the output of `list-public-keys`")
            })
        });
        match added {
            Ok((_, 0)) => {}
            Ok((met, bad)) => run.note(
                Some(file),
                Note::lost("digest-keys-unreadable", "public keys cannot be read")
                    .rows(bad)
                    .measured(format!("{bad} of {met} keys"))
                    .expected("base64 of a DER RSA key, with a fingerprint"),
            ),
            Err(note) => run.note(Some(file), note),
        }
    }

    /// Takes a digest file; its rows are made when all files are known.
    pub(super) fn digest(&mut self, run: &mut Run<'_>, file: SourceFile, sha256: String) {
        let read = Text::read(run, &file).and_then(|text| {
            let digest = Digest::read(Raw::of(&text.text), &mut |_| {}).map_err(|error| {
                Note::lost(
                    "digest-unreadable",
                    "a digest that cannot be read was not used",
                )
                .measured(error)
                .expected("one digest with account, key and interval")
            })?;
            Ok((digest, text.sha256))
        });
        let (digest, content) = match read {
            Ok(read) => read,
            Err(note) => return run.note(Some(&file), note),
        };
        let place = self.digests.len();
        if let Some(&twin) = self.met.get(&content) {
            let note = Note::doubt(
                "duplicate-file",
                "the file holds the same digest as another of this source; it was read once",
            )
            .found(self.digests[twin].file.name.clone());
            return run.note(Some(&file), note);
        }
        self.met.insert(content.clone(), place);
        self.digests.push(HeldDigest {
            file,
            digest,
            hashes: [content, sha256],
        });
    }

    /// Makes the rows of every digest.
    pub(super) fn give(mut self, run: &mut Run<'_>) -> Result<(), Error> {
        if self.digests.is_empty() {
            return Ok(());
        }
        let chains = self.chains();
        if self.keys.is_empty() {
            let note = Note::doubt(
                "digest-signatures-unchecked",
                "the source holds no public keys, so no signature of a digest was checked",
            )
            .measured(format!("{} digests", self.digests.len()))
            .expected("the output of `list-public-keys` beside the digests");
            run.note(None, note);
        }
        for index in 0..self.digests.len() {
            self.give_digest(run, index, &chains)?;
        }
        Ok(())
    }

    fn chains(&self) -> Chains {
        let mut by_name = BTreeMap::new();
        let mut by_hash = BTreeMap::new();
        let mut starts: BTreeMap<String, i64> = BTreeMap::new();
        for (index, held) in self.digests.iter().enumerate() {
            by_name.entry(stem(&held.digest.object)).or_insert(index);
            for hash in &held.hashes {
                by_hash.entry(hash.as_str()).or_insert(index);
            }
            let first = starts.entry(held.digest.chain()).or_insert(i64::MAX);
            *first = held.digest.end_at.min(*first);
        }
        let mut links = Vec::with_capacity(self.digests.len());
        let mut next = BTreeMap::new();
        for (index, held) in self.digests.iter().enumerate() {
            let Some(previous) = &held.digest.previous else {
                links.push((link::START, None));
                continue;
            };
            let by_hash = by_hash.get(previous.sha256.as_str()).copied();
            let by_name = by_name.get(stem(&previous.object)).copied();
            let is_first = starts.get(&held.digest.chain()) == Some(&held.digest.end_at);
            let (word, before) = match (by_hash, by_name) {
                (Some(before), _) => (link::LINKED, Some(before)),
                (None, Some(before)) => (link::ALTERED, Some(before)),
                (None, None) if is_first => (link::FIRST, None),
                (None, None) => (link::BROKEN, None),
            };
            if let Some(before) = before {
                next.entry(before).or_insert(index);
            }
            links.push((word, before));
        }
        Chains { links, next }
    }

    /// Whether the digest's signature holds, as far as it can be known.
    fn signature(&self, index: usize, chains: &Chains) -> &'static str {
        let held = &self.digests[index];
        let stated = chains
            .next
            .get(&index)
            .and_then(|next| self.digests[*next].digest.previous.as_ref())
            .and_then(|previous| previous.signature.as_deref());
        let Some(stated) = stated.filter(|_| held.digest.is_sha256_with_rsa) else {
            return "unchecked";
        };
        let mut answers = held.hashes.iter().map(|hash| {
            let signed = held.digest.signed_text(hash);
            self.keys
                .check(&held.digest.fingerprint, signed.as_bytes(), stated)
        });
        match (answers.next().flatten(), answers.next().flatten()) {
            (None, _) => "unchecked",
            (Some(true), _) | (_, Some(true)) => "valid",
            _ => "invalid",
        }
    }

    fn give_digest(
        &mut self,
        run: &mut Run<'_>,
        index: usize,
        chains: &Chains,
    ) -> Result<(), Error> {
        let (word, _) = chains.links[index];
        let signature = self.signature(index, chains);
        let is_altered = chains
            .next
            .get(&index)
            .is_some_and(|next| chains.links[*next].0 == link::ALTERED);
        self.note_chain(run, index, word, signature, is_altered);
        let Self { logs, digests, .. } = self;
        let HeldDigest {
            file,
            digest,
            hashes,
        } = &digests[index];
        let text = match Text::read(run, file) {
            Ok(text) => text,
            Err(note) => {
                run.note(Some(file), note);
                return Ok(());
            }
        };
        let mut part = Part::new(&run.input.source_id);
        part.observe_time(digest.start_at);
        part.observe_time(digest.end_at);
        let maker = Maker {
            file_no: file.no,
            digest,
            tokens: &run.input.tokens,
        };
        let about = About {
            kind: "digest",
            object: &digest.object,
            sha256: &hashes[0],
            events: (digest.first_event_at, digest.last_event_at),
        };
        let digest_state = if is_altered {
            state::ALTERED
        } else {
            state::PRESENT
        };
        part.delivery(&DeliveryRow {
            link: Some(word),
            signature: Some(signature),
            ..maker.row(1, &about, digest_state, &maker.texts(&about))
        });
        let mut row = 1;
        let limits = run.input.limits;
        let read = Digest::read(Raw::of(&text.text), &mut |log: LogFile<'_>| {
            row += 1;
            let found = logs.state(&log.object, &log.sha256, limits);
            if let Some(note) = log_note(found, row, &log.object) {
                part.note(note);
            }
            let about = About {
                kind: "log-file",
                object: &log.object,
                sha256: &log.sha256,
                events: (log.first_event_at, log.last_event_at),
            };
            part.delivery(&maker.row(row, &about, found, &maker.texts(&about)));
        });
        if let Err(error) = read {
            part.note(
                Note::lost("digest-unreadable", "the digest changed while it was read")
                    .measured(error),
            );
        }
        let mut tally = Tally::default();
        part.give(run, file, &mut tally)
    }

    /// Says what is wrong with the digest's place in its chain.
    fn note_chain(
        &self,
        run: &mut Run<'_>,
        index: usize,
        word: &str,
        signature: &str,
        is_altered: bool,
    ) {
        let held = &self.digests[index];
        let previous = held.digest.previous.as_ref().map(|p| p.object.clone());
        let named = |note: Note| {
            note.row(1)
                .rows(0)
                .found(previous.clone().unwrap_or_default())
        };
        let is_restart = word == link::START && self.has_earlier(&held.digest);
        let note = match word {
            link::BROKEN => Some(named(Note::lost(
                "digest-chain-broken",
                "the digest before this one is not among the files: what it named is not covered",
            ))),
            link::FIRST => Some(named(Note::doubt(
                "digest-chain-begins",
                "the files begin with this digest; what the one before it named is not covered",
            ))),
            _ if is_restart => Some(
                Note::doubt(
                    "digest-chain-restarted",
                    "the digest names none before it although there are earlier ones: logging was stopped in between",
                )
                .row(1)
                .rows(0),
            ),
            _ => None,
        };
        if let Some(note) = note {
            run.note(Some(&held.file), note);
        }
        if is_altered {
            let note = Note::lost(
                "digest-altered",
                "the digest does not have the hash that the next one states",
            )
            .row(1)
            .rows(0)
            .found(held.hashes[0].clone());
            run.note(Some(&held.file), note);
        }
        if signature == "invalid" {
            let note = Note::lost(
                "digest-signature-invalid",
                "the signature that the next digest states is not that of this digest",
            )
            .row(1)
            .rows(0)
            .expected("a signature by the key with the fingerprint that the digest names");
            run.note(Some(&held.file), note);
        }
    }

    /// Whether an earlier digest of the same chain is here.
    fn has_earlier(&self, digest: &Digest) -> bool {
        let chain = digest.chain();
        self.digests
            .iter()
            .any(|held| held.digest.end_at < digest.end_at && held.digest.chain() == chain)
    }
}

fn log_note(found: &str, row: u64, object: &str) -> Option<Note> {
    let note = match found {
        state::MISSING => Note::lost(
            "log-file-missing",
            "a log file that was delivered is not among the files: its events are lost",
        ),
        state::ALTERED => Note::lost(
            "log-file-altered",
            "a log file does not have the hash that it was delivered with",
        ),
        _ => return None,
    };
    Some(note.row(row).rows(0).found(object))
}

/// What a row is about.
struct About<'r> {
    kind: &'static str,
    object: &'r str,
    sha256: &'r str,
    events: (Option<i64>, Option<i64>),
}

/// Makes rows of one digest.
struct Maker<'r> {
    file_no: u32,
    digest: &'r Digest,
    tokens: &'r Tokens,
}

/// Masked texts of a row: account, region, name and hash.
type Texts = [String; 4];

impl Maker<'_> {
    fn texts(&self, about: &About<'_>) -> Texts {
        let at = self.digest.end_at;
        let mask = |text: &str| super::rows::masked(self.tokens, text, at).into_owned();
        let is_sha256 =
            about.sha256.len() == 64 && about.sha256.bytes().all(|b| b.is_ascii_hexdigit());
        [
            super::rows::masked_account(self.tokens, &self.digest.account).into_owned(),
            self.digest.region().map(mask).unwrap_or_default(),
            mask(about.object),
            if is_sha256 {
                about.sha256.to_owned()
            } else {
                String::new()
            },
        ]
    }

    fn row<'r>(
        &self,
        row: u64,
        about: &About<'_>,
        state: &'r str,
        texts: &'r Texts,
    ) -> DeliveryRow<'r> {
        let [account, region, name, sha256] = texts;
        DeliveryRow {
            file_no: self.file_no,
            row_no: row,
            provider: "aws",
            account,
            region: Some(region.as_str()).filter(|text| !text.is_empty()),
            kind: about.kind,
            name,
            start_at: self.digest.start_at,
            end_at: self.digest.end_at,
            first_event_at: about.events.0,
            last_event_at: about.events.1,
            sha256: Some(sha256.as_str()).filter(|text| !text.is_empty()),
            state,
            link: None,
            signature: None,
        }
    }
}
