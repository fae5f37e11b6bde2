//! Lists the keys that a source's patterns ask for, page by page.

use std::collections::{BTreeMap, BTreeSet};

use object_store::list::PaginatedListOptions;
use object_store::path::{self, Path as Key};
use object_store::{GetOptions, ObjectMeta};
use plainview_register::Location;

use crate::pattern::{Ask, Matched, Patterns};
use crate::store::{Store, words};
use crate::{Effect, Error, Oddity};

/// Keys asked for at once.
const PAGE_KEYS: usize = 1000;

/// Most keys of one source; more are no mistake of a store but of a pattern.
const KEYS_MAX: usize = 1_000_000;

/// Most keys without a plain path that are passed over one by one.
const UNUSUAL_MAX: usize = 1000;

/// A key to fetch.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// Its name below the location.
    pub(crate) name: String,
    /// The key.
    pub(crate) key: Key,
    /// Its length in bytes.
    pub(crate) bytes: u64,
    /// Its entity tag, without quotes.
    pub(crate) tag: Option<String>,
}

/// What was listed.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// The keys that match, by name.
    pub(crate) keys: Vec<Listed>,
    /// What is odd about others.
    pub(crate) oddities: BTreeSet<Oddity>,
}

/// An entity tag as every answer of a store writes it: some quote it in lists, some do not.
pub(crate) fn tag_of(meta: &ObjectMeta) -> Option<String> {
    meta.e_tag
        .as_deref()
        .map(|tag| tag.trim_matches('"').to_owned())
}

/// Asks for what the patterns need.
pub(crate) async fn list(
    store: &Store,
    place: &Location,
    patterns: &Patterns,
) -> Result<Keys, Error> {
    let mut found = BTreeMap::new();
    let mut out = Keys::default();
    for ask in patterns.asks() {
        match ask {
            Ask::Prefix(prefix) => {
                let mut listing = Listing {
                    store,
                    place,
                    prefix,
                    found: &mut found,
                    out: &mut out,
                };
                listing.all(patterns).await?;
            }
            Ask::Key(key) => {
                if let Some(meta) = head(store, place, &key, &found).await? {
                    found.insert(meta.location.to_string(), meta);
                }
            }
        }
    }
    let folders: BTreeSet<String> = found
        .keys()
        .flat_map(|key| key.match_indices('/').map(|(end, _)| key[..end].to_owned()))
        .collect();
    for (key, meta) in found {
        // Consoles mark a folder with an empty key that ends in a slash.
        if meta.size == 0 && folders.contains(&key) {
            continue;
        }
        let Some(name) = patterns.name(&key) else {
            continue;
        };
        match patterns.matches(name) {
            Matched::No => {}
            Matched::Yes => out.keys.push(Listed {
                name: name.to_owned(),
                bytes: meta.size,
                tag: tag_of(&meta),
                key: meta.location,
            }),
            Matched::Hidden(entry) => {
                out.oddities.insert(Oddity {
                    name: entry,
                    code: "hidden-file",
                    effect: Effect::Unread,
                    message: "a hidden file was not read",
                });
            }
        }
    }
    Ok(out)
}

/// Looks for one key.
async fn head(
    store: &Store,
    place: &Location,
    key: &str,
    found: &BTreeMap<String, ObjectMeta>,
) -> Result<Option<ObjectMeta>, Error> {
    let Ok(path) = Key::parse(key) else {
        return Ok(None);
    };
    let options = GetOptions {
        head: true,
        ..GetOptions::default()
    };
    match store.keys.get_opts(&path, options).await {
        Ok(answer) => Ok(Some(answer.meta)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        // Who may list a folder need not be allowed to ask whether a key of its name exists.
        Err(
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. },
        ) if !found.is_empty() => Ok(None),
        Err(error) => Err(unreadable(place, key, &error)),
    }
}

