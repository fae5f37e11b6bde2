//! `[[exhibit]]` and `[[challenge]]` of `exhibits.toml`, checked against the register.
//!
//! It refuses a challenge that points forward or at itself: defeaters form a forest (METHOD 7.2).

use super::every;
use super::names::{Seen, known};
use crate::diagnostic::Code;
use crate::exhibit::{Challenge, ChallengeTarget, Exhibit, Exhibits};
use crate::nearest::nearest;
use crate::register::Register;
use crate::section::{IdForm, Section};
use crate::span::{Sheet, Spanned, Words};
use jiff::civil::Date;

/// The ids a file of exhibits may refer to.
struct Known {
    parties: Vec<String>,
    sources: Vec<String>,
    claims: Vec<String>,
}

pub(super) fn exhibits(root: &Section<'_>, register: &Register) -> Option<Exhibits> {
    root.allow_only(&["exhibit", "challenge"]);
    let names = Known {
        parties: register
            .parties
            .iter()
            .map(|party| party.id.clone())
            .collect(),
        sources: register
            .sources
            .iter()
            .map(|source| source.id.clone())
            .collect(),
        claims: register
            .claims
            .iter()
            .map(|claim| claim.id.clone())
            .collect(),
    };
    let exhibit_sections = root.sections("exhibit");
    let challenge_sections = root.sections("challenge");
    let mut seen = Seen::default();
    let exhibit_ids = seen.add_all(&exhibit_sections);
    let challenge_ids = seen.add_all(&challenge_sections);
    let exhibits = every(&exhibit_sections, |section| exhibit(section, &names));
    let mut earlier = Vec::new();
    let challenges = every(&challenge_sections, |section| {
        let targets = Targets {
            exhibits: &exhibit_ids,
            earlier: &earlier,
            challenges: &challenge_ids,
        };
        let challenge = challenge(section, &names, &targets);
        earlier.extend(
            section
                .peek("id")
                .and_then(toml_edit::Value::as_str)
                .map(str::to_owned),
        );
        challenge
    });
    let mut exhibits = exhibits?;
    exhibits.sort_by(|a, b| a.id.cmp(&b.id));
    Some(Exhibits {
        exhibits,
        challenges: challenges?,
    })
}

fn exhibit(section: &Section<'_>, names: &Known) -> Option<Exhibit> {
    section.allow_only(&[
        "id",
        "claim",
        "side",
        "source",
        "file",
        "row",
        "quote",
        "scheme",
        "marked_by",
        "date",
    ]);
    let id = section.need_id(IdForm::Mixed);
    let claim = section.need_text("claim", "\"C1\"").and_then(|id| {
        known(
            section.sheet,
            Code::UnknownClaim,
            "claim",
            &names.claims,
            id,
        )
    });
    let side = section.need_word("side");
    let scheme = section.need_word("scheme");
    let passage = passage(section, names);
    let passage = passage?;
    Some(Exhibit {
        id: id?.value,
        claim: claim?,
        side: side?,
        source: passage.source,
        file: passage.file,
        row: passage.row,
        quote: passage.quote,
        scheme: scheme?,
        marked_by: passage.marked_by,
        date: passage.date,
    })
}

fn challenge(section: &Section<'_>, names: &Known, targets: &Targets<'_>) -> Option<Challenge> {
    section.allow_only(&[
        "id",
        "target",
        "source",
        "file",
        "row",
        "quote",
        "marked_by",
        "date",
    ]);
    let id = section.need_id(IdForm::Mixed);
    let target = section.need_text("target", "\"the id of an exhibit\"");
    let target = target.and_then(|target| targets.find(section.sheet, names, target));
    let passage = passage(section, names);
    let passage = passage?;
    Some(Challenge {
        id: id?.value,
        target: target?,
        source: passage.source,
        file: passage.file,
        row: passage.row,
        quote: passage.quote,
        marked_by: passage.marked_by,
        date: passage.date,
    })
}

/// What exhibits and challenges have in common: a passage, its place and who marked it.
struct Passage {
    source: String,
    file: String,
    row: Option<u64>,
    quote: String,
    marked_by: String,
    date: Date,
}

fn passage(section: &Section<'_>, names: &Known) -> Option<Passage> {
    let source = section
        .need_text("source", "\"a source id\"")
        .and_then(|id| {
            known(
                section.sheet,
                Code::UnknownSource,
                "source",
                &names.sources,
                id,
            )
        });
    let file = section.need_text("file", "\"name of the file within the source\"");
    let row = section
        .integer("row", 1..=i64::MAX)
        .and_then(|row| u64::try_from(row).ok());
    let quote = section.need_text("quote", "\"the passage\"");
    let marked_by = section
        .need_text("marked_by", "\"a party id\"")
        .and_then(|id| {
            known(
                section.sheet,
                Code::UnknownParty,
                "party",
                &names.parties,
                id,
            )
        });
    let date = section.need_date("date");
    Some(Passage {
        source: source?,
        file: file?.value,
        row,
        quote: quote?.value,
        marked_by: marked_by?,
        date: date?.value,
    })
}

/// What a challenge may point at.
struct Targets<'a> {
    exhibits: &'a [String],
    /// Challenges declared before this one.
    earlier: &'a [String],
    /// All challenges, to tell a forward reference from an unknown one.
    challenges: &'a [String],
}

impl Targets<'_> {
    fn find(
        &self,
        sheet: &Sheet<'_>,
        names: &Known,
        target: Spanned<String>,
    ) -> Option<ChallengeTarget> {
        let id = target.value.as_str();
        if self.exhibits.iter().any(|exhibit| exhibit == id) {
            return Some(ChallengeTarget::Exhibit(target.value));
        }
        if self.earlier.iter().any(|challenge| challenge == id) {
            return Some(ChallengeTarget::Challenge(target.value));
        }
        let claim_of = id
            .split_once('/')
            .filter(|(_, rest)| !rest.is_empty())
            .map(|(claim, _)| claim);
        if claim_of.is_some_and(|claim| names.claims.iter().any(|known| known == claim)) {
            return Some(ChallengeTarget::Argument(target.value));
        }
        let message = if self.challenges.iter().any(|challenge| challenge == id) {
            format!("`{id}` is not declared before this challenge")
        } else if names.claims.iter().any(|claim| claim == id) {
            format!(
                "`{id}` is a claim; a challenge attacks an argument, and a passage against a claim is an exhibit"
            )
        } else {
            format!("nothing that can be challenged has the id `{id}`")
        };
        let ids = self.exhibits.iter().chain(self.earlier).map(String::as_str);
        let words = Words {
            message,
            found: format!("`{id}`"),
            expected: "the id of an exhibit, of an earlier challenge, or of an argument, CLAIM/..."
                .into(),
            nearest: nearest(id, ids).map(str::to_owned),
        };
        sheet.report(Code::BadTarget, &target.span, words);
        None
    }
}
