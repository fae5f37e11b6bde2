//! Rows through rules: what matches, what cannot be decided, and what that says.

use std::collections::{BTreeMap, BTreeSet};

use rsigma_eval::Engine;
use rsigma_parser::SigmaRule;
use serde::Serialize;

use crate::bounds::{Bounds, Folded, Known, bounds};
use crate::derived::{self, Held};
use crate::event::Fields;
use crate::logs::{Place, Stream};
use crate::rules::{RuleNotice, RuleSet, Standing};

/// Rows that one rule cites, hits and undecided rows each; the rest are counted.
pub const CITED_MAX: usize = 1000;

/// Where a row comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RowRef {
    /// The source's id.
    pub source: String,
    /// Its file.
    pub file: String,
    /// 1-based data row in that file.
    pub row: u64,
    /// The table it is in.
    pub place: Place,
    /// When it was recorded, as text.
    pub at: String,
}

/// Rows that are cited, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// How many rows.
    pub count: u64,
    /// The first [`CITED_MAX`] of them, sorted.
    pub rows: Vec<RowRef>,
}

impl Cited {
    fn add(&mut self, row: &RowRef) {
        self.count += 1;
        if self.rows.len() < CITED_MAX {
            self.rows.push(row.clone());
        }
    }
}

/// What came of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// At least one row matches.
    Hit,
    /// No row matches for certain, and on some the answer depends on what is not kept.
    Undecided,
    /// Rows of its log were read and none matches.
    NoHit,
    /// No row of its log was read, so nothing is said.
    NoRows,
    /// It was set aside.
    NotApplicable,
}

/// One rule and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file of the rule.
    pub rule_file: String,
    /// Its title.
    pub title: String,
    /// Its id.
    pub id: Option<String>,
    /// Its level.
    pub level: Option<&'static str>,
    /// Its logsource in words.
    pub logsource: String,
    /// What came of it.
    pub note: Note,
    /// Why it was set aside.
    pub why: Option<String>,
    /// What the rule needs and the rows that were read do not hold, sorted.
    pub not_kept: BTreeSet<String>,
    /// Rows of its log that were matched against it.
    pub rows: u64,
    /// Rows that match.
    pub hits: Cited,
    /// Rows on which it depends on something that is not kept.
    pub undecided: Cited,
}

/// What all rules gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// One per rule, in the order of files.
    pub findings: Vec<Finding>,
    /// What could not be used.
    pub notices: Vec<RuleNotice>,
}

impl Report {
    /// Whether something a user may have relied on was not done: a rule file was lost, or a rule could not be decided.
    pub fn is_incomplete(&self) -> bool {
        self.notices.iter().any(|notice| notice.lost)
            || self.findings.iter().any(|f| f.undecided.count > 0)
    }
}

/// The rows of one stream that hold the same fields, and the rules ready to match them.
struct Lane {
    /// Position of the stream.
    stream: usize,
    /// Which of the stream's derived fields these rows do not hold.
    unknown: Vec<bool>,
    rows: u64,
    upper: Engine,
    lower: Engine,
    /// Rules whose upper bound is their exact meaning.
    exact: BTreeSet<usize>,
    /// Rules that might match any row at all.
    always: BTreeSet<usize>,
    /// Rules that match every row at all.
    certain: BTreeSet<usize>,
    /// Rules that ask for this stream, and what they need that these rows do not hold.
    asked: BTreeMap<usize, BTreeSet<String>>,
}

/// Rules by number: those that might match a row, and those of them that must.
struct Matched {
    might: BTreeSet<usize>,
    must: BTreeSet<usize>,
}

/// Rules compiled for the streams that rows will come from.
pub struct Check {
    streams: Vec<Stream>,
    lanes: Vec<Lane>,
    findings: Vec<Finding>,
    notices: Vec<RuleNotice>,
}

