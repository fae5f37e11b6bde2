//! HTML to text: for HTML documents, and for the HTML parts of mails.
//!
//! Scripts, styles, templates and comments are cut out before anything is read as text, whatever they contain. Block
//! elements begin a line and table cells are kept apart, so that neither words nor digits of neighbours run together.
//! Block quotes can be marked line by line with `> `, so that a mail's quotations stay tellable after the reduction.
//! Nothing is loaded, run or laid out: text that a style sheet would hide is text here.

use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::html_to_text;

/// Elements whose content is never text.
const UNSEEN: &[&str] = &["script", "style", "template"];

/// Elements that begin a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "title",
    "tr",
    "ul",
];

/// Stand for the ends of a block quote while the rest is reduced; the private-use area has no meaning in a record.
const QUOTE_OPEN: char = '\u{f8f0}';
const QUOTE_CLOSE: char = '\u{f8f1}';

/// The text of HTML.
pub(in crate::formats) fn text_of(html: &str) -> String {
    html_to_text(&break_blocks(&strip_unseen(html), false))
}

/// The text of HTML, lines inside block quotes begun with `> `.
pub(in crate::formats) fn quoted_text_of(html: &str) -> String {
    let html = html.replace([QUOTE_OPEN, QUOTE_CLOSE], " ");
    let text = html_to_text(&break_blocks(&strip_unseen(&html), true));
    if !text.contains(QUOTE_OPEN) {
        return text.replace(QUOTE_CLOSE, "");
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut depth = 0_usize;
    for line in text.lines() {
        depth += line.matches(QUOTE_OPEN).count();
        let said = line.replace([QUOTE_OPEN, QUOTE_CLOSE], "");
        if depth > 0 && !said.trim().is_empty() {
            out.push_str("> ");
        }
        out.push_str(said.trim());
        out.push('\n');
        depth = depth.saturating_sub(line.matches(QUOTE_CLOSE).count());
    }
    out
}

/// The text of the first `title` element.
pub(in crate::formats) fn title_of(html: &str) -> Option<String> {
    let start = find_tag(html, 0, "title")?;
    let open = start + html[start..].find('>')? + 1;
    let end = html[open..].find('<').map_or(html.len(), |n| open + n);
    let title = html_to_text(&html[open..end]);
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

/// Bytes as characters: by byte-order mark, by the charset the HTML names, as UTF-8, else as Windows-1252. The second
/// value is whether that was a guess.
pub(in crate::formats) fn decode(bytes: &[u8]) -> (String, bool) {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return (String::from_utf8_lossy(rest).into_owned(), false);
    }
    for (mark, name) in [
        (&b"\xff\xfe"[..], &b"utf-16le"[..]),
        (b"\xfe\xff", b"utf-16be"),
    ] {
        if let Some((rest, decoder)) = bytes.strip_prefix(mark).zip(charset_decoder(name)) {
            return (decoder(rest), false);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), false);
    }
    let named = charset_named(&bytes[..bytes.len().min(4096)]);
    match named.and_then(|name| charset_decoder(name.as_bytes())) {
        Some(decoder) => (decoder(bytes), false),
        None => (windows(bytes), true),
    }
}

/// Bytes as Windows-1252, which gives every byte a character.
fn windows(bytes: &[u8]) -> String {
    charset_decoder(b"windows-1252").map_or_else(
        || String::from_utf8_lossy(bytes).into_owned(),
        |decoder| decoder(bytes),
    )
}

/// The charset that a `meta` element names.
fn charset_named(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let at = head.find("charset=")? + "charset=".len();
    let name: String = head[at..]
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(40)
        .collect();
    (!name.is_empty()).then_some(name)
}

/// Where `<name` stands at or after `from`, whatever its case.
fn find_tag(html: &str, from: usize, name: &str) -> Option<usize> {
    let bytes = html.as_bytes();
    let mut at = from;
    while let Some(n) = memchr::memchr(b'<', bytes.get(at..)?) {
        let start = at + n;
        if is_tag(&bytes[start + 1..], name) {
            return Some(start);
        }
        at = start + 1;
    }
    None
}

