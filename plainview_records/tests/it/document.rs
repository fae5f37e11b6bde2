//! Tests of the document reader. Every document is written here, byte by byte or part by part.

use std::io::Write as _;

use arrow_array::Array as _;
use plainview_records::formats::document::{DocumentKind, ExtractFailure, Extracted, Extractor};
use plainview_records::{
    Collected, Detected, Effect, Format, SourceInput, SourceReport, Table, detect,
};

use crate::support::{Folder, codes, column, gzip, only, read, with_effect};

/// A PDF whose pages draw these lines with a built-in font; `extra` goes into the trailer.
fn pdf(pages: &[&str], info: &str, extra: &str) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len())
        .map(|n| format!("{} 0 R", 5 + 2 * n))
        .collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            pages.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
        format!("<< {info} >>"),
    ];
    for (n, text) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
            6 + 2 * n
        ));
        let lines: Vec<String> = text
            .lines()
            .enumerate()
            .map(|(n, line)| format!("BT /F1 12 Tf 72 {} Td ({line}) Tj ET", 700 - 20 * n))
            .collect();
        let content = lines.join("\n");
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
    }
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).into_bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    out.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R /Info 4 0 R {extra} >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .into_bytes(),
    );
    out
}

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const CORE: &str = "<cp:coreProperties xmlns:cp='c' xmlns:dc='d'><dc:title>Storage &amp; retention</dc:title>\
    <dc:creator>CANARY-AUTHOR</dc:creator></cp:coreProperties>";

