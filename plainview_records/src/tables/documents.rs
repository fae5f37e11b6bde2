//! `documents`: one row per document, its metadata and its text.
//!
//! People appear as party ids when the register declares their address, else as pseudonyms.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

table! {
    /// One document.
    row DocumentRow;
    /// Builds batches of the `documents` table.
    builder DocumentsBuilder;
    /// The document's id: for mail a keyed hash over From, Date, Subject and text, so that copies of one mail share it (re-saved
    /// copies get new Message-IDs); for other documents as the sheet gives it, else `file:row`.
    doc_id: text,
    /// What kind of document; `mail`.
    kind: text,
    /// Mail `Date`.
    sent_at: time_opt,
    /// Party id or pseudonym of the mail's `From`.
    from_party: text_opt,
    /// Party ids and pseudonyms of `To`, joined by `, ` in the header's order.
    to_parties: text_opt,
    /// Party ids and pseudonyms of `Cc`, joined by `, ` in the header's order.
    cc_parties: text_opt,
    /// Mail `Subject`, masked.
    subject: text_opt,
    /// Text of the body, masked; HTML reduced to text.
    text: text_opt,
    /// Masked `Message-ID` this one answers.
    in_reply_to: text_opt,
    /// How many attachments; they are not opened.
    attachments: count32,
}
