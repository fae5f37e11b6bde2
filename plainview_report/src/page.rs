//! `report.html`: one page, no script, nothing loaded, made to be read from the top.
//!
//! Order: what is claimed and what the records show, billed against listed, the stores, the
//! sources, what was reviewed day by day, what could not be read, what the report cannot say, how to check it. Text of records
//! may be hostile: the template escapes it, and the finished page is swept once more for the
//! characters that turn the direction of text around or are invisible.

mod accounts;
mod claims;
mod days;
mod sources;
mod stores;

use askama::Template;

use crate::review::{CaseReview, PartyReview, StoreReview};
use crate::withhold::{listed_by_protected_alone, withhold};
use crate::{Error, Review, figures};

/// The stylesheet, inlined.
const STYLE: &str = include_str!("../templates/report.css");

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    style: &'static str,
    review: &'a Review,
    case: &'a CaseReview,
    period: String,
    accounts_in_scope: String,
    measure: &'static str,
    readers: String,
    disclosure: &'static str,
    claims: Vec<claims::ClaimView>,
    accounts: Vec<accounts::AccountView>,
    assumption: &'static str,
    stores: Vec<stores::StoreView>,
    stores_left_out: String,
    sources: Vec<sources::SourceView>,
    days: days::DaysView,
    coverage: Vec<sources::CoverageView>,
}

/// The page for a review, without what protected sources keep out of every output.
///
/// The page carries a content security policy that forbids every load, so even a mistake here
/// could not fetch anything.
pub fn report_html(review: &Review) -> Result<String, Error> {
    let review = &withhold(review);
    let case = &review.case;
    let shown = review.stores.len().min(stores::STORES_MAX);
    let left_out = review.stores.len() - shown;
    let page = Page {
        style: STYLE,
        review,
        case,
        period: format!(
            "{} up to, not including, {} (UTC)",
            figures::date(&case.scope.from),
            figures::date(&case.scope.to)
        ),
        accounts_in_scope: figures::listed(&case.scope.accounts),
        measure: match case.scope.measure.as_str() {
            "count" => "Each store and month counts the same.",
            _ => "Stores and months are weighed by bytes held times hours.",
        },
        readers: format!(
            "{}, on this basis: {}. Approved by {}, until {}.",
            case.authority.who,
            case.authority.basis.trim_end_matches('.'),
            case.authority.approved_by,
            figures::date(&case.authority.until)
        ),
        disclosure: match case.disclosure.as_str() {
            "public" => "This report may be published.",
            "parties" => "This report is for the parties of the case only.",
            _ => "This report is private to those named above.",
        },
        claims: review
            .claims
            .iter()
            .map(|claim| claims::view(review, claim))
            .collect(),
        accounts: accounts::views(review)?,
        assumption: plainview_weigh::reconcile::ASSUMPTION_A1,
        stores: (review.stores[..shown].iter().enumerate())
            .map(|(number, store)| stores::view(store, number, floors(review, store)))
            .collect::<Result<_, _>>()?,
        stores_left_out: match left_out {
            0 => String::new(),
            left => format!(
                "{} not printed here; review.json has them all.",
                figures::counted(left as u128, "more store is", "more stores are")
            ),
        },
        sources: review
            .sources
            .iter()
            .map(|source| sources::view(case, source))
            .collect(),
        days: days::view(review)?,
        coverage: sources::coverage(review),
    };
    Ok(visible(&page.render()?))
}

/// Whether the totals of a store were rounded because protected sources alone list it.
fn floors(review: &Review, store: &StoreReview) -> stores::Floors {
    if listed_by_protected_alone(store, &review.sources) {
        stores::Floors::Protected
    } else {
        stores::Floors::Exact
    }
}

/// The printed name of a party: its name, or the id when the case does not know it.
fn party_name(case: &CaseReview, id: &str) -> String {
    let known = case.parties.iter().find(|party| party.id == id);
    known.map_or_else(|| id.to_owned(), |party: &PartyReview| party.name.clone())
}

/// Replaces what a reader cannot see or what reorders the text around it by its code point in
/// brackets. Joiners of scripts that need them stay.
fn visible(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    for letter in page.chars() {
        let hidden = matches!(letter,
            '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
            | '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
        if hidden {
            let shown = format!("[U+{:04X}]", u32::from(letter));
            out.push_str(&shown);
        } else {
            out.push(letter);
        }
    }
    out
}

/// Record text for a table cell: shortened to 240 characters, saying by how much.
fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 240;
    match text.char_indices().nth(CHARACTERS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => {
            let left = text[end..].chars().count();
            let left = figures::counted(left as u128, "more character", "more characters");
            format!("{}\u{2026} ({left})", &text[..end])
        }
    }
}

/// The text with its first letter in upper case.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown_as_code_points() {
        assert_eq!(visible("gpj.\u{202e}exe"), "gpj.[U+202E]exe");
        assert_eq!(visible("a\u{0}b\u{feff}\n\t"), "a[U+0000]b[U+FEFF]\n\t");
        assert_eq!(visible("ne\u{200c}ed"), "ne\u{200c}ed");
    }

    #[test]
    fn long_text_is_shortened_by_characters() {
        let long = "é".repeat(241);
        assert!(shortened(&long).ends_with("é\u{2026} (1 more character)"));
        assert_eq!(shortened("short"), "short");
    }
}
