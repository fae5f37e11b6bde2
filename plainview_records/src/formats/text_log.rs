//! What logs written as text share: what a file is written in, and which account its rows are of.

use super::cloudwatch_metrics::documents::{Written, written};
use super::sheet::text::stopped;
use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};

/// What a log file is written in; `None` when it is nothing of the kind, and then the notice is given. `expected` says what
/// it should be.
pub(in crate::formats) fn form_of(
    run: &mut Run<'_>,
    file: &SourceFile,
    expected: &'static str,
) -> Option<Written> {
    let note = match sniff(&file.path) {
        Ok(Content::Empty) => Note::doubt("empty-file", "the file is empty").expected(expected),
        Ok(Content::Parquet | Content::Orc | Content::Zip) => {
            Note::lost("not-a-log", "the file is no text and was not read").expected(expected)
        }
        Ok(_) => match written(&file.path, run.input.limits) {
            Ok(Written::Nothing) => {
                Note::doubt("empty-file", "the file is empty").expected(expected)
            }
            Ok(form) => return Some(form),
            Err(note) => note,
        },
        Err(error) => stopped(&error),
    };
    run.note(Some(file), note);
    None
}

/// Says once that nothing tells the account, for formats that do not.
pub(in crate::formats) fn say_account(run: &mut Run<'_>, example: &str) {
    if run.input.account.is_none() {
        let note = Note::doubt(
            "account-unknown",
            "these records name no account, and the source gives none",
        )
        .expected(format!("account = \"{example}\""));
        run.note(None, note);
    }
}