/// The error of a store that cannot be listed.
pub(crate) fn unreadable(place: &Location, key: &str, error: &object_store::Error) -> Error {
    let problem = words(error);
    // The library keeps the kind of an error for single keys only; a refused list says it in words.
    let says = |words: &[&str]| words.iter().any(|word| problem.contains(word));
    let expected = match error {
        object_store::Error::NotFound { .. } => "a bucket or container of this name",
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => {
            "credentials that may list and read this prefix"
        }
        _ if says(&["404 Not Found", "NoSuchBucket", "ContainerNotFound"]) => {
            "a bucket or container of this name"
        }
        _ if says(&["403 Forbidden", "401 Unauthorized", "AccessDenied"]) => {
            "credentials that may list and read this prefix"
        }
        _ => "a store that answers; run again to go on where this stopped",
    };
    Error::Store {
        place: format!("{}://{}/{key}", place.cloud.scheme(), place.bucket),
        problem,
        expected,
    }
}

/// One prefix being listed.
struct Listing<'a> {
    store: &'a Store,
    place: &'a Location,
    prefix: String,
    found: &'a mut BTreeMap<String, ObjectMeta>,
    out: &'a mut Keys,
}

impl Listing<'_> {
    async fn all(&mut self, patterns: &Patterns) -> Result<(), Error> {
        let mut after: Option<String> = None;
        let mut token: Option<String> = None;
        let mut size = PAGE_KEYS;
        let mut unusual = 0;
        loop {
            let options = PaginatedListOptions {
                offset: after.clone(),
                max_keys: Some(size),
                page_token: token.clone(),
                ..PaginatedListOptions::default()
            };
            let prefix = Some(self.prefix.as_str()).filter(|prefix| !prefix.is_empty());
            match self.store.pages.list_paginated(prefix, options).await {
                Ok(page) => {
                    self.keep(page.result.objects)?;
                    size = PAGE_KEYS;
                    match page.page_token {
                        Some(next) => token = Some(next),
                        None => return Ok(()),
                    }
                }
                // The library refuses a whole page for one key that is no plain path. Halving the page finds the key.
                Err(object_store::Error::InvalidPath { source }) if size > 1 => {
                    let _ = source;
                    size /= 2;
                }
                Err(object_store::Error::InvalidPath { source }) => {
                    let key = path_of(&source).unwrap_or_default();
                    let goes_on = after.as_deref().is_none_or(|before| before < key.as_str());
                    unusual += 1;
                    if !key.starts_with(&self.prefix) || !goes_on || unusual > UNUSUAL_MAX {
                        let error = object_store::Error::InvalidPath { source };
                        return Err(unreadable(self.place, &self.prefix, &error));
                    }
                    self.pass_over(patterns, &key);
                    after = Some(key);
                    token = None;
                    size = PAGE_KEYS;
                }
                Err(error) => return Err(unreadable(self.place, &self.prefix, &error)),
            }
        }
    }

    fn keep(&mut self, objects: Vec<ObjectMeta>) -> Result<(), Error> {
        for meta in objects {
            let key = meta.location.to_string();
            if self.found.len() >= KEYS_MAX && !self.found.contains_key(&key) {
                return Err(Error::Store {
                    place: format!(
                        "{}://{}/{}",
                        self.place.cloud.scheme(),
                        self.place.bucket,
                        self.prefix
                    ),
                    problem: format!("the prefix holds more than {KEYS_MAX} keys"),
                    expected: "patterns that name fewer, in several sources",
                });
            }
            self.found.insert(key, meta);
        }
        Ok(())
    }

    fn pass_over(&mut self, patterns: &Patterns, key: &str) {
        let Some(name) = patterns.name(key) else {
            return;
        };
        if patterns.matches(name) != Matched::No {
            self.out.oddities.insert(Oddity {
                name: name.to_owned(),
                code: "key-unusual",
                effect: Effect::Lost,
                message: "a key that is no plain path (empty, `.` or `..` segments, control characters) was not fetched",
            });
        }
    }
}

/// The key in the library's refusal.
fn path_of(error: &path::Error) -> Option<String> {
    match error {
        path::Error::EmptySegment { path } | path::Error::BadSegment { path, .. } => {
            Some(path.clone())
        }
        _ => None,
    }
}