fn docx(body: &str) -> Vec<u8> {
    package(&[
        (
            "word/document.xml",
            &format!(
                "<?xml version='1.0'?><w:document xmlns:w='w'><w:body>{body}</w:body></w:document>"
            ),
        ),
        ("[Content_Types].xml", "<Types/>"),
        ("docProps/core.xml", CORE),
        (
            "word/footnotes.xml",
            "<w:footnotes><w:footnote><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
        (
            "word/comments.xml",
            "<w:comments><w:comment w:author='CANARY-AUTHOR'><w:p><w:r><w:t>is this true?</w:t></w:r></w:p></w:comment></w:comments>",
        ),
        (
            "word/header1.xml",
            "<w:hdr><w:p><w:r><w:t>CANARY-HEADER</w:t></w:r></w:p></w:hdr>",
        ),
        ("word/vbaProject.bin", "CANARY-MACRO"),
        ("word/embeddings/oleObject1.bin", "CANARY-OBJECT"),
    ])
}

const BODY: &str = "\
<w:p><w:pPr><w:pStyle w:val='Heading1'/><w:tabs><w:tab w:val='left' w:pos='720'/></w:tabs></w:pPr><w:r><w:t>Retention</w:t></w:r></w:p>\
<w:p><w:r><w:t xml:space='preserve'>We keep </w:t></w:r><w:ins w:author='x'><w:r><w:t>every</w:t></w:r></w:ins>\
<w:del w:author='x'><w:r><w:delText>no</w:delText></w:r></w:del><w:r><w:t> call &amp; log&#33;</w:t></w:r></w:p>\
<w:moveFrom><w:p><w:r><w:t>moved away</w:t></w:r></w:p></w:moveFrom>\
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>store</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>size</w:t></w:r></w:p><w:p><w:r><w:t>in TB</w:t></w:r></w:p></w:tc></w:tr>\
<w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>12</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
<w:p><w:r><w:t>left</w:t><w:tab/><w:t>right</w:t><w:br/><w:t>below</w:t></w:r></w:p>\
<w:p><w:r><w:instrText>HYPERLINK CANARY-FIELD</w:instrText><w:br w:type='page'/><w:t>second page</w:t></w:r></w:p>\
<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></mc:Choice>\
<mc:Fallback><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>";

fn xlsx() -> Vec<u8> {
    package(&[
        (
            "[Content_Types].xml",
            "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'><Override PartName='/xl/workbook.xml' ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>",
        ),
        (
            "_rels/.rels",
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'><sheets><sheet name='Stores' sheetId='1' r:id='r1'/><sheet name='Hidden one' sheetId='2' state='hidden' r:id='r2'/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r1' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet' Target='worksheets/sheet1.xml'/><Relationship Id='r2' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet' Target='worksheets/sheet2.xml'/></Relationships>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>store</t></is></c><c r='B1' t='inlineStr'><is><t>TB</t></is></c></row><row r='3'><c r='A3' t='inlineStr'><is><t>calls</t></is></c><c r='B3'><v>12.5</v></c></row></sheetData></worksheet>",
        ),
        (
            "xl/worksheets/sheet2.xml",
            "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>kept apart</t></is></c></row></sheetData></worksheet>",
        ),
    ])
}

fn read_all(files: &[(&str, Vec<u8>)]) -> (Collected, SourceReport) {
    let folder = Folder::new();
    let paths = files
        .iter()
        .map(|(name, bytes)| folder.write(name, bytes))
        .collect();
    read(&SourceInput::new(
        "docs",
        Format::Document,
        folder.path().to_owned(),
        paths,
    ))
}

fn cell(sink: &Collected, name: &str, row: usize) -> String {
    column(&sink.table(Table::Documents).unwrap(), name)[row].clone()
}

#[test]
fn a_pdf_is_read_page_by_page() {
    let bytes = pdf(
        &["first line\ncall +972 50 123 4567", "second page"],
        "/Title (The list) /Author (CANARY) /CreationDate (D:20200101)",
        "",
    );
    let (sink, report) = read_all(&[("a.pdf", bytes)]);
    assert_eq!(report.rows[&Table::Documents], 1);
    assert_eq!(cell(&sink, "kind", 0), "pdf");
    assert_eq!(cell(&sink, "subject", 0), "The list");
    let text = cell(&sink, "text", 0);
    let pages: Vec<&str> = text.split('\u{c}').collect();
    assert_eq!(pages.len(), 2, "{text:?}");
    let first: Vec<&str> = pages[0].split_whitespace().collect();
    assert_eq!(first[..2], ["first", "line"]);
    assert!(!text.contains("123 4567"), "{text}");
    assert_eq!(pages[1].trim(), "second page");
    assert_eq!(
        (
            cell(&sink, "sent_at", 0).as_str(),
            cell(&sink, "quoted_text", 0).as_str()
        ),
        ("-", "-")
    );
    assert_eq!(codes(&sink.notices), Vec::<&str>::new());
}

#[test]
fn pdfs_without_text_encrypted_or_damaged_are_lost_and_never_empty_rows() {
    let scan = pdf(&[""], "", "");
    let locked = pdf(
        &["secret"],
        "",
        "/Encrypt << /Filter /Standard /V 1 /R 2 /O (0123456789abcdef0123456789abcdef) /U (0123456789abcdef0123456789abcdef) /P -4 >> /ID [(a) (b)]",
    );
    let whole = pdf(&["page"], "", "");
    let cut = whole[..whole.len() / 3].to_vec();
    let (sink, report) = read_all(&[
        ("1.pdf", scan),
        ("2.pdf", locked),
        ("3.pdf", cut),
        ("4.pdf", Vec::new()),
        ("5.pdf", whole),
    ]);
    assert_eq!(report.rows[&Table::Documents], 1);
    assert_eq!(
        codes(&sink.notices),
        [
            "document-without-text",
            "document-encrypted",
            "document-unreadable",
            "empty-file"
        ]
    );
    assert_eq!(with_effect(&sink.notices, Effect::Lost).len(), 4);
    assert_eq!(cell(&sink, "text", 0), "page");
    assert_eq!(cell(&sink, "file_no", 0), "4");
}

#[test]
fn a_word_document_says_what_stands_when_changes_are_accepted() {
    let (sink, _) = read_all(&[("a.docx", docx(BODY))]);
    assert_eq!(cell(&sink, "kind", 0), "docx");
    assert_eq!(cell(&sink, "subject", 0), "Storage & retention");
    assert_eq!(
        cell(&sink, "text", 0),
        "Retention\n\nWe keep every call & log!\nstore\tsize in TB\n\t12\nleft\tright\nbelow\u{c}second page\nboxed\n\na note"
    );
    assert_eq!(
        cell(&sink, "quoted_text", 0),
        "[deleted] no\n[deleted] moved away\n[comment] is this true?"
    );
    assert_eq!(
        codes(&sink.notices),
        [
            "document-deleted-text",
            "document-comments",
            "document-part-unread",
            "document-embedded",
            "document-macros"
        ]
    );
    assert_eq!(only(&sink.notices, "document-deleted-text").found, "2");
}

#[test]
fn a_workbook_is_read_sheet_by_sheet() {
    let (sink, _) = read_all(&[("a.xlsx", xlsx())]);
    assert_eq!(cell(&sink, "kind", 0), "xlsx");
    assert_eq!(
        cell(&sink, "text", 0),
        "Stores\nstore\tTB\ncalls\t12.5\u{c}Hidden one\nkept apart"
    );
    assert_eq!(codes(&sink.notices), ["document-hidden-sheet"]);
}

#[test]
fn html_and_text_are_read_plain_and_compressed() {
    let html = b"<!DOCTYPE html><html><head><title>A page</title><style>p{CANARY}</style></head>\
        <body><h1>Head</h1><p>one</p><script>CANARY</script><!-- CANARY --></body></html>";
    let (sink, _) = read_all(&[
        ("a.html", html.to_vec()),
        ("b.txt.gz", gzip(b"one\r\n\r\n\r\ntwo\x0cpage two\r\n")),
        ("c.txt", b"caf\xe9".to_vec()),
        ("d.txt", b"\xff\xfeh\0i\0".to_vec()),
        ("e.bin", b"a\0b".to_vec()),
        ("f.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest".to_vec()),
    ]);
    assert_eq!(cell(&sink, "subject", 0), "A page");
    let text = cell(&sink, "text", 0);
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["Head", "one"]);
    assert_eq!(cell(&sink, "text", 1), "one\n\ntwo\u{c}page two");
    assert_eq!(cell(&sink, "text", 2), "caf\u{e9}");
    assert_eq!(cell(&sink, "text", 3), "hi");
    assert_eq!(
        codes(&sink.notices),
        [
            "document-charset",
            "document-unsupported",
            "document-unsupported"
        ]
    );
}

