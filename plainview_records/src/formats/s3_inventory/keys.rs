//! Object keys as the encodings write them.

/// How a file writes its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As they are (Parquet, ORC).
    Raw,
    /// URL-encoded, with `+` for a space (CSV).
    Url,
}

/// The key after decoding.
pub(in crate::formats) enum Decoded<'k> {
    /// The key was written as it is.
    Same(&'k str),
    /// It was decoded into the buffer.
    Buffer(&'k str),
    /// Its bytes are not UTF-8.
    NotUtf8,
}

/// Decodes a URL-encoded `key` into `buffer`. A `%` that begins no escape stays.
pub(in crate::formats) fn decode<'k>(key: &'k str, buffer: &'k mut Vec<u8>) -> Decoded<'k> {
    let bytes = key.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Decoded::Same(key);
    }
    buffer.clear();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'+' => buffer.push(b' '),
            b'%' => match (hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
                (Some(high), Some(low)) => {
                    buffer.push(high * 16 + low);
                    at += 2;
                }
                _ => buffer.push(b'%'),
            },
            byte => buffer.push(byte),
        }
        at += 1;
    }
    match std::str::from_utf8(buffer) {
        Ok(decoded) => Decoded::Buffer(decoded),
        Err(_) => Decoded::NotUtf8,
    }
}

fn hex(byte: Option<&u8>) -> Option<u8> {
    match *byte? {
        byte @ b'0'..=b'9' => Some(byte - b'0'),
        byte @ b'a'..=b'f' => Some(byte - b'a' + 10),
        byte @ b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_with_plus_for_a_space() {
        let cases = [
            ("a/b", Some("a/b")),
            ("a+b%2Bc", Some("a b+c")),
            ("%D7%A9%d7%9c", Some("של")),
            ("100%25", Some("100%")),
            ("100%", Some("100%")),
            ("%4", Some("%4")),
            ("%zz", Some("%zz")),
            ("%E9", None),
        ];
        for (key, expected) in cases {
            let mut buffer = Vec::new();
            let decoded = match decode(key, &mut buffer) {
                Decoded::Same(text) | Decoded::Buffer(text) => Some(text.to_owned()),
                Decoded::NotUtf8 => None,
            };
            assert_eq!(decoded.as_deref(), expected, "{key}");
        }
    }
}
