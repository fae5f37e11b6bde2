//! Writes a run's folder: `raw.csv` with every figure, `summary.md`, and a `README.md` that says what ran where.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::BenchFormat;
use crate::harness::{Engine, Plan, Sample};
use crate::make::Truth;
use crate::summary;

/// A run as it is published.
pub(crate) struct Run<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) truth: &'a Truth,
    pub(crate) memory_truth: &'a Truth,
    pub(crate) machine: &'a Machine,
    pub(crate) samples: &'a [Sample],
}

/// What the figures were taken on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    lines: Vec<(&'static str, String)>,
}

impl Machine {
    /// Looks at the machine and the versions before a run.
    pub(crate) fn look(peer: Option<&Path>) -> anyhow::Result<Self> {
        let proc = |path: &str, key: &str| -> anyhow::Result<String> {
            let text = fs::read_to_string(path).context(path.to_owned())?;
            let line = text.lines().find(|line| line.starts_with(key));
            let value = line
                .and_then(|line| line.split_once(':'))
                .map(|(_, value)| value.trim());
            Ok(value.unwrap_or("unknown").to_owned())
        };
        let cores = std::thread::available_parallelism()?;
        let memory: u64 = proc("/proc/meminfo", "MemTotal")?
            .trim_end_matches(" kB")
            .parse()
            .context("MemTotal")?;
        let mut lines = vec![
            (
                "Processor",
                format!("{cores} cores, {}", proc("/proc/cpuinfo", "model name")?),
            ),
            ("Memory", format!("{} GiB", memory.div_ceil(1 << 20))),
            ("System", said("uname", &["-sr"])),
            ("Compiler", said("rustc", &["--version"])),
            (
                "Profile",
                "release: no link-time optimisation, 16 codegen units, overflow checks on"
                    .to_owned(),
            ),
            ("Commit", commit()),
        ];
        if let Some(python) = peer {
            let versions = "import sys, chdb, duckdb, pyarrow; \
                print(f'DuckDB {duckdb.__version__}, chdb {chdb.__version__} (ClickHouse {chdb.engine_version}), \
                pyarrow {pyarrow.__version__}, Python {sys.version.split()[0]}')";
            lines.push(("Peers", said(&python.to_string_lossy(), &["-c", versions])));
        }
        lines.push(("Load before", load()?));
        Ok(Self { lines })
    }

    /// Looks at the load once more, after the run.
    pub(crate) fn look_again(&mut self) -> anyhow::Result<()> {
        self.lines.push(("Load after", load()?));
        Ok(())
    }
}

/// The load averages over 1, 5 and 15 minutes.
fn load() -> anyhow::Result<String> {
    let text = fs::read_to_string("/proc/loadavg").context("/proc/loadavg")?;
    Ok(text
        .split_whitespace()
        .take(3)
        .collect::<Vec<_>>()
        .join(" "))
}

/// What a program says, in one line; `unknown` when it does not.
fn said(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map_or_else(
            || "unknown".to_owned(),
            |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        )
}

/// The commit that was built, and whether the readers or the benchmark differ from it.
fn commit() -> String {
    let head = said("git", &["rev-parse", "--short=12", "HEAD"]);
    let paths = [
        "status",
        "--porcelain",
        "--",
        "plainview_records",
        "plainview_synth",
        "bench/src",
        "bench/peers",
    ];
    match said("git", &paths).as_str() {
        "" => head,
        _ => format!("{head} with local changes"),
    }
}

/// Writes the run's three files.
pub(crate) fn write(run: &Run<'_>) -> anyhow::Result<()> {
    let out = &run.plan.out;
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    fs::write(out.join("raw.csv"), raw(run.samples)?)?;
    fs::write(out.join("summary.md"), summary::text(run)?)?;
    fs::write(out.join("README.md"), readme(run)?)?;
    Ok(())
}

fn raw(samples: &[Sample]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "part",
        "format",
        "engine",
        "repetition",
        "rows",
        "sum",
        "chars",
        "seconds",
        "cpu_seconds",
        "peak_kib",
    ])?;
    for sample in samples {
        let measured = &sample.measured;
        writer.write_record([
            sample.part.to_string(),
            sample.format.to_string(),
            sample.engine.to_string(),
            sample.repetition.to_string(),
            measured.rows.to_string(),
            measured.sum.clone(),
            measured.chars.to_string(),
            format!("{:.4}", measured.seconds),
            format!("{:.2}", measured.cpu_seconds),
            measured.peak_kib.to_string(),
        ])?;
    }
    Ok(writer.into_inner()?)
}