#[test]
fn formats_are_told_by_content() {
    let folder = Folder::new();
    let told = |name: &str, bytes: &[u8]| {
        detect(&folder.write(name, bytes)).map(|Detected { format, .. }| format)
    };
    assert_eq!(told("a", &pdf(&["x"], "", "")), Some(Format::Document));
    assert_eq!(told("b", &docx(BODY)), Some(Format::Document));
    assert_eq!(told("c", &xlsx()), Some(Format::Table));
    assert_eq!(
        told("d", b"\n<!-- x --><HTML><body>"),
        Some(Format::Document)
    );
    assert_eq!(told("e.md", b"# Title\n\ntext\n"), Some(Format::Document));
    assert_eq!(told("e.txt", b"caf\xe9"), None, "not UTF-8");
    assert_eq!(told("f", b"# Title\n\ntext\n"), None, "text of no kind");
    assert_eq!(told("g.txt", b"a\0b"), None);
    assert_eq!(
        told(
            "h.txt",
            b"From: a@example.org\nDate: Mon, 6 Jan 2025 10:00:00 +0000\n\nx"
        ),
        Some(Format::Mail)
    );
}

#[test]
fn copies_share_their_id() {
    let (sink, _) = read_all(&[
        ("1.pdf", pdf(&["the same words"], "", "")),
        (
            "2.pdf",
            pdf(&["the same\nwords"], "/Title (saved again)", ""),
        ),
        ("3.pdf", pdf(&["other words"], "", "")),
    ]);
    let documents = sink.table(Table::Documents).unwrap();
    let ids = column(&documents, "doc_id");
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    let digits = ids[0].strip_prefix("document-").unwrap();
    assert!(digits.len() == 25 && digits.bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(column(&documents, "copy_no"), ["1", "2", "1"]);
    let notice = only(&sink.notices, "document-duplicate");
    assert_eq!(
        (notice.file.as_str(), notice.effect),
        ("2.pdf", Effect::Doubt)
    );
}

/// Everything that may hold a canary holds one; no row and no notice shows it.
#[test]
fn nothing_but_the_listed_parts_is_shown() {
    let mut hidden = pdf(
        &["page"],
        "/Author (CANARY) /Keywords (CANARY) /Producer (CANARY)",
        "",
    );
    hidden.extend_from_slice(b"\n% CANARY\n");
    let html = b"<html><head><meta name=author content=CANARY><body onload='CANARY'><p title='CANARY'>x<a href='CANARY'>y</a>".to_vec();
    let (sink, report) = read_all(&[
        ("1.pdf", hidden),
        ("2.docx", docx(BODY)),
        ("3.html", html),
        (
            "4.docx",
            package(&[
                ("[Content_Types].xml", "<Types/>"),
                ("word/document.xml", "<w:p CANARY"),
                ("docProps/app.xml", "CANARY"),
            ]),
        ),
    ]);
    let documents = sink.table(Table::Documents).unwrap();
    let mut all = format!("{:?} {report:?}", sink.notices);
    for field in documents.schema().fields() {
        all.push_str(&column(&documents, field.name()).join("\n"));
    }
    assert_eq!(documents.num_rows(), 3);
    assert!(!all.contains("CANARY"), "{all}");
}

#[test]
fn packages_that_unpack_to_too_much_are_refused() {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file("[Content_Types].xml", options).unwrap();
    writer.start_file("word/document.xml", options).unwrap();
    let block = vec![b' '; 1 << 20];
    for _ in 0..130 {
        writer.write_all(&block).unwrap();
    }
    let bomb = writer.finish().unwrap().into_inner();
    let (sink, report) = read_all(&[("1.docx", bomb), ("2.docx", docx(BODY))]);
    assert_eq!(report.rows[&Table::Documents], 1);
    let notice = only(&sink.notices, "document-too-large");
    assert_eq!(
        (notice.file.as_str(), notice.effect),
        ("1.docx", Effect::Lost)
    );
}

/// An extractor that fails as a confined one can.
#[derive(Debug)]
struct Failing;

impl Extractor for Failing {
    fn extract(&self, _: DocumentKind, bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
        Err(match bytes.len() % 3 {
            0 => ExtractFailure::TimedOut,
            1 => ExtractFailure::Died("signal 11".to_owned()),
            _ => ExtractFailure::Refused("no Landlock".to_owned()),
        })
    }

    fn caveat(&self) -> Option<String> {
        Some("parsers ran unconfined".to_owned())
    }
}

#[test]
fn whatever_a_parser_does_the_run_goes_on() {
    let folder = Folder::new();
    let padded = |n: usize| {
        let mut bytes = b"%PDF-1.4\n".to_vec();
        bytes.resize(30 + n, b' ');
        bytes
    };
    let paths = vec![
        folder.write("0.pdf", padded(0)),
        folder.write("1.pdf", padded(1)),
        folder.write("2.pdf", padded(2)),
        folder.write("3.txt", "text goes no such way"),
    ];
    let input = SourceInput {
        extractor: std::sync::Arc::new(Failing),
        ..SourceInput::new("docs", Format::Document, folder.path().to_owned(), paths)
    };
    let (sink, report) = read(&input);
    assert_eq!(report.rows[&Table::Documents], 1);
    assert_eq!(
        codes(&sink.notices),
        [
            "document-unsandboxed",
            "document-timeout",
            "document-crashed",
            "document-refused"
        ]
    );
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["document-timeout", "document-crashed", "document-refused"]
    );
}

#[test]
fn arbitrary_and_cut_documents_never_panic() {
    let whole = [pdf(&["page"], "/Title (x)", ""), docx(BODY), xlsx()];
    let mut files = Vec::new();
    for (n, bytes) in whole.iter().enumerate() {
        for step in 1..24 {
            let mut cut = bytes[..bytes.len() * step / 24].to_vec();
            files.push((format!("{n}-{step}-cut"), cut.clone()));
            let at = cut.len() / 2;
            cut[at] ^= 0x55;
            files.push((format!("{n}-{step}-bent"), cut));
        }
    }
    let named: Vec<(&str, Vec<u8>)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone()))
        .collect();
    let (sink, report) = read_all(&named);
    let rows = report.rows.get(&Table::Documents).copied().unwrap_or(0);
    let lost = with_effect(&sink.notices, Effect::Lost).len() as u64;
    assert_eq!(rows + lost, files.len() as u64);
    let texts = sink.table(Table::Documents).unwrap();
    assert_eq!(texts.column_by_name("kind").unwrap().null_count(), 0);
}
