//! Keyed tokens for identifier-like runs in record text.
//!
//! Keys are personal data. Mail addresses, long digit runs and phone numbers written with separators are replaced, before
//! any table, index or cache sees them, by tokens of the same class and length, keyed by the case's salt. The same run
//! gives the same token everywhere in a case, so that joins work; without the salt a token says nothing of the run.
//! Refuses to guess what a run means: it is masked for its shape alone, and dates and counters are kept for theirs.
//!
//! The rules, in the order in which they are tried:
//! 1. Mail addresses, also with `%40` for `@`: letters become keyed lower-case letters, digits keyed digits, punctuation
//!    stays. The address of a declared party becomes the party's id. A well-known file extension behind is not part of it.
//! 2. Runs of 7 and more digits of five scripts, whatever their neighbours: every digit is keyed, unless the run is a date,
//!    a date with time, an epoch time near the row's own time, or a counter (see `tokens/runs.rs`).
//! 3. Groups of digits joined by `-`, `.`, a space or parentheses that hold 9 to 15 digits together, at least one group
//!    of 3 or more, and are neither a date or time nor part of a UUID: every digit is keyed in place.

mod addresses;
mod keyed;
mod runs;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use self::keyed::Keyed;

/// A party's mail addresses, as the register declares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyAddresses {
    /// The party's id.
    pub id: String,
    /// Its addresses; compared without regard to case.
    pub addresses: Vec<String>,
    /// Its domains: any address at one of them is the party's. Exact addresses win.
    pub domains: Vec<String>,
}

/// Replaces identifier-like runs by keyed tokens.
///
/// Cheap to clone; clones share the salt and the parties but not the memo, so that threads with a clone each do not wait
/// for one another. The salt is never printed.
pub struct Tokens {
    parties: Arc<Parties>,
    scratch: Mutex<Scratch>,
}

/// Lower-case address or domain -> party id.
#[derive(Default)]
struct Parties {
    addresses: BTreeMap<String, String>,
    domains: BTreeMap<String, String>,
}

/// What the slow path needs besides the text.
#[derive(Clone)]
struct Scratch {
    keyed: Keyed,
    runs: runs::Buffers,
}

impl Clone for Tokens {
    fn clone(&self) -> Self {
        let scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            parties: Arc::clone(&self.parties),
            scratch: Mutex::new(Scratch {
                keyed: scratch.keyed.without_memo(),
                runs: runs::Buffers::default(),
            }),
        }
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    /// Tokens keyed by the case's `salt`; addresses of `parties` become their id.
    pub fn new(salt: &[u8; 32], parties: &[PartyAddresses]) -> Self {
        let mut known = Parties::default();
        for party in parties {
            for address in &party.addresses {
                known
                    .addresses
                    .entry(address.trim().to_lowercase())
                    .or_insert_with(|| party.id.clone());
            }
            for domain in &party.domains {
                let domain = domain.trim().trim_start_matches('@').to_lowercase();
                known
                    .domains
                    .entry(domain)
                    .or_insert_with(|| party.id.clone());
            }
        }
        Self {
            parties: Arc::new(known),
            scratch: Mutex::new(Scratch {
                keyed: Keyed::new(salt),
                runs: runs::Buffers::default(),
            }),
        }
    }

    /// Tokens with a fixed public salt, for verbs without a case. They hide nothing from someone who guesses the run.
    pub fn public() -> Self {
        Self::new(b"plainview public salt, no secret", &[])
    }

    /// `text` with its identifier-like runs replaced. `row_time_ms` is the row's own time, near which epoch times are kept.
    pub fn text<'t>(&self, text: &'t str, row_time_ms: Option<i64>) -> Cow<'t, str> {
        let mut out = String::new();
        if self.text_into(text, row_time_ms, &mut out) {
            Cow::Owned(out)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// `text` as it may be published: when anything in it would be replaced, every digit becomes `#` and every address
    /// `[address]`. Unlike a token this does not depend on the salt, so published files stay functions of the records
    /// (DESIGN section 10).
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.text(text, None) == text {
            return Cow::Borrowed(text);
        }
        let hide = |part: &str, out: &mut String| {
            out.extend(
                part.chars()
                    .map(|c| if keyed::digit(c).is_some() { '#' } else { c }),
            );
        };
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        while let Some((start, end)) = addresses::next(text, from) {
            hide(&text[from..start], &mut out);
            out.push_str("[address]");
            from = end;
        }
        hide(&text[from..], &mut out);
        Cow::Owned(out)
    }

    /// As [`Self::text`], into a buffer that is cleared first. `false` means that `text` has nothing to replace, and then `out` is of no use.
    #[inline]
    pub fn text_into(&self, text: &str, row_time_ms: Option<i64>, out: &mut String) -> bool {
        if !has_candidate(text.as_bytes()) {
            return false;
        }
        self.rewrite(text, row_time_ms, out)
    }

    /// The party id of a mail address, else its pseudonym: the address with every letter and digit keyed.
    ///
    /// Anything else given here, such as an X.500 name, is keyed in the same way.
    pub fn address(&self, address: &str) -> String {
        let address = address.trim().trim_start_matches('<').trim_end_matches('>');
        let mut out = String::with_capacity(address.len());
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        self.push_address(address, &mut scratch.keyed, &mut out);
        out
    }

    /// The party that the register gives this address or its domain to.
    fn party_of(&self, normal: &str) -> Option<&str> {
        if let Some(id) = self.parties.addresses.get(normal) {
            return Some(id);
        }
        let (_, domain) = normal.rsplit_once('@')?;
        self.parties.domains.get(domain).map(String::as_str)
    }

    fn push_address(&self, address: &str, keyed: &mut Keyed, out: &mut String) {
        let normal = addresses::normal(address);
        match self.party_of(&normal) {
            Some(id) => out.push_str(id),
            None => keyed.push_address(address, &normal, out),
        }
    }

    fn rewrite(&self, text: &str, row_time_ms: Option<i64>, out: &mut String) -> bool {
        out.clear();
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let Scratch { keyed, runs } = &mut *scratch;
        let mut done = 0;
        let mut changed = false;
        while let Some((start, end)) = addresses::next(text, done) {
            runs::push(&text[done..start], row_time_ms, runs, keyed, out);
            self.push_address(&text[start..end], keyed, out);
            changed = true;
            done = end;
        }
        changed |= runs::push(&text[done..], row_time_ms, runs, keyed, out);
        changed
    }
}

/// Whether `text` may hold anything that a rule would look at: an over-approximation that most keys fail.
#[inline]
fn has_candidate(text: &[u8]) -> bool {
    // Digits in one unbroken run, digits in groups joined by separators, and separators since the last digit.
    let (mut run, mut joined, mut separators) = (0_u32, 0_u32, 0_u32);
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                run += 1;
                joined += 1;
                separators = 0;
                if run >= runs::RUN_DIGITS_MIN || joined >= runs::JOINED_DIGITS_MIN {
                    return true;
                }
            }
            b'-' | b'.' | b' ' | b'(' | b')' => {
                run = 0;
                separators += 1;
                if separators > runs::SEPARATORS_MAX {
                    joined = 0;
                }
            }
            b'@' | 0x80.. => return true,
            b'%' if text[index..].starts_with(b"%40") => return true,
            _ => {
                run = 0;
                joined = 0;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests;
