//! Things that a worker must not be able to do, tried from inside.
//!
//! Each probe enters the sandbox as a worker does, tries one thing and writes `denied` or `allowed`; `status` writes `held`, or
//! why the sandbox does not hold. Three more show what becomes of a parser that goes wrong: `loop`, `memory` and `crash`
//! never write anything.

use std::fs::File;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::sandbox::{self, Bounds};
use super::say;

/// Probes that must be denied, as `plainview check` asks for them.
pub(super) const DENIED: &[&str] = &[
    "read", "write", "list", "connect", "listen", "spawn", "exec",
];

/// Runs a probe; none when there is no such probe or nobody listens.
pub(super) fn run(name: &str) -> Option<()> {
    let bounds = Bounds {
        cpu_seconds: if name == "loop" { 1 } else { 60 },
        ..Bounds::default()
    };
    let held = sandbox::enter(&bounds);
    match name {
        "status" => say(held.err().as_deref().unwrap_or("held")),
        "loop" => loop {
            std::hint::spin_loop();
        },
        "memory" => {
            let mut kept = Vec::new();
            loop {
                kept.push(vec![1_u8; 64 << 20]);
                std::hint::black_box(&kept);
            }
        }
        "crash" => std::process::abort(),
        _ => {
            let outcome = attempt(name)?;
            say(match outcome {
                Err(ErrorKind::PermissionDenied) => "denied",
                _ => "allowed",
            })
        }
    }
}

/// Tries what is called `name`.
fn attempt(name: &str) -> Option<Result<(), ErrorKind>> {
    let outcome = match name {
        "read" => File::open("/dev/null").map(|_| ()),
        "write" => {
            let path = std::path::Path::new("/tmp/plainview-probe");
            let made = File::create(path).map(|_| ());
            if made.is_ok() {
                // Only where the sandbox does not hold; nothing may stay behind.
                let _ = std::fs::remove_file(path);
            }
            made
        }
        "list" => std::fs::read_dir("/").map(|_| ()),
        "connect" => TcpStream::connect("127.0.0.1:9").map(|_| ()),
        "listen" => TcpListener::bind("127.0.0.1:0").map(|_| ()),
        "spawn" => Command::new("/bin/true").status().map(|_| ()),
        "exec" => Err(Command::new("/bin/true").exec()),
        _ => return None,
    };
    Some(outcome.map_err(|error| error.kind()))
}