/// Whether `rest`, which follows a `<`, begins a tag of this name.
fn is_tag(rest: &[u8], name: &str) -> bool {
    rest.len() >= name.len()
        && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        && !rest
            .get(name.len())
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-')
}

/// `html` without comments, without the elements whose content is never text, and without the title. The tags of `head`
/// go too: it is often not closed, and what else it may hold has no content.
fn strip_unseen(html: &str) -> String {
    let bytes = html.as_bytes();
    let mut out = String::with_capacity(html.len());
    let mut done = 0;
    while let Some(n) = memchr::memchr(b'<', &bytes[done..]) {
        let start = done + n;
        out.push_str(&html[done..start]);
        let rest = &bytes[start + 1..];
        if rest.starts_with(b"!--") {
            done = html[start..]
                .find("-->")
                .map_or(html.len(), |n| start + n + 3);
        } else if let Some(name) = UNSEEN
            .iter()
            .chain(&["title"])
            .find(|name| is_tag(rest, name))
        {
            out.push(' ');
            done = closing(html, start, name);
        } else if is_tag(rest, "head") || is_tag(rest, "/head") {
            done = html[start..]
                .find('>')
                .map_or(html.len(), |n| start + n + 1);
        } else {
            out.push('<');
            done = start + 1;
        }
    }
    out.push_str(&html[done..]);
    out
}

/// Where the element that starts at `start` ends: behind its closing tag, or at the end where there is none.
fn closing(html: &str, start: usize, name: &str) -> usize {
    let end = format!("/{name}");
    find_tag(html, start + 1, &end).map_or(html.len(), |at| {
        html[at..].find('>').map_or(html.len(), |n| at + n + 1)
    })
}

/// Puts a line break before block elements and a space before table cells: the library's reduction would otherwise join
/// the words (and the digits) of neighbouring cells.
fn break_blocks(html: &str, mark_quotes: bool) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    for (n, piece) in html.split('<').enumerate() {
        if n > 0 {
            let closes = piece.starts_with('/');
            let name: String = piece
                .trim_start_matches('/')
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .take(12)
                .collect::<String>()
                .to_ascii_lowercase();
            let quote = mark_quotes && name == "blockquote";
            if quote && closes {
                out.push(QUOTE_CLOSE);
            }
            if BLOCKS.contains(&name.as_str()) {
                out.push_str("<br>");
            } else if name == "td" || name == "th" {
                out.push(' ');
            }
            if quote && !closes {
                out.push(QUOTE_OPEN);
            }
            out.push('<');
        }
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    #[test]
    fn scripts_styles_and_comments_are_never_text() {
        let html = "<html><head><title>The &amp; title</title><STYLE type=x>p{a>b}</STYLE><body>\
            one<script>if (a<b) { document.write('<p>CANARY') }</script>two<!-- CANARY <p> --><template><p>CANARY</template>\
            <script src=x>CANARY";
        assert_eq!(words(&text_of(html)), ["one", "two"]);
        assert_eq!(title_of(html).as_deref(), Some("The & title"));
    }

    #[test]
    fn an_open_head_does_not_swallow_the_body() {
        assert_eq!(
            words(&text_of("<head><meta charset=utf-8><p>body")),
            ["body"]
        );
        assert_eq!(words(&text_of("<header>x</header>")), ["x"]);
    }

    #[test]
    fn block_quotes_are_marked_line_by_line() {
        let html = "<div>mine</div><blockquote><p>theirs one</p><blockquote>older</blockquote><p>theirs two</p></blockquote><p>mine again</p>";
        let text = quoted_text_of(html);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect();
        assert_eq!(
            lines,
            [
                "mine",
                "> theirs one",
                "> older",
                "> theirs two",
                "mine again"
            ]
        );
    }

    #[test]
    fn character_sets_are_told() {
        assert_eq!(decode(b"\xff\xfea\0\xe4\0").0, "a\u{e4}");
        assert!(!decode(b"<meta charset=\"iso-8859-1\">\xe4").1);
        assert_eq!(decode(b"caf\xe9"), ("caf\u{e9}".to_owned(), true));
    }
}
