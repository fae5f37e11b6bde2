//! Tests of the mail reader.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampMillisecondType, UInt32Type};
use arrow_array::{Array, RecordBatch};
use plainview_records::{
    Collected, Effect, Format, Notice, PartyAddresses, SourceInput, SourceReport, Table, Tokens,
    expand,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::{codes, read, shared_data};

const SALT: [u8; 32] = [7; 32];

fn input(root: &Path, files: Vec<PathBuf>) -> SourceInput {
    let parties = [PartyAddresses {
        id: "provider-storage".to_owned(),
        addresses: vec!["ops@halden.example".to_owned()],
        domains: vec!["tenant.example".to_owned()],
    }];
    SourceInput {
        tokens: Tokens::new(&SALT, &parties),
        ..SourceInput::new("mail", Format::Mail, root.to_owned(), files)
    }
}

/// Reads files given as (name, bytes), in this order.
fn read_files(files: &[(&str, &[u8])]) -> (Collected, SourceReport) {
    let folder = TempDir::new().unwrap();
    let paths = files
        .iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            path
        })
        .collect();
    read(&input(folder.path(), paths))
}

fn text(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    let array = batch.column_by_name(column).unwrap().as_string::<i32>();
    array.is_valid(row).then(|| array.value(row).to_owned())
}

fn sent(batch: &RecordBatch, row: usize) -> Option<i64> {
    let array = batch
        .column_by_name("sent_at")
        .unwrap()
        .as_primitive::<TimestampMillisecondType>();
    array.is_valid(row).then(|| array.value(row))
}

fn attachments(batch: &RecordBatch, row: usize) -> u32 {
    batch
        .column_by_name("attachments")
        .unwrap()
        .as_primitive::<UInt32Type>()
        .value(row)
}

fn notice<'n>(notices: &'n [Notice], code: &str) -> &'n Notice {
    notices
        .iter()
        .find(|n| n.code == code)
        .unwrap_or_else(|| panic!("no {code} among {:?}", codes(notices)))
}

const PLAIN: &[u8] = b"From: Ops <ops@halden.example>\r\n\
To: anna@tenant.example,\r\n\tBert <bert@elsewhere.example>\r\n\
Cc: carl@elsewhere.example\r\nBcc: carl@elsewhere.example\r\n\
Date: Mon, 3 Feb 2025 10:00:00 +0100\r\n\
Subject: Store\r\n list\r\n\
In-Reply-To: <1@tenant.example>\r\n\
\r\n\
Please call +972 50 123 4567.\r\n\
\r\n\
-----Original Message-----\r\n\
From: Eve <eve@elsewhere.example>\r\n\
Date: Wed, 1 Jan 2020 00:00:00 +0000\r\n\
Subject: other\r\n";

#[test]
fn a_mail_is_read_masked_and_without_what_it_quotes() {
    let (sink, report) = read_files(&[("1.eml", PLAIN)]);
    let mails = sink.table(Table::Documents).unwrap();
    assert_eq!(report.rows[&Table::Documents], 1);
    assert_eq!(text(&mails, "kind", 0).as_deref(), Some("mail"));
    assert_eq!(
        text(&mails, "from_party", 0).as_deref(),
        Some("provider-storage")
    );
    assert_eq!(sent(&mails, 0), Some(1_738_573_200_000));
    assert_eq!(text(&mails, "subject", 0).as_deref(), Some("Store list"));
    // The folded To has two recipients: one of a declared domain, one pseudonym of the same shape.
    let to = text(&mails, "to_parties", 0).unwrap();
    let (first, second) = to.split_once(", ").unwrap();
    assert_eq!(first, "provider-storage");
    assert!(
        second.len() == "bert@elsewhere.example".len() && second.contains('@'),
        "{second}"
    );
    assert!(!second.contains("bert"), "{second}");
    let body = text(&mails, "text", 0).unwrap();
    assert!(
        body.starts_with("Please call +") && !body.contains("123 4567"),
        "{body}"
    );
    assert!(!body.contains("Original Message"), "{body}");
    let quoted = text(&mails, "quoted_text", 0).unwrap();
    assert!(
        quoted.starts_with("-----Original Message-----\nFrom: Eve <"),
        "{quoted}"
    );
    assert!(!quoted.contains("eve@elsewhere"), "{quoted}");
    // Bcc equal to Cc says nothing new.
    assert_eq!(codes(&sink.notices), Vec::<&str>::new());
    assert_eq!(
        report.time_range,
        Some((1_738_573_200_000, 1_738_573_200_000))
    );
}

