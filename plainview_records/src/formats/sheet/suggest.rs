//! Drafts a `[source.map]` from the header of a sheet, for `plainview records --suggest-map`.
//!
//! Headers are matched by a list of synonyms, never by their values: a draft is a question to the
//! person who knows the sheet, and every guess and every header left over is written as a comment.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::locale::unit_factor;

/// Table, column, the words a header for it is known by (lower case, letters and digits only).
#[rustfmt::skip]
const SYNONYMS: &[(&str, &str, &[&str])] = &[
    ("objects", "provider", &["provider", "cloud"]),
    ("objects", "account", &["account", "accountid", "storageaccount", "accountname", "konto", "compte"]),
    ("objects", "container", &["container", "bucket", "bucketname", "containername", "store", "behalter", "eimer"]),
    ("objects", "region", &["region", "location", "awsregion", "standort"]),
    ("objects", "key", &["key", "object", "objectkey", "objectname", "blobname", "blob", "name", "path", "filename", "file", "datei", "dateiname", "schlussel", "fichier", "nom", "objekt", "objektname", "pfad"]),
    ("objects", "version_id", &["versionid", "version", "versionsid"]),
    ("objects", "state", &["state", "status", "zustand"]),
    ("objects", "size", &["size", "sizebytes", "bytes", "contentlength", "length", "filesize", "grosse", "dateigrosse", "taille"]),
    ("objects", "created_at", &["created", "createdat", "creationtime", "creationdate", "erstellt", "cree"]),
    ("objects", "modified_at", &["modified", "modifiedat", "lastmodified", "lastmodifieddate", "modifieddate", "date", "geandert", "anderungsdatum", "modifie"]),
    ("objects", "etag", &["etag"]),
    ("objects", "content_type", &["contenttype", "mimetype", "type", "inhaltstyp", "dateityp"]),
    ("objects", "tier", &["tier", "storageclass", "accesstier", "class", "speicherklasse", "zugriffsebene"]),
    ("metering", "account", &["account", "accountid", "storageaccount", "accountname", "konto"]),
    ("metering", "container", &["container", "bucket", "bucketname", "behalter"]),
    ("metering", "region", &["region", "location", "awsregion", "standort"]),
    ("metering", "meter", &["meter", "metric", "metricname", "messgrosse", "messwert", "zahler"]),
    ("metering", "tier", &["tier", "storagetype", "storageclass", "accesstier"]),
    ("metering", "start_at", &["start", "startat", "starttime", "timestamp", "time", "day", "date", "datum", "von", "from", "beginn"]),
    ("metering", "end_at", &["end", "endat", "endtime", "bis", "to", "ende"]),
    ("metering", "statistic", &["statistic", "aggregation", "statistik"]),
    ("metering", "value", &["value", "average", "total", "sum", "reading", "wert", "valeur"]),
    ("charges", "provider", &["provider", "providername", "cloud"]),
    ("charges", "billing_account", &["billingaccount", "billingaccountid", "payeraccount", "payeraccountid", "abrechnungskonto", "zahlerkonto"]),
    ("charges", "account", &["account", "accountid", "subaccountid", "usageaccountid", "linkedaccount", "linkedaccountid", "konto", "mitgliedskonto"]),
    ("charges", "container", &["container", "bucket", "bucketname", "behalter"]),
    ("charges", "region", &["region", "regionid", "location", "standort"]),
    ("charges", "resource_id", &["resource", "resourceid", "instanceid", "ressource", "ressourcenid"]),
    ("charges", "service_category", &["servicecategory", "servicefamily", "metercategory", "dienstkategorie"]),
    ("charges", "service_name", &["service", "servicename", "product", "productname", "dienst", "dienstname", "produkt"]),
    ("charges", "charge_category", &["chargecategory", "chargetype", "lineitemtype"]),
    ("charges", "description", &["description", "chargedescription", "item", "beschreibung", "leistung", "designation"]),
    ("charges", "sku_id", &["sku", "skuid", "meterid"]),
    ("charges", "sku_meter", &["skumeter", "metername", "usagetype"]),
    ("charges", "invoice_id", &["invoice", "invoiceid", "invoicenumber", "invoiceno", "rechnung", "rechnungsnummer", "facture"]),
    ("charges", "invoice_issuer", &["invoiceissuer", "invoiceissuername", "issuer", "vendor", "supplier", "aussteller", "rechnungssteller"]),
    ("charges", "billing_start", &["billingstart", "billingperiodstart", "billingperiodstartdate"]),
    ("charges", "billing_end", &["billingend", "billingperiodend", "billingperiodenddate"]),
    ("charges", "charge_start", &["chargestart", "chargeperiodstart", "usagestart", "usagestartdate", "start", "from", "date", "datum", "von", "beginn"]),
    ("charges", "charge_end", &["chargeend", "chargeperiodend", "usageend", "usageenddate", "end", "to", "bis", "ende"]),
    ("charges", "consumed_quantity", &["consumedquantity", "usage", "usageamount", "usagequantity", "quantity", "menge", "quantite", "verbrauch", "verbrauchsmenge"]),
    ("charges", "consumed_unit", &["consumedunit", "unit", "unitofmeasure", "einheit", "unite", "masseinheit"]),
    ("charges", "billed_cost", &["billedcost", "cost", "amount", "total", "charge", "costinbillingcurrency", "betrag", "kosten", "montant", "cout", "gesamtbetrag", "summe"]),
    ("charges", "effective_cost", &["effectivecost", "amortizedcost"]),
    ("charges", "list_cost", &["listcost"]),
    ("charges", "currency", &["currency", "billingcurrency", "currencycode", "billingcurrencycode", "wahrung", "devise"]),
    ("requests", "account", &["account", "accountid", "storageaccount", "accountname", "bucketowner", "konto"]),
    ("requests", "container", &["container", "bucket", "bucketname", "containername", "behalter"]),
    ("requests", "region", &["region", "awsregion", "location", "standort"]),
    ("requests", "key", &["key", "object", "objectkey", "objectname", "blobname", "blob", "path", "file", "filename", "datei", "dateiname", "schlussel", "objekt"]),
    ("requests", "at", &["time", "timestamp", "requesttime", "eventtime", "timegenerated", "datetime", "date", "zeit", "zeitpunkt", "zeitstempel", "datum", "uhrzeit"]),
    ("requests", "operation", &["operation", "operationname", "request", "method", "httpmethod", "anfrage", "vorgang", "methode"]),
    ("requests", "verb", &["verb", "action", "aktion"]),
    ("requests", "status", &["status", "statuscode", "httpstatus", "antwortcode"]),
    ("requests", "error", &["error", "errorcode", "fehler", "fehlercode"]),
    ("requests", "bytes_out", &["bytesout", "bytessent", "sentbytes", "responsebytes", "responsebodysize", "gesendet", "gesendetebytes"]),
    ("requests", "bytes_in", &["bytesin", "bytesreceived", "receivedbytes", "requestbodysize", "empfangen", "empfangenebytes"]),
    ("requests", "object_bytes", &["objectsize", "objectbytes", "objektgrosse"]),
    ("requests", "duration_ms", &["duration", "durationms", "totaltime", "dauer"]),
    ("requests", "principal", &["principal", "requester", "user", "username", "caller", "benutzer", "nutzer", "anforderer"]),
    ("requests", "principal_kind", &["principalkind", "principaltype", "usertype"]),
    ("requests", "auth", &["auth", "authentication", "authenticationtype", "authtype", "anmeldeart"]),
    ("requests", "network", &["network", "ip", "ipaddress", "remoteip", "clientip", "calleripaddress", "sourceipaddress", "ipadresse", "netz"]),
    ("requests", "event_id", &["eventid", "requestid", "anfrageid"]),
    ("activity", "account", &["account", "accountid", "recipientaccountid", "subscription", "subscriptionid", "konto", "abonnement"]),
    ("activity", "container", &["container", "bucket", "bucketname"]),
    ("activity", "region", &["region", "awsregion", "location", "standort"]),
    ("activity", "at", &["time", "timestamp", "eventtime", "eventtimestamp", "timegenerated", "creationtime", "datetime", "date", "zeit", "zeitpunkt", "zeitstempel", "datum"]),
    ("activity", "service", &["service", "eventsource", "servicename", "resourceprovider", "workload", "dienst"]),
    ("activity", "event", &["event", "eventname", "operation", "operationname", "activity", "ereignis", "ereignisname", "vorgang", "aktivitat"]),
    ("activity", "verb", &["verb", "action", "aktion"]),
    ("activity", "category", &["category", "eventcategory", "kategorie"]),
    ("activity", "outcome", &["outcome", "result", "resulttype", "status", "ergebnis"]),
    ("activity", "error", &["error", "errorcode", "fehler", "fehlercode"]),
    ("activity", "principal", &["principal", "caller", "user", "username", "userid", "actor", "initiatedby", "benutzer", "nutzer", "ausloser"]),
    ("activity", "principal_kind", &["principalkind", "principaltype", "usertype", "useridentitytype"]),
    ("activity", "network", &["network", "ip", "ipaddress", "clientip", "sourceipaddress", "calleripaddress", "ipadresse", "netz"]),
    ("activity", "resource_type", &["resourcetype", "ressourcentyp"]),
    ("activity", "resource_id", &["resourceid", "resource", "ressource", "ressourcenid"]),
    ("activity", "read_only", &["readonly", "schreibgeschutzt"]),
    ("activity", "event_id", &["eventid", "eventdataid", "ereignisid"]),
    ("activity", "act_id", &["correlationid", "sharedeventid", "korrelationsid"]),
    ("resources", "account", &["account", "accountid", "storageaccount", "accountname", "konto", "speicherkonto"]),
    ("resources", "container", &["container", "bucket", "bucketname"]),
    ("resources", "region", &["region", "location", "standort"]),
    ("resources", "resource_id", &["resourceid", "id", "arn", "ressourcenid"]),
    ("resources", "resource_type", &["resourcetype", "type", "typ", "ressourcentyp"]),
    ("resources", "name", &["name", "resourcename", "ressourcenname"]),
    ("resources", "subscription", &["subscription", "subscriptionid", "project", "abonnement"]),
    ("resources", "resource_group", &["resourcegroup", "ressourcengruppe"]),
    ("resources", "kind", &["kind", "art"]),
    ("resources", "sku", &["sku", "skuname", "plan", "replication", "tarif"]),
    ("resources", "created_at", &["created", "createdat", "creationtime", "creationdate", "erstellt"]),
    ("resources", "is_hierarchical", &["hierarchicalnamespace", "ishnsenabled", "hns"]),
    ("resources", "allows_shared_keys", &["allowsharedkeyaccess", "sharedkeys"]),
    ("resources", "allows_public_access", &["allowblobpublicaccess", "publicaccess", "offentlicherzugriff"]),
    ("resources", "tags", &["tags"]),
    ("documents", "doc_id", &["docid", "documentid", "messageid", "bates", "id"]),
    ("documents", "sent_at", &["sent", "sentat", "datesent", "date", "datum"]),
    ("documents", "from_party", &["from", "sender", "author", "von", "absender"]),
    ("documents", "to_parties", &["to", "recipient", "recipients", "an", "empfanger"]),
    ("documents", "cc_parties", &["cc"]),
    ("documents", "subject", &["subject", "title", "betreff", "objet"]),
    ("documents", "text", &["text", "body", "content", "message", "nachricht"]),
    ("documents", "attachments", &["attachments", "attachmentcount", "anlagen"]),
];

