//! `[case]`, `[case.authority]`, `[scope]` and `[standard]`.
//!
//! It refuses an empty period under review: METHOD section 18, point 1, makes that an error of the
//! register rather than a finding about the records.

use super::set;
use crate::decimal::Decimal;
use crate::diagnostic::Code;
use crate::register::{Account, Authority, Case, Disclosure, Measure, Scope, Standard, StoreRef};
use crate::section::{IdForm, Section};
use crate::span::{Spanned, Words};
use jiff::civil::Date;

/// Largest integer that every JSON reader keeps exactly (RFC 8785).
const INTEGER_MAX: i64 = 9_007_199_254_740_991;

pub(super) fn case(root: &Section<'_>) -> Option<Case> {
    let case = root.need_section("case", "[case]")?;
    case.allow_only(&[
        "id",
        "title",
        "opened",
        "dispute_date",
        "disclosure",
        "fictional",
        "authority",
    ]);
    let id = case.need_id(IdForm::Lower);
    let title = case.need_text("title", "\"What this case is about\"");
    let opened = case.need_date("opened");
    let dispute_date = case.date("dispute_date");
    let disclosure = case.word("disclosure").unwrap_or(Disclosure::Private);
    let fictional = case.flag("fictional").unwrap_or(false);
    let authority = case
        .need_section("authority", "[case.authority]")
        .and_then(|section| authority(&section, opened.as_ref()));
    Some(Case {
        id: id?.value,
        title: title?.value,
        opened: opened?.value,
        dispute_date: dispute_date.map(|date| date.value),
        disclosure,
        fictional,
        authority: authority?,
    })
}

fn authority(section: &Section<'_>, opened: Option<&Spanned<Date>>) -> Option<Authority> {
    section.allow_only(&["who", "basis", "approved_by", "until"]);
    let who = section.need_text("who", "\"who may read these records\"");
    let basis = section.need_text("basis", "\"on what basis\"");
    let approved_by = section.need_text("approved_by", "\"who approved it\"");
    let until = section.need_date("until");
    if let (Some(until), Some(opened)) = (&until, opened)
        && until.value < opened.value
    {
        let words = Words {
            message: "the authority ended before the case was opened".into(),
            found: until.value.to_string(),
            expected: format!("a day on or after {}", opened.value),
            nearest: None,
        };
        section.sheet.report(Code::EmptyPeriod, &until.span, words);
    }
    Some(Authority {
        who: who?.value,
        basis: basis?.value,
        approved_by: approved_by?.value,
        until: until?.value,
    })
}

pub(super) fn scope(root: &Section<'_>) -> Option<Scope> {
    let scope = root.need_section("scope", "[scope]")?;
    scope.allow_only(&["from", "to", "accounts", "stores", "measure"]);
    let from = scope.need_date("from");
    let to = scope.need_date("to");
    let accounts = scope.accounts(scope.need_texts("accounts", "[\"aws/111122223333\"]"));
    let measure = scope.word("measure").unwrap_or(Measure::ByteHours);
    let known: Vec<Account> = set(accounts.into_iter().map(|account| account.value));
    let stores = scope
        .texts("stores")
        .into_iter()
        .filter_map(|text| store(&scope, &text, &known));
    let stores = set(stores);
    let (from, to) = (from?, to?);
    if !period_holds(&scope, from.value, &to, "the period under review") || known.is_empty() {
        return None;
    }
    Some(Scope {
        from: from.value,
        to: to.value,
        accounts: known,
        stores,
        measure,
    })
}

fn store(scope: &Section<'_>, text: &Spanned<String>, accounts: &[Account]) -> Option<StoreRef> {
    let Some(store) = StoreRef::parse(&text.value) else {
        let words = Words {
            message: format!("`{}` is not a store", text.value),
            found: format!("`{}`", text.value),
            expected: "provider/account/container, such as aws/111122223333/calls-eu".into(),
            nearest: None,
        };
        scope.sheet.report(Code::BadAccount, &text.span, words);
        return None;
    };
    if accounts.contains(&store.account) {
        return Some(store);
    }
    let names: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let account = store.account.to_string();
    let words = Words {
        message: format!("the store `{store}` is in an account that is not under review"),
        found: format!("`{account}`"),
        expected: format!("an account of [scope]: {}", names.join(", ")),
        nearest: crate::nearest::nearest(&account, names.iter().map(String::as_str))
            .map(str::to_owned),
    };
    scope.sheet.report(Code::OutsideScope, &text.span, words);
    None
}

