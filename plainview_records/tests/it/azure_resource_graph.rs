//! Tests of Azure Resource Graph answers: every form, and pages that are not here.
#![allow(clippy::too_many_lines, reason = "tables of cases are long")]

use plainview_records::{Effect, Format, Table};
use proptest::prelude::*;

use crate::azure::{assert_blind, found, read_files, read_text, recognised, rows, told};
use crate::support::{codes, only, shared_data};

const FORMAT: Format = Format::AzureResourceGraph;

const COLUMNS: &[&str] = &[
    "account",
    "container",
    "region",
    "resource_id",
    "resource_type",
    "name",
    "subscription",
    "resource_group",
    "kind",
    "sku",
    "created_at",
    "is_hierarchical",
    "allows_shared_keys",
    "allows_public_access",
    "network_default",
    "private_endpoints",
    "key_source",
    "tags",
];

const PROPERTIES: &str = r#"{"creationTime":"2024-08-26T22:57:43.8528566Z","isHnsEnabled":true,"allowSharedKeyAccess":false,"allowBlobPublicAccess":true,"encryption":{"keySource":"Microsoft.Keyvault","services":{"CANARY":1}},"networkAcls":{"defaultAction":"Deny","ipRules":[{"value":"CANARY"}],"virtualNetworkRules":[{"id":"CANARY"}]},"privateEndpointConnections":[{"id":"CANARY"},{"id":"CANARY"}],"primaryEndpoints":{"blob":"CANARY"},"accessTier":"CANARY"}"#;

fn store() -> String {
    format!(
        r#"{{"id":"/subscriptions/0A/resourceGroups/RG-one/providers/Microsoft.Storage/storageAccounts/Contoso","name":"Contoso","type":"microsoft.storage/storageaccounts","tenantId":"CANARY","kind":"StorageV2","location":"westeurope","resourceGroup":"RG-one","subscriptionId":"0A","managedBy":"CANARY","sku":{{"name":"Standard_LRS","tier":"Standard"}},"plan":null,"properties":{PROPERTIES},"tags":{{"team":"media","cost":"7"}},"identity":{{"principalId":"CANARY"}},"zones":null,"extendedLocation":null}}"#
    )
}

const STORE_ROW: &str = r#"contoso|-|westeurope|/subscriptions/0a/resourcegroups/rg-one/providers/microsoft.storage/storageaccounts/contoso|microsoft.storage/storageaccounts|Contoso|0a|rg-one|StorageV2|Standard_LRS|2024-08-26T22:57:43.852Z|true|false|true|Deny|2|Microsoft.Keyvault|{"cost":"7","team":"media"}"#;

fn page(data: &str, count: u64, total: u64, token: Option<&str>) -> String {
    let token = token.map_or("null".to_owned(), |token| format!("\"{token}\""));
    format!(
        "{{\n \"count\": {count},\n \"data\": {data},\n \"skip_token\": {token},\n \"total_records\": {total}\n}}\n"
    )
}

#[test]
fn every_form_gives_the_same_row_and_blindly() {
    let names = [
        "id",
        "name",
        "type",
        "tenantId",
        "kind",
        "location",
        "resourceGroup",
        "subscriptionId",
        "managedBy",
        "sku",
        "properties",
        "tags",
        "identity",
    ];
    let object: std::collections::BTreeMap<String, Box<serde_json::value::RawValue>> =
        serde_json::from_str(&store()).unwrap();
    let columns: Vec<String> = names
        .iter()
        .map(|name| format!("{{\"name\":\"{name}\",\"type\":\"string\"}}"))
        .collect();
    let values: Vec<&str> = names.iter().map(|name| object[*name].get()).collect();
    let table = format!(
        "{{\"columns\":[{}],\"rows\":[[{}]]}}",
        columns.join(","),
        values.join(",")
    );
    let cells: Vec<String> = values
        .iter()
        .map(|json| serde_json::from_str::<String>(json).unwrap_or_else(|_| (*json).to_owned()))
        .map(|text| format!("\"{}\"", text.replace('"', "\"\"")))
        .collect();
    let csv = format!("{}\n{}\n", names.join(","), cells.join(","));
    let upper = format!(
        "\u{feff}{}\r\n{}\r\n",
        names.map(str::to_uppercase).join(","),
        cells.join(",")
    );
    for text in [
        page(&format!("[{}]", store()), 1, 1, None),
        format!(
            "{{\"totalRecords\":1,\"count\":1,\"data\":[{}],\"facets\":[],\"resultTruncated\":\"false\"}}",
            store()
        ),
        format!(
            "{{\"totalRecords\":1,\"count\":1,\"data\":{table},\"resultTruncated\":\"false\"}}"
        ),
        format!("[{}]", store()),
        store(),
        format!("Content\n{}", store()),
        csv,
        upper,
    ] {
        assert_eq!(recognised(&text), Some(FORMAT), "{text}");
        let sink = assert_blind(FORMAT, &text, "CANARY");
        assert_eq!(
            rows(&sink, Table::Resources, COLUMNS),
            [STORE_ROW],
            "{text}"
        );
        assert_eq!(told(&sink.notices), [], "{text}");
    }
}

