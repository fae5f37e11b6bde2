//! What a rule says of rows whose fields are kept, and of rows whose fields are not.

use plainview_sigma::{CITED_MAX, Log, Note, Place, Stream};

use crate::support::{cloudtrail, one, rule, rule_for, run, said};

const DELETE: &[(&str, &str)] = &[
    ("service", "s3.amazonaws.com"),
    ("event", "DeleteBucket"),
    ("userIdentity.type", "Root"),
];
const LIST: &[(&str, &str)] = &[("service", "s3.amazonaws.com"), ("event", "ListBuckets")];

#[test]
fn kept_fields_decide() {
    let found = one(
        "    selection:\n        eventSource: s3.amazonaws.com\n        eventName|startswith: delete\n    condition: selection",
        &[DELETE, LIST],
    );
    assert_eq!(said(&found), (Note::Hit, vec![1], vec![], vec![]));
    assert_eq!(
        (found.rows, found.hits.rows[0].file.as_str()),
        (2, "a.json")
    );
}

#[test]
fn a_row_that_matches_nothing_is_a_miss_and_no_row_at_all_says_nothing() {
    let detection = "    selection:\n        eventName: PutBucketPolicy\n    condition: selection";
    assert_eq!(said(&one(detection, &[DELETE])).0, Note::NoHit);
    assert_eq!(said(&one(detection, &[])).0, Note::NoRows);
}

#[test]
fn a_field_that_is_kept_and_absent_is_null() {
    let detection = "    selection:\n        eventName: '*Bucket*'\n    filter:\n        errorCode: null\n    condition: selection and not filter";
    let failed: &[(&str, &str)] = &[("event", "DeleteBucket"), ("error", "AccessDenied")];
    assert_eq!(
        said(&one(detection, &[DELETE, failed])),
        (Note::Hit, vec![2], vec![], vec![])
    );
}

#[test]
fn a_field_that_is_not_kept_leaves_open_only_the_rows_that_depend_on_it() {
    let agent = "userAgent|contains: S3 Browser";
    let detection = format!(
        "    selection:\n        eventName: DeleteBucket\n        {agent}\n    condition: selection"
    );
    assert_eq!(
        said(&one(&detection, &[DELETE, LIST])),
        (Note::Undecided, vec![], vec![1], vec!["userAgent"])
    );
    assert_eq!(
        said(&one(&detection, &[LIST])),
        (Note::NoHit, vec![], vec![], vec!["userAgent"]),
        "no row depends on the field, and it is still named"
    );
}

#[test]
fn under_a_not_the_bounds_change_places() {
    let detection = "    selection:\n        eventName: DeleteBucket\n    filter:\n        userAgent: console\n    condition: selection and not filter";
    assert_eq!(
        said(&one(detection, &[DELETE, LIST])),
        (Note::Undecided, vec![], vec![1], vec!["userAgent"])
    );
    let half_known = "    selection:\n        eventName: DeleteBucket\n    filter:\n        userAgent: console\n        userIdentity.type: IAMUser\n    condition: selection and not filter";
    assert_eq!(
        said(&one(half_known, &[DELETE])),
        (Note::Hit, vec![1], vec![], vec!["userAgent"]),
        "the filter cannot hold, whatever the user agent was: its other half is false"
    );
}

#[test]
fn either_of_two_selections_is_enough() {
    let detection = "    selection_known:\n        userIdentity.type: Root\n    selection_agent:\n        userAgent: boto\n    condition: 1 of selection_*";
    assert_eq!(
        said(&one(detection, &[DELETE, LIST])),
        (Note::Hit, vec![1], vec![2], vec!["userAgent"])
    );
    let all = detection.replace("1 of", "all of");
    assert_eq!(
        said(&one(&all, &[DELETE, LIST])),
        (Note::Undecided, vec![], vec![1], vec!["userAgent"]),
        "a listing by nobody known fails the first selection"
    );
    let list = "    selection:\n        - userIdentity.type: Root\n        - userAgent: boto\n    condition: selection";
    assert_eq!(
        said(&one(list, &[DELETE, LIST])),
        (Note::Hit, vec![1], vec![2], vec!["userAgent"])
    );
}