fn readme(run: &Run<'_>) -> anyhow::Result<String> {
    let mut text = String::from(
        "# A run of the reader benchmark\n\n\
         Figures are in [summary.md](summary.md), every repetition is in [raw.csv](raw.csv), and what is unfair about the \
         comparison in [BIAS.md](../../BIAS.md).\n\n## Machine\n\n| What | Value |\n| --- | --- |\n",
    );
    for (name, value) in &run.machine.lines {
        text.push_str(&format!("| {name} | {value} |\n"));
    }
    text.push_str(
        "\nLoad is the average over 1, 5 and 15 minutes, taken around the measuring; building and making the data come \
         before. A load well above the engine's own threads means that something else was running: trust the medians and the \
         ratios then, not the seconds.\n\n## Data\n\n\
         | Format | Rows | Bytes on disk |\n| --- | ---: | ---: |\n",
    );
    for (format, answer) in &run.truth.answers {
        let bytes = bytes_in(&run.plan.dir.join(format.as_str()))?;
        text.push_str(&format!("| {format} | {} | {bytes} |\n", answer.rows));
    }
    if let Some(dir) = &run.plan.memory_dir {
        for (format, answer) in &run.memory_truth.answers {
            let bytes = bytes_in(&dir.join(format.as_str()))?;
            text.push_str(&format!(
                "| {format}, memory | {} | {bytes} |\n",
                answer.rows
            ));
        }
    }
    text.push_str(&commands(run));
    Ok(text)
}

/// The commands of the run, with names for the folders in place of paths.
fn commands(run: &Run<'_>) -> String {
    let mut text = String::new();
    text.push_str("\n## Commands\n\n```text\n");
    let rows = |truth: &Truth| {
        truth
            .answers
            .iter()
            .filter(|(format, _)| truth.log_bytes.is_none() || !BenchFormat::LOGS.contains(format))
            .map(|(_, answer)| answer.rows)
            .max()
            .unwrap_or(0)
    };
    let bytes = |truth: &Truth| {
        truth
            .log_bytes
            .map_or_else(String::new, |bytes| format!(" --log-bytes {bytes}"))
    };
    text.push_str(&format!(
        "cargo build --release -p plainview_bench\nplainview-bench make DATA --rows {} --seed {}{}\n",
        rows(run.truth),
        run.truth.seed,
        bytes(run.truth)
    ));
    if run.plan.memory_dir.is_some() {
        let formats: Vec<String> = run
            .memory_truth
            .answers
            .keys()
            .map(ToString::to_string)
            .collect();
        text.push_str(&format!(
            "plainview-bench make LARGE --rows {} --seed {} --only {}\n",
            rows(run.memory_truth),
            run.memory_truth.seed,
            formats.join(",")
        ));
    }
    text.push_str(&format!(
        "plainview-bench readers DATA --reps {}{}{} --out OUT\n",
        run.plan.repetitions,
        if run.plan.peer.is_some() {
            " --peer PYTHON"
        } else {
            ""
        },
        if run.plan.memory_dir.is_some() {
            " --memory LARGE"
        } else {
            ""
        },
    ));
    text.push_str("# which starts, for each format, the engines in turn:\nplainview-bench ours FORMAT DATA/FORMAT --keep\n");
    if run.plan.peer.is_some() {
        for (script, threads) in Engine::ALL.into_iter().filter_map(Engine::script) {
            text.push_str(&format!(
                "PYTHON bench/peers/{script} FORMAT DATA/FORMAT --threads {threads}\n"
            ));
        }
    }
    if run.plan.memory_dir.is_some() {
        text.push_str("# and once for memory:\nplainview-bench ours FORMAT LARGE/FORMAT\n");
        if run.plan.peer.is_some() {
            text.push_str(
                "PYTHON bench/peers/duckdb_reader.py FORMAT LARGE/FORMAT --threads 2 --stream\n",
            );
        }
    }
    text.push_str("```\n\n`bench/run` does all of this.\n");
    text
}

/// Bytes of the files in a folder.
fn bytes_in(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
