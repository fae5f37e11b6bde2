//! The repository obeys its own rules; each rule is also shown to fail on a bad example.

use std::fs;

use xtask::{ROOMS, files, named_paths, order_complaints, root, source_complaints};

#[test]
fn every_source_file_has_a_header_and_a_bounded_length() {
    let mut complaints = Vec::new();
    for path in files(&root(), "rs") {
        let text = fs::read_to_string(&path).expect("source files are UTF-8");
        complaints.extend(source_complaints(&path.display().to_string(), &text));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!(source_complaints("x.rs", "fn main() {}").len(), 1);
    assert_eq!(source_complaints("x.rs", &"//! x\n".repeat(801)).len(), 1);
}

#[test]
fn crates_depend_only_on_crates_above_them() {
    let mut complaints = Vec::new();
    for room in ROOMS {
        let manifest = root().join(room).join("Cargo.toml");
        let Ok(text) = fs::read_to_string(manifest) else {
            continue;
        };
        let document: toml_edit::DocumentMut = text.parse().expect("manifests are TOML");
        let dependencies: Vec<String> = document
            .get("dependencies")
            .and_then(|d| d.as_table_like())
            .map(|table| table.iter().map(|(name, _)| name.to_owned()).collect())
            .unwrap_or_default();
        complaints.extend(order_complaints(room, &dependencies));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!(
        order_complaints("plainview_weigh", &["plainview_engine".to_owned()]).len(),
        1
    );
}

#[test]
fn only_the_engine_names_datafusion() {
    for path in files(&root(), "rs") {
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).expect("source files are UTF-8");
        let inside = name.contains("plainview_engine") || name.contains("xtask");
        let uses = text.lines().any(|line| line.contains("datafusion::"));
        assert!(inside || !uses, "{name} names datafusion");
    }
}

#[test]
fn the_map_names_only_what_exists() {
    for page in ["ARCHITECTURE.md", "README.md"] {
        let text = fs::read_to_string(root().join(page)).expect("the page exists");
        let missing: Vec<String> = named_paths(&text)
            .into_iter()
            .filter(|p| !root().join(p).exists())
            .collect();
        assert!(
            missing.is_empty(),
            "{page} names what is not there: {missing:?}"
        );
    }
    assert_eq!(
        named_paths("see `docs/none.md` and `a b/c`"),
        ["docs/none.md"]
    );
}

#[test]
fn functions_named_by_the_map_exist() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the map exists");
    let sources: String = files(&root(), "rs")
        .iter()
        .map(|path| fs::read_to_string(path).expect("source files are UTF-8"))
        .collect();
    let missing: Vec<&str> = map
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.strip_suffix("()"))
        .filter_map(|path| path.rsplit("::").next())
        .filter(|name| !sources.contains(&format!("fn {name}")))
        .collect();
    assert!(
        missing.is_empty(),
        "ARCHITECTURE.md names functions that do not exist: {missing:?}"
    );
}
