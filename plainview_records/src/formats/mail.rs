//! `mail`: mail as EML files, mbox files (mboxrd) and maildir folders. Headers and text only.
//!
//! **Files.** One mail per file (EML, a maildir's `cur` and `new`, Enron's extensionless files), or many (a file that begins
//! with a `From ` line is an mbox). Any of them may be gzip-compressed. A maildir's `tmp` holds undelivered mail and is not
//! read (`mail-maildir-tmp`); the index files of mail servers are passed over (`mail-index-file`).
//!
//! **Fields.** [`ALLOWED`] and nothing else: the addresses of `From` (or `Sender`), `To` and `Cc`, the `Date`, the `Subject`,
//! `Message-ID`, `In-Reply-To`, `References`, and the text. HTML becomes text. Attachments are counted and their bytes never
//! decoded; a forwarded mail attached as a message counts as one attachment, and a mail quoted in the text stays text, so
//! other people's names and dates are never read as this mail's header. What a mail quotes or forwards is told from its own
//! words (`mail/quoted.rs`): `text` is the mail's own, `quoted_text` the rest. `Bcc` is compared with `Cc` and not kept (`mail-bcc-not-kept` when it says
//! more). Addresses become party ids or pseudonyms, subject and text are masked.
//!
//! **Ids.** `doc_id` is a keyed hash over From, Date, Subject and text, because re-saved copies of one mail get new
//! Message-IDs: copies share it, each is a row, `copy_no` counts them within the source, and a file that holds copies of mails
//! met before has one `mail-duplicate` doubt.
//!
//! **Threads.** `thread_id` joins mails by `In-Reply-To`, `References` and copies, never by subject (`mail/threads.rs`). For it
//! the source is read twice. More than four million ids: `mail-threads-partial`.
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
mod quoted;
mod threads;

use std::io::{self, BufReader};
use std::panic::catch_unwind;

use crate::formats::document::identity::{self, Copies, doc_id};
use crate::formats::sheet::tally::{Repeated, Tally};
use crate::formats::sheet::text::stopped;
use crate::open::{Content, TextReader, open_text, sniff};
use crate::run::{Note, Run, SourceFile};
use crate::tables::documents::{DocumentRow, DocumentsBuilder};
use crate::{Effect, Error, Limits, Table, Tokens};

use date::Sent;
use mbox::{Mails, Raw};
use mime::Mail;
use threads::Threads;

