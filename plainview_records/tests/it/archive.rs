//! Archives and compression: what is taken out of them, and everything that is refused.

use std::io::Write as _;

use plainview_records::{Effect, FileRole, Format, SourceInput, Table};

use crate::support::{Folder, codes, column, gzip, only, read, shared_data};

/// A mail of a fictional sender.
fn mail(subject: &str) -> Vec<u8> {
    format!(
        "From: Ada <ada@example.com>\r\nTo: bo@example.org\r\nDate: Mon, 6 Jan 2025 10:00:00 +0000\r\n\
         Message-ID: <{subject}@example.com>\r\nSubject: {subject}\r\n\r\nHello {subject}.\r\n"
    )
    .into_bytes()
}

/// One entry of a zip file, with every field that a hostile maker could choose.
#[derive(Clone)]
struct Entry {
    name: Vec<u8>,
    /// The name in the list, when it is not the one at the data.
    listed: Option<Vec<u8>>,
    data: Vec<u8>,
    method: u16,
    flags: u16,
    crc: u32,
    size: u32,
    attributes: u32,
    /// Lies at the place of an earlier entry.
    at: Option<usize>,
}

impl Entry {
    fn stored(name: &str, data: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        Self {
            name: name.as_bytes().to_vec(),
            listed: None,
            data: data.to_vec(),
            method: 0,
            flags: 0,
            crc: crc.sum(),
            size: u32::try_from(data.len()).unwrap(),
            attributes: 0o100_644 << 16,
            at: None,
        }
    }

    fn deflated(name: &str, data: &[u8]) -> Self {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        Self {
            data: encoder.finish().unwrap(),
            method: 8,
            ..Self::stored(name, data)
        }
    }
}

fn put16(bytes: &mut Vec<u8>, value: u16) {
    bytes.extend(value.to_le_bytes());
}

fn put32(bytes: &mut Vec<u8>, value: usize) {
    bytes.extend(u32::try_from(value).unwrap().to_le_bytes());
}

/// The fields that the header at the data and the one in the list share.
fn shared(entry: &Entry, name: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    put16(&mut bytes, entry.flags);
    put16(&mut bytes, entry.method);
    // 2025-01-06, midnight, as MS-DOS writes it.
    put16(&mut bytes, 0);
    put16(&mut bytes, (45 << 9) | (1 << 5) | 6);
    bytes.extend(entry.crc.to_le_bytes());
    put32(&mut bytes, entry.data.len());
    bytes.extend(entry.size.to_le_bytes());
    put16(&mut bytes, u16::try_from(name.len()).unwrap());
    put16(&mut bytes, 0);
    bytes
}

/// A zip file of exactly these entries.
fn zip(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut list = Vec::new();
    let mut places = Vec::new();
    for entry in entries {
        let place = entry.at.map_or(bytes.len(), |earlier| places[earlier]);
        places.push(place);
        if entry.at.is_none() {
            bytes.extend(b"PK\x03\x04\x14\x00");
            bytes.extend(shared(entry, &entry.name));
            bytes.extend(&entry.name);
            bytes.extend(&entry.data);
        }
        let name = entry.listed.as_ref().unwrap_or(&entry.name);
        // Made by a Unix system, so that the attributes hold a mode.
        list.extend(b"PK\x01\x02\x14\x03\x14\x00");
        list.extend(shared(entry, name));
        put16(&mut list, 0);
        put16(&mut list, 0);
        put16(&mut list, 0);
        list.extend(entry.attributes.to_le_bytes());
        put32(&mut list, place);
        list.extend(name);
    }
    let start = bytes.len();
    bytes.extend(&list);
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00");
    let count = u16::try_from(entries.len()).unwrap();
    put16(&mut bytes, count);
    put16(&mut bytes, count);
    put32(&mut bytes, list.len());
    put32(&mut bytes, start);
    put16(&mut bytes, 0);
    bytes
}

/// Reads one zip file as mail.
fn read_zip(
    bytes: &[u8],
    change: impl FnOnce(&mut SourceInput),
) -> (Vec<String>, Vec<(String, String)>) {
    let folder = Folder::new();
    folder.write("box.zip", bytes);
    let mut input = folder.input(Format::Mail, &["box.zip"]);
    change(&mut input);
    let (sink, report) = read(&input);
    let subjects = column(&sink.table(Table::Documents).unwrap(), "subject");
    assert_eq!(report.files[0].name, "box.zip");
    assert_eq!(report.files[0].role, FileRole::Archive);
    assert_eq!(report.files[0].sha256.len(), 64);
    let notices = sink
        .notices
        .iter()
        .filter(|notice| notice.effect == Effect::Lost)
        .map(|notice| (notice.code.to_owned(), notice.file.clone()))
        .collect();
    (subjects, notices)
}