/// Columns a draft of each table cannot do without, with what to write where no header gives them.
const NEEDED: &[(&str, &str)] = &[
    ("objects", "container"),
    ("objects", "key"),
    ("metering", "meter"),
    ("metering", "start_at"),
    ("metering", "end_at"),
    ("metering", "statistic"),
    ("metering", "value"),
    ("requests", "at"),
    ("requests", "operation"),
    ("activity", "at"),
    ("activity", "event"),
    ("resources", "resource_id"),
    ("resources", "resource_type"),
    ("charges", "account"),
    ("charges", "charge_start"),
    ("charges", "charge_end"),
    ("charges", "billed_cost"),
    ("charges", "currency"),
    ("documents", "text"),
];

/// Columns whose header may name the unit of its numbers.
const MEASURED: &[&str] = &["size", "value", "bytes_out", "bytes_in", "object_bytes"];

/// Words of the list above that are German: two of them in a header make the draft's locale German.
const GERMAN: &[&str] = &[
    "konto",
    "behalter",
    "standort",
    "datei",
    "dateiname",
    "schlussel",
    "zustand",
    "grosse",
    "dateigrosse",
    "erstellt",
    "geandert",
    "anderungsdatum",
    "speicherklasse",
    "messgrosse",
    "datum",
    "von",
    "bis",
    "statistik",
    "wert",
    "ressource",
    "dienst",
    "beschreibung",
    "leistung",
    "rechnung",
    "rechnungsnummer",
    "menge",
    "einheit",
    "betrag",
    "kosten",
    "wahrung",
    "absender",
    "empfanger",
    "betreff",
    "nachricht",
    "anlagen",
    "objekt",
    "zeit",
    "zeitpunkt",
    "zeitstempel",
    "uhrzeit",
    "anfrage",
    "vorgang",
    "methode",
    "aktion",
    "fehler",
    "gesendet",
    "empfangen",
    "dauer",
    "benutzer",
    "nutzer",
    "ereignis",
    "kategorie",
    "ergebnis",
    "typ",
    "ressourcengruppe",
    "abonnement",
    "speicherkonto",
];