/// The fields this reader may read. `Bcc` is only compared with `Cc`; the `Content-*` fields only steer decoding.
pub const ALLOWED: &[&str] = &[
    "From",
    "Sender",
    "To",
    "Cc",
    "Bcc",
    "Date",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "text/plain",
    "text/html",
];

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
    let files = run.plan_data();
    let mut mailbox = Mailbox {
        copies: Copies::default(),
        threads: Threads::default(),
        tally: Tally::default(),
    };
    for file in &files {
        if not_a_mail_file(&file.name).is_none() {
            mailbox.thread(run.input.limits, file);
        }
    }
    if mailbox.threads.is_full {
        run.note(
            None,
            Note::doubt(
                "mail-threads-partial",
                "there are too many Message-IDs to follow; later mails may miss their thread",
            ),
        );
    }
    for file in files {
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

/// The mails of a file; none when it is of a kind that holds no mail.
fn open(limits: Limits, file: &SourceFile) -> io::Result<Option<Mails<BufReader<TextReader>>>> {
    // A mail has no lines to bound it by; the splitter bounds what it keeps instead.
    let limits = Limits {
        record_bytes_max: u64::MAX / 2,
        ..limits
    };
    match sniff(&file.path)? {
        Content::Empty | Content::Parquet | Content::Orc | Content::Zip => Ok(None),
        Content::Compressed | Content::Text => Mails::new(BufReader::with_capacity(
            1 << 16,
            open_text(&file.path, limits)?,
        ))
        .map(Some),
    }
}

/// One mail, if the bytes are one. The mail library promises not to panic; the bytes come from people who may want it to.
fn parse(raw: &Raw) -> Option<Mail> {
    catch_unwind(|| mime::parse(&raw.bytes)).unwrap_or(None)
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
    copies: Copies,
    threads: Threads,
    tally: Tally,
}

impl Mailbox {
    /// Learns which mails of a file belong together. Whatever is wrong with the file is said when it is read.
    fn thread(&mut self, limits: Limits, file: &SourceFile) {
        let Ok(Some(mut mails)) = open(limits, file) else {
            return;
        };
        while let Ok(Some(raw)) = mails.next_mail() {
            if let Some(mail) = parse(&raw) {
                self.threads.add(&mail, &identity_of(&mail));
            }
        }
    }

    fn file(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        let mut mails = match open(run.input.limits, file) {
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
        let Some(mail) = parse(raw) else {
            run.note(Some(file), no_mail(Some(row_no)));
            return Ok(());
        };
        let sent = date::read(mail.date.as_deref(), run.input.acquired_at);
        self.count(&mail, &sent, raw, row_no);
        let hash = identity_of(&mail);
        let met = self.copies.meet(hash, (file.no, row_no));
        if let Some(first) = &met.first {
            self.tally.add(&DUPLICATE, "", row_no, first);
        }
        if let Some(ms) = sent.at {
            run.observe_time(ms);
        }
        let place = Placed {
            file_no: file.no,
            row_no,
            copy_no: met.copy_no,
            identity: hash,
            thread: self.threads.of(&hash),
        };
        push(&mail, &sent, &place, &run.input.tokens, builder);
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
fn identity_of(mail: &Mail) -> [u8; 16] {
    let from = mail
        .from
        .first()
        .map(|a| a.to_lowercase())
        .unwrap_or_default();
    let subject = mail.subject.as_deref().unwrap_or_default();
    let date = mail.date.as_deref().unwrap_or_default();
    identity::of(&[&from, date, subject], [mail.text.as_str()])
}

/// Where a mail stands among the others.
struct Placed {
    file_no: u32,
    row_no: u64,
    copy_no: u32,
    identity: [u8; 16],
    thread: Option<[u8; 16]>,
}

fn push(mail: &Mail, sent: &Sent, place: &Placed, tokens: &Tokens, builder: &mut DocumentsBuilder) {
    let party = |address: &String| tokens.address(address).replace([',', ' '], "_");
    let parties = |list: &[String]| {
        (!list.is_empty()).then(|| list.iter().map(party).collect::<Vec<_>>().join(", "))
    };
    let masked = |field: &Option<String>| {
        field
            .as_deref()
            .map(|text| tokens.text(text, sent.at).into_owned())
    };
    let to = parties(&mail.to);
    let cc = parties(&mail.cc);
    let from = mail.from.first().map(party);
    let parts = quoted::split(&mail.text);
    let text = tokens.text(&parts.own, sent.at);
    let quoted = tokens.text(&parts.quoted, sent.at);
    let thread = place.thread.map(|top| doc_id("thread", &top, tokens));
    builder.push(&DocumentRow {
        file_no: place.file_no,
        row_no: place.row_no,
        doc_id: &doc_id("mail", &place.identity, tokens),
        copy_no: place.copy_no,
        kind: "mail",
        sent_at: sent.at,
        from_party: from.as_deref(),
        to_parties: to.as_deref(),
        cc_parties: cc.as_deref(),
        subject: masked(&mail.subject).as_deref(),
        text: Some(&*text).filter(|t| !t.is_empty()),
        quoted_text: Some(&*quoted).filter(|t| !t.is_empty()),
        message_id: masked(&mail.message_id).as_deref(),
        in_reply_to: masked(&mail.in_reply_to).as_deref(),
        thread_id: thread.as_deref(),
        attachments: mail.attachments,
    });
}
