//! Medians, ranges and ratios of a run, as a page. Losses stand beside gains.

use anyhow::Context as _;

use crate::BenchFormat;
use crate::engine::Measured;
use crate::harness::{Engine, Part, Sample};
use crate::publish::Run;

/// Peak memory that a review of ten million rows may not reach.
const BOUND_KIB: u64 = 1 << 20;

/// The middle and the ends of a figure over the repetitions.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    /// `None` without values.
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let upper = values.len() / 2;
        let lower = (values.len() - 1) / 2;
        Some(Self {
            median: f64::midpoint(values[lower], values[upper]),
            min,
            max,
        })
    }
}

/// The page.
pub(crate) fn text(run: &Run<'_>) -> anyhow::Result<String> {
    let mut text = String::from("# Readers against DuckDB and ClickHouse\n\n");
    text.push_str(&speed(run)?);
    text.push_str(&losses(run));
    text.push_str(&cost(run));
    if run.plan.memory_dir.is_some() {
        text.push_str(&memory(run.samples));
    }
    Ok(text)
}

/// The engines of this run, ours first.
fn present(run: &Run<'_>) -> Vec<Engine> {
    Engine::ALL
        .into_iter()
        .filter(|engine| run.samples.iter().any(|sample| sample.engine == *engine))
        .collect()
}

/// A table's head: one column for the format, then these.
fn head(columns: &[String]) -> String {
    format!(
        "| Format | {} |\n| --- |{}\n",
        columns.join(" | "),
        " ---: |".repeat(columns.len())
    )
}

fn speed(run: &Run<'_>) -> anyhow::Result<String> {
    let engines = present(run);
    let peers: Vec<Engine> = engines.iter().copied().skip(1).collect();
    let mut columns: Vec<String> = engines.iter().map(ToString::to_string).collect();
    columns.extend(peers.iter().map(|peer| format!("ours / {peer}")));
    let mut text = format!(
        "Thousand rows per second, median of {} repetitions with the least and the greatest in brackets; answers were \
         compared first. The number after a peer is its threads. A ratio above 1 means that our reader is faster.\n\n{}",
        run.plan.repetitions,
        head(&columns)
    );
    for &format in run.truth.answers.keys() {
        let ours = rates(run.samples, format, Engine::Ours).context("no figures of ours")?;
        let mut row = format!("| {format}");
        for &engine in &engines {
            let rate = rates(run.samples, format, engine);
            row.push_str(&format!(
                " | {}",
                rate.map_or_else(|| no_peer(format, engine), thousands)
            ));
        }
        for &peer in &peers {
            let ratio = rates(run.samples, format, peer).map_or_else(String::new, |peer| {
                format!("{:.2}", ours.median / peer.median)
            });
            row.push_str(&format!(" | {ratio}"));
        }
        text.push_str(&row);
        text.push_str(" |\n");
    }
    Ok(text)
}

fn no_peer(format: BenchFormat, engine: Engine) -> String {
    let reason = if engine.takes(format) {
        "not run"
    } else {
        "no peer"
    };
    reason.to_owned()
}

fn thousands(rates: Spread) -> String {
    format!(
        "{:.0} [{:.0}, {:.0}]",
        rates.median / 1e3,
        rates.min / 1e3,
        rates.max / 1e3
    )
}

/// Which comparisons we lose, in words.
fn losses(run: &Run<'_>) -> String {
    let mut lines = String::new();
    for &format in run.truth.answers.keys() {
        for engine in present(run).into_iter().skip(1) {
            let (Some(ours), Some(peer)) = (
                rates(run.samples, format, Engine::Ours),
                rates(run.samples, format, engine),
            ) else {
                continue;
            };
            if ours.median < peer.median {
                lines.push_str(&format!(
                    "- {format}: {engine} is {:.2} times as fast as our reader.\n",
                    peer.median / ours.median
                ));
            }
        }
    }
    if lines.is_empty() {
        lines.push_str("None in this run.\n");
    }
    format!("\n## Where we lose\n\n{lines}")
}

fn cost(run: &Run<'_>) -> String {
    let engines = present(run);
    let mut columns: Vec<String> = engines.iter().map(|e| format!("{e}, s")).collect();
    columns.extend(engines.iter().map(|engine| format!("{engine}, MiB")));
    let mut text = format!(
        "\n## Processor time and memory of the same runs\n\nMedian processor seconds over all threads, and the greatest \
         resident memory of the process in MiB. Every engine holds the whole table; the peers' figures include Python.\n\n{}",
        head(&columns)
    );
    for &format in run.truth.answers.keys() {
        let mut row = format!("| {format}");
        for &engine in &engines {
            let spread = spread(run.samples, format, engine, |measured| measured.cpu_seconds);
            row.push_str(&format!(
                " | {}",
                spread.map_or_else(String::new, |s| format!("{:.2}", s.median))
            ));
        }
        for &engine in &engines {
            let peak = of(run.samples, Part::Time, format, engine)
                .map(|measured| measured.peak_kib)
                .max();
            row.push_str(&format!(" | {}", peak.map_or_else(String::new, mebibytes)));
        }
        text.push_str(&row);
        text.push_str(" |\n");
    }
    text
}

