//! `plainview sigma RULES (CASE | --files FILES...)`: which recorded rows match the Sigma rules of a folder.
//!
//! Rules are read from the folder and run over the `activity` and `requests` tables. What is printed cites rows; it names and
//! ranks no person. A rule that hits is a row to look at, not a finding: a verdict rests on the register's claims.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use arrow_array::cast::AsArray as _;
use arrow_array::{RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use plainview_engine::Engine;
use plainview_records::{Format, Notice, Tokens};
use plainview_sigma::{
    Check, Cited, DOCUMENT_BYTES_MAX, Fields, Finding, Log, Note, Place, Report, RowRef,
    RuleNotice, RuleSet, Stream,
};
use serde_json::json;

use crate::adhoc::{self, Adhoc, Options};
use crate::case::CaseFolder;
use crate::cli::SigmaArgs;
use crate::exit::Ending;
use crate::{review, term};

/// Rows of one rule that are printed; `--json` has more.
const ROWS_SHOWN: usize = 10;

/// Deepest folder of rules that is entered.
const RULES_DEPTH_MAX: usize = 16;

/// One source whose rows may be matched.
struct Source {
    id: String,
    format: Format,
    /// Names of its files, by number.
    files: Vec<String>,
}

pub(crate) fn run(args: &SigmaArgs) -> Result<Ending> {
    let rules = read_rules(&args.rules)?;
    let (report, notices, lost) = match (&args.case, args.files.as_slice()) {
        (Some(case), []) => over_case(&rules, &CaseFolder::open(case)?)?,
        (None, [_, ..]) => over_files(&rules, &args.files)?,
        _ => bail!("give either a case folder or --files FILES"),
    };
    if args.json {
        let value = json!({
            "rules": report.findings, "rule_notices": report.notices, "notices": notices,
        });
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        term::result(&text(&report));
        term::result(&super::records::notices_text(&notices));
    }
    Ok(Ending {
        contradicted: false,
        incomplete: lost || report.is_incomplete(),
    })
}

/// Every rule file below `folder`, sorted; links are not followed, and other files are none of ours.
fn read_rules(folder: &Path) -> Result<RuleSet> {
    let mut found = Vec::new();
    let mut rules = RuleSet::default();
    if folder.is_file() {
        found.push(folder.to_path_buf());
    } else {
        walk(folder, 0, &mut found, &mut rules)?;
    }
    found.sort();
    let root = if folder.is_file() {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    };
    for path in &found {
        let name = name_of(root, path);
        match read_rule_file(path) {
            Ok(text) => rules.add(&name, &text),
            Err(message) => rules.note(RuleNotice {
                file: name,
                lost: true,
                message,
            }),
        }
    }
    if found.is_empty() {
        bail!("no rule file (.yml or .yaml) in {}", folder.display());
    }
    Ok(rules)
}

fn name_of(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>, rules: &mut RuleSet) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let is_rule = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("yml") || e.eq_ignore_ascii_case("yaml"));
        if kind.is_dir() && depth < RULES_DEPTH_MAX {
            walk(&path, depth + 1, found, rules)?;
        } else if kind.is_file() && is_rule {
            found.push(path);
        } else if kind.is_dir() || is_rule {
            rules.note(RuleNotice {
                file: path.display().to_string(),
                lost: true,
                message: "not read: a link, or a folder too deep".to_owned(),
            });
        }
    }
    Ok(())
}

