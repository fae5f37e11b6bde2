//! The rules of a folder: parsed, and set aside where they ask for what is not done here.

use rsigma_parser::{Detection, Detections, Modifier, SigmaRule, parse_sigma_yaml};
use serde::Serialize;

use crate::logs::{Wanted, describe};

/// Largest rule file that is parsed, in bytes: a rule is a page of text.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// Something about a rule file that could not be used, or was used with doubt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RuleNotice {
    /// The rule file.
    pub file: String,
    /// Whether a rule was lost by it.
    pub lost: bool,
    /// What was found.
    pub message: String,
}

/// Whether a rule is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is run over the rows of its log.
    Run,
    /// It is not applicable here, and why.
    Aside(String),
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The file it stands in.
    pub file: String,
    /// Its title.
    pub title: String,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Its level, where it has one.
    pub level: Option<&'static str>,
    /// Its logsource in words.
    pub logsource: String,
    /// Whether it is run.
    pub standing: Standing,
    pub(crate) wanted: Option<Wanted>,
    pub(crate) source: Option<SigmaRule>,
}

/// The rules of a folder, in the order of their files.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Every rule that could be parsed.
    pub rules: Vec<Rule>,
    /// What could not be used.
    pub notices: Vec<RuleNotice>,
}

impl RuleSet {
    /// Adds the rules of one file.
    pub fn add(&mut self, file: &str, text: &str) {
        if text.len() > DOCUMENT_BYTES_MAX {
            self.lost(
                file,
                format!(
                    "the file has {} bytes, expected at most {DOCUMENT_BYTES_MAX}",
                    text.len()
                ),
            );
            return;
        }
        let collection = match parse_sigma_yaml(text) {
            Ok(collection) => collection,
            Err(error) => {
                self.lost(file, error.to_string());
                return;
            }
        };
        let found = collection.rules.len()
            + collection.correlations.len()
            + collection.filters.len()
            + collection.errors.len();
        if found == 0 {
            self.lost(file, "the file holds no rule".to_owned());
        }
        for message in collection.errors {
            self.notices.push(RuleNotice {
                file: file.to_owned(),
                lost: !is_remark(&message),
                message,
            });
        }
        for rule in collection.rules {
            self.rules.push(Rule::new(file, rule));
        }
        for rule in collection.correlations {
            self.aside(
                file,
                rule.title,
                rule.id,
                "a correlation rule counts events together; only single events are matched here",
            );
        }
        for rule in collection.filters {
            self.aside(
                file,
                rule.title,
                rule.id,
                "a filter rule narrows other rules; they are run as they stand",
            );
        }
    }

    fn lost(&mut self, file: &str, message: String) {
        self.notices.push(RuleNotice {
            file: file.to_owned(),
            lost: true,
            message,
        });
    }

    /// Keeps a notice about a rule file from whoever reads the folder.
    pub fn note(&mut self, notice: RuleNotice) {
        self.notices.push(notice);
    }

    fn aside(&mut self, file: &str, title: String, id: Option<String>, why: &str) {
        self.rules.push(Rule {
            file: file.to_owned(),
            title,
            id,
            level: None,
            logsource: "no logsource of its own".to_owned(),
            standing: Standing::Aside(why.to_owned()),
            wanted: None,
            source: None,
        });
    }
}

/// The parser's remarks on a rule that it did parse, told from failures by how they begin.
fn is_remark(message: &str) -> bool {
    ["invalid status", "invalid level", "'related'", "related["]
        .iter()
        .any(|start| message.starts_with(start))
}

impl Rule {
    fn new(file: &str, rule: SigmaRule) -> Self {
        let wanted = Wanted::of(&rule.logsource);
        let why = match &wanted {
            Err(why) => Some(why.clone()),
            Ok(_) => unusual(&rule.detection),
        };
        Self {
            file: file.to_owned(),
            title: rule.title.clone(),
            id: rule.id.clone(),
            level: rule.level.map(|level| level.as_str()),
            logsource: describe(&rule.logsource),
            standing: why.map_or(Standing::Run, Standing::Aside),
            wanted: wanted.ok(),
            source: Some(rule),
        }
    }
}

/// What a detection asks for that is not done here.
fn unusual(detections: &Detections) -> Option<String> {
    if detections.timeframe.is_some() {
        return Some(
            "it counts events within a time frame; only single events are matched here".to_owned(),
        );
    }
    let expands = detections
        .named
        .values()
        .any(|detection| has_modifier(detection, Modifier::Expand));
    expands.then(|| {
        "it has placeholders, whose values the user's organisation must fill in".to_owned()
    })
}

fn has_modifier(detection: &Detection, modifier: Modifier) -> bool {
    match detection {
        Detection::AllOf(items) => items.iter().any(|item| item.field.has_modifier(modifier)),
        Detection::AnyOf(inner) | Detection::And(inner) => {
            inner.iter().any(|d| has_modifier(d, modifier))
        }
        Detection::ArrayMatch { body, .. } => has_modifier(body, modifier),
        Detection::Conditional { named, .. } => named.values().any(|d| has_modifier(d, modifier)),
        Detection::Keywords(_) => false,
    }
}
