//! Evidence tables to facts: the review's registered SQL, and what the register says of each source.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use plainview_engine::Engine;
use plainview_profile::Profile;
use plainview_records::{Effect, Tokens};
use plainview_register::{Exhibits, Register, Source};
use plainview_weigh::facts::{
    BillLine, ChallengeFact, Cure, ExhibitFact, Facts, FileFact, Hit, Integrity, KindFact,
    MeterPoint, NamedStore, Provides, RegionFact, ServiceFact, SourceFact, Statistic,
    StoreSnapshot, TestResult, Unreadable,
};
use plainview_weigh::quantity::Month;

use super::coverage::Completeness;
use super::quotes::Quotes;
use super::read::SourceRun;
use super::rows::collect;

/// Most hits of one registered test that are kept; the count of rows is kept whole.
const HITS_MAX: usize = 10_000;

/// What facts are gathered from.
pub(crate) struct Gather<'a> {
    pub(crate) register: &'a Register,
    pub(crate) runs: &'a [SourceRun],
    pub(crate) engine: &'a Engine,
    pub(crate) profiles: &'a BTreeMap<String, Profile>,
    pub(crate) complete: &'a Completeness,
    pub(crate) tokens: &'a Tokens,
}

impl Gather<'_> {
    /// Everything the claims may need, from tables, profiles and the register.
    pub(crate) fn facts(&self, exhibits: &Exhibits) -> Result<Facts> {
        let mut facts = from_tables(self.engine)?;
        facts.sources = self
            .register
            .sources
            .iter()
            .map(|s| source_fact(self.register, s, self.runs, self.complete))
            .collect();
        facts.kinds = kinds(self.profiles, &facts.snapshots);
        let known = Known::of(self.engine)?;
        facts.tests = self
            .register
            .predicates
            .iter()
            .map(|p| run_test(self.engine, &known, &p.id, &p.sql))
            .collect();
        facts.logs.clone_from(&self.complete.logs);
        facts.counterparts.clone_from(&self.complete.counterparts);
        self.marks(exhibits, &mut facts)?;
        facts.unreadable = unreadable(self.runs);
        Ok(facts)
    }

    /// Passages that reviewers marked, with whether they stand where the mark says.
    fn marks(&self, exhibits: &Exhibits, facts: &mut Facts) -> Result<()> {
        let tokens = self.tokens;
        let quotes = Quotes::new(self.engine, self.runs, tokens);
        for exhibit in &exhibits.exhibits {
            let place = quotes.find(&exhibit.source, &exhibit.file, exhibit.row, &exhibit.quote)?;
            if place.quoted {
                crate::term::note(&format!(
                    "exhibit {}: the passage stands in what the document quotes, not in its own words",
                    exhibit.id
                ));
            }
            facts.exhibits.push(ExhibitFact {
                id: exhibit.id.clone(),
                claim: exhibit.claim.clone(),
                side: word(exhibit.side.as_str())?,
                source: exhibit.source.clone(),
                file: tokens.mask(&exhibit.file).into_owned(),
                row: exhibit.row,
                quote: tokens.mask(&exhibit.quote).into_owned(),
                scheme: word(exhibit.scheme.as_str())?,
                marked_by: exhibit.marked_by.clone(),
                date: exhibit.date.to_string(),
                recorded_at: place.recorded_at,
                found: place.found,
            });
        }
        for challenge in &exhibits.challenges {
            let place = quotes.find(
                &challenge.source,
                &challenge.file,
                challenge.row,
                &challenge.quote,
            )?;
            facts.challenges.push(ChallengeFact {
                id: challenge.id.clone(),
                target: challenge.target.id().to_owned(),
                source: challenge.source.clone(),
                file: tokens.mask(&challenge.file).into_owned(),
                row: challenge.row,
                quote: tokens.mask(&challenge.quote).into_owned(),
                marked_by: challenge.marked_by.clone(),
                date: challenge.date.to_string(),
                recorded_at: place.recorded_at,
                found: place.found,
            });
        }
        Ok(())
    }
}

/// The register's words and the weighing's words are the same words.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::from(text))?)
}

/// The facts that the evidence tables alone give; also what `plainview reconcile` works from.
pub(crate) fn from_tables(engine: &Engine) -> Result<Facts> {
    Ok(Facts {
        snapshots: snapshots(engine)?,
        meters: meters(engine)?,
        bills: bills(engine)?,
        named_stores: named_stores(engine)?,
        regions: regions(engine)?,
        services: services(engine)?,
        ..Facts::default()
    })
}

