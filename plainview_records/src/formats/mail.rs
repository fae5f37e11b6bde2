//! `mail`: mail as EML files, mbox files (mboxrd) and maildir folders. Headers and text only.
//!
//! **Files.** One mail per file (EML, a maildir's `cur` and `new`, Enron's extensionless files), or many (a file that begins
//! with a `From ` line is an mbox). Any of them may be gzip-compressed. A maildir's `tmp` holds undelivered mail and is not
//! read (`mail-maildir-tmp`); the index files of mail servers are passed over (`mail-index-file`).
//!
//! **Fields.** [`ALLOWED`] and nothing else: the addresses of `From` (or `Sender`), `To` and `Cc`, the `Date`, the `Subject`,
//! `In-Reply-To`, and the text. HTML becomes text. Attachments are counted and their bytes never decoded; a forwarded mail
//! attached as a message counts as one attachment, and a mail quoted in the text stays text, so other people's names and
//! dates are never read as this mail's header. `Bcc` is compared with `Cc` and not kept (`mail-bcc-not-kept` when it says
//! more). Addresses become party ids or pseudonyms, subject and text are masked.
//!
//! **Ids.** `doc_id` is a keyed hash over From, Date, Subject and text, because re-saved copies of one mail get new
//! Message-IDs: copies share it, each is a row, and a file that holds copies of mails met before has one `mail-duplicate` doubt.
//!
//! **Traps.**
//! - A missing `Date` is a `mail-no-date` doubt, one that cannot be read a `mail-bad-date` doubt, and the placeholder dates of
//!   converters (1979-12-31 and 1980-01-01, 1970-01-01, anything before mail existed) a `mail-bogus-date` doubt: the mail is
//!   kept and has no `sent_at`. A date that only a forgiving reader understands is used, with a `mail-odd-date` doubt.
//! - Folded header lines, X.500 addresses (`/O=.../CN=...`, `IMCEANOTES-...`) and groups are addresses like others.
//! - Character sets that are wrong, unknown or missing: `mail-charset`. Broken encodings: `mail-transfer-encoding`.
//! - Parts nested too deep or too many, texts and mails too long: cut, each with a doubt that says so.
//! - A file that holds no mail is a `mail-not-a-mail` notice and lost.

mod date;
mod mbox;
mod mime;

use std::collections::BTreeMap;
use std::io::BufReader;
use std::panic::catch_unwind;

use sha2::{Digest as _, Sha256};

use crate::formats::sheet::tally::{Repeated, Tally};
use crate::formats::sheet::text::stopped;
use crate::open::{Content, open_text, sniff};
use crate::run::{Note, Run, SourceFile};
use crate::tables::documents::{DocumentRow, DocumentsBuilder};
use crate::{Effect, Error, Limits, Table, Tokens};

use date::Sent;
use mbox::{Mails, Raw};
use mime::Mail;

/// The fields this reader may read. `Bcc` is only compared with `Cc`; the `Content-*` fields only steer decoding.
pub const ALLOWED: &[&str] = &[
    "From",
    "Sender",
    "To",
    "Cc",
    "Bcc",
    "Date",
    "Subject",
    "In-Reply-To",
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "text/plain",
    "text/html",
];

/// The most different mails that duplicates are looked for among.
const SEEN_MAX: usize = 4_000_000;

const DUPLICATE: Repeated = Repeated {
    code: "mail-duplicate",
    effect: Effect::Doubt,
    expected: "each mail once",
    message: "copies of mails that were met before; each copy is a row and shares its doc_id",
};
const BCC: Repeated = Repeated {
    code: "mail-bcc-not-kept",
    effect: Effect::Unread,
    expected: "",
    message: "mails name blind recipients that To and Cc do not; they are not kept",
};
const UNQUOTED_FROM: Repeated = Repeated {
    code: "mail-unquoted-from",
    effect: Effect::Doubt,
    expected: "`>From ` inside a mail of an mbox",
    message: "lines that begin with `From ` but are no envelope were taken as text",
};
const TOO_LONG: Repeated = Repeated {
    code: "mail-too-long",
    effect: Effect::Doubt,
    expected: "at most 8 MiB per mail",
    message: "mails were cut at the most that is read of one mail; later parts are not counted",
};
const ODD: &[Repeated] = &[
    odd(
        "mail-no-date",
        "a Date field",
        "mails without a date; they are kept without a time",
    ),
    odd(
        "mail-bad-date",
        "an RFC 5322 date",
        "dates that cannot be read; the mails are kept without a time",
    ),
    odd(
        "mail-bogus-date",
        "the time of sending",
        "placeholder dates of a converter; the mails are kept without a time",
    ),
    odd(
        "mail-odd-date",
        "an RFC 5322 date",
        "dates not in the standard's form were read as they are meant to be",
    ),
    odd(
        "mail-late-date",
        "a date before the records were acquired",
        "mails dated after the records were acquired",
    ),
    odd("mail-no-from", "a From field", "mails without a sender"),
    odd(
        "mail-from-sender",
        "a From field",
        "mails without From; Sender is used",
    ),
    odd(
        "mail-several-from",
        "one sender",
        "mails with several senders; the first is used",
    ),
    odd(
        "mail-header-cut",
        "a header of at most 1 MiB",
        "headers that are too long were cut",
    ),
    odd(
        "mail-charset",
        "text in its named character set",
        "characters may be wrong",
    ),
    odd(
        "mail-transfer-encoding",
        "7bit, 8bit, binary, quoted-printable or base64",
        "texts may still be encoded",
    ),
    odd(
        "mail-broken-multipart",
        "boundary lines",
        "broken multiparts were read as one text",
    ),
    odd(
        "mail-too-many-parts",
        "at most 1000 parts",
        "mails with too many parts were read in part",
    ),
    odd(
        "mail-too-deep",
        "parts nested at most 16 deep",
        "mails nested too deeply were read in part",
    ),
    odd(
        "mail-text-cut",
        "at most 1 MiB of text",
        "texts that are too long were cut",
    ),
];

