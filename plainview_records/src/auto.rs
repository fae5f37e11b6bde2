//! `auto`: every file of a source is read as what its content shows it to be.
//!
//! **What becomes of it.** Files are told by [`detect`](crate::detect) and read format by format, in the order of
//! [`Format::ALL`](crate::Format::ALL); their numbers go on from one format to the next, so that a row's file number names one
//! file of the source. What each file was recognised as, and why, is in its
//! [`FileReport`](crate::FileReport). A file that no rule recognises is a lost `format-unknown`: it may hold anything, so
//! nothing that it could have shown counts as absent.
//!
//! **What is not read.** Sheets: which column means what is not in the file, so they are a lost `format-needs-map`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::detect::group;
use crate::run::{FileRole, Note, Run, Told};
use crate::{Error, Format, SourceInput};

/// Files of one format.
struct Part {
    input: SourceInput,
    because: BTreeMap<PathBuf, &'static str>,
}

/// The files of a source, by what they were recognised as.
pub(crate) struct Parts {
    parts: Vec<Part>,
    unknown: Vec<PathBuf>,
}

/// Looks at every file of `input`.
pub(crate) fn parts(input: &SourceInput) -> Parts {
    let (groups, unknown) = group(input);
    let parts = groups
        .into_iter()
        .map(|group| Part {
            input: SourceInput {
                format: group.format,
                files: group.files,
                ..input.clone()
            },
            because: group.told,
        })
        .collect();
    Parts { parts, unknown }
}

/// Reads every part with `read_as`, and names what is in none.
pub(crate) fn read<'a>(
    run: &mut Run<'a>,
    parts: &'a Parts,
    read_as: impl Fn(&mut Run<'a>, Format) -> Result<(), Error>,
) -> Result<(), Error> {
    for part in &parts.parts {
        let format = part.input.format;
        let told = Told {
            format,
            because: &part.because,
        };
        run.turn_to(&part.input, Some(told));
        if format == Format::Table && part.input.map.is_none() {
            without_reader(run, &part.input.files, &|_| {
                Note::lost(
                    "format-needs-map",
                    "a sheet was not read: nothing says what its columns mean",
                )
                .expected("a source of its own with format = \"table\" and a [source.map]")
            });
        } else {
            read_as(run, format)?;
        }
    }
    if let Some(part) = parts.parts.first() {
        run.turn_to(&part.input, None);
    }
    without_reader(run, &parts.unknown, &|bytes| {
        let note = Note::lost(
            "format-unknown",
            "the file is of no format that is recognised by its content; nothing of it was used",
        )
        .expected("a record file; name its format if it is one");
        if bytes == 0 {
            note.measured("an empty file")
        } else {
            note
        }
    });
    Ok(())
}

/// Hashes files that no reader takes, and says why.
fn without_reader(run: &mut Run<'_>, files: &[PathBuf], why: &dyn Fn(u64) -> Note) {
    let planned = files
        .iter()
        .map(|path| (path.clone(), FileRole::Other))
        .collect();
    for file in run.plan(planned) {
        let Some(hashes) = run.hash(&file) else {
            continue;
        };
        run.note(Some(&file), why(hashes.bytes));
        run.advance(hashes.bytes);
    }
}
