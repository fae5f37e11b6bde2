//! `case.toml`, `exhibits.toml` and `README.txt` of the demo, as a careful person would have
//! written them: short, commented, with the digests of the bytes that were authenticated.

use std::fmt::Write as _;

use super::records::{LEAK_AT, SourceFiles};
use super::statements::{SALES_PLACE, SALES_QUOTE, SUPPORT_PLACE, SUPPORT_QUOTE};
use super::{DemoOptions, Variant};

const CASE: &str = r#"# A FICTIONAL CASE. The organisations, people, accounts and records in this folder do not exist.
#
# The story: reporters asked a provider what one of its customers keeps with it. The provider
# answered with assurances and with a list. This case asks what the records say.

[case]
id = "demo"
title = "What does the Bureau of Signals keep at Halden Cloud? (fictional)"
opened = 2025-08-01
dispute_date = 2025-06-10             # the day the reporters' questions arrived
disclosure = "public"
fictional = true

[case.authority]
who = "the review panel (fictional) and those it names"
basis = "an agreement of both customers and the provider to this review (fictional)"
approved_by = "the panel's chair (fictional)"
until = 2026-12-31

[scope]
from = 2025-01-01
to = 2025-04-01
accounts = ["aws/111122223333", "aws/444455556666"]
measure = "byte_hours"

# Who is who. Ties are declared below and never guessed.

[[party]]
id = "provider"
name = "Halden Cloud (fictional)"
kind = "organisation"
role = "provider"
domains = ["halden.example"]

[[party]]
id = "provider-storage"
name = "Halden Cloud, storage team (fictional)"
kind = "organisation"
role = "team"

[[party]]
id = "provider-finance"
name = "Halden Cloud, finance team (fictional)"
kind = "organisation"
role = "team"

[[party]]
id = "provider-telemetry"
name = "Halden Cloud, telemetry team (fictional)"
kind = "organisation"
role = "team"

[[party]]
id = "provider-sales"
name = "Halden Cloud, sales team (fictional)"
kind = "organisation"
role = "team"
domains = ["sales.halden.example"]

[[party]]
id = "provider-support"
name = "Halden Cloud, support team (fictional)"
kind = "organisation"
role = "team"
domains = ["support.halden.example"]

[[party]]
id = "account-lead"
name = "The account lead (fictional)"
kind = "person"
role = "account lead of the Bureau"
addresses = ["account-lead@sales.halden.example"]

[[party]]
id = "support-engineer"
name = "The support engineer (fictional)"
kind = "person"
role = "support engineer"
addresses = ["engineer@support.halden.example"]

[[party]]
id = "bureau"
name = "Bureau of Signals (fictional)"
kind = "organisation"
role = "tenant"
domains = ["bureau.example"]

[[party]]
id = "bakery"
name = "Tern Bakery (fictional)"
kind = "organisation"
role = "tenant"
domains = ["bakery.example"]

[[party]]
id = "lindqvist-audit"
name = "Lindqvist Audit (fictional)"
kind = "organisation"
role = "auditor"
domains = ["lindqvist-audit.example"]

[[party]]
id = "newsroom"
name = "The Harbour Lamp newsroom (fictional)"
kind = "organisation"
role = "press"
domains = ["harbour-lamp.example"]

[[party]]
id = "panel"
name = "The review panel (fictional)"
kind = "organisation"
role = "reviewer"
domains = ["panel.example"]

[[relation]]
from = "provider-storage"
kind = "team_of"
to = "provider"

[[relation]]
from = "provider-finance"
kind = "team_of"
to = "provider"

[[relation]]
from = "provider-telemetry"
kind = "team_of"
to = "provider"

[[relation]]
from = "provider-sales"
kind = "team_of"
to = "provider"

[[relation]]
from = "provider-support"
kind = "team_of"
to = "provider"

[[relation]]
from = "account-lead"
kind = "employed_by"
to = "provider"
from_date = 2023-03-01

[[relation]]
from = "support-engineer"
kind = "employed_by"
to = "provider"
from_date = 2021-09-01

[[relation]]
from = "bureau"
kind = "customer_of"
to = "provider"
from_date = 2022-05-01
"#;

/// What the register says of one source.
struct Entry {
    id: &'static str,
    comment: &'static str,
    format: &'static str,
    kind: &'static str,
    custodian: &'static str,
    controller: &'static str,
    /// Further lines, as they stand in the file.
    more: &'static str,
    /// The party that declares these bytes to be the original record, if any does.
    authenticated_by: Option<&'static str>,
}