/// The tables a draft can be of; of equal fits the first is taken.
const TABLES: &[&str] = &[
    "objects",
    "metering",
    "charges",
    "documents",
    "requests",
    "activity",
    "resources",
];

/// Headers whose presence decides between tables that share the others.
const TELLING: &[(&str, &str)] = &[
    ("objects", "key"),
    ("objects", "size"),
    ("metering", "meter"),
    ("metering", "statistic"),
    ("requests", "operation"),
    ("requests", "status"),
    ("requests", "bytes_out"),
    ("activity", "event"),
    ("activity", "outcome"),
    ("activity", "service"),
    ("resources", "resource_id"),
    ("resources", "resource_type"),
    ("charges", "billed_cost"),
    ("charges", "currency"),
    ("charges", "invoice_id"),
    ("documents", "subject"),
    ("documents", "from_party"),
    ("documents", "text"),
];

/// The draft for the first rows of a sheet: the row that fits best is taken for the header.
pub(super) fn draft_of_rows(rows: &[Vec<String>], sheet: Option<&str>) -> String {
    let mut header: (usize, usize) = (0, 0);
    for (n, row) in rows.iter().enumerate() {
        let score = best(row).2;
        if score > header.1 {
            header = (n, score);
        }
    }
    match rows.get(header.0) {
        Some(row) => draft(row, sheet, u32::try_from(header.0 + 1).unwrap_or(1)),
        None => "# no map can be drafted: the sheet is empty\n".to_owned(),
    }
}