const fn odd(code: &'static str, expected: &'static str, message: &'static str) -> Repeated {
    Repeated {
        code,
        effect: Effect::Doubt,
        expected,
        message,
    }
}

/// Reads every file of the source as mail.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let mut mailbox = Mailbox {
        seen: BTreeMap::new(),
        tally: Tally::default(),
    };
    for file in run.plan_data() {
        let Some(hashes) = run.hash(&file) else {
            continue;
        };
        if let Some(note) = not_a_mail_file(&file.name) {
            run.note(Some(&file), note);
        } else {
            mailbox.file(run, &file)?;
        }
        run.advance(hashes.bytes);
    }
    Ok(())
}

/// Why a file of a mail folder is passed over by its name.
fn not_a_mail_file(name: &str) -> Option<Note> {
    let mut segments = name.rsplit('/');
    let last = segments.next().unwrap_or_default();
    let index = last.starts_with("dovecot")
        || matches!(last, "maildirfolder" | "subscriptions" | "courierimapuiddb");
    if index {
        return Some(Note::unread(
            "mail-index-file",
            "an index file of a mail server was passed over",
        ));
    }
    // Maildir files in tmp begin with the time of their delivery; other folders called tmp are read.
    let undelivered = segments.next() == Some("tmp")
        && last
            .split('.')
            .next()
            .is_some_and(|t| t.len() >= 9 && t.bytes().all(|b| b.is_ascii_digit()));
    undelivered.then(|| {
        Note::unread(
            "mail-maildir-tmp",
            "undelivered mail of a maildir was passed over",
        )
    })
}

/// What is remembered from mail to mail.
struct Mailbox {
    /// Mails by hash: the file and row each was first met in.
    seen: BTreeMap<[u8; 16], (u32, u64)>,
    tally: Tally,
}

impl Mailbox {
    fn file(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        // A mail has no lines to bound it by; the splitter bounds what it keeps instead.
        let limits = Limits {
            record_bytes_max: u64::MAX / 2,
            ..run.input.limits
        };
        let opened = sniff(&file.path).and_then(|content| match content {
            Content::Empty | Content::Parquet | Content::Orc | Content::Zip => Ok(None),
            Content::Compressed | Content::Text => Mails::new(BufReader::with_capacity(
                1 << 16,
                open_text(&file.path, limits)?,
            ))
            .map(Some),
        });
        let mut mails = match opened {
            Ok(Some(mails)) => mails,
            Ok(None) => {
                run.note(Some(file), no_mail(None));
                return Ok(());
            }
            Err(error) => {
                run.note(Some(file), stopped(&error));
                return Ok(());
            }
        };
        let mut builder = DocumentsBuilder::new(&run.input.source_id);
        let mut row_no = 0;
        loop {
            match mails.next_mail() {
                Ok(Some(raw)) => {
                    row_no += 1;
                    self.mail(run, file, row_no, &raw, &mut builder)?;
                }
                Ok(None) => break,
                Err(error) => {
                    run.note(Some(file), stopped(&error));
                    break;
                }
            }
        }
        if row_no == 0 {
            run.note(Some(file), no_mail(None));
        }
        self.tally.give(run, file);
        run.flush(Table::Documents, file, &mut builder)
    }

