//! `[[party]]` and `[[relation]]`.
//!
//! It refuses any tie that would infer interest from a person's nationality, ethnicity, religion or
//! family, and says so: interest comes from declared relations alone (METHOD 6.2, DESIGN section 1).

use super::head::period_holds;
use super::names::Names;
use super::{every, set};
use crate::diagnostic::Code;
use crate::register::{Party, Relation, RelationKind};
use crate::section::{IdForm, Section};
use crate::span::{Spanned, Words};
use std::collections::{BTreeMap, BTreeSet};

/// What a tie may not rest on, with the words that show that it does.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "nationality",
        &[
            "nation",
            "national",
            "nationals",
            "nationality",
            "citizen",
            "citizens",
            "citizenship",
            "compatriot",
            "countryman",
            "passport",
            "immigrant",
            "foreigner",
        ],
    ),
    (
        "ethnicity",
        &[
            "ethnic",
            "ethnicity",
            "race",
            "racial",
            "tribe",
            "tribal",
            "ancestry",
            "descent",
            "heritage",
            "caste",
        ],
    ),
    (
        "religion",
        &[
            "religion",
            "religious",
            "coreligionist",
            "faith",
            "church",
            "parish",
            "mosque",
            "synagogue",
            "temple",
            "jewish",
            "muslim",
            "christian",
            "hindu",
            "buddhist",
            "sikh",
        ],
    ),
    (
        "family",
        &[
            "family",
            "relative",
            "kin",
            "kinship",
            "married",
            "marriage",
            "spouse",
            "husband",
            "wife",
            "mother",
            "father",
            "child",
            "son",
            "daughter",
            "sibling",
            "brother",
            "sister",
            "cousin",
            "uncle",
            "aunt",
            "nephew",
            "niece",
            "grandparent",
            "grandchild",
            "inlaw",
        ],
    ),
];

pub(super) fn parties(root: &Section<'_>) -> Option<Vec<Party>> {
    let sections = root.sections("party");
    let mut addresses = BTreeMap::new();
    let mut domains = BTreeMap::new();
    let mut parties = every(&sections, |section| {
        section.allow_only(&["id", "name", "kind", "role", "addresses", "domains"]);
        let id = section.need_id(IdForm::Lower);
        let name = section.need_text("name", "\"Example Cloud\"");
        let kind = section.need_word("kind");
        let role = section.need_text("role", "\"provider\"");
        let owner = id.as_ref().map_or("", |id| id.value.as_str());
        let mail = owned(section, "addresses", owner, &mut addresses, is_address);
        let web = owned(section, "domains", owner, &mut domains, is_domain);
        Some(Party {
            id: id?.value,
            name: name?.value,
            kind: kind?,
            role: role?.value,
            addresses: mail,
            domains: web,
        })
    })?;
    parties.sort_by(|a, b| a.id.cmp(&b.id));
    Some(parties)
}

/// A party's addresses or domains, in lower case; those another party has are reported.
fn owned(
    section: &Section<'_>,
    key: &str,
    owner: &str,
    owners: &mut BTreeMap<String, String>,
    fits: fn(&str) -> bool,
) -> Vec<String> {
    let mut out = BTreeSet::new();
    for text in section.texts(key) {
        let lower = text.value.to_lowercase();
        let taken = owners.get(&lower).filter(|other| other.as_str() != owner);
        if !fits(&lower) || taken.is_some() {
            let expected = if key == "addresses" {
                "a mail address such as ops@example.org"
            } else {
                "a domain such as example.org"
            };
            let words = Words {
                message: match taken {
                    Some(other) => format!("`{lower}` already belongs to the party `{other}`"),
                    None => format!("`{}` cannot stand in `{key}`", text.value),
                },
                found: format!("`{}`", text.value),
                expected: format!("{expected} that belongs to one party only"),
                nearest: None,
            };
            section.sheet.report(Code::SharedAddress, &text.span, words);
            continue;
        }
        owners.insert(lower.clone(), owner.to_owned());
        out.insert(lower);
    }
    out.into_iter().collect()
}

fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.contains('@') && is_domain(domain)
    }) && !text.contains(char::is_whitespace)
}

fn is_domain(text: &str) -> bool {
    let fits =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-');
    text.contains('.') && text.split('.').all(fits)
}

pub(super) fn relations(root: &Section<'_>, names: &Names) -> Option<Vec<Relation>> {
    let sections = root.sections("relation");
    let mut seen = BTreeSet::new();
    let relations = every(&sections, |section| {
        section.allow_only(&["from", "kind", "to", "from_date", "to_date"]);
        let from = section.need_text("from", "\"a party id\"");
        let kind = relation_kind(section);
        if kind != Some(RelationKind::Anonymous) {
            section.need("to", "\"a party id\"");
        }
        let to = section.text("to");
        refuse_self(section, from.as_ref(), to.as_ref());
        let from_date = section.date("from_date");
        let to_date = section.date("to_date");
        if let (Some(from_date), Some(to_date)) = (&from_date, &to_date) {
            period_holds(
                section,
                from_date.value,
                to_date,
                "the period of this relation",
            );
        }
        let from = from.and_then(|id| names.party(section.sheet, id));
        let had_to = to.is_some();
        let to = to.and_then(|id| names.party(section.sheet, id));
        let complete = to.is_some() || (!had_to && kind == Some(RelationKind::Anonymous));
        let relation = Relation {
            from: from?,
            kind: kind?,
            to,
            from_date: from_date.map(|date| date.value),
            to_date: to_date.map(|date| date.value),
        };
        if !seen.insert(relation.clone()) {
            let message = "this relation is declared twice".to_owned();
            section.sheet.report(
                Code::Repeated,
                &section.span,
                Words {
                    message,
                    ..Words::default()
                },
            );
        }
        complete.then_some(relation)
    })?;
    Some(set(relations))
}

fn refuse_self(
    section: &Section<'_>,
    from: Option<&Spanned<String>>,
    to: Option<&Spanned<String>>,
) {
    let (Some(from), Some(to)) = (from, to) else {
        return;
    };
    if from.value == to.value {
        let words = Words {
            message: format!("the party `{}` has a relation to itself", to.value),
            found: format!("`{}` in both `from` and `to`", to.value),
            expected: "two different parties".into(),
            nearest: None,
        };
        section.sheet.report(Code::SelfRelation, &to.span, words);
    }
}

/// The kind of a relation; a kind that rests on what a person is gets an explanation, not a suggestion.
fn relation_kind(section: &Section<'_>) -> Option<RelationKind> {
    section.need("kind", "\"employed_by\"");
    let text = section
        .peek("kind")
        .and_then(toml_edit::Value::as_str)
        .unwrap_or_default()
        .to_lowercase();
    let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let refused = REFUSED
        .iter()
        .find(|(_, words)| parts.iter().any(|part| words.contains(part)));
    let Some((ground, _)) = refused else {
        return section.word("kind");
    };
    let kinds: Vec<&str> = RelationKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let words = Words {
        message: format!(
            "a relation may not rest on {ground}: interest is never inferred from a person's nationality, \
             ethnicity, religion or family"
        ),
        found: format!("`{text}`"),
        expected: format!(
            "a declared professional or commercial tie: {}",
            kinds.join(", ")
        ),
        nearest: None,
    };
    section
        .sheet
        .report(Code::RefusedRelation, &section.value_span("kind"), words);
    None
}
