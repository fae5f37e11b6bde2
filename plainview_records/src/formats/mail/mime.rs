//! One mail: its header fields, and its text, out of raw bytes.
//!
//! The MIME tree is walked here rather than by the mail library, because the library decodes every
//! part: this walk decodes `text/plain` and `text/html` leaves only, and counts everything else as
//! an attachment without looking at its bytes. A nested message (`message/rfc822`) counts as an
//! attachment too, so the people and dates of a forwarded mail are never read as this mail's.
//!
//! It refuses: headers past [`MAIL_HEAD_BYTES_MAX`], nesting past [`MAIL_DEPTH_MAX`], parts past
//! [`MAIL_PARTS_MAX`] and text past [`MAIL_TEXT_BYTES_MAX`]; each refusal is an [`Oddity`] of the mail.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{ContentType, Header, HeaderName, HeaderValue, MessageParser};

use crate::formats::document::html::quoted_text_of;
use crate::limits::{MAIL_DEPTH_MAX, MAIL_HEAD_BYTES_MAX, MAIL_PARTS_MAX, MAIL_TEXT_BYTES_MAX};

/// Something odd about one mail: it is kept, and the reader says so in a notice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Oddity {
    /// The notice code.
    pub(super) code: &'static str,
    /// What was found, for a person to read; the reader tokenises it.
    pub(super) found: String,
}

/// The allow-listed fields of one mail, not yet tokenised.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mail {
    /// Addresses of `From`, or of `Sender` where `From` has none.
    pub(super) from: Vec<String>,
    /// Addresses of every `To` field, in header order.
    pub(super) to: Vec<String>,
    /// Addresses of every `Cc` field, in header order.
    pub(super) cc: Vec<String>,
    /// Addresses of every `Bcc` field: compared with `cc`, never kept.
    pub(super) bcc: Vec<String>,
    /// The first `Date` field, unparsed and trimmed.
    pub(super) date: Option<String>,
    /// `Subject`, unfolded and decoded.
    pub(super) subject: Option<String>,
    /// `Message-ID`, unfolded.
    pub(super) message_id: Option<String>,
    /// `In-Reply-To`, unfolded.
    pub(super) in_reply_to: Option<String>,
    /// `References`, unfolded.
    pub(super) references: Option<String>,
    /// The text of the mail, lines ended by `\n`.
    pub(super) text: String,
    /// Parts that are not this mail's text, counted and not decoded.
    pub(super) attachments: u32,
    /// What was odd about it, in the order met.
    pub(super) oddities: Vec<Oddity>,
}

/// Reads one mail. `None` means that the bytes hold no header field a mail would have.
pub(super) fn parse(raw: &[u8]) -> Option<Mail> {
    let (head, body) = split_head(raw);
    let mut mail = Mail::default();
    let cut = &head[..head.len().min(MAIL_HEAD_BYTES_MAX)];
    let message = field_parser().parse_headers(cut)?;
    let fields = message.headers();
    if !fields.iter().any(|h| is_mail_field(&h.name)) {
        return None;
    }
    if cut.len() < head.len() {
        mail.odd(
            "mail-header-cut",
            format!("a header of {} bytes", head.len()),
        );
    }
    read_fields(fields, &mut mail);
    let mut walk = Walk {
        mail: &mut mail,
        parts: 0,
    };
    let text = walk.part(fields, body, 0);
    mail.text = tidy(&text);
    Some(mail)
}

impl Mail {
    fn odd(&mut self, code: &'static str, found: impl Into<String>) {
        let oddity = Oddity {
            code,
            found: found.into(),
        };
        // A hostile mail could repeat one oddity in a thousand parts; one of each is enough.
        if !self.oddities.iter().any(|o| o.code == code) {
            self.oddities.push(oddity);
        }
    }
}

/// Splits a mail at its first empty line; the body starts after it.
fn split_head(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    while start < raw.len() {
        let end = raw[start..]
            .iter()
            .position(|&b| b == b'\n')
            .map_or(raw.len(), |n| start + n + 1);
        let line = &raw[start..end];
        if line == b"\n" || line == b"\r\n" {
            // An empty first line comes before the header, as some exporters write it.
            if start != 0 {
                return (&raw[..start], &raw[end..]);
            }
        }
        start = end;
    }
    (raw, &[])
}