const ENTRIES: [Entry; 8] = [
    Entry {
        id: "inventory-tenant",
        comment: "The list the provider handed over: weekly inventories of the Bureau's stores.",
        format: "s3-inventory",
        kind: "system-record",
        custodian: "provider-storage",
        controller: "provider",
        more: "delivery = \"guaranteed\"\naccount = \"aws/111122223333\"\nregion = \"eu-central-1\"\n",
        authenticated_by: Some("provider-storage"),
    },
    Entry {
        id: "inventory-bakery",
        comment: "Weekly inventories of the bakery's stores.",
        format: "s3-inventory",
        kind: "system-record",
        custodian: "provider-storage",
        controller: "provider",
        more: "delivery = \"guaranteed\"\naccount = \"aws/444455556666\"\nregion = \"eu-central-1\"\n",
        authenticated_by: Some("provider-storage"),
    },
    Entry {
        id: "audit-listing",
        comment: "The bakery's stores again, listed by an auditor on the system itself.",
        format: "s3-inventory",
        kind: "system-record",
        custodian: "lindqvist-audit",
        controller: "lindqvist-audit",
        more: "delivery = \"guaranteed\"\naccount = \"aws/444455556666\"\nregion = \"eu-central-1\"\n\
               cure = \"independent-extraction\"\ncure_party = \"lindqvist-audit\"\n\
               cure_date = 2025-04-07\n",
        authenticated_by: Some("lindqvist-audit"),
    },
    Entry {
        id: "leaked-listing",
        comment: "A sheet that reached a newsroom. Nobody vouches for it.",
        format: "table",
        kind: "system-record",
        custodian: "newsroom",
        controller: "newsroom",
        more: "protected = false\n",
        authenticated_by: None,
    },
    Entry {
        id: "invoices",
        comment: "What both customers were billed, by month and region. Names no store.",
        format: "focus",
        kind: "business-record",
        custodian: "provider-finance",
        controller: "provider",
        more: "delivery = \"guaranteed\"\n",
        authenticated_by: Some("provider-finance"),
    },
    Entry {
        id: "metering-tenant",
        comment: "Bytes stored by the Bureau's account, metered daily. Names no store.",
        format: "cloudwatch-metrics",
        kind: "system-record",
        custodian: "provider-telemetry",
        controller: "provider",
        more: "",
        authenticated_by: Some("provider-telemetry"),
    },
    Entry {
        id: "mail-sales",
        comment: "The sales team's mail about the reporters' questions.",
        format: "mail",
        kind: "statement",
        custodian: "provider-sales",
        controller: "provider",
        more: "",
        authenticated_by: Some("provider-sales"),
    },
    Entry {
        id: "mail-support",
        comment: "The support team's mail.",
        format: "mail",
        kind: "statement",
        custodian: "provider-support",
        controller: "provider",
        more: "",
        authenticated_by: Some("provider-support"),
    },
];

const LIST_CLAIM: &str = r#"
[[claim]]
id = "C1"
text = "The inventory we handed over is the full list of this customer's stores."
claimant = ["provider"]
stated_at = 2025-06-20
template = "full-list-of-stores"
list = ["inventory-tenant"]
about = ["bureau"]
accounts = ["aws/111122223333"]
"#;

const CLAIMS: &str = r#"
[[claim]]
id = "C2"
text = "We found no evidence that the customer stores recorded calls with us."
claimant = ["provider"]
stated_at = 2025-06-20
template = "no-evidence-of recorded_calls"
about = ["bureau"]
accounts = ["aws/111122223333"]

# Said of nine months; the bills of this case cover the last three of them.
[[claim]]
id = "C3"
text = "The customer has not used our speech services since July 2024."
claimant = ["provider"]
stated_at = 2025-06-20
template = "not-a-customer-of speech"
about = ["bureau"]
accounts = ["aws/111122223333"]
from = 2024-07-01
to = 2025-04-01

[[claim]]
id = "C4"
text = "None of our data is kept in the north region."
claimant = ["bakery"]
stated_at = 2025-07-01
template = "not-in-region eu-north-1"
accounts = ["aws/444455556666"]

[[claim]]
id = "C5"
text = "Until the reporters wrote to us, the account lead was not aware of the archive."
claimant = ["provider"]
stated_at = 2025-06-27
template = "unaware-until 2025-06-10"
persons = ["account-lead"]
topic = "the Bureau's archive store"
about = ["bureau"]
accounts = ["aws/111122223333"]
"#;

