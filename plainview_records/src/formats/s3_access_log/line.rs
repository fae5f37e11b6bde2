//! The fields of one line of an access log.
//!
//! Request-URI, Referer and User-Agent are what a client sent and may hold quotes and spaces, so a quote alone ends nothing.
//! The end of each is told by what must follow it: a status, an error code and four numbers behind the Request-URI, a quote
//! behind the Referer, fields without quotes behind the User-Agent. A line that can be read in more than one way has been
//! made to: the fields that the readings dispute are not given, the ones before them are.

use memchr::{memchr, memchr_iter};

use crate::times::{DAY_MS, days_from_civil};

/// Fields behind the User-Agent that are known: version id, host id, signature version, cipher suite, authentication type,
/// host header, TLS version, access point ARN, ACL required.
const TAIL_KNOWN: usize = 9;

/// Fields up to the User-Agent.
const BEFORE_TAIL: usize = 17;

/// Fields of a line in its newest known form.
pub(super) const FIELDS_KNOWN: usize = BEFORE_TAIL + TAIL_KNOWN;

/// Most quotes of a line whose ends are looked for; honest lines have six.
const QUOTES_MAX: usize = 24;

/// One line. The numbers are `None` where the line has `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'l> {
    pub(super) owner: &'l str,
    pub(super) bucket: &'l str,
    pub(super) at: i64,
    pub(super) address: &'l str,
    pub(super) requester: &'l str,
    pub(super) request_id: &'l str,
    pub(super) operation: &'l str,
    /// As written: URL-encoded.
    pub(super) key: &'l str,
    /// From the Request-URI to the end of the line.
    pub(super) rest: &'l [u8],
    pub(super) answer: Disputable<Answer<'l>>,
    pub(super) tail: Disputable<Tail<'l>>,
}

/// What was done with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Answer<'l> {
    pub(super) status: Option<&'l str>,
    pub(super) error: Option<&'l str>,
    pub(super) bytes_sent: Option<i64>,
    pub(super) object_size: Option<i64>,
    pub(super) total_ms: Option<i64>,
}

/// What stands behind the User-Agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tail<'l> {
    pub(super) authentication: Option<&'l str>,
    /// Fields of the whole line.
    pub(super) fields: usize,
}

/// Part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disputable<T> {
    /// Every reading of the line says this.
    Clear(T),
    /// The line can be read in several ways.
    Disputed,
}

/// Why a line is none; never says what was found.
pub(super) type BadLine = &'static str;

impl<'l> Line<'l> {
    /// Reads a line without its end.
    pub(super) fn parse(line: &'l [u8]) -> Result<Self, BadLine> {
        let mut lead = [(0, 0); 9];
        let mut at = 0;
        for place in &mut lead {
            let length = memchr(b' ', &line[at..]).ok_or("fewer than 9 fields")?;
            if length == 0 {
                return Err("an empty field");
            }
            *place = (at, at + length);
            at += length + 1;
        }
        let head = std::str::from_utf8(&line[..at]).map_err(|_| "bytes that are not UTF-8")?;
        let field = |index: usize| &head[lead[index].0..lead[index].1];
        // The time is two of the nine: it has a space before its offset.
        let moment = clock_ms(&line[lead[2].0..lead[3].1]).ok_or("no time in the third field")?;
        let operation = field(7);
        if !is_operation(operation.as_bytes()) {
            return Err("no operation in the seventh field");
        }
        let rest = &line[at..];
        let (answer, tail) = ends(rest)?;
        Ok(Self {
            owner: field(0),
            bucket: field(1),
            at: moment,
            address: field(4),
            requester: field(5),
            request_id: field(6),
            operation,
            key: field(8),
            rest,
            answer,
            tail,
        })
    }
}

/// An operation as the log names it: `REST.GET.OBJECT`, `SOAP.GetObject`.
pub(super) fn is_operation(text: &[u8]) -> bool {
    text.contains(&b'.')
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
}

