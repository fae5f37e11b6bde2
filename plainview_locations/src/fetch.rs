//! Fetches the keys of a source that are not here yet, and forgets those that are gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use object_store::GetOptions;
use plainview_register::Location;
use serde::{Deserialize, Serialize};

use crate::list::{self, Listed, tag_of, unreadable};
use crate::names::places;
use crate::pattern::Patterns;
use crate::settings::Settings;
use crate::store::{self, Store};
use crate::{Effect, Error, Oddity, disk};

/// Keys fetched at the same time.
const AT_ONCE: usize = 8;

/// Seconds without a byte after which a store counts as gone.
const SILENCE_SECONDS_MAX: u64 = 60;

/// What is here now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where each file lies, and its key relative to the location; sorted by key.
    pub files: Vec<(PathBuf, String)>,
    /// What is odd about keys, sorted.
    pub oddities: Vec<Oddity>,
    /// Patterns that match no key.
    pub unmatched: Vec<String>,
    /// Keys that were fetched now; the others were here.
    pub new: usize,
}

/// What is known of fetched files, beside them.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    /// The address they are of; another one starts anew.
    place: String,
    /// By name.
    files: BTreeMap<String, Kept>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Where it lies below the folder.
    at: String,
    bytes: u64,
    tag: Option<String>,
}

/// How the fetching of one key ended.
enum Outcome {
    /// It is here, as the list says.
    Here(Kept),
    /// It is here, and is not what the list said.
    Newer(Kept),
    /// It cannot be had.
    Missed(&'static str, &'static str),
}

/// Brings the keys of `place` that `patterns` match into `folder`. `progress` hears bytes done and bytes in all.
pub fn fetch(
    place: &Location,
    patterns: &[String],
    folder: &Path,
    settings: Settings<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Fetched, Error> {
    let store = store::open(place, settings)?;
    let patterns = Patterns::new(place, patterns);
    store::block_on(place, async {
        let listed = list::list(&store, place, &patterns).await?;
        let mut work = Work::start(place, folder)?;
        let new = work.bring(&store, place, &listed.keys, progress).await?;
        let mut oddities = listed.oddities;
        oddities.append(&mut work.oddities);
        let files = work.finish(&listed.keys)?;
        Ok(Fetched {
            unmatched: patterns.unmatched(listed.keys.iter().map(|key| key.name.as_str())),
            files,
            oddities: oddities.into_iter().collect(),
            new,
        })
    })
}

struct Work<'a> {
    folder: &'a Path,
    state: State,
    oddities: BTreeSet<Oddity>,
}