#[test]
fn attachments_are_counted_and_forwarded_mails_are_not_read() {
    let mail = b"From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n\
Content-Type: multipart/mixed; boundary=\"=b\"\n\npreamble\n--=b\n\
Content-Type: multipart/alternative; boundary=inner\n\n--inner\n\
Content-Type: text/html; charset=utf-8\n\n<p>hypertext</p>\n--inner\n\
Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9 visible\n\
--inner--\n--=b\nContent-Type: message/rfc822\n\nFrom: x@elsewhere.example\nSubject: hidden\n\nsecret\n\
--=b\nContent-Type: audio/mpeg; name=call.mp3\nContent-Transfer-Encoding: base64\n\nQ0FOQVJZ\n\
--=b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=list.txt\n\nCANARY\n--=b--\n";
    let (sink, _) = read_files(&[("1.eml", mail)]);
    let mails = sink.table(Table::Documents).unwrap();
    assert_eq!(attachments(&mails, 0), 3);
    assert_eq!(
        text(&mails, "text", 0).as_deref(),
        Some("caf\u{e9} visible")
    );
    assert_eq!(text(&mails, "subject", 0), None);
}

#[test]
fn html_becomes_text_without_joining_cells() {
    let mail = b"From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\nContent-Type: text/html\n\n\
<html><head><style>p{}</style></head><body><table><tr><td>one</td><td>two</td></tr></table><div>a &amp; b</div>\
<script>x()</script></body></html>";
    let (sink, _) = read_files(&[("1.eml", mail)]);
    let mails = sink.table(Table::Documents).unwrap();
    let body = text(&mails, "text", 0).unwrap();
    assert_eq!(
        body.split_whitespace().collect::<Vec<_>>(),
        ["one", "two", "a", "&", "b"]
    );
}

#[test]
fn dates_that_prove_nothing_are_doubted() {
    let mail =
        |date: &str| format!("From: a@tenant.example\n{date}Subject: s {date}\n\nx\n").into_bytes();
    let bogus = mail("Date: Mon, 31 Dec 1979 16:00:00 -0800 (PST)\n");
    let (none, broken) = (mail(""), mail("Date: some day\n"));
    let (sink, _) = read_files(&[("1", &bogus), ("2", &none), ("3", &broken)]);
    let mails = sink.table(Table::Documents).unwrap();
    assert_eq!(
        (0..3).map(|n| sent(&mails, n)).collect::<Vec<_>>(),
        [None, None, None]
    );
    assert_eq!(
        codes(&sink.notices),
        ["mail-bogus-date", "mail-no-date", "mail-bad-date"]
    );
    assert!(
        sink.notices
            .iter()
            .all(|n| n.effect == Effect::Doubt && n.rows_affected == 1)
    );
}

#[test]
fn copies_share_their_id_and_the_salt_decides_it() {
    // The same mail saved again: another Message-ID, other line ends, in another mailbox.
    let copy = String::from_utf8(PLAIN.to_vec())
        .unwrap()
        .replace("\r\n", "\n");
    let copy = format!("Message-ID: <again@tenant.example>\n{copy}\n\n");
    let (sink, _) = read_files(&[
        ("a/1.eml", PLAIN),
        ("b/1.eml", copy.as_bytes()),
        ("b/2.eml", b"From: x@y.example\n\nz\n"),
    ]);
    let mails = sink.table(Table::Documents).unwrap();
    let ids: Vec<String> = (0..3).map(|n| text(&mails, "doc_id", n).unwrap()).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    let duplicate = notice(&sink.notices, "mail-duplicate");
    assert_eq!(
        (duplicate.effect, duplicate.rows_affected),
        (Effect::Doubt, 1)
    );
    assert_eq!(duplicate.file, "b/1.eml");

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("1.eml");
    fs::write(&path, PLAIN).unwrap();
    let other = SourceInput {
        tokens: Tokens::new(&[8; 32], &[]),
        ..input(folder.path(), vec![path])
    };
    let (sink, _) = read(&other);
    let mails = sink.table(Table::Documents).unwrap();
    assert_ne!(text(&mails, "doc_id", 0).unwrap(), ids[0]);
}

