//! DOCX: the body of a Word document, with its notes, as it reads when changes are accepted.
//!
//! **Read.** Paragraphs, one a line, headings with an empty line before and after; tabs; line breaks; a form feed where the
//! page is broken by hand (where Word itself breaks pages is not in the file); tables, a row a line, cells set apart by
//! tabs; text boxes; footnotes and endnotes, after the body. Inserted text is text.
//!
//! **Told apart.** Deleted and moved-away text and comments are not the document's text: they are kept aside, a paragraph a
//! line that begins `[deleted] ` or `[comment] `, and counted (`document-deleted-text`, `document-comments`).
//!
//! **Not read.** Headers and footers (`document-part-unread`), field codes, embedded objects (`document-embedded`), macros
//! (`document-macros`), pictures, links' targets. Nothing is run or loaded. What a style hides is text here.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::limits::{DOCUMENT_TEXT_BYTES_MAX, DOCUMENT_UNPACKED_BYTES_MAX};

use super::extract::{ExtractFailure, Extracted};
use super::package::{self, Archive, entity, part};

/// Reads a Word document.
pub(super) fn extract(bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
    package::measure(bytes, DOCUMENT_UNPACKED_BYTES_MAX)?;
    let mut archive = package::open(bytes)?;
    let main = main_part(&mut archive)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let Some(body) = part(&mut archive, &main)? else {
        return Err(ExtractFailure::Unreadable(
            "no document in the archive".to_owned(),
        ));
    };
    let mut found = Extracted {
        title: package::title(bytes),
        ..Extracted::default()
    };
    let mut walk = Walk::default();
    let mut damaged = u64::from(!walk.read(&body));
    for notes in ["footnotes", "endnotes"] {
        if let Some(xml) = part(&mut archive, &format!("{folder}/{notes}.xml"))? {
            walk.text.push('\n');
            damaged += u64::from(!walk.read(&xml));
        }
    }
    let mut comments = Walk::default();
    if let Some(xml) = part(&mut archive, &format!("{folder}/comments.xml"))? {
        damaged += u64::from(!comments.read(&xml));
    }
    if walk.text.trim().is_empty() && damaged > 0 {
        return Err(ExtractFailure::Unreadable("damaged XML".to_owned()));
    }
    found.text = walk.text;
    let deleted = aside(&mut found.aside, "deleted", &walk.deleted);
    let comments = aside(&mut found.aside, "comment", &comments.text);
    found.odd("document-deleted-text", deleted);
    found.odd("document-comments", comments);
    found.odd("document-part-damaged", damaged);
    count_parts(&mut archive, &mut found);
    Ok(found)
}

/// Appends each paragraph of `text` with what it is; gives how many.
fn aside(out: &mut String, what: &str, text: &str) -> u64 {
    let lines = text.split(['\n', '\u{c}']).map(str::trim);
    let mut count = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        out.push_str(&format!("[{what}] {line}\n"));
        count += 1;
    }
    count
}

/// Counts the parts that hold more than is read.
fn count_parts(archive: &mut Archive<'_>, found: &mut Extracted) {
    let (mut embedded, mut macros, mut unread) = (0, 0, 0);
    for n in 0..archive.len() {
        let Ok(entry) = archive.by_index_raw(n) else {
            continue;
        };
        let Ok(name) = entry.name() else { continue };
        let last = name.rsplit('/').next().unwrap_or_default();
        if name.contains("/embeddings/") || name.contains("/activeX/") {
            embedded += 1;
        } else if last == "vbaProject.bin" {
            macros += 1;
        } else if last.starts_with("header") || last.starts_with("footer") {
            unread += 1;
        }
    }
    found.odd("document-embedded", embedded);
    found.odd("document-macros", macros);
    found.odd("document-part-unread", unread);
}

/// The part that the package says is the document; `word/document.xml` where it does not say.
fn main_part(archive: &mut Archive<'_>) -> Result<String, ExtractFailure> {
    let usual = "word/document.xml".to_owned();
    let Some(xml) = part(archive, "_rels/.rels")? else {
        return Ok(usual);
    };
    let mut reader = Reader::from_str(&xml);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) | Event::Empty(start)
                if start.local_name().as_ref() == "Relationship"
                    && attribute(&start, "Type")
                        .is_some_and(|kind| kind.ends_with("/officeDocument")) =>
            {
                let target = attribute(&start, "Target").unwrap_or_default();
                let target = target.trim_start_matches('/');
                if !target.is_empty() {
                    return Ok(target.to_owned());
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(usual)
}

/// An attribute by its name without a prefix.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    start
        .attributes()
        .filter_map(Result::ok)
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| attribute.value.into_owned())
}

