//! A mail's own words and the words it quotes, told apart line by line.
//!
//! **Quoted is:** a line that begins with `>`; everything from a line that announces another mail to the end
//! (`-----Original Message-----`, `Begin forwarded message:`, `Forwarded by ...`, and their forms in other languages); from a
//! block of header lines that mail programs write above the mail they quote (`From:`/`Von:` with `Sent:`, `Date:` or `To:` below
//! it); and from a line of attribution (`On ... wrote:`, `Am ... schrieb ...:`) on. Where `>` lines follow an attribution, only
//! they are quoted, because an answer may stand between and below them.
//!
//! **Traps.** An answer written below a quotation that has no `>` cannot be told from it and counts as quoted; nothing of it
//! is lost. Dates and names in quoted parts are never this mail's. An attribution must hold a digit, as a date has, or be
//! followed by `>` lines: a sentence that ends in "wrote:" is no quotation.

/// The most lines of an attribution or of a header block that are looked at together.
const TOGETHER_MAX: usize = 8;
/// The longest attribution, in bytes.
const ATTRIBUTION_MAX: usize = 400;

/// Words between dashes or at the beginning of a line that announce another mail.
const ANNOUNCED: &[&str] = &[
    "original message",
    "original appointment",
    "forwarded message",
    "forwarded by",
    "begin forwarded message",
    "urspr\u{fc}ngliche nachricht",
    "urspruengliche nachricht",
    "originalnachricht",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "message d'origine",
    "message d\u{2019}origine",
    "message original",
    "message transf\u{e9}r\u{e9}",
    "d\u{e9}but du message r\u{e9}exp\u{e9}di\u{e9}",
    "mensaje original",
    "mensaje reenviado",
    "inicio del mensaje reenviado",
    "messaggio originale",
    "messaggio inoltrato",
    "oorspronkelijk bericht",
    "doorgestuurd bericht",
];
/// First header names of a quoted block, and the names of which one must follow.
const FIRST: &[&str] = &["from:", "von:", "de:", "da:", "van:", "de :"];
const BELOW: &[&str] = &[
    "sent:",
    "date:",
    "to:",
    "gesendet:",
    "datum:",
    "an:",
    "envoy\u{e9}:",
    "envoy\u{e9} :",
    "\u{e0}:",
    "\u{e0} :",
    "enviado:",
    "enviado el:",
    "para:",
    "inviato:",
    "a:",
    "verzonden:",
    "aan:",
    "subject:",
    "betreff:",
];
/// Beginnings and endings of attributions, by language.
const ATTRIBUTIONS: &[(&str, &[&str])] = &[
    ("on ", &["wrote:", "writes:"]),
    ("am ", &["schrieb:"]),
    ("le ", &["a \u{e9}crit :", "a \u{e9}crit:"]),
    ("el ", &["escribi\u{f3}:"]),
    ("il ", &["ha scritto:"]),
    ("op ", &["schreef:", "het volgende geschreven:"]),
];

/// A mail's text in two.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// What the mail says itself.
    pub(super) own: String,
    /// What it quotes, with the lines that announce it.
    pub(super) quoted: String,
}

/// Tells the parts of a text apart.
pub(super) fn split(text: &str) -> Parts {
    let lines: Vec<&str> = text.lines().collect();
    let mut parts = Parts::default();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if is_marked(line) {
            push(&mut parts.quoted, line);
            at += 1;
            continue;
        }
        if is_announcement(line) || is_header_block(&lines[at..]) {
            lines[at..].iter().for_each(|l| push(&mut parts.quoted, l));
            break;
        }
        if let Some(length) = attribution(&lines[at..]) {
            let after = lines[at + length..].iter().find(|l| !l.trim().is_empty());
            let marked = after.is_some_and(|l| is_marked(l));
            let dated = lines[at..at + length]
                .iter()
                .any(|l| l.bytes().any(|b| b.is_ascii_digit()));
            if marked {
                lines[at..at + length]
                    .iter()
                    .for_each(|l| push(&mut parts.quoted, l));
                at += length;
                continue;
            }
            if dated {
                lines[at..].iter().for_each(|l| push(&mut parts.quoted, l));
                break;
            }
        }
        push(&mut parts.own, line);
        at += 1;
    }
    parts.own = parts.own.trim_matches('\n').to_owned();
    parts.quoted = parts.quoted.trim_matches('\n').to_owned();
    parts
}

/// Appends a line; empty lines do not add up where the other part was taken out.
fn push(part: &mut String, line: &str) {
    if !line.is_empty() || (!part.is_empty() && !part.ends_with("\n\n")) {
        part.push_str(line);
        part.push('\n');
    }
}

fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn is_announcement(line: &str) -> bool {
    let line = line.trim();
    let inner = line.trim_matches(['-', '_', '=', '*', ' ']);
    let ruled = line.starts_with("--") || line.starts_with("__") || line.starts_with("==");
    let said = inner.to_lowercase();
    ANNOUNCED.iter().any(|words| {
        said.strip_prefix(words).is_some_and(|rest| {
            // Without a rule the words must be all there is: a sentence may begin with them.
            ruled || matches!(rest.trim(), "" | ":") && said.contains(':')
        })
    })
}

/// Whether lines begin with the header lines of another mail: a first one, and at least two that go with it.
fn is_header_block(lines: &[&str]) -> bool {
    let name = |line: &str| line.trim().trim_start_matches('*').to_lowercase();
    let Some(first) = lines.first().map(|line| name(line)) else {
        return false;
    };
    if !FIRST.iter().any(|known| first.starts_with(known)) {
        return false;
    }
    let below = lines[1..]
        .iter()
        .take(TOGETHER_MAX)
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| {
            let line = name(line);
            BELOW.iter().any(|known| line.starts_with(known))
        });
    below.count() >= 2
}

/// How many lines at the beginning are an attribution; mail programs break long ones.
fn attribution(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim().to_lowercase();
    let german = first.contains(" schrieb am ") && first.ends_with(':');
    if german {
        return Some(1);
    }
    let (start, ends) = ATTRIBUTIONS
        .iter()
        .find(|(start, _)| first.starts_with(start))?;
    let mut joined = String::new();
    for (n, line) in lines.iter().take(3).enumerate() {
        if n > 0 && line.trim().is_empty() {
            return None;
        }
        joined.push_str(&line.trim().to_lowercase());
        joined.push(' ');
        if joined.len() > ATTRIBUTION_MAX {
            return None;
        }
        let said = joined.trim_end();
        // German names the writer last: "Am 3.2.2025 schrieb Anna <anna@example.org>:".
        let named_last = *start == "am " && said.contains(" schrieb ") && said.ends_with(':');
        if named_last || ends.iter().any(|end| said.ends_with(end)) {
            return Some(n + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let Parts { own, quoted } = split(text);
        (own, quoted)
    }

    #[test]
    fn answers_between_quoted_lines_stay_the_mails_own() {
        let (own, quoted) = parts(
            "Hello,\n\nOn Mon, 3 Feb 2025 at 10:00, Anna wrote:\n> Is it kept?\nYes.\n> For how long?\nA year.",
        );
        assert_eq!(own, "Hello,\n\nYes.\nA year.");
        assert_eq!(
            quoted,
            "On Mon, 3 Feb 2025 at 10:00, Anna wrote:\n> Is it kept?\n> For how long?"
        );
    }

    #[test]
    fn everything_below_an_announcement_is_quoted() {
        for announcement in [
            "-----Original Message-----",
            "----- Urspr\u{fc}ngliche Nachricht -----",
            "---------- Forwarded message ---------",
            "---------------------- Forwarded by Anna Roe/HAL on 03/01/2001 07:43 AM ---------------------------",
            "Begin forwarded message:",
            "Anfang der weitergeleiteten Nachricht:",
            "From: Anna\nSent: Monday\nTo: Bert",
            "Von: Anna\nGesendet: Montag\nAn: Bert",
            "On Mon, 3 Feb 2025, Anna wrote:",
            "On Mon, 3 Feb 2025, Anna\n<anna@example.org> wrote:",
            "Am 3. Februar 2025 um 10:00 schrieb Anna Roe <anna@example.org>:",
            "Anna Roe schrieb am 03.02.2025 10:00:",
        ] {
            let (own, quoted) = parts(&format!("mine\n\n{announcement}\n\ntheirs\nand theirs"));
            assert_eq!(own, "mine", "{announcement}");
            assert_eq!(
                quoted,
                format!("{announcement}\n\ntheirs\nand theirs"),
                "{announcement}"
            );
        }
    }

    #[test]
    fn sentences_are_no_announcements() {
        for text in [
            "On reflection, this is what the minister wrote:\nnothing",
            "Original message boards were open.",
            "From: here on it is text\nand more of it",
            "Am Ende schrieb er nichts\nmehr dazu",
            "forwarded by mistake, sorry",
        ] {
            assert_eq!(parts(text), (text.to_owned(), String::new()));
        }
    }
}