/// The parser of header fields: the allow-list, everything else skipped unread.
fn field_parser() -> MessageParser {
    part_parser()
        .header_address(HeaderName::From)
        .header_address(HeaderName::Sender)
        .header_address(HeaderName::To)
        .header_address(HeaderName::Cc)
        .header_address(HeaderName::Bcc)
        .header_raw(HeaderName::Date)
        .header_text(HeaderName::Subject)
        .header_raw(HeaderName::MessageId)
        .header_raw(HeaderName::InReplyTo)
        .header_raw(HeaderName::References)
}

/// The parser of a part's own fields.
fn part_parser() -> MessageParser {
    MessageParser::new()
        .default_header_ignore()
        .header_content_type(HeaderName::ContentType)
        .header_content_type(HeaderName::ContentDisposition)
        .header_raw(HeaderName::ContentTransferEncoding)
}

/// Whether a field by this name makes bytes look like a mail at all.
fn is_mail_field(name: &HeaderName<'_>) -> bool {
    matches!(
        name,
        HeaderName::From
            | HeaderName::Sender
            | HeaderName::To
            | HeaderName::Cc
            | HeaderName::Bcc
            | HeaderName::Date
            | HeaderName::Subject
            | HeaderName::MessageId
            | HeaderName::Received
            | HeaderName::ReturnPath
            | HeaderName::MimeVersion
            | HeaderName::ContentType
    )
}

fn read_fields(fields: &[Header<'_>], mail: &mut Mail) {
    mail.from = addresses(fields, &HeaderName::From);
    if mail.from.is_empty() {
        mail.from = addresses(fields, &HeaderName::Sender);
        if !mail.from.is_empty() {
            mail.odd("mail-from-sender", "no From field; Sender is used");
        }
    }
    if mail.from.len() > 1 {
        let count = mail.from.len();
        mail.odd(
            "mail-several-from",
            format!("{count} addresses in From; the first is used"),
        );
    }
    mail.to = addresses(fields, &HeaderName::To);
    mail.cc = addresses(fields, &HeaderName::Cc);
    mail.bcc = addresses(fields, &HeaderName::Bcc);
    mail.date = text_field(fields, &HeaderName::Date);
    mail.subject = text_field(fields, &HeaderName::Subject);
    mail.message_id = text_field(fields, &HeaderName::MessageId);
    mail.in_reply_to = text_field(fields, &HeaderName::InReplyTo);
    mail.references = text_field(fields, &HeaderName::References);
    if mail
        .subject
        .as_deref()
        .is_some_and(|s| s.contains('\u{fffd}'))
    {
        mail.odd(
            "mail-charset",
            "characters of the subject that could not be decoded",
        );
    }
}

/// Every address in every field by this name, in header order; a name without an address counts
/// as one, because that is how some archives write an internal recipient.
fn addresses(fields: &[Header<'_>], name: &HeaderName<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for header in fields.iter().filter(|h| h.name == *name) {
        let Some(list) = header.value.as_address() else {
            continue;
        };
        for addr in list.iter() {
            let text = addr
                .address
                .as_deref()
                .or(addr.name.as_deref())
                .unwrap_or_default();
            let text = text.trim().trim_matches(['<', '>', '\'', '"']).trim();
            if !text.is_empty() {
                found.push(collapse(text));
            }
        }
    }
    found
}

/// The first non-empty field by this name, white space collapsed.
fn text_field(fields: &[Header<'_>], name: &HeaderName<'_>) -> Option<String> {
    fields
        .iter()
        .filter(|h| h.name == *name)
        .find_map(|h| match &h.value {
            HeaderValue::Text(text) => Some(collapse(text)),
            HeaderValue::TextList(list) => Some(collapse(&list.join(" "))),
            _ => None,
        })
        .filter(|text| !text.is_empty())
}

/// White space and control characters, each run as one space, none at the ends.
pub(super) fn collapse(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Lines ended by `\n`, no trailing white space, no control characters, no runs of empty lines.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        out.extend(
            line.chars()
                .map(|c| if c.is_control() && c != '\t' { ' ' } else { c }),
        );
    }
    out
}

/// What a part is, by its own fields.
enum Kind {
    Multipart {
        boundary: Option<String>,
        alternative: bool,
        digest: bool,
    },
    Plain,
    Html,
    Attachment,
}

/// The walk over one mail's parts.
struct Walk<'m> {
    mail: &'m mut Mail,
    parts: u32,
}

