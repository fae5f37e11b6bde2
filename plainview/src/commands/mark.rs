//! `plainview mark CASE`: makes an exhibit of a passage.
//!
//! The passage must stand, word for word, in the document that is named. The exhibit is appended to `exhibits.toml`; what is in the
//! file stays as it is, byte for byte. It is written in the form the tables have, so that masked runs stay masked. Refused are
//! passages that stand nowhere, or in several rows of a file when none is given; ids and passages marked before; whatever the
//! register does not know; and files of protected sources by their names, which would keep in the case what the register
//! promises to keep out: those documents are named by their ids, as `plainview find` shows them.

use anyhow::{Result, bail};
use plainview_register::parse_exhibits;
use serde_json::json;

use crate::case::{CaseFolder, Invalid};
use crate::cli::MarkArgs;
use crate::exit::Ending;
use crate::review::{self, Quotes, SourceRun, Standing, fold};
use crate::{documents, files, term};

pub(crate) fn run(args: &MarkArgs) -> Result<Ending> {
    let case = CaseFolder::open(&args.case)?;
    let _lock = case.lock()?;
    let runs = documents::kept(&case)?;
    let engine = review::open_engine(&case, None)?;
    let tokens = case.tokens()?;
    let quotes = Quotes::new(&engine, &runs, &tokens);
    let target = Target::read(&case, &runs, args)?;
    let places = quotes.all(&target.source, &target.file, target.row, &args.quote)?;
    let place = only(&target, &places)?;
    let masked = tokens.text(&args.quote, None);
    let typed = fold(&args.quote);
    // Copied from the tables it stands there as typed; copied from the record, as masking makes it.
    let as_typed = masked == args.quote
        || !quotes
            .verbatim(&target.source, &target.file, target.row, &typed)?
            .is_empty();
    let quote = if as_typed { typed } else { fold(&masked) };
    refuse_twin(&case, &target, &args.claim, &quote)?;

    let path = case.root.join("exhibits.toml");
    let before = if path.is_file() {
        files::read_text(&path)?
    } else {
        String::new()
    };
    let after = format!("{before}{}", appended(&before, args, &target, &quote));
    let parsed = parse_exhibits("exhibits.toml", &after, &case.register);
    if parsed.value.is_none() {
        return Err(
            anyhow::Error::from(Invalid(parsed.diagnostics)).context("the exhibit was not written")
        );
    }
    files::write(&path, after.as_bytes())?;
    say(args, &target, place, &quote)?;
    Ok(Ending::DONE)
}

/// The document that a mark names.
struct Target {
    source: String,
    file: String,
    row: Option<u64>,
    protected: bool,
}

impl Target {
    /// Reads `SOURCE:FILE[:ROW]`. A file's name may hold colons, so a number at the end is a row only when the file is not
    /// called so.
    fn read(case: &CaseFolder, runs: &[SourceRun], args: &MarkArgs) -> Result<Self> {
        let Some((source, file)) = args.doc.split_once(':') else {
            bail!(
                "--doc: found `{}`, expected SOURCE:FILE or SOURCE:FILE:ROW",
                args.doc
            );
        };
        let Some(declared) = case.register.source(source) else {
            bail!("--doc: the register has no source `{source}`");
        };
        let is_file = runs
            .iter()
            .filter(|run| run.id == source)
            .flat_map(|run| &run.files)
            .any(|known| known.name == file);
        let split = file
            .rsplit_once(':')
            .and_then(|(file, row)| Some((file, row.parse::<u64>().ok().filter(|n| *n > 0)?)));
        let (file, row) = match split {
            Some((file, row)) if !is_file => (file, Some(row)),
            _ => (file, None),
        };
        if row.is_some() && args.row.is_some() && row != args.row {
            bail!("--row: found another row than --doc names");
        }
        let target = Self {
            source: source.to_owned(),
            file: file.to_owned(),
            row: args.row.or(row),
            protected: declared.protected,
        };
        if target.protected && (!is_doc_id(file) || target.row.is_some()) {
            bail!(
                "source `{source}` is protected: its documents are named by their ids, as `plainview find` shows them, and not by file and row"
            );
        }
        Ok(target)
    }
}

