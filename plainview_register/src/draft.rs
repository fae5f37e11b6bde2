//! Drafts a `case.toml` that somebody who has not read METHOD can complete in twenty minutes.
//!
//! What the record files say is filled in; what only a person can say is asked in at most ten plain
//! questions, each beside the value it fills. An unanswered question is an empty value that carries the
//! question's number, so that the diagnostics of an unfinished case point at the questions themselves.
//! It refuses to guess a statement, a name or an authority.

mod text;

use crate::register::{Account, is_id};
use crate::source::{MappedTable, SourceFormat, SourceKind, TableMap};
use jiff::civil::Date;
use std::collections::BTreeSet;
use text::{list, map_lines, quoted, thousands, wrapped};

/// Most questions a draft may ask (DESIGN section 4).
pub const QUESTIONS_MAX: usize = 10;

/// What is known when a case folder is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Becomes the case id; turned into a short name where it is none.
    pub id: String,
    /// The title; the id when empty.
    pub title: String,
    /// The day the case is opened, which is also when the files are said to have been received.
    pub opened: Date,
    /// One entry for each source found in the files; none drafts the empty case.
    pub files: Vec<DraftSource>,
}

/// What reading some record files without a case showed of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftSource {
    /// Becomes the source id; turned into a short name and made unique.
    pub id: String,
    /// The format they were recognised as.
    pub format: SourceFormat,
    /// Files, folders or globs, relative to the case folder.
    pub paths: Vec<String>,
    /// The accounts the rows name.
    pub accounts: Vec<Account>,
    /// First day and first day no longer covered, where the rows carry times.
    pub period: Option<(Date, Date)>,
    /// Rows read.
    pub rows: u64,
    /// The suggested column map, for `table`; a table without one is drafted as a comment.
    pub map: Option<TableMap>,
}

/// The text of a drafted `case.toml`.
///
/// With its questions answered it parses; as drafted, [`crate::parse_case`] reports the unanswered
/// questions and nothing else.
pub fn case_toml(draft: &Draft) -> String {
    let mut page = Page {
        out: String::new(),
        asked: 0,
        accounts_question: None,
        draft,
        plan: Plan::of(draft),
    };
    page.head();
    page.authority();
    page.scope();
    page.parties();
    page.sources();
    page.claim();
    page.rest();
    page.out
}

/// What the files together say about the scope.
struct Plan {
    accounts: Vec<Account>,
    period: Option<(Date, Date)>,
    /// The account of inventories that name none, where only one can be meant.
    only_aws: Option<Account>,
    ids: Vec<String>,
}

impl Plan {
    fn of(draft: &Draft) -> Self {
        let accounts: BTreeSet<Account> = draft
            .files
            .iter()
            .flat_map(|source| source.accounts.clone())
            .collect();
        let aws: Vec<&Account> = accounts
            .iter()
            .filter(|account| account.provider == "aws")
            .collect();
        let only_aws = if let [account] = aws.as_slice() {
            Some((*account).clone())
        } else {
            None
        };
        Self {
            only_aws,
            accounts: accounts.into_iter().collect(),
            period: period(&draft.files),
            ids: source_ids(&draft.files),
        }
    }
}

/// Bills and meters state the period they cover, so they come first; an inventory's dates reach back to
/// its oldest object, and mail can be of any age.
fn period(files: &[DraftSource]) -> Option<(Date, Date)> {
    let stated = |source: &&DraftSource| {
        source
            .format
            .fills()
            .iter()
            .any(|table| matches!(table, MappedTable::Charges | MappedTable::Metering))
            && source.format != SourceFormat::Table
    };
    let union = |periods: &mut dyn Iterator<Item = (Date, Date)>| {
        periods
            .filter(|(from, to)| from < to)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    };
    union(
        &mut files
            .iter()
            .filter(stated)
            .filter_map(|source| source.period),
    )
    .or_else(|| {
        let others = files.iter().filter(|source| !is_document(source.format));
        union(&mut others.filter_map(|source| source.period))
    })
}