/// Seven mails in two files: an answer without References, an answer to a mail that is not there, a copy under a new id, a
/// mail with the same subject and nothing else in common, and one without any id.
#[test]
fn threads_are_joined_by_ids_and_copies_and_never_by_subjects() {
    let mail = |id: &str, more: &str, body: &str| {
        format!(
            "From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\nSubject: Re: list\n{id}{more}\n{body}\n"
        )
        .into_bytes()
    };
    let answer = mail(
        "Message-ID: <3@tenant.example>\n",
        "In-Reply-To: <2@tenant.example>\n",
        "three",
    );
    let second = mail(
        "Message-ID: <2@tenant.example>\n",
        "References: <0@gone.example>\n\t<1@gone.example>\n",
        "two",
    );
    let other = mail("Message-ID: <4@tenant.example>\n", "", "four");
    let copy = mail("Message-ID: <again@tenant.example>\n", "", "three");
    let bare = mail("", "", "five");
    let cousin = mail(
        "Message-ID: <6@tenant.example>\n",
        "References: <0@gone.example>\n",
        "six",
    );
    let names = ["1", "2", "3", "4", "5", "6"];
    let files = [&answer, &second, &other, &copy, &bare, &cousin];
    let listed: Vec<(&str, &[u8])> = names.into_iter().zip(files.map(Vec::as_slice)).collect();
    let (sink, _) = read_files(&listed);
    let mails = sink.table(Table::Documents).unwrap();
    let thread = |row| text(&mails, "thread_id", row);
    let first = thread(0).unwrap();
    assert!(
        first.len() == "thread-".len() + 25 && first.starts_with("thread-"),
        "{first}"
    );
    for (row, same) in [(1, true), (2, false), (3, true), (5, true)] {
        assert_eq!(thread(row).as_ref() == Some(&first), same, "mail {row}");
    }
    assert!(thread(2).is_some());
    assert_eq!(thread(4), None);
    // The answer names the mail it answers as that mail names itself.
    assert_eq!(
        text(&mails, "in_reply_to", 0),
        text(&mails, "message_id", 1)
    );
    let id = text(&mails, "message_id", 0).unwrap();
    assert!(!id.contains("3@tenant.example"), "{id}");
    let numbers = mails
        .column_by_name("copy_no")
        .unwrap()
        .as_primitive::<UInt32Type>()
        .values()
        .to_vec();
    assert_eq!(numbers, [1, 1, 1, 2, 1, 1]);
}

#[test]
fn a_forwarded_date_is_not_the_mails() {
    let mail = b"From: a@tenant.example\nSubject: fw\n\nsee below\n\nBegin forwarded message:\n\nDate: Wed, 1 Jan 2020 00:00:00 +0000\n\nold\n";
    let html = b"From: a@tenant.example\nSubject: re\nContent-Type: text/html\n\n<p>mine</p><blockquote><p>theirs</p></blockquote><p>mine too</p>";
    let (sink, report) = read_files(&[("1.eml", mail), ("2.eml", html)]);
    let mails = sink.table(Table::Documents).unwrap();
    assert_eq!((sent(&mails, 0), sent(&mails, 1)), (None, None));
    assert_eq!(report.time_range, None);
    assert_eq!(text(&mails, "text", 0).as_deref(), Some("see below"));
    assert!(text(&mails, "quoted_text", 0).unwrap().ends_with("\n\nold"));
    let own = text(&mails, "text", 1).unwrap();
    assert_eq!(
        own.split_whitespace().collect::<Vec<_>>(),
        ["mine", "mine", "too"]
    );
    assert_eq!(text(&mails, "quoted_text", 1).as_deref(), Some("> theirs"));
}