fn read_rule_file(path: &Path) -> Result<String, String> {
    let bytes = std::fs::metadata(path)
        .map_err(|error| error.to_string())?
        .len();
    if bytes > DOCUMENT_BYTES_MAX as u64 {
        return Err(format!(
            "the file has {bytes} bytes, expected at most {DOCUMENT_BYTES_MAX}"
        ));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

type Outcome = (Report, Vec<Notice>, bool);

fn over_case(rules: &RuleSet, case: &CaseFolder) -> Result<Outcome> {
    if !case.tables().is_dir() {
        bail!("the case has not been reviewed yet: run `plainview review` first");
    }
    let mut sources = Vec::new();
    let mut lost = false;
    for source in &case.register.sources {
        let kept = review::kept_source(case, &source.id)?;
        lost |= kept.as_ref().is_none_or(|run| review::has_lost(case, run));
        sources.push(Source {
            id: source.id.clone(),
            format: source.format.as_str().parse()?,
            files: kept.map_or_else(Vec::new, |run| {
                run.files.into_iter().map(|file| file.name).collect()
            }),
        });
        if source.protected {
            term::note(&format!(
                "{} is a protected source: this output cites its files and rows and must not be published",
                source.id
            ));
        }
    }
    let engine = review::open_engine(case, None)?;
    Ok((
        check(rules, &engine, &sources, &case.tokens()?)?,
        Vec::new(),
        lost,
    ))
}

fn over_files(rules: &RuleSet, paths: &[PathBuf]) -> Result<Outcome> {
    let options = Options::default();
    let mut sorted = adhoc::sort(paths, &options)?;
    sorted.groups.retain(|group| group.format != Format::Table);
    let loaded = Adhoc::load(&sorted, &options)?;
    let sources: Vec<Source> = loaded
        .files
        .iter()
        .map(|(format, names)| Source {
            id: format.as_str().to_owned(),
            format: *format,
            files: names.clone(),
        })
        .collect();
    for path in &sorted.unknown {
        term::note(&format!("not recognised, so not read: {path}"));
    }
    let lost = adhoc::lost(&loaded.notices) || !sorted.unknown.is_empty();
    let report = check(rules, &loaded.engine, &sources, &Tokens::public())?;
    Ok((report, loaded.notices, lost))
}

fn log_of(format: Format) -> Log {
    match format {
        Format::Cloudtrail => Log::Cloudtrail,
        Format::AzureActivity => Log::AzureActivity,
        Format::GcpAudit => Log::GcpAudit,
        Format::M365Audit => Log::M365Audit,
        _ => Log::Other,
    }
}

/// Runs the rules over every source's rows, in the order of sources, files and rows.
fn check(rules: &RuleSet, engine: &Engine, sources: &[Source], tokens: &Tokens) -> Result<Report> {
    let masked = |text: &str| tokens.mask(text) != text;
    let mut streams: BTreeMap<(Log, Place), Stream> = BTreeMap::new();
    for source in sources {
        for place in [Place::Activity, Place::Requests] {
            let log = log_of(source.format);
            let details: &[&str] = match place {
                Place::Activity => source.format.details(),
                Place::Requests => &[],
            };
            streams.entry((log, place)).or_insert_with(|| Stream {
                log,
                place,
                details: details.iter().map(|name| (*name).to_owned()).collect(),
            });
        }
    }
    let keys: Vec<(Log, Place)> = streams.keys().copied().collect();
    let streams: Vec<Stream> = streams.into_values().collect();
    let mut check = Check::new(rules, &streams, &masked);
    for source in sources {
        for place in [Place::Activity, Place::Requests] {
            let key = (log_of(source.format), place);
            let Some(position) = keys.iter().position(|known| *known == key) else {
                continue;
            };
            engine.for_each(&query(source, place), |batch| {
                rows(&mut check, position, source, place, batch)
            })?;
        }
    }
    Ok(check.finish())
}

fn query(source: &Source, place: Place) -> String {
    let mut columns = vec!["file_no", "row_no"];
    columns.extend(place.columns());
    if place == Place::Activity {
        columns.push("details");
    }
    format!(
        "select {} from {} where source_id = '{}' order by file_no, row_no",
        columns.join(", "),
        place.as_str(),
        source.id.replace('\'', "''")
    )
}

/// Gives each row of a batch to the check.
fn rows(
    check: &mut Check,
    position: usize,
    source: &Source,
    place: Place,
    batch: &RecordBatch,
) -> Result<()> {
    use arrow_array::types::{UInt32Type, UInt64Type};
    let column = |name: &str| {
        batch
            .column_by_name(name)
            .with_context(|| format!("the query gives no column {name}"))
    };
    let file_nos = column("file_no")?.as_primitive::<UInt32Type>().clone();
    let row_nos = column("row_no")?.as_primitive::<UInt64Type>().clone();
    let texts: Vec<(&str, StringArray)> = place
        .columns()
        .iter()
        .copied()
        .map(|name| Ok((name, text_column(column(name)?)?)))
        .collect::<Result<_>>()?;
    let details = match batch.column_by_name("details") {
        Some(array) => Some(text_column(array)?),
        None => None,
    };
    for row in 0..batch.num_rows() {
        let mut fields = Fields::new();
        for (name, array) in &texts {
            if arrow_array::Array::is_valid(array, row) {
                fields.set(*name, array.value(row));
            }
        }
        if let Some(details) = &details
            && arrow_array::Array::is_valid(details, row)
            && !fields.set_details(details.value(row))
        {
            bail!(
                "row {} of source {} has details that are no JSON object of texts",
                row_nos.value(row),
                source.id
            );
        }
        let file_no = file_nos.value(row);
        let cited = RowRef {
            source: source.id.clone(),
            file: source
                .files
                .get(file_no as usize)
                .map_or_else(|| format!("file {file_no}"), Clone::clone),
            row: row_nos.value(row),
            place,
            at: fields.get("at").unwrap_or_default().to_owned(),
        };
        check.row(position, &cited, fields);
    }
    Ok(())
}

fn text_column(array: &arrow_array::ArrayRef) -> Result<StringArray> {
    Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
}

fn text(report: &Report) -> String {
    let mut out = String::new();
    let of = |note: Note| report.findings.iter().filter(move |f| f.note == note);
    for finding in of(Note::Hit) {
        out.push_str(&title(finding));
        out.push_str(&cited("match", &finding.hits));
        if finding.undecided.count > 0 {
            out.push_str(&cited(&depends(finding), &finding.undecided));
        }
    }
    let undecided: Vec<&Finding> = of(Note::Undecided).collect();
    if !undecided.is_empty() {
        out.push_str("\nNot decidable here\n");
        for finding in undecided {
            out.push_str(&title(finding));
            out.push_str(&cited(&depends(finding), &finding.undecided));
        }
    }
    out.push_str(&counts(report));
    for notice in &report.notices {
        let effect = if notice.lost { "lost" } else { "doubt" };
        out.push_str(&format!("{effect}: {}: {}\n", notice.file, notice.message));
    }
    term::harmless(&out)
}

fn title(finding: &Finding) -> String {
    format!(
        "\n{} [{}]  {}\n",
        finding.title,
        finding.level.unwrap_or("no level"),
        finding.rule_file
    )
}

fn depends(finding: &Finding) -> String {
    let names: Vec<&str> = finding.not_kept.iter().map(String::as_str).collect();
    format!("depend on what is not kept ({})", names.join(", "))
}

fn cited(what: &str, cited: &Cited) -> String {
    let mut out = if cited.count == 1 {
        // The verb is the first word of what is said.
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let verb = if verb == "match" {
            "matches"
        } else {
            "depends"
        };
        format!("  1 row {verb} {rest}").trim_end().to_owned()
    } else {
        format!("  {} rows {what}", cited.count)
    };
    out.push('\n');
    for row in cited.rows.iter().take(ROWS_SHOWN) {
        out.push_str(&format!(
            "    {} {} row {} ({}, {})\n",
            row.source,
            row.file,
            row.row,
            row.place.as_str(),
            row.at
        ));
    }
    let shown = cited.rows.len().min(ROWS_SHOWN) as u64;
    if cited.count > shown {
        out.push_str(&format!("    and {} more\n", cited.count - shown));
    }
    out
}

/// How many rules ended how, and why those that were set aside were.
fn counts(report: &Report) -> String {
    let count = |note: Note| report.findings.iter().filter(|f| f.note == note).count();
    let mut out = format!(
        "\n{} rules: {} with hits, {} not decidable here, {} without a hit, {} whose log has no row here, {} not applicable\n",
        report.findings.len(),
        count(Note::Hit),
        count(Note::Undecided),
        count(Note::NoHit),
        count(Note::NoRows),
        count(Note::NotApplicable),
    );
    let mut why: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &report.findings {
        if let Some(reason) = &finding.why {
            *why.entry(reason).or_default() += 1;
        }
    }
    for (reason, rules) in why {
        out.push_str(&format!("  {rules} not applicable: {reason}\n"));
    }
    out.push_str(
        "No hit says only that no row read here matches; what was not read is in the coverage.\n",
    );
    out
}
