//! The main job: register, records, profiles, facts, verdicts, report, one step after the other.
//!
//! Each step writes files that the next one reads. A step whose inputs are unchanged is not run
//! again ([`crate::steps`]), so an interrupted review goes on where it stopped.

mod build;
mod coverage;
mod facts;
mod profile;
mod quotes;
mod read;
mod rows;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use arrow_schema::SchemaRef;
use plainview_engine::{Engine, EngineConfig, Month};
use plainview_profile::Profile;
use plainview_records::{Effect, Table};
use plainview_register::Register;
use plainview_report::{Review, report_html, review_json};
use plainview_weigh::facts::Facts;
use plainview_weigh::verdict::Verdict;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::case::CaseFolder;
use crate::exit::Ending;
use crate::steps::{StepRecord, Steps};
use crate::{files, term};

use coverage::Completeness;
pub(crate) use facts::from_tables;
pub(crate) use profile::profile_all;
pub(crate) use quotes::{Quotes, Standing, fold};
pub(crate) use read::{SourceRun, TableFiles, kept_source};

/// Memory that query operators may hold before they spill.
pub(crate) const ENGINE_MEMORY_BYTES: usize = 384 << 20;

/// A finished review.
pub(crate) struct Reviewed {
    /// What was found.
    pub(crate) review: Review,
    /// Where the page is.
    pub(crate) page: PathBuf,
    /// How it ended.
    pub(crate) ending: Ending,
}

/// Threads to use: as told, else as many as the machine has.
pub(crate) fn threads(told: Option<usize>) -> usize {
    told.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
        .max(1)
}

/// Every evidence table with its schema.
pub(crate) fn schemas() -> Vec<(&'static str, SchemaRef)> {
    Table::ALL
        .iter()
        .map(|table| (table.as_str(), table.schema()))
        .collect()
}

/// An engine over the tables of a case that has been read.
pub(crate) fn open_engine(case: &CaseFolder, told: Option<usize>) -> Result<Engine> {
    let config = EngineConfig {
        tables: case.tables(),
        threads: threads(told),
        memory_bytes_max: ENGINE_MEMORY_BYTES,
    };
    Ok(Engine::open(&config, &schemas(), &months(&case.register))?)
}

/// The scope's months for the engine, whole: amounts are clipped to the scope by the weighing.
fn months(register: &Register) -> Vec<Month> {
    let (from, to) = (register.scope.from_ms(), register.scope.to_ms());
    plainview_weigh::quantity::Month::covering(from, to)
        .into_iter()
        .map(|m| Month {
            name: m.to_string(),
            start_ms: m.start_ms(),
            end_ms: m.end_ms(),
        })
        .collect()
}

/// Reviews a case.
pub(crate) fn review(case: &CaseFolder, told: Option<usize>) -> Result<Reviewed> {
    let _lock = case.lock()?;
    let steps = Steps::open(&case.own(), &tool_digest()?);
    let (runs, tables) = read::read_all(case, &steps)?;
    let engine = open_engine(case, told)?;
    let kept = Kept {
        case,
        steps: &steps,
    };

    let (profiles, profiles_record): (BTreeMap<String, Profile>, _) =
        kept.step("profile", &[&tables], "profile/profiles.json", &[], || {
            profile_all(&engine)
        })?;

    let register = case.register.canonical_json();
    let declared = coverage::declared(&case.register)?;
    let inputs = [tables.as_str(), &declared];
    let (complete, complete_record): (Completeness, _) =
        kept.step("coverage", &inputs, "out/coverage.json", &[], || {
            let step = term::Step::start("counting what was reviewed", 0);
            let complete = coverage::completeness(&case.register, &runs, &engine)?;
            step.done(&format!("{} gaps found", complete.gaps_total));
            Ok(complete)
        })?;
    let marks = serde_json::to_string(&case.exhibits)?;
    let tokens = case.tokens()?;
    let inputs = [
        tables.as_str(),
        &profiles_record.digest(),
        &complete_record.digest(),
        &register,
        &marks,
    ];
    let (facts, facts_record): (Facts, _) =
        kept.step("facts", &inputs, "out/facts.json", &[], || {
            let step = term::Step::start("asking the tables", 0);
            let gather = facts::Gather {
                register: &case.register,
                runs: &runs,
                engine: &engine,
                profiles: &profiles,
                complete: &complete,
                tokens: &tokens,
            };
            let facts = gather.facts(&case.exhibits)?;
            step.done("facts gathered");
            Ok(facts)
        })?;

    let inputs = [register.as_str(), &facts_record.digest()];
    let claims = case.register.claims.iter();
    let weighed: Vec<PathBuf> = claims.map(|c| input_path(case, &c.id)).collect();
    let (verdicts, _): (Vec<Verdict>, _) =
        kept.step("weigh", &inputs, "out/verdicts.json", &weighed, || {
            weigh(case, &facts)
        })?;

    let review = build::review(
        &case.register,
        &runs,
        &profiles,
        (&facts, complete),
        verdicts,
    )?;
    let ending = ending(case, &review, &runs);
    let page = publish(case, &review)?;
    Ok(Reviewed {
        review,
        page,
        ending,
    })
}

