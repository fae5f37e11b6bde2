//! `auto`: files of several formats in one source, numbered through, each told by its content.

use std::collections::BTreeSet;

use plainview_records::{Detected, Effect, Format, Table, read_source};

use crate::support::{Folder, column, gzip, only, read};

const MAIL: &[u8] = b"From: ada@example.com\r\nDate: Mon, 6 Jan 2025 10:00:00 +0000\r\nSubject: hello\r\n\r\nHi.\r\n";

const BLOBS: &[u8] = b"Name,Content-Length,Last-Modified\ncalls/a.opus,10,2025-01-06T10:00:00Z\ncalls/b.opus,20,2025-01-06T10:00:00Z\n";

/// An S3 inventory of two rows whose manifest names its data file.
fn inventory(folder: &Folder) {
    let rows = gzip(b"\"calls\",\"a\",\"1\"\n\"calls\",\"b\",\"2\"\n");
    let manifest = format!(
        "{{\"sourceBucket\":\"calls\",\"destinationBucket\":\"arn:aws:s3:::reports\",\"version\":\"2016-11-30\",\
         \"creationTimestamp\":\"1736121600000\",\"fileFormat\":\"CSV\",\"fileSchema\":\"Bucket, Key, Size\",\
         \"files\":[{{\"key\":\"r/data/x1.csv.gz\",\"size\":{},\"MD5checksum\":\"{}\"}}]}}",
        rows.len(),
        crate::support::md5_hex(&rows),
    );
    folder.write("inv/day/manifest.json", manifest.as_bytes());
    folder.write(
        "inv/day/manifest.checksum",
        crate::support::md5_hex(manifest.as_bytes()),
    );
    folder.write("inv/data/x1.csv.gz", rows);
    folder.write("inv/hive/symlink.txt", b"s3://reports/r/data/x1.csv.gz\n");
}

#[test]
fn every_file_is_numbered_told_and_read_or_named() {
    let folder = Folder::new();
    inventory(&folder);
    folder.write("a.eml", MAIL);
    folder.write("blobs.csv", BLOBS);
    folder.write("inv/data/stranger.csv", b"1,2,3\n");
    folder.write("noise.bin", b"\0\x01\x02");
    folder.write("nothing", b"");
    let (sink, report) = read(&folder.input(Format::Auto, &["."]));
    // Formats in the order of their list, files of each by name, then what is unknown; the numbers go on.
    let files: Vec<(&str, Option<Format>, u64)> = report
        .files
        .iter()
        .map(|file| {
            (
                file.name.as_str(),
                file.told_by.as_ref().map(|told| told.format),
                file.rows,
            )
        })
        .collect();
    assert_eq!(
        files,
        [
            ("inv/data/x1.csv.gz", Some(Format::S3Inventory), 2),
            ("inv/day/manifest.checksum", Some(Format::S3Inventory), 0),
            ("inv/day/manifest.json", Some(Format::S3Inventory), 0),
            ("inv/hive/symlink.txt", Some(Format::S3Inventory), 0),
            ("blobs.csv", Some(Format::AzureBlobInventory), 2),
            ("a.eml", Some(Format::Mail), 1),
            ("inv/data/stranger.csv", None, 0),
            ("noise.bin", None, 0),
            ("nothing", None, 0),
        ]
    );
    assert_eq!(
        report.files[2].told_by,
        Some(Detected {
            format: Format::S3Inventory,
            because: "a manifest with fileSchema and sourceBucket"
        })
    );
    let objects = sink.table(Table::Objects).unwrap();
    assert_eq!(column(&objects, "file_no"), ["0", "0", "4", "4"]);
    let mails = sink.table(Table::Documents).unwrap();
    assert_eq!(column(&mails, "file_no"), ["5"]);
    let unknown: BTreeSet<&str> = sink
        .notices
        .iter()
        .filter(|notice| notice.code == "format-unknown")
        .inspect(|notice| assert_eq!(notice.effect, Effect::Lost))
        .map(|notice| notice.file.as_str())
        .collect();
    assert_eq!(
        unknown,
        BTreeSet::from(["inv/data/stranger.csv", "noise.bin", "nothing"])
    );
    let lost = sink.notices.iter().filter(|n| n.effect == Effect::Lost);
    assert_eq!(lost.count(), 3, "{:#?}", sink.notices);
    // Every file is hashed, so that none can vanish from the digest.
    assert!(report.files.iter().all(|file| file.sha256.len() == 64));
}

#[test]
fn the_same_files_read_by_name_of_their_format_give_the_same_rows() {
    let folder = Folder::new();
    folder.write("blobs.csv", BLOBS);
    let (auto, _) = read(&folder.input(Format::Auto, &["."]));
    let (told, report) = read(&folder.input(Format::AzureBlobInventory, &["."]));
    assert_eq!(
        auto.table(Table::Objects).unwrap(),
        told.table(Table::Objects).unwrap()
    );
    assert_eq!(report.files[0].told_by, None, "nobody had to look");
}

#[test]
fn a_copy_is_read_once_whatever_it_is_called() {
    let folder = Folder::new();
    folder.write("a/one.csv", b"BilledCost,ServiceCategory\n");
    folder.write("b.eml", MAIL);
    folder.write("c.eml", MAIL);
    let (sink, _) = read(&folder.input(Format::Auto, &["."]));
    let rows = sink.table(Table::Documents).unwrap().num_rows();
    let twice = sink
        .notices
        .iter()
        .any(|n| n.code == "mail-duplicate" || n.code == "duplicate-file");
    assert!(rows == 1 || twice, "a second copy is said or not counted");
}

#[test]
fn a_sheet_waits_for_a_map() {
    let folder = Folder::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("xl/workbook.xml", options).unwrap();
    folder.write("sheet.xlsx", zip.finish().unwrap().into_inner());
    let input = folder.input(Format::Auto, &["."]);
    let mut sink = plainview_records::Collected::default();
    let report = read_source(&input, &mut sink).unwrap();
    let told = report.files[0].told_by.as_ref().map(|told| told.format);
    if told == Some(Format::Table) {
        assert_eq!(only(&sink.notices, "format-needs-map").effect, Effect::Lost);
    } else {
        assert_eq!(told, Some(Format::Document));
    }
}
