//! A rule as two rules that need kept fields only: one that matches whenever the rule might, one that matches only when it must.
//!
//! A condition on a field that no row holds is unknown. Where the rule asks for it, the upper rule takes it as true and the lower
//! rule as false; under a `not` the other way round. What the upper rule does not match, the rule does not match; what the lower
//! rule matches, the rule matches; between the two it depends on what is not kept. For a rule that needs kept fields only, the two
//! are the same rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rsigma_parser::{
    ConditionExpr, Detection, DetectionItem, Detections, Modifier, Quantifier, SelectorPattern,
    SigmaRule, SigmaString, SigmaValue,
};

/// A condition or a detection after folding: always the same, or something to evaluate.
#[derive(Debug, Clone, PartialEq)]
pub enum Folded<T> {
    /// The same for every row.
    Always(bool),
    /// To be evaluated.
    Of(T),
}

/// The two bounds of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// Matches whenever the rule might.
    pub upper: Folded<SigmaRule>,
    /// Matches only when the rule must; none when the upper rule is exact.
    pub lower: Option<Folded<SigmaRule>>,
    /// What the rule needs and no row holds, sorted: field names, and remarks on values.
    pub missing: BTreeSet<String>,
}

/// What a rule may be told about the rows.
pub struct Known<'k> {
    /// The name under which rows hold a field; none when they never hold it.
    pub field: &'k dyn Fn(&str) -> Option<String>,
    /// Whether a text would be masked in the tables, so that a rule with this text could not match it there.
    pub masked: &'k dyn Fn(&str) -> bool,
}

/// How keyword searches are named among what is missing.
pub const KEYWORDS: &str = "a search through the whole record";

/// The two bounds of `rule`.
pub fn bounds(rule: &SigmaRule, known: &Known<'_>) -> Bounds {
    let mut missing = BTreeSet::new();
    let mut inexact = BTreeSet::new();
    for (name, detection) in sorted(rule) {
        let mut here = BTreeSet::new();
        side(detection, known, true, &mut here);
        if !here.is_empty() {
            inexact.insert(name.clone());
        }
        missing.extend(here);
    }
    let upper = one(rule, known, &inexact, true);
    let lower = (!inexact.is_empty()).then(|| one(rule, known, &inexact, false));
    Bounds {
        upper,
        lower,
        missing,
    }
}

/// The rule's named detections in an order of their own.
fn sorted(rule: &SigmaRule) -> BTreeMap<&String, &Detection> {
    rule.detection.named.iter().collect()
}

/// The names of the two sides of a detection; detections that need kept fields only keep one name.
fn side_name(name: &str, inexact: bool, up: bool) -> String {
    match (inexact, up) {
        (false, _) => name.to_owned(),
        (true, true) => format!("{name}:upper"),
        (true, false) => format!("{name}:lower"),
    }
}

fn one(
    rule: &SigmaRule,
    known: &Known<'_>,
    inexact: &BTreeSet<String>,
    up: bool,
) -> Folded<SigmaRule> {
    let mut named = HashMap::new();
    let mut constant = HashMap::new();
    for (name, detection) in sorted(rule) {
        let is_inexact = inexact.contains(name);
        for up in [true, false] {
            let key = side_name(name, is_inexact, up);
            match side(detection, known, up, &mut BTreeSet::new()) {
                Folded::Always(value) => {
                    constant.insert(key, value);
                }
                Folded::Of(detection) => {
                    named.insert(key, detection);
                }
            }
        }
    }
    let names: BTreeSet<&str> = rule.detection.named.keys().map(String::as_str).collect();
    let fold = Fold {
        names: &names,
        inexact,
        constant: &constant,
    };
    let conditions = rule
        .detection
        .conditions
        .iter()
        .map(|condition| fold.condition(condition, up))
        .collect();
    match any(conditions) {
        Folded::Always(value) => Folded::Always(value),
        Folded::Of(condition) => Folded::Of(SigmaRule {
            detection: Detections {
                named,
                condition_strings: vec![condition.to_string()],
                conditions: vec![condition],
                timeframe: None,
            },
            custom_attributes: HashMap::new(),
            ..rule.clone()
        }),
    }
}

struct Fold<'f> {
    names: &'f BTreeSet<&'f str>,
    inexact: &'f BTreeSet<String>,
    constant: &'f HashMap<String, bool>,
}