impl Walk<'_> {
    /// The text of one part and of everything below it.
    fn part(&mut self, fields: &[Header<'_>], body: &[u8], depth: usize) -> String {
        self.parts += 1;
        if self.parts > MAIL_PARTS_MAX {
            self.mail.odd(
                "mail-too-many-parts",
                format!("more than {MAIL_PARTS_MAX} parts"),
            );
            return String::new();
        }
        match kind(fields) {
            Kind::Multipart {
                boundary,
                alternative,
                digest,
            } => {
                if depth >= MAIL_DEPTH_MAX {
                    self.mail.odd(
                        "mail-too-deep",
                        format!("parts nested deeper than {MAIL_DEPTH_MAX}"),
                    );
                    return String::new();
                }
                let inner = boundary
                    .map(|b| split_parts(body, b.as_bytes()))
                    .unwrap_or_default();
                if inner.is_empty() {
                    self.mail.odd(
                        "mail-broken-multipart",
                        "a multipart without its boundary lines",
                    );
                    return self.decode(fields, body, false);
                }
                self.children(&inner, depth, alternative, digest)
            }
            Kind::Plain => self.decode(fields, body, false),
            Kind::Html => self.decode(fields, body, true),
            Kind::Attachment => {
                self.mail.attachments = self.mail.attachments.saturating_add(1);
                String::new()
            }
        }
    }

    fn children(
        &mut self,
        inner: &[&[u8]],
        depth: usize,
        alternative: bool,
        digest: bool,
    ) -> String {
        let mut joined = String::new();
        // Of alternatives the plain text is kept, or else the last that has any text.
        let mut plain: Option<String> = None;
        for raw in inner {
            if digest {
                self.mail.attachments = self.mail.attachments.saturating_add(1);
                continue;
            }
            let (head, body) = split_part(raw);
            let head = &head[..head.len().min(MAIL_HEAD_BYTES_MAX)];
            let parsed = part_parser().parse_headers(head);
            let fields = parsed.as_ref().map_or(&[][..], |part| part.headers());
            let is_plain = matches!(kind(fields), Kind::Plain);
            let text = self.part(fields, body, depth + 1);
            if text.trim().is_empty() {
                continue;
            }
            if alternative {
                if is_plain && plain.is_none() {
                    plain = Some(text);
                } else {
                    joined = text;
                }
            } else {
                if !joined.is_empty() {
                    joined.push('\n');
                }
                joined.push_str(&text);
            }
            if self.full(&mut joined) {
                break;
            }
        }
        plain.unwrap_or(joined)
    }

    /// Cuts text at the limit; true when it was cut.
    fn full(&mut self, text: &mut String) -> bool {
        if text.len() <= MAIL_TEXT_BYTES_MAX {
            return false;
        }
        let mut end = MAIL_TEXT_BYTES_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        self.mail.odd(
            "mail-text-cut",
            format!("more than {MAIL_TEXT_BYTES_MAX} bytes of text"),
        );
        true
    }

    /// Undoes the transfer encoding and the character set of one text leaf.
    fn decode(&mut self, fields: &[Header<'_>], body: &[u8], html: bool) -> String {
        // Base64 of text is a third longer than the text; what lies beyond cannot be kept anyway.
        let body = &body[..body.len().min(4 * MAIL_TEXT_BYTES_MAX)];
        let encoding = text_field(fields, &HeaderName::ContentTransferEncoding).unwrap_or_default();
        let encoding = encoding
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let decoded = match encoding.as_str() {
            "base64" => base64_decode(body),
            "quoted-printable" => quoted_printable_decode(body),
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" | "8bits" | "7bits" => {
                Some(body.to_vec())
            }
            other => {
                self.mail.odd(
                    "mail-transfer-encoding",
                    other.chars().take(60).collect::<String>(),
                );
                Some(body.to_vec())
            }
        };
        let bytes = decoded.unwrap_or_else(|| {
            self.mail.odd(
                "mail-transfer-encoding",
                format!("a broken {encoding} part; read as it stands"),
            );
            body.to_vec()
        });
        let charset = structured(fields, &HeaderName::ContentType)
            .and_then(|c| c.attribute("charset"))
            .map(|c| c.trim_matches(['"', '\'', ' ']).to_owned());
        let mut text = self.characters(&bytes, charset.as_deref());
        if html {
            text = quoted_text_of(&text);
        }
        self.full(&mut text);
        text
    }

    fn characters(&mut self, bytes: &[u8], charset: Option<&str>) -> String {
        let utf8 = charset.is_none_or(|c| {
            ["utf-8", "utf8", "us-ascii", "ascii"]
                .iter()
                .any(|known| c.eq_ignore_ascii_case(known))
        });
        if utf8 && let Ok(text) = std::str::from_utf8(bytes) {
            return text.to_owned();
        }
        let decoder = charset
            .filter(|_| !utf8)
            .and_then(|c| charset_decoder(c.as_bytes()));
        let text = if let Some(decoder) = decoder {
            decoder(bytes)
        } else {
            let named = charset
                .unwrap_or("no charset")
                .chars()
                .take(60)
                .collect::<String>();
            self.mail.odd(
                "mail-charset",
                format!("{named}; read as UTF-8 or Windows-1252"),
            );
            match std::str::from_utf8(bytes) {
                Ok(text) => return text.to_owned(),
                Err(_) => charset_decoder(b"windows-1252")
                    .map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |d| d(bytes)),
            }
        };
        if text.contains('\u{fffd}') {
            self.mail.odd(
                "mail-charset",
                "characters of the text that could not be decoded",
            );
        }
        text
    }
}