/// Assembles and evaluates every claim, keeping each claim's weigh input beside the verdicts.
fn weigh(case: &CaseFolder, facts: &Facts) -> Result<Vec<Verdict>> {
    let step = term::Step::start("weighing", 0);
    let inputs = plainview_weigh::assemble::assemble(&case.register, facts);
    let mut verdicts = Vec::new();
    for input in &inputs {
        let path = input_path(case, &input.claim.id);
        files::write(&path, &input.canonical()?)?;
        verdicts.push(plainview_weigh::verdict::evaluate(input)?);
    }
    step.done(&format!("{} claims weighed", verdicts.len()));
    Ok(verdicts)
}

/// Where the weigh input of a claim is kept.
pub(crate) fn input_path(case: &CaseFolder, claim: &str) -> PathBuf {
    case.out().join("weigh").join(format!("{claim}.json"))
}

/// Writes `review.json` and `report.html`; gives the page's path.
fn publish(case: &CaseFolder, review: &Review) -> Result<PathBuf> {
    files::write(
        &case.out().join("review.json"),
        review_json(review)?.as_bytes(),
    )?;
    let page = case.out().join("report.html");
    files::write(&page, report_html(review)?.as_bytes())?;
    Ok(page)
}

/// 1 when something is contradicted or contested, 2 when something was lost that the register did
/// not expect to lose.
fn ending(case: &CaseFolder, review: &Review, runs: &[SourceRun]) -> Ending {
    use plainview_weigh::verdict::Outcome;
    let contradicted = review.claims.iter().any(|claim| {
        matches!(
            claim.verdict.outcome,
            Outcome::Contradicted | Outcome::Contested
        )
    });
    let incomplete = runs.iter().any(|run| has_lost(case, run));
    // A register that does not tie out could not be verified.
    let untied = review
        .coverage
        .control_totals
        .iter()
        .any(|total| !total.holds);
    Ending {
        contradicted,
        incomplete: incomplete || untied,
    }
}

/// Whether a source lost rows that the register did not expect to lose.
pub(crate) fn has_lost(case: &CaseFolder, run: &SourceRun) -> bool {
    let expected = case
        .register
        .source(&run.id)
        .map(|s| s.expected_notices.as_slice());
    run.notices.iter().any(|notice| {
        notice.effect == Effect::Lost && !expected.is_some_and(|codes| codes.contains(&notice.code))
    })
}

/// Digest of the running program: another build repeats every step.
pub(crate) fn tool_digest() -> Result<String> {
    let path = std::env::current_exe().context("cannot find the running program")?;
    files::file_sha256_hex(&path)
}

/// Steps whose result is one JSON file.
struct Kept<'a> {
    case: &'a CaseFolder,
    steps: &'a Steps,
}

impl Kept<'_> {
    /// The result of `step`, from its file when `inputs` are unchanged, else made and kept. `beside`
    /// are files that `make` writes on the way: a lost one makes the step run again.
    fn step<T: Serialize + DeserializeOwned>(
        &self,
        step: &str,
        inputs: &[&str],
        file: &str,
        beside: &[PathBuf],
        make: impl FnOnce() -> Result<T>,
    ) -> Result<(T, StepRecord)> {
        let inputs = self.steps.inputs(step, inputs);
        let path = self.case.own().join(file);
        if let Some(record) = self.steps.fresh(step, &inputs) {
            term::note(&format!("{step}: unchanged, not run again"));
            return Ok((serde_json::from_str(&files::read_text(&path)?)?, record));
        }
        let value = make()?;
        files::write(&path, serde_json::to_string(&value)?.as_bytes())?;
        let mut outputs = vec![path];
        outputs.extend_from_slice(beside);
        let record = self.steps.record(step, &inputs, &outputs)?;
        Ok((value, record))
    }
}
