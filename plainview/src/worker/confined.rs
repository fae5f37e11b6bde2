//! The parent's side: starts a worker for each document, and gets an answer or a reason.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use plainview_records::formats::document::{DocumentKind, ExtractFailure, Extracted, Extractor};

use super::{FLAG, UNSANDBOXED, probe, protocol, read_bounded};

/// Longest a worker may take by the clock; its processor time is bounded by itself.
const WALL: Duration = Duration::from_mins(3);
/// Longest a probe may take.
const PROBE_WALL: Duration = Duration::from_secs(20);

/// Signals by number, as Linux has them on every architecture that is supported.
const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;

/// Runs parsers in processes of their own.
#[derive(Debug)]
pub(crate) struct Confined {
    program: Option<PathBuf>,
    arguments: Vec<OsString>,
    wall: Duration,
    caveat: Option<String>,
}

impl Confined {
    /// Workers of this program; with `unsandboxed` they go on where the sandbox does not hold, and the result says so.
    pub(crate) fn new(unsandboxed: bool) -> Self {
        let mut arguments = vec![FLAG.into(), "document".into()];
        let mut caveat = None;
        if unsandboxed {
            arguments.push(UNSANDBOXED.into());
            if let Held::Not(why) = held() {
                caveat = Some(format!(
                    "as asked, parsers of PDF, Word and Excel files ran though they could not be confined: {why}"
                ));
            }
        }
        Self {
            program: std::env::current_exe().ok(),
            arguments,
            wall: WALL,
            caveat,
        }
    }

    fn start(&self) -> Option<Child> {
        start(self.program.as_ref()?, &self.arguments)
    }
}

impl Extractor for Confined {
    fn extract(&self, kind: DocumentKind, bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
        let Some(mut child) = self.start() else {
            return Err(ExtractFailure::Refused(
                "no process could be started".to_owned(),
            ));
        };
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        thread::scope(|scope| {
            scope.spawn(move || {
                if let Some(mut stdin) = stdin {
                    // A worker that died or refused stops reading; its answer, or the lack of one, says why.
                    let _ = protocol::write_request(&mut stdin, kind, bytes);
                }
            });
            let (give, take) = mpsc::channel();
            scope.spawn(move || {
                let answer = stdout.and_then(protocol::read_answer);
                // The other side may have stopped waiting.
                let _ = give.send(answer);
            });
            let Ok(answer) = take.recv_timeout(self.wall) else {
                end(&mut child);
                return Err(ExtractFailure::TimedOut);
            };
            let status = settle(&mut child);
            match answer {
                Some(answer) => answer.0,
                None => Err(cause(status)),
            }
        })
    }

    fn caveat(&self) -> Option<String> {
        self.caveat.clone()
    }
}

/// Starts a worker with pipes and no environment. What it writes to standard error could hold text of the document.
fn start(program: &PathBuf, arguments: &[OsString]) -> Option<Child> {
    Command::new(program)
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}

/// Ends a worker that will not end by itself.
fn end(child: &mut Child) -> Option<ExitStatus> {
    // It may have ended in between, which is as well.
    let _ = child.kill();
    child.wait().ok()
}

/// How a worker that has closed its output ended; one that lingers is ended.
#[allow(
    clippy::disallowed_methods,
    reason = "a process that is about to end tells nobody when it has; a short wait, and no result depends on it"
)]
fn settle(child: &mut Child) -> Option<ExitStatus> {
    for _ in 0..200 {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    end(child)
}

/// Why a worker gave no answer.
fn cause(status: Option<ExitStatus>) -> ExtractFailure {
    match status.and_then(signal) {
        Some(SIGXCPU) => ExtractFailure::TimedOut,
        Some(SIGABRT) => ExtractFailure::Died("aborted, as for want of memory".to_owned()),
        Some(number) => ExtractFailure::Died(format!("signal {number}")),
        None => ExtractFailure::Died("no answer".to_owned()),
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// Whether the sandbox holds on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    /// Every probe was denied.
    All,
    /// Something was not; says what.
    Not(String),
}

/// Asks a worker for its status, and tries from inside everything that must be denied.
pub(crate) fn held() -> Held {
    let Ok(program) = std::env::current_exe() else {
        return Held::Not("this program cannot find itself".to_owned());
    };
    let ask = |name: &str| ask(&program, name);
    match ask("status").as_deref() {
        Some("held") => {}
        Some(why) => return Held::Not(why.to_owned()),
        None => return Held::Not("no worker could be started".to_owned()),
    }
    let allowed: Vec<&str> = probe::DENIED
        .iter()
        .copied()
        .filter(|name| ask(name).as_deref() != Some("denied"))
        .collect();
    if allowed.is_empty() {
        Held::All
    } else {
        Held::Not(format!("not denied: {}", allowed.join(", ")))
    }
}

/// What a probe writes.
fn ask(program: &PathBuf, name: &str) -> Option<String> {
    let arguments = [FLAG, "probe", name].map(OsString::from);
    let mut child = start(program, &arguments)?;
    let stdout = child.stdout.take()?;
    let (give, take) = mpsc::channel();
    let reader = thread::spawn(move || {
        // The other side may have stopped waiting.
        let _ = give.send(read_bounded(stdout, 4096));
    });
    let said = take.recv_timeout(PROBE_WALL).ok().flatten();
    end(&mut child);
    // The pipe is closed, so the reader has nothing left to wait for.
    let _ = reader.join();
    String::from_utf8(said?)
        .ok()
        .filter(|said| !said.is_empty())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn with(program: &str, arguments: &[&str], wall: Duration) -> Confined {
        Confined {
            program: Some(program.into()),
            arguments: arguments.iter().map(OsString::from).collect(),
            wall,
            caveat: None,
        }
    }

    #[test]
    fn a_worker_that_never_answers_is_stopped_by_the_clock() {
        let sleeper = with("/bin/sleep", &["600"], Duration::from_millis(200));
        assert_eq!(
            sleeper.extract(DocumentKind::Pdf, b"x"),
            Err(ExtractFailure::TimedOut)
        );
    }

    #[test]
    fn a_worker_that_answers_nothing_is_a_dead_one() {
        let silent = with("/bin/true", &[], WALL);
        assert_eq!(
            silent.extract(DocumentKind::Pdf, &vec![0; 1 << 20]),
            Err(ExtractFailure::Died("no answer".to_owned()))
        );
        let babbling = with("/bin/echo", &["{\"Ok\":{}}"], WALL);
        assert_eq!(
            babbling.extract(DocumentKind::Pdf, b"x"),
            Err(ExtractFailure::Died("no answer".to_owned()))
        );
        let killed = with("/bin/sh", &["-c", "kill -SEGV $$"], WALL);
        assert_eq!(
            killed.extract(DocumentKind::Pdf, b"x"),
            Err(ExtractFailure::Died("signal 11".to_owned()))
        );
    }

    #[test]
    fn without_a_program_nothing_is_read() {
        let none = with("/nowhere/plainview", &[], WALL);
        assert!(matches!(
            none.extract(DocumentKind::Pdf, b"x"),
            Err(ExtractFailure::Refused(_))
        ));
    }
}
