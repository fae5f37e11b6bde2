//! The rendered review, from the outside: what must stand on the page, in which order, and what
//! must never get out.
#![allow(clippy::unwrap_used)]

mod fixture;

use fixture::{HOSTILE, TURNED, review};
use plainview_report::{Review, report_html, review_json};

fn page() -> String {
    report_html(&review()).unwrap()
}

/// Where a text first stands on the page.
fn at(page: &str, text: &str) -> usize {
    page.find(text)
        .unwrap_or_else(|| panic!("the page lacks {text:?}"))
}

/// The page as a reader sees it: tags dropped, entities resolved.
fn plain(page: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in page.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => out.push(other),
            _ => {}
        }
    }
    for (entity, letter) in [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
    ] {
        out = out.replace(entity, letter);
    }
    out
}

/// Whether a number stands in a text, other than inside a longer run of digits.
fn has_number(text: &str, number: &str) -> bool {
    let digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    text.match_indices(number).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + number.len()..]);
        !digit(before.chars().next_back()) && !digit(after.chars().next())
    })
}

/// Writes the fixture's page and data into the folder named by `PLAINVIEW_REPORT_FIXTURE`, so
/// that a person can look at them.
#[test]
fn fixture_can_be_written_for_looking_at() {
    let Some(folder) = std::env::var_os("PLAINVIEW_REPORT_FIXTURE") else {
        return;
    };
    let folder = std::path::Path::new(&folder);
    std::fs::write(folder.join("report.html"), page()).unwrap();
    std::fs::write(folder.join("review.json"), review_json(&review()).unwrap()).unwrap();
}

#[test]
fn same_review_gives_the_same_bytes() {
    assert_eq!(page(), page());
    assert_eq!(
        review_json(&review()).unwrap(),
        review_json(&review()).unwrap()
    );
}

