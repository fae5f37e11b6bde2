//! Where a request came from, as far as it may be kept: the class of an address and never the address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::tables::requests::network;

/// The class of an address, or nothing when `text` is none. A port behind it, and brackets around it, are passed over.
pub(in crate::formats) fn class_of(text: &str) -> Option<&'static str> {
    let address = address(text)?;
    Some(if is_private(address) {
        network::PRIVATE
    } else {
        network::PUBLIC
    })
}

fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0.parse().ok(),
        None => text.rsplit_once(':')?.0.parse().ok(),
    }
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    // 100.64.0.0/10 is what carriers and providers use inside.
    let is_shared = first == 100 && (64..128).contains(&second);
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || is_shared
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_classed_whatever_is_written_around_them() {
        for private in [
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1:443",
            "127.0.0.1",
            "169.254.0.9",
            "100.64.0.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "[fd00::1]:443",
        ] {
            assert_eq!(class_of(private), Some(network::PRIVATE), "{private}");
        }
        for public in [
            "203.0.113.9",
            "172.32.0.1",
            "100.128.0.1",
            "203.0.113.9:61432",
            " 2001:db8::1",
            "[2001:db8::1]:80",
        ] {
            assert_eq!(class_of(public), Some(network::PUBLIC), "{public}");
        }
        for none in ["", "-", "AWS Internal", "s3.amazonaws.com", "10.0.0", "a:b"] {
            assert_eq!(class_of(none), None, "{none}");
        }
    }
}
