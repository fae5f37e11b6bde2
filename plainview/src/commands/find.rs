//! `plainview find CASE "words"`: full-text search of documents, as the tables have them.
//!
//! The query is looked for as it is typed and never masked: a number or an address that the tables hold as a token is not
//! found by its real form. Of a protected source a hit shows the document's id in place of file and row, and no date.

use anyhow::Result;
use plainview_index::{Found, HELP, Hit, Snippet};
use serde_json::{Value, json};

use crate::case::CaseFolder;
use crate::cli::FindArgs;
use crate::exit::Ending;
use crate::{documents, term};

pub(crate) fn run(args: &FindArgs) -> Result<Ending> {
    let case = CaseFolder::open(&args.case)?;
    let Some(query) = &args.query else {
        term::result(&format!("{HELP}\n"));
        return Ok(Ending::DONE);
    };
    let runs = documents::kept(&case)?;
    let index = documents::index(&case, &runs)?;
    let found = index.find(query, args.limit)?;
    if args.json {
        let value = describe(&case, query, &found);
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        term::result(&text(&case, &found));
    }
    Ok(Ending::DONE)
}

fn is_protected(case: &CaseFolder, hit: &Hit) -> bool {
    // A source that the register does not know any more is shown no more freely than one that it protects.
    case.register
        .source(&hit.source)
        .is_none_or(|source| source.protected)
}

/// The document as `plainview mark --doc` takes it.
fn place(hit: &Hit, protected: bool) -> String {
    if protected {
        format!("{}:{}", hit.source, hit.doc_id)
    } else {
        format!("{}:{}:{}", hit.source, hit.file, hit.row)
    }
}

fn day(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| ms.to_string(),
        |time| time.strftime("%Y-%m-%d").to_string(),
    )
}

fn describe(case: &CaseFolder, query: &str, found: &Found) -> Value {
    let hits: Vec<Value> = found
        .hits
        .iter()
        .map(|hit| {
            let protected = is_protected(case, hit);
            json!({
                "doc": place(hit, protected),
                "source": hit.source,
                "file": (!protected).then_some(&hit.file),
                "row": (!protected).then_some(hit.row),
                "doc_id": hit.doc_id,
                "copy_no": hit.copy_no,
                "thread_id": hit.thread_id,
                "kind": hit.kind,
                "sent_at": hit.sent_at.filter(|_| !protected).and_then(|ms| {
                    jiff::Timestamp::from_millisecond(ms).ok().map(|time| time.to_string())
                }),
                "from": hit.from,
                "to": hit.to,
                "cc": hit.cc,
                "subject": hit.subject,
                "snippet": hit.snippet.as_ref().map(|snippet| json!({
                    "part": snippet.part.as_str(),
                    "text": snippet.text,
                    "marks": snippet.marks,
                })),
            })
        })
        .collect();
    json!({ "query": query, "total": found.total, "hits": hits })
}

fn text(case: &CaseFolder, found: &Found) -> String {
    let shown = found.hits.len() as u64;
    let mut out = match found.total {
        0 => "No document is found.\n".to_owned(),
        1 => "1 document is found.\n".to_owned(),
        total if total == shown => format!("{total} documents are found.\n"),
        total => format!("{total} documents are found; the first {shown} are shown (--limit).\n"),
    };
    for hit in &found.hits {
        out.push('\n');
        out.push_str(&one(hit, is_protected(case, hit)));
    }
    out
}

fn one(hit: &Hit, protected: bool) -> String {
    let mut head = vec![hit.kind.clone()];
    if let Some(ms) = hit.sent_at.filter(|_| !protected) {
        head.push(day(ms));
    }
    if let Some(from) = &hit.from {
        head.push(format!("from {from}"));
    }
    if let Some(to) = &hit.to {
        head.push(format!("to {to}"));
    }
    if hit.copy_no > 1 {
        head.push(format!("copy {}", hit.copy_no));
    }
    let mut out = format!(
        "{}\n",
        term::bold(&term::harmless(&place(hit, protected)).replace('\n', " "))
    );
    out.push_str(&term::wrap(&head.join("  "), 4));
    if let Some(subject) = &hit.subject {
        out.push_str(&term::wrap(subject, 4));
    }
    if let Some(snippet) = &hit.snippet {
        let words = marked(snippet);
        out.push_str(&term::wrap(
            &format!("{}: ... {words} ...", snippet.part.as_str()),
            4,
        ));
    }
    out
}

/// A snippet with its words set off.
fn marked(snippet: &Snippet) -> String {
    let mut out = String::new();
    let mut done = 0;
    for (start, end) in &snippet.marks {
        out.push_str(snippet.text.get(done..*start).unwrap_or_default());
        out.push_str("**");
        out.push_str(snippet.text.get(*start..*end).unwrap_or_default());
        out.push_str("**");
        done = *end;
    }
    out.push_str(snippet.text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use plainview_index::Part;

    #[test]
    fn words_found_are_set_off() {
        let snippet = Snippet {
            part: Part::Text,
            text: "all calls are kept".to_owned(),
            marks: vec![(4, 9), (14, 18)],
        };
        assert_eq!(marked(&snippet), "all **calls** are **kept**");
    }

    #[test]
    fn a_protected_hit_shows_its_id_and_no_place_or_date() {
        let hit = Hit {
            source: "leak".to_owned(),
            file: "folder/secret-name.pdf".to_owned(),
            row: 7,
            doc_id: "document-1".to_owned(),
            kind: "pdf".to_owned(),
            sent_at: Some(0),
            ..Hit::default()
        };
        let shown = one(&hit, true);
        assert!(shown.contains("leak:document-1"), "{shown}");
        assert!(
            !shown.contains("secret-name") && !shown.contains("1970"),
            "{shown}"
        );
        assert!(one(&hit, false).contains("leak:folder/secret-name.pdf:7"));
    }
}
