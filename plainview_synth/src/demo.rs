//! The demo: one complete case folder of a fictional provider and two fictional tenants.
//!
//! A provider handed over "the full list" of a customer's stores. The list leaves out one store,
//! which the provider's own bills and meters pay for and measure. Beside it stands an ordinary
//! customer about whom nothing is wrong. Everything is invented and marked so; accounts and
//! domains are reserved ones; nothing says who anybody in a recording is, since nobody is.
//!
//! The folder's `truth.json` says what the makers know. It is for the demo's own check and is no
//! part of the case: no review reads it.

mod model;
mod records;
mod register;
mod statements;
mod stores;
mod truth;

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use truth::{AccountTruth, ClaimTruth, MonthTruth, Truth};

use crate::Error;

/// Which records the case has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// All of them.
    Full,
    /// No listing of any store: bills, meters and mail only.
    NoInventory,
    /// All but the bills.
    NoInvoices,
}

impl Variant {
    fn lists(self) -> bool {
        self != Self::NoInventory
    }

    fn bills(self) -> bool {
        self != Self::NoInvoices
    }
}

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoOptions {
    /// Decides every size, time and name.
    pub seed: u64,
    /// Which records the case has.
    pub variant: Variant,
}

/// Writes the case into `dir`, which is made when absent and must be empty, and returns the truth
/// that was also written there.
///
/// A crash leaves a folder without `case.toml`, which is written last: no half a demo can be
/// taken for a case.
pub fn write(dir: &Path, options: &DemoOptions) -> Result<Truth, Error> {
    let made = |source| Error::Write {
        path: dir.to_path_buf(),
        source,
    };
    fs::create_dir_all(dir).map_err(made)?;
    if fs::read_dir(dir).map_err(made)?.next().is_some() {
        return Err(Error::NotEmpty {
            path: dir.to_path_buf(),
        });
    }
    let world = stores::world(options.seed);
    let sources = records::sources(&world, options)?;
    for source in &sources {
        for file in &source.files {
            write_file(dir, &file.name, &file.bytes)?;
        }
    }
    let truth = truth::truth(&world, options);
    let mut text = serde_json::to_vec_pretty(&truth)?;
    text.push(b'\n');
    write_file(dir, "truth.json", &text)?;
    write_file(dir, "README.txt", register::readme(options).as_bytes())?;
    write_file(dir, "exhibits.toml", register::exhibits().as_bytes())?;
    write_file(
        dir,
        "case.toml",
        register::case(&sources, options).as_bytes(),
    )?;
    Ok(truth)
}

fn write_file(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = name
        .split('/')
        .fold(dir.to_path_buf(), |path, part| path.join(part));
    let parent = path.parent().unwrap_or(dir).to_path_buf();
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(&path, bytes))
        .map_err(|source| Error::Write { path, source })
}