fn snapshots(engine: &Engine) -> Result<Vec<StoreSnapshot>> {
    type Store = (String, String, String, String);
    let mut bounds: BTreeMap<Store, BTreeMap<Month, u128>> = BTreeMap::new();
    let sql =
        "select * from created_bounds order by source_id, provider, account, container, month";
    for (store, month, byte_ms) in collect(engine, sql, |row| {
        let store = (
            row.text("source_id")?,
            row.text("provider")?,
            row.text("account")?,
            row.text("container")?,
        );
        Ok((
            store,
            row.text("month")?.parse::<Month>()?,
            row.number::<u128>("byte_ms")?,
        ))
    })? {
        bounds.entry(store).or_default().insert(month, byte_ms);
    }
    let sql =
        "select source_id, provider, account, container, cast(snapshot_at as bigint) as at_ms,
                      bytes, rows_listed, first_row
               from listed_snapshots
               order by source_id, provider, account, container, at_ms";
    collect(engine, sql, |row| {
        let store = (
            row.text("source_id")?,
            row.text("provider")?,
            row.text("account")?,
            row.text("container")?,
        );
        // Only a store's first snapshot says anything about the time before it.
        let created_byte_ms = bounds.remove(&store).unwrap_or_default();
        Ok(StoreSnapshot {
            source: store.0,
            provider: store.1,
            account: store.2,
            container: store.3,
            at_ms: row.number("at_ms")?,
            bytes: row.number("bytes")?,
            objects: row.number("rows_listed")?,
            created_byte_ms,
            first_row: row.first_row()?,
        })
    })
}

fn meters(engine: &Engine) -> Result<Vec<MeterPoint>> {
    let sql =
        "select source_id, provider, account, container, cast(start_at as bigint) as start_ms,
                      cast(end_at as bigint) as end_ms, statistic, sum(value) as bytes,
                      min(first_row) as first_row
               from metered_bytes
               group by source_id, provider, account, container, start_at, end_at, statistic
               order by source_id, provider, account, container, start_ms, end_ms, statistic";
    let points = collect(engine, sql, |row| {
        let Ok(statistic) = word::<Statistic>(&row.text("statistic")?) else {
            return Ok(None);
        };
        Ok(Some(MeterPoint {
            source: row.text("source_id")?,
            provider: row.text("provider")?,
            account: row.text("account")?,
            container: row.maybe("container").map(str::to_owned),
            start_ms: row.number("start_ms")?,
            end_ms: row.number("end_ms")?,
            bytes: row.number("bytes")?,
            statistic,
            first_row: row.first_row()?,
        }))
    })?;
    Ok(points.into_iter().flatten().collect())
}

fn bills(engine: &Engine) -> Result<Vec<BillLine>> {
    let sql = "select * from billed_quantities order by source_id, provider, account, month, unit";
    let mut out = Vec::new();
    for (line, without) in collect(engine, sql, |row| {
        let line = BillLine {
            source: row.text("source_id")?,
            provider: row.text("provider")?,
            account: row.text("account")?,
            month: row.text("month")?.parse()?,
            unit: row.text("unit")?,
            quantity: row.maybe("quantity").unwrap_or(NO_QUANTITY).to_owned(),
            rounding: "0".to_owned(),
            lines: row.number("lines")?,
            first_row: row.first_row()?,
        };
        Ok((line, row.number::<u64>("lines_without_quantity")?))
    })? {
        // A line whose amount is not stated may be of any size: it opens the bill above.
        if without > 0 && line.quantity != NO_QUANTITY {
            out.push(BillLine {
                quantity: NO_QUANTITY.to_owned(),
                lines: without,
                ..line.clone()
            });
        }
        out.push(line);
    }
    Ok(out)
}

/// Stands for the amount of a charge line that states none.
const NO_QUANTITY: &str = "not stated";

fn named_stores(engine: &Engine) -> Result<Vec<NamedStore>> {
    let sql = "select source_id, provider, account, container, month, lines, first_row
               from named_stores where record = 'charge'
               order by source_id, provider, account, container, month";
    collect(engine, sql, |row| {
        Ok(NamedStore {
            source: row.text("source_id")?,
            provider: row.text("provider")?,
            account: row.text("account")?,
            container: row.text("container")?,
            month: row.text("month")?.parse()?,
            rows: row.number("lines")?,
            first_row: row.first_row()?,
        })
    })
}

fn regions(engine: &Engine) -> Result<Vec<RegionFact>> {
    let sql = "select * from region_months
               order by source_id, provider, account, container, region, month, record";
    collect(engine, sql, |row| {
        Ok(RegionFact {
            source: row.text("source_id")?,
            provider: row.text("provider")?,
            account: row.text("account")?,
            container: row.maybe("container").map(str::to_owned),
            region: row.text("region")?,
            month: row.maybe("month").map(str::parse).transpose()?,
            rows: row.number("lines")?,
            first_row: row.first_row()?,
        })
    })
}