#[test]
fn counts_of_selections_are_exact_only_when_all_are_known() {
    let known = "    one:\n        eventName: DeleteBucket\n    two:\n        userIdentity.type: Root\n    three:\n        eventName: nothing\n    condition: 2 of them";
    assert_eq!(
        said(&one(known, &[DELETE, LIST])),
        (Note::Hit, vec![1], vec![], vec![])
    );
    let unknown = known.replace("eventName: nothing", "userAgent: x");
    assert_eq!(
        said(&one(&unknown, &[DELETE])),
        (Note::Undecided, vec![], vec![1], vec!["userAgent"])
    );
}

#[test]
fn keywords_are_found_in_what_is_kept_and_open_elsewhere() {
    let detection = "    keywords:\n        - deletebucket\n    condition: keywords";
    assert_eq!(
        said(&one(detection, &[DELETE, LIST])),
        (
            Note::Hit,
            vec![1],
            vec![2],
            vec!["a search through the whole record"]
        )
    );
    let filter = "    selection:\n        eventName: '*Bucket*'\n    keywords:\n        - DeleteBucket\n    condition: selection and not keywords";
    assert_eq!(
        said(&one(filter, &[DELETE, LIST])),
        (
            Note::Undecided,
            vec![],
            vec![2],
            vec!["a search through the whole record"]
        )
    );
}

#[test]
fn a_value_that_the_tables_mask_cannot_be_looked_for() {
    let stream = Stream {
        details: vec!["userIdentity.arn".to_owned()],
        ..cloudtrail()
    };
    let text = rule(
        "    selection:\n        userIdentity.arn|contains: '111122223333'\n    condition: selection",
    );
    let report = run(
        &[&text],
        stream,
        &[&[("userIdentity.arn", "arn:aws:iam::x")]],
    );
    assert_eq!(
        said(&report.findings[0]),
        (
            Note::Undecided,
            vec![],
            vec![1],
            vec!["userIdentity.arn (its value is masked in the tables)"]
        )
    );
}

#[test]
fn texts_of_an_array_match_one_by_one() {
    let stream = Stream {
        log: Log::GcpAudit,
        place: Place::Activity,
        details: vec!["protoPayload.authorizationInfo.permission".to_owned()],
    };
    let text = rule_for(
        "product: gcp\n    service: gcp.audit",
        "    selection:\n        protoPayload.authorizationInfo.permission|startswith: storage.objects\n    condition: selection",
    );
    let name = "protoPayload.authorizationInfo.permission";
    let rows: [&[(&str, &str)]; 2] = [
        &[(name, "iam.roles.get\nstorage.objects.get")],
        &[(name, "iam.roles.get\nx.storage.objects")],
    ];
    let report = run(&[&text], stream, &rows);
    assert_eq!(
        said(&report.findings[0]),
        (Note::Hit, vec![1], vec![], vec![])
    );
}

#[test]
fn one_field_may_be_compared_with_another() {
    let detection =
        "    selection:\n        eventSource|fieldref: eventName\n    condition: selection";
    let same: &[(&str, &str)] = &[("service", "x"), ("event", "x")];
    assert_eq!(
        said(&one(detection, &[DELETE, same])),
        (Note::Hit, vec![2], vec![], vec![])
    );
    let unknown = detection.replace("fieldref: eventName", "fieldref: userAgent");
    assert_eq!(
        said(&one(&unknown, &[DELETE])),
        (Note::Undecided, vec![], vec![1], vec!["userAgent"])
    );
}

