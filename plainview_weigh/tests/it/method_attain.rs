//! Attainability: what a register alone says a review could reach (METHOD 7.3).

use std::fmt::Write as _;

use plainview_weigh::attain::{Attainable, Reachable, attainability};
use plainview_weigh::case::Side;
use plainview_weigh::evaluate::Outcome;

use crate::method_support::*;

fn authenticated(ids: &[&str], party: &str) -> String {
    let digest = "0".repeat(64);
    let mut text = String::new();
    for id in ids {
        text += "[[authentication]]\nmethod = \"custodian-declaration\"\ndate = 2025-07-15\n";
        write!(
            text,
            "source = \"{id}\"\nparty = \"{party}\"\ndigest = \"sha256:{digest}\"\n"
        )
        .unwrap();
    }
    text
}

fn side(found: &Attainable, side: Side) -> &Reachable {
    found.sides.iter().find(|s| s.side == side).unwrap()
}

fn sources() -> [Declared; 3] {
    [
        declared("list-a", "s3-inventory", "provider-storage", "provider"),
        declared("list-b", "s3-inventory", "auditor", "auditor"),
        declared("billing", "focus", "provider-finance", "provider"),
    ]
}

#[test]
fn a_neutral_claim_with_two_listings_and_a_bill_is_attainable() {
    let rest = format!(
        "{TEAMS}{}{}{}",
        authenticated(&["list-a", "billing", "list-b"], "auditor"),
        claim(
            "C1",
            "institute",
            "template = \"not-in-region il-central-1\""
        ),
        claim(
            "C2",
            "institute",
            "template = \"no-evidence-of recorded_calls\""
        ),
    );
    let found = attainability(&register(&sources(), &rest));
    let region = side(&found[0], Side::For);
    assert_eq!(region.best["corroborated"], Outcome::Supported);
    assert!(
        region.caps.is_empty() && region.request.is_empty(),
        "{region:?}"
    );
    // A latent kind is capped by its gate at every standard, whatever the sources.
    let kind = side(&found[1], Side::For);
    assert!(kind.best.values().all(|best| *best == Outcome::NotShown));
    assert_eq!(kind.caps, ["gate_G4"]);
    assert!(kind.request[0].contains("known positives"));
    assert_eq!(
        side(&found[1], Side::Against).best["corroborated"],
        Outcome::Contradicted
    );
}

#[test]
fn interest_integrity_and_lineage_cap() {
    let all = authenticated(&["list-a", "list-b", "billing"], "auditor");
    let own = format!(
        "{TEAMS}{all}{}",
        claim(
            "C1",
            "provider",
            "template = \"not-in-region il-central-1\""
        )
    );
    let found = attainability(&register(&sources(), &own));
    let region = side(&found[0], Side::For);
    assert_eq!(region.best["any"], Outcome::Supported);
    assert_eq!(region.best["balance"], Outcome::NotShown);
    assert_eq!(region.caps, ["interest"]);
    assert!(
        region
            .request
            .iter()
            .any(|ask| ask.starts_with("billing taken out"))
    );
    // Nothing authenticated: no side can qualify.
    let bare = format!(
        "{TEAMS}{}",
        claim(
            "C1",
            "institute",
            "template = \"not-in-region il-central-1\""
        )
    );
    let found = attainability(&register(&sources(), &bare));
    assert_eq!(side(&found[0], Side::Against).caps, ["integrity"]);
    // One listing: an absence stays a single line.
    let rest = format!(
        "{TEAMS}{}{}",
        authenticated(&["list-a", "billing"], "auditor"),
        claim(
            "C1",
            "institute",
            "template = \"not-in-region il-central-1\""
        )
    );
    let [a, _, bill] = sources();
    let found = attainability(&register(&[a, bill], &rest));
    let region = side(&found[0], Side::For);
    assert_eq!(region.best["balance"], Outcome::Supported);
    assert_eq!(region.best["corroborated"], Outcome::NotShown);
    assert_eq!(region.caps, ["lineage"]);
}

#[test]
fn what_is_missing_is_requested() {
    let rest = claim(
        "C1",
        "institute",
        "template = \"not-in-region il-central-1\"",
    );
    let only = [declared("list-a", "s3-inventory", "auditor", "auditor")];
    let found = attainability(&register(&only, &rest));
    let region = side(&found[0], Side::For);
    assert_eq!(region.caps, ["no_source"]);
    assert!(region.request[0].contains("bill or meter"));
    let knowledge = format!(
        "[[party]]\nid = \"p1\"\nname = \"P One\"\nkind = \"person\"\nrole = \"manager\"\n{}",
        claim(
            "C1",
            "provider",
            "template = \"unaware-until 2025-03-01\"\npersons = [\"p1\"]\ntopic = \"calls\""
        )
    );
    let found = attainability(&register(&only, &knowledge));
    assert!(found[0].sides.is_empty() && found[0].not_tested.is_some());
}
