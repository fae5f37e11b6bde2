//! Numbers and units as people write them in sheets, made plain.
//!
//! A locale says which mark is the decimal one; grouping is checked, never guessed: `1.234` is one
//! thousand in German and one and a bit in English, and `1.5` in German is refused, because a sheet
//! that holds it was written under another locale than the map says.

/// The decimal and grouping marks of one locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Locale {
    decimal: char,
    groups: &'static [char],
    /// Indian grouping: pairs before the last group of three.
    pairs: bool,
}

const SPACES: &[char] = &[' ', '\u{a0}', '\u{2009}', '\u{202f}'];
const DOTS_AND_SPACES: &[char] = &['.', ' ', '\u{a0}', '\u{2009}', '\u{202f}'];
const COMMAS_AND_SPACES: &[char] = &[',', ' ', '\u{a0}', '\u{2009}', '\u{202f}'];
const APOSTROPHES: &[char] = &['\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}'];

/// The languages that can be named, for messages.
pub(super) const KNOWN: &str = "en, en-IN, he, zh, ja, ko, th, de, de-CH, nl, es, it, pt, da, id, tr, el, ro, hr, sl, sr, fr, \
     pl, cs, sk, hu, ru, uk, bg, sv, nb, no, nn, fi, et, lv, lt";

impl Locale {
    /// The locale called `name` (`de`, `de-DE`, `en_IN`), or `None` when it is not known.
    pub(super) fn named(name: &str) -> Option<Locale> {
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        let language = name.split('-').next().unwrap_or_default();
        let (decimal, groups) = match language {
            _ if name.ends_with("-ch") => ('.', APOSTROPHES),
            "en" | "he" | "zh" | "ja" | "ko" | "th" => ('.', COMMAS_AND_SPACES),
            "de" | "nl" | "es" | "it" | "pt" | "da" | "id" | "tr" | "el" | "ro" | "hr" | "sl"
            | "sr" => (',', DOTS_AND_SPACES),
            "fr" | "pl" | "cs" | "sk" | "hu" | "ru" | "uk" | "bg" | "sv" | "nb" | "no" | "nn"
            | "fi" | "et" | "lv" | "lt" => (',', SPACES),
            _ => return None,
        };
        Some(Locale {
            decimal,
            groups,
            pairs: name == "en-in",
        })
    }

    /// The number in `text` as plain decimal text (`-1234.56`), or `None` when it is not one number
    /// written under this locale. A currency sign or code around it and accounting brackets for a
    /// negative are understood.
    pub(super) fn plain(&self, text: &str) -> Option<String> {
        let (text, negative) = sign_of(strip_currency(text.trim()))?;
        let (whole, fraction) = match text.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let mut fraction = fraction.unwrap_or_default();
        let mut exponent = "";
        let mut whole = whole;
        if let Some(at) = fraction.find(['e', 'E']) {
            (fraction, exponent) = fraction.split_at(at);
        } else if let Some(at) = whole.find(['e', 'E']) {
            (whole, exponent) = whole.split_at(at);
        }
        let whole = self.ungroup(whole)?;
        if !fraction.bytes().all(|b| b.is_ascii_digit())
            || (whole.is_empty() && fraction.is_empty())
        {
            return None;
        }
        let mut out = String::new();
        if negative {
            out.push('-');
        }
        out.push_str(if whole.is_empty() { "0" } else { &whole });
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
        out.push_str(exponent);
        Some(out)
    }

    /// Takes grouping marks out of the digits before the decimal mark, if they are where they belong.
    fn ungroup(&self, digits: &str) -> Option<String> {
        let mut groups: Vec<&str> = digits.split(|c| self.groups.contains(&c)).collect();
        if !groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        if groups.len() > 1 {
            let last = groups.pop()?;
            let first = groups.first()?;
            let middle = if self.pairs { 2 } else { 3 };
            let fits = last.len() == 3
                && (1..=middle).contains(&first.len())
                && groups.iter().skip(1).all(|g| g.len() == middle);
            if !fits {
                return None;
            }
            groups.push(last);
        }
        Some(groups.concat())
    }
}