#[test]
fn columns_can_be_asked_for_by_name_over_every_log() {
    let stream = Stream {
        log: Log::Other,
        place: Place::Requests,
        details: vec![],
    };
    let text = rule_for(
        "product: plainview\n    service: requests",
        "    selection:\n        verb: delete\n        bytes_out|gte: 10\n    condition: selection",
    );
    let aws = rule("    selection:\n        eventName: x\n    condition: selection");
    let rows: [&[(&str, &str)]; 2] = [
        &[("verb", "delete"), ("bytes_out", "10")],
        &[("verb", "delete"), ("bytes_out", "9")],
    ];
    let report = run(&[&text, &aws], stream, &rows);
    assert_eq!(
        said(&report.findings[0]),
        (Note::Hit, vec![1], vec![], vec![])
    );
    assert_eq!(
        report.findings[1].note,
        Note::NoRows,
        "no CloudTrail row was read"
    );
}

#[test]
fn citations_are_bounded_and_counts_are_not() {
    let rows: Vec<&[(&str, &str)]> = vec![DELETE; CITED_MAX + 7];
    let found = one(
        "    selection:\n        eventName: DeleteBucket\n    condition: selection",
        &rows,
    );
    assert_eq!(
        (found.hits.count, found.hits.rows.len()),
        (CITED_MAX as u64 + 7, CITED_MAX)
    );
}

#[test]
fn a_field_kept_for_some_events_is_unknown_for_the_others() {
    let stream = Stream {
        details: vec!["errorMessage".to_owned()],
        ..cloudtrail()
    };
    let text = rule(
        "    selection:\n        errorMessage: Failed authentication\n    condition: selection",
    );
    let rows: [&[(&str, &str)]; 3] = [
        &[
            ("service", "signin.amazonaws.com"),
            ("errorMessage", "Failed authentication"),
        ],
        &[
            ("service", "signin.amazonaws.com"),
            ("errorMessage", "other"),
        ],
        &[("service", "ec2.amazonaws.com")],
    ];
    let report = run(&[&text], stream, &rows);
    assert_eq!(
        said(&report.findings[0]),
        (Note::Hit, vec![1], vec![3], vec!["errorMessage"])
    );
    assert_eq!(report.findings[0].rows, 3);
}

#[test]
fn a_column_that_says_less_than_the_field_still_rules_values_out() {
    let stream = Stream {
        log: Log::Cloudtrail,
        place: Place::Requests,
        details: vec![],
    };
    let root = rule(
        "    selection:\n        eventSource: s3.amazonaws.com\n        userIdentity.type: Root\n    condition: selection",
    );
    let user = root.replace("Root", "IAMUser");
    let rows: [&[(&str, &str)]; 5] = [
        &[("container", "archive"), ("principal_kind", "root")],
        &[("container", "archive"), ("principal_kind", "user")],
        &[("container", "archive--x-s3"), ("principal_kind", "root")],
        &[("container", "archive"), ("principal_kind", "signed-url")],
        &[("principal_kind", "root")],
    ];
    let report = run(&[&root, &user], stream, &rows);
    assert_eq!(
        said(&report.findings[0]),
        (
            Note::Hit,
            vec![1],
            vec![4, 5],
            vec!["eventSource", "userIdentity.type"]
        ),
        "a user is no root, a directory bucket is another source, a signed URL says nothing of its signer's type"
    );
    assert_eq!(
        said(&report.findings[1]).1,
        Vec::<u64>::new(),
        "nobody is certainly an IAM user"
    );
    assert_eq!(said(&report.findings[1]).2, [2, 4]);
}

#[test]
fn the_arn_of_a_caller_is_told_from_the_principal() {
    let detection = "    selection:\n        userIdentity.arn|endswith: ':role/backup'\n    condition: selection";
    let arn: &[(&str, &str)] = &[("principal", "arn:aws:iam::111122223333:role/backup")];
    let service: &[(&str, &str)] = &[("principal", "x:role/backup")];
    assert_eq!(
        said(&one(detection, &[arn, service])),
        (Note::Hit, vec![1], vec![], vec![])
    );
}