/// The draft for `headers`; `sheet` is the sheet they were read from, for a workbook.
fn draft(headers: &[String], sheet: Option<&str>, header_row: u32) -> String {
    let (table, matched, _) = best(headers);
    let mut out = String::from("[source.map]\n");
    let _ = writeln!(
        out,
        "table = {}                 # {}",
        quoted(table),
        TABLES.join(" | ")
    );
    let german = headers
        .iter()
        .filter(|header| GERMAN.contains(&words_of(header).0.as_str()))
        .count();
    let _ = writeln!(
        out,
        "locale = \"{}\"                     # decimal and grouping marks: en, de, fr ...",
        if german > 1 { "de" } else { "en" }
    );
    if let Some(sheet) = sheet {
        let _ = writeln!(out, "sheet = {}", quoted(sheet));
    }
    let _ = writeln!(out, "header_row = {header_row}");
    out.push_str("timezone = \"UTC\"                  # of dates that name no zone\n");
    out.push_str("# date_format = \"%d.%m.%Y %H:%M\"  # only when dates are not ISO 8601\n");
    if table == "charges" {
        out.push_str(
            "# second = \"invoice-b.csv\"        # keyed from paper: the file or sheet of the second person\n",
        );
    }
    out.push_str("[source.map.columns]\n");
    for (column, (header, unit)) in &matched {
        match unit {
            Some(unit) => {
                let _ = writeln!(
                    out,
                    "{column} = {{ column = {}, unit = {} }}",
                    quoted(header),
                    quoted(unit)
                );
            }
            None => {
                let _ = writeln!(out, "{column} = {}", quoted(header));
            }
        }
    }
    for (_, column) in NEEDED
        .iter()
        .filter(|(t, c)| *t == table && !matched.contains_key(c))
    {
        let _ = writeln!(
            out,
            "# {column} = ?                  # needed; name a column, or {{ value = \"...\" }} for a constant"
        );
    }
    let used: Vec<&str> = matched
        .values()
        .map(|(header, _)| header.as_str())
        .collect();
    for header in headers
        .iter()
        .filter(|h| !h.trim().is_empty() && !used.contains(&h.as_str()))
    {
        let _ = writeln!(out, "# not mapped: {}", quoted(header));
    }
    out
}