fn strip_currency(text: &str) -> &str {
    let mark = |c: char| matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₪' | '₺') || c.is_whitespace();
    let text = text.trim_matches(mark);
    for code in [
        "USD", "EUR", "GBP", "CHF", "ILS", "CAD", "AUD", "JPY", "INR",
    ] {
        if let Some(rest) = text.strip_prefix(code).or_else(|| text.strip_suffix(code)) {
            return rest.trim_matches(mark);
        }
    }
    text
}

/// The text without its sign, and whether it was negative.
fn sign_of(text: &str) -> Option<(&str, bool)> {
    if let Some(inner) = text.strip_prefix('(') {
        return Some((strip_currency(inner.strip_suffix(')')?), true));
    }
    if let Some(rest) = text.strip_prefix(['-', '\u{2212}']) {
        return Some((strip_currency(rest), true));
    }
    let rest = text.strip_prefix('+').unwrap_or(text);
    (!rest.is_empty()).then_some((rest, false))
}

/// Bytes in one `unit` (`MB` is 1000 x 1000, `MiB` 1024 x 1024), 1 for counts; `None` when unknown.
pub(super) fn unit_factor(unit: &str) -> Option<i64> {
    let lower = unit.trim().to_ascii_lowercase();
    let power = |base: i64, n: u32| base.checked_pow(n);
    match lower.as_str() {
        "b" | "byte" | "bytes" | "count" | "objects" | "requests" => Some(1),
        "kb" => power(1000, 1),
        "mb" => power(1000, 2),
        "gb" => power(1000, 3),
        "tb" => power(1000, 4),
        "pb" => power(1000, 5),
        "kib" => power(1024, 1),
        "mib" => power(1024, 2),
        "gib" => power(1024, 3),
        "tib" => power(1024, 4),
        "pib" => power(1024, 5),
        _ => None,
    }
}

/// Splits `12,5 MB` into its number and its unit, when it ends in a known unit.
pub(super) fn split_unit(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let at = text
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |n| {
            n + text[n..].chars().next().map_or(0, char::len_utf8)
        });
    let (number, unit) = text.split_at(at);
    // "5E" or "USD" are not units; "5 B" is.
    if number.is_empty() || unit_factor(unit).is_none() {
        (text, None)
    } else {
        (number.trim_end(), Some(unit))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_follow_their_locale() {
        let check = |locale: &str, text: &str, expect: Option<&str>| {
            assert_eq!(
                Locale::named(locale).unwrap().plain(text).as_deref(),
                expect,
                "{locale} {text:?}"
            );
        };
        check("de", "1.234,56", Some("1234.56"));
        check("de", "1.234", Some("1234"));
        check("de", "1.5", None);
        check("de", "-1.234.567,8 €", Some("-1234567.8"));
        check("en", "1,234.56", Some("1234.56"));
        check("en", "1,23", None);
        check("en", "$(12.34)", Some("-12.34"));
        check("en", "($12.34)", Some("-12.34"));
        check("en", "1.5e3", Some("1.5e3"));
        check("en", "USD 7", Some("7"));
        check("en-IN", "12,34,567.5", Some("1234567.5"));
        check("en", "12,34,567.5", None);
        check("fr-FR", "1\u{202f}234,5", Some("1234.5"));
        check("de-CH", "1'234.5", Some("1234.5"));
        check("en", "", None);
        check("en", "-", None);
        check("en", ".", None);
        check("en", "twelve", None);
        check("en", "12 34", None);
        assert_eq!(Locale::named("tlh"), None);
    }

    #[test]
    fn units_are_decimal_or_binary_as_named() {
        assert_eq!(unit_factor("MB"), Some(1_000_000));
        assert_eq!(unit_factor("MiB"), Some(1_048_576));
        assert_eq!(unit_factor("furlong"), None);
        assert_eq!(split_unit("12,5 MB"), ("12,5", Some("MB")));
        assert_eq!(split_unit("12GiB"), ("12", Some("GiB")));
        assert_eq!(split_unit("12"), ("12", None));
        assert_eq!(split_unit("MB"), ("MB", None));
        assert_eq!(split_unit("5 é"), ("5 é", None));
    }
}
