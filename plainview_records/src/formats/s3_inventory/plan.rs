//! Which files a source consists of: its manifests, their checksums, the data they list, and what nobody lists.
//!
//! Never looks further than beside a manifest and in `data/` nearby, and takes no path from a manifest but a file name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::manifest::{Listed, Manifest};
use crate::open::read_whole;
use crate::run::{FileRole, Note, Run, SourceFile};

/// A manifest of the source.
pub(super) struct Vouching {
    pub(super) manifest: Manifest,
    /// Its own MD5 is not the one beside it, so that neither its columns nor its list can be relied on.
    pub(super) is_refused: bool,
}

/// A data file of the source.
pub(super) struct DataFile {
    pub(super) file: SourceFile,
    /// The manifest that lists it, as an index into [`Planned::manifests`].
    pub(super) owner: Option<usize>,
    /// What the manifest says of it.
    pub(super) listed: Option<Listed>,
}

/// The source's files, in the order of their numbers.
pub(super) struct Planned {
    pub(super) data: Vec<DataFile>,
    pub(super) manifests: Vec<Vouching>,
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
pub(super) fn plan(run: &mut Run<'_>) -> Planned {
    let mut search = Search::default();
    for path in &run.input.files {
        search.sort(path, run.input.limits.whole_file_bytes_max);
    }
    for index in 0..search.manifests.len() {
        search.follow(index);
    }
    let found: Vec<(PathBuf, Found)> = search.found.into_iter().collect();
    let roles = found
        .iter()
        .map(|(path, found)| (path.clone(), role(found)))
        .collect();
    let files = run.plan(roles);
    let by_path: BTreeMap<PathBuf, SourceFile> = files
        .iter()
        .map(|file| (file.path.clone(), file.clone()))
        .collect();
    let mut manifests: Vec<Vouching> = search
        .manifests
        .into_iter()
        .map(|(_, manifest)| Vouching {
            manifest,
            is_refused: false,
        })
        .collect();
    let mut data = Vec::new();
    for (file, (_, found)) in files.into_iter().zip(found) {
        match found {
            Found::Manifest(index) => {
                manifests[index].is_refused = !check_manifest(run, &file, &by_path)
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

#[derive(Default)]
struct Search {
    found: BTreeMap<PathBuf, Found>,
    manifests: Vec<(PathBuf, Manifest)>,
    snapshots: BTreeSet<(String, Option<i64>)>,
    later: Vec<Later>,
}

impl Search {
    /// Puts an input file in its place.
    fn sort(&mut self, path: &Path, bytes_max: u64) {
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
        let found = if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            match read_whole(path, bytes_max) {
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
        match Manifest::parse(bytes) {
            Ok(manifest) => {
                self.manifests.push((path.to_owned(), manifest));
                Found::Manifest(self.manifests.len() - 1)
            }
            Err(problem) if name.ends_with("manifest.json") => Found::Other(
                Note::lost("manifest-invalid", "the manifest could not be understood, so nothing vouches for the files it lists")
                    .found(problem)
                    .expected("the manifest of an S3 inventory"),
            ),
            Err(_) => Found::Other(Note::unread("not-an-inventory-file", "the file is no part of an inventory and was not read")),
        }
    }

    /// Finds the checksum and the data files of a manifest.
    fn follow(&mut self, index: usize) {
        let (path, manifest) = self.manifests[index].clone();
        let checksum = path.with_extension("checksum");
        if checksum.is_file() {
            self.found.entry(checksum).or_insert(Found::Checksum);
        }
        if !self
            .snapshots
            .insert((manifest.source_bucket.clone(), manifest.snapshot_at()))
        {
            let note = Note::doubt("overlapping-manifests", "another manifest lists the same bucket at the same time: objects may be listed twice")
                .found(manifest.source_bucket.clone());
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
            )
            .expected("creationTimestamp in epoch milliseconds");
            self.later.push(Later {
                path: path.clone(),
                absent: None,
                note,
            });
        }
        for listed in &manifest.files {
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
            .find(|path| path.is_file())
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
    by_path: &BTreeMap<PathBuf, SourceFile>,
) -> bool {
    let Some(hashes) = run.hash(file) else {
        return false;
    };
    run.advance(hashes.bytes);
    let checksum = by_path.get(&file.path.with_extension("checksum"));
    let Some(expected) =
        checksum.and_then(|checksum| read_whole(&checksum.path, 4096).ok().flatten())
    else {
        let note = Note::doubt("manifest-unchecked", "no checksum vouches for the manifest")
            .expected("manifest.checksum beside it");
        run.note(Some(file), note);
        return true;
    };
    let expected = String::from_utf8_lossy(&expected).trim().to_lowercase();
    if expected == hashes.md5 {
        return true;
    }
    let note = Note::lost("manifest-md5-mismatch", "the manifest is not the one its checksum vouches for; it and the files it lists were not used")
        .found(format!("MD5 in hex {}", hashes.md5))
        .expected(format!("MD5 in hex {expected}"));
    run.note(Some(file), note);
    false
}