#[test]
fn an_mbox_is_split_at_its_envelopes_only() {
    let mbox = b"From ops@halden.example Mon Feb  3 10:00:00 2025\n\
From: ops@halden.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\nSubject: one\n\n\
first\n\nFrom here on it is text.\n>From quoted Mon Feb  3 10:00:00 2025\n>>From twice\n\n\
From ops@halden.example Mon Feb  3 11:00:00 2025\n\
From: ops@halden.example\nDate: Mon, 3 Feb 2025 11:00:00 +0100\nSubject: two\n\nsecond\n";
    let (sink, _) = read_files(&[("box", mbox)]);
    let mails = sink.table(Table::Documents).unwrap();
    assert_eq!(mails.num_rows(), 2);
    let first = text(&mails, "text", 0).unwrap();
    assert!(first.contains("From here on"), "{first}");
    assert!(first.contains("\nFrom quoted"), "{first}");
    assert_eq!(
        text(&mails, "quoted_text", 0).as_deref(),
        Some(">From twice")
    );
    assert_eq!(text(&mails, "text", 1).as_deref(), Some("second"));
    assert_eq!(codes(&sink.notices), ["mail-unquoted-from"]);
}

#[test]
fn a_maildir_is_read_without_its_undelivered_mail() {
    let mail: &[u8] = b"From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n\nx\n";
    let (sink, report) = read_files(&[
        ("m/cur/1738573200.1.host:2,S", mail),
        ("m/dovecot-uidlist", b"3 V1\n"),
        (
            "m/new/1738573201.2.host",
            b"From: b@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n\ny\n",
        ),
        ("m/tmp/1738573202.3.host", b"From: c@tenant.example\n\nz\n"),
    ]);
    assert_eq!(report.rows[&Table::Documents], 2);
    assert_eq!(
        codes(&sink.notices),
        ["mail-index-file", "mail-maildir-tmp"]
    );
    assert!(sink.notices.iter().all(|n| n.effect == Effect::Unread));
}

#[test]
fn x500_names_and_blind_recipients_are_handled() {
    let mail = b"From: </O=EXAMPLE/OU=NA/CN=RECIPIENTS/CN=JDOE>\n\
To: IMCEANOTES-Jane+20Doe+40EXAMPLE@example.com, \"Doe, Jane\" <jane@tenant.example>\n\
Bcc: zoe@elsewhere.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n\nx\n";
    let (sink, _) = read_files(&[("1", mail)]);
    let mails = sink.table(Table::Documents).unwrap();
    let from = text(&mails, "from_party", 0).unwrap();
    assert!(
        !from.contains("JDOE") && !from.to_lowercase().contains("jdoe"),
        "{from}"
    );
    let to = text(&mails, "to_parties", 0).unwrap();
    assert_eq!(to.split(", ").count(), 2, "{to}");
    assert!(
        to.ends_with(", provider-storage") && !to.contains("Jane"),
        "{to}"
    );
    assert_eq!(
        notice(&sink.notices, "mail-bcc-not-kept").effect,
        Effect::Unread
    );
}

#[test]
fn hostile_mails_are_bounded() {
    let mut deep = b"From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n".to_vec();
    for n in 0..200 {
        deep.extend(
            format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n").into_bytes(),
        );
    }
    let mut many = b"From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\nContent-Type: multipart/mixed; boundary=b\n\n".to_vec();
    for _ in 0..5000 {
        many.extend_from_slice(b"--b\n\nx\n");
    }
    let mut long = b"From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n\n".to_vec();
    long.resize(9 << 20, b'x');
    let (sink, report) = read_files(&[("1", &deep), ("2", &many), ("3", &long)]);
    assert_eq!(report.rows[&Table::Documents], 3);
    for code in [
        "mail-too-deep",
        "mail-too-many-parts",
        "mail-text-cut",
        "mail-too-long",
    ] {
        assert_eq!(notice(&sink.notices, code).effect, Effect::Doubt);
    }
    let mails = sink.table(Table::Documents).unwrap();
    assert_eq!(text(&mails, "text", 2).unwrap().len(), 1 << 20);
}

