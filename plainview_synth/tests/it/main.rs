//! Tests of what the crate writes, read back with nothing of its own.

mod demo;
mod listings;

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