/// Short, unique ids that no party or claim of the draft has.
fn source_ids(files: &[DraftSource]) -> Vec<String> {
    let mut taken: BTreeSet<String> = ["provider", "tenant", "C1"].map(str::to_owned).into();
    let mut ids = Vec::new();
    for source in files {
        let base = slug(&source.id, "source");
        let mut id = base.clone();
        let mut number = 2;
        while !taken.insert(id.clone()) {
            // Room for the number: an id has at most 64 characters.
            id = format!("{}-{number}", base.chars().take(56).collect::<String>());
            number += 1;
        }
        ids.push(id);
    }
    ids
}

/// The short name nearest to `text`; `fallback` when nothing of it can stay.
fn slug(text: &str, fallback: &str) -> String {
    let mut out = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out: String = out.chars().take(60).collect();
    let out = out.trim_end_matches('-').to_owned();
    if is_id(&out) {
        out
    } else {
        fallback.to_owned()
    }
}

/// The page being written.
struct Page<'d> {
    out: String,
    asked: usize,
    /// The question that asks for accounts, once it is asked.
    accounts_question: Option<usize>,
    draft: &'d Draft,
    plan: Plan,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A comment of one or more lines.
    fn note(&mut self, text: &str) {
        for line in wrapped(text) {
            self.line(&format!("# {line}"));
        }
    }

    fn value(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {value}"));
    }

    /// Asks the next question and returns its number.
    fn ask(&mut self, text: &str) -> usize {
        self.asked += 1;
        let number = self.asked;
        debug_assert!(
            number <= QUESTIONS_MAX,
            "a draft asks at most ten questions"
        );
        self.note(&format!("Q{number}. {text}"));
        number
    }

    /// An empty value that waits for the answer to a question.
    fn blank(&mut self, key: &str, empty: &str, question: usize) {
        self.line(&format!("{key} = {empty}  # Q{question}"));
    }

    fn head(&mut self) {
        let draft = self.draft;
        self.note(
            "A case for Plainview. Answer the questions marked Q1, Q2, ... between the quotes behind them; \
             everything else is filled in and may be corrected. Then run `plainview check` on this folder: \
             it shows what is still open.",
        );
        self.line("");
        self.line("[case]");
        self.value("id", &quoted(&slug(&draft.id, "case")));
        let title = if draft.title.trim().is_empty() {
            &draft.id
        } else {
            &draft.title
        };
        let title = if title.trim().is_empty() {
            "Untitled case"
        } else {
            title
        };
        self.value("title", &quoted(title));
        self.value("opened", &draft.opened.to_string());
        self.note("The first public or internal notice of the dispute, if there is one:");
        self.line("# dispute_date = 2025-01-31");
        self.note("Who may see the result: private, parties or public.");
        self.value("disclosure", "\"private\"");
        self.line("");
    }

    fn authority(&mut self) {
        self.line("[case.authority]");
        let question =
            self.ask("Who may read these records? For example: outside counsel of the provider.");
        self.blank("who", "\"\"", question);
        let question = self.ask(
            "On what basis, and who approved it? For example: engagement letter; general counsel.",
        );
        self.blank("basis", "\"\"", question);
        self.blank("approved_by", "\"\"", question);
        let question = self.ask("Until what day? Write it as 2025-01-31.");
        self.blank("until", "\"\"", question);
        self.line("");
    }

    fn scope(&mut self) {
        self.line("[scope]");
        if let Some((from, to)) = self.plan.period {
            let months: Vec<String> = crate::units::months(from, to)
                .iter()
                .map(ToString::to_string)
                .collect();
            self.note(
                "The period under review, drafted from the records; the day in `to` is the first one no longer \
                 included. What is counted are stores times calendar months:",
            );
            self.note(&match months.as_slice() {
                [first, .., last] => format!("{} months, {first} to {last}.", months.len()),
                _ => months.join(""),
            });
            self.value("from", &from.to_string());
            self.value("to", &to.to_string());
        } else {
            let question =
                self.ask("Which period is reviewed? First day, and the first day no longer included, as 2025-01-31.");
            self.blank("from", "\"\"", question);
            self.blank("to", "\"\"", question);
        }
        if self.plan.accounts.is_empty() {
            let question = self.ask(
                "Which accounts are reviewed? Each as provider/account, such as aws/111122223333 in quotes; \
                 an S3 inventory below needs one of them too.",
            );
            self.accounts_question = Some(question);
            self.blank("accounts", "[]", question);
        } else {
            self.note("The accounts that the records name. Remove none to make the result look better: it shows.");
            let accounts: Vec<String> =
                self.plan.accounts.iter().map(ToString::to_string).collect();
            self.value("accounts", &list(&accounts));
        }
        self.line("");
    }

    fn parties(&mut self) {
        self.note("Everyone with a role in the case. Add as many as needed: teams, tenants, auditors, reviewers.");
        self.line("[[party]]");
        self.value("id", "\"provider\"");
        let question = self.ask("What is the company called that runs the storage?");
        self.blank("name", "\"\"", question);
        self.value("kind", "\"organisation\"");
        self.value("role", "\"provider\"");
        self.line(
            "# domains = [\"provider.example\"]   # mail addresses there are shown as \"provider\"",
        );
        self.line("");
        self.line("[[party]]");
        self.value("id", "\"tenant\"");
        let question = self.ask("What is the customer called whose storage is reviewed?");
        self.blank("name", "\"\"", question);
        self.value("kind", "\"organisation\"");
        self.value("role", "\"tenant\"");
        self.line("");
        self.note(
            "Who is tied to whom. Statements by people with a stake are heard but cannot carry a finding, so \
             declare every tie you know of: employed_by, owned_by, paid_by, counsel_to, subsidiary_of, \
             customer_of, litigant_against, competitor_of, short_seller_of, auditor_of, team_of, anonymous.",
        );
        self.line("[[relation]]");
        self.value("from", "\"tenant\"");
        self.value("kind", "\"customer_of\"");
        self.value("to", "\"provider\"");
        self.line("");
    }

    fn sources(&mut self) {
        if self.draft.files.is_empty() {
            self.note("Where the records come from. Put the files into sources/ and describe them like this:");
            for line in EXAMPLE_SOURCE {
                self.line(&format!("# {line}"));
            }
            self.line("");
            return;
        }
        self.note(
            "Where the records come from. Correct `custodian` (the party that could have altered the records) \
             and `controller` (the company behind it) where another party kept them, and `acquired_at` where \
             you received them earlier.",
        );
        let draft = self.draft;
        let ids = self.plan.ids.clone();
        for (source, id) in draft.files.iter().zip(&ids) {
            self.source(source, id);
        }
    }

    fn source(&mut self, source: &DraftSource, id: &str) {
        let without_map = source.format == SourceFormat::Table && source.map.is_none();
        let start = self.out.len();
        self.line("[[source]]");
        self.value("id", &quoted(id));
        let rows = format!("  # {} rows", thousands(source.rows));
        self.line(&format!(
            "format = {}{rows}",
            quoted(source.format.as_str())
        ));
        self.value("files", &list(&source.paths));
        self.value("kind", &quoted(kind_of(source.format).as_str()));
        self.value("custodian", "\"provider\"");
        self.value("controller", "\"provider\"");
        self.value("acquired_at", &self.draft.opened.to_string());
        if source.format == SourceFormat::S3Inventory {
            self.inventory_account(source);
        }
        if let Some(map) = &source.map {
            self.out.push_str(&map_lines(map));
        }
        if without_map {
            let drafted = self.out.split_off(start);
            self.note("These columns are not mapped yet: `plainview records FILE --suggest-map` drafts the map.");
            for line in drafted.lines() {
                self.line(&format!("# {line}"));
            }
        }
        self.line("");
    }

    /// An S3 inventory names buckets, never their account: one question serves all of them.
    fn inventory_account(&mut self, source: &DraftSource) {
        let own = if let [account] = source.accounts.as_slice() {
            Some(account.clone())
        } else {
            None
        };
        if let Some(account) = own.or_else(|| self.plan.only_aws.clone()) {
            self.value("account", &quoted(&account.to_string()));
            return;
        }
        let number = self.accounts_question.unwrap_or_else(|| {
            self.ask("Which account does this inventory list? Its format does not say. Write aws/111122223333.")
        });
        self.accounts_question = Some(number);
        self.blank("account", "\"\"", number);
    }

    fn claim(&mut self) {
        self.note("The statement that is put to the test. Repeat this section for every statement, with its own id.");
        self.line("[[claim]]");
        self.value("id", "\"C1\"");
        let question = self.ask("What was said, word for word?");
        self.blank("text", "\"\"", question);
        self.note("Who said it, and whom it is about (ids of parties).");
        self.value("claimant", "[\"provider\"]");
        self.value("about", "[\"tenant\"]");
        let question = self.ask("On what day was it said? Write it as 2025-01-31.");
        self.blank("stated_at", "\"\"", question);
        let question =
            self.ask("Which of these five comes closest to it? Copy one between the quotes.");
        for (example, meaning) in TEMPLATE_EXAMPLES {
            self.line(&format!("#   {example:<31} {meaning}"));
        }
        self.blank("template", "\"\"", question);
        for line in CLAIM_OPTIONS {
            self.line(line);
        }
        self.line("");
    }

    fn rest(&mut self) {
        self.note(
            "How a source earns trust in its bytes: somebody vouches for them by name. The digest is printed by \
             `plainview records FILES`.",
        );
        for line in EXAMPLE_AUTHENTICATION {
            self.line(&format!("# {line}"));
        }
        self.line("");
        self.note(
            "The standard of proof is `corroborated` with the usual thresholds. Anyone who wants others writes a \
             section [standard] before any record is opened.",
        );
    }
}

