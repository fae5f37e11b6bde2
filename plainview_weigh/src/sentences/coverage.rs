//! The fixed sentences about what was reviewed and what is missing (METHOD 5.1, 7.3). They name records,
//! times and counts; none names or counts a person.

use crate::ledger::tie_out::Total;
use crate::ledger::{Kind, State};

/// Printed wherever a log without guaranteed delivery is used.
pub const BEST_EFFORT: &str = "This log is delivered on a best-effort basis: what it shows happened, and what it does not show may have happened all the same.";

/// Printed wherever acts of account keys or signed links are counted.
pub const NO_PERSON: &str = "An account key or a signed link can be used by anybody who holds it: these acts name no person, and no person is inferred from them.";

/// Printed with every count of acts.
pub const ACTS: &str = "Records of one act are counted once, also when a log file was delivered twice or an act left several records.";

/// Stands for what a gap of a protected source would say.
pub const PROTECTED_GAP: &str =
    "A gap in a protected source; when it was and what it says is withheld.";

/// Stands for what a control total of a protected source would say.
#[must_use]
pub fn protected_total(holds: bool) -> String {
    let verb = if holds {
        "ties out"
    } else {
        "does not tie out"
    };
    format!("A protected source {verb} to a control total; the figures are withheld.")
}

/// Printed where stores are known from nothing but what was read.
#[must_use]
pub fn known_by_reading(stores: u64) -> String {
    let (stores, are) = match stores {
        1 => ("1 store is".to_owned(), "it"),
        n => (format!("{n} stores are"), "them"),
    };
    format!(
        "{stores} known only because a listing or a log names {are}: no bill, meter, resource list or control-plane event does, so a store of that kind would leave this count together with its last listing."
    )
}

/// Printed where a register of an account fails its control total.
#[must_use]
pub fn open_account(account: &str, source: &str) -> String {
    format!(
        "{source} fails its control total and does not name {account}, which other records name. What exists there is therefore not known, and every day of it counts as unknown."
    )
}

/// What a state means, for the legend and the manual.
#[must_use]
pub fn state(state: State) -> &'static str {
    match state {
        State::Reviewed => "records of the day were read and nothing shows them incomplete",
        State::Presence => "something was read, but nothing shows that it is all there was",
        State::Unreadable => "records were handed over and could not be read in full",
        State::Denied => "the register says that they were asked for and refused",
        State::Withheld => "the register says that they exist and were held back",
        State::Missing => "another record shows that there must have been some",
        State::OutOfScope => "outside what the case reviews",
        State::Unknown => "nothing was read and nothing says whether there was anything",
    }
}

/// What a kind of record is, in words.
#[must_use]
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Objects => "listings of objects",
        Kind::Requests => "requests to data",
        Kind::Activity => "control-plane events",
        Kind::Metering => "meter readings",
        Kind::Charges => "charges",
        Kind::Resources => "resource lists",
    }
}

/// A chain that starts anew.
#[must_use]
pub fn chain_started(region: &str) -> String {
    format!(
        "The digest chain of {region} starts anew here: logging was stopped and started, or everything before was removed."
    )
}

/// A chain whose predecessor is not here.
#[must_use]
pub fn chain_broken(region: &str) -> String {
    format!("The digest of {region} names a digest before it that is not among the records.")
}

/// A chain whose predecessor is not as signed.
#[must_use]
pub fn chain_altered(region: &str) -> String {
    format!("The digest of {region} and the one before it do not match: one of them was altered.")
}

/// Hours without a digest.
#[must_use]
pub fn heartbeat(region: &str) -> String {
    format!(
        "No digest of {region} covers this time. One is written for every hour, also when nothing happened."
    )
}

/// Named log files that are not here as stated.
#[must_use]
pub fn named_files(files: u64, altered: bool) -> String {
    let files = match files {
        1 => "1 log file".to_owned(),
        n => format!("{n} log files"),
    };
    let how = if altered {
        "with other contents than stated"
    } else {
        "not among the records"
    };
    format!("The digests name {files} {how}.")
}

/// More counted than logged.
#[must_use]
pub fn unmatched(counted_by: &str, counted: u64, logged: u64) -> String {
    format!("{counted_by} counts {counted} requests; the log holds {logged}.")
}

/// A count far from what is usual; the median comes in halves.
#[must_use]
pub fn volume(median_halves: i128) -> String {
    let half = if median_halves % 2 == 0 { "" } else { ".5" };
    format!(
        "The number of requests is far from what is usual at this hour of the week (half of the weeks have {}{half} or fewer). A place to look, and no finding.",
        median_halves / 2
    )
}

/// Nothing for longer than chance explains.
#[must_use]
pub fn silence() -> String {
    "No request is recorded for longer than chance explains if requests fall evenly. A place to look, and no finding.".to_owned()
}

/// Numbered files of which some are not here.
#[must_use]
pub fn numbered_files(missing: &[(u64, u64)]) -> String {
    let shown: Vec<String> = missing
        .iter()
        .take(5)
        .map(|(from, to)| {
            if from == to {
                from.to_string()
            } else {
                format!("{from} to {to}")
            }
        })
        .collect();
    let more = if missing.len() > 5 { ", and more" } else { "" };
    format!(
        "The file names are numbered, and these numbers are not there: {}{more}. A place to look, and no finding.",
        shown.join(", ")
    )
}

/// One control total and how it came out.
#[must_use]
pub fn total(source: &str, total: &Total, found: &str, holds: bool) -> String {
    let of = match (&total.account, &total.month) {
        (Some(account), Some(month)) => format!(" of {account} in {month}"),
        (Some(account), None) => format!(" of {account}"),
        (None, Some(month)) => format!(" of {month}"),
        (None, None) => String::new(),
    };
    let currency = total
        .currency
        .as_ref()
        .map_or_else(String::new, |currency| format!(" {currency}"));
    let verb = if holds {
        "ties out"
    } else {
        "does not tie out"
    };
    format!(
        "The {}{of} in {source}, {found}{currency}, {verb} to the total of {}{currency} that {} stated on {} (tolerance {}).",
        total.what.as_str(),
        total.value,
        total.kept_by,
        total.date,
        total.tolerance
    )
}

/// Why totals verify a source.
#[must_use]
pub fn totals_hold(totals: usize, keepers: &[String], tolerance: &str) -> String {
    let totals = match totals {
        1 => "1 control total".to_owned(),
        n => format!("{n} control totals"),
    };
    format!(
        "All it holds ties out to {totals} kept by {} (tolerance {tolerance}).",
        super::list(keepers)
    )
}

/// Why totals of a part do not verify a source.
#[must_use]
pub fn totals_partial(open: usize) -> String {
    let parts = match open {
        1 => "1 account-month of it".to_owned(),
        n => format!("{n} account-months of it"),
    };
    format!("The control totals hold, but {parts} stand in none of them.")
}

/// Why a keeper's own totals do not verify its records.
#[must_use]
pub fn totals_own() -> &'static str {
    "The control totals hold, but who keeps the records keeps them too."
}

/// Why a total of nothing verifies nothing.
#[must_use]
pub fn totals_of_nothing() -> &'static str {
    "The control totals hold, but nothing of this source could be read."
}