#[test]
fn files_without_a_mail_are_told() {
    let (sink, report) = read_files(&[
        ("empty", b""),
        ("garbage", &[0, 1, 2, 255, 254, b'\n', 7]),
        (
            "header-only.eml",
            b"From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n",
        ),
        (
            "cut.eml",
            b"From: a@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\nSubj",
        ),
        ("list.csv", b"a,b\n1,2\n"),
    ]);
    assert_eq!(report.rows[&Table::Documents], 2);
    let lost: Vec<&str> = sink
        .notices
        .iter()
        .filter(|n| n.effect == Effect::Lost)
        .map(|n| n.file.as_str())
        .collect();
    assert_eq!(lost, ["empty", "garbage", "list.csv"]);
}

#[test]
fn the_hundred_real_mails_give_counts_and_notices() {
    let Some(data) = shared_data() else { return };
    let folder = TempDir::new().unwrap();
    let archive = fs::File::open(data.join("mail/libratom/tests/emails.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(archive).unwrap();
    let mut written = 0;
    for n in 0..archive.len() {
        let mut entry = archive.by_index(n).unwrap();
        if !entry.name().unwrap().ends_with(".eml") {
            continue;
        }
        let path = folder.path().join(entry.enclosed_name().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        fs::write(path, bytes).unwrap();
        written += 1;
    }
    let (files, skipped) = expand(folder.path(), &["emails".to_owned()]);
    assert!(skipped.is_empty());
    assert_eq!(files.len(), written);
    assert_eq!(written, 100);
    let (sink, report) = read(&input(folder.path(), files));
    let mails = sink.table(Table::Documents).unwrap();
    let lost: u64 = sink
        .notices
        .iter()
        .filter(|n| n.effect == Effect::Lost)
        .count() as u64;
    assert_eq!(
        report.rows[&Table::Documents] + lost,
        100,
        "{:?}",
        sink.notices
    );
    let by_code = sink
        .notices
        .iter()
        .fold(BTreeMap::<&str, u64>::new(), |mut counts, n| {
            *counts.entry(n.code).or_default() += n.rows_affected;
            counts
        });
    // FORMATS section 15: some have no Date or a broken one; two bounces are one mail saved twice.
    assert!(
        by_code["mail-no-date"] > 0 && by_code["mail-bad-date"] + by_code["mail-odd-date"] > 0,
        "{by_code:?}"
    );
    assert!(by_code["mail-duplicate"] >= 1, "{by_code:?}");
    let undated = (0..mails.num_rows())
        .filter(|&n| sent(&mails, n).is_none())
        .count() as u64;
    let doubted = ["mail-no-date", "mail-bad-date", "mail-bogus-date"]
        .iter()
        .filter_map(|c| by_code.get(c))
        .sum::<u64>();
    assert_eq!(undated, doubted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_files(&[("1", &bytes)]);
    }

    #[test]
    fn arbitrary_mails_never_panic(
        head in "((From|To|Date|Subject|Content-Type|Content-Transfer-Encoding): [ -~\u{e9}=?]{0,40}\n){0,6}",
        body in "(--b{0,2}(--)?\n|[ -~<>&;=]{0,30}\n){0,12}",
    ) {
        let mail = format!("{head}Content-Type: multipart/mixed; boundary=b\n\n{body}");
        read_files(&[("1", mail.as_bytes())]);
        let mbox = format!("From x Mon Feb  3 10:00:00 2025\n{head}\n{body}\nFrom y 10:00 2025 z\n{body}");
        read_files(&[("1", mbox.as_bytes())]);
    }
}