fn kind(fields: &[Header<'_>]) -> Kind {
    let content_type = structured(fields, &HeaderName::ContentType);
    let disposition = structured(fields, &HeaderName::ContentDisposition);
    let attached = disposition
        .is_some_and(|d| d.ctype().eq_ignore_ascii_case("attachment") || has_name(d))
        || content_type.is_some_and(has_name);
    let Some(content_type) = content_type else {
        return if attached {
            Kind::Attachment
        } else {
            Kind::Plain
        };
    };
    let subtype = content_type
        .subtype()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match content_type.ctype().to_ascii_lowercase().as_str() {
        "multipart" => Kind::Multipart {
            boundary: content_type.attribute("boundary").map(str::to_owned),
            alternative: subtype == "alternative",
            digest: subtype == "digest",
        },
        _ if attached => Kind::Attachment,
        "text" if subtype == "html" => Kind::Html,
        // "text" alone is how some old mailers write text/plain.
        "text" if subtype == "plain" || subtype.is_empty() => Kind::Plain,
        "" => Kind::Plain,
        _ => Kind::Attachment,
    }
}

/// The first field by this name that has the form of a content type.
fn structured<'f>(fields: &'f [Header<'f>], name: &HeaderName<'_>) -> Option<&'f ContentType<'f>> {
    fields
        .iter()
        .filter(|h| h.name == *name)
        .find_map(|h| h.value.as_content_type())
}

fn has_name(field: &ContentType<'_>) -> bool {
    field.attributes().is_some_and(|list| {
        list.iter().any(|a| {
            let name = a.name.to_ascii_lowercase();
            name == "name"
                || name == "filename"
                || name.starts_with("name*")
                || name.starts_with("filename*")
        })
    })
}

/// The parts between boundary lines; empty when the boundary never occurs. A missing end line is
/// forgiven: the last part then runs to the end.
fn split_parts<'b>(body: &'b [u8], boundary: &[u8]) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    let mut start = 0;
    if boundary.is_empty() {
        return parts;
    }
    while start < body.len() {
        let end = body[start..]
            .iter()
            .position(|&b| b == b'\n')
            .map_or(body.len(), |n| start + n + 1);
        let line = body[start..end].trim_ascii_end();
        if let Some(rest) = line
            .strip_prefix(b"--")
            .and_then(|l| l.strip_prefix(boundary))
        {
            // A longer boundary that begins with this one is another part's, unless only `--` follows.
            if rest.is_empty() || rest == b"--" {
                if let Some(from) = open.take() {
                    parts.push(&body[from..start]);
                }
                if rest == b"--" {
                    return parts;
                }
                open = Some(end);
                if parts.len() > MAIL_PARTS_MAX as usize {
                    return parts;
                }
            }
        }
        start = end;
    }
    if let Some(from) = open {
        parts.push(&body[from..]);
    }
    parts
}

/// Like [`split_head`], but a part may have no header at all: then it starts with an empty line.
fn split_part(raw: &[u8]) -> (&[u8], &[u8]) {
    if let Some(body) = raw
        .strip_prefix(b"\r\n")
        .or_else(|| raw.strip_prefix(b"\n"))
    {
        return (&[], body);
    }
    split_head(raw)
}