impl Fold<'_> {
    fn condition(&self, condition: &ConditionExpr, up: bool) -> Folded<ConditionExpr> {
        match condition {
            ConditionExpr::And(inner) => {
                all(inner.iter().map(|one| self.condition(one, up)).collect())
            }
            ConditionExpr::Or(inner) => {
                any(inner.iter().map(|one| self.condition(one, up)).collect())
            }
            ConditionExpr::Not(inner) => match self.condition(inner, !up) {
                Folded::Always(value) => Folded::Always(!value),
                Folded::Of(inner) => Folded::Of(ConditionExpr::Not(Box::new(inner))),
            },
            ConditionExpr::Identifier(name) => self.identifier(name, up),
            ConditionExpr::Selector {
                quantifier,
                pattern,
            } => self.selector(quantifier, pattern, up),
        }
    }

    fn identifier(&self, name: &str, up: bool) -> Folded<ConditionExpr> {
        let key = side_name(name, self.inexact.contains(name), up);
        match self.constant.get(&key) {
            Some(value) => Folded::Always(*value),
            None => Folded::Of(ConditionExpr::Identifier(key)),
        }
    }

    fn selector(
        &self,
        quantifier: &Quantifier,
        pattern: &SelectorPattern,
        up: bool,
    ) -> Folded<ConditionExpr> {
        let chosen: Vec<&str> = self
            .names
            .iter()
            .copied()
            .filter(|name| pattern.matches_detection_name(name))
            .collect();
        let each = || {
            chosen
                .iter()
                .map(|name| self.identifier(name, up))
                .collect()
        };
        match quantifier {
            Quantifier::Any => any(each()),
            Quantifier::All => all(each()),
            // A count of things that are all known stands as it is; the sides of unknown ones have other names.
            Quantifier::Count(count) if chosen.iter().all(|name| !self.inexact.contains(*name)) => {
                Folded::Of(ConditionExpr::Selector {
                    quantifier: Quantifier::Count(*count),
                    pattern: pattern.clone(),
                })
            }
            // Too many ways to count unknown things: nothing is claimed.
            Quantifier::Count(_) => Folded::Always(up),
        }
    }
}

fn all(parts: Vec<Folded<ConditionExpr>>) -> Folded<ConditionExpr> {
    join(parts, true, ConditionExpr::And)
}

fn any(parts: Vec<Folded<ConditionExpr>>) -> Folded<ConditionExpr> {
    join(parts, false, ConditionExpr::Or)
}

/// Joins parts of which one that is `!neutral` decides all, and those that are `neutral` say nothing.
fn join<T>(parts: Vec<Folded<T>>, neutral: bool, whole: impl Fn(Vec<T>) -> T) -> Folded<T> {
    let mut rest = Vec::new();
    for part in parts {
        match part {
            Folded::Always(value) if value == neutral => {}
            Folded::Always(value) => return Folded::Always(value),
            Folded::Of(part) => rest.push(part),
        }
    }
    match rest.len() {
        0 => Folded::Always(neutral),
        1 => rest.pop().map_or(Folded::Always(neutral), Folded::Of),
        _ => Folded::Of(whole(rest)),
    }
}

/// One side of a detection; what it needs and rows do not hold goes to `missing`.
fn side(
    detection: &Detection,
    known: &Known<'_>,
    up: bool,
    missing: &mut BTreeSet<String>,
) -> Folded<Detection> {
    match detection {
        Detection::AllOf(items) => {
            let mut kept = Vec::new();
            let mut lost = false;
            for one in items {
                match item(one, known, missing) {
                    Some(one) => kept.push(one),
                    None => lost = true,
                }
                // The fields that are kept can be searched for a keyword, the others cannot.
                if one.field.name.is_none() {
                    missing.insert(KEYWORDS.to_owned());
                    lost = lost || up;
                    if up {
                        kept.pop();
                    }
                }
            }
            if lost && !up {
                Folded::Always(false)
            } else if kept.is_empty() {
                Folded::Always(true)
            } else {
                Folded::Of(Detection::AllOf(kept))
            }
        }
        Detection::AnyOf(inner) => join(
            inner.iter().map(|d| side(d, known, up, missing)).collect(),
            false,
            Detection::AnyOf,
        ),
        Detection::And(inner) => join(
            inner.iter().map(|d| side(d, known, up, missing)).collect(),
            true,
            Detection::And,
        ),
        Detection::Keywords(_) => {
            missing.insert(KEYWORDS.to_owned());
            if up {
                Folded::Always(true)
            } else {
                Folded::Of(detection.clone())
            }
        }
        Detection::ArrayMatch {
            field,
            quantifier,
            body,
        } => {
            if plain_members(body)
                && let Some(name) = (known.field)(field)
            {
                Folded::Of(Detection::ArrayMatch {
                    field: name,
                    quantifier: *quantifier,
                    body: body.clone(),
                })
            } else {
                missing.insert(field.clone());
                Folded::Always(up)
            }
        }
        Detection::Conditional { .. } => {
            missing.insert(KEYWORDS.to_owned());
            Folded::Always(up)
        }
    }
}

/// Whether a block over an array looks at its members as texts; rows keep no more of an array.
fn plain_members(body: &Detection) -> bool {
    matches!(body, Detection::AllOf(items) if items.iter().all(|item| item.field.name.is_none()))
}

/// `item` under the name rows hold it by; none when they never do.
fn item(
    item: &DetectionItem,
    known: &Known<'_>,
    missing: &mut BTreeSet<String>,
) -> Option<DetectionItem> {
    let Some(name) = &item.field.name else {
        return Some(item.clone());
    };
    let mut found = item.clone();
    let Some(column) = (known.field)(name) else {
        missing.insert(name.clone());
        return None;
    };
    found.field.name = Some(column);
    for value in &mut found.values {
        let SigmaValue::String(text) = value else {
            continue;
        };
        if item.field.has_modifier(Modifier::FieldRef) {
            let Some(other) = (known.field)(&text.original) else {
                missing.insert(text.original.clone());
                return None;
            };
            *value = SigmaValue::String(SigmaString::from_raw(&other));
        } else if !item.field.has_modifier(Modifier::Re) && (known.masked)(&text.original) {
            missing.insert(format!("{name} (its value is masked in the tables)"));
            return None;
        }
    }
    Some(found)
}
