//! `documents`: one row per document, its metadata and its text.
//!
//! People appear as party ids when the register declares their address, else as pseudonyms.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

table! {
    /// One document.
    row DocumentRow;
    /// Builds batches of the `documents` table.
    builder DocumentsBuilder;
    /// The document's id: for mail a keyed hash over From, Date, Subject and text, for documents over kind and text, so that
    /// copies of one share it (re-saved copies get new Message-IDs and dates); of a sheet as it gives it, else `file:row`.
    doc_id: text,
    /// Which copy of the document this is within its source, in file and row order; 1 for the first.
    copy_no: count32,
    /// What kind of document: `mail`, `pdf`, `docx`, `xlsx`, `html` or `text`; of a sheet as it says.
    kind: text,
    /// Mail `Date`; never a date that a quoted or forwarded mail gives. Null for other documents.
    sent_at: time_opt,
    /// Party id or pseudonym of the mail's `From`.
    from_party: text_opt,
    /// Party ids and pseudonyms of `To`, joined by `, ` in the header's order.
    to_parties: text_opt,
    /// Party ids and pseudonyms of `Cc`, joined by `, ` in the header's order.
    cc_parties: text_opt,
    /// Mail `Subject`, or the title of a document, masked.
    subject: text_opt,
    /// What the document itself says, masked; HTML reduced to text. A form feed ends a page of a PDF and a sheet of a workbook.
    text: text_opt,
    /// What it holds but does not itself say, masked: quoted and forwarded mails; deleted text and comments of a Word document.
    quoted_text: text_opt,
    /// Masked `Message-ID`.
    message_id: text_opt,
    /// Masked `Message-ID` this one answers.
    in_reply_to: text_opt,
    /// The thread a mail belongs to by `In-Reply-To` and `References`, and by copies of mails that do; never by its subject.
    /// Null for mails that name no id and answer none.
    thread_id: text_opt,
    /// How many attachments; they are not opened.
    attachments: count32,
}