type Matched = BTreeMap<&'static str, (String, Option<String>)>;

/// The table whose columns the headers fit best, the fit, and how good it is.
fn best(headers: &[String]) -> (&'static str, Matched, usize) {
    let mut found: (&'static str, Matched, usize) = ("objects", Matched::new(), 0);
    for &table in TABLES {
        let matched = fit(table, headers);
        let telling = TELLING
            .iter()
            .filter(|(t, c)| *t == table && matched.contains_key(c))
            .count();
        let score = matched.len() + 2 * telling;
        if score > found.2 {
            found = (table, matched, score);
        }
    }
    found
}

fn fit(table: &str, headers: &[String]) -> Matched {
    let mut matched = Matched::new();
    let mut taken = vec![false; headers.len()];
    let words: Vec<(String, Option<String>)> = headers.iter().map(|h| words_of(h)).collect();
    for (_, column, synonyms) in SYNONYMS.iter().filter(|(t, _, _)| *t == table) {
        // Synonyms come best first, so a sheet with both "Object key" and "Name" maps the former.
        let hit = synonyms.iter().find_map(|word| {
            words
                .iter()
                .position(|(w, _)| w == word)
                .filter(|&n| !taken[n])
        });
        if let Some(n) = hit {
            taken[n] = true;
            let unit = words[n].1.clone().filter(|_| MEASURED.contains(column));
            matched.insert(column, (headers[n].clone(), unit));
        }
    }
    matched
}

/// A header as letters and digits in lower case, and the unit it ends in, if it names one:
/// `Size (MB)` is `size` in MB.
fn words_of(header: &str) -> (String, Option<String>) {
    let pieces: Vec<&str> = header
        .split(|c: char| !c.is_alphanumeric())
        .filter(|p| !p.is_empty())
        .collect();
    let unit = pieces
        .last()
        .filter(|last| pieces.len() > 1 && unit_factor(last).is_some_and(|_| last.len() <= 3));
    let kept = if unit.is_some() {
        &pieces[..pieces.len() - 1]
    } else {
        &pieces[..]
    };
    (
        kept.iter().map(|p| folded(p)).collect(),
        unit.map(|u| (*u).to_owned()),
    )
}

/// Lower case, the accents of the synonym list's languages taken off.
fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.to_lowercase().chars() {
        match c {
            'ä' | 'à' | 'â' => out.push('a'),
            'ö' | 'ô' => out.push('o'),
            'ü' | 'û' | 'ù' => out.push('u'),
            'é' | 'è' | 'ê' => out.push('e'),
            'ß' => out.push_str("ss"),
            _ => out.push(c),
        }
    }
    out
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[&str]) -> Vec<String> {
        list.iter().map(|h| (*h).to_owned()).collect()
    }

    #[test]
    fn an_object_list_with_units_is_drafted() {
        let draft = draft(
            &headers(&[
                "Bucket name",
                "Object",
                "Size (MB)",
                "Last modified",
                "Owner \"x\"",
            ]),
            None,
            1,
        );
        assert!(draft.contains("table = \"objects\""), "{draft}");
        assert!(draft.contains("locale = \"en\""), "{draft}");
        assert!(draft.contains("container = \"Bucket name\"\n"), "{draft}");
        assert!(draft.contains("key = \"Object\"\n"), "{draft}");
        assert!(
            draft.contains("size = { column = \"Size (MB)\", unit = \"MB\" }"),
            "{draft}"
        );
        assert!(draft.contains("modified_at = \"Last modified\""), "{draft}");
        assert!(
            draft.contains("# not mapped: \"Owner \\\"x\\\"\""),
            "{draft}"
        );
    }

    #[test]
    fn a_german_invoice_is_told_from_an_object_list() {
        let draft = draft(
            &headers(&["Konto", "Von", "Bis", "Betrag", "Währung", "Rechnung"]),
            Some("Blatt 1"),
            3,
        );
        assert!(draft.contains("table = \"charges\""), "{draft}");
        assert!(draft.contains("currency = \"Währung\""), "{draft}");
        assert!(draft.contains("locale = \"de\""), "{draft}");
        assert!(draft.contains("header_row = 3"), "{draft}");
        assert!(draft.contains("sheet = \"Blatt 1\""), "{draft}");
    }

    #[test]
    fn logs_and_resources_are_told_from_one_another() {
        let table = |list: &[&str]| {
            let draft = draft(&headers(list), None, 1);
            let line = draft.lines().nth(1).unwrap_or_default().to_owned();
            line.split('"').nth(1).unwrap_or_default().to_owned()
        };
        let cases: &[(&str, &[&str])] = &[
            (
                "requests",
                &[
                    "Time",
                    "Bucket",
                    "Key",
                    "Operation",
                    "Status",
                    "Bytes sent",
                    "Remote IP",
                ],
            ),
            (
                "requests",
                &[
                    "Zeitpunkt",
                    "Behälter",
                    "Objekt",
                    "Anfrage",
                    "Status",
                    "Gesendet (MB)",
                ],
            ),
            (
                "activity",
                &["EventTime", "EventSource", "EventName", "AwsRegion", "User"],
            ),
            (
                "activity",
                &["Zeit", "Dienst", "Ereignis", "Benutzer", "Ergebnis"],
            ),
            (
                "resources",
                &[
                    "Id",
                    "Name",
                    "Type",
                    "Location",
                    "ResourceGroup",
                    "Subscription",
                ],
            ),
            (
                "resources",
                &[
                    "Ressourcen-ID",
                    "Typ",
                    "Standort",
                    "Ressourcengruppe",
                    "Abonnement",
                ],
            ),
            (
                "objects",
                &["Bucket", "Key", "Size", "Last modified", "Storage class"],
            ),
            ("metering", &["Metric", "Timestamp", "Statistic", "Value"]),
            ("documents", &["From", "To", "Date", "Subject", "Body"]),
        ];
        for (expected, list) in cases {
            assert_eq!(&table(list), expected, "{list:?}");
        }
    }

    #[test]
    fn what_a_draft_lacks_is_named() {
        let draft = draft(&headers(&["Metric", "Value", "Timestamp"]), None, 1);
        assert!(draft.contains("# end_at = ?"), "{draft}");
        assert!(draft.contains("# statistic = ?"), "{draft}");
    }
}
