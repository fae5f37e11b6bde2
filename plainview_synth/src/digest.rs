//! SHA-256 and MD5 in hexadecimal, and the digest of a source: the value an
//! `[[authentication]]` entry binds to.

use sha2::{Digest, Sha256};

/// SHA-256 of some bytes, in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// MD5 of some bytes, in lower-case hexadecimal. Inventories use it as a checksum against
/// accidents; it authenticates nothing (METHOD section 1).
pub fn md5_hex(bytes: &[u8]) -> String {
    hex(&md5::Md5::digest(bytes))
}

/// The digest of a source: `sha256:` and the SHA-256 over the sorted lines
/// `<sha256 hex of file>  <file name>\n` of its files, the name being the last segment of its path.
pub fn source_digest<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut lines: Vec<String> = files
        .into_iter()
        .map(|(path, bytes)| {
            let name = path.rsplit('/').next().unwrap_or_default();
            format!("{}  {name}\n", sha256_hex(bytes))
        })
        .collect();
    lines.sort();
    format!("sha256:{}", sha256_hex(lines.concat().as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_known_texts() {
        // RFC 1321 and FIPS 180-2 test vectors for "abc".
        assert_eq!(md5_hex(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn file_order_does_not_matter_but_names_do() {
        let one = source_digest([("a", b"1".as_slice()), ("b", b"2".as_slice())]);
        let two = source_digest([("b", b"2".as_slice()), ("a", b"1".as_slice())]);
        let other = source_digest([("b", b"1".as_slice()), ("a", b"2".as_slice())]);
        assert_eq!(one, two);
        assert_ne!(one, other);
    }
}
