//! `[[predicate]]` and `[[claim]]`.
//!
//! It refuses a claim without exactly one test, a claim over an empty period or beyond the accounts
//! under review, and quantities whose unit does not fit what is measured.

use super::head::period_holds;
use super::names::Names;
use super::sources::misplaced;
use super::{every, set};
use crate::claim::{
    Claim, ClaimKind, ClaimScope, Comparison, ProcessProperty, QuantityMeasure, StorageKind,
    Template, Unit, UnitFamily,
};
use crate::diagnostic::Code;
use crate::nearest::nearest;
use crate::register::{Account, Predicate, Scope};
use crate::section::{IdForm, Section, parse_date};
use crate::span::{Span, Spanned, Words};
use crate::words::words;
use jiff::civil::Date;
use std::collections::BTreeMap;

const CLAIM_KEYS: &[&str] = &[
    "id",
    "text",
    "claimant",
    "stated_at",
    "template",
    "kind",
    "about",
    "accounts",
    "from",
    "to",
    "residue",
    "list",
    "persons",
    "topic",
    "predicate",
    "measure",
    "op",
    "value",
    "unit",
    "property",
];

/// Keys that belong to one test only, with the word of that test.
const KEYS_OF_TESTS: &[(&str, &[&str])] = &[
    ("list", &["full-list-of-stores"]),
    ("persons", &["unaware-until"]),
    ("topic", &["unaware-until"]),
    ("predicate", &["exists", "none", "found-none"]),
    ("measure", &["quantity"]),
    ("op", &["quantity"]),
    ("value", &["quantity"]),
    ("unit", &["quantity"]),
    ("property", &["process"]),
];

/// The templates as written, for messages.
const TEMPLATES: &[&str] = &[
    "full-list-of-stores",
    "no-evidence-of",
    "not-in-region",
    "not-a-customer-of",
    "unaware-until",
];

words! {
    /// The kinds of claims for experts.
    enum ExpertKind {
        /// Something exists.
        Exists = "exists",
        /// Nothing exists.
        None = "none",
        /// A review found none.
        FoundNone = "found-none",
        /// A quantity compares to a value.
        Quantity = "quantity",
        /// A property of the review itself.
        Process = "process",
    }
}

pub(super) fn predicates(root: &Section<'_>) -> Option<Vec<Predicate>> {
    let sections = root.sections("predicate");
    let mut predicates = every(&sections, |section| {
        section.allow_only(&["id", "kind", "text", "sql"]);
        let id = section.need_id(IdForm::Lower);
        let kind = section.need_word("kind");
        let text = section.need_text("text", "\"what it tests, in plain English\"");
        let sql = section.need_text("sql", "\"select ...\"");
        Some(Predicate {
            id: id?.value,
            kind: kind?,
            text: text?.value,
            sql: sql?.value,
        })
    })?;
    predicates.sort_by(|a, b| a.id.cmp(&b.id));
    Some(predicates)
}

pub(super) fn claims(
    root: &Section<'_>,
    names: &Names,
    scope: Option<&Scope>,
) -> Option<Vec<Claim>> {
    let sections = root.sections("claim");
    if sections.is_empty() && !root.has("claim") {
        let words = Words {
            message: "this case has no claim, so there is nothing to decide".into(),
            expected: "at least one section that starts with the line [[claim]]".into(),
            ..Words::default()
        };
        root.sheet.report(Code::NoClaims, &root.span, words);
    }
    let mut families = Families::default();
    let mut claims = every(&sections, |section| {
        claim(section, names, scope, &mut families)
    })?;
    claims.sort_by(|a, b| a.id.cmp(&b.id));
    Some(claims)
}

fn claim(
    section: &Section<'_>,
    names: &Names,
    scope: Option<&Scope>,
    families: &mut Families,
) -> Option<Claim> {
    section.allow_only(CLAIM_KEYS);
    let id = section.need_id(IdForm::Mixed);
    let text = section.need_text("text", "\"the quoted statement\"");
    let claimant = section.need_texts("claimant", "[\"a party id\"]");
    let claimant = names.party_list(section.sheet, claimant);
    let stated_at = section.need_date("stated_at");
    let kind = claim_kind(section, names);
    if let Some(ClaimKind::Quantity { unit, .. }) = &kind {
        families.check(section, id.as_ref(), *unit);
        if let Some(text) = &text {
            unit_in_quote(section, text, *unit);
        }
    }
    let about = names.party_list(section.sheet, section.texts("about"));
    let residue = section
        .texts("residue")
        .into_iter()
        .map(|term| term.value)
        .collect();
    let claim_scope = claim_scope(section, scope);
    Some(Claim {
        id: id?.value,
        text: text?.value,
        claimant: claimant?,
        stated_at: stated_at?.value,
        kind: kind?,
        about: about?,
        scope: claim_scope?,
        residue,
    })
}

