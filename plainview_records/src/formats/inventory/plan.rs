//! Which files an inventory consists of: its manifests, their checksums, the data they list, and what nobody lists.
//!
//! Never looks further than beside a manifest and in `data/` nearby, and takes no path from a manifest but a file name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::SourceInput;
use crate::open::read_whole;
use crate::run::{FileRole, Note, Run, SourceFile};

/// What an inventory's manifest must tell, whoever wrote it.
pub(in crate::formats) trait Manifest: Clone {
    /// What a file must be to be one, for notices.
    const WHAT: &'static str;
    /// The field that holds a data file's MD5, where the format has one.
    const MD5_FIELD: Option<&'static str>;
    /// Whether the format has a file that vouches for its manifests.
    const HAS_CHECKSUM: bool = true;

    /// Reads a manifest; the problem as text when it is none.
    fn parse(bytes: &[u8]) -> Result<Self, String>;
    /// The data files.
    fn listed(&self) -> &[Listed];
    /// When the listing was begun, milliseconds since 1970 UTC.
    fn snapshot_at(&self) -> Option<i64>;
    /// What two manifests share when the same objects may be listed in both.
    fn listing(&self) -> String;
}

/// One data file of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(in crate::formats) struct Listed {
    /// Its key in the destination.
    #[serde(alias = "blob")]
    pub(in crate::formats) key: String,
    /// Its length in bytes.
    #[serde(default)]
    pub(in crate::formats) size: Option<u64>,
    /// Its MD5 in hex, where the format gives one.
    #[serde(default, rename = "MD5checksum", alias = "md5Checksum")]
    pub(in crate::formats) md5: Option<String>,
}

impl Listed {
    /// The last segment of the key; `None` when that is no plain file name.
    fn file_name(&self) -> Option<&str> {
        let name = self.key.rsplit('/').next()?;
        let is_plain =
            !name.is_empty() && name != "." && name != ".." && !name.contains(['\\', '\0']);
        is_plain.then_some(name)
    }
}

/// A manifest of the source.
pub(in crate::formats) struct Vouching<M> {
    pub(in crate::formats) manifest: M,
    /// Where it was read.
    pub(in crate::formats) file: SourceFile,
    /// Its own MD5 is not the one beside it, so that neither its columns nor its list can be relied on.
    pub(in crate::formats) is_refused: bool,
}

/// A data file of the source.
pub(in crate::formats) struct DataFile {
    pub(in crate::formats) file: SourceFile,
    /// The manifest that lists it, as an index into [`Planned::manifests`].
    pub(in crate::formats) owner: Option<usize>,
    /// What the manifest says of it.
    pub(in crate::formats) listed: Option<Listed>,
}

/// The source's files, in the order of their numbers.
pub(in crate::formats) struct Planned<M> {
    pub(in crate::formats) data: Vec<DataFile>,
    pub(in crate::formats) manifests: Vec<Vouching<M>>,
}

/// What is known of a file before it has a number.
enum Found {
    Manifest(usize),
    Checksum,
    Data {
        owner: Option<usize>,
        listed: Option<Listed>,
    },
    Other(Note),
}

/// Something to say once files have numbers.
struct Later {
    path: PathBuf,
    absent: Option<String>,
    note: Note,
}

/// Finds, numbers and checks the files, and says what is missing.
pub(in crate::formats) fn plan<M: Manifest>(run: &mut Run<'_>) -> Planned<M> {
    let mut search = Search::<M>::new(run.input);
    for path in &run.input.files {
        search.sort(path, run.input.limits.whole_file_bytes_max);
    }
    for index in 0..search.manifests.len() {
        search.follow(index);
    }
    let found: Vec<(PathBuf, Found)> = search.found.into_iter().collect();
    let roles = found
        .iter()
        .map(|(path, found)| (search.places.lies(path).to_owned(), role(found)))
        .collect();
    let files = run.plan(roles);
    let by_path: BTreeMap<PathBuf, SourceFile> = found
        .iter()
        .zip(&files)
        .map(|((path, _), file)| (path.clone(), file.clone()))
        .collect();
    let mut manifests: Vec<Vouching<M>> = Vec::with_capacity(search.manifests.len());
    for (path, manifest) in search.manifests {
        // Every manifest's path is a key of `found` and so has a number.
        if let Some(file) = by_path.get(&path).cloned() {
            manifests.push(Vouching {
                manifest,
                file,
                is_refused: false,
            });
        }
    }
    let mut data = Vec::new();
    for (file, (path, found)) in files.into_iter().zip(found) {
        match found {
            Found::Manifest(index) => {
                let checksum = by_path.get(&path.with_extension("checksum"));
                manifests[index].is_refused =
                    !check_manifest(run, &file, checksum, M::HAS_CHECKSUM);
            }
            Found::Checksum => {
                run.hash(&file);
            }
            Found::Other(note) => {
                run.hash(&file);
                run.note(Some(&file), note);
            }
            Found::Data { owner, listed } => data.push(DataFile {
                file,
                owner,
                listed,
            }),
        }
    }
    for later in search.later {
        match later.absent {
            Some(name) => run.note_absent(&name, later.note),
            None => run.note(by_path.get(&later.path), later.note),
        }
    }
    Planned { data, manifests }
}