fn lost(code: &str, file: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), file.to_owned())]
}

#[test]
fn entries_become_files_of_the_source_in_the_order_of_their_names() {
    let folder = Folder::new();
    let entries = [
        Entry::deflated("z/late.eml", &mail("late")),
        Entry::stored("a/early.eml", &mail("early")),
        Entry::stored("a/", b""),
        Entry::stored("a/.DS_Store", b"\0\0\0\x01Bud1"),
        Entry::stored("__MACOSX/a/._early.eml", b"\0\x05\x16\x07"),
    ];
    folder.write("box.zip", zip(&entries));
    folder.write("box.eml", mail("plain"));
    folder.write("later.eml", mail("later"));
    let input = folder.input(Format::Mail, &["."]);
    let (sink, report) = read(&input);
    let names: Vec<&str> = report.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "box.zip",
            "box.eml",
            "box.zip/a/early.eml",
            "box.zip/z/late.eml",
            "later.eml"
        ]
    );
    let rows = sink.table(Table::Documents).unwrap();
    assert_eq!(
        column(&rows, "subject"),
        ["plain", "early", "late", "later"]
    );
    assert_eq!(column(&rows, "file_no"), ["1", "2", "3", "4"]);
    assert_eq!(codes(&sink.notices), ["hidden-file", "hidden-file"]);
    assert!(sink.notices.iter().all(|n| n.effect == Effect::Unread));
    assert_eq!(sink.notices[0].file, "box.zip/a/.DS_Store");
    // The same entries packed in another order are the same rows.
    folder.write("box.zip", zip(&[entries[1].clone(), entries[0].clone()]));
    let (again, _) = read(&folder.input(Format::Mail, &["."]));
    assert_eq!(again.table(Table::Documents).unwrap(), rows);
}

