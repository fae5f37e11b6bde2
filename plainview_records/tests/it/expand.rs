//! Tests of how patterns become files.

use plainview_records::{Effect, expand};

use crate::support::Folder;

fn names(folder: &Folder, patterns: &[&str]) -> (Vec<String>, Vec<(String, &'static str)>) {
    let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
    let (files, notices) = expand(folder.path(), &patterns);
    let name = |path: &std::path::PathBuf| {
        path.strip_prefix(folder.path())
            .unwrap()
            .to_string_lossy()
            .into_owned()
    };
    (
        files.iter().map(name).collect(),
        notices
            .into_iter()
            .map(|notice| (notice.file, notice.code))
            .collect(),
    )
}

#[test]
fn files_folders_and_globs_give_sorted_files_without_duplicates() {
    let folder = Folder::new();
    for name in ["b/2.csv", "b/1.csv", "b/deep/3.csv", "a.csv", "c.txt"] {
        folder.write(name, "x");
    }
    let (files, notices) = names(&folder, &["b", "*.csv", "a.csv", "b/**/3.csv"]);
    assert_eq!(files, ["a.csv", "b/1.csv", "b/2.csv", "b/deep/3.csv"]);
    assert_eq!(notices, []);
}

#[test]
fn a_pattern_that_matches_nothing_is_lost_and_hidden_files_are_named() {
    let folder = Folder::new();
    folder.write("x/.DS_Store", "x");
    folder.write("x/1.csv", "x");
    let (files, notices) = names(&folder, &["x", "gone.csv", "none*"]);
    assert_eq!(files, ["x/1.csv"]);
    let expected = [
        ("gone.csv", "no-such-file"),
        ("none*", "no-such-file"),
        ("x/.DS_Store", "hidden-file"),
    ];
    assert_eq!(
        notices,
        expected.map(|(file, code)| (file.to_owned(), code))
    );
}

#[test]
#[cfg(unix)]
fn links_inside_a_folder_are_not_followed() {
    let folder = Folder::new();
    let outside = Folder::new();
    let secret = outside.write("secret.csv", "x");
    folder.write("x/1.csv", "x");
    std::os::unix::fs::symlink(secret, folder.path().join("x/2.csv")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("x/loop")).unwrap();
    let (files, notices) = expand(folder.path(), &["x".to_owned()]);
    assert_eq!(files, [folder.path().join("x/1.csv")]);
    assert!(
        notices
            .iter()
            .all(|notice| notice.code == "link-not-followed" && notice.effect == Effect::Lost)
    );
    assert_eq!(notices.len(), 2);
}
