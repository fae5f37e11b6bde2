//! `plainview weigh` on the golden bundles.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::world::{arg, run};

#[test]
fn every_golden_bundle_gives_its_whole_expectation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../plainview_weigh/tests/data/golden_verdicts.json");
    let golden: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cases = golden.as_object().unwrap();
    assert_eq!(cases.len(), 17);
    for (name, case) in cases {
        let path = folder.path().join("bundle.json");
        fs::write(&path, case["bundle"].to_string()).unwrap();
        let ran = run(&["weigh", arg(&path), "--json"]);
        let found = ran.json();
        for (key, expected) in case["expect"].as_object().unwrap() {
            assert_eq!(&found[key], expected, "{name}: {key}");
        }
        let outcome = case["expect"]["corroborated"]["base"].as_str().unwrap();
        let contradicted = matches!(outcome, "contradicted" | "contested");
        assert_eq!(ran.code, i32::from(contradicted), "{name}");
    }
}

#[test]
fn what_is_no_bundle_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.json");
    fs::write(
        &path,
        r#"{"claim": {"id": "C"}, "sources": [], "itms": []}"#,
    )
    .unwrap();
    let ran = run(&["weigh", arg(&path)]).code(2);
    assert!(ran.err.contains("itms"), "{}", ran.err);
    assert!(
        run(&["weigh", arg(&folder.path().join("none.json"))])
            .code(2)
            .err
            .contains("none.json")
    );
}