impl<'a> Work<'a> {
    /// Reads what is known of the folder. Unreadable knowledge is no knowledge: everything is fetched again.
    fn start(place: &Location, folder: &'a Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(disk(folder))?;
        let state = fs::read(folder.join("state.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok())
            .filter(|state| state.place == place.to_string())
            .unwrap_or_else(|| State {
                place: place.to_string(),
                files: BTreeMap::new(),
            });
        let parts = folder.join("parts");
        // Without knowledge of them, files here are nobody's.
        let unknown = state.files.is_empty();
        for old in ["tree", "keys"].map(|name| folder.join(name)) {
            if unknown && old.exists() {
                fs::remove_dir_all(&old).map_err(disk(&old))?;
            }
        }
        if parts.exists() {
            fs::remove_dir_all(&parts).map_err(disk(&parts))?;
        }
        fs::create_dir_all(&parts).map_err(disk(&parts))?;
        Ok(Self {
            folder,
            state,
            oddities: BTreeSet::new(),
        })
    }

    /// Whether a file is here and is the one listed.
    fn is_here(&self, listed: &Listed, at: &str) -> bool {
        self.state.files.get(&listed.name).is_some_and(|kept| {
            kept.at == at
                && kept.tag.is_some()
                && kept.tag == listed.tag
                && kept.bytes == listed.bytes
                && fs::metadata(self.folder.join(at)).is_ok_and(|meta| meta.len() == kept.bytes)
        })
    }

    /// Fetches what is not here; how many keys were.
    async fn bring(
        &mut self,
        store: &Store,
        place: &Location,
        keys: &[Listed],
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<usize, Error> {
        let places = places(keys.iter().map(|key| key.name.as_str()));
        self.forget(&places)?;
        let missing: Vec<(&Listed, &String)> = keys
            .iter()
            .filter_map(|key| places.get(key.name.as_str()).map(|at| (key, at)))
            .filter(|(key, at)| !self.is_here(key, at))
            .collect();
        let total = missing.iter().map(|(key, _)| key.bytes).sum();
        let mut done = 0;
        let folder = self.folder;
        let mut going = stream::iter(missing.iter().enumerate())
            .map(|(number, (key, at))| async move {
                let part = folder.join("parts").join(number.to_string());
                (*key, bring_one(store, place, key, at, folder, &part).await)
            })
            .buffer_unordered(AT_ONCE);
        let mut failed = None;
        while let Some((key, outcome)) = going.next().await {
            done += key.bytes;
            progress(done, total);
            match outcome {
                Ok(outcome) => note(&mut self.state, &mut self.oddities, key, outcome),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        drop(going);
        self.save()?;
        match failed {
            Some(error) => Err(error),
            None => Ok(missing.len()),
        }
    }

    /// Removes files whose keys are not listed any more or lie elsewhere now.
    fn forget(&mut self, places: &BTreeMap<&str, String>) -> Result<(), Error> {
        let (folder, mut gone) = (self.folder, Vec::new());
        self.state.files.retain(|name, kept| {
            let stays = places.get(name.as_str()) == Some(&kept.at);
            if !stays {
                gone.push(kept.at.clone());
            }
            stays
        });
        for at in gone {
            let path = folder.join(at);
            match fs::remove_file(&path) {
                // What another program removed is gone as well.
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(disk(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn save(&self) -> Result<(), Error> {
        let path = self.folder.join("state.json");
        let part = self.folder.join("parts").join("state");
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(&part)?;
            file.write_all(&serde_json::to_vec(&self.state)?)?;
            file.sync_all()?;
            fs::rename(&part, &path)
        };
        write().map_err(disk(&path))
    }

    fn finish(self, keys: &[Listed]) -> Result<Vec<(PathBuf, String)>, Error> {
        let parts = self.folder.join("parts");
        fs::remove_dir_all(&parts).map_err(disk(&parts))?;
        Ok(keys
            .iter()
            .filter_map(|key| self.state.files.get_key_value(&key.name))
            .map(|(name, kept)| (self.folder.join(&kept.at), name.clone()))
            .collect())
    }
}

/// Keeps how the fetching of a key ended.
fn note(state: &mut State, oddities: &mut BTreeSet<Oddity>, key: &Listed, outcome: Outcome) {
    let mut odd = |code, effect, message| {
        oddities.insert(Oddity {
            name: key.name.clone(),
            code,
            effect,
            message,
        });
    };
    match outcome {
        Outcome::Here(kept) => {
            state.files.insert(key.name.clone(), kept);
        }
        Outcome::Newer(kept) => {
            odd(
                "key-changed",
                Effect::Doubt,
                "the file was replaced between listing and reading; what is there now was read",
            );
            state.files.insert(key.name.clone(), kept);
        }
        Outcome::Missed(code, message) => {
            state.files.remove(&key.name);
            odd(code, Effect::Lost, message);
        }
    }
}

const CHANGED: Outcome = Outcome::Missed(
    "key-changed",
    "the file changed while it was read, and was not used",
);

/// Fetches one key into its place.
async fn bring_one(
    store: &Store,
    place: &Location,
    key: &Listed,
    at: &str,
    folder: &Path,
    part: &Path,
) -> Result<Outcome, Error> {
    let answer = match store.keys.get_opts(&key.key, GetOptions::default()).await {
        Ok(answer) => answer,
        Err(object_store::Error::NotFound { .. }) => {
            return Ok(Outcome::Missed(
                "key-vanished",
                "the file was listed and is gone, and was not used",
            ));
        }
        Err(object_store::Error::PermissionDenied { .. }) => {
            return Ok(Outcome::Missed(
                "key-denied",
                "the file was listed and may not be read, and was not used",
            ));
        }
        Err(error) => return Err(unreadable(place, key.key.as_ref(), &error)),
    };
    let meta = answer.meta.clone();
    let mut file = fs::File::create(part).map_err(disk(part))?;
    let mut written = 0;
    let mut body = answer.into_stream();
    loop {
        let silence = Duration::from_secs(SILENCE_SECONDS_MAX);
        let piece = match tokio::time::timeout(silence, body.next()).await {
            Ok(None) => break,
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(error))) => return broken(store, place, key, &meta, &error).await,
            Err(_) => {
                return Err(Error::Store {
                    place: format!("{}://{}/{}", place.cloud.scheme(), place.bucket, key.key),
                    problem: format!("nothing came for {SILENCE_SECONDS_MAX} seconds"),
                    expected: "a store that answers; run again to go on where this stopped",
                });
            }
        };
        file.write_all(&piece).map_err(disk(part))?;
        written += piece.len() as u64;
    }
    if written != meta.size {
        return Ok(CHANGED);
    }
    file.sync_all().map_err(disk(part))?;
    drop(file);
    let path = folder.join(at);
    if let Some(above) = path.parent() {
        fs::create_dir_all(above).map_err(disk(above))?;
    }
    fs::rename(part, &path).map_err(disk(&path))?;
    let kept = Kept {
        at: at.to_owned(),
        bytes: written,
        tag: tag_of(&meta),
    };
    let as_listed = kept.bytes == key.bytes && kept.tag == key.tag;
    Ok(if as_listed {
        Outcome::Here(kept)
    } else {
        Outcome::Newer(kept)
    })
}

/// A body that broke off for good: because the file changed under it, or because the store is gone.
async fn broken(
    store: &Store,
    place: &Location,
    key: &Listed,
    meta: &object_store::ObjectMeta,
    error: &object_store::Error,
) -> Result<Outcome, Error> {
    let options = GetOptions {
        head: true,
        ..GetOptions::default()
    };
    match store.keys.get_opts(&key.key, options).await {
        Ok(now) if tag_of(&now.meta) != tag_of(meta) => Ok(CHANGED),
        Err(object_store::Error::NotFound { .. }) => Ok(CHANGED),
        _ => Err(unreadable(place, key.key.as_ref(), error)),
    }
}