/// The scope as stated, completed from the scope of the case.
fn claim_scope(section: &Section<'_>, scope: Option<&Scope>) -> Option<ClaimScope> {
    let accounts = section.accounts(section.texts("accounts"));
    let from = section.date("from");
    let to = section.date("to");
    let scope = scope?;
    for account in accounts
        .iter()
        .filter(|account| !scope.accounts.contains(&account.value))
    {
        outside(section, account, scope);
    }
    let start = from.as_ref().map_or(scope.from, |date| date.value);
    let end = to.unwrap_or_else(|| Spanned {
        value: scope.to,
        span: from
            .as_ref()
            .map_or_else(|| section.span.clone(), |date| date.span.clone()),
    });
    if !period_holds(section, start, &end, "the period of this claim") {
        return None;
    }
    check_period(section, start, &end, scope);
    let accounts: Vec<Account> = set(accounts.into_iter().map(|account| account.value));
    let accounts = if accounts.is_empty() {
        scope.accounts.clone()
    } else {
        accounts
    };
    Some(ClaimScope {
        accounts,
        from: start,
        to: end.value,
    })
}

fn outside(section: &Section<'_>, account: &Spanned<Account>, scope: &Scope) {
    let reviewed: Vec<String> = scope.accounts.iter().map(ToString::to_string).collect();
    let words = Words {
        message: format!(
            "the claim covers `{}`, which is not under review",
            account.value
        ),
        found: format!("`{}`", account.value),
        expected: format!(
            "an account of [scope]: {}; add it there if the claim covers it, and it will count as not reached",
            reviewed.join(", ")
        ),
        nearest: nearest(
            &account.value.to_string(),
            reviewed.iter().map(String::as_str),
        )
        .map(str::to_owned),
    };
    section
        .sheet
        .report(Code::OutsideScope, &account.span, words);
}

/// A claim that never meets the period under review cannot be decided; one that only reaches beyond it
/// can, and METHOD section 11 (PV103) has the report say so.
fn check_period(section: &Section<'_>, from: Date, to: &Spanned<Date>, scope: &Scope) {
    let apart = to.value <= scope.from || scope.to <= from;
    let beyond = from < scope.from || scope.to < to.value;
    if !apart && !beyond {
        return;
    }
    let (code, message) = if apart {
        (
            Code::OutsideScope,
            "the claim's period does not meet the period under review",
        )
    } else {
        (
            Code::BeyondScope,
            "the claim's period reaches beyond the period under review",
        )
    };
    let words = Words {
        message: message.into(),
        found: format!("from {from} to {}", to.value),
        expected: format!("days from {} to {}, as in [scope]", scope.from, scope.to),
        nearest: None,
    };
    section.sheet.report(code, &to.span, words);
}

fn claim_kind(section: &Section<'_>, names: &Names) -> Option<ClaimKind> {
    match (section.has("template"), section.has("kind")) {
        (true, false) => {
            let written = section.text("template")?;
            report_misplaced(
                section,
                written.value.split_whitespace().next().unwrap_or_default(),
            );
            template(section, &written, names).map(|template| ClaimKind::Template { template })
        }
        (false, true) => {
            let kind: ExpertKind = section.word("kind")?;
            report_misplaced(section, kind.as_str());
            expert(section, kind, names)
        }
        (both, _) => {
            let words = Words {
                message: format!(
                    "this claim names {} test",
                    if both { "more than one" } else { "no" }
                ),
                expected: format!(
                    "either `template` ({}) or `kind`, for experts",
                    TEMPLATES.join(", ")
                ),
                ..Words::default()
            };
            let span = if both {
                section.key_span("kind")
            } else {
                section.span.clone()
            };
            section.sheet.report(Code::ClaimTest, &span, words);
            None
        }
    }
}

/// Reports keys that belong to another test than the one this claim names.
fn report_misplaced(section: &Section<'_>, test: &str) {
    let named =
        TEMPLATES.contains(&test) || ExpertKind::ALL.iter().any(|kind| kind.as_str() == test);
    for (key, tests) in KEYS_OF_TESTS {
        if named && section.has(key) && !tests.contains(&test) {
            misplaced(
                section,
                key,
                &format!(
                    "it belongs to {}, and this claim is `{test}`",
                    tests.join(", ")
                ),
            );
        }
    }
}

