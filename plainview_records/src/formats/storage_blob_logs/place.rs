//! Which account, container and blob an object key speaks of.

use std::borrow::Cow;

/// Where a request went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place<'k> {
    /// The storage account that the key names.
    pub(super) account: Option<&'k str>,
    /// Its container.
    pub(super) container: Option<&'k str>,
    /// The blob.
    pub(super) key: Option<&'k str>,
}

/// Where nothing is known.
pub(super) const NOWHERE: Place<'static> = Place {
    account: None,
    container: None,
    key: None,
};

/// Takes an object key apart: `/account/container/blob`, or, of a copy's source, a whole URL. Whatever follows a `?` is dropped:
/// in a URL it is a signature, and no blob needs one there.
pub(super) fn place(object_key: &str) -> Place<'_> {
    let bare = object_key.split('?').next().unwrap_or_default();
    let (account, path) = if let Some((_, behind)) = bare.split_once("://") {
        let (host, path) = behind.split_once('/').unwrap_or((behind, ""));
        let Some(account) = blob_account(host) else {
            return NOWHERE;
        };
        (account, path)
    } else {
        let bare = bare.strip_prefix('/').unwrap_or(bare);
        bare.split_once('/').unwrap_or((bare, ""))
    };
    let (container, key) = path.split_once('/').unwrap_or((path, ""));
    let some = |text: &'_ str| (!text.is_empty()).then_some(());
    Place {
        account: some(account).map(|()| account),
        container: some(container).map(|()| container),
        key: some(key).map(|()| key),
    }
}

/// The account in a host such as `contoso.blob.core.windows.net` or `contoso.z6.blob.storage.azure.net`; nothing of other hosts.
fn blob_account(host: &str) -> Option<&str> {
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let mut labels = host.split('.');
    let account = labels.next()?;
    labels
        .any(|label| label.eq_ignore_ascii_case("blob") || label.eq_ignore_ascii_case("dfs"))
        .then_some(account)
}

/// `text` with its percent escapes undone, as the path of a URL writes them; unchanged when that gives no text.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = (byte == b'%').then(|| behind.get(..2)).flatten();
        let value = digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(value) = value {
            bytes.push(value);
            rest = &behind[2..];
        } else {
            bytes.push(byte);
            rest = behind;
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart() {
        let cases = [
            (
                "/contoso/media/a/b.opus",
                Some("contoso"),
                Some("media"),
                Some("a/b.opus"),
            ),
            ("contoso/media/b", Some("contoso"), Some("media"), Some("b")),
            ("/contoso/media", Some("contoso"), Some("media"), None),
            ("/contoso/media/", Some("contoso"), Some("media"), None),
            ("/contoso", Some("contoso"), None, None),
            (
                "/contoso/$root/b",
                Some("contoso"),
                Some("$root"),
                Some("b"),
            ),
            ("", None, None, None),
            (
                "/contoso/media/b?sv=1&sig=abc",
                Some("contoso"),
                Some("media"),
                Some("b"),
            ),
            (
                "https://fabrikam.blob.core.windows.net/raw/x/y?sig=abc",
                Some("fabrikam"),
                Some("raw"),
                Some("x/y"),
            ),
            (
                "https://fabrikam.blob.core.windows.net:443/raw/x",
                Some("fabrikam"),
                Some("raw"),
                Some("x"),
            ),
            (
                "https://files.example.org/raw/x?token=abc",
                None,
                None,
                None,
            ),
            (
                "https://user:word@files.example.org/raw/x",
                None,
                None,
                None,
            ),
        ];
        for (text, account, container, key) in cases {
            let expected = Place {
                account,
                container,
                key,
            };
            assert_eq!(place(text), expected, "{text}");
        }
    }

    #[test]
    fn percent_escapes_are_undone() {
        assert_eq!(unescaped("a%20b"), "a b");
        assert_eq!(unescaped("%E9%9B%86"), "集");
        assert_eq!(unescaped("100%"), "100%");
        assert_eq!(unescaped("%ff"), "%ff");
        assert_eq!(unescaped("%4"), "%4");
    }
}