#[test]
fn containers_vaults_and_everything_else_are_rows() {
    let resource = |id: &str, kind: &str, properties: &str| {
        format!(
            r#"{{"id":"/subscriptions/0a/resourceGroups/rg/providers/{id}","name":"n","type":"{kind}","subscriptionId":"","resourceGroup":"rg","kind":"","sku":null,"tags":null,"properties":{properties}}}"#
        )
    };
    let text = [
        resource("Microsoft.Storage/storageAccounts/Contoso/blobServices/default/containers/media", "Microsoft.Storage/storageAccounts/blobServices/containers", r#"{"publicAccess":"Container"}"#),
        resource("Microsoft.Storage/storageAccounts/contoso/blobServices/default/containers/raw", "Microsoft.Storage/storageAccounts/blobServices/containers", r#"{"publicAccess":"None"}"#),
        resource("Microsoft.KeyVault/vaults/keys", "microsoft.keyvault/vaults", r#"{"networkAcls":{"defaultAction":"Allow"},"privateEndpointConnections":[]}"#),
        // What a virtual machine says under the same names is not read.
        resource("Microsoft.Compute/virtualMachines/vm", "microsoft.compute/virtualmachines", r#"{"networkAcls":{"defaultAction":"CANARY"},"creationTime":"CANARY","osProfile":{"adminUsername":"CANARY"}}"#),
        r#"{"id":"/subscriptions/0a/resourceGroups/rg","type":"","subscriptionId":"0a","resourceGroup":"rg","tags":{}}"#.to_owned(),
        r#"{"id":"/subscriptions/0a/resourceGroups/rg/providers/Microsoft.Web/sites/s","resourceGroup":null}"#.to_owned(),
    ]
    .join("\n");
    let sink = assert_blind(FORMAT, &text, "CANARY");
    assert_eq!(
        rows(
            &sink,
            Table::Resources,
            &[
                "account",
                "container",
                "resource_type",
                "subscription",
                "allows_public_access",
                "network_default",
                "private_endpoints",
                "tags"
            ]
        ),
        [
            "contoso|media|microsoft.storage/storageaccounts/blobservices/containers|0a|true|-|-|-",
            "contoso|raw|microsoft.storage/storageaccounts/blobservices/containers|0a|false|-|-|-",
            "0a|-|microsoft.keyvault/vaults|0a|-|Allow|0|-",
            "0a|-|microsoft.compute/virtualmachines|0a|-|-|-|-",
            "0a|-|unknown|0a|-|-|-|-",
            "0a|-|microsoft.web/sites|0a|-|-|-|-",
        ]
    );
    assert_eq!(told(&sink.notices), []);
}

#[test]
fn pages_that_are_not_here_are_lost() {
    let data = |n: usize| format!("[{}]", vec![store(); n].join(","));
    let first = page(&data(2), 2, 5, Some("token"));
    let second = page(&data(2), 2, 5, Some("other"));
    let last = page(&data(1), 1, 5, None);
    let missing = |files: &[&str]| -> Vec<(u64, String)> {
        let names = ["a", "b", "c", "d", "e", "f"];
        let files: Vec<(&str, &[u8])> = names
            .into_iter()
            .zip(files.iter().map(|text| text.as_bytes()))
            .collect();
        let (sink, _) = read_files(FORMAT, &files);
        sink.notices
            .iter()
            .map(|notice| {
                assert_eq!(
                    (notice.code, notice.effect),
                    ("azure-graph-pages-missing", Effect::Lost)
                );
                (notice.rows_affected, notice.found.clone())
            })
            .collect()
    };
    assert_eq!(missing(&[&first, &second, &last]), []);
    assert_eq!(missing(&[&format!("{first}{second}{last}")]), []);
    assert_eq!(missing(&[&first]), [(3, "2 rows".to_owned())]);
    assert_eq!(missing(&[&first, &second]), [(1, "4 rows".to_owned())]);
    assert_eq!(missing(&[&second, &last]), [(2, "3 rows".to_owned())]);
    // Fewer rows than there are, though no page says that more follow.
    assert_eq!(
        missing(&[&page(&data(2), 2, 3, None)]),
        [(1, "2 rows".to_owned())]
    );
    // Two answers of one total: the rows of one do not stand in for those of the other.
    assert_eq!(
        missing(&[
            &first,
            &second,
            &last,
            &first.replace("\"token\"", "\"again\"")
        ]),
        [(3, "7 rows".to_owned())]
    );
    // The total is not known: a page that says that more follow needs a last one.
    let untold = |text: &str| text.replace("\"total_records\": 5", "\"facets\": []");
    assert_eq!(
        missing(&[&untold(&first)]),
        [(0, "a token for a next page".to_owned())]
    );
    assert_eq!(missing(&[&untold(&first), &untold(&last)]), []);
    assert_eq!(
        missing(&[&format!(
            "{{\"count\":2,\"data\":{},\"resultTruncated\":\"true\"}}",
            data(2)
        )]),
        [(0, "a token for a next page".to_owned())]
    );
    // A page from which rows were taken out.
    let (sink, _) = read_files(FORMAT, &[("a", page(&data(2), 4, 4, None).as_bytes())]);
    let notice = only(&sink.notices, "azure-graph-rows-missing");
    assert_eq!((notice.effect, notice.rows_affected), (Effect::Lost, 2));
    assert_eq!(sink.notices.len(), 1);
}

#[test]
fn hostile_and_broken_resources_are_told_and_their_neighbours_kept() {
    let good = store();
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for lost in [
        good.replace("\"id\":\"/subs", "\"ident\":\"/subs"),
        r#"{"count_":4,"type":"x"}"#.to_owned(),
        r#"{"id":{"a":1}}"#.to_owned(),
        r#"{"id":null}"#.to_owned(),
        "7".to_owned(),
        "[1]".to_owned(),
    ] {
        let sink = read_text(FORMAT, &format!("[{good},{lost},{good}]"));
        assert_eq!(
            rows(&sink, Table::Resources, &["row_no"]),
            ["1", "3"],
            "{lost}"
        );
        let lost: Vec<_> = sink
            .notices
            .iter()
            .filter(|n| n.effect == Effect::Lost)
            .collect();
        assert_eq!(
            (lost.len(), lost[0].code, lost[0].row),
            (1, "bad-row", Some(2))
        );
    }
    for (odd, code) in [
        (
            good.replace("\"tags\":{", "\"tags\":[1],\"x\":{"),
            Some("azure-field-misshapen"),
        ),
        (
            good.replace("\"tags\":{", "\"tags\":\"words\",\"x\":{"),
            Some("azure-field-misshapen"),
        ),
        (
            good.replace("\"networkAcls\":{", "\"networkAcls\":[1],\"x\":{"),
            Some("azure-field-misshapen"),
        ),
        (
            good.replace(
                "\"privateEndpointConnections\":[",
                "\"privateEndpointConnections\":7,\"x\":[",
            ),
            None,
        ),
        (
            good.replace("\"isHnsEnabled\":true", "\"isHnsEnabled\":\"maybe\""),
            None,
        ),
        (
            good.replace("2024-08-26T22:57:43.8528566Z", "99999999999999999999"),
            None,
        ),
        (
            good.replace("\"zones\":null", &format!("\"zones\":{deep}")),
            None,
        ),
        (
            good.replace(
                "\"accessTier\":\"CANARY\"",
                &format!("\"accessTier\":{deep}"),
            ),
            None,
        ),
        (good.replace("\"sku\":{", "\"sku\":7,\"x\":{"), None),
    ] {
        let sink = read_text(FORMAT, &format!("[{odd},{good}]"));
        assert_eq!(
            rows(&sink, Table::Resources, &["account"]),
            ["contoso", "contoso"],
            "{odd}"
        );
        assert!(
            sink.notices.iter().all(|n| n.effect != Effect::Lost),
            "{odd}: {:?}",
            sink.notices
        );
        if let Some(code) = code {
            assert!(codes(&sink.notices).contains(&code), "{odd}");
        }
    }
    let twice = good.replace("\"kind\":", "\"kind\":\"BlobStorage\",\"kind\":");
    let sink = read_text(FORMAT, &twice);
    assert_eq!(rows(&sink, Table::Resources, &["kind"]), ["StorageV2"]);
    assert_eq!(codes(&sink.notices), ["azure-field-twice"]);
    let unheard = good.replace("\"zones\":null", "\"newest\":\"CANARY\"");
    let sink = assert_blind(FORMAT, &unheard, "CANARY");
    assert_eq!(found(&sink.notices, "azure-unread-fields"), ["newest"]);

    for (text, expected) in [
        (String::new(), "empty-file"),
        (page("[{\"id\":\"/a\"}", 1, 1, None), "file-damaged"),
        (page("\"words\"", 1, 1, None), "file-damaged"),
        (good[..good.len() / 2].to_owned(), "file-damaged"),
        ("a,b\n1,2\n".to_owned(), "azure-missing-columns"),
    ] {
        let sink = read_text(FORMAT, &text);
        assert!(
            codes(&sink.notices).contains(&expected),
            "{text}: {:?}",
            sink.notices
        );
    }
    let sink = read_text(FORMAT, &page("[]", 0, 0, None));
    assert_eq!(told(&sink.notices), []);
}

#[test]
fn runs_in_names_and_tags_are_masked() {
    let text = store()
        .replace("\"name\":\"Contoso\"", "\"name\":\"someone@example.com\"")
        .replace("\"team\":\"media\"", "\"owner\":\"+49 151 12345678\"");
    assert_blind(FORMAT, &text, "12345678");
    assert_blind(FORMAT, &text, "someone");
}

#[test]
fn a_real_row_is_read() {
    let Some(data) = shared_data() else { return };
    let bytes =
        std::fs::read(data.join("azure_resource_graph/backstage/storage_account.json")).unwrap();
    assert_eq!(recognised(&String::from_utf8_lossy(&bytes)), Some(FORMAT));
    let (sink, _) = read_files(FORMAT, &[("row.json", &bytes)]);
    assert_eq!(
        rows(&sink, Table::Resources, COLUMNS),
        [
            "referencedatateststg|-|westeurope|/subscriptions/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/resourcegroups/reference-data-shared-rg/providers/microsoft.storage/storageaccounts/referencedatateststg|microsoft.storage/storageaccounts|referencedatateststg|aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee|reference-data-shared-rg|StorageV2|Standard_LRS|2024-08-26T22:57:43.852Z|false|true|false|Deny|0|Microsoft.Storage|-"
        ]
    );
    assert_eq!(told(&sink.notices), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_value_in_any_place_never_panics(at in 0..48_usize, value in "(null|-?[0-9]{1,45}(\\.[0-9]{1,30})?|\"[ -!#-\\[\\]-~]{0,9}\"|\\[\\]|\\{\\})") {
        let page = page(&format!("[{}]", store()), 1, 5, Some("t"));
        let places: Vec<usize> = page.match_indices("\":").map(|(place, _)| place + 2).collect();
        let place = places[at % places.len()];
        let end = place + page[place..].find([',', '}', '\n']).unwrap();
        read_files(FORMAT, &[("page", [&page[..place], value.as_str(), &page[end..]].concat().as_bytes())]);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0..4_usize) {
        let start: &[u8] = [&b""[..], b"{\"data\":[", b"{\"data\":{\"columns\":[{\"name\":\"id\"}],\"rows\":[", b"id,type\n"][start];
        read_files(FORMAT, &[("page", &[start, &bytes].concat())]);
    }
}