#[test]
fn page_runs_nothing_and_loads_nothing() {
    let page = page().to_lowercase();
    for forbidden in [
        "<script", "http://", "https://", "src=", "@import", "url(", "<link", "<iframe",
    ] {
        // The hostile text carries some of these, escaped: only markup counts.
        let markup = page.replace(&escaped_hostile(), "");
        assert!(!markup.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(page.matches("href=").count() == page.matches("href=\"#").count());
}

/// The hostile text as the template writes it, in lower case.
fn escaped_hostile() -> String {
    let escaped = |letter: char| match letter {
        '<' | '>' | '"' | '\'' | '&' => format!("&#{};", u32::from(letter)),
        other => other.to_string(),
    };
    HOSTILE.to_lowercase().chars().map(escaped).collect()
}

#[test]
fn sections_stand_in_their_order() {
    let page = page();
    let order = [
        "Plainview review",
        "FICTIONAL",
        "Who may read the records",
        "What the records show<",
        "Billed against listed<",
        "The stores<",
        "Where the records come from<",
        "What could not be read<",
        "What this report cannot say<",
        "How to check it<",
    ];
    let mut last = 0;
    for heading in order {
        let here = at(&page, heading);
        assert!(here > last, "{heading}");
        last = here;
    }
}

#[test]
fn every_limit_of_the_method_is_printed() {
    let text = plain(&page());
    let review = review();
    assert_eq!(review.cannot_say.len(), 8);
    for sentence in &review.cannot_say {
        assert!(text.contains(sentence.as_str()), "{sentence}");
    }
}

#[test]
fn undecided_always_opens_with_its_two_sentences() {
    const OPENING: &str = "Undecided. This is not a finding that it did not happen.";
    // In the summary, in the verdict and in the implied part of "no evidence".
    assert_eq!(page().matches(OPENING).count(), 3);
    let mut bare = review();
    for claim in &mut bare.claims {
        claim.verdict.sentences.clear();
    }
    assert_eq!(report_html(&bare).unwrap().matches(OPENING).count(), 3);
}

#[test]
fn outcomes_are_words_and_never_codes() {
    let text = plain(&page()[at(&page(), "<body>")..]);
    for word in [
        "Supported",
        "Contradicted",
        "Contested",
        "Undecided",
        "Not tested",
    ] {
        assert!(text.contains(word), "{word}");
    }
    for never in [
        "not_shown",
        "not_tested",
        " knew ",
        " lied ",
        "guilty",
        "score",
    ] {
        assert!(!text.contains(never), "{never}");
    }
    assert!(text.contains("Taken at face value the statements would make this supported. Setting aside self-serving statements it is undecided."));
}

#[test]
fn no_evidence_prints_its_three_parts() {
    let text = plain(&page());
    for part in [
        "Literally true: the review listed no hit. Capability unknown: whether",
        "On its own this proves nothing",
        "Implied statement: undecided.",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(text.contains("1 hit was found in records that are not verified"));
}

#[test]
fn stores_are_consistent_with_and_never_contain() {
    let text = plain(&page());
    assert!(text.contains("Consistent with recorded calls"));
    assert!(text.contains("There are too few objects to say."));
    assert!(text.contains("12 objects (4.0 KiB) could not be profiled exactly."));
}

#[test]
fn hostile_text_is_shown_and_harmless() {
    let page = page();
    assert!(!page.contains("<img"));
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
    assert!(!page.contains('\u{202e}') && !page.contains('\u{202c}'));
    assert!(page.contains("invoice-[U+202E]gnp.exe[U+202C]"));
    assert!(review_json(&review()).unwrap().contains(TURNED));
}

#[test]
fn every_chart_has_a_name_and_its_figures() {
    let page = page();
    let charts = page.matches("<svg").count();
    assert!(charts >= 6, "{charts}");
    assert_eq!(page.matches("role=\"img\"").count(), charts);
    assert_eq!(page.matches("<desc").count(), charts);
    assert!(page.contains("The figures behind the chart"));
    // Every id that labels something exists once.
    for label in page.split("aria-labelledby=\"").skip(1) {
        for id in label.split('"').next().unwrap().split(' ') {
            assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
        }
    }
}

#[test]
fn a_gap_is_printed_with_its_resolution() {
    let text = plain(&page());
    // Billed 52,900..52,901 against listed 47,000..49,490: METHOD G-K2 in whole GiB-months.
    assert!(text.contains("3,410 to 5,901"));
    assert!(text.contains("2,491"));
    assert!(text.contains("Open"));
}

#[test]
fn what_was_lost_is_never_shown_as_clean() {
    assert!(plain(&page()).contains("A file ends in the middle of a row."));
    let mut clean = review();
    clean.coverage.groups.clear();
    let text = plain(&report_html(&clean).unwrap());
    assert!(text.contains("That says nothing about records nobody handed over."));
}

#[test]
fn protected_sources_keep_their_keeper_paths_and_rows() {
    let outputs = [page(), review_json(&review()).unwrap()];
    for output in outputs {
        for secret in [
            "watermark-7731",
            "insider",
            "A former engineer",
            "98,765",
            "98765",
            "84,242",
            "84242",
            "7654321",
        ] {
            assert!(!output.contains(secret), "{secret}");
        }
    }
    assert!(page().contains("Rests on a single custodian: a withheld party."));
    // A differently watermarked copy of the same leak publishes the same bytes.
    let mut copy = review();
    let leak = copy
        .sources
        .iter_mut()
        .find(|source| source.id == "leak")
        .unwrap();
    leak.files[0].name = "home/watermark-9004/list.csv".to_owned();
    leak.bytes_total += 11;
    copy.claims[0].verdict.items[2].row = None;
    let leak = copy
        .sources
        .iter_mut()
        .find(|source| source.id == "leak")
        .unwrap();
    leak.acquired_at = Some("2025-08-01T00:00:00Z".to_owned());
    assert_eq!(report_html(&copy).unwrap(), page());
    assert_eq!(review_json(&copy).unwrap(), review_json(&review()).unwrap());
}

#[test]
fn protected_stores_keep_exact_totals_out_of_every_output() {
    let mut leaked = review();
    fixture::count_everywhere(&mut leaked, 6230);
    let secrets = ["6230", "6,230", "6231", "6,231", "6233", "6,233"];
    let json = review_json(&leaked).unwrap();
    let page = report_html(&leaked).unwrap();
    for secret in secrets {
        assert!(!has_number(&json, secret), "review.json: {secret}");
        assert!(!has_number(&page, secret), "report.html: {secret}");
    }
    // What the collection looks like is still said.
    assert!(json.contains("{yyyy}/{mm}/{dd}/{hex:32}.opus"));
    assert!(json.contains("\"observed\":\"withheld\",\"weight\":\"+3.00\""));
    let text = plain(&page);
    assert!(text.contains("Consistent with recorded calls"));
    assert!(text.contains("At least 6,000 objects"));
    assert!(text.contains("The list names at least 6000 of at least 6,000 objects."));
    // No breakdown adds up to the total: 6230 objects spread thinly over the hours of the week.
    let mut thin = review();
    let times = &mut thin.stores[0].collections[0].times;
    times.hour_of_week = vec![7; 168];
    assert!(!review_json(&thin).unwrap().contains("7,7,7"));
    // The same store, listed by an open source, keeps its figures.
    leaked.stores[0].sources = vec!["inventory".to_owned()];
    assert!(has_number(&review_json(&leaked).unwrap(), "6230"));
    assert!(has_number(&report_html(&leaked).unwrap(), "6,230"));
}

#[test]
fn the_verdict_box_points_to_the_lists_below_it() {
    const SHORT: &str = "Undecided. This is not a finding that it did not happen. The records do \
                         not show this either way: see why, and what would decide it, below.";
    let review = review();
    let whole = &review.claims[1].verdict.sentences[0].text;
    let text = plain(&page());
    assert!(text.contains(SHORT));
    assert!(!text.contains(whole.as_str()));
    assert!(review_json(&review).unwrap().contains(whole.as_str()));
    // Without one of the lists the box says everything itself.
    let mut alone = review.clone();
    alone.claims[1].verdict.decide.clear();
    let text = plain(&report_html(&alone).unwrap());
    assert!(text.contains(whole.as_str()) && !text.contains("see why"));
}

#[test]
fn json_is_canonical_and_exact() {
    let mut review = review();
    review.stores[0].bytes = 9_007_199_254_740_993;
    review.stores[0].sources = vec!["inventory".to_owned()];
    let json = review_json(&review).unwrap();
    assert!(json.starts_with("{\"cannot_say\":[\"Content was not read.\","));
    assert!(json.contains("],\"case\":{\"authority\":{\"approved_by\":"));
    assert!(json.contains("\"bytes\":\"9007199254740993\""));
    assert!(json.contains("\"schema\":\"plainview.review/1\""));
}

#[test]
fn an_empty_review_says_so() {
    let empty = Review {
        claims: Vec::new(),
        stores: Vec::new(),
        reconciliation: Vec::new(),
        sources: Vec::new(),
        ..review()
    };
    let text = plain(&report_html(&empty).unwrap());
    for sentence in [
        "No claim was registered",
        "These records allow no comparison",
        "No source of this case lists stores",
    ] {
        assert!(text.contains(sentence), "{sentence}");
    }
}

/// What a protected source's days, gaps, acts and totals would say.
#[test]
fn days_of_a_protected_source_are_withheld() {
    let review = fixture::review();
    let json = review_json(&review).unwrap();
    let page = report_html(&review).unwrap();
    for secret in [
        "2025-01-07",
        "2025-01-20",
        "at 04:00 on that day",
        "6457",
        "6,457",
        "73451",
        "73,451",
    ] {
        assert!(!json.contains(secret), "review.json says {secret}");
        assert!(!page.contains(secret), "the page says {secret}");
    }
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = &value["coverage"]["ledger"]["rows"];
    assert_eq!(
        rows[0]["runs"][0],
        serde_json::json!(["2025-01-01", "2025-02-01", "reviewed"])
    );
    assert_eq!(
        rows[1]["runs"],
        serde_json::json!([["2025-01-01", "2025-04-01", "unknown"]])
    );
    assert_eq!(value["coverage"]["acts"][1]["acts"], 6_000);
    assert!(value["coverage"]["gaps"][1]["from"].is_null());
    assert_eq!(value["coverage"]["gaps"][0]["from"], "2025-02-03T04:00:00Z");
}

#[test]
fn days_are_drawn_with_letters_and_a_table_behind() {
    let page = report_html(&fixture::review()).unwrap();
    let section = page.split("id=\"days\"").nth(1).unwrap();
    let section = section.split("id=\"coverage\"").next().unwrap();
    assert!(
        section.contains("31 reviewed and 59 unreadable"),
        "the table has the days"
    );
    assert!(section.contains("34.4%"), "31 of 90 days");
    for letter in ["R", "U", "?"] {
        assert!(
            section.contains(&format!(">\n{letter}\n</text>"))
                || section.contains(&format!(">{letter}<")),
            "{letter}"
        );
    }
    assert!(section.contains("2 hours"));
    assert!(
        section.contains("these acts name no person"),
        "signed links are counted"
    );
    assert!(section.contains("best-effort"));
}
