//! `plainview profile FILES`: what the collections in an inventory are consistent with, without a case.

use anyhow::{Result, bail};
use plainview_profile::{CollectionProfile, Profile, Signal};
use plainview_records::Format;
use serde_json::json;

use crate::adhoc::{self, Adhoc, Options};
use crate::cli::ProfileArgs;
use crate::exit::Ending;
use crate::{review, term};

pub(crate) fn run(args: &ProfileArgs) -> Result<Ending> {
    let options = Options {
        format: args
            .format
            .as_deref()
            .map(str::parse::<Format>)
            .transpose()?,
        schema: args.schema.clone(),
        ..Options::default()
    };
    let mut sorted = adhoc::sort(&args.files, &options)?;
    sorted.groups.retain(|group| {
        matches!(
            group.format,
            Format::S3Inventory | Format::AzureBlobInventory
        )
    });
    if sorted.groups.is_empty() {
        bail!("no inventory is recognised among these files; try --format or --schema");
    }
    let loaded = Adhoc::load(&sorted, &options)?;
    let profiles = review::profile_all(&loaded.engine)?;
    let incomplete = adhoc::lost(&loaded.notices) || !sorted.unknown.is_empty();
    if args.json {
        let value = json!({ "profiles": profiles, "notices": loaded.notices });
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        for profile in profiles.values() {
            term::result(&text(profile));
        }
        term::result(&super::records::notices_text(&loaded.notices));
    }
    Ok(Ending {
        contradicted: false,
        incomplete,
    })
}

fn text(profile: &Profile) -> String {
    let mut out = String::new();
    for store in &profile.stores {
        out.push_str(&format!(
            "\n{}  {} objects, {}\n",
            term::bold(&term::harmless(&store.store)),
            store.objects,
            term::bytes(store.bytes)
        ));
        for collection in profile
            .collections
            .iter()
            .filter(|c| c.store == store.store)
        {
            out.push_str(&collection_text(collection));
        }
        if store.unprofiled.objects > 0 {
            out.push_str(&format!(
                "  {} objects, {} not profiled (they count as not reached)\n",
                store.unprofiled.objects,
                term::bytes(store.unprofiled.bytes)
            ));
        }
    }
    out
}

/// One collection: template, measure, what it is consistent with, and the strongest signals.
fn collection_text(collection: &CollectionProfile) -> String {
    let kind = &collection.kind;
    let verdict = match (&kind.kind, kind.abstention) {
        (Some(named), _) => format!("consistent with {}", named.phrase()),
        (None, Some(why)) => format!("{}: {}", kind.id, abstention(why)),
        (None, None) => kind.id.clone(),
    };
    let mut out = format!(
        "  {}\n      {} objects, {}: {verdict}\n",
        collection.template,
        collection.objects,
        term::bytes(collection.bytes)
    );
    let signals = |signals: &[Signal], word: &str| -> String {
        signals
            .iter()
            .take(3)
            .map(|s| format!("      {word} {} {}\n", s.weight, s.observed))
            .collect()
    };
    out.push_str(&signals(&kind.signals_for, "for    "));
    out.push_str(&signals(&kind.signals_against, "against"));
    term::harmless(&out)
}

fn abstention(why: plainview_profile::Abstention) -> &'static str {
    use plainview_profile::Abstention;
    match why {
        Abstention::TooFewObjects => "too few objects to say",
        Abstention::NoClearSignal => "nothing speaks clearly for any kind",
        Abstention::SmallMargin => "two kinds fit about as well",
        Abstention::SignalsConflict => "signals conflict",
        Abstention::TooFewFamilies => "fewer than three independent families of signals agree",
    }
}