/// One pass over a part.
#[derive(Default)]
struct Walk {
    text: String,
    deleted: String,
    /// Inside how many deletions and moves away.
    gone: usize,
    /// Inside how many table cells.
    cells: usize,
    /// Inside how many elements that say again what a sibling says.
    fallback: usize,
    /// Whether characters are text of a run.
    in_text: bool,
    /// The paragraph that is being read.
    paragraph: Paragraph,
}

/// What is known of a paragraph.
#[derive(Default)]
struct Paragraph {
    /// Whether it is a heading.
    heading: bool,
    /// Whether it has said anything.
    said: bool,
    /// Whether anything of it is gone.
    said_gone: bool,
}

impl Walk {
    /// Reads one part; false when it is damaged, with what came before kept.
    fn read(&mut self, xml: &str) -> bool {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = false;
        loop {
            let Ok(event) = reader.read_event() else {
                return false;
            };
            match event {
                Event::Start(start) => self.start(&start, true),
                Event::Empty(start) => self.start(&start, false),
                Event::End(end) => self.end(end.local_name().as_ref()),
                Event::Text(text) if self.in_text => self.say(&text.xml10_content()),
                Event::CData(text) if self.in_text => self.say(&text.xml10_content()),
                Event::GeneralRef(reference) if self.in_text => {
                    if let Some(c) = entity(&reference) {
                        self.say(c.encode_utf8(&mut [0; 4]));
                    }
                }
                Event::Eof => return true,
                _ => {}
            }
            if self.text.len() > DOCUMENT_TEXT_BYTES_MAX
                || self.deleted.len() > DOCUMENT_TEXT_BYTES_MAX
            {
                return true;
            }
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, opens: bool) {
        let name = start.local_name();
        match name.as_ref() {
            "Fallback" if opens => self.fallback += 1,
            "del" | "moveFrom" if opens => self.gone += 1,
            "tc" if opens => self.cells += 1,
            "t" | "delText" if opens => self.in_text = true,
            "p" if opens => self.begin_paragraph(),
            "pStyle" => {
                let style = attribute(start, "val").unwrap_or_default().to_lowercase();
                // The ids of Word's built-in styles in English, and as German and French Word write them.
                let known = ["heading", "title", "berschrift", "titel", "titre"];
                if known.iter().any(|word| style.contains(word)) && !self.paragraph.heading {
                    self.paragraph.heading = true;
                    if self.cells == 0 && self.gone == 0 && self.fallback == 0 {
                        self.text.push('\n');
                    }
                }
            }
            "tab" if !in_properties(start) => self.say("\t"),
            "br" if attribute(start, "type").as_deref() == Some("page") => self.say("\u{c}"),
            "br" | "cr" => self.say(if self.cells > 0 { " " } else { "\n" }),
            "noBreakHyphen" => self.say("-"),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "Fallback" => self.fallback = self.fallback.saturating_sub(1),
            "del" | "moveFrom" => {
                self.gone = self.gone.saturating_sub(1);
                self.deleted.push('\n');
            }
            "t" | "delText" => self.in_text = false,
            "p" => self.end_paragraph(),
            "tc" => {
                self.cells = self.cells.saturating_sub(1);
                trim_end(&mut self.text);
                self.text.push('\t');
            }
            "tr" => {
                if self.text.ends_with('\t') {
                    self.text.pop();
                }
                self.text.push(if self.cells > 0 { ' ' } else { '\n' });
            }
            _ => {}
        }
    }

    /// A paragraph inside another, as in a text box, begins a line of its own.
    fn begin_paragraph(&mut self) {
        self.paragraph = Paragraph::default();
        if self.cells == 0 && !self.text.is_empty() && !self.text.ends_with(['\n', '\u{c}']) {
            self.text.push('\n');
        }
    }

    fn end_paragraph(&mut self) {
        // A paragraph that is gone whole leaves no empty line.
        if self.fallback > 0 || (self.paragraph.said_gone && !self.paragraph.said) {
            return;
        }
        if self.cells > 0 {
            self.text.push(' ');
        } else {
            self.text
                .push_str(if self.paragraph.heading { "\n\n" } else { "\n" });
        }
        self.paragraph.heading = false;
    }

    fn say(&mut self, text: &str) {
        if self.fallback > 0 {
            return;
        }
        if self.gone > 0 {
            self.paragraph.said_gone = true;
            self.deleted.push_str(text);
        } else {
            self.paragraph.said = true;
            self.text.push_str(text);
        }
    }
}

/// Whether a `tab` only sets a tab stop: those in a paragraph's properties say where, those in a run say nothing.
fn in_properties(start: &BytesStart<'_>) -> bool {
    attribute(start, "pos").is_some()
}

/// Removes the spaces that a cell's paragraphs leave, but no tab of an empty cell before.
fn trim_end(text: &mut String) {
    while text.ends_with(' ') {
        text.pop();
    }
}