    fn mail(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        raw: &Raw,
        builder: &mut DocumentsBuilder,
    ) -> Result<(), Error> {
        // The mail library promises not to panic; the bytes come from people who may want it to.
        let parsed = catch_unwind(|| mime::parse(&raw.bytes)).unwrap_or(None);
        let Some(mail) = parsed else {
            run.note(Some(file), no_mail(Some(row_no)));
            return Ok(());
        };
        let sent = date::read(mail.date.as_deref(), run.input.acquired_at);
        self.count(&mail, &sent, raw, row_no);
        let hash = identity(&mail);
        if let Some((first_file, first_row)) = self.seen.get(&hash) {
            let found = format!("the first is in file {first_file} of the source, row {first_row}");
            self.tally.add(&DUPLICATE, "", row_no, &found);
        } else if self.seen.len() < SEEN_MAX {
            self.seen.insert(hash, (file.no, row_no));
        }
        if let Some(ms) = sent.at {
            run.observe_time(ms);
        }
        push(
            &mail,
            &sent,
            &hash,
            &run.input.tokens,
            (file.no, row_no),
            builder,
        );
        run.flush_if_full(Table::Documents, file, builder)
    }

    /// Counts everything odd about one mail.
    fn count(&mut self, mail: &Mail, sent: &Sent, raw: &Raw, row_no: u64) {
        let no_from = mail
            .from
            .is_empty()
            .then_some(("mail-no-from", String::new()));
        let found = mail
            .oddities
            .iter()
            .map(|o| (o.code, o.found.clone()))
            .chain(
                sent.odd
                    .map(|code| (code, mail.date.clone().unwrap_or_default())),
            )
            .chain(no_from);
        for (code, found) in found {
            if let Some(what) = ODD.iter().find(|o| o.code == code) {
                self.tally.add(what, "", row_no, &found);
            }
        }
        let known = |address: &&String| mail.to.contains(address) || mail.cc.contains(address);
        if !mail.bcc.iter().all(|address| known(&address)) {
            self.tally.add(&BCC, "", row_no, "");
        }
        if raw.dropped > 0 {
            self.tally.add(
                &TOO_LONG,
                "",
                row_no,
                &format!("{} bytes dropped", raw.dropped),
            );
        }
        if raw.unquoted_from > 0 {
            self.tally.add(
                &UNQUOTED_FROM,
                "",
                row_no,
                &format!("{} lines", raw.unquoted_from),
            );
        }
    }
}

fn no_mail(row: Option<u64>) -> Note {
    let note = Note::lost(
        "mail-not-a-mail",
        "no mail header was found; nothing was used",
    )
    .expected("header lines such as From, To, Date and Subject");
    match row {
        Some(row) => note.row(row),
        None => note,
    }
}

/// A hash over what stays the same when a mail is saved again: sender, date, subject and the words of its text.
fn identity(mail: &Mail) -> [u8; 16] {
    let mut hash = Sha256::new();
    let from = mail
        .from
        .first()
        .map(|a| a.to_lowercase())
        .unwrap_or_default();
    let subject = mail.subject.clone().unwrap_or_default();
    let date = mail.date.clone().unwrap_or_default();
    for part in [from.as_str(), &date, &subject] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    // Line lengths and trailing spaces change when a mail is saved again, words do not.
    for word in mail.text.split_whitespace() {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    std::array::from_fn(|n| digest[n])
}

/// The document's id: the hash as a run of digits, which the case's salt then masks like any other.
fn doc_id(hash: &[u8; 16], tokens: &Tokens) -> String {
    const TEN_TO_24: u128 = 1_000_000_000_000_000_000_000_000;
    // The leading 7 keeps the run from looking like a date, an epoch time or a counter.
    let digits = format!("7{:024}", u128::from_le_bytes(*hash) % TEN_TO_24);
    format!("mail-{}", tokens.text(&digits, None))
}

fn push(
    mail: &Mail,
    sent: &Sent,
    hash: &[u8; 16],
    tokens: &Tokens,
    (file_no, row_no): (u32, u64),
    builder: &mut DocumentsBuilder,
) {
    let party = |address: &String| tokens.address(address).replace([',', ' '], "_");
    let parties = |list: &[String]| {
        (!list.is_empty()).then(|| list.iter().map(party).collect::<Vec<_>>().join(", "))
    };
    let to = parties(&mail.to);
    let cc = parties(&mail.cc);
    let from = mail.from.first().map(party);
    let subject = mail
        .subject
        .as_deref()
        .map(|text| tokens.text(text, sent.at));
    let text = tokens.text(&mail.text, sent.at);
    let in_reply_to = mail
        .in_reply_to
        .as_deref()
        .map(|text| tokens.text(text, sent.at));
    builder.push(&DocumentRow {
        file_no,
        row_no,
        doc_id: &doc_id(hash, tokens),
        kind: "mail",
        sent_at: sent.at,
        from_party: from.as_deref(),
        to_parties: to.as_deref(),
        cc_parties: cc.as_deref(),
        subject: subject.as_deref(),
        text: Some(&*text).filter(|t| !t.is_empty()),
        in_reply_to: in_reply_to.as_deref(),
        attachments: mail.attachments,
    });
}