fn template(section: &Section<'_>, written: &Spanned<String>, names: &Names) -> Option<Template> {
    let text = written.value.trim();
    let (word, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let argument = Spanned {
        value: argument.trim().to_owned(),
        span: written.span.clone(),
    };
    match word {
        "full-list-of-stores" => {
            if !argument.value.is_empty() {
                bad_argument(
                    section,
                    word,
                    &argument,
                    "nothing after it; the sources go into `list`",
                );
            }
            full_list(section, names)
        }
        "no-evidence-of" => storage_kind(section, &argument)
            .map(|storage_kind| Template::NoEvidenceOf { storage_kind }),
        "not-in-region" => needed(
            section,
            word,
            argument,
            "a region, such as `not-in-region eu-central-1`",
        )
        .map(|region| Template::NotInRegion { region }),
        "not-a-customer-of" => needed(
            section,
            word,
            argument,
            "the name of a service, as bills write it",
        )
        .map(|service| Template::NotACustomerOf { service }),
        "unaware-until" => unaware(section, &argument, names),
        other => {
            let unknown = Spanned {
                value: other.to_owned(),
                span: written.span.clone(),
            };
            section.unknown_word(
                Code::UnknownTemplate,
                "template",
                &unknown,
                TEMPLATES.iter().copied(),
            );
            None
        }
    }
}

fn bad_argument(section: &Section<'_>, word: &str, argument: &Spanned<String>, expected: &str) {
    let found = if argument.value.is_empty() {
        "nothing after it".to_owned()
    } else {
        format!("`{}`", argument.value)
    };
    let words = Words {
        message: format!("the template `{word}` has the wrong argument"),
        found,
        expected: expected.to_owned(),
        nearest: None,
    };
    section
        .sheet
        .report(Code::TemplateArgument, &argument.span, words);
}

fn needed(
    section: &Section<'_>,
    word: &str,
    argument: Spanned<String>,
    expected: &str,
) -> Option<String> {
    if argument.value.is_empty() {
        bad_argument(section, word, &argument, expected);
        return None;
    }
    Some(argument.value)
}

/// The sources that are "the list"; every inventory when the claim does not say.
fn full_list(section: &Section<'_>, names: &Names) -> Option<Template> {
    if section.has("list") {
        let list = section.need_texts("list", "[\"a source id\"]");
        return names
            .source_list(section.sheet, list)
            .map(|list| Template::FullListOfStores { list });
    }
    if names.inventories.is_empty() {
        section.need("list", "[\"a source id\"]");
        return None;
    }
    Some(Template::FullListOfStores {
        list: set(names.inventories.iter().cloned()),
    })
}

fn storage_kind(section: &Section<'_>, argument: &Spanned<String>) -> Option<StorageKind> {
    let kinds = StorageKind::ALL.iter().map(|kind| kind.as_str());
    if argument.value.is_empty() {
        let expected = format!("a kind of use: {}", kinds.collect::<Vec<_>>().join(", "));
        bad_argument(section, "no-evidence-of", argument, &expected);
        return None;
    }
    let kind = argument.value.parse().ok();
    if kind.is_none() {
        section.unknown_word(Code::UnknownStorageKind, "kind of use", argument, kinds);
    }
    kind
}

fn unaware(section: &Section<'_>, argument: &Spanned<String>, names: &Names) -> Option<Template> {
    let until = parse_date(&argument.value);
    if until.is_none() {
        bad_argument(
            section,
            "unaware-until",
            argument,
            "a day, such as `unaware-until 2025-01-31`",
        );
    }
    let persons = section.need_texts("persons", "[\"a party id\"]");
    for person in &persons {
        // An undeclared party is reported as such below.
        if names.parties.contains(&person.value) && !names.persons.contains(&person.value) {
            let words = Words {
                message: format!("the party `{}` is not a person", person.value),
                found: format!("`{}`", person.value),
                expected: "a party with kind = \"person\": only persons can be unaware".into(),
                nearest: nearest(&person.value, names.persons.iter().map(String::as_str))
                    .map(str::to_owned),
            };
            section.sheet.report(Code::NotAPerson, &person.span, words);
        }
    }
    let persons = names.party_list(section.sheet, persons);
    let topic = section.need_text("topic", "\"what they are said not to have known\"");
    Some(Template::UnawareUntil {
        until: until?,
        persons: persons?,
        topic: topic?.value,
    })
}

fn expert(section: &Section<'_>, kind: ExpertKind, names: &Names) -> Option<ClaimKind> {
    let predicate = || {
        let id = section.need_text("predicate", "\"a predicate id\"")?;
        names.predicate(section.sheet, id)
    };
    match kind {
        ExpertKind::Exists => predicate().map(|predicate| ClaimKind::Exists { predicate }),
        ExpertKind::None => predicate().map(|predicate| ClaimKind::None { predicate }),
        ExpertKind::FoundNone => predicate().map(|predicate| ClaimKind::FoundNone { predicate }),
        ExpertKind::Quantity => quantity(section),
        ExpertKind::Process => section
            .need_word::<ProcessProperty>("property")
            .map(|property| ClaimKind::Process { property }),
    }
}

fn quantity(section: &Section<'_>) -> Option<ClaimKind> {
    let measure: Option<QuantityMeasure> = section.need_word("measure");
    let op: Option<Comparison> = section.need_word("op");
    section.need("value", "\"12.5\"");
    let value = section.decimal("value");
    if let Some(value) = value.as_ref().filter(|value| value.value.is_negative()) {
        let _: Option<()> = section.bad_number("value", &value.span, "a decimal of 0 or more");
    }
    let unit: Option<Unit> = section.need_word("unit");
    if let (Some(measure), Some(unit)) = (measure, unit)
        && unit.measure() != measure
    {
        unit_mismatch(section, measure, unit);
        return None;
    }
    Some(ClaimKind::Quantity {
        measure: measure?,
        op: op?,
        value: value?.value,
        unit: unit?,
    })
}

fn unit_mismatch(section: &Section<'_>, measure: QuantityMeasure, unit: Unit) {
    let fitting = Unit::ALL.iter().filter(|unit| unit.measure() == measure);
    let fitting: Vec<&str> = fitting.map(|unit| unit.as_str()).collect();
    let words = Words {
        message: format!("the unit `{unit}` does not measure `{measure}`"),
        found: format!("`{unit}`, which measures `{}`", unit.measure()),
        expected: format!("one of {}", fitting.join(", ")),
        nearest: nearest(unit.as_str(), fitting.iter().copied()).map(str::to_owned),
    };
    section
        .sheet
        .report(Code::UnitMismatch, &section.value_span("unit"), words);
}

/// The first decimal and the first binary unit of the case: the two must not both occur.
#[derive(Default)]
struct Families(BTreeMap<UnitFamily, (Unit, String, usize)>);

impl Families {
    fn check(&mut self, section: &Section<'_>, id: Option<&Spanned<String>>, unit: Unit) {
        let span: Span = section.value_span("unit");
        let other = match unit.family() {
            UnitFamily::Neutral => return,
            UnitFamily::Decimal => UnitFamily::Binary,
            UnitFamily::Binary => UnitFamily::Decimal,
        };
        if let Some((first, claim, line)) = self.0.get(&other) {
            let words = Words {
                message: format!(
                    "`{unit}` and `{first}` are mixed: one counts in powers of 1000, the other of 1024"
                ),
                found: format!("`{unit}` here, `{first}` in claim {claim} on line {line}"),
                expected: "units of one family, or B, byte_hours and count, which fit both".into(),
                nearest: None,
            };
            section.sheet.report(Code::MixedUnits, &span, words);
        }
        let claim = id.map_or_else(String::new, |id| id.value.clone());
        self.0
            .entry(unit.family())
            .or_insert_with(|| (unit, claim, section.sheet.line_of(span.start)));
    }
}

/// Warns when the quoted words name a unit of the other family than the one registered (METHOD G-K4).
fn unit_in_quote(section: &Section<'_>, text: &Spanned<String>, unit: Unit) {
    let words = text.value.split(|c: char| !c.is_alphanumeric() && c != '_');
    let named = words
        .filter_map(|word| {
            word.trim_start_matches(|c: char| c.is_ascii_digit())
                .parse::<Unit>()
                .ok()
        })
        .find(|named| named.family() != UnitFamily::Neutral && named.family() != unit.family());
    let Some(named) = named.filter(|_| unit.family() != UnitFamily::Neutral) else {
        return;
    };
    let span = section.value_span("unit");
    let words = Words {
        message: format!("the quoted text says `{named}` and the claim is registered in `{unit}`"),
        found: format!("`{unit}`"),
        expected: "the unit of the quote, unless its speaker meant the other one".into(),
        nearest: Some(named.as_str().to_owned()),
    };
    section.sheet.report(Code::UnitInQuote, &span, words);
}