fn role(found: &Found) -> FileRole {
    match found {
        Found::Manifest(_) => FileRole::Manifest,
        Found::Checksum => FileRole::Checksum,
        Found::Data { .. } => FileRole::Data,
        Found::Other(_) => FileRole::Other,
    }
}

/// Where files lie that belong elsewhere: entries of archives, and what was fetched under another name.
struct Places<'a> {
    input: &'a SourceInput,
    /// Where a file belongs -> where it lies.
    lies: BTreeMap<&'a Path, &'a Path>,
}

impl<'a> Places<'a> {
    fn new(input: &'a SourceInput) -> Self {
        let placed = input.placed.iter();
        Self {
            input,
            lies: placed
                .map(|(lies, belongs)| (belongs.as_path(), lies.as_path()))
                .collect(),
        }
    }

    fn lies<'p>(&self, path: &'p Path) -> &'p Path
    where
        'a: 'p,
    {
        self.lies.get(path).copied().unwrap_or(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.lies.contains_key(path) || path.is_file()
    }
}

/// What was found, by the paths that files belong to.
struct Search<'a, M> {
    places: Places<'a>,
    found: BTreeMap<PathBuf, Found>,
    manifests: Vec<(PathBuf, M)>,
    listings: BTreeSet<String>,
    later: Vec<Later>,
}

impl<'a, M: Manifest> Search<'a, M> {
    fn new(input: &'a SourceInput) -> Self {
        Self {
            places: Places::new(input),
            found: BTreeMap::new(),
            manifests: Vec::new(),
            listings: BTreeSet::new(),
            later: Vec::new(),
        }
    }

    /// Puts an input file in its place.
    fn sort(&mut self, lies: &Path, bytes_max: u64) {
        let path = self.places.input.belongs(lies);
        if self.found.contains_key(path) {
            return;
        }
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
        let found = if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            match read_whole(lies, bytes_max) {
                Ok(Some(bytes)) => self.json(path, &name, &bytes),
                Ok(None) => Found::Other(Note::lost(
                    "manifest-too-large",
                    "the manifest is too large to be read",
                )),
                // An unreadable file gets its notice when it is hashed.
                Err(_) => Found::Data {
                    owner: None,
                    listed: None,
                },
            }
        } else if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "checksum")
        {
            Found::Checksum
        } else if name == "symlink.txt" {
            Found::Other(Note::unread(
                "hive-symlink",
                "a Hive link list repeats what the manifests say and was not read",
            ))
        } else {
            Found::Data {
                owner: None,
                listed: None,
            }
        };
        self.found.insert(path.to_owned(), found);
    }

    fn json(&mut self, path: &Path, name: &str, bytes: &[u8]) -> Found {
        match M::parse(bytes) {
            Ok(manifest) => {
                self.manifests.push((path.to_owned(), manifest));
                Found::Manifest(self.manifests.len() - 1)
            }
            Err(problem) if name.ends_with("manifest.json") => Found::Other(
                Note::lost("manifest-invalid", "the manifest could not be understood, so nothing vouches for the files it lists")
                    .found(problem)
                    .expected(M::WHAT),
            ),
            Err(_) => Found::Other(Note::unread("not-an-inventory-file", "the file is no part of an inventory and was not read")),
        }
    }

    /// Finds the checksum and the data files of a manifest.
    fn follow(&mut self, index: usize) {
        let (path, manifest) = self.manifests[index].clone();
        let checksum = path.with_extension("checksum");
        if self.places.is_file(&checksum) {
            self.found.entry(checksum).or_insert(Found::Checksum);
        }
        let listing = manifest.listing();
        if !self.listings.insert(listing.clone()) {
            let note = Note::doubt("overlapping-manifests", "another manifest lists the same place at the same time: objects may be listed twice")
                .measured(listing);
            self.later.push(Later {
                path: path.clone(),
                absent: None,
                note,
            });
        }
        if manifest.snapshot_at().is_none() {
            let note = Note::doubt(
                "no-snapshot-time",
                "the manifest does not say when the listing was made",
            );
            self.later.push(Later {
                path: path.clone(),
                absent: None,
                note,
            });
        }
        for listed in manifest.listed() {
            self.follow_listed(index, &path, listed);
        }
    }

    fn follow_listed(&mut self, index: usize, manifest: &Path, listed: &Listed) {
        let Some(data) = listed
            .file_name()
            .and_then(|name| self.locate(manifest, name))
        else {
            let note = Note::lost(
                "file-missing",
                "a file that the manifest lists is not there; its rows are missing",
            )
            .found("no such file beside the manifest or in data/ nearby")
            .expected(
                listed
                    .size
                    .map_or_else(String::new, |size| format!("{size} bytes")),
            );
            self.later.push(Later {
                path: manifest.to_owned(),
                absent: Some(listed.key.clone()),
                note,
            });
            return;
        };
        match self.found.get(&data) {
            None | Some(Found::Data { owner: None, .. }) => {
                self.found.insert(
                    data,
                    Found::Data {
                        owner: Some(index),
                        listed: Some(listed.clone()),
                    },
                );
            }
            // Also a manifest that lists a manifest: what a file is cannot be changed by a list.
            Some(_) => {
                let note = Note::doubt(
                    "file-listed-twice",
                    "the file has another part in the source already and was read once",
                )
                .found(listed.key.clone());
                self.later.push(Later {
                    path: data,
                    absent: None,
                    note,
                });
            }
        }
    }

    /// Where the file called `name` of a manifest is: beside it, in `data/` nearby, or among the source's files.
    fn locate(&self, manifest: &Path, name: &str) -> Option<PathBuf> {
        let folder = manifest.parent().unwrap_or(Path::new(""));
        let near = [
            Some(folder.to_owned()),
            Some(folder.join("data")),
            above(folder, 1),
            above(folder, 2),
        ];
        near.into_iter()
            .flatten()
            .map(|folder| folder.join(name))
            .find(|path| self.places.is_file(path))
            .or_else(|| {
                self.found
                    .keys()
                    .find(|path| path.file_name().is_some_and(|other| other == name))
                    .cloned()
            })
    }
}

