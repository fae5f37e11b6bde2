//! The case folder: where its parts lie, its register, its secrets, its lock.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use plainview_records::{PartyAddresses, Tokens};
use plainview_register::{Diagnostic, Exhibits, Register, Severity, parse_case, parse_exhibits};

use crate::files;

/// A case whose register has been read and found valid.
pub(crate) struct CaseFolder {
    /// The folder.
    pub(crate) root: PathBuf,
    /// What is asked.
    pub(crate) register: Register,
    /// Passages marked for or against a claim.
    pub(crate) exhibits: Exhibits,
    /// What is allowed but odd: printed, and stops nothing.
    pub(crate) warnings: Vec<Diagnostic>,
    /// Whether parsers of documents may run where they cannot be confined.
    pub(crate) unsandboxed: bool,
}

/// Mistakes in `case.toml` or `exhibits.toml`: printed, and nothing is reviewed.
#[derive(Debug)]
pub(crate) struct Invalid(pub(crate) Vec<Diagnostic>);

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for diagnostic in &self.0 {
            writeln!(f, "{diagnostic}")?;
        }
        let count = self
            .0
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count();
        let noun = if count == 1 { "mistake" } else { "mistakes" };
        write!(f, "{count} {noun} in the register; no evidence was opened")
    }
}

impl std::error::Error for Invalid {}

/// The folder given is not a case.
#[derive(Debug)]
pub(crate) struct NoCase(PathBuf);

impl std::fmt::Display for NoCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} is not a case folder: it holds no case.toml",
            self.0.display()
        )
    }
}

impl std::error::Error for NoCase {}

impl CaseFolder {
    /// Reads and validates `case.toml` and `exhibits.toml`; opens no evidence.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let path = root.join("case.toml");
        if !path.is_file() {
            return Err(NoCase(root.to_path_buf()).into());
        }
        let parsed = parse_case("case.toml", &files::read_text(&path)?);
        let mut diagnostics = parsed.diagnostics;
        let Some(register) = parsed.value else {
            return Err(Invalid(diagnostics).into());
        };
        let marks = root.join("exhibits.toml");
        let mut exhibits = Exhibits::default();
        if marks.is_file() {
            let parsed = parse_exhibits("exhibits.toml", &files::read_text(&marks)?, &register);
            diagnostics.extend(parsed.diagnostics);
            match parsed.value {
                Some(value) => exhibits = value,
                None => return Err(Invalid(diagnostics).into()),
            }
        }
        Ok(Self {
            root: root.to_path_buf(),
            register,
            exhibits,
            warnings: diagnostics,
            unsandboxed: false,
        })
    }

    /// Plainview's own folder.
    pub(crate) fn own(&self) -> PathBuf {
        self.root.join(".plainview")
    }

    /// Evidence tables.
    pub(crate) fn tables(&self) -> PathBuf {
        self.own().join("tables")
    }

    /// Copies of record files that lie elsewhere, by source.
    pub(crate) fn fetched(&self) -> PathBuf {
        self.own().join("fetched")
    }

    /// Entries of archives while they are read.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.own().join("scratch")
    }

    /// Published files.
    pub(crate) fn out(&self) -> PathBuf {
        self.own().join("out")
    }

    /// Keeps other Plainviews off this case until the guard is dropped.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.own().join("lock");
        fs::create_dir_all(self.own())
            .and_then(|()| File::create(&path))
            .with_context(|| format!("cannot write {}", path.display()))
            .and_then(|file| match file.try_lock() {
                Ok(()) => Ok(file),
                Err(TryLockError::WouldBlock) => Err(anyhow!(
                    "another plainview is working on {}",
                    self.root.display()
                )),
                Err(TryLockError::Error(error)) => Err(error.into()),
            })
    }

    /// The case's salt, made on first use.
    pub(crate) fn salt(&self) -> Result<[u8; 32]> {
        let path = self.root.join("secrets").join("salt");
        if !path.is_file() {
            let mut salt = [0_u8; 32];
            getrandom::fill(&mut salt).map_err(|e| anyhow!("no randomness: {e}"))?;
            write_salt(&self.root, &salt)?;
        }
        parse_salt(&files::read_text(&path)?)
            .with_context(|| format!("{} is damaged", path.display()))
    }

    /// What replaces identifier-like runs of this case's records.
    pub(crate) fn tokens(&self) -> Result<Tokens> {
        let parties: Vec<PartyAddresses> = self
            .register
            .parties
            .iter()
            .map(|party| PartyAddresses {
                id: party.id.clone(),
                addresses: party.addresses.clone(),
                domains: party.domains.clone(),
            })
            .collect();
        Ok(Tokens::new(&self.salt()?, &parties))
    }
}

/// Writes a case's salt below `root/secrets`, readable by its owner only.
pub(crate) fn write_salt(root: &Path, salt: &[u8; 32]) -> Result<()> {
    let folder = root.join("secrets");
    fs::create_dir_all(&folder).with_context(|| format!("cannot write {}", folder.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
    }
    let text: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
    files::write(&folder.join("salt"), format!("{text}\n").as_bytes())
}

fn parse_salt(text: &str) -> Result<[u8; 32]> {
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        bail!(
            "found {} characters, expected 64 hexadecimal digits",
            text.len()
        );
    }
    let mut salt = [0_u8; 32];
    for (at, byte) in salt.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16)?;
    }
    Ok(salt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salt_survives_the_way_to_disk_and_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let salt: [u8; 32] = std::array::from_fn(|i| u8::try_from(i * 7 % 256).expect("a byte"));
        write_salt(folder.path(), &salt).expect("written");
        let text = files::read_text(&folder.path().join("secrets/salt")).expect("read");
        assert_eq!(parse_salt(&text).expect("parsed"), salt);
        assert!(parse_salt("abc").is_err());
        assert!(parse_salt(&"zz".repeat(32)).is_err());
    }
}
