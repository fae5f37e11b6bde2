//! `[[control_total]]` and `[[withheld]]`.
//!
//! It refuses a total that its source cannot have, and a withheld part outside the scope: neither would ever
//! count, and its author would believe that it does.

use super::head::period_holds;
use super::names::Names;
use super::sources::misplaced;
use super::{every, set};
use crate::coverage::{ControlTotal, Totalled, Withheld, WithheldState};
use crate::decimal::Decimal;
use crate::diagnostic::Code;
use crate::nearest::nearest;
use crate::register::{Account, Scope};
use crate::section::Section;
use crate::source::{MappedTable, Source};
use crate::span::{Spanned, Words};
use crate::words::Word;

pub(super) fn control_totals(
    root: &Section<'_>,
    names: &Names,
    sources: Option<&[Source]>,
    scope: Option<&Scope>,
) -> Option<Vec<ControlTotal>> {
    let sections = root.sections("control_total");
    let mut totals = every(&sections, |section| {
        control_total(section, names, sources, scope)
    })?;
    totals.sort_by_key(|total| {
        (
            total.source.clone(),
            total.what,
            total.account.clone(),
            total.month.clone(),
            total.party.clone(),
            total.date,
            total.value.to_string(),
        )
    });
    Some(totals)
}

fn control_total(
    section: &Section<'_>,
    names: &Names,
    sources: Option<&[Source]>,
    scope: Option<&Scope>,
) -> Option<ControlTotal> {
    section.allow_only(&[
        "source",
        "what",
        "account",
        "month",
        "value",
        "currency",
        "tolerance",
        "party",
        "date",
        "from",
    ]);
    let source = section
        .need_text("source", "\"a source id\"")
        .and_then(|id| names.source(section.sheet, id));
    let what: Option<Totalled> = section.need_word("what");
    if let (Some(what), Some(id)) = (what, &source) {
        fits(section, what, sources?.iter().find(|s| s.id == *id));
    }
    let account = section.account("account");
    inside(section, account.as_ref(), scope);
    let month = section.text("month").map(|text| month(section, text));
    section.need("value", "\"1234.56\"");
    let value = section.decimal("value");
    if what == Some(Totalled::Cost) {
        section.need("currency", "\"USD\"");
    } else if what.is_some() && section.has("currency") {
        misplaced(section, "currency", "only a total of `cost` has one");
    }
    let tolerance = tolerance(section);
    let party = section
        .need_text("party", "\"a party id\"")
        .and_then(|id| names.party(section.sheet, id));
    let date = section.need_date("date");
    Some(ControlTotal {
        source: source?,
        what: what?,
        account: account.map(|account| account.value),
        month: match month {
            Some(month) => Some(month?),
            None => None,
        },
        value: value?.value,
        currency: section.text("currency").map(|text| text.value),
        tolerance: tolerance?,
        party: party?,
        date: date?.value,
        from: section.text("from").map(|text| text.value),
    })
}

/// Zero when it is not written; never negative.
fn tolerance(section: &Section<'_>) -> Option<Decimal> {
    if !section.has("tolerance") {
        return Decimal::parse("0");
    }
    let tolerance = section.decimal("tolerance")?;
    if tolerance.value.as_str().starts_with('-') {
        return section.bad_number(
            "tolerance",
            &tolerance.span,
            "a decimal that is not negative, such as \"0.01\"",
        );
    }
    Some(tolerance.value)
}

/// Reports a total of something that the source's format does not hold.
fn fits(section: &Section<'_>, what: Totalled, source: Option<&Source>) {
    let Some(source) = source else { return };
    let needs = match what {
        Totalled::Rows => return,
        Totalled::Cost => MappedTable::Charges,
        Totalled::Bytes => MappedTable::Objects,
    };
    if source.fills().contains(&needs) {
        return;
    }
    let words = Words {
        message: format!("`{}` has no {what} to be summed", source.id),
        found: format!("a source of the format `{}`", source.format),
        expected: format!("a source that fills the table `{needs}`"),
        nearest: None,
    };
    section
        .sheet
        .report(Code::TotalDoesNotFit, &section.value_span("what"), words);
}

fn inside(section: &Section<'_>, account: Option<&Spanned<Account>>, scope: Option<&Scope>) {
    let (Some(account), Some(scope)) = (account, scope) else {
        return;
    };
    if scope.accounts.contains(&account.value) {
        return;
    }
    let written = account.value.to_string();
    let reviewed: Vec<String> = scope.accounts.iter().map(ToString::to_string).collect();
    let words = Words {
        message: format!("`{written}` is not under review"),
        found: format!("`{written}`"),
        expected: format!("an account of [scope]: {}", reviewed.join(", ")),
        nearest: nearest(&written, reviewed.iter().map(String::as_str)).map(str::to_owned),
    };
    section
        .sheet
        .report(Code::OutsideScope, &account.span, words);
}

fn month(section: &Section<'_>, text: Spanned<String>) -> Option<String> {
    let first = format!("{}-01", text.value);
    if crate::section::parse_date(&first).is_some() {
        return Some(text.value);
    }
    let words = Words {
        message: "`month` is not a month that can be read".into(),
        found: format!("`{}`", text.value),
        expected: "a month such as \"2025-03\"".into(),
        nearest: None,
    };
    section.sheet.report(Code::BadDate, &text.span, words);
    None
}

pub(super) fn withheld(
    root: &Section<'_>,
    names: &Names,
    scope: Option<&Scope>,
) -> Option<Vec<Withheld>> {
    let sections = root.sections("withheld");
    let mut parts = every(&sections, |section| part(section, names, scope))?;
    parts.sort_by_key(|part| {
        (
            part.account.clone(),
            part.stores.clone(),
            part.kinds.clone(),
            part.from,
            part.to,
            part.state,
            part.by.clone(),
            part.why.clone(),
        )
    });
    Some(parts)
}

fn part(section: &Section<'_>, names: &Names, scope: Option<&Scope>) -> Option<Withheld> {
    section.allow_only(&[
        "account", "stores", "kinds", "from", "to", "state", "by", "why",
    ]);
    section.need("account", "\"aws/111122223333\"");
    let account = section.account("account");
    inside(section, account.as_ref(), scope);
    let stores = section.texts("stores").into_iter().map(|text| text.value);
    let stores = set(stores);
    let kinds = kinds(section);
    let (from, to) = (section.date("from"), section.date("to"));
    if let (Some(from), Some(to)) = (&from, &to) {
        period_holds(section, from.value, to, "the period withheld");
    }
    let state = section.word("state").unwrap_or(WithheldState::Withheld);
    let by = section
        .need_text("by", "\"a party id\"")
        .and_then(|id| names.party(section.sheet, id));
    let why = section.need_text("why", "\"the reason that was given\"");
    Some(Withheld {
        account: account?.value,
        stores,
        kinds: kinds?,
        from: from.map(|day| day.value),
        to: to.map(|day| day.value),
        state,
        by: by?,
        why: why?.value,
    })
}

fn kinds(section: &Section<'_>) -> Option<Vec<MappedTable>> {
    let known = || {
        MappedTable::WORDS
            .iter()
            .filter(|(_, table)| *table != MappedTable::Documents)
    };
    let mut out = Vec::new();
    let mut wrong = false;
    for text in section.texts("kinds") {
        if let Some((_, table)) = known().find(|(word, _)| *word == text.value) {
            out.push(*table);
        } else {
            wrong = true;
            let words = known().map(|(word, _)| *word);
            section.unknown_word(Code::UnknownWord, "kinds", &text, words);
        }
    }
    (!wrong).then(|| set(out))
}
