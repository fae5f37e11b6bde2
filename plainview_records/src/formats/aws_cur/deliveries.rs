//! Which of a report's files are read: one assembly of each payer's month, whatever else the source holds.
//!
//! A manifest is JSON with an `assemblyId` (or `executionId`) and the keys of its data files. AWS keeps two copies of a legacy
//! one: in the assembly's own folder, and above it, where each delivery overwrites the last. Only the second says what is
//! current. The layout of CUR 2.0 (`data/BILLING_PERIOD=.../`, `metadata/BILLING_PERIOD=.../`) is followed as AWS's manual
//! states it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::Column;
use crate::formats::cost::json::object_text;
use crate::formats::cost::{Sheet, first_row};
use crate::run::{FileRole, Note, Run, SourceFile};
use crate::times::parse_iso_ms;

/// What is read of a manifest.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    #[serde(alias = "executionId")]
    assembly_id: String,
    #[serde(alias = "dataFiles")]
    report_keys: Vec<String>,
}

/// A manifest and where it lies.
struct Placed {
    file: SourceFile,
    manifest: Manifest,
}

/// Whether a JSON text begins as a manifest of a report.
pub(super) fn is_manifest(text: &str) -> bool {
    let has = |name: &str| text.contains(&format!("\"{name}\""));
    let is_cur = text.contains("lineItem") || text.contains("line_item");
    (has("assemblyId") && has("reportKeys")) || (has("dataFiles") && is_cur)
}

/// What assigns a file to an assembly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    /// A manifest or the folder's name.
    Assembly(String),
    /// Nothing.
    Nobody,
}

/// A data file.
struct Data {
    file: SourceFile,
    bytes: u64,
    owner: Owner,
    /// Payer account and start of the billing period, of its first row.
    month: Option<(String, i64)>,
}

/// Numbers and hashes the files of the source, and gives those to read, with their size on disk.
pub(super) fn plan(run: &mut Run<'_>, sheet: &'static Sheet) -> Vec<(SourceFile, u64)> {
    let mut roles = Vec::new();
    let mut manifests = BTreeMap::new();
    for path in &run.input.files {
        let role = match object_text(path) {
            None => FileRole::Data,
            Some(text) => match serde_json::from_str::<Manifest>(&text) {
                Ok(manifest) => {
                    manifests.insert(roles.len(), manifest);
                    FileRole::Manifest
                }
                Err(_) => FileRole::Other,
            },
        };
        roles.push((path.clone(), role));
    }
    let kinds: Vec<FileRole> = roles.iter().map(|(_, role)| *role).collect();
    let mut placed = Vec::new();
    let mut files = Vec::new();
    for (at, file) in run.plan(roles).into_iter().enumerate() {
        match (kinds[at], manifests.remove(&at)) {
            (FileRole::Data, _) => files.push(file),
            (_, Some(manifest)) => {
                if let Some(hashes) = run.hash(&file) {
                    run.advance(hashes.bytes);
                    placed.push(Placed { file, manifest });
                }
            }
            _ => other(run, &file),
        }
    }
    let data = hashed(run, files, &placed, sheet);
    let superseded = superseded(run, &data, &placed);
    tell_missing(run, &data, &placed, &superseded);
    tell_loose(run, &data);
    data.into_iter()
        .filter(|data| !superseded.contains(&data.file.no))
        .map(|data| (data.file, data.bytes))
        .collect()
}

fn other(run: &mut Run<'_>, file: &SourceFile) {
    let Some(hashes) = run.hash(file) else { return };
    let note = Note::unread(
        "cur-no-manifest",
        "a JSON file that is no manifest of a report was not read",
    )
    .expected("assemblyId and reportKeys, or executionId and dataFiles");
    run.note(Some(file), note);
    run.advance(hashes.bytes);
}

/// Hashes the data files and finds out whose they are; a copy of another is named and left out.
fn hashed(
    run: &mut Run<'_>,
    files: Vec<SourceFile>,
    placed: &[Placed],
    sheet: &'static Sheet,
) -> Vec<Data> {
    let mut data = Vec::new();
    for file in files {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        let month = first_row(run, &file, sheet, |row| {
            let payer = row.first(&[Column::Payer as usize, Column::UsageAccount as usize])?;
            let start = row.first(&[Column::BillingStart as usize])?;
            Some((payer.to_owned(), parse_iso_ms(start.as_bytes())?))
        });
        data.push(Data {
            owner: owner(&file, placed),
            bytes: hashes.bytes,
            file,
            month,
        });
    }
    data
}

