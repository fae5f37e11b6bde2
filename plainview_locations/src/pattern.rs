//! File patterns over keys: which prefixes are asked for, and which keys match.
//!
//! The same rules as for files on a disk: a pattern names a file, a folder (everything below it, but nothing hidden), or is
//! a glob whose matches may be files or folders; `*` does not cross a `/`.

use glob::{MatchOptions, Pattern};
use plainview_register::Location;

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// One pattern.
#[derive(Debug, Clone)]
struct One {
    text: String,
    glob: Option<Pattern>,
}

/// The patterns of a source below one location.
#[derive(Debug, Clone)]
pub(crate) struct Patterns {
    prefix: String,
    all: Vec<One>,
}

/// What a pattern asks a store for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ask {
    /// Every key that begins like this.
    Prefix(String),
    /// This key alone.
    Key(String),
}

/// What the patterns make of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Matched {
    /// It is not asked for.
    No,
    /// It is.
    Yes,
    /// It lies below a folder that is asked for, in or under this hidden entry.
    Hidden(String),
}

impl Patterns {
    pub(crate) fn new(place: &Location, patterns: &[String]) -> Self {
        let all = patterns
            .iter()
            .map(|text| {
                let text = text.strip_suffix('/').unwrap_or(text).to_owned();
                let is_glob = text.contains(['*', '?', '[']);
                One {
                    glob: is_glob.then(|| Pattern::new(&text).ok()).flatten(),
                    text,
                }
            })
            .collect();
        let prefix = if place.prefix.is_empty() {
            String::new()
        } else {
            format!("{}/", place.prefix)
        };
        Self { prefix, all }
    }

    /// A key's name below the location.
    pub(crate) fn name<'k>(&self, key: &'k str) -> Option<&'k str> {
        key.strip_prefix(self.prefix.as_str())
            .filter(|name| !name.is_empty())
    }

    /// What has to be asked, none twice and none within another.
    pub(crate) fn asks(&self) -> Vec<Ask> {
        let mut prefixes = Vec::new();
        let mut keys = Vec::new();
        for one in &self.all {
            let text = &one.text;
            if text == "." {
                prefixes.push(self.prefix.clone());
            } else if let Some(end) = text.find(['*', '?', '[']) {
                prefixes.push(format!("{}{}", self.prefix, &text[..end]));
            } else {
                prefixes.push(format!("{}{text}/", self.prefix));
                keys.push(format!("{}{text}", self.prefix));
            }
        }
        prefixes.sort();
        prefixes.dedup();
        let mut kept: Vec<String> = Vec::new();
        for prefix in prefixes {
            // Sorted, so that whatever holds a prefix stands before it.
            if !kept.iter().any(|wider| prefix.starts_with(wider.as_str())) {
                kept.push(prefix);
            }
        }
        keys.sort();
        keys.dedup();
        keys.retain(|key| !kept.iter().any(|wider| key.starts_with(wider.as_str())));
        let asks = kept.into_iter().map(Ask::Prefix);
        asks.chain(keys.into_iter().map(Ask::Key)).collect()
    }

    /// Whether a key of this name is asked for.
    pub(crate) fn matches(&self, name: &str) -> Matched {
        let mut found = Matched::No;
        for one in &self.all {
            match one.matches(name) {
                Matched::Yes => return Matched::Yes,
                Matched::Hidden(entry) => found = Matched::Hidden(entry),
                Matched::No => {}
            }
        }
        found
    }

    /// The patterns that none of these names matches.
    pub(crate) fn unmatched<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<String> {
        let mut open: Vec<&One> = self.all.iter().collect();
        for name in names {
            open.retain(|one| one.matches(name) == Matched::No);
        }
        open.into_iter().map(|one| one.text.clone()).collect()
    }
}

