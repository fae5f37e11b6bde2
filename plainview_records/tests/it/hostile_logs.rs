//! Logs and inventories made to break their reader: each costs its own row at most, or says what it cost, and nothing panics.

use plainview_records::{Collected, Effect, Format, SourceReport};

use crate::support::{Folder, gzip, read};

/// A format, its header and a record that is read. `@` in the record is where a hostile text goes.
struct Kind {
    format: Format,
    name: &'static str,
    header: &'static str,
    record: &'static str,
    /// Whether a text is told from its surroundings by quotes alone, so that a lone one reaches over line ends.
    has_quotes: bool,
}

const KINDS: [Kind; 5] = [
    Kind {
        format: Format::S3AccessLog,
        name: "2019-02-06-00-05-00-ABC",
        header: "",
        record: r#"79a5 box [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a5 3E57 REST.GET.OBJECT key "GET /@ HTTP/1.1" 200 - 113 - 7 - "@" "@" -"#,
        has_quotes: false,
    },
    Kind {
        format: Format::GcsUsageLog,
        name: "box_usage_2023_08_28_07_00_00_0a1b_v0",
        header: "time_micros,c_ip,cs_uri,cs_user_agent,s_request_id,cs_operation,cs_bucket,cs_object\n",
        record: "1693206014339999,192.0.2.7,\"@\",\"@\",R1,GET_Object,box,key",
        has_quotes: true,
    },
    Kind {
        format: Format::GcsStorageLog,
        name: "box_storage_2014_01_05_08_00_00_021fd_v0",
        header: "bucket,storage_byte_hours,more\n",
        record: "box,24,\"@\"",
        has_quotes: true,
    },
    Kind {
        format: Format::GcpAudit,
        name: "entries.json",
        header: "",
        record: r#"{"timestamp":"2025-12-15T15:40:29Z","labels":{"x":"@"},"protoPayload":{"methodName":"SetIamPolicy","request":"@","metadata":{"x":"@"}}}"#,
        has_quotes: false,
    },
    Kind {
        format: Format::GcsInventory,
        name: "shard.csv",
        header: "bucket,name,size,timeCreated,metadata\n",
        record: "box,key,7,2024-05-06T22:37:48Z,\"@\"",
        has_quotes: true,
    },
];

impl Kind {
    fn good(&self) -> Vec<u8> {
        self.record.replace('@', "x").into_bytes()
    }

    fn with(&self, hostile: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for (index, part) in self.record.split('@').enumerate() {
            if index > 0 {
                out.extend_from_slice(hostile);
            }
            out.extend_from_slice(part.as_bytes());
        }
        out
    }

    /// A file of these records, one per line.
    fn file(&self, records: &[Vec<u8>], line_end: &str) -> Vec<u8> {
        let mut out = self.header.replace('\n', line_end).into_bytes();
        for record in records {
            out.extend_from_slice(record);
            out.extend_from_slice(line_end.as_bytes());
        }
        out
    }

    fn read(&self, bytes: &[u8]) -> (Collected, SourceReport) {
        let folder = Folder::new();
        folder.write(self.name, bytes);
        read(&folder.input(self.format, &["."]))
    }
}

fn rows(report: &SourceReport) -> u64 {
    report.rows.values().sum()
}

fn lost(sink: &Collected) -> u64 {
    let lost = sink.notices.iter().filter(|n| n.effect == Effect::Lost);
    lost.map(|notice| notice.rows_affected.max(1)).sum()
}

#[test]
fn hostile_texts_in_fields_that_are_not_read_cost_their_row_at_most() {
    let long = vec![b'a'; 200 << 10];
    let texts: [(&str, &[u8]); 9] = [
        ("a long text", &long),
        ("control characters", b"\x01\x02\x1b[31m\x7f"),
        ("a NUL", b"a\0b"),
        ("no UTF-8", b"\xff\xfe\xc3("),
        ("a text cut within a letter", b"\xe9\x9b"),
        ("an overlong slash", b"\xc0\xaf"),
        ("right to left", "\u{202e}\u{2066}".as_bytes()),
        ("markup", b"<script>&amp;=cmd|' /C calc'!A0"),
        ("an escape that is none", b"\\u00zz"),
    ];
    for kind in &KINDS {
        for (what, text) in texts {
            let file = kind.file(&[kind.good(), kind.with(text), kind.good()], "\n");
            let (sink, report) = kind.read(&file);
            let (rows, lost) = (rows(&report), lost(&sink));
            assert!(
                rows >= 2 && rows + lost == 3,
                "{what} in {}: {rows} rows, {:?}",
                kind.format,
                sink.notices
            );
        }
    }
}

