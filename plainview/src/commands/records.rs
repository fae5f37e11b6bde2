//! `plainview records FILES`: what record files hold, without a case.

use anyhow::{Result, bail};
use plainview_records::{Format, Group, Notice, SourceReport, Tokens};
use serde_json::{Value, json};

use crate::adhoc::{self, Counting, Options};
use crate::cli::RecordsArgs;
use crate::exit::Ending;
use crate::term;

pub(crate) fn run(args: &RecordsArgs) -> Result<Ending> {
    if args.suggest_map {
        // The first row of a sheet without a header is data, so the draft is masked like any record.
        let tokens = Tokens::public();
        for file in &args.files {
            let draft = plainview_records::formats::sheet::suggest_map(file);
            term::result(&term::harmless(&tokens.text(&draft, None)));
        }
        return Ok(Ending::DONE);
    }
    let options = Options {
        format: args
            .format
            .as_deref()
            .map(str::parse::<Format>)
            .transpose()?,
        schema: args.schema.clone(),
        account: args.account.clone(),
        map: args.map.as_deref().map(crate::map_file::read).transpose()?,
        unsandboxed: args.unsandboxed,
    };
    if options.format == Some(Format::Table) && options.map.is_none() {
        bail!("format table needs --map FILE; `plainview records --suggest-map FILE` drafts one");
    }
    let sorted = adhoc::sort(&args.files, &options)?;
    let mut notices = sorted.notices.clone();
    let mut groups = Vec::new();
    for group in &sorted.groups {
        if group.format == Format::Table && options.map.is_none() {
            groups.push(json!({
                "format": group.format, "because": group.because,
                "unread": "a sheet needs a column map: see --suggest-map",
                "files": group.files.iter().map(|f| sorted.belongs(f).display().to_string()).collect::<Vec<_>>(),
            }));
            continue;
        }
        let mut sink = Counting::default();
        let report = adhoc::read(&sorted, group, &options, &mut sink)?;
        groups.push(describe(group, &report, &sink));
        notices.extend(sink.notices);
    }
    let unread = groups.iter().any(|g| g.get("unread").is_some());
    let incomplete = unread || !sorted.unknown.is_empty() || adhoc::lost(&notices);
    let value = json!({ "groups": groups, "unrecognised": sorted.unknown, "notices": notices });
    if args.json {
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        term::result(&text(&value, &notices));
    }
    Ok(Ending {
        contradicted: false,
        incomplete,
    })
}

fn describe(group: &Group, report: &SourceReport, sink: &Counting) -> Value {
    let time = |ms: i64| {
        jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |t| t.to_string())
    };
    json!({
        "format": group.format,
        "because": group.because,
        "files": report.files,
        "rows": report.rows,
        "by": sink.by,
        "time_range": report.time_range.map(|(first, last)| [time(first), time(last)]),
        "bytes_listed": {
            "current": report.bytes_listed.current.to_string(),
            "all": report.bytes_listed.all.to_string(),
        },
        "digest": report.digest,
    })
}

fn text(value: &Value, notices: &[Notice]) -> String {
    let mut out = String::new();
    for group in value["groups"].as_array().into_iter().flatten() {
        out.push_str(&format!(
            "{}  (known by: {})\n",
            term::bold(group["format"].as_str().unwrap_or_default()),
            group["because"].as_str().unwrap_or_default()
        ));
        if let Some(why) = group["unread"].as_str() {
            out.push_str(&format!("  not read: {why}\n"));
            continue;
        }
        for file in group["files"].as_array().into_iter().flatten() {
            out.push_str(&format!(
                "  {:<60} {:>12} bytes {:>10} rows\n",
                term::harmless(file["name"].as_str().unwrap_or_default()),
                file["bytes"],
                file["rows"]
            ));
        }
        for (table, counts) in group["by"].as_object().into_iter().flatten() {
            let total = &group["rows"][table];
            let parts: Vec<String> = counts
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, count)| format!("{count} {}", term::harmless(name)))
                .collect();
            out.push_str(&format!(
                "  {total} rows of {table}: {}\n",
                parts.join(", ")
            ));
        }
        if let Some(range) = group["time_range"].as_array() {
            let show = |at: usize| {
                range
                    .get(at)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            out.push_str(&format!("  from {} to {}\n", show(0), show(1)));
        }
        let listed = &group["bytes_listed"];
        if listed["all"] != "0" {
            out.push_str(&format!(
                "  {} bytes listed, {} of them current\n",
                listed["all"].as_str().unwrap_or_default(),
                listed["current"].as_str().unwrap_or_default()
            ));
        }
        out.push_str(&format!(
            "  {}\n",
            group["digest"].as_str().unwrap_or_default()
        ));
    }
    for path in value["unrecognised"].as_array().into_iter().flatten() {
        out.push_str(&format!(
            "not recognised, so not read: {}\n",
            term::harmless(path.as_str().unwrap_or_default())
        ));
    }
    out.push_str(&notices_text(notices));
    out
}

/// Notices for the terminal.
pub(crate) fn notices_text(notices: &[Notice]) -> String {
    let mut out = String::new();
    for notice in notices {
        let row = notice
            .row
            .map_or_else(String::new, |row| format!(" row {row}"));
        out.push_str(&format!(
            "{} {}: {}{row}: {}",
            notice.effect, notice.code, notice.file, notice.message
        ));
        if !notice.found.is_empty() {
            out.push_str(&format!("; found {}", notice.found));
        }
        if !notice.expected.is_empty() {
            out.push_str(&format!("; expected {}", notice.expected));
        }
        if notice.rows_affected > 1 {
            out.push_str(&format!(" ({} rows)", notice.rows_affected));
        }
        out.push('\n');
    }
    term::harmless(&out)
}
