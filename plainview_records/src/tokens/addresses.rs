//! Where mail addresses are in a text (rule 1).

/// File extensions that are no top-level domain: `call-bob@example.com.wav` ends its address before `.wav`.
const EXTENSIONS: &[&str] = &[
    "aac", "amr", "avi", "avro", "bin", "bz2", "csv", "dat", "db", "doc", "docx", "eml", "enc",
    "flac", "gif", "gpg", "gz", "htm", "html", "jpeg", "jpg", "json", "jsonl", "log", "m4a",
    "mbox", "mkv", "mp3", "mp4", "msg", "ogg", "opus", "orc", "parquet", "pcap", "pdf", "pkl",
    "png", "pst", "raw", "tar", "tif", "tiff", "tsv", "txt", "vcf", "wav", "webm", "webp", "wma",
    "wmv", "xls", "xlsx", "xml", "xz", "zst",
];

/// Whether `%XX` stands at byte `at`.
pub(super) fn is_escape(text: &str, at: usize) -> bool {
    escape_at(text, at).is_some()
}

/// The byte that `%XX` at byte `at` stands for.
pub(super) fn escape_at(text: &str, at: usize) -> Option<u8> {
    let bytes = text.as_bytes().get(at..at + 3)?;
    if bytes[0] != b'%' {
        return None;
    }
    let high = char::from(bytes[1]).to_digit(16)?;
    let low = char::from(bytes[2]).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// An address in the form its token is drawn from: lower case, `%XX` decoded where that gives ASCII.
pub(super) fn normal(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let mut at = 0;
    while let Some(character) = address[at..].chars().next() {
        if let Some(byte) = escape_at(address, at).filter(u8::is_ascii) {
            out.push(char::from(byte.to_ascii_lowercase()));
            at += 3;
        } else {
            out.extend(character.to_lowercase());
            at += character.len_utf8();
        }
    }
    out
}

/// The first address at or after byte `from`, as a byte range.
pub(super) fn next(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut search = from;
    while let Some((at, length)) = at_sign(text, search) {
        let start = local_start(text, from, at);
        let mut end = domain_end(text, at + length);
        if start < at && end > at + length {
            // `a@b@c` is one address, so that no part of it stays bare.
            while let Some((again, length)) = at_sign(text, end).filter(|&(again, _)| again == end)
            {
                end = domain_end(text, again + length).max(again);
                if end == again {
                    break;
                }
            }
            return Some((start, end));
        }
        search = at + length;
    }
    None
}

/// The next `@` or `%40` at or after byte `from`: where it is, and its length.
fn at_sign(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    (from..bytes.len()).find_map(|index| match bytes[index] {
        b'@' => Some((index, 1)),
        b'%' if bytes[index..].starts_with(b"%40") => Some((index, 3)),
        _ => None,
    })
}

fn is_local(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '_' | '+' | '-' | '\'' | '&' | '~')
}

/// Where the local part that ends at byte `at` begins; `at` when there is none.
fn local_start(text: &str, from: usize, at: usize) -> usize {
    let mut start = at;
    for (index, character) in text[from..at].char_indices().rev() {
        let index = from + index;
        if character == '%' {
            // An escape is part of the address when what it stands for is; any other ends it, with its two digits.
            match escape_at(text, index) {
                Some(byte) if !is_local(char::from(byte)) => {
                    start = (index + 3).min(at);
                    break;
                }
                _ => start = index,
            }
        } else if is_local(character) {
            start = index;
        } else {
            break;
        }
    }
    let local = &text[start..at];
    at - local
        .trim_start_matches(|character: char| !character.is_alphanumeric() && character != '%')
        .len()
}

/// Where the domain that begins at byte `from` ends; `from` when there is none.
fn domain_end(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let length = rest
        .find(|character: char| {
            !(character.is_alphanumeric() || matches!(character, '.' | '-' | '_'))
        })
        .unwrap_or(rest.len());
    let domain = rest[..length].trim_end_matches(['.', '-', '_']);
    if !domain.contains(char::is_alphanumeric) {
        return from;
    }
    from + without_extension(domain).len()
}

/// `domain` without the file extensions behind it, such as `.csv.gz`.
fn without_extension(domain: &str) -> &str {
    let mut kept = domain;
    while let Some((before, last)) = kept.rsplit_once('.') {
        if before.is_empty()
            || !EXTENSIONS
                .iter()
                .any(|extension| last.eq_ignore_ascii_case(extension))
        {
            break;
        }
        kept = before;
    }
    kept
}