/// Whether a name has the form of a document's id: a word, a hyphen and 25 digits.
fn is_doc_id(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(kind, digits)| {
        kind.bytes().all(|b| b.is_ascii_lowercase())
            && digits.len() == 25
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The place of a passage, when it is one. Copies of one document are one.
fn only<'p>(target: &Target, places: &'p [Standing]) -> Result<&'p Standing> {
    let Some(first) = places.first() else {
        bail!(
            "the passage does not stand in {}:{}; it must be there word for word",
            target.source,
            target.file
        );
    };
    let several = places
        .iter()
        .any(|place| place.row != first.row && place.doc_id != first.doc_id);
    if several {
        let rows: Vec<String> = places
            .iter()
            .take(10)
            .map(|place| place.row.to_string())
            .collect();
        bail!(
            "the passage stands in {} rows of {}:{} ({}); say which with --row",
            places.len(),
            target.source,
            target.file,
            rows.join(", ")
        );
    }
    Ok(first)
}

/// Refuses a passage that is marked for the same claim already.
fn refuse_twin(case: &CaseFolder, target: &Target, claim: &str, quote: &str) -> Result<()> {
    let twin = case.exhibits.exhibits.iter().find(|exhibit| {
        exhibit.claim == claim
            && exhibit.source == target.source
            && exhibit.file == target.file
            && exhibit.row == target.row
            && fold(&exhibit.quote) == quote
    });
    match twin {
        Some(twin) => bail!(
            "the passage is marked for claim {claim} already, as exhibit {}",
            twin.id
        ),
        None => Ok(()),
    }
}

/// The lines to append.
fn appended(before: &str, args: &MarkArgs, target: &Target, quote: &str) -> String {
    let text = |text: &str| toml_edit::Value::from(text).to_string();
    let mut out = String::new();
    if !before.is_empty() {
        out.push_str(if before.ends_with('\n') { "\n" } else { "\n\n" });
    }
    out.push_str("[[exhibit]]\n");
    let mut line = |key: &str, value: &str| out.push_str(&format!("{key} = {value}\n"));
    line("id", &text(&args.id));
    line("claim", &text(&args.claim));
    line("side", &text(&args.side));
    line("source", &text(&target.source));
    line("file", &text(&target.file));
    if let Some(row) = target.row {
        line("row", &row.to_string());
    }
    line("quote", &text(quote));
    line("scheme", &text(&args.scheme));
    line("marked_by", &text(&args.by));
    line("date", &args.date.to_string());
    out
}

fn say(args: &MarkArgs, target: &Target, place: &Standing, quote: &str) -> Result<()> {
    if args.json {
        let value = json!({
            "exhibit": args.id,
            "claim": args.claim,
            "side": args.side,
            "source": target.source,
            "quoted": place.quoted,
            "quote": quote,
        });
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
        return Ok(());
    }
    let where_it_stands = if place.quoted {
        "; it stands in what the document quotes, not in its own words"
    } else {
        ""
    };
    term::result(&term::harmless(&format!(
        "Exhibit {} is marked {} claim {}{where_it_stands}.\n",
        args.id, args.side, args.claim
    )));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_documents_are_told_from_files() {
        assert!(is_doc_id("mail-7123456789012345678901234"));
        assert!(!is_doc_id("mail-71234567890123456789012"));
        assert!(!is_doc_id("a/mail-7123456789012345678901234"));
        assert!(!is_doc_id("report.pdf"));
    }

    #[test]
    fn one_document_in_two_copies_is_one_place() {
        let target = Target {
            source: "s".to_owned(),
            file: "f".to_owned(),
            row: None,
            protected: false,
        };
        let at = |row, doc_id: &str| Standing {
            doc_id: doc_id.to_owned(),
            row,
            recorded_at: None,
            quoted: false,
        };
        assert!(only(&target, &[]).is_err());
        assert_eq!(
            only(&target, &[at(1, "a"), at(2, "a")]).map(|p| p.row).ok(),
            Some(1)
        );
        assert!(only(&target, &[at(1, "a"), at(2, "b")]).is_err());
    }
}