fn owner(file: &SourceFile, placed: &[Placed]) -> Owner {
    // The manifest in the nearest folder wins: a manifest above names the current delivery only.
    let by_manifest = placed
        .iter()
        .filter(|p| p.manifest.names(&p.file.belongs, &file.belongs))
        .map(|p| &p.manifest.assembly_id)
        .next();
    let by_folder = || {
        let folder = folder_name(&file.belongs)?;
        is_assembly(folder).then(|| folder.to_owned())
    };
    by_manifest
        .cloned()
        .or_else(by_folder)
        .map_or(Owner::Nobody, Owner::Assembly)
}

impl Manifest {
    /// Whether it names the file: its key ends in the file's name, and the file lies where the key or the assembly's
    /// folder says.
    fn names(&self, manifest: &Path, file: &Path) -> bool {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned());
        let folder = folder_name(file).unwrap_or_default();
        self.report_keys.iter().any(|key| {
            let mut parts = key.rsplit('/');
            let (key_name, key_folder) = (parts.next(), parts.next().unwrap_or_default());
            key_name == name.as_deref()
                && (folder == key_folder
                    || folder == self.assembly_id
                    || (file.parent() == manifest.parent() && !is_assembly(key_folder)))
        })
    }

    /// Whether it lies above its assembly's own folder, where each delivery overwrites the last.
    fn is_current(&self, path: &Path) -> bool {
        let folder = folder_name(path).unwrap_or_default();
        folder != self.assembly_id && !is_assembly(folder)
    }
}

fn folder_name(path: &Path) -> Option<&str> {
    path.parent()?.file_name()?.to_str()
}

/// Whether a folder is named like an assembly: a UUID, alone or behind the time of its delivery.
fn is_assembly(name: &str) -> bool {
    let is_uuid = |text: &str| {
        text.len() == 36
            && text.bytes().enumerate().all(|(n, b)| match n {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            })
    };
    is_uuid(name) || (is_timed(name) && name.len() > 36 && is_uuid(&name[name.len() - 36..]))
}

/// Whether a name begins with a time such as `20250305T120000`.
fn is_timed(name: &str) -> bool {
    let bytes = name.as_bytes();
    name.is_ascii()
        && bytes.len() > 15
        && bytes[8] == b'T'
        && bytes[..8]
            .iter()
            .chain(&bytes[9..15])
            .all(u8::is_ascii_digit)
}

/// The numbers of the files that are not read because another assembly holds their month; says so.
fn superseded(run: &mut Run<'_>, data: &[Data], placed: &[Placed]) -> BTreeSet<u32> {
    let mut months: BTreeMap<&(String, i64), BTreeSet<&str>> = BTreeMap::new();
    for (month, assembly) in data
        .iter()
        .filter_map(|d| Some((d.month.as_ref()?, d.assembly()?)))
    {
        months.entry(month).or_default().insert(assembly);
    }
    let mut left = BTreeSet::new();
    for (month, assemblies) in months.iter().filter(|(_, assemblies)| assemblies.len() > 1) {
        let chosen = newest(assemblies, placed);
        let of_month = data.iter().filter(|d| d.month.as_ref() == Some(*month));
        for file in of_month {
            if file.assembly().is_some() && file.assembly() == chosen {
                continue;
            }
            left.insert(file.file.no);
            run.note(Some(&file.file), not_read(file, chosen));
        }
    }
    // A file that nothing assigns may hold a month again that an assembly holds already.
    for file in data.iter().filter(|d| d.owner == Owner::Nobody) {
        let held = file.month.as_ref().and_then(|month| months.get(month));
        if let Some(assembly) = held.and_then(|assemblies| assemblies.first().copied())
            && left.insert(file.file.no)
        {
            run.note(Some(&file.file), not_read(file, Some(assembly)));
        }
    }
    left
}

impl Data {
    fn assembly(&self) -> Option<&str> {
        match &self.owner {
            Owner::Assembly(id) => Some(id),
            Owner::Nobody => None,
        }
    }
}

/// The assembly that is newer than the others, if anything says so.
fn newest<'a>(assemblies: &BTreeSet<&'a str>, placed: &[Placed]) -> Option<&'a str> {
    let current: BTreeSet<&str> = placed
        .iter()
        .filter(|p| p.manifest.is_current(&p.file.belongs))
        .filter_map(|p| assemblies.get(p.manifest.assembly_id.as_str()).copied())
        .collect();
    if current.len() == 1 {
        return assemblies.get(*current.first()?).copied();
    }
    let all_timed = assemblies.iter().all(|id| is_timed(id));
    assemblies.last().copied().filter(|_| all_timed)
}