/// What kind of record a format usually is.
fn kind_of(format: SourceFormat) -> SourceKind {
    if is_document(format) {
        SourceKind::Statement
    } else if format.fills().contains(&MappedTable::Charges) {
        SourceKind::BusinessRecord
    } else {
        SourceKind::SystemRecord
    }
}

/// Whether files of the format hold somebody's words and nothing else.
fn is_document(format: SourceFormat) -> bool {
    format.fills() == [MappedTable::Documents]
}

/// The five templates, as somebody would say them.
const TEMPLATE_EXAMPLES: &[(&str, &str)] = &[
    (
        "full-list-of-stores",
        "\"This list names every store they have.\"",
    ),
    (
        "no-evidence-of recorded_calls",
        "\"We looked and found no evidence of recorded calls.\"",
    ),
    (
        "not-in-region eu-central-1",
        "\"None of it is kept in that region.\"",
    ),
    (
        "not-a-customer-of Speech",
        "\"They do not use that service of ours.\"",
    ),
    (
        "unaware-until 2025-01-31",
        "\"We did not know of it before that day.\"",
    ),
];

/// Optional keys of a claim, explained.
const CLAIM_OPTIONS: &[&str] = &[
    "# no-evidence-of knows these kinds: recorded_calls, other_audio, video_fixed_camera, video_other, images,",
    "#   backups_disk_images, database_files_dumps, logs_telemetry, data_lake, ml_datasets, ml_models, documents,",
    "#   mail, web_assets, source_packages, container_images, scientific",
    "# full-list-of-stores takes every inventory as the list, unless you name the sources:",
    "# list = [\"inventory\"]",
    "# unaware-until also needs the persons (ids of parties with kind = \"person\") and the topic:",
    "# persons = [\"a-person\"]",
    "# topic = \"what they are said not to have known\"",
    "# Words of the statement that no record can test are printed as untested:",
    "# residue = [\"knowingly\"]",
];

/// A source to copy when there are no files yet.
const EXAMPLE_SOURCE: &[&str] = &[
    "[[source]]",
    "id = \"inventory\"",
    "format = \"s3-inventory\"          # or azure-blob-inventory, focus, mail, cloudwatch-metrics, ...",
    "files = [\"sources/inventory\"]",
    "kind = \"system-record\"           # or business-record, statement, derived",
    "custodian = \"provider\"           # the party that could have altered it",
    "controller = \"provider\"          # the company behind that party",
    "acquired_at = 2025-01-31         # when you received it",
    "account = \"aws/111122223333\"     # only where the format does not say",
];

/// An authentication to copy.
const EXAMPLE_AUTHENTICATION: &[&str] = &[
    "[[authentication]]",
    "source = \"inventory\"",
    "party = \"provider\"",
    "method = \"custodian-declaration\"  # or second-copy, signature",
    "date = 2025-01-31",
    "digest = \"sha256:...\"",
];
