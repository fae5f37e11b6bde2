//! Real object stores on this machine, and a relay that writes down what is asked of them.
//!
//! Azurite comes from npm and moto from the Python index, in the versions that `tests/servers` pins; they are installed once, outside
//! the repository. Where they cannot be had the test says why and is skipped; on CI that is a failure.

mod relay;
mod upload;

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

pub(crate) use relay::{Relay, Rule};
pub(crate) use upload::{AzureAccount, put_azure, put_s3};

/// One installation at a time.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A server process; ends with its value.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where installed servers are kept from one test run to the next.
fn cache() -> Option<PathBuf> {
    let told = std::env::var_os("PLAINVIEW_CACHE").map(PathBuf::from);
    let user = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    Some(
        told.or_else(|| user.map(|folder| folder.join("plainview")))?
            .join("servers-1"),
    )
}

/// Runs a step of an installation; what it said when it failed.
fn step(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{shown}: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn pinned(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/servers")
        .join(name)
}

/// Installs into a folder beside `target` and moves it there when it is whole.
fn install(target: &Path, steps: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
    if target.exists() {
        return Ok(());
    }
    let parent = target.parent().ok_or("no folder to install into")?;
    fs::create_dir_all(parent).map_err(|error| error.to_string())?;
    let folder = tempfile::tempdir_in(parent).map_err(|error| error.to_string())?;
    steps(folder.path())?;
    fs::rename(folder.path(), target).map_err(|error| error.to_string())
}

fn azurite() -> Result<PathBuf, String> {
    let target = cache().ok_or("no cache folder")?.join("azurite");
    install(&target, |folder| {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(pinned(name), folder.join(name)).map_err(|error| error.to_string())?;
        }
        step(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(folder),
        )
    })?;
    Ok(target.join("node_modules/.bin/azurite-blob"))
}

fn moto() -> Result<PathBuf, String> {
    let target = cache().ok_or("no cache folder")?.join("moto");
    // A virtual environment holds its own path, so it is made in its place and marked when whole.
    let mark = target.join("whole");
    if !mark.exists() {
        if target.exists() {
            fs::remove_dir_all(&target).map_err(|error| error.to_string())?;
        }
        fs::create_dir_all(&target).map_err(|error| error.to_string())?;
        step(Command::new("python3").args(["-m", "venv"]).arg(&target))?;
        step(
            Command::new(target.join("bin/pip"))
                .args(["install", "--quiet", "-r"])
                .arg(pinned("requirements.txt")),
        )?;
        fs::write(&mark, "").map_err(|error| error.to_string())?;
    }
    Ok(target.join("bin/moto_server"))
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Passes every line on until nobody listens, and reads on after that, so that the server is never held up.
fn listen(output: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = lines.send(line);
        }
    });
}

/// Starts a server, which says `ready` when it listens.
fn start(
    command: &mut Command,
    ready: &str,
    port: u16,
    folder: tempfile::TempDir,
) -> Result<Server, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let (say, lines) = channel();
    if let Some(output) = child.stdout.take() {
        listen(output, say.clone());
    }
    if let Some(output) = child.stderr.take() {
        listen(output, say);
    }
    let server = Server {
        child,
        port,
        _folder: folder,
    };
    let mut said = String::new();
    // Both outputs end when the server does.
    for line in lines {
        if line.contains(ready) {
            return Ok(server);
        }
        said.push_str(&line);
        said.push('\n');
    }
    Err(format!("{command:?} ended: {said}"))
}

/// What came of starting a server, or the reason why a test is skipped. On CI there is no such reason.
fn or_skipped(what: &str, started: Result<Server, String>) -> Option<Server> {
    match started {
        Ok(server) => Some(server),
        Err(why) => {
            let on_ci =
                std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false");
            assert!(!on_ci, "{what} cannot be started: {why}");
            eprintln!("skipped: {what} cannot be started: {why}");
            None
        }
    }
}

/// Starts an Azure blob server with one fictional account.
pub(crate) fn start_azurite(account: &AzureAccount) -> Option<Server> {
    let started = || {
        let _guard = INSTALLING
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let program = azurite()?;
        let port = free_port();
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        start(
            Command::new(program)
                .args(["--inMemoryPersistence", "--disableTelemetry"])
                .args(["--skipApiVersionCheck", "--disableProductStyleUrl"])
                .args(["--blobPort", &port.to_string()])
                .current_dir(folder.path())
                .env(
                    "AZURITE_ACCOUNTS",
                    format!("{}:{}", account.name, account.key),
                ),
            "successfully listen",
            port,
            folder,
        )
    };
    or_skipped("Azurite", started())
}

/// Starts an S3 server.
pub(crate) fn start_s3() -> Option<Server> {
    let started = || {
        let _guard = INSTALLING
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let program = moto()?;
        let port = free_port();
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        start(
            Command::new(program)
                .args(["-H", "127.0.0.1", "-p", &port.to_string()])
                .current_dir(folder.path())
                .env("PYTHONUNBUFFERED", "1"),
            "Running on",
            port,
            folder,
        )
    };
    or_skipped("moto", started())
}