fn not_read(file: &Data, chosen: Option<&str>) -> Note {
    match (chosen, file.assembly()) {
        (Some(chosen), Some(own)) => Note::unread(
            "cur-superseded",
            "an earlier delivery of a month that a later one holds was not read",
        )
        .found(format!("assembly {own}"))
        .expected(format!("assembly {chosen}, which was read")),
        (Some(chosen), None) => Note::lost(
            "cur-month-held",
            "a file that no manifest names holds a month that a delivery holds already; it was not read",
        )
        .expected(format!("assembly {chosen}, which was read")),
        (None, _) => Note::lost(
            "cur-assemblies-undecided",
            "several deliveries of one month were found and nothing says which is the latest; none was read, so that no charge counts twice",
        )
        .found(file.assembly().unwrap_or("no assembly").to_owned())
        .expected("the manifest from above the deliveries' folders, or the files of one delivery"),
    }
}

/// Names files that a manifest lists and the source does not hold.
fn tell_missing(run: &mut Run<'_>, data: &[Data], placed: &[Placed], superseded: &BTreeSet<u32>) {
    let old: BTreeSet<&str> = data
        .iter()
        .filter(|d| superseded.contains(&d.file.no))
        .filter_map(Data::assembly)
        .collect();
    let mut told = BTreeSet::new();
    for Placed { file, manifest } in placed {
        if old.contains(manifest.assembly_id.as_str()) {
            continue;
        }
        for key in &manifest.report_keys {
            let name = key.rsplit('/').next().unwrap_or(key);
            let one = Manifest {
                assembly_id: manifest.assembly_id.clone(),
                report_keys: vec![key.clone()],
            };
            let is_here = data
                .iter()
                .any(|d| one.names(&file.belongs, &d.file.belongs));
            if !is_here && told.insert((manifest.assembly_id.as_str(), name)) {
                let note = Note::lost(
                    "cur-file-missing",
                    "a manifest names a file that is not there; its charges are not known",
                )
                .expected(name);
                run.note(Some(file), note);
            }
        }
    }
}

/// Says when files that nothing assigns are taken for parts of one month.
fn tell_loose(run: &mut Run<'_>, data: &[Data]) {
    let mut months: BTreeMap<&(String, i64), Vec<&Data>> = BTreeMap::new();
    for file in data.iter().filter(|d| d.owner == Owner::Nobody) {
        if let Some(month) = &file.month {
            months.entry(month).or_default().push(file);
        }
    }
    for files in months.values().filter(|files| files.len() > 1) {
        let stems: BTreeSet<String> = files.iter().map(|d| without_digits(&d.file.name)).collect();
        if stems.len() == 1 {
            continue;
        }
        for file in files {
            let note = Note::doubt(
                "cur-month-in-several-files",
                "several files hold the same month and no manifest says that they are parts of one report; if they are copies, its charges count twice",
            )
            .measured(format!("{} files", files.len()))
            .expected("the manifest of the report beside them");
            run.note(Some(&file.file), note);
        }
    }
}

fn without_digits(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "861af42f-713c-4a42-9562-9158a7625630";

    #[test]
    fn folders_of_deliveries_are_known_by_their_name() {
        assert!(is_assembly(OLD));
        assert!(is_assembly(&format!("20250305T120000.000Z-{OLD}")));
        assert!(!is_assembly("20180801-20180901"));
        assert!(!is_assembly("BILLING_PERIOD=2025-03"));
        assert!(!is_assembly(""));
    }

    #[test]
    fn a_manifest_names_files_beside_it_and_in_its_assembly() {
        let manifest = |key: &str| Manifest {
            assembly_id: OLD.to_owned(),
            report_keys: vec![key.to_owned()],
        };
        let key = format!("/p/r/20250301-20250401/{OLD}/r-1.csv.gz");
        let period = Path::new("/x/20250301-20250401");
        let own = period.join(OLD);
        let named = manifest(&key);
        assert!(named.names(&period.join("r-Manifest.json"), &own.join("r-1.csv.gz")));
        assert!(named.names(&own.join("r-Manifest.json"), &own.join("r-1.csv.gz")));
        assert!(!named.names(&own.join("r-Manifest.json"), &own.join("r-2.csv.gz")));
        let elsewhere = period.join("16e57707-f9e3-49be-8be6-b84e684b5194/r-1.csv.gz");
        assert!(!named.names(&period.join("r-Manifest.json"), &elsewhere));
        let flat = manifest("p/r/20250301-20250401/r-1.csv.gz");
        assert!(flat.names(&period.join("r-Manifest.json"), &period.join("r-1.csv.gz")));
        assert!(flat.is_current(&period.join("r-Manifest.json")));
        assert!(!flat.is_current(&own.join("r-Manifest.json")));
    }
}
