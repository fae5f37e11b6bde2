//! Tests of the Microsoft 365 unified audit log: administration is read, and nobody is listed by what they opened.
#![allow(clippy::too_many_lines, reason = "tables of cases are long")]

use plainview_records::{Effect, Format, Table};
use proptest::prelude::*;

use crate::azure::{assert_blind, found, read_files, read_text, recognised, rows, told};
use crate::support::{codes, only};

const FORMAT: Format = Format::M365Audit;

/// A record of these fields, each given as JSON.
fn record(workload: &str, kind: &str, operation: &str, user_type: &str, more: &str) -> String {
    format!(
        r#"{{"CreationTime":"2025-01-02T03:04:05","Id":"aaaaaaaa-0000-0000-0000-00000000000b","Operation":"{operation}","OrganizationId":"AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee","RecordType":{kind},"ResultStatus":"Success","UserKey":"CANARY-KEY","UserType":{user_type},"Version":1,"Workload":"{workload}","ClientIP":"203.0.113.9","UserId":"someone@example.com"{more}}}"#
    )
}

/// As a record of the directory, which names an object.
fn directory(operation: &str) -> String {
    record(
        "AzureActiveDirectory",
        "8",
        operation,
        "0",
        r#","ObjectId":"bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee","Actor":[{"ID":"CANARY"}],"ModifiedProperties":[{"Name":"CANARY","NewValue":"CANARY"}]"#,
    )
}

#[test]
fn administration_becomes_a_row_with_every_column_in_place() {
    let sink = read_text(FORMAT, &directory("Add member to role."));
    let columns = [
        "provider",
        "account",
        "container",
        "region",
        "at",
        "service",
        "event",
        "verb",
        "category",
        "outcome",
        "error",
        "principal_kind",
        "network",
        "resource_type",
        "resource_id",
        "event_id",
        "act_id",
        "act_part",
        "details",
    ];
    assert_eq!(
        rows(&sink, Table::Activity, &columns),
        [
            r#"m365|aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee|-|-|2025-01-02T03:04:05Z|AzureActiveDirectory|Add member to role.|configure|8|success|-|user|public|-|bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee|aaaaaaaa-0000-0000-0000-00000000000b|aaaaaaaa-0000-0000-0000-00000000000b|0|{"RecordType":"8","ResultStatus":"Success","UserType":"0"}"#
        ]
    );
    assert_eq!(told(&sink.notices), []);
    let principal = &rows(&sink, Table::Activity, &["principal"])[0];
    assert!(
        principal.contains('@') && !principal.contains("someone"),
        "{principal}"
    );
}

#[test]
fn nobody_is_named_in_access_to_content() {
    let plant = r#","ObjectId":"https://contoso.sharepoint.com/sites/hr/CANARY.docx?sig=CANARY","SiteUrl":"CANARY","SourceFileName":"CANARY.docx","SourceRelativeUrl":"CANARY","Item":{"Subject":"CANARY"},"Folders":[{"Path":"CANARY","FolderItems":[{"InternetMessageId":"CANARY"}]}],"MailboxOwnerUPN":"CANARY@example.com","ChatName":"CANARY","Members":[{"UPN":"CANARY"}],"DeviceDisplayName":"CANARY","UserAgent":"CANARY","Unheard":{"a":"CANARY"}"#;
    let cases = [
        ("SharePoint", "6", "FileAccessed", "read"),
        ("OneDrive", "6", "FileDownloaded", "read"),
        ("SharePoint", "6", "FileDeleted", "other"),
        ("SharePoint", "14", "SharingSet", "other"),
        ("Exchange", "50", "MailItemsAccessed", "read"),
        ("Exchange", "2", "Send", "other"),
        ("MicrosoftTeams", "25", "MessageSent", "other"),
        (
            "SecurityComplianceCenter",
            "24",
            "PreviewItemDownloaded",
            "read",
        ),
        ("AzureActiveDirectory", "8", "FileAccessed", "read"),
        ("Unheard", "9999", "AnythingNew", "other"),
    ];
    let text: Vec<String> = cases
        .iter()
        .map(|(workload, kind, operation, _)| {
            record(workload, kind, operation, "2", plant).replace("someone@", "CANARY@")
        })
        .collect();
    let sink = assert_blind(FORMAT, &text.join("\n"), "CANARY");
    for row in rows(
        &sink,
        Table::Activity,
        &["principal", "principal_kind", "resource_id", "network"],
    ) {
        assert_eq!(row, "-|unknown|-|-");
    }
    let kept: Vec<String> = cases
        .iter()
        .map(|(w, _, o, verb)| format!("{w}|{o}|{verb}"))
        .collect();
    assert_eq!(
        rows(&sink, Table::Activity, &["service", "event", "verb"]),
        kept
    );
    let withheld: Vec<_> = sink
        .notices
        .iter()
        .filter(|n| n.code == "m365-access-withheld")
        .collect();
    assert!(
        withheld
            .iter()
            .all(|notice| notice.effect == Effect::Unread)
    );
    assert_eq!(withheld.iter().map(|n| n.rows_affected).sum::<u64>(), 10);
    assert_eq!(
        found(&sink.notices, "m365-access-withheld"),
        [
            "AnythingNew",
            "FileAccessed",
            "FileDeleted",
            "FileDownloaded",
            "MailItemsAccessed",
            "MessageSent",
            "PreviewItemDownloaded",
            "Send",
            "SharingSet"
        ]
    );
    // Not even whether it was an administrator.
    assert!(
        rows(&sink, Table::Activity, &["details"])
            .iter()
            .all(|d| !d.contains("UserType"))
    );
    assert_eq!(found(&sink.notices, "azure-unread-fields"), ["Unheard"]);
}