fn services(engine: &Engine) -> Result<Vec<ServiceFact>> {
    let sql = "select * from service_months
               order by source_id, provider, account, service_category, service_name, month";
    collect(engine, sql, |row| {
        Ok(ServiceFact {
            source: row.text("source_id")?,
            provider: row.text("provider")?,
            account: row.text("account")?,
            service_category: row.text("service_category")?,
            service_name: row.text("service_name")?,
            month: row.text("month")?.parse()?,
            rows: row.number("lines")?,
            first_row: row.first_row()?,
        })
    })
}

/// Sources, accounts and stores that records name. A test's rows locate a hit only in these words: a
/// query could otherwise carry a key into the published result.
struct Known {
    sources: BTreeSet<String>,
    accounts: BTreeSet<String>,
    containers: BTreeSet<String>,
}

impl Known {
    fn of(engine: &Engine) -> Result<Self> {
        let sql = "select distinct source_id, provider, account, container from named_stores
                   union select distinct source_id, provider, account, cast(null as string) from charges
                   union select distinct source_id, provider, account, cast(null as string) from metering";
        let mut known = Self {
            sources: BTreeSet::new(),
            accounts: BTreeSet::new(),
            containers: BTreeSet::new(),
        };
        collect(engine, sql, |row| {
            let (provider, account) = (row.text("provider")?, row.text("account")?);
            known.sources.insert(row.text("source_id")?);
            known.accounts.insert(format!("{provider}/{account}"));
            known.accounts.insert(account);
            known
                .containers
                .extend(row.maybe("container").map(str::to_owned));
            Ok(())
        })?;
        Ok(known)
    }
}

/// Runs a registered predicate. A test that cannot run is recorded as not run, with the reason.
fn run_test(engine: &Engine, known: &Known, id: &str, sql: &str) -> TestResult {
    let within = |cell: Option<&str>, words: &BTreeSet<String>| {
        cell.filter(|cell| words.contains(*cell)).map(str::to_owned)
    };
    let rows = |row: &super::rows::Row<'_>| {
        Ok(Hit {
            source: within(row.maybe("source_id"), &known.sources),
            account: within(row.maybe("account"), &known.accounts),
            container: within(row.maybe("container"), &known.containers),
            month: row.maybe("month").and_then(|m| m.parse().ok()),
            rows: 1,
        })
    };
    let hits = if reads_the_engine(sql) {
        Err(anyhow::anyhow!(
            "a test may read records only, not the engine's own settings"
        ))
    } else {
        collect(engine, sql, rows)
    };
    match hits {
        Ok(rows) => {
            let mut hits: BTreeMap<Hit, u64> = BTreeMap::new();
            for hit in rows {
                *hits.entry(hit).or_default() += 1;
            }
            let hits = hits
                .into_iter()
                .take(HITS_MAX)
                .map(|(hit, rows)| Hit { rows, ..hit });
            TestResult {
                predicate: id.to_owned(),
                ran: true,
                reason: String::new(),
                hits: hits.collect(),
            }
        }
        Err(error) => TestResult {
            predicate: id.to_owned(),
            ran: false,
            reason: format!("{error:#}"),
            hits: Vec::new(),
        },
    }
}

/// Settings differ between machines and thread counts; a test over them could not be re-run.
fn reads_the_engine(sql: &str) -> bool {
    let sql = sql.to_lowercase();
    sql.contains("information_schema") || sql.trim_start().starts_with("show")
}

fn kinds(profiles: &BTreeMap<String, Profile>, snapshots: &[StoreSnapshot]) -> Vec<KindFact> {
    let mut kinds = Vec::new();
    for (source, profile) in profiles {
        for collection in &profile.collections {
            let Some((provider, account, container)) = split_store(&collection.store) else {
                continue;
            };
            let months: BTreeSet<Month> = snapshots
                .iter()
                .filter(|s| {
                    s.source == *source
                        && (
                            s.provider.as_str(),
                            s.account.as_str(),
                            s.container.as_str(),
                        ) == (provider, account, container)
                })
                .map(|s| Month::of(s.at_ms))
                .collect();
            kinds.push(KindFact {
                source: source.clone(),
                provider: provider.to_owned(),
                account: account.to_owned(),
                container: container.to_owned(),
                template: collection.template.clone(),
                kind: collection.kind.id.clone(),
                objects: collection.objects,
                bytes: u128::from(collection.bytes),
                months: months.into_iter().collect(),
                families_for: u8::try_from(collection.kind.families_for.len()).unwrap_or(u8::MAX),
            });
        }
    }
    kinds
}

/// `provider/account/container` in its parts; a container name holds no slash.
pub(crate) fn split_store(store: &str) -> Option<(&str, &str, &str)> {
    let (rest, container) = store.rsplit_once('/')?;
    let (provider, account) = rest.split_once('/')?;
    Some((provider, account, container))
}