#[test]
fn lone_quotes_are_said() {
    for kind in &KINDS {
        let file = kind.file(&[kind.good(), b"\"".to_vec(), kind.good()], "\n");
        let (sink, report) = kind.read(&file);
        let kept = if kind.has_quotes { 1 } else { 2 };
        assert_eq!(rows(&report), kept, "{}", kind.format);
        assert!(lost(&sink) >= 1, "{}: {:?}", kind.format, sink.notices);
        // Inside a text: the S3 log lives with it, elsewhere it ends the text and the row is bad.
        let (sink, report) = kind.read(&kind.file(&[kind.with(b"a\"b"), kind.good()], "\n"));
        assert!(rows(&report) + lost(&sink) >= 1, "{}", kind.format);
        if kind.format == Format::S3AccessLog {
            assert_eq!((rows(&report), lost(&sink)), (2, 0), "{:?}", sink.notices);
        }
        // A text that escapes its own end takes the records behind it along in JSON, which is said.
        let (sink, report) =
            kind.read(&kind.file(&[kind.good(), kind.with(b"a\\"), kind.good()], "\n"));
        assert!(rows(&report) == 3 || lost(&sink) >= 1, "{}", kind.format);
    }
}

#[test]
fn a_record_without_end_is_not_held() {
    for kind in &KINDS {
        let endless = kind.with(&vec![b'a'; 18 << 20]);
        let (sink, report) = kind.read(&kind.file(&[kind.good(), endless, kind.good()], "\n"));
        assert!(rows(&report) >= 1, "{}", kind.format);
        assert!(lost(&sink) >= 1, "{}: {:?}", kind.format, sink.notices);
        let mut nothing = kind.header.as_bytes().to_vec();
        nothing.extend(vec![b'['; 2 << 20]);
        let (sink, _) = kind.read(&nothing);
        assert!(lost(&sink) >= 1, "{}: {:?}", kind.format, sink.notices);
    }
}

#[test]
fn line_ends_of_every_kind_divide_records() {
    for kind in &KINDS {
        for end in ["\n", "\r\n", "\n\n", "\r\n\r\n"] {
            let (sink, report) = kind.read(&kind.file(&[kind.good(), kind.good()], end));
            assert_eq!(
                (rows(&report), lost(&sink)),
                (2, 0),
                "{} {end:?} {:?}",
                kind.format,
                sink.notices
            );
        }
    }
}

#[test]
fn compressed_files_that_break_off_are_said_to() {
    for kind in &KINDS {
        let records = vec![kind.good(); 2000];
        let whole = gzip(&kind.file(&records, "\n"));
        let (sink, report) = kind.read(&whole);
        assert_eq!((rows(&report), lost(&sink)), (2000, 0), "{}", kind.format);
        for length in [12, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
            let (sink, report) = kind.read(&whole[..length]);
            assert!(rows(&report) <= 2000, "{}", kind.format);
            assert!(
                lost(&sink) >= 1,
                "{} at {length}: {:?}",
                kind.format,
                sink.notices
            );
        }
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x55;
        let (sink, _) = kind.read(&damaged);
        assert!(lost(&sink) >= 1, "{}: {:?}", kind.format, sink.notices);
    }
}

#[test]
fn nesting_and_swarms_of_names_are_bounded() {
    let kind = &KINDS[3];
    let deep = |open: &str, close: &str, count: usize| {
        let inside = format!("{}1{}", open.repeat(count), close.repeat(count));
        format!(
            r#"{{"timestamp":"2025-12-15T15:40:29Z","protoPayload":{{"methodName":"M","metadata":{{"event":{inside}}}}}}}"#
        )
    };
    for record in [deep("[", "]", 100_000), deep("{\"event\":", "}", 50_000)] {
        let (sink, report) =
            kind.read(&kind.file(&[kind.good(), record.into_bytes(), kind.good()], "\n"));
        assert!(
            rows(&report) >= 2 && rows(&report) + lost(&sink) == 3,
            "{:?}",
            sink.notices
        );
    }
    let names: String = (0..20_000).map(|n| format!("\"canary{n}\":1,")).collect();
    let swarm = kind
        .record
        .replace("{\"timestamp\"", &format!("{{{names}\"timestamp\""));
    let (sink, report) = kind.read(&kind.file(&[swarm.into_bytes()], "\n"));
    assert_eq!(rows(&report), 1);
    assert!(sink.notices.len() < 200, "{} notices", sink.notices.len());
    let counted: u64 = sink
        .notices
        .iter()
        .filter(|n| n.code == "unknown-field")
        .map(|n| n.rows_affected)
        .sum();
    assert_eq!(counted, 20_000);
    let grants = vec!["{}"; 50_000].join(",");
    let granted = kind.record.replace(
        "\"methodName\"",
        &format!("\"authorizationInfo\":[{grants}],\"methodName\""),
    );
    assert_eq!(rows(&kind.read(granted.as_bytes()).1), 1);
}
