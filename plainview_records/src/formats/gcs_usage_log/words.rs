//! What an operation of Cloud Storage does, in the words of the `requests` table.
//!
//! The XML API's operations are written `GET_Object`, the JSON API's `storage.objects.get`; both are known here, in any case.

use crate::tables::requests::verb;

/// The verb of an operation of either API, or of a bare HTTP method.
pub(in crate::formats) fn verb_of(operation: &str) -> &'static str {
    let (what, how) = match operation.strip_prefix("storage.") {
        Some(rest) => rest.split_once('.').unwrap_or((rest, "")),
        None => operation
            .split_once('_')
            .map_or(("", operation), |(how, what)| (what, how)),
    };
    let is =
        |word: &str, words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    let is_object = is(what, &["object", "objects", "multipartuploads"]);
    let is_store = is(what, &["bucket", "buckets", "service"]);
    if is(how, &["list"]) && (is_object || is_store) {
        return verb::LIST;
    }
    if is_object {
        return object_verb(how);
    }
    if is_store {
        // The XML API lists objects by asking for the bucket, and buckets by asking for the service.
        return if is(how, &["get"]) && !operation.starts_with("storage.") {
            verb::LIST
        } else {
            verb::CONFIGURE
        };
    }
    match what {
        "" => verb::OTHER,
        _ if is(
            how,
            &[
                "get",
                "list",
                "put",
                "delete",
                "head",
                "insert",
                "patch",
                "update",
                "post",
                "getiampolicy",
                "setiampolicy",
                "testiampermissions",
                "create",
            ],
        ) =>
        {
            verb::CONFIGURE
        }
        _ => verb::OTHER,
    }
}

fn object_verb(how: &str) -> &'static str {
    let how = how.to_ascii_lowercase();
    match how.as_str() {
        "get" | "head" => verb::READ,
        "put" | "post" | "insert" | "create" | "compose" => verb::WRITE,
        "delete" => verb::DELETE,
        "copy" | "rewrite" | "move" => verb::COPY,
        "getiampolicy" | "setiampolicy" | "testiampermissions" | "patch" | "update" => {
            verb::CONFIGURE
        }
        _ => verb::OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_both_apis_have_verbs() {
        let cases = [
            ("GET_Object", verb::READ),
            ("HEAD_Object", verb::READ),
            ("PUT_Object", verb::WRITE),
            ("POST_Object", verb::WRITE),
            ("DELETE_Object", verb::DELETE),
            ("COPY_Object", verb::COPY),
            ("LIST_Objects", verb::LIST),
            ("GET_Bucket", verb::LIST),
            ("GET_Service", verb::LIST),
            ("PUT_Bucket", verb::CONFIGURE),
            ("DELETE_Bucket", verb::CONFIGURE),
            ("GET_BucketCors", verb::CONFIGURE),
            ("storage.objects.get", verb::READ),
            ("storage.objects.insert", verb::WRITE),
            ("storage.objects.create", verb::WRITE),
            ("storage.objects.compose", verb::WRITE),
            ("storage.objects.delete", verb::DELETE),
            ("storage.objects.rewrite", verb::COPY),
            ("storage.objects.list", verb::LIST),
            ("storage.objects.patch", verb::CONFIGURE),
            ("storage.buckets.list", verb::LIST),
            ("storage.buckets.get", verb::CONFIGURE),
            ("storage.buckets.update", verb::CONFIGURE),
            ("storage.bucketAccessControls.insert", verb::CONFIGURE),
            ("GET", verb::OTHER),
            ("", verb::OTHER),
        ];
        for (operation, expected) in cases {
            assert_eq!(verb_of(operation), expected, "{operation}");
        }
    }
}