impl Check {
    /// Compiles `rules` for `streams`. `masked` says whether a text would be masked in the tables.
    pub fn new(rules: &RuleSet, streams: &[Stream], masked: &dyn Fn(&str) -> bool) -> Self {
        let mut check = Self {
            streams: streams.to_vec(),
            lanes: Vec::new(),
            findings: rules.rules.iter().map(finding).collect(),
            notices: rules.notices.clone(),
        };
        for (position, stream) in streams.iter().enumerate() {
            let fields = derived::of(stream).len();
            // Every combination of fields that a row may lack; there are at most two such fields.
            for lacking in 0..1_usize << fields {
                let unknown = (0..fields).map(|bit| lacking >> bit & 1 == 1).collect();
                check.lane(rules, Lane::new(position, unknown), stream, masked);
            }
        }
        check.notices.sort();
        check.notices.dedup();
        check
    }

    /// Compiles the rules that ask for `stream` into `lane`.
    fn lane(
        &mut self,
        rules: &RuleSet,
        mut lane: Lane,
        stream: &Stream,
        masked: &dyn Fn(&str) -> bool,
    ) {
        for (number, rule) in rules.rules.iter().enumerate() {
            let (Standing::Run, Some(wanted), Some(source)) =
                (&rule.standing, &rule.wanted, &rule.source)
            else {
                continue;
            };
            if !wanted.takes(stream) {
                continue;
            }
            let lacks = |name: &str| {
                let unknown = derived::of(stream).iter().zip(&lane.unknown);
                unknown
                    .into_iter()
                    .any(|(field, lacks)| *lacks && field.name == name)
            };
            let field = |name: &str| {
                let found = stream.field(wanted, name)?;
                (!lacks(found)).then(|| found.to_owned())
            };
            let known = Known {
                field: &field,
                masked,
            };
            let bounds = bounds(source, &known);
            if let Err(message) = lane.add(number, bounds) {
                self.set_aside(number, &message);
            }
        }
        self.lanes.push(lane);
    }

    /// A rule that was parsed but has no meaning that can be matched: a notice, and no claim about any row.
    fn set_aside(&mut self, number: usize, message: &str) {
        let finding = &mut self.findings[number];
        finding.note = Note::NotApplicable;
        finding.why = Some(format!("it cannot be run: {message}"));
        self.notices.push(RuleNotice {
            file: finding.rule_file.clone(),
            lost: true,
            message: message.to_owned(),
        });
    }

    /// Matches one row of the stream at `position` among those given. Rows are given in the order in which they are to be cited.
    pub fn row(&mut self, position: usize, row: &RowRef, mut fields: Fields<'_>) {
        let Some(stream) = self.streams.get(position) else {
            return;
        };
        derived::complete(stream.log, &mut fields);
        let held: Vec<(&str, Held)> = derived::of(stream)
            .iter()
            .map(|field| (field.name, (field.held)(&fields)))
            .collect();
        let unknown: Vec<bool> = held
            .iter()
            .map(|(_, held)| *held == Held::Unknown)
            .collect();
        let lane = self
            .lanes
            .iter_mut()
            .find(|lane| lane.stream == position && lane.unknown == unknown);
        let Some(lane) = lane else {
            return;
        };
        lane.rows += 1;
        let Some(found) = lane.match_all(fields, &held) else {
            return;
        };
        for number in found.might {
            let finding = &mut self.findings[number];
            if found.must.contains(&number) {
                finding.hits.add(row);
            } else {
                finding.undecided.add(row);
            }
        }
    }

    /// Ends the check.
    pub fn finish(mut self) -> Report {
        for lane in self.lanes.iter().filter(|lane| lane.rows > 0) {
            for (number, missing) in &lane.asked {
                let finding = &mut self.findings[*number];
                finding.rows += lane.rows;
                finding.not_kept.extend(missing.iter().cloned());
            }
        }
        for finding in &mut self.findings {
            finding.hits.rows.sort();
            finding.undecided.rows.sort();
            if finding.note == Note::NotApplicable {
                finding.rows = 0;
                finding.hits = Cited::default();
                finding.undecided = Cited::default();
                continue;
            }
            finding.note = if finding.hits.count > 0 {
                Note::Hit
            } else if finding.undecided.count > 0 {
                Note::Undecided
            } else if finding.rows > 0 {
                Note::NoHit
            } else {
                Note::NoRows
            };
        }
        Report {
            findings: self.findings,
            notices: self.notices,
        }
    }
}

