//! Tests of the index: rows in, hits out.
#![allow(clippy::unwrap_used)]

use plainview_index::{Document, Error, Index, IndexBuilder, Part};

const DAY: i64 = 86_400_000;

fn rows() -> Vec<Document<'static>> {
    let mail = Document {
        source: "mail-ops",
        file: "sources/mail/0001.eml",
        row: 1,
        doc_id: "mail-71",
        copy_no: 1,
        thread_id: Some("thread-71"),
        kind: "mail",
        // 2025-02-03
        sent_at: Some(20_122 * DAY),
        from: Some("provider-storage"),
        to: Some("tenant, qwert@sdfgh.example"),
        subject: Some("Store list"),
        text: Some("All calls are kept for two years. Please check the list."),
        ..Document::default()
    };
    vec![
        mail,
        Document {
            file: "sources/mail/0002.eml",
            doc_id: "mail-72",
            // 2025-03-01
            sent_at: Some(20_148 * DAY),
            subject: Some("Re: Store list"),
            text: Some("No."),
            quoted: Some("> All calls are kept for two years."),
            ..mail
        },
        Document {
            file: "sources/mail/0003.eml",
            copy_no: 2,
            ..mail
        },
        Document {
            source: "papers",
            file: "L\u{f6}schkonzept.pdf",
            doc_id: "document-73",
            thread_id: None,
            kind: "pdf",
            sent_at: None,
            from: None,
            to: None,
            subject: Some("L\u{f6}schkonzept"),
            text: Some("Aufnahmen werden nach zwei Jahren gel\u{f6}scht."),
            ..mail
        },
    ]
}

fn index() -> (tempfile::TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = IndexBuilder::create(folder.path()).unwrap();
    for row in rows() {
        builder.add(&row).unwrap();
    }
    assert_eq!(builder.finish().unwrap(), 4);
    let index = Index::open(folder.path()).unwrap();
    (folder, index)
}

/// The files a query finds, in order, by their number or name.
fn files(index: &Index, query: &str) -> Vec<String> {
    let found = index.find(query, 10).unwrap();
    assert_eq!(found.total, found.hits.len() as u64);
    found
        .hits
        .iter()
        .map(|hit| {
            hit.file
                .trim_start_matches("sources/mail/000")
                .trim_end_matches(".eml")
                .to_owned()
        })
        .collect()
}

#[test]
fn words_phrases_fields_dates_and_choices_find() {
    let (_folder, index) = index();
    for (query, expected) in [
        // Same words, same relevance: the order of the table decides.
        ("check", vec!["1", "3"]),
        ("CALLS quoted:kept", vec!["2"]),
        ("\"kept for two years\" text:kept", vec!["1", "3"]),
        ("\"for kept\"", vec![]),
        ("loschkonzept", vec!["L\u{f6}schkonzept.pdf"]),
        ("subject:L\u{f6}schkonzept", vec!["L\u{f6}schkonzept.pdf"]),
        ("kind:pdf", vec!["L\u{f6}schkonzept.pdf"]),
        ("file:0002.eml", vec!["2"]),
        ("source:mail-ops from:2025-03", vec!["2"]),
        ("source:mail-ops to:2025-02-03", vec!["1", "3"]),
        ("date:2025-02", vec!["1", "3"]),
        ("date:[2025-02-04 TO 2025-03-01]", vec!["2"]),
        ("from:provider-storage -check", vec!["2"]),
        ("doc:mail-71 source:mail-ops", vec!["1", "3"]),
        ("to:\"qwert@sdfgh.example\" date:2025-03", vec!["2"]),
        ("zebra", vec![]),
        ("zebra OR zwei", vec!["L\u{f6}schkonzept.pdf"]),
    ] {
        assert_eq!(files(&index, query), expected, "{query}");
    }
}

#[test]
fn snippets_show_where_and_in_which_part() {
    let (_folder, index) = index();
    let found = index.find("years", 10).unwrap();
    let second = found
        .hits
        .iter()
        .find(|hit| hit.doc_id == "mail-72")
        .unwrap();
    let snippet = second.snippet.as_ref().unwrap();
    assert_eq!(snippet.part, Part::Quoted);
    let marked: Vec<&str> = snippet
        .marks
        .iter()
        .map(|(start, end)| &snippet.text[*start..*end])
        .collect();
    assert_eq!(marked, ["years"]);
    let found = index.find("\"kept for\"", 1).unwrap();
    assert_eq!((found.total, found.hits.len()), (3, 1));
    assert_eq!(found.hits[0].snippet.as_ref().unwrap().marks.len(), 2);
    let dated = index.find("date:2025-02", 1).unwrap();
    assert_eq!(dated.hits[0].snippet, None);
    assert_eq!(dated.hits[0].sent_at, Some(20_122 * DAY));
}

#[test]
fn two_indexes_of_the_same_rows_answer_alike() {
    let ((_a, one), (_b, two)) = (index(), index());
    for query in ["kept OR list OR zwei", "store", "-zebra list"] {
        let (first, second) = (one.find(query, 3).unwrap(), two.find(query, 3).unwrap());
        assert_eq!(first, second, "{query}");
    }
}

#[test]
fn an_empty_index_finds_nothing_and_bad_queries_are_told() {
    let folder = tempfile::tempdir().unwrap();
    IndexBuilder::create(folder.path())
        .unwrap()
        .finish()
        .unwrap();
    let index = Index::open(folder.path()).unwrap();
    assert_eq!(index.find("word", 5).unwrap().total, 0);
    assert!(matches!(index.find("opened:jane", 5), Err(Error::Query(_))));
    assert!(Index::open(&folder.path().join("nowhere")).is_err());
}
