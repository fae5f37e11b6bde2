//! The register: the validated content of `case.toml`, free of spans, files and spelling.
//!
//! Every list that is a set in meaning is sorted and without repeats, so two files that say the same
//! give the same register. It refuses to hold anything that was not written in the file or is not a
//! default of METHOD section 2.3.

use crate::claim::Claim;
use crate::coverage::{ControlTotal, Withheld};
use crate::decimal::Decimal;
use crate::source::{Authentication, Source};
use crate::words::words;
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use std::fmt;

/// The validated content of `case.toml`.
///
/// Parties, sources, predicates and claims are sorted by id; relations and authentications by their
/// content. References between them are checked: every id named exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Register {
    /// `[case]`.
    pub case: Case,
    /// `[scope]`.
    pub scope: Scope,
    /// `[[party]]`, sorted by id.
    pub parties: Vec<Party>,
    /// `[[relation]]`, sorted by from, kind, to and period.
    pub relations: Vec<Relation>,
    /// `[[source]]`, sorted by id.
    pub sources: Vec<Source>,
    /// `[[authentication]]`, sorted by source, party, method and date.
    pub authentications: Vec<Authentication>,
    /// `[[control_total]]`, sorted by source, what, account, month, party, date and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub control_totals: Vec<ControlTotal>,
    /// `[[withheld]]`, sorted by content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
    /// `[[predicate]]`, sorted by id.
    pub predicates: Vec<Predicate>,
    /// `[[claim]]`, sorted by id.
    pub claims: Vec<Claim>,
    /// `[standard]` with the defaults of METHOD section 2.3 filled in.
    pub standard: Standard,
}

/// `[case]`: what this case is called and who may see its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Short name, `[a-z0-9-]`; part of file names.
    pub id: String,
    /// Title printed on page one.
    pub title: String,
    /// The day the case was opened.
    #[serde(serialize_with = "as_text")]
    pub opened: Date,
    /// The earliest public or internal notice of the dispute (METHOD 6.3 and 18, point 29c); decides
    /// which cures count as precommitted.
    #[serde(
        serialize_with = "as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub dispute_date: Option<Date>,
    /// Who may see the result; `private` when the file does not say.
    pub disclosure: Disclosure,
    /// Whether everything in the case is invented; printed throughout. Default false.
    pub fictional: bool,
    /// `[case.authority]`, printed on page one.
    pub authority: Authority,
}

/// `[case.authority]`: by what right these records are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Authority {
    /// Who may read these records.
    pub who: String,
    /// On what basis.
    pub basis: String,
    /// Who approved it.
    pub approved_by: String,
    /// The last day on which it holds.
    #[serde(serialize_with = "as_text")]
    pub until: Date,
}

words! {
    /// Who may see the result of the case (DESIGN section 4).
    pub enum Disclosure {
        /// Only those who run the case.
        Private = "private",
        /// The parties named in it.
        Parties = "parties",
        /// Anyone.
        Public = "public",
    }
}

/// `[scope]`: what is reviewed, over which half-open period in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// First day, from 00:00 UTC.
    #[serde(serialize_with = "as_text")]
    pub from: Date,
    /// First day no longer in the scope; always after `from`.
    #[serde(serialize_with = "as_text")]
    pub to: Date,
    /// Accounts under review, sorted; never empty.
    pub accounts: Vec<Account>,
    /// Restricts the scope to these stores when not empty; sorted, each in one of the accounts.
    pub stores: Vec<StoreRef>,
    /// What a unit weighs when coverage is given by measure (METHOD section 3).
    pub measure: Measure,
}

words! {
    /// What a unit weighs (METHOD section 3).
    pub enum Measure {
        /// Every unit weighs one.
        Count = "count",
        /// A unit weighs the bytes it held times the hours it held them.
        ByteHours = "byte_hours",
    }
}

/// `provider/account`, for example `aws/111122223333`; on Azure the account is the storage account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The provider's short name in lower case, for example `aws`, `azure`, `gcp`.
    pub provider: String,
    /// The account, as the provider's records write it.
    pub account: String,
}