/// `[06/Feb/2019:00:00:38 +0000]` in milliseconds since 1970 UTC.
pub(super) fn clock_ms(text: &[u8]) -> Option<i64> {
    let &[
        b'[',
        d1,
        d2,
        b'/',
        m1,
        m2,
        m3,
        b'/',
        y1,
        y2,
        y3,
        y4,
        b':',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
        b' ',
        sign,
        z1,
        z2,
        z3,
        z4,
        b']',
    ] = text
    else {
        return None;
    };
    let two = |tens: u8, ones: u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens <= 9 && ones <= 9).then(|| i64::from(tens) * 10 + i64::from(ones))
    };
    let month = match &[m1, m2, m3] {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    };
    let days = days_from_civil(two(y1, y2)? * 100 + two(y3, y4)?, month, two(d1, d2)?)?;
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    let (zone_hour, zone_minute) = (two(z1, z2)?, two(z3, z4)?);
    if hour > 23 || minute > 59 || second > 60 || zone_hour > 23 || zone_minute > 59 {
        return None;
    }
    let zone_ms = (zone_hour * 60 + zone_minute) * 60_000;
    let clock = ((hour * 60 + minute) * 60 + second.min(59)) * 1000;
    match sign {
        b'+' => Some(days * DAY_MS + clock - zone_ms),
        b'-' => Some(days * DAY_MS + clock + zone_ms),
        _ => None,
    }
}

/// Everything behind the key, by every reading of it.
fn ends(rest: &[u8]) -> Result<(Disputable<Answer<'_>>, Disputable<Tail<'_>>), BadLine> {
    let mut quotes = [0; QUOTES_MAX];
    let mut count = 0;
    for at in memchr_iter(b'"', rest) {
        if count == QUOTES_MAX {
            return Ok((Disputable::Disputed, Disputable::Disputed));
        }
        quotes[count] = at;
        count += 1;
    }
    let mut rest = Rest {
        bytes: rest,
        quotes: &quotes[..count],
        style: if rest.first() == Some(&b'"') {
            Style::Quoted
        } else {
            Style::Bare
        },
    };
    let mut readings = rest.readings();
    if readings.answer.is_none() {
        rest.style = Style::Mixed;
        readings = rest.readings();
    }
    match (readings.answer, readings.tail) {
        (Some((_, answer)), Some((_, tail))) => Ok((
            dispute(readings.answers_differ, answer),
            dispute(readings.tails_differ, tail),
        )),
        _ => Err("no status and numbers behind the Request-URI, or no end of the User-Agent"),
    }
}

fn dispute<T>(differs: bool, value: T) -> Disputable<T> {
    if differs {
        Disputable::Disputed
    } else {
        Disputable::Clear(value)
    }
}

/// The readings of one line so far.
#[derive(Default)]
struct Readings<'l> {
    answer: Option<(usize, Answer<'l>)>,
    tail: Option<(usize, Tail<'l>)>,
    answers_differ: bool,
    tails_differ: bool,
}

impl<'l> Readings<'l> {
    fn add(&mut self, answer: (usize, Answer<'l>), tail: (usize, Tail<'l>)) {
        self.answers_differ |= self.answer.is_some_and(|(at, _)| at != answer.0);
        self.tails_differ |= self.tail.is_some_and(|(at, _)| at != tail.0);
        self.answer.get_or_insert(answer);
        self.tail.get_or_insert(tail);
    }
}

/// How the three texts of the client are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// In quotes, as for every request of a client.
    Quoted,
    /// As a bare `-`, for what the service does by itself.
    Bare,
    /// Each in its own way; tried when the line is neither of the others.
    Mixed,
}

/// The part of a line behind the key, and where its quotes are.
#[derive(Clone, Copy)]
struct Rest<'l, 'q> {
    bytes: &'l [u8],
    quotes: &'q [usize],
    style: Style,
}

