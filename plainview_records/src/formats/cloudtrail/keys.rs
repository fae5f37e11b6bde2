//! Signatures of digest files, against public keys that lie beside them.
//!
//! The keys are what `aws cloudtrail list-public-keys` prints: `{"PublicKeyList": [{"Value", "Fingerprint", ...}]}`, where `Value`
//! is the base64 of a DER RSA key, as PKCS #1 or wrapped as `SubjectPublicKeyInfo`. A key is matched by the fingerprint that the
//! digest names. Refuses to say where a key is from: who made the source can have made the keys too, so that `valid` is worth
//! as much as the way on which the keys came.

use std::collections::BTreeMap;

use mail_parser::decoders::base64::base64_decode;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use crate::formats::stream::raw::{NotJson, Raw};

/// The public keys of a source, by fingerprint.
#[derive(Debug, Default)]
pub(super) struct Keys(BTreeMap<String, Vec<u8>>);

impl Keys {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the keys of a file. Gives how many there were, and how many of them cannot be used.
    pub(super) fn add(&mut self, text: &str) -> Result<(u64, u64), NotJson> {
        let (mut met, mut bad) = (0, 0);
        let mut list = None;
        Raw::of(text).fields(|name, value| {
            if name == "PublicKeyList" {
                list = Some(value);
            }
        })?;
        let Some(list) = list.filter(|list| list.is_array()) else {
            return Ok((0, 0));
        };
        list.elements(|element| {
            met += 1;
            match key_of(element) {
                Some((fingerprint, key)) => {
                    self.0.insert(fingerprint, key);
                }
                None => bad += 1,
            }
        })?;
        Ok((met, bad))
    }

    /// Whether `signature`, in hex, is that of `text` by the key with this fingerprint; nothing when there is no such key.
    pub(super) fn check(&self, fingerprint: &str, text: &[u8], signature: &str) -> Option<bool> {
        let key = self.0.get(fingerprint)?;
        let Some(signature) = unhex(signature) else {
            return Some(false);
        };
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
        Some(key.verify(text, &signature).is_ok())
    }
}

fn key_of(element: Raw<'_>) -> Option<(String, Vec<u8>)> {
    let (mut fingerprint, mut value) = (None, None);
    if element.is_object() {
        element
            .fields(|name, met| match name {
                "Fingerprint" => fingerprint = met.text(),
                "Value" => value = met.text(),
                _ => {}
            })
            .ok()?;
    }
    let der = base64_decode(value?.as_bytes())?;
    let key = pkcs1(&der)?.to_vec();
    Some((fingerprint?.into_owned(), key))
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// The PKCS #1 key in `der`, which is one or wraps one.
fn pkcs1(der: &[u8]) -> Option<&[u8]> {
    let (SEQUENCE, content, _) = der_item(der)? else {
        return None;
    };
    let (first, _, rest) = der_item(content)?;
    match (first, rest.first()) {
        (INTEGER, _) => Some(der),
        (SEQUENCE, Some(&BIT_STRING)) => {
            let (_, bits, _) = der_item(rest)?;
            // The first byte says how many bits at the end are unused: none.
            bits.strip_prefix(&[0])
        }
        _ => None,
    }
}

/// The tag and the content of the first DER item, and what follows it.
fn der_item(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let digits = usize::from(first & 0x7f);
        if digits == 0 || digits > 3 || rest.len() < digits {
            return None;
        }
        let (length, rest) = rest.split_at(digits);
        let length = length
            .iter()
            .fold(0, |sum, &byte| (sum << 8) | usize::from(byte));
        (length, rest)
    };
    if rest.len() < length {
        return None;
    }
    let (content, after) = rest.split_at(length);
    Some((tag, content, after))
}

/// The bytes of a hex text.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|&[high, low]| u8::try_from(digit(high)? * 16 + digit(low)?).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_bare_and_wrapped() {
        let bare = [0x30, 6, 2, 1, 5, 2, 1, 3];
        assert_eq!(pkcs1(&bare), Some(&bare[..]));
        let mut wrapped = vec![0x30, 15, 0x30, 2, 6, 0, 3, 9, 0];
        wrapped.extend(bare);
        assert_eq!(pkcs1(&wrapped), Some(&bare[..]));
        for broken in [
            &b""[..],
            &[0x30],
            &[0x30, 200, 1],
            &[0x30, 3, 4, 1, 9],
            &[2, 1, 5],
        ] {
            assert_eq!(pkcs1(broken), None);
        }
    }

    #[test]
    fn hex_is_read_or_refused() {
        assert_eq!(unhex("00fFa1"), Some(vec![0, 255, 161]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("0g"), None);
    }
}
