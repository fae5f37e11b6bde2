//! Mail as `.eml` files and as mbox (RFC 5322, RFC 4155 with `>From ` quoting).
//!
//! Plain text only: no attachments, no HTML. Every message carries the header
//! `X-Fictional: yes`, so that a message torn out of its folder still says what it is.

use std::fmt::Write as _;

use crate::calendar::{self, DAY};

/// A name and an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailbox<'a> {
    /// Display name.
    pub name: &'a str,
    /// Address.
    pub address: &'a str,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// `Message-ID` without the angle brackets.
    pub id: &'a str,
    /// `From`.
    pub from: Mailbox<'a>,
    /// `To`.
    pub to: &'a [Mailbox<'a>],
    /// `Cc`.
    pub cc: &'a [Mailbox<'a>],
    /// `Date`, seconds since 1970 UTC.
    pub sent: i64,
    /// `Subject`.
    pub subject: &'a str,
    /// `In-Reply-To` without the angle brackets.
    pub in_reply_to: Option<&'a str>,
    /// Text, with `\n` between lines.
    pub body: &'a str,
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The message as a `.eml` file, with CRLF line ends.
pub fn eml(message: &Message<'_>) -> Vec<u8> {
    text(message).replace('\n', "\r\n").into_bytes()
}

/// Messages as one mbox file, with LF line ends.
pub fn mbox(messages: &[Message<'_>]) -> Vec<u8> {
    let mut out = String::new();
    for message in messages {
        let at = calendar::civil(message.sent);
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            out,
            "From {} {} {} {:2} {:02}:{:02}:{:02} {}",
            message.from.address,
            weekday(message.sent),
            month(at.month),
            at.day,
            at.hour,
            at.minute,
            at.second,
            at.year
        );
        for line in text(message).lines() {
            if line.trim_start_matches('>').starts_with("From ") {
                out.push('>');
            }
            out.push_str(line);
            out.push('\n');
        }
        out.push('\n');
    }
    out.into_bytes()
}

fn text(message: &Message<'_>) -> String {
    let at = calendar::civil(message.sent);
    let mut out = String::new();
    let _ = writeln!(out, "Message-ID: <{}>", message.id);
    let _ = writeln!(
        out,
        "Date: {}, {:02} {} {} {:02}:{:02}:{:02} +0000",
        weekday(message.sent),
        at.day,
        month(at.month),
        at.year,
        at.hour,
        at.minute,
        at.second
    );
    let _ = writeln!(out, "From: {}", mailbox(message.from));
    addresses(&mut out, "To", message.to);
    addresses(&mut out, "Cc", message.cc);
    let _ = writeln!(out, "Subject: {}", encoded_word(message.subject));
    if let Some(id) = message.in_reply_to {
        let _ = writeln!(out, "In-Reply-To: <{id}>\nReferences: <{id}>");
    }
    out.push_str("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n");
    out.push_str("Content-Transfer-Encoding: 8bit\nX-Fictional: yes\n\n");
    out.push_str(message.body);
    if !message.body.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// An address header, one address a line.
fn addresses(out: &mut String, name: &str, mailboxes: &[Mailbox<'_>]) {
    if mailboxes.is_empty() {
        return;
    }
    let list: Vec<String> = mailboxes.iter().map(|m| mailbox(*m)).collect();
    let _ = writeln!(out, "{name}: {}", list.join(",\n "));
}

fn mailbox(mailbox: Mailbox<'_>) -> String {
    let name = encoded_word(mailbox.name);
    if name == mailbox.name {
        format!(
            "\"{}\" <{}>",
            name.replace(['"', '\\'], ""),
            mailbox.address
        )
    } else {
        format!("{name} <{}>", mailbox.address)
    }
}

/// Text outside ASCII as an RFC 2047 word in the Q encoding; ASCII as it is.
fn encoded_word(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut word = String::from("=?utf-8?Q?");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            word.push(char::from(byte));
        } else {
            let _ = write!(word, "={byte:02X}");
        }
    }
    word + "?="
}

fn weekday(seconds: i64) -> &'static str {
    WEEKDAYS[calendar::weekday(seconds - seconds.rem_euclid(DAY))]
}

fn month(number: i64) -> &'static str {
    MONTHS[usize::try_from((number - 1).clamp(0, 11)).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn message(body: &str) -> Message<'_> {
        Message {
            id: "1@halden.example",
            from: Mailbox {
                name: "A",
                address: "a@halden.example",
            },
            to: &[],
            cc: &[],
            sent: calendar::midnight(2025, 2, 3) + 9 * 3_600 + 5,
            subject: "Caf\u{e9}",
            in_reply_to: None,
            body,
        }
    }

    #[test]
    fn headers_are_those_of_rfc_5322() {
        let text = String::from_utf8(eml(&message("Hello"))).unwrap();
        assert!(
            text.contains("Date: Mon, 03 Feb 2025 09:00:05 +0000\r\n"),
            "{text}"
        );
        assert!(
            text.contains("From: \"A\" <a@halden.example>\r\n"),
            "{text}"
        );
        assert!(
            text.contains("Subject: =?utf-8?Q?Caf=C3=A9?=\r\n"),
            "{text}"
        );
        assert!(text.ends_with("\r\n\r\nHello\r\n"), "{text}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }

    #[test]
    fn mbox_quotes_lines_that_look_like_separators() {
        let both = [message("From here on\n>From there"), message("Bye")];
        let text = String::from_utf8(mbox(&both)).unwrap();
        let separators = text
            .lines()
            .filter(|line| line.starts_with("From a@"))
            .count();
        assert_eq!(separators, 2);
        assert!(
            text.starts_with("From a@halden.example Mon Feb  3 09:00:05 2025\n"),
            "{text}"
        );
        assert!(text.contains("\n>From here on\n>>From there\n"), "{text}");
    }
}
