//! Seeds for the fuzz target: one small input for every format of the benchmark, and a few in wrappings that no text editor writes.
//!
//! Inputs are packed as `fuzz/src/packed.rs` unpacks them. Seeds of formats that are plain text are written by hand and stand beside
//! these in `fuzz/corpus`.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::BenchFormat;
use crate::make::{Size, make};

/// Rows of a seed; a tenth as many mails.
const ROWS: u64 = 3;

/// Begins the next file of an input; see `fuzz/src/packed.rs`.
const MARK: &str = "\u{1e}FILE ";

/// Writes the seeds below `corpus`, one folder a format.
pub fn seeds(corpus: &Path) -> anyhow::Result<()> {
    let work = corpus.join(".work");
    for format in BenchFormat::ALL {
        let rows = if format == BenchFormat::Mail {
            ROWS * 10
        } else {
            ROWS
        };
        let size = Size {
            rows,
            seed: 1,
            log_bytes: None,
        };
        make(&work, size, &[format])?;
        let folder = work.join(format.as_str());
        write(
            corpus,
            format.reader().as_str(),
            format.as_str(),
            &packed(&folder)?,
        )?;
    }
    let lines = fs::read(work.join("cloudtrail-lines/events.jsonl"))?;
    fs::remove_dir_all(&work)?;
    wrapped(corpus, &lines)
}

/// One log in every wrapping that is opened, and documents that are archives themselves.
fn wrapped(corpus: &Path, lines: &[u8]) -> anyhow::Result<()> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(lines)?;
    write(corpus, "cloudtrail", "gzip", &gzip.finish()?)?;
    write(corpus, "cloudtrail", "zstd", &zstd::encode_all(lines, 3)?)?;
    write(
        corpus,
        "cloudtrail",
        "zip",
        &archive(&[("a/events.jsonl", lines)])?,
    )?;
    write(corpus, "table", "workbook", &workbook()?)?;
    write(corpus, "document", "workbook", &workbook()?)?;
    let body = b"<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>\
        <w:p><w:r><w:t>We keep </w:t></w:r><w:r><w:t>no list.</w:t></w:r></w:p></w:body></w:document>";
    let types = b"<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
    let document = archive(&[("[Content_Types].xml", types), ("word/document.xml", body)])?;
    write(corpus, "document", "text", &document)
}

fn workbook() -> anyhow::Result<Vec<u8>> {
    archive(&[
        ("[Content_Types].xml", b"<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
        ("xl/workbook.xml", b"<?xml version=\"1.0\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
            xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", b"<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
            <Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
        ("xl/worksheets/sheet1.xml", b"<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>\
            <row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>archive</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>a/b.txt</t></is></c>\
            <c r=\"C1\"><v>12.5</v></c><c r=\"D1\"><v>45000</v></c></row></sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:B1\"/></mergeCells></worksheet>"),
    ])
}

fn archive(entries: &[(&str, &[u8])]) -> anyhow::Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default())?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// The files of `folder` as one input.
fn packed(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        files.push(entry?.path());
    }
    files.sort();
    let mut out = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        out.extend_from_slice(format!("{MARK}{name}\n").as_bytes());
        out.extend_from_slice(&fs::read(&path)?);
    }
    Ok(out)
}

fn write(corpus: &Path, format: &str, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = corpus.join(format);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes).with_context(|| folder.display().to_string())
}