#[test]
fn nothing_of_an_archive_stays_behind_and_nothing_is_written_where_it_says() {
    let folder = Folder::new();
    let hostile = [
        "../outside.eml",
        "/absolute.eml",
        "a/../../b.eml",
        "a\\b.eml",
        "C:evil.eml",
        "a//b.eml",
        "./c.eml",
        "nul\0.eml",
        "line\nbreak.eml",
    ];
    let mut entries: Vec<Entry> = hostile
        .iter()
        .map(|name| Entry::stored(name, &mail("hostile")))
        .collect();
    let good = Entry::stored("good.eml", &mail("good"));
    entries.push(good);
    folder.write("in/box.zip", zip(&entries));
    let mut input = folder.input(Format::Mail, &["in"]);
    input.scratch_folder = Some(folder.path().join("scratch"));
    let (sink, _) = read(&input);
    let rows = sink.table(Table::Documents).unwrap();
    assert_eq!(column(&rows, "subject"), ["good"]);
    assert_eq!(
        codes(&sink.notices),
        vec!["archive-entry-name"; hostile.len()]
    );
    // Only the folder that the test named is left, and it is empty.
    let left: Vec<_> = std::fs::read_dir(folder.path().join("scratch"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn an_archive_that_programs_read_differently_is_refused_whole() {
    let one = Entry::stored("one.eml", &mail("one"));
    let two = Entry::stored("two.eml", &mail("two"));
    let renamed = Entry {
        listed: Some(b"other.eml".to_vec()),
        ..two.clone()
    };
    let twice = Entry {
        name: b"one.eml".to_vec(),
        ..two.clone()
    };
    let overlapping = Entry {
        listed: Some(b"six.eml".to_vec()),
        at: Some(0),
        ..one.clone()
    };
    for entries in [
        vec![one.clone(), twice],
        vec![one.clone(), renamed],
        vec![one.clone(), overlapping],
    ] {
        let (subjects, notices) = read_zip(&zip(&entries), |_| {});
        assert!(subjects.is_empty());
        assert_eq!(notices, lost("archive-ambiguous", "box.zip"));
    }
    // An entry that the list does not name: two lists could be told apart by nothing else.
    let mut bytes = zip(std::slice::from_ref(&one));
    let visible = zip(std::slice::from_ref(&two));
    let cut = bytes.len() - 22 - 46 - "one.eml".len();
    bytes.truncate(cut);
    bytes.extend(&visible);
    let (subjects, notices) = read_zip(&bytes, |_| {});
    assert!(subjects.is_empty());
    assert_eq!(notices, lost("archive-ambiguous", "box.zip"));
    // The two of them, plainly, are read.
    let (subjects, notices) = read_zip(&zip(&[one, two]), |_| {});
    assert_eq!((subjects.len(), notices), (2, vec![]));
}

#[test]
fn damage_is_named() {
    let whole = zip(&[Entry::stored("one.eml", &mail("one"))]);
    let (subjects, notices) = read_zip(&whole[..whole.len() - 30], |_| {});
    assert!(subjects.is_empty());
    assert_eq!(notices, lost("archive-damaged", "box.zip"));
    let mut wrong = Entry::stored("one.eml", &mail("one"));
    wrong.crc ^= 1;
    let (subjects, notices) = read_zip(
        &zip(&[wrong, Entry::stored("two.eml", &mail("two"))]),
        |_| {},
    );
    assert_eq!(subjects, ["two"], "what is whole is read");
    assert_eq!(notices, lost("archive-entry-damaged", "box.zip/one.eml"));
}

#[test]
fn each_kind_of_entry_that_is_not_read_has_a_code_of_its_own() {
    let encrypted = Entry {
        flags: 1,
        ..Entry::stored("secret.eml", &mail("secret"))
    };
    let odd = Entry {
        method: 12,
        ..Entry::stored("odd.eml", &mail("odd"))
    };
    let link = Entry {
        attributes: 0o120_777 << 16,
        ..Entry::stored("link.eml", b"/etc/passwd")
    };
    let inner = zip(&[Entry::stored("deep.eml", &mail("deep"))]);
    let nested = Entry::stored("inner.eml", &inner);
    for (entry, code) in [
        (encrypted, "archive-encrypted"),
        (odd, "archive-method"),
        (link, "link-not-followed"),
        (nested, "archive-nested"),
    ] {
        let name = format!("box.zip/{}", String::from_utf8(entry.name.clone()).unwrap());
        let (subjects, notices) =
            read_zip(&zip(&[Entry::stored("a.eml", &mail("a")), entry]), |_| {});
        assert_eq!(subjects, ["a"]);
        assert_eq!(notices, lost(code, &name));
    }
}

#[test]
fn bombs_are_stopped_by_what_they_do_not_by_what_they_declare() {
    let zeros = vec![b'a'; 8 << 20];
    // The declared size is a lie: the bound counts what comes out.
    let modest = Entry {
        size: 10,
        ..Entry::deflated("bomb.eml", &zeros)
    };
    let small = Entry::stored("a.eml", &mail("a"));
    for bomb in [Entry::deflated("bomb.eml", &zeros), modest] {
        let (subjects, notices) = read_zip(&zip(&[small.clone(), bomb.clone()]), |_| {});
        assert_eq!(subjects, ["a"]);
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(
            ["compression-ratio", "archive-entry-damaged"].contains(&notices[0].0.as_str()),
            "{notices:?}"
        );
    }
    let bomb = Entry::deflated("bomb.eml", &zeros);
    let (_, notices) = read_zip(&zip(&[small.clone(), bomb.clone()]), |_| {});
    assert_eq!(notices, lost("compression-ratio", "box.zip/bomb.eml"));
    let (_, notices) = read_zip(&zip(&[small.clone(), bomb.clone()]), |input| {
        input.limits.archive_entry_bytes_max = 1 << 10;
    });
    assert_eq!(notices, lost("archive-entry-too-large", "box.zip/bomb.eml"));
    // Together too much, though each is small enough: the first in the order of names fits.
    let mail_bytes = mail("a").len() as u64;
    let second = Entry::stored("b.eml", &mail("b"));
    let (subjects, notices) = read_zip(&zip(&[second, small.clone()]), |input| {
        input.limits.archive_bytes_max = mail_bytes + 1;
    });
    assert_eq!(subjects, ["a"]);
    assert_eq!(notices, lost("archive-too-large", "box.zip/b.eml"));
    let three: Vec<Entry> = ["a", "b", "c"].map(|n| Entry::stored(n, &mail(n))).to_vec();
    let (subjects, notices) = read_zip(&zip(&three), |input| {
        input.limits.archive_entries_max = 2;
    });
    assert!(subjects.is_empty());
    assert_eq!(notices, lost("archive-too-many-entries", "box.zip"));
}

#[test]
fn an_inventory_in_an_archive_finds_its_own_files() {
    let Some(data) = shared_data() else { return };
    let folder = Folder::new();
    let real = data.join("aws_s3_inventory/orcabus-filemanager");
    let names = ["csv_inventory_manifest.json", "csv_inventory.csv.gz"];
    let entries = names.map(|name| Entry::stored(name, &std::fs::read(real.join(name)).unwrap()));
    folder.write("inventory.zip", zip(&entries));
    let (sink, report) = read(&folder.input(Format::S3Inventory, &["inventory.zip"]));
    assert_eq!(report.rows[&Table::Objects], 5);
    assert!(
        sink.notices.iter().all(|n| n.effect != Effect::Lost),
        "{:?}",
        sink.notices
    );
    assert_eq!(
        report.files[2].name,
        "inventory.zip/csv_inventory_manifest.json"
    );
    assert_eq!(report.files[2].role, FileRole::Manifest);
}

#[test]
fn the_real_archive_of_mails_is_read() {
    let Some(data) = shared_data() else { return };
    let folder = Folder::new();
    let bytes = std::fs::read(data.join("mail/libratom/tests/emails.zip")).unwrap();
    folder.write("emails.zip", bytes);
    let (sink, report) = read(&folder.input(Format::Mail, &["emails.zip"]));
    let mails = report
        .files
        .iter()
        .filter(|f| f.name.rsplit('.').next() == Some("eml"));
    assert_eq!(mails.count(), 100, "as the README of the samples says");
    let read = report.rows[&Table::Documents];
    let not_mail = sink
        .notices
        .iter()
        .filter(|n| n.code == "mail-not-a-mail")
        .count() as u64;
    assert!(read + not_mail >= 100, "{read} {not_mail}");
}

/// The text that every compression below holds.
fn csv(rows: usize) -> Vec<u8> {
    (0..rows)
        .flat_map(|row| {
            format!(
                "\"calls\",\"a{row}\",\"{}\",\"2024-05-06T22:37:48.000Z\"\n",
                row * 7_919
            )
            .into_bytes()
        })
        .collect()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Reads inventory rows from a file of these bytes.
fn keys(bytes: &[u8]) -> (usize, Vec<String>) {
    let folder = Folder::new();
    folder.write("rows.csv", bytes);
    let mut input = folder.input(Format::S3Inventory, &["rows.csv"]);
    input.schema = Some("Bucket, Key, Size, LastModifiedDate".to_owned());
    let (sink, _) = read(&input);
    let lost = sink.notices.iter().filter(|n| n.effect == Effect::Lost);
    let lost = lost.map(|n| n.code.to_owned()).collect();
    (sink.table(Table::Objects).unwrap().num_rows(), lost)
}

#[test]
fn compression_is_told_by_content_and_may_have_many_members() {
    let (first, second) = (csv(1_000), csv(10));
    for pack in [gzip, zstd, bzip2] {
        assert_eq!(keys(&pack(&first)), (1_000, vec![]));
        let members = [pack(&first), pack(&second), pack(b"")].concat();
        assert_eq!(keys(&members), (1_010, vec![]));
        // Cut off: what came before is used, and the loss is said.
        let packed = pack(&csv(20_000));
        let (rows, lost) = keys(&packed[..packed.len() / 2]);
        assert!(rows < 20_000, "{rows}");
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert!(lost[0].starts_with("file-"), "{lost:?}");
        // Compressed twice: not guessed at.
        let (rows, lost) = keys(&pack(&gzip(&first)));
        assert_eq!((rows, lost), (0, vec!["archive-nested".to_owned()]));
        // One repeated byte grows a thousandfold.
        let line = format!(
            "\"b\",\"{}\",\"1\",\"2024-05-06T22:37:48.000Z\"\n",
            "k".repeat(1_000)
        );
        let (_, lost) = keys(&pack(line.repeat(8_000).as_bytes()));
        assert_eq!(lost, ["compression-ratio"]);
    }
    // A frame of skippable bytes before the first frame, as parallel writers put it.
    let skip = [
        &[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4][..],
        &zstd(&second),
    ]
    .concat();
    assert_eq!(keys(&skip), (10, vec![]));
    // Text that begins like a bzip2 file is text.
    assert_eq!(
        keys(b"BZh9,\"k\",\"1\",\"2024-05-06T22:37:48.000Z\"\n"),
        (1, vec![])
    );
}

#[test]
fn a_file_of_too_many_records_is_cut_with_a_notice() {
    let folder = Folder::new();
    folder.write("rows.csv", csv(20_000));
    let mut input = folder.input(Format::S3Inventory, &["rows.csv"]);
    input.schema = Some("Bucket, Key, Size, LastModifiedDate".to_owned());
    input.limits.records_max = 1_000;
    let (sink, _) = read(&input);
    only(&sink.notices, "too-many-records");
    assert!(sink.table(Table::Objects).unwrap().num_rows() < 20_000);
}
