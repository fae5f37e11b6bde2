//! The rows that are written: four sorts of objects side by side, charges, readings and mails. Fictional, and a function of
//! the seed alone.
//!
//! The mixture is ours, not that of any real tenant. It has what costs readers time: long keys, keys with runs of digits that
//! must be masked, keys outside ASCII, sizes over nine orders of magnitude.

use plainview_synth::calendar::{civil, midnight};
use plainview_synth::focus::{Amount, Charge};
use plainview_synth::listings::ListingRow;
use plainview_synth::random::Rng;

const DAY: i64 = 86_400;
const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "123456789012"];
const WORDS: [&str; 12] = [
    "notice",
    "permit",
    "spectrum",
    "licence",
    "tariff",
    "contact",
    "office",
    "public",
    "register",
    "antenna",
    "coverage",
    "M\u{e4}rz",
];

/// Objects without end.
pub(crate) struct Objects {
    rng: Rng,
    number: u64,
}

impl Objects {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed, "bench-objects"),
            number: 0,
        }
    }
}

impl Iterator for Objects {
    type Item = ListingRow;

    fn next(&mut self) -> Option<ListingRow> {
        let rng = &mut self.rng;
        self.number += 1;
        let second = midnight(2025, 2, 3) + below(rng, 90 * DAY);
        let at = civil(second);
        let date = format!("{:04}/{:02}/{:02}", at.year, at.month, at.day);
        let (key, median) = match rng.weighted(&[4, 3, 2, 1]) {
            // The country code 999 is assigned to nobody.
            0 => (
                format!(
                    "sessions/{date}/999{:09}-{:04}_{}.opus",
                    rng.below(1_000_000_000),
                    rng.below(10_000),
                    rng.hex(32)
                ),
                1_400_000,
            ),
            1 => (
                format!(
                    "assets/js/{}-{}.{}.js",
                    WORDS[rng.index(12)],
                    WORDS[rng.index(12)],
                    rng.hex(8)
                ),
                64_000,
            ),
            2 => (
                format!("nightly/{date}/disk-{:06}.vhd", self.number % 1_000_000),
                256 << 20,
            ),
            _ => (
                format!(
                    "uploads/{} {} ({}).pdf",
                    WORDS[rng.index(12)],
                    WORDS[rng.index(12)],
                    rng.hex(12)
                ),
                240_000,
            ),
        };
        let size = rng.lognormal(median, 1_000);
        Some(ListingRow::new(key, size, second * 1_000))
    }
}

/// What a charge line needs that is not constant.
pub(crate) struct ChargeFacts {
    day: i64,
    account: &'static str,
    resource: String,
    pub(crate) description: String,
    pub(crate) quantity: Amount,
    is_storage: bool,
}

/// Charges without end.
pub(crate) struct Charges {
    rng: Rng,
}

impl Charges {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed, "bench-charges"),
        }
    }
}

impl Iterator for Charges {
    type Item = ChargeFacts;

    fn next(&mut self) -> Option<ChargeFacts> {
        let rng = &mut self.rng;
        let is_storage = rng.below(3) > 0;
        // Below a thousand, so that a double holds twelve decimal places of it exactly enough.
        let quantity = Amount::from_steps(i128::from(rng.below(999_000_000)) * 10_000);
        Some(ChargeFacts {
            day: midnight(2025, 1, 1) + below(rng, 31) * DAY,
            account: ACCOUNTS[rng.index(3)],
            resource: if is_storage {
                format!(
                    "arn:aws:s3:::{}-{}-{}",
                    WORDS[rng.index(11)],
                    WORDS[rng.index(11)],
                    rng.below(500)
                )
            } else {
                format!(
                    "arn:aws:ec2:eu-central-1:111122223333:instance/i-{}",
                    rng.hex(17)
                )
            },
            description: if is_storage {
                "EUR 0.0245 per GB-month of standard object storage".to_owned()
            } else {
                format!(
                    "EUR 0.0960 per hour of a general purpose machine, order {:08}",
                    rng.below(100_000_000)
                )
            },
            quantity,
            is_storage,
        })
    }
}

impl ChargeFacts {
    /// The charge line.
    pub(crate) fn charge(&self) -> Charge<'_> {
        let (category, service, sku, unit) = if self.is_storage {
            (
                "Storage",
                "Amazon Simple Storage Service",
                "HC-OBJ-STD",
                "GB-Mo",
            )
        } else {
            ("Compute", "Virtual Machines", "HC-VM-GP2", "Hrs")
        };
        Charge {
            billing_account: "111122223333",
            billing_account_name: "Bureau of Signals (fictional)",
            sub_account: self.account,
            sub_account_name: "Bureau of Signals (fictional)",
            billing_start: midnight(2025, 1, 1),
            billing_end: midnight(2025, 2, 1),
            start: self.day,
            end: self.day + DAY,
            service_category: category,
            service_name: service,
            description: &self.description,
            sku,
            region: Some(("eu-central-1", "Frankfurt")),
            resource: Some(&self.resource),
            quantity: self.quantity,
            unit,
            unit_price: Amount::from_steps(245_000_000),
        }
    }
}

/// The name of the bucket a reading is about, its day and its bytes.
pub(crate) fn reading(number: u64, rng: &mut Rng) -> (String, i64, u64) {
    const BUCKETS: u64 = 2_000;
    let day = midnight(2022, 1, 1) + i64::try_from(number / BUCKETS).unwrap_or(0) * DAY;
    let bucket = format!("bench-store-{:04}", number % BUCKETS);
    (bucket, day, rng.lognormal(5_000_000_000, 1_000))
}