fn source_fact(
    register: &Register,
    source: &Source,
    runs: &[SourceRun],
    complete: &Completeness,
) -> SourceFact {
    let run = runs.iter().find(|run| run.id == source.id);
    let tied = complete.tied.get(&source.id);
    let (integrity, integrity_because) = integrity(register, source, run, tied);
    let acquired_at = source.acquired_at.as_second();
    SourceFact {
        id: source.id.clone(),
        custodian: source.custodian.clone(),
        controller: source.controller.clone(),
        kind: word(source.kind.as_str()).unwrap_or(plainview_weigh::facts::SourceKind::Derived),
        derived_from: source.derived_from.clone(),
        delivery: word(source.delivery.as_str()).unwrap_or_default(),
        integrity,
        integrity_because,
        cure: cure(register, source, run),
        acquired_at,
        recorded_at: run
            .and_then(|run| run.time_range)
            .map(|(_, last)| (last.div_euclid(1000)).min(acquired_at)),
        provides: Provides::by(source),
        files: run
            .map(|run| {
                run.files
                    .iter()
                    .map(|f| FileFact {
                        name: f.name.clone(),
                        rows: f.rows,
                    })
                    .collect()
            })
            .unwrap_or_default(),
        format: source.format.as_str().to_owned(),
        incomplete: run.is_none_or(|run| run.notices.iter().any(|n| n.effect == Effect::Lost)),
        tied_out: tied.is_some_and(|(integrity, _)| *integrity == Integrity::Verified),
    }
}

/// METHOD 1: an item is verified only by a named check that binds to its bytes, or by a tie-out of all it
/// holds. A total that does not hold outranks every authentication: the bytes may be genuine and yet not
/// the whole register.
fn integrity(
    register: &Register,
    source: &Source,
    run: Option<&SourceRun>,
    tied: Option<&(Integrity, String)>,
) -> (Integrity, String) {
    if let Some((Integrity::Failed, because)) = tied {
        return (Integrity::Failed, because.clone());
    }
    let Some(run) = run else {
        return (
            Integrity::Unverified,
            "Nothing of this source could be read.".to_owned(),
        );
    };
    let mut named_other_bytes = false;
    for entry in register.authentications_of(&source.id) {
        if entry.digest == run.digest {
            let party = register
                .party(&entry.party)
                .map_or(entry.party.as_str(), |p| &p.name);
            let because = format!(
                "{} by {party} on {}, for exactly these bytes.",
                method(entry),
                entry.date
            );
            return (Integrity::Verified, because);
        }
        named_other_bytes = true;
    }
    if let Some(tied) = tied {
        return tied.clone();
    }
    let because = if named_other_bytes {
        "The declared authentication is for other bytes than these."
    } else {
        "No check of the original was declared. Checksums and manifests that came with the records do not count."
    };
    (Integrity::Unverified, because.to_owned())
}

fn method(entry: &plainview_register::Authentication) -> &'static str {
    match entry.method {
        plainview_register::AuthenticationMethod::CustodianDeclaration => "Custodian's declaration",
        plainview_register::AuthenticationMethod::SecondCopy => "Second copy by another road",
        plainview_register::AuthenticationMethod::Signature => "Signature check declared",
    }
}

/// METHOD 6.3: a cure needs a proof. Here the proof is an authentication of these very bytes by the
/// party the cure leans on; log and signature proofs have no verifier yet and so prove nothing.
fn cure(register: &Register, source: &Source, run: Option<&SourceRun>) -> Option<Cure> {
    let declared = source.cure.as_ref()?;
    let kind = word(declared.kind.as_str()).ok()?;
    let by_party = matches!(
        declared.kind,
        plainview_register::CureKind::ThirdPartyCustody
            | plainview_register::CureKind::IndependentExtraction
    );
    let proven = by_party
        && run.is_some_and(|run| {
            register
                .authentications_of(&source.id)
                .any(|e| Some(&e.party) == declared.party.as_ref() && e.digest == run.digest)
        });
    Some(Cure {
        kind,
        party: declared.party.clone(),
        at: declared
            .date
            .map(|day| plainview_register::midnight_ms(day).div_euclid(1000)),
        proven,
    })
}

fn unreadable(runs: &[SourceRun]) -> Vec<Unreadable> {
    let mut lost: BTreeMap<(String, String), u64> = BTreeMap::new();
    for run in runs {
        for notice in run.notices.iter().filter(|n| n.effect == Effect::Lost) {
            let what = format!("{}: {}", notice.file, notice.code);
            *lost.entry((run.id.clone(), what)).or_default() += notice.rows_affected;
        }
    }
    lost.into_iter()
        .map(|((source, what), rows)| Unreadable { source, what, rows })
        .collect()
}
