//! Keyed letters and digits: HMAC-SHA-256 under the case's salt, drawn without bias.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::addresses::{escape_at, is_escape};

/// The value and the script's zero of a decimal digit in one of the five scripts that rule 2 knows.
#[inline]
pub(super) fn digit(character: char) -> Option<(u8, char)> {
    let zero = match character {
        '0'..='9' => '0',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{966}'..='\u{96f}' => '\u{966}',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        _ => return None,
    };
    let value = u32::from(character) - u32::from(zero);
    u8::try_from(value).ok().map(|value| (value, zero))
}

/// The digit `value` in the script of `zero`.
pub(super) fn in_script(value: u8, zero: char) -> char {
    char::from_u32(u32::from(zero) + u32::from(value)).unwrap_or('0')
}

/// Longest run the memo keeps.
const MEMO_RUN_MAX: usize = 23;

/// Slots of the memo; a power of two.
const MEMO_SLOTS: usize = 4096;

/// The last run seen in a slot, and its token.
#[derive(Clone, Copy)]
struct Slot {
    length: u8,
    run: [u8; MEMO_RUN_MAX],
    token: [u8; MEMO_RUN_MAX],
}

/// The keyed function and a memo of its recent results.
#[derive(Clone)]
pub(super) struct Keyed {
    mac: Hmac<Sha256>,
    memo: Vec<Slot>,
}

impl Keyed {
    pub(super) fn new(salt: &[u8; 32]) -> Self {
        // HMAC keys are blocks of 64 bytes; a shorter key is filled up with zeros (RFC 2104).
        let mut key = [0; 64];
        key[..salt.len()].copy_from_slice(salt);
        let mac = Hmac::<Sha256>::new(&key.into());
        Self {
            mac,
            memo: Vec::new(),
        }
    }

    pub(super) fn without_memo(&self) -> Self {
        Self {
            mac: self.mac.clone(),
            memo: Vec::new(),
        }
    }

    /// The token of a run of digit values, in place: as many digit values, none of them biased.
    pub(super) fn digits(&mut self, run: &mut [u8]) {
        if run.len() > MEMO_RUN_MAX {
            self.draw_digits(run);
            return;
        }
        if self.memo.is_empty() {
            let empty = Slot {
                length: 0,
                run: [0; MEMO_RUN_MAX],
                token: [0; MEMO_RUN_MAX],
            };
            self.memo = vec![empty; MEMO_SLOTS];
        }
        let slot = slot_of(run);
        let known = &self.memo[slot];
        if usize::from(known.length) == run.len() && known.run[..run.len()] == *run {
            run.copy_from_slice(&known.token[..run.len()]);
            return;
        }
        let mut fresh = Slot {
            length: 0,
            run: [0; MEMO_RUN_MAX],
            token: [0; MEMO_RUN_MAX],
        };
        fresh.run[..run.len()].copy_from_slice(run);
        self.draw_digits(run);
        fresh.token[..run.len()].copy_from_slice(run);
        fresh.length = u8::try_from(run.len()).unwrap_or(0);
        self.memo[slot] = fresh;
    }

    fn draw_digits(&self, run: &mut [u8]) {
        let mut stream = Stream::new(&self.mac, b"digits", run);
        let mut drawn: Vec<u8> = Vec::with_capacity(run.len());
        for _ in 0..DRAWS_MAX {
            drawn.clear();
            drawn.extend(run.iter().map(|_| stream.below(10)));
            if !reads_as_time_or_counter(&drawn) {
                break;
            }
        }
        run.copy_from_slice(&drawn);
    }

    /// `address` with letters and digits keyed by its normal form, and everything else kept.
    pub(super) fn push_address(&self, address: &str, normal: &str, out: &mut String) {
        let mut stream = Stream::new(&self.mac, b"address", normal.as_bytes());
        let mut at = 0;
        while let Some(character) = address[at..].chars().next() {
            let escape = is_escape(address, at);
            if escape && !escape_at(address, at).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
                out.push_str(&address[at..at + 3]);
                at += 3;
                continue;
            }
            if let Some((_, zero)) = digit(character) {
                out.push(in_script(stream.below(10), zero));
            } else if character.is_alphanumeric() {
                out.push(char::from(b'a' + stream.below(26)));
            } else {
                out.push(character);
            }
            at += character.len_utf8();
        }
    }
}

/// Draws before a token is taken as it comes: long runs hold a year somewhere whatever is drawn.
const DRAWS_MAX: usize = 64;

/// Whether digits could be taken for a time or a counter further on. A token must not: what a salt happens to draw
/// would then show in a profile, which may depend on the records alone (DESIGN section 10). Every window of four digits
/// is looked at, because a run may be written in groups.
fn reads_as_time_or_counter(digits: &[u8]) -> bool {
    let value = |part: &[u8]| {
        part.iter()
            .fold(0_u64, |value, &d| value.wrapping_mul(10) + u64::from(d))
    };
    let is_year = |part: &[u8]| (1990..=2049).contains(&value(part));
    let seconds = match digits.len() {
        10 => Some(value(digits)),
        13 => Some(value(&digits[..10])),
        _ => None,
    };
    // 1990-01-01 to 2050-01-01.
    let is_epoch = seconds.is_some_and(|s| (631_152_000..2_524_608_000).contains(&s));
    digits.windows(4).any(is_year) || is_epoch || digits.starts_with(&[0, 0, 0, 0])
}

/// The memo's slot for a run: FNV-1a, which need not resist anyone because a collision only costs time.
fn slot_of(run: &[u8]) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &value in run {
        hash = (hash ^ u64::from(value)).wrapping_mul(0x0100_0000_01b3);
    }
    usize::try_from((hash >> 32) ^ (hash & 0xffff_ffff)).unwrap_or(0) & (MEMO_SLOTS - 1)
}

/// Bytes of HMAC(salt, domain, 0, block number, data), block after block.
struct Stream<'a> {
    mac: &'a Hmac<Sha256>,
    domain: &'static [u8],
    data: &'a [u8],
    block: [u8; 32],
    blocks: u32,
    used: usize,
}

impl<'a> Stream<'a> {
    fn new(mac: &'a Hmac<Sha256>, domain: &'static [u8], data: &'a [u8]) -> Self {
        Self {
            mac,
            domain,
            data,
            block: [0; 32],
            blocks: 0,
            used: 32,
        }
    }

    /// A value below `bound`; bytes that would favour small values are passed over.
    fn below(&mut self, bound: u8) -> u8 {
        let fair = u8::MAX - (u8::MAX % bound);
        loop {
            let byte = self.next();
            if byte < fair {
                return byte % bound;
            }
        }
    }

    fn next(&mut self) -> u8 {
        if self.used == self.block.len() {
            let mut mac = self.mac.clone();
            mac.update(self.domain);
            mac.update(&[0]);
            mac.update(&self.blocks.to_be_bytes());
            mac.update(self.data);
            self.block = mac.finalize().into_bytes().into();
            self.blocks += 1;
            self.used = 0;
        }
        let byte = self.block[self.used];
        self.used += 1;
        byte
    }
}