fn memory(samples: &[Sample]) -> String {
    let mut text = String::from(
        "\n## Memory on large files\n\nOne data file, streamed once: each batch is looked at and dropped, as a review \
         writes and forgets it. This is the reader alone; a review has further steps. DuckDB streams record batches too, with \
         two threads and its own limits.\n\n\
         | Format | Engine | Rows | Seconds | Peak, MiB | Below 1 GiB |\n| --- | --- | ---: | ---: | ---: | --- |\n",
    );
    for sample in samples.iter().filter(|sample| sample.part == Part::Memory) {
        let measured = &sample.measured;
        text.push_str(&format!(
            "| {} | {} | {} | {:.1} | {} | {} |\n",
            sample.format,
            sample.engine,
            measured.rows,
            measured.seconds,
            mebibytes(measured.peak_kib),
            if measured.peak_kib < BOUND_KIB {
                "yes"
            } else {
                "no"
            },
        ));
    }
    text
}

fn mebibytes(kib: u64) -> String {
    format!("{}.{}", kib / 1_024, kib % 1_024 * 10 / 1_024)
}

fn of(
    samples: &[Sample],
    part: Part,
    format: BenchFormat,
    engine: Engine,
) -> impl Iterator<Item = &Measured> {
    samples
        .iter()
        .filter(move |sample| {
            sample.part == part && sample.format == format && sample.engine == engine
        })
        .map(|sample| &sample.measured)
}

fn spread(
    samples: &[Sample],
    format: BenchFormat,
    engine: Engine,
    figure: impl Fn(&Measured) -> f64,
) -> Option<Spread> {
    Spread::of(
        of(samples, Part::Time, format, engine)
            .map(figure)
            .collect(),
    )
}

/// Rows per second.
fn rates(samples: &[Sample], format: BenchFormat, engine: Engine) -> Option<Spread> {
    spread(samples, format, engine, |measured| {
        #[allow(clippy::cast_precision_loss, reason = "a rate of three digits")]
        let rows = measured.rows as f64;
        rows / measured.seconds
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let spread = |values: &[f64]| Spread::of(values.to_vec());
        assert_eq!(spread(&[]), None);
        let expect = |median, min, max| Some(Spread { median, min, max });
        assert_eq!(spread(&[3.0, 1.0, 8.0]), expect(3.0, 1.0, 8.0));
        assert_eq!(spread(&[4.0, 1.0, 2.0, 9.0]), expect(3.0, 1.0, 9.0));
    }

    #[test]
    fn a_slower_median_is_named_as_a_loss_and_a_faster_one_is_not() {
        let sample = |engine, seconds| Sample {
            part: Part::Time,
            format: BenchFormat::S3Csv,
            engine,
            repetition: 1,
            measured: Measured {
                rows: 1_000,
                sum: "0".to_owned(),
                chars: 0,
                seconds,
                cpu_seconds: seconds,
                peak_kib: 1,
            },
        };
        let samples = [
            sample(Engine::Ours, 2.0),
            sample(Engine::DuckDb(1), 4.0),
            sample(Engine::DuckDb(2), 1.0),
        ];
        let rate = |engine| rates(&samples, BenchFormat::S3Csv, engine).map(|s| s.median);
        assert_eq!(rate(Engine::Ours), Some(500.0));
        assert_eq!(rate(Engine::DuckDb(2)), Some(1_000.0));
        let mut truth = crate::make::Truth::default();
        truth
            .answers
            .insert(BenchFormat::S3Csv, crate::engine::Answer::default());
        let plan = crate::Plan {
            dir: "data".into(),
            memory_dir: None,
            repetitions: 1,
            peer: None,
            peer_scripts: "peers".into(),
            out: "out".into(),
        };
        let run = Run {
            plan: &plan,
            truth: &truth,
            memory_truth: &truth,
            machine: &crate::publish::Machine::default(),
            samples: &samples,
        };
        let losses = losses(&run);
        assert!(
            losses.contains("duckdb-2 is 2.00 times as fast"),
            "{losses}"
        );
        assert!(!losses.contains("duckdb-1"), "{losses}");
    }
}