impl Account {
    /// Reads `provider/account`; `None` when it is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let (provider, account) = text.split_once('/')?;
        let fits = is_id(provider) && is_plain_name(account);
        fits.then(|| Self {
            provider: provider.to_owned(),
            account: account.to_owned(),
        })
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.account)
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `provider/account/container`: one store (DESIGN section 3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreRef {
    /// The account that holds the store.
    pub account: Account,
    /// The bucket or container name.
    pub container: String,
}

impl StoreRef {
    /// Reads `provider/account/container`; `None` when it is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let (account, container) = text.rsplit_once('/')?;
        let account = Account::parse(account)?;
        is_plain_name(container).then(|| Self {
            account,
            container: container.to_owned(),
        })
    }
}

impl fmt::Display for StoreRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.container)
    }
}

impl Serialize for StoreRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `[[party]]`: an organisation or person with a role in the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Short name, `[a-z0-9-]`; different from every source and claim id.
    pub id: String,
    /// The name as printed.
    pub name: String,
    /// Organisation or person.
    pub kind: PartyKind,
    /// A free word that is printed and never computed with, for example `provider` or `reviewer`.
    pub role: String,
    /// Mail addresses that become this party's id in the tables; lower case, sorted.
    pub addresses: Vec<String>,
    /// Domains of which any address becomes this party's id; exact addresses win. Lower case, sorted.
    pub domains: Vec<String>,
}

words! {
    /// What a party is.
    pub enum PartyKind {
        /// A company, authority, newsroom, team or other body.
        Organisation = "organisation",
        /// A natural person, in a declared role.
        Person = "person",
    }
}

/// `[[relation]]`: a declared tie between two parties, with its period (METHOD 6.2).
///
/// Interest follows from these alone: a tie is declared or it does not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Relation {
    /// The party that has the tie.
    pub from: String,
    /// What the tie is.
    pub kind: RelationKind,
    /// The party the tie is with; absent only for `anonymous`, which is about `from` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// First day of the tie; open when absent.
    #[serde(
        serialize_with = "as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub from_date: Option<Date>,
    /// First day without the tie; open when absent.
    #[serde(
        serialize_with = "as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub to_date: Option<Date>,
}

impl Relation {
    /// Whether the tie held on `day`; its period is half-open.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from_date.is_none_or(|from| from <= day) && self.to_date.is_none_or(|to| day < to)
    }
}

words! {
    /// The ties METHOD 6.2 draws interest from; no others are accepted.
    pub enum RelationKind {
        /// `from` works for `to`.
        EmployedBy = "employed_by",
        /// `from` is owned by `to`.
        OwnedBy = "owned_by",
        /// `from` is paid by `to`.
        PaidBy = "paid_by",
        /// `from` is legal counsel to `to`.
        CounselTo = "counsel_to",
        /// `from` is a subsidiary of `to`.
        SubsidiaryOf = "subsidiary_of",
        /// `from` buys from `to`.
        CustomerOf = "customer_of",
        /// `from` is in active litigation against `to`.
        LitigantAgainst = "litigant_against",
        /// `from` competes with `to`.
        CompetitorOf = "competitor_of",
        /// `from` gains when the shares of `to` fall.
        ShortSellerOf = "short_seller_of",
        /// `from` audits `to`.
        AuditorOf = "auditor_of",
        /// `from` is a team inside `to`.
        TeamOf = "team_of",
        /// The ties of `from` are undisclosed: its interest is Unknown.
        Anonymous = "anonymous",
    }
}

/// `[[predicate]]`: a user's own test, in SQL over the evidence views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Predicate {
    /// Short name.
    pub id: String,
    /// Whether records show it directly (METHOD section 1).
    pub kind: PredicateKind,
    /// What it tests, in plain English.
    pub text: String,
    /// The query; rows returned are hits. Never empty.
    pub sql: String,
}

words! {
    /// Whether a correct record shows the thing itself or only hints at it (METHOD section 1).
    pub enum PredicateKind {
        /// A correct record shows it directly.
        Observable = "observable",
        /// Only indicators in records can suggest it; sensitivity must be measured.
        Latent = "latent",
    }
}