impl One {
    fn matches(&self, name: &str) -> Matched {
        let ends = name
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([name.len()]);
        let mut found = Matched::No;
        if self.text == "." {
            found = below(name, 0);
        }
        for end in ends {
            if found == Matched::Yes {
                break;
            }
            let front = &name[..end];
            let is_match = match &self.glob {
                Some(glob) => glob.matches_with(front, OPTIONS),
                None => self.text == front,
            };
            if is_match {
                found = below(name, end);
            }
        }
        found
    }
}

/// Whether what follows byte `end` of a name, which a pattern matches up to there, is hidden.
fn below(name: &str, end: usize) -> Matched {
    let mut at = end;
    for segment in name[end..].split('/') {
        if segment.starts_with('.') {
            return Matched::Hidden(name[..at + segment.len()].to_owned());
        }
        at += segment.len() + 1;
    }
    Matched::Yes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(prefix: &str, list: &[&str]) -> Patterns {
        let place = Location::parse(&format!("s3://b/{prefix}")).expect("an address");
        let list: Vec<String> = list.iter().map(|text| (*text).to_owned()).collect();
        Patterns::new(&place, &list)
    }

    #[test]
    fn only_the_literal_beginning_is_asked_for() {
        let asks = |prefix, list: &[&str]| patterns(prefix, list).asks();
        let prefix = |text: &str| Ask::Prefix(text.to_owned());
        let key = |text: &str| Ask::Key(text.to_owned());
        assert_eq!(asks("p", &["."]), [prefix("p/")]);
        assert_eq!(asks("", &["."]), [prefix("")]);
        assert_eq!(asks("p", &["a/b"]), [prefix("p/a/b/"), key("p/a/b")]);
        assert_eq!(asks("p", &["a/b/"]), [prefix("p/a/b/"), key("p/a/b")]);
        assert_eq!(asks("p", &["a/2025-*/x.json"]), [prefix("p/a/2025-")]);
        assert_eq!(
            asks("p", &["a/b", "a", "a/b/c*"]),
            [prefix("p/a/"), key("p/a")],
            "what lies within a wider prefix is not asked for again"
        );
        assert_eq!(
            asks("p", &["a", "ab"]),
            [prefix("p/a/"), prefix("p/ab/"), key("p/a"), key("p/ab")]
        );
    }

    #[test]
    fn keys_match_as_files_on_a_disk_do() {
        let hidden = |entry: &str| Matched::Hidden(entry.to_owned());
        for (list, name, expected) in [
            (&["a"][..], "a", Matched::Yes),
            (&["a"], "a/b/c", Matched::Yes),
            (&["a"], "ab", Matched::No),
            (&["a"], "b/a", Matched::No),
            (&["."], "x/y", Matched::Yes),
            (&["."], ".x/y", hidden(".x")),
            (&["a"], "a/.git/config", hidden("a/.git")),
            (&["a"], "a/b/.z", hidden("a/b/.z")),
            (&["a/.z"], "a/.z", Matched::Yes),
            (&["*.json"], "a.json", Matched::Yes),
            (&["*.json"], "a/b.json", Matched::No),
            (&["*"], "a/b.json", Matched::Yes),
            (&["*"], "a/.b", hidden("a/.b")),
            (&["*/x"], "a/x/y", Matched::Yes),
            (&["**/*.json"], "a/b/c.json", Matched::Yes),
            (&["a?"], "ab", Matched::Yes),
            (&["[ab]/x"], "b/x", Matched::Yes),
            (&["a", "a/.b"], "a/.b", Matched::Yes),
        ] {
            assert_eq!(
                patterns("", list).matches(name),
                expected,
                "{list:?} {name}"
            );
        }
        let some = patterns("", &["a", "b/", "*.csv"]);
        assert_eq!(some.unmatched(["a/x", "y.csv"].into_iter()), ["b"]);
    }

    #[test]
    fn a_name_is_what_follows_the_location() {
        let some = patterns("p/q", &["."]);
        assert_eq!(some.name("p/q/a/b"), Some("a/b"));
        assert_eq!(some.name("p/qr/a"), None);
        assert_eq!(some.name("p/q/"), None);
        assert_eq!(patterns("", &["."]).name("a"), Some("a"));
    }
}