/// The text of `case.toml`.
pub(super) fn case(sources: &[SourceFiles], options: &DemoOptions) -> String {
    let mut text = String::from(CASE);
    text.push_str("\n# The records, who kept them, and where they lie.\n");
    // Writing to a String cannot fail, here and below.
    for (entry, _) in declared(sources) {
        let _ = write!(
            text,
            "\n# {}\n[[source]]\nid = \"{id}\"\nformat = \"{}\"\nfiles = [\"sources/{id}\"]\n\
             kind = \"{}\"\ncustodian = \"{}\"\ncontroller = \"{}\"\n\
             acquired_at = 2025-07-15T00:00:00Z\n{}",
            entry.comment,
            entry.format,
            entry.kind,
            entry.custodian,
            entry.controller,
            entry.more,
            id = entry.id,
        );
        if entry.format == "table" {
            text.push_str(&leak_map());
        }
    }
    text.push_str(
        "\n# Who declares which bytes to be the original record. Other bytes stay unverified.\n",
    );
    for (entry, source) in declared(sources) {
        if let Some(party) = entry.authenticated_by {
            let _ = write!(
                text,
                "\n[[authentication]]\nsource = \"{}\"\nparty = \"{party}\"\n\
                 method = \"custodian-declaration\"\ndate = 2025-07-15\ndigest = \"{}\"\n",
                entry.id,
                source.digest(),
            );
        }
    }
    text.push_str("\n# What was said.\n");
    if options.variant.lists() {
        text.push_str(LIST_CLAIM);
    }
    text.push_str(CLAIMS);
    text
}

/// The register's entries of the sources that this case has, in the order of the entries.
fn declared(sources: &[SourceFiles]) -> impl Iterator<Item = (&'static Entry, &SourceFiles)> {
    ENTRIES.iter().filter_map(|entry| {
        let source = sources.iter().find(|source| source.id == entry.id)?;
        Some((entry, source))
    })
}

fn leak_map() -> String {
    format!(
        "[source.map]\ntable = \"objects\"\nheader_row = 1\n[source.map.columns]\n\
         provider = {{ value = \"aws\" }}\naccount = {{ value = \"111122223333\" }}\n\
         region = {{ value = \"eu-north-1\" }}\nsnapshot_at = {{ value = \"{}\" }}\n\
         state = {{ value = \"current\" }}\ncontainer = \"Bucket name\"\nkey = \"Object\"\n\
         size = {{ column = \"Size (bytes)\", unit = \"B\" }}\nmodified_at = \"Uploaded\"\n",
        LEAK_AT.1
    )
}

/// The text of `exhibits.toml`: the two assurances, and nothing else, speak to claim C3.
pub(super) fn exhibits() -> String {
    let mut text =
        String::from("# Passages marked by the review panel (fictional, as is everything here).\n");
    for (id, source, place, quote) in [
        ("E1", "mail-sales", SALES_PLACE, SALES_QUOTE),
        ("E2", "mail-support", SUPPORT_PLACE, SUPPORT_QUOTE),
    ] {
        let _ = write!(
            text,
            "\n[[exhibit]]\nid = \"{id}\"\nclaim = \"C3\"\nside = \"for\"\nsource = \"{source}\"\n\
             file = \"{}\"\nrow = {}\nquote = \"{quote}\"\nscheme = \"testimony\"\n\
             marked_by = \"panel\"\ndate = 2025-08-04\n",
            place.0, place.1
        );
    }
    text
}

/// The text of `README.txt`.
pub(super) fn readme(options: &DemoOptions) -> String {
    let variant = match options.variant {
        Variant::Full => "all records",
        Variant::NoInventory => "no listing of any store",
        Variant::NoInvoices => "no bills",
    };
    format!(
        "FICTIONAL. Nothing in this folder is about a real organisation, person or account.\n\n\
         A demonstration case for Plainview, made by its record generator from seed {}\n\
         ({variant}). The record files have the formats of real providers' records; the account\n\
         numbers, domains and telephone numbers in them are ones that are assigned to nobody.\n\n\
         case.toml       what is asked, of whom, over what scope\n\
         exhibits.toml   passages marked for or against a claim\n\
         sources/        the record files\n\
         truth.json      what the makers know; no review reads it\n",
        options.seed
    )
}