#[test]
fn a_table_of_all_columns_cannot_tell_two_readers_apart() {
    // The same access by two people differs in nothing but the record's own id.
    let by = |user: &str, address: &str| {
        let record = record(
            "SharePoint",
            "6",
            "FileAccessed",
            "0",
            r#","ObjectId":"https://contoso.sharepoint.com/a.docx""#,
        );
        read_text(
            FORMAT,
            &record
                .replace("someone@example.com", user)
                .replace("203.0.113.9", address),
        )
    };
    let columns: Vec<String> = Table::Activity
        .schema()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    assert_eq!(
        rows(
            &by("first@example.com", "203.0.113.9"),
            Table::Activity,
            &columns
        ),
        rows(
            &by("second@example.org", "10.0.0.1"),
            Table::Activity,
            &columns
        ),
    );
}

#[test]
fn exports_of_the_portal_and_of_the_shell_say_the_same_as_the_record() {
    let columns = [
        "account",
        "at",
        "service",
        "event",
        "category",
        "principal_kind",
        "resource_id",
        "event_id",
    ];
    let expected = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee|2025-01-02T03:04:05Z|AzureActiveDirectory|Add user.|8|user|bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee|aaaaaaaa-0000-0000-0000-00000000000b";
    let record = directory("Add user.");
    let quoted = format!("\"{}\"", record.replace('"', "\"\""));
    let escaped = format!("\"{}\"", record.replace('"', "\\\""));
    for text in [
        record.clone(),
        format!("[{record}]"),
        format!("{{\"value\":[{record}]}}"),
        format!(
            "\u{feff}CreationDate,UserIds,Operations,AuditData\r\n2025-01-02T03:04:05.0000000Z,someone@example.com,Add user.,{quoted}\r\n"
        ),
        format!(
            "RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,AssociatedAdminUnitsNames\nother,1/1/1999,AzureActiveDirectory,x,y,{quoted},,\n"
        ),
        format!(
            r#"[{{"RunspaceId":"r","RecordType":"AzureActiveDirectory","CreationDate":"2025-01-01T00:00:00Z","UserIds":"x","Operations":"y","AuditData":{escaped},"ResultIndex":1,"Identity":"i","IsValid":true}}]"#
        ),
    ] {
        assert_eq!(recognised(&text), Some(FORMAT), "{text}");
        let sink = assert_blind(FORMAT, &text, "CANARY");
        assert_eq!(rows(&sink, Table::Activity, &columns), [expected], "{text}");
        assert_eq!(told(&sink.notices), [], "{text}");
    }
}

#[test]
fn who_acted_is_told_by_the_type_of_user() {
    let cases = [
        ("0", "user"),
        ("\"Regular\"", "user"),
        ("2", "user"),
        ("10", "user"),
        ("3", "service"),
        ("4", "service"),
        ("\"System\"", "service"),
        ("5", "application"),
        ("6", "application"),
        ("\"ServicePrincipal\"", "application"),
        ("1", "unknown"),
        ("null", "unknown"),
        ("{}", "unknown"),
        ("99", "unknown"),
    ];
    for (user_type, expected) in cases {
        let sink = read_text(
            FORMAT,
            &record("AzureActiveDirectory", "8", "Add user.", user_type, ""),
        );
        assert_eq!(
            rows(&sink, Table::Activity, &["principal_kind"]),
            [expected],
            "{user_type}"
        );
    }
    let nobody = directory("Add user.").replace("someone@example.com", "Not Available");
    assert_eq!(
        rows(&read_text(FORMAT, &nobody), Table::Activity, &["principal"]),
        ["-"]
    );
    // A name that is no address is somebody's too.
    let named =
        directory("Add user.").replace("bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee", "Jane Doe (CANARY)");
    assert_blind(FORMAT, &named, "Jane Doe");
}