impl<'l> Rest<'l, '_> {
    /// Every way to read it.
    fn readings(self) -> Readings<'l> {
        let mut readings = Readings::default();
        self.closes(0, &mut |start| {
            let Some((answer, referer)) = numbers(self.bytes, start) else {
                return;
            };
            self.closes(referer, &mut |agent| {
                self.closes(agent, &mut |tail_start| {
                    if let Some(tail) = tail(&self.bytes[tail_start..]) {
                        readings.add((start, answer), (tail_start, tail));
                    }
                });
            });
        });
        readings
    }

    /// Gives every place where the field behind the one that begins at `start` may begin.
    #[inline]
    fn closes(self, start: usize, each: &mut impl FnMut(usize)) {
        match self.bytes.get(start) {
            Some(b'"') if self.style != Style::Bare => {
                for &quote in self.quotes {
                    if quote > start && self.bytes.get(quote + 1) == Some(&b' ') {
                        each(quote + 2);
                    }
                }
            }
            Some(b'-')
                if self.style != Style::Quoted && self.bytes.get(start + 1) == Some(&b' ') =>
            {
                each(start + 2);
            }
            _ => {}
        }
    }
}

/// `200 - 113 - 7 12 ` at `start`, and where the field behind it begins.
fn numbers(bytes: &[u8], start: usize) -> Option<(Answer<'_>, usize)> {
    let mut at = start;
    let mut next = || {
        let text = &bytes[at..];
        let length = memchr(b' ', &text[..text.len().min(FIELD_BYTES_MAX)])?;
        at += length + 1;
        Some(&text[..length])
    };
    let status = match next()? {
        b"-" => None,
        text @ [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9'] => Some(ascii(text)?),
        _ => return None,
    };
    let error = match next()? {
        b"-" => None,
        text if is_word(text) => Some(ascii(text)?),
        _ => return None,
    };
    let mut number = || match next()? {
        b"-" => Some(None),
        text => crate::numbers::parse_count(text).map(Some),
    };
    let (bytes_sent, object_size, total_ms, _turn_around) =
        (number()?, number()?, number()?, number()?);
    let answer = Answer {
        status,
        error,
        bytes_sent,
        object_size,
        total_ms,
    };
    Some((answer, at))
}

/// Longest error code or number.
const FIELD_BYTES_MAX: usize = 128;

/// A status, an error code or the like.
pub(super) fn is_word(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn ascii(text: &[u8]) -> Option<&str> {
    std::str::from_utf8(text).ok()
}

/// The fields behind the User-Agent. The known ones hold no quotes; of what is added one day nothing is known.
fn tail(bytes: &[u8]) -> Option<Tail<'_>> {
    let mut authentication = None;
    let mut at = 0;
    let mut fields = 0;
    while fields < TAIL_KNOWN {
        let text = &bytes[at..];
        let end = memchr(b' ', text);
        let field = &text[..end.unwrap_or(text.len())];
        if field.is_empty() || memchr(b'"', field).is_some() {
            return None;
        }
        if fields == 4 && field != b"-" {
            authentication = is_word(field).then(|| ascii(field)).flatten();
        }
        fields += 1;
        let Some(end) = end else {
            return Some(Tail {
                authentication,
                fields: BEFORE_TAIL + fields,
            });
        };
        at += end + 1;
    }
    let more = 1 + memchr_iter(b' ', &bytes[at..]).count();
    Some(Tail {
        authentication,
        fields: BEFORE_TAIL + fields + more,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LEAD: &str =
        "79a5 box [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a.txt ";

    fn read(rest: &str) -> Result<(Option<Answer<'static>>, Option<Tail<'static>>), BadLine> {
        let line: &'static str = format!("{LEAD}{rest}").leak();
        let line = Line::parse(line.as_bytes())?;
        let answer = match line.answer {
            Disputable::Clear(answer) => Some(answer),
            Disputable::Disputed => None,
        };
        let tail = match line.tail {
            Disputable::Clear(tail) => Some(tail),
            Disputable::Disputed => None,
        };
        Ok((answer, tail))
    }

    #[test]
    fn quotes_inside_what_a_client_sent_end_nothing() {
        let answer = Some(Answer {
            status: Some("200"),
            error: None,
            bytes_sent: Some(113),
            object_size: None,
            total_ms: Some(7),
        });
        let of = |fields, authentication| {
            Some(Tail {
                authentication,
                fields,
            })
        };
        let long = "ID= SigV4 TLS_AES QueryString b.s3.amazonaws.com TLSv1.3 - -";
        let cases = [
            (
                r#""GET /a HTTP/1.1" 200 - 113 - 7 - "-" "curl" -"#.to_owned(),
                of(18, None),
            ),
            (
                r#""GET /a" b HTTP/1.1" 200 - 113 - 7 - "http://x/"q" r" "a "b" c" -"#.to_owned(),
                of(18, None),
            ),
            (
                format!(r#""GET /a HTTP/1.1" 200 - 113 - 7 - "-" ""quoted" agent" - {long}"#),
                of(26, Some("QueryString")),
            ),
            (
                r#""GET /a HTTP/1.1" 200 - 113 - 7 - "" "" - ID= SigV4 C AuthHeader h"#.to_owned(),
                of(23, Some("AuthHeader")),
            ),
            (
                format!(r#""GET /a HTTP/1.1" 200 - 113 - 7 - "-" "x" - {long} new "quoted new""#),
                of(29, Some("QueryString")),
            ),
            (r"- 200 - 113 - 7 - - - -".to_owned(), of(18, None)),
        ];
        for (rest, tail) in cases {
            assert_eq!(read(&rest), Ok((answer, tail)), "{rest}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_given() {
        // A client that writes the end of a line into its own agent, and one that writes it into the URI.
        let agent = r#""GET /a HTTP/1.1" 200 - 113 - 7 - "-" "x" - ID= SigV4 C QueryString h T - - y" - ID= SigV4 C AuthHeader h T - -"#;
        let (answer, tail) = read(agent).unwrap();
        assert_eq!(answer.unwrap().status, Some("200"));
        assert_eq!(tail, None);
        let uri = r#""GET /a" 404 - - - 1 1 "-" "x" HTTP/1.1" 200 - 113 - 7 - "-" "curl" -"#;
        let (answer, tail) = read(uri).unwrap();
        assert_eq!(answer, None);
        assert_eq!(tail.unwrap().fields, 18);
        let many = format!(
            r#""GET /a HTTP/1.1" 200 - 113 - 7 - "-" "{}" -"#,
            "\"".repeat(30)
        );
        assert_eq!(read(&many), Ok((None, None)));
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for rest in [
            "",
            r#""GET /a HTTP/1.1" 200 - 113 - 7 - "-" "curl"#,
            r#""GET /a HTTP/1.1" 200 - 113 - 7 - "-" "curl""#,
            r#""GET /a HTTP/1.1" 2000 - 113 - 7 - "-" "curl" -"#,
            r#""GET /a HTTP/1.1" 200 - 113 x 7 - "-" "curl" -"#,
            r#""GET /a HTTP/1.1"#,
            r#"""#,
        ] {
            assert!(read(rest).is_err(), "{rest}");
        }
        for line in [
            "",
            "a b c",
            "79a5 box 06/Feb/2019:00:00:38 +0000 192.0.2.3 - 3E57 REST.GET.OBJECT a - 200 - - - - - - - -",
            "79a5 box [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E57 nothing a - 200 - - - - - - - -",
            "79a5  box [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a - 200 - - - - - - - -",
        ] {
            assert!(Line::parse(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn times_have_an_offset() {
        let cases = [
            ("[06/Feb/2019:00:00:38 +0000]", Some(1_549_411_238_000)),
            ("[06/Feb/2019:02:00:38 +0200]", Some(1_549_411_238_000)),
            ("[05/Feb/2019:19:30:38 -0430]", Some(1_549_411_238_000)),
            ("[30/Feb/2019:00:00:38 +0000]", None),
            ("[06/feb/2019:00:00:38 +0000]", None),
            ("[06/Feb/2019:24:00:38 +0000]", None),
            ("[06/Feb/2019:00:00:38 00000]", None),
            ("[06/Feb/2019:00:00:38+0000]", None),
        ];
        for (text, expected) in cases {
            assert_eq!(clock_ms(text.as_bytes()), expected, "{text}");
        }
    }
}
