//! Puts files into the test servers, which Plainview itself cannot do.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A storage account of the test's own making.
pub(crate) struct AzureAccount {
    pub(crate) name: &'static str,
    /// In base64.
    pub(crate) key: String,
    secret: &'static [u8],
}

impl AzureAccount {
    pub(crate) fn fictional() -> Self {
        let secret = b"a key that opens nothing but the server of this test";
        Self {
            name: "fictionalaccount",
            key: base64(secret),
            secret,
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0_u32, |sum, at| {
            sum << 8 | u32::from(three.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * at) & 63) as usize];
            text.push(if at > three.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    text
}

/// A key as a request's target holds it.
pub(crate) fn encoded(key: &str) -> String {
    key.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Sends one PUT and expects it to be taken, or to have been before.
fn put(port: u16, target: &str, headers: &str, body: &[u8]) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!(
        "PUT {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/octet-stream\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap_or_default();
    assert!(
        matches!(status, "200" | "201" | "409"),
        "{target}: {answer}"
    );
}

/// A signature of nobody: the server looks whether there is one and not what it says.
const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=testing/20250101/us-east-1/s3/aws4_request, \
    SignedHeaders=host, Signature=0\r\n";

/// Puts a file into a bucket, which is made when it is not there.
pub(crate) fn put_s3(port: u16, bucket: &str, key: &str, body: &[u8]) {
    put(port, &format!("/{bucket}"), SIGNED, b"");
    put(port, &format!("/{bucket}/{}", encoded(key)), SIGNED, body);
}

/// Puts a file into a container, which is made when it is not there.
pub(crate) fn put_azure(
    port: u16,
    account: &AzureAccount,
    container: &str,
    key: &str,
    body: &[u8],
) {
    let name = account.name;
    signed(
        port,
        account,
        &format!("/{name}/{container}"),
        "restype:container",
        "",
        b"",
    );
    let path = format!("/{name}/{container}/{}", encoded(key));
    signed(port, account, &path, "", "x-ms-blob-type:BlockBlob\n", body);
}

/// A PUT with the account's signature ("Authorize with Shared Key" of the Azure Storage manual).
fn signed(
    port: u16,
    account: &AzureAccount,
    path: &str,
    query: &str,
    blob_type: &str,
    body: &[u8],
) {
    let date = jiff::Timestamp::now()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let ms_headers = format!("{blob_type}x-ms-date:{date}\nx-ms-version:2021-08-06\n");
    let length = if body.is_empty() {
        String::new()
    } else {
        body.len().to_string()
    };
    let resource = if query.is_empty() {
        format!("/{}{path}", account.name)
    } else {
        format!("/{}{path}\n{query}", account.name)
    };
    let text = format!(
        "PUT\n\n\n{length}\n\napplication/octet-stream\n\n\n\n\n\n\n{ms_headers}{resource}"
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(account.secret).unwrap();
    mac.update(text.as_bytes());
    let signature = base64(&mac.finalize().into_bytes());
    let headers: String = ms_headers
        .lines()
        .map(|line| format!("{}\r\n", line.replacen(':', ": ", 1)))
        .collect();
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.replacen(':', "=", 1))
    };
    put(
        port,
        &target,
        &format!(
            "{headers}Authorization: SharedKey {}:{signature}\r\n",
            account.name
        ),
        body,
    );
}