#[test]
fn operations_are_told_apart() {
    let cases = [
        ("UserLoggedIn", "sign-in|success"),
        ("UserLoginFailed", "sign-in|failure"),
        ("Add user.", "create|success"),
        ("Add service principal.", "create|success"),
        ("Add member to group.", "configure|success"),
        ("Delete user.", "delete|success"),
        ("Remove member from role.", "configure|success"),
        ("Disable Strong Authentication.", "configure|success"),
        ("Consent to application.", "configure|success"),
        ("Set-Mailbox", "configure|success"),
        ("Add-FederatedDomain", "configure|success"),
        ("New-InboxRule", "create|success"),
        ("Remove-Mailbox", "delete|success"),
        ("Get-Mailbox", "read|success"),
        ("Something new.", "other|success"),
    ];
    for (operation, expected) in cases {
        let sink = read_text(FORMAT, &directory(operation));
        assert_eq!(
            rows(&sink, Table::Activity, &["verb", "outcome"]),
            [expected],
            "{operation}"
        );
    }
    for (result, expected) in [
        ("Failed", "failure|Failed"),
        ("False", "failure|False"),
        ("True", "success|-"),
        ("", "unknown|-"),
    ] {
        let text = directory("Add user.").replace(
            "\"ResultStatus\":\"Success\"",
            &format!("\"ResultStatus\":\"{result}\""),
        );
        assert_eq!(
            rows(
                &read_text(FORMAT, &text),
                Table::Activity,
                &["outcome", "error"]
            ),
            [expected],
            "{result}"
        );
    }
}

#[test]
fn hostile_and_broken_records_are_told_and_their_neighbours_kept() {
    let good = directory("Add user.");
    let header = "CreationDate,UserIds,Operations,AuditData\n";
    // A column whose record cannot be read: what the columns say is used, and as nothing says that it is administration,
    // nobody is named.
    for odd in [
        "not json",
        "\"{\"\"CreationTime\"\":\"",
        "[1]",
        "7",
        "\"{\"\"a\"\":{\"\"b\"\":[}}\"",
    ] {
        let text = format!("{header}2025-01-02T03:04:05Z,someone@example.com,Add user.,{odd}\n");
        let sink = read_text(FORMAT, &text);
        assert_eq!(
            rows(&sink, Table::Activity, &["event", "principal"]),
            ["Add user.|-"],
            "{odd}"
        );
        assert_eq!(
            codes(&sink.notices),
            ["azure-field-misshapen", "m365-access-withheld"],
            "{odd}"
        );
    }
    for lost in [
        good.replace("2025-01-02T03:04:05", "yesterday"),
        good.replace(
            "\"Operation\":\"Add user.\"",
            "\"Operation\":[\"Add user.\"]",
        ),
        good.replace("\"Operation\":\"Add user.\",", ""),
        "{}".to_owned(),
        "{\"a\":tru}".to_owned(),
        "words".to_owned(),
    ] {
        let sink = read_text(FORMAT, &format!("{good}\n{lost}\n{good}"));
        assert_eq!(
            rows(&sink, Table::Activity, &["row_no"]),
            ["1", "3"],
            "{lost}"
        );
        assert_eq!(only(&sink.notices, "bad-row").row, Some(2), "{lost}");
    }
    let twice = good.replace("\"Workload\":", "\"Workload\":\"SharePoint\",\"Workload\":");
    let sink = read_text(FORMAT, &twice);
    assert_eq!(
        rows(&sink, Table::Activity, &["service"]),
        ["AzureActiveDirectory"]
    );
    assert_eq!(
        only(&sink.notices, "azure-field-twice").effect,
        Effect::Doubt
    );
    for (text, expected) in [
        ("", "empty-file"),
        (&good[..good.len() / 2], "file-damaged"),
        ("a,b\n1,2\n", "azure-missing-columns"),
    ] {
        let sink = read_text(FORMAT, text);
        assert_eq!(codes(&sink.notices), [expected], "{text}");
        assert!(sink.batches.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_value_in_any_place_never_panics(at in 0..20_usize, value in "(null|-?[0-9]{1,45}(\\.[0-9]{1,30})?|\"[ -!#-\\[\\]-~]{0,9}\"|\\[\\]|\\{\\})") {
        let record = directory("Add user.");
        let places: Vec<usize> = record.match_indices("\":").map(|(place, _)| place + 2).collect();
        let place = places[at % places.len()];
        let end = place + record[place..].find([',', '}']).unwrap();
        read_files(FORMAT, &[("log", [&record[..place], value.as_str(), &record[end..]].concat().as_bytes())]);
    }
}
