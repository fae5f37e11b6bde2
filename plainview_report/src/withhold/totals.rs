//! Exact totals of protected sources inside texts, found by their value alone.
//!
//! A number is replaced only where it stands by itself: never a part of a date, a name, a share or
//! a longer number. A number that may well mean something else (under a hundred, or a year) is
//! replaced only beside a word that says what it counts.

use std::collections::BTreeSet;

use crate::Review;
use crate::figures::grouped;

use super::{listed_by_protected_alone, rounded};

/// Every exact total, row number and file figure that must not be published.
pub(super) fn totals(review: &Review) -> BTreeSet<u64> {
    let mut totals = BTreeSet::new();
    for source in review.sources.iter().filter(|source| source.protected) {
        totals.extend([source.files_total, source.bytes_total]);
        totals.extend(source.tables.values());
        totals.extend(source.files.iter().flat_map(|file| [file.rows, file.bytes]));
        let groups = review.coverage.groups.iter();
        for group in groups.filter(|group| group.source == source.id) {
            totals.extend([group.notices, group.rows_affected]);
            totals.extend(group.examples.iter().filter_map(|example| example.row));
        }
        let items = review.claims.iter().flat_map(|claim| &claim.verdict.items);
        let of_source = items.filter(|item| item.source == source.id);
        totals.extend(of_source.filter_map(|item| item.row.as_ref().map(|row| row.row_no)));
    }
    let stores = review.stores.iter();
    for store in stores.filter(|store| listed_by_protected_alone(store, &review.sources)) {
        totals.extend([store.objects, store.bytes]);
        totals.extend([store.unprofiled.objects, store.unprofiled.bytes]);
        for one in &store.collections {
            totals.extend([one.objects, one.bytes, one.sizes.known, one.times.known]);
        }
    }
    // One digit is all that is published of any total, so nothing is left to withhold of these.
    totals.retain(|total| *total >= 10);
    totals
}

/// The text with every total in it as its floor.
pub(super) fn floored(text: &str, totals: &BTreeSet<u64>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        out.push_str(&rest[..at]);
        let length = number_length(&rest[at..]);
        let (number, after) = rest[at..].split_at(length);
        match number.replace(',', "").parse::<u64>() {
            Ok(total) if totals.contains(&total) && stands_alone(&out, total, after) => {
                out.push_str(&stand_in(&out, total, number.contains(',')));
            }
            _ => out.push_str(number),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Bytes of the number a text starts with, its thousands separators included.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        let run = text.as_bytes()[from..].iter();
        run.take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut length = digits(0);
    while text[length..].starts_with(',') && digits(length + 1) == 3 {
        length += 4;
    }
    length
}

fn stands_alone(before: &str, total: u64, after: &str) -> bool {
    let joins = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':');
    let mut following = after.chars();
    let (next, second) = (following.next(), following.next());
    let continues = match next {
        Some('.' | '-' | ':') => second.is_some_and(char::is_alphanumeric),
        Some(letter) => letter.is_alphanumeric() || matches!(letter, '_' | '%'),
        None => false,
    };
    if continues || before.chars().next_back().is_some_and(joins) {
        return false;
    }
    if total >= 100 && !(1900..2100).contains(&total) {
        return true;
    }
    let counted = ["object", "row", "byte", "file"]
        .iter()
        .any(|unit| after.trim_start().starts_with(unit));
    counted || before.ends_with("row ") || before.ends_with("rows ")
}

fn stand_in(before: &str, total: u64, separated: bool) -> String {
    let bounded = ["most ", "than ", "to ", "row ", "rows "];
    if bounded.iter().any(|word| before.ends_with(word)) {
        return "a withheld number".to_owned();
    }
    let floor = rounded(total);
    let floor = if separated {
        grouped(u128::from(floor))
    } else {
        floor.to_string()
    };
    if before.to_lowercase().ends_with("at least ") {
        floor
    } else {
        format!("at least {floor}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_floored_where_it_stands_by_itself() {
        let totals = BTreeSet::from([31, 2025, 6230]);
        for (text, published) in [
            (
                "6230 of 6,230 objects.",
                "at least 6000 of at least 6,000 objects.",
            ),
            ("At least 6230 objects", "At least 6000 objects"),
            ("at most 6,230", "at most a withheld number"),
            ("see row 31", "see row a withheld number"),
            ("31 objects", "at least 30 objects"),
        ] {
            assert_eq!(floored(text, &totals), published);
        }
    }

    #[test]
    fn dates_names_shares_and_longer_numbers_stay() {
        let totals = BTreeSet::from([31, 2025, 6230]);
        for text in [
            "31 March 2025, 2025-03-31",
            "0.6230 and 6230.5",
            "16,230 and 6,230,000",
            "bucket-6230, x6230, 6230%",
            "31 stores",
        ] {
            assert_eq!(floored(text, &totals), text);
        }
    }
}