/// `[standard]`: METHOD section 2.3, with its defaults where the file is silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_field_names)] // `standard` is the key of METHOD 2.3 and of the file.
pub struct Standard {
    /// Total error probability of a bound; 0.05.
    pub alpha: Decimal,
    /// Detection power a capability needs (pi*); 0.95.
    pub power: Decimal,
    /// Reach an absence needs, by count and by measure (c*); 0.95.
    pub reach: Decimal,
    /// Continuity a log needs (g*); 0.99.
    pub continuity: Decimal,
    /// The standard of the headline; corroborated.
    pub standard: StandardName,
    /// Level of independence: 0 source, 1 custodian, 2 controller (METHOD 6.1); 1.
    pub level: u8,
    /// Share of the units power is computed for (D*); 0.01.
    pub design_share: Decimal,
    /// Largest set of sources removed when asking what a verdict rests on (K, METHOD 9.2); 3.
    pub removal_depth: u8,
    /// Floor of the tolerance tau, in GiB-months (METHOD 5.2); 1.
    pub tau_floor_gib_month: Decimal,
    /// Share of the billed quantity that tau allows (METHOD 5.2); 0.005.
    pub tau_share: Decimal,
    /// Units a literal "none" tolerates; 0.
    pub d_tol: u64,
    /// Resolution a closed frame tolerates, in GiB-months; tau when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub m_tol_gib_month: Option<Decimal>,
}

impl Default for Standard {
    fn default() -> Self {
        let decimal =
            |text: &str| Decimal::parse(text).expect("a default of METHOD 2.3 is a plain decimal");
        Self {
            alpha: decimal("0.05"),
            power: decimal("0.95"),
            reach: decimal("0.95"),
            continuity: decimal("0.99"),
            standard: StandardName::Corroborated,
            level: 1,
            design_share: decimal("0.01"),
            removal_depth: 3,
            tau_floor_gib_month: decimal("1"),
            tau_share: decimal("0.005"),
            d_tol: 0,
            m_tol_gib_month: None,
        }
    }
}

words! {
    /// The proof standards of METHOD section 8.
    pub enum StandardName {
        /// Anything at all; for triage, never a headline.
        Any = "any",
        /// One qualifying line, and more than the other side.
        Balance = "balance",
        /// Two separate qualifying lines against at most a scintilla.
        Corroborated = "corroborated",
        /// Corroborated across organisations, full reach and no open challenge.
        Exhaustive = "exhaustive",
    }
}

impl Register {
    /// The party with this id.
    pub fn party(&self, id: &str) -> Option<&Party> {
        by_id(&self.parties, id, |party| &party.id)
    }

    /// The source with this id.
    pub fn source(&self, id: &str) -> Option<&Source> {
        by_id(&self.sources, id, |source| &source.id)
    }

    /// The predicate with this id.
    pub fn predicate(&self, id: &str) -> Option<&Predicate> {
        by_id(&self.predicates, id, |predicate| &predicate.id)
    }

    /// The claim with this id.
    pub fn claim(&self, id: &str) -> Option<&Claim> {
        by_id(&self.claims, id, |claim| &claim.id)
    }

    /// The authentications of one source.
    pub fn authentications_of<'a>(
        &'a self,
        source: &'a str,
    ) -> impl Iterator<Item = &'a Authentication> {
        self.authentications
            .iter()
            .filter(move |entry| entry.source == source)
    }
}

/// Lists are sorted by id, so a lookup is a binary search.
fn by_id<'a, T>(list: &'a [T], id: &str, key: impl Fn(&T) -> &String) -> Option<&'a T> {
    list.binary_search_by(|entry| key(entry).as_str().cmp(id))
        .ok()
        .map(|at| &list[at])
}

/// Whether `text` is a short name: `[a-z0-9-]`, not empty, at most 64 long.
pub(crate) fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}

/// Whether `text` can stand between the slashes of a unit id.
fn is_plain_name(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(['/', '*'])
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Serializes a date or time through its `Display`, which is its ISO form.
pub(crate) fn as_text<T: fmt::Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// [`as_text`] for an optional value.
#[allow(clippy::ref_option)] // serde calls it with a reference to the field, whatever its type.
pub(crate) fn as_optional_text<T: fmt::Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
