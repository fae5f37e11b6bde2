//! `notices`: one row per thing that a reader could not use, or used with doubt.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};
use crate::Notice;

table! {
    /// One notice. `file_no` is `u32::MAX` when no file of the source is meant; `row_no` is the notice's 1-based number within the source.
    row NoticeRow;
    /// Builds batches of the `notices` table.
    builder NoticesBuilder;
    /// File name within the source; empty when the whole source is meant.
    file: text,
    /// 1-based data row in the file the notice speaks of; null when the whole file is meant.
    row: count64_opt,
    /// Permanent code such as `bad-row`.
    code: text,
    /// `lost`, `unread` or `doubt`; see [`crate::Effect`].
    effect: text,
    /// How many rows are affected; 0 when unknown or none.
    rows_affected: count64,
    /// What was found, masked.
    found: text,
    /// What was expected.
    expected: text,
    /// One sentence.
    message: text,
}

impl NoticesBuilder {
    /// Appends `notice` as the `number`-th (1-based) of its source.
    pub fn push_notice(&mut self, number: u64, notice: &Notice) {
        self.push(&NoticeRow {
            file_no: notice.file_no.unwrap_or(u32::MAX),
            row_no: number,
            file: &notice.file,
            row: notice.row,
            code: notice.code,
            effect: notice.effect.as_str(),
            rows_affected: notice.rows_affected,
            found: &notice.found,
            expected: &notice.expected,
            message: &notice.message,
        });
    }
}
