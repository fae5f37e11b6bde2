//! Passages that a named reviewer marked: each exhibit an argument of its side, each challenge a
//! defeater of an exhibit, an argument or an earlier challenge (METHOD 7.1, 7.2).

use super::builder::{Builder, NewArgument, NewItem};
use super::input::ChallengeInput;
use crate::case::Side;
use crate::facts::{ChallengeFact, ExhibitFact, Facts, RowRef, Scheme};
use crate::gates::GateResult;

/// Adds the exhibits of one claim, then the challenges that end at one of its arguments. `absence` says that
/// the claim is about something not being there.
pub(crate) fn add(builder: &mut Builder<'_>, facts: &Facts, claim: &str, absence: bool) {
    for exhibit in facts.exhibits.iter().filter(|e| e.claim == claim) {
        exhibit_argument(builder, exhibit, absence);
    }
    // Challenges keep the order of their file: a target stands before what attacks it.
    for challenge in &facts.challenges {
        challenge_item(builder, challenge);
    }
}

/// A passage of a record cannot show that something is absent: only the gates can (METHOD 7.3). What
/// somebody says of it is heard as testimony.
fn absence_gate(exhibit: &ExhibitFact, absence: bool) -> Vec<GateResult> {
    if absence && exhibit.side == Side::For && exhibit.scheme == Scheme::RecordShows {
        return vec![GateResult {
            gate: "G1".to_owned(),
            pass: false,
            why: "a passage cannot show that something is absent: that needs a frame, reach and the other gates".to_owned(),
        }];
    }
    Vec::new()
}

fn exhibit_argument(builder: &mut Builder<'_>, exhibit: &ExhibitFact, absence: bool) {
    let usage = format!("exhibit-{}", exhibit.id);
    let item = NewItem {
        file: Some(exhibit.file.clone()),
        row: exhibit.row.map(|row_no| RowRef { file_no: 0, row_no }),
        found: exhibit.found,
        ..NewItem::record(&exhibit.source, &usage, exhibit.side, exhibit.quote.clone())
    };
    let Some(item) = builder.item(item.at(exhibit.recorded_at)) else {
        return;
    };
    builder.argument(NewArgument {
        id: exhibit.id.clone(),
        side: exhibit.side,
        scheme: match exhibit.scheme {
            Scheme::RecordShows | Scheme::ProcessFact => exhibit.scheme,
            _ => Scheme::Testimony,
        },
        premises: vec![item],
        frame: Vec::new(),
        says: format!("marked by {} on {}", exhibit.marked_by, exhibit.date),
        gates: absence_gate(exhibit, absence),
    });
}

fn challenge_item(builder: &mut Builder<'_>, challenge: &ChallengeFact) {
    let Some(side) = builder.side_of(&challenge.target) else {
        return;
    };
    let usage = format!("challenge-{}", challenge.id);
    let item = NewItem {
        file: Some(challenge.file.clone()),
        row: challenge.row.map(|row_no| RowRef { file_no: 0, row_no }),
        found: challenge.found,
        ..NewItem::record(
            &challenge.source,
            &usage,
            side.opposite(),
            challenge.quote.clone(),
        )
    };
    let Some(item) = builder.item(item.at(challenge.recorded_at)) else {
        return;
    };
    builder.challenge(ChallengeInput {
        id: challenge.id.clone(),
        target: challenge.target.clone(),
        premises: vec![item],
        says: format!("marked by {} on {}", challenge.marked_by, challenge.date),
    });
}
