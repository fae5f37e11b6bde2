//! Figures as a reader wants them: grouped digits, bytes in human units, dates and months in words.
//!
//! Works on integers and on decimal text only, so that the same input gives the same letters on
//! every machine. Refuses locales, clocks and rounding that hides the direction of an error:
//! bounds are rounded outward.

/// Which way a bound may move when it is shortened for print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outward {
    /// A lower bound: towards minus infinity.
    Down,
    /// An upper bound: towards plus infinity.
    Up,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u128) -> String {
    group_digits(&number.to_string())
}

fn group_digits(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 object`, `2 objects`: the count grouped, the noun in the right number.
pub(crate) fn counted(number: u128, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// Bytes in the largest binary unit that keeps at least one whole, with one decimal, rounded
/// down; below one KiB the plain count.
pub(crate) fn bytes(count: u128) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return counted(count, "byte", "bytes");
    }
    let mut unit = 1024_u128;
    let mut name = UNITS[0];
    for next in &UNITS[1..] {
        if count / unit < 1024 {
            break;
        }
        unit *= 1024;
        name = next;
    }
    let whole = count / unit;
    if whole >= 100 {
        return format!("{} {name}", grouped(whole));
    }
    format!("{whole}.{} {name}", (count % unit) * 10 / unit)
}

/// A decimal text such as `-3409.5123` with its digits grouped and its fraction shortened to
/// `places`, rounded outward. Text that is not a plain decimal is returned as it is.
pub(crate) fn decimal(text: &str, places: usize, outward: Outward) -> String {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return text.to_owned();
    }
    let kept = &fraction[..fraction.len().min(places)];
    let lost = fraction[kept.len()..].bytes().any(|byte| byte != b'0');
    let away_from_zero = lost && (negative == (outward == Outward::Down));
    let mut digits: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    if away_from_zero {
        add_one(&mut digits);
    }
    let (whole, fraction) = digits.split_at(digits.len() - kept.len());
    let whole: String = whole.iter().copied().map(char::from).collect();
    let fraction: String = fraction.iter().copied().map(char::from).collect();
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let mut out = String::new();
    if negative && !(whole.is_empty() && fraction.is_empty()) {
        out.push('\u{2212}');
    }
    out.push_str(&group_digits(if whole.is_empty() { "0" } else { whole }));
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn add_one(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return;
        }
    }
    digits.insert(0, b'1');
}

/// A share such as `0.958333` as `95.8%`, rounded outward to one decimal. Other text as it is.
pub(crate) fn percent(share: &str, outward: Outward) -> String {
    let (whole, fraction) = share.split_once('.').unwrap_or((share, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return share.to_owned();
    }
    let padded = format!("{fraction:0<2}");
    let hundredfold = format!("{whole}{}.{}", &padded[..2], &padded[2..]);
    format!("{}%", decimal(&hundredfold, 1, outward))
}

/// `2025-06-20` (with or without a time) as `20 June 2025`; other text as it is.
pub(crate) fn date(text: &str) -> String {
    let day = text.get(..10).unwrap_or(text);
    match split_date(day) {
        Some((year, month, Some(day))) => format!("{day} {} {year}", MONTHS[month - 1]),
        _ => text.to_owned(),
    }
}

/// `2025-01` as `January 2025`; other text as it is.
pub(crate) fn month(text: &str) -> String {
    match split_date(text) {
        Some((year, month, None)) => format!("{} {year}", MONTHS[month - 1]),
        _ => text.to_owned(),
    }
}

/// `2025-01` as `Jan` and `2025`, for the axis of a chart.
pub(crate) fn month_short(text: &str) -> (String, String) {
    match split_date(text) {
        Some((year, month, None)) => (MONTHS[month - 1][..3].to_owned(), year.to_owned()),
        _ => (text.to_owned(), String::new()),
    }
}

/// `January 2025 to March 2025` for a sorted list of months; one month alone as itself.
pub(crate) fn months(list: &[String]) -> String {
    match list {
        [] => "no month".to_owned(),
        [only] => month(only),
        [first, .., last] => format!("{} to {}", month(first), month(last)),
    }
}

fn split_date(text: &str) -> Option<(&str, usize, Option<u8>)> {
    let mut parts = text.split('-');
    let year = parts.next()?;
    let month: usize = parts.next()?.parse().ok()?;
    let day = match parts.next() {
        Some(day) => Some(day.parse().ok()?),
        None => None,
    };
    let sound = year.len() == 4
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=12).contains(&month)
        && parts.next().is_none();
    sound.then_some((year, month, day))
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}

/// `snake_case` ids as plain words.
pub(crate) fn words(id: &str) -> String {
    id.replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_use_the_largest_whole_unit() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(1023), "1,023 bytes");
        assert_eq!(bytes(1024), "1.0 KiB");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(1024 * 1024 - 1), "1,023 KiB");
        assert_eq!(bytes(5 << 40), "5.0 TiB");
    }

    #[test]
    fn bounds_round_outward() {
        assert_eq!(decimal("3409.51", 1, Outward::Down), "3,409.5");
        assert_eq!(decimal("3409.51", 1, Outward::Up), "3,409.6");
        assert_eq!(decimal("999.99", 1, Outward::Up), "1,000");
        assert_eq!(decimal("-0.04", 1, Outward::Down), "\u{2212}0.1");
        assert_eq!(decimal("-0.04", 1, Outward::Up), "0");
        assert_eq!(decimal("2491", 1, Outward::Up), "2,491");
        assert_eq!(decimal("<b>", 1, Outward::Up), "<b>");
    }

    #[test]
    fn shares_become_percentages() {
        assert_eq!(percent("0.958333", Outward::Down), "95.8%");
        assert_eq!(percent("0.958333", Outward::Up), "95.9%");
        assert_eq!(percent("1", Outward::Down), "100%");
        assert_eq!(percent("1.000000", Outward::Up), "100%");
        assert_eq!(percent("0.000000", Outward::Down), "0%");
        assert_eq!(percent("unknown", Outward::Down), "unknown");
    }

    #[test]
    fn dates_and_months_are_words() {
        assert_eq!(date("2025-06-20"), "20 June 2025");
        assert_eq!(date("2025-07-05T00:00:00Z"), "5 July 2025");
        assert_eq!(date("soon"), "soon");
        assert_eq!(month("2025-01"), "January 2025");
        assert_eq!(month("2025-13"), "2025-13");
        assert_eq!(
            month_short("2025-03"),
            ("Mar".to_owned(), "2025".to_owned())
        );
    }

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(listed::<&str>(&[]), "");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }
}