fn finding(rule: &crate::Rule) -> Finding {
    let why = match &rule.standing {
        Standing::Run => None,
        Standing::Aside(why) => Some(why.clone()),
    };
    Finding {
        rule_file: rule.file.clone(),
        title: rule.title.clone(),
        id: rule.id.clone(),
        level: rule.level,
        logsource: rule.logsource.clone(),
        note: if why.is_some() {
            Note::NotApplicable
        } else {
            Note::NoRows
        },
        why,
        not_kept: BTreeSet::new(),
        rows: 0,
        hits: Cited::default(),
        undecided: Cited::default(),
    }
}

/// The rules of `engine` that match, by number.
fn numbers(engine: &Engine, fields: &Fields<'_>) -> Vec<usize> {
    if engine.rule_count() == 0 {
        return Vec::new();
    }
    engine
        .evaluate(fields)
        .iter()
        .filter_map(|result| result.header.rule_id.as_deref()?.parse().ok())
        .collect()
}

impl Lane {
    fn new(stream: usize, unknown: Vec<bool>) -> Self {
        Self {
            stream,
            unknown,
            rows: 0,
            upper: Engine::new(),
            lower: Engine::new(),
            exact: BTreeSet::new(),
            always: BTreeSet::new(),
            certain: BTreeSet::new(),
            asked: BTreeMap::new(),
        }
    }

    /// Compiles a rule.
    fn add(&mut self, number: usize, bounds: Bounds) -> Result<(), String> {
        match bounds.upper {
            Folded::Always(true) => {
                self.always.insert(number);
            }
            Folded::Always(false) => {}
            Folded::Of(rule) => add_numbered(&mut self.upper, number, rule)?,
        }
        match bounds.lower {
            None => {
                self.exact.insert(number);
            }
            Some(Folded::Always(true)) => {
                self.certain.insert(number);
            }
            Some(Folded::Always(false)) => {}
            Some(Folded::Of(rule)) => add_numbered(&mut self.lower, number, rule)?,
        }
        self.asked.insert(number, bounds.missing);
        Ok(())
    }

    /// The rules that might match a row, and that must, whichever of its possible values each derived field has.
    fn match_all(&self, fields: Fields<'_>, held: &[(&'static str, Held)]) -> Option<Matched> {
        let mut variants = vec![fields];
        for (name, held) in held {
            if let Held::OneOf(values) = held {
                variants = variants
                    .into_iter()
                    .flat_map(|fields| values.iter().map(move |value| fields.with(name, value)))
                    .collect();
            }
        }
        variants
            .iter()
            .map(|fields| self.match_one(fields))
            .reduce(|mut all, one| {
                all.might.extend(one.might);
                all.must.retain(|number| one.must.contains(number));
                all
            })
    }

    fn match_one(&self, fields: &Fields<'_>) -> Matched {
        let mut might = self.always.clone();
        might.extend(numbers(&self.upper, fields));
        let mut must: BTreeSet<usize> = might.intersection(&self.exact).copied().collect();
        if must.len() < might.len() {
            must.extend(&self.certain);
            must.extend(numbers(&self.lower, fields));
        }
        Matched { might, must }
    }
}

/// Adds a rule under its number: ids of a user's rules may repeat or be absent.
fn add_numbered(engine: &mut Engine, number: usize, rule: SigmaRule) -> Result<(), String> {
    let numbered = SigmaRule {
        id: Some(number.to_string()),
        ..rule
    };
    engine
        .add_rule(&numbered)
        .map_err(|error| error.to_string())
}