/// Whether a half-open period is not empty; reported at its end when it is.
pub(super) fn period_holds(
    section: &Section<'_>,
    from: Date,
    to: &Spanned<Date>,
    what: &str,
) -> bool {
    if from < to.value {
        return true;
    }
    let words = Words {
        message: format!("{what} is empty: it ends where it starts or before"),
        found: format!("from {from} to {}", to.value),
        expected: format!("a day after {from}; the last day itself is not included"),
        nearest: None,
    };
    section.sheet.report(Code::EmptyPeriod, &to.span, words);
    false
}

pub(super) fn standard(root: &Section<'_>) -> Option<Standard> {
    let default = Standard::default();
    if !root.has("standard") {
        return Some(default);
    }
    let section = root.section("standard", "[standard]")?;
    section.allow_only(&[
        "alpha",
        "power",
        "reach",
        "continuity",
        "standard",
        "level",
        "design_share",
        "removal_depth",
        "tau_floor_gib_month",
        "tau_share",
        "d_tol",
        "m_tol_gib_month",
    ]);
    let small = |key: &str, range, default: u8| {
        section
            .integer(key, range)
            .and_then(|number| u8::try_from(number).ok())
            .unwrap_or(default)
    };
    Some(Standard {
        alpha: share(&section, "alpha", Ends::BothOpen).unwrap_or(default.alpha),
        power: share(&section, "power", Ends::BothOpen).unwrap_or(default.power),
        reach: share(&section, "reach", Ends::OneIncluded).unwrap_or(default.reach),
        continuity: share(&section, "continuity", Ends::OneIncluded).unwrap_or(default.continuity),
        standard: section.word("standard").unwrap_or(default.standard),
        level: small("level", 0..=2, default.level),
        design_share: share(&section, "design_share", Ends::OneIncluded)
            .unwrap_or(default.design_share),
        removal_depth: small("removal_depth", 1..=3, default.removal_depth),
        tau_floor_gib_month: not_negative(&section, "tau_floor_gib_month")
            .unwrap_or(default.tau_floor_gib_month),
        tau_share: share(&section, "tau_share", Ends::ZeroIncluded).unwrap_or(default.tau_share),
        d_tol: section
            .integer("d_tol", 0..=INTEGER_MAX)
            .and_then(|number| u64::try_from(number).ok())
            .unwrap_or(default.d_tol),
        m_tol_gib_month: not_negative(&section, "m_tol_gib_month"),
    })
}

/// Which ends of 0 to 1 a share may take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    BothOpen,
    OneIncluded,
    ZeroIncluded,
}

fn share(section: &Section<'_>, key: &str, ends: Ends) -> Option<Decimal> {
    let share = section.decimal(key)?;
    let (unscaled, scale) = share.value.scaled();
    let one = 10_i128.pow(scale);
    let above_zero = unscaled > 0 || (unscaled == 0 && ends == Ends::ZeroIncluded);
    let below_one = unscaled < one || (unscaled == one && ends == Ends::OneIncluded);
    if above_zero && below_one {
        return Some(share.value);
    }
    let expected = match ends {
        Ends::BothOpen => "a decimal above 0 and below 1, such as \"0.05\"",
        Ends::OneIncluded => "a decimal above 0 and at most 1, such as \"0.95\"",
        Ends::ZeroIncluded => "a decimal from 0 to below 1, such as \"0.005\"",
    };
    section.bad_number(key, &share.span, expected)
}

fn not_negative(section: &Section<'_>, key: &str) -> Option<Decimal> {
    let number = section.decimal(key)?;
    if number.value.is_negative() {
        return section.bad_number(key, &number.span, "a decimal of 0 or more, such as \"1\"");
    }
    Some(number.value)
}
