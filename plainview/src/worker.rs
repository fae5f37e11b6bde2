//! Parsers of binary documents, each document in a process of its own that can open nothing.
//!
//! Record files come from people who may not like the review, and parsers of PDF and Office files have a history. So this
//! program runs itself again as `plainview --worker document`, with three pipes and no environment; the child gives up
//! everything it does not need ([`sandbox`]) before it reads a byte, reads one document from its standard input, writes
//! one answer to its standard output, and ends. The parent bounds the time by the clock as well, and whatever becomes of the
//! child, the parent gets an answer or a reason ([`confined`]).
//!
//! `plainview --worker probe NAME` tries one thing that must be denied and says whether it was; `plainview check` asks it.

mod confined;
mod probe;
mod protocol;
mod sandbox;

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use plainview_records::formats::document::{ExtractFailure, Extractor, extract};

pub(crate) use confined::{Confined, Held, held};

use protocol::Answer;
use sandbox::Bounds;

/// The first argument of a child.
pub(crate) const FLAG: &str = "--worker";
/// The argument that lets a child go on where the kernel has no Landlock.
const UNSANDBOXED: &str = "--unsandboxed";

/// Where parsers of binary documents run.
pub(crate) fn extractor(unsandboxed: bool) -> Arc<dyn Extractor> {
    Arc::new(Confined::new(unsandboxed))
}

/// The child: what `plainview --worker ...` does with the arguments behind.
pub(crate) fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    // A panic's words may hold text of the document, which nobody asked to see.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["document"] => document(false),
        ["document", UNSANDBOXED] => document(true),
        ["probe", name] => probe::run(name),
        _ => return ExitCode::from(crate::exit::USAGE),
    };
    if done.is_some() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Reads one document and answers; none when the pipes break.
fn document(unsandboxed: bool) -> Option<()> {
    let held = sandbox::enter(&Bounds::default());
    let answer = match held {
        Err(why) if !unsandboxed => Answer(Err(ExtractFailure::Refused(why))),
        _ => {
            let (kind, bytes) = protocol::read_request(&mut std::io::stdin().lock())?;
            Answer(extract(kind, &bytes))
        }
    };
    protocol::write_answer(&mut std::io::stdout().lock(), &answer)
}

/// Reads everything up to `limit` bytes; none when there is more or the pipe breaks.
fn read_bounded(from: impl std::io::Read, limit: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= limit).then_some(bytes)
}

/// Writes a word as a probe's result.
fn say(word: &str) -> Option<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(word.as_bytes()).ok()?;
    out.flush().ok()
}