/// Subject, text and time of a mail. Some texts hold a number that must be masked.
pub(crate) fn mail(number: u64, rng: &mut Rng) -> (String, String, i64) {
    let mut text = String::from("Dear colleagues,\n\n");
    for _ in 0..4 + rng.below(12) {
        for _ in 0..9 + rng.below(8) {
            text.push_str(WORDS[rng.index(12)]);
            text.push(' ');
        }
        text.push_str("and so on.\n");
    }
    if rng.below(3) == 0 {
        text.push_str(&format!("Call 999{:09}.\n", rng.below(1_000_000_000)));
    }
    let subject = format!("{} {} {number}", WORDS[rng.index(12)], WORDS[rng.index(12)]);
    let sent = midnight(2025, 1, 1) + below(rng, 90 * DAY);
    (subject, text, sent)
}

/// A number of seconds or days below `bound`.
fn below(rng: &mut Rng, bound: i64) -> i64 {
    i64::try_from(rng.below(bound.unsigned_abs())).unwrap_or(0)
}

/// The account that everything is requested in.
pub(crate) const ACCOUNT: &str = "111122223333";

/// One sort of request, as each log names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestVerb {
    pub(crate) trail: &'static str,
    pub(crate) blob: &'static str,
    pub(crate) access: &'static str,
    pub(crate) method: &'static str,
    pub(crate) is_read: bool,
}

const VERBS: [RequestVerb; 4] = [
    RequestVerb {
        trail: "GetObject",
        blob: "GetBlob",
        access: "REST.GET.OBJECT",
        method: "GET",
        is_read: true,
    },
    RequestVerb {
        trail: "PutObject",
        blob: "PutBlob",
        access: "REST.PUT.OBJECT",
        method: "PUT",
        is_read: false,
    },
    RequestVerb {
        trail: "HeadObject",
        blob: "GetBlobProperties",
        access: "REST.HEAD.OBJECT",
        method: "HEAD",
        is_read: true,
    },
    RequestVerb {
        trail: "DeleteObject",
        blob: "DeleteBlob",
        access: "REST.DELETE.OBJECT",
        method: "DELETE",
        is_read: false,
    },
];

const ROLES: [&str; 4] = ["archive-writer", "report-reader", "backup", "intake"];
const MONTHS: [&str; 4] = ["Jan", "Feb", "Mar", "Apr"];

/// One request.
pub(crate) struct RequestFacts {
    pub(crate) key: String,
    pub(crate) bucket: String,
    pub(crate) role: &'static str,
    pub(crate) session: String,
    pub(crate) address: String,
    pub(crate) verb: RequestVerb,
    /// The time without a zone, as ISO writes it.
    pub(crate) iso: String,
    /// The same as a server log writes it.
    pub(crate) log_time: String,
    pub(crate) error: Option<&'static str>,
    pub(crate) object_bytes: u64,
    pub(crate) bytes_out: u64,
    pub(crate) bytes_in: u64,
    /// Time it took, below a thousand.
    pub(crate) milliseconds: u64,
    pub(crate) is_signed: bool,
    /// 32 hexadecimal digits.
    pub(crate) id: String,
}

impl RequestFacts {
    /// The id in the form of a UUID.
    pub(crate) fn uuid(&self) -> String {
        let id = &self.id;
        format!(
            "{}-{}-{}-{}-{}",
            &id[..8],
            &id[8..12],
            &id[12..16],
            &id[16..20],
            &id[20..32]
        )
    }
}

/// Requests without end, in the order of time.
pub(crate) struct Requests {
    rng: Rng,
    objects: Objects,
    number: i64,
}

impl Requests {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed, "bench-requests"),
            objects: Objects::new(seed),
            number: 0,
        }
    }

    /// The next request. Some logs encode keys each in its own way; `plain_keys` are the same in all.
    pub(crate) fn take_one(&mut self, plain_keys: bool) -> RequestFacts {
        let object = self.objects.next();
        let rng = &mut self.rng;
        self.number += 1;
        let (key, object_bytes) = object.map_or_else(
            || (String::new(), 0),
            |row| (row.key, row.size.unwrap_or(0)),
        );
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        let key = if plain_keys {
            key.chars()
                .map(|c| if is_plain(c) { c } else { '-' })
                .collect()
        } else {
            key
        };
        let at = civil(midnight(2025, 2, 3) + self.number / 40);
        let clock = format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second);
        let verb = VERBS[rng.weighted(&[6, 3, 2, 1])];
        let error = (rng.below(50) == 0).then_some("AccessDenied");
        let moved = if error.is_some() { 0 } else { object_bytes };
        RequestFacts {
            key,
            bucket: format!("bench-store-{:04}", rng.below(200)),
            role: ROLES[rng.index(4)],
            session: format!("i-{}", rng.hex(17)),
            address: format!("198.51.100.{}", rng.below(256)),
            iso: format!("{:04}-{:02}-{:02}T{clock}", at.year, at.month, at.day),
            log_time: format!(
                "{:02}/{}/{:04}:{clock}",
                at.day,
                MONTHS[usize::try_from(at.month).unwrap_or(1).saturating_sub(1) % 4],
                at.year
            ),
            error,
            object_bytes,
            bytes_out: if verb.method == "GET" { moved } else { 0 },
            bytes_in: if verb.method == "PUT" { moved } else { 0 },
            verb,
            milliseconds: rng.below(1_000),
            is_signed: rng.below(3) == 0,
            id: rng.hex(32),
        }
    }
}