/// `data/` beside the folder that is `levels - 1` levels above `folder`.
fn above(folder: &Path, levels: usize) -> Option<PathBuf> {
    folder
        .ancestors()
        .nth(levels)
        .filter(|_| folder.components().count() >= levels)
        .map(|above| above.join("data"))
}

/// Whether the manifest is the one its checksum vouches for, as far as that can be told.
fn check_manifest(
    run: &mut Run<'_>,
    file: &SourceFile,
    checksum: Option<&SourceFile>,
    is_due: bool,
) -> bool {
    let Some((hashes, md5)) = run.hash_with_md5(file) else {
        return false;
    };
    run.advance(hashes.bytes);
    let Some(expected) =
        checksum.and_then(|checksum| read_whole(&checksum.path, 4096).ok().flatten())
    else {
        if !is_due {
            return true;
        }
        let note = Note::doubt("manifest-unchecked", "no checksum vouches for the manifest")
            .expected("a .checksum file beside it");
        run.note(Some(file), note);
        return true;
    };
    let expected = String::from_utf8_lossy(&expected).trim().to_lowercase();
    if expected == md5 {
        return true;
    }
    let note = Note::lost("manifest-md5-mismatch", "the manifest is not the one its checksum vouches for; it and the files it lists were not used")
        .measured(format!("MD5 in hex {md5}"))
        .expected(format!("MD5 in hex {expected}"));
    run.note(Some(file), note);
    false
}

/// Hashes a data file; whether its rows may be used. Says so when its bytes are not those that its manifest lists.
pub(in crate::formats) fn is_usable<M: Manifest>(
    run: &mut Run<'_>,
    data: &DataFile,
    manifests: &[Vouching<M>],
) -> bool {
    let Some(listed) = &data.listed else {
        return run.hash(&data.file).is_some();
    };
    let (hashes, mismatch) = if let Some(expected) = &listed.md5 {
        let Some((hashes, md5)) = run.hash_with_md5(&data.file) else {
            return false;
        };
        let mismatch = (!md5.eq_ignore_ascii_case(expected)).then(|| {
            Note::lost(
                "md5-mismatch",
                "the file is not the one its manifest lists; none of its rows was used",
            )
            .measured(format!("MD5 in hex {md5}"))
            .expected(format!("MD5 in hex {expected}"))
        });
        (hashes, mismatch)
    } else {
        let Some(hashes) = run.hash(&data.file) else {
            return false;
        };
        if let Some(field) = M::MD5_FIELD {
            let note =
                Note::doubt("no-md5", "the manifest gives no MD5 for the file").expected(field);
            run.note(Some(&data.file), note);
        }
        (hashes, None)
    };
    if data.owner.is_some_and(|owner| manifests[owner].is_refused) {
        return false;
    }
    let wrong_size = listed
        .size
        .filter(|&size| size != hashes.bytes)
        .map(|size| {
            Note::lost(
                "size-mismatch",
                "the file is not as long as its manifest says; none of its rows was used",
            )
            .measured(format!("{} bytes", hashes.bytes))
            .expected(format!("{size} bytes"))
        });
    match mismatch.or(wrong_size) {
        None => true,
        Some(note) => {
            run.note(Some(&data.file), note);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_key_cannot_leave_its_folder() {
        let name = |key: &str| {
            let listed = Listed {
                key: key.to_owned(),
                size: None,
                md5: None,
            };
            listed.file_name().map(str::to_owned)
        };
        assert_eq!(name("a/b/data/x.csv.gz").as_deref(), Some("x.csv.gz"));
        for key in ["", "a/", "a/..", "..", "a/.", "..\\x"] {
            assert_eq!(name(key), None, "{key}");
        }
    }
}
