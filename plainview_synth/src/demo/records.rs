//! The case's record files: what each keeper's system would have written about the world.
//!
//! Bills and meters cover whole accounts and name no store; listings name stores. Only their
//! totals can be compared, which is the point of the demo.

use std::collections::BTreeMap;

use super::model::{
    Account, BAKERY, HOME, MONTHS, NORTH, OMITTED, Store, TENANT, World, snapshots,
};
use super::{DemoOptions, statements};
use crate::calendar::{self, DAY, Month};
use crate::digest::source_digest;
use crate::error::Error;
use crate::focus::{Amount, Charge, Issuer, focus_csv};
use crate::listings::{NamedFile, S3Encoding, S3Inventory, s3_inventory};
use crate::metrics::{Reading, metric_stream};
use crate::random::Rng;

/// When the leaked listing says it was made.
pub(super) const LEAK_AT: (i64, &str) = (1_743_055_200, "2025-03-27T06:00:00Z");

/// A source with the files it consists of, named relative to the case folder.
pub(super) struct SourceFiles {
    pub(super) id: &'static str,
    pub(super) files: Vec<NamedFile>,
}

impl SourceFiles {
    /// The digest an authentication of these bytes is bound to.
    pub(super) fn digest(&self) -> String {
        source_digest(
            self.files
                .iter()
                .map(|file| (file.name.as_str(), file.bytes.as_slice())),
        )
    }
}

/// Every source of the case, in the order of its register.
pub(super) fn sources(world: &World, options: &DemoOptions) -> Result<Vec<SourceFiles>, Error> {
    let mut sources = Vec::new();
    if options.variant.lists() {
        let csv = S3Encoding::CsvGz {
            rows_per_member: 400,
        };
        let weekly: Vec<i64> = snapshots().collect();
        // The auditor ran its own reports a day later, Mondays at 05:00.
        let audits: Vec<i64> = snapshots().map(|at| at + 28 * 3_600).collect();
        sources.push(inventory("inventory-tenant", &world.tenant, &weekly, csv)?);
        sources.push(inventory("inventory-bakery", &world.bakery, &weekly, csv)?);
        sources.push(inventory(
            "audit-listing",
            &world.bakery,
            &audits,
            S3Encoding::Parquet,
        )?);
        sources.push(leaked_listing(world)?);
    }
    if options.variant.bills() {
        sources.push(invoices(world, options.seed)?);
    }
    sources.push(metering(world)?);
    sources.push(SourceFiles {
        id: "mail-sales",
        files: statements::sales(),
    });
    sources.push(SourceFiles {
        id: "mail-support",
        files: statements::support(),
    });
    Ok(sources)
}

/// Inventory reports of every store of an account in the home region: the omitted store lies
/// elsewhere, and that is how the list comes to leave it out.
fn inventory(
    id: &'static str,
    account: &Account,
    snapshots: &[i64],
    encoding: S3Encoding,
) -> Result<SourceFiles, Error> {
    let mut files = Vec::new();
    for at in snapshots {
        for store in account.stores_in(HOME.0) {
            let report = S3Inventory {
                bucket: store.name,
                destination: "fictional-inventory-reports",
                configuration: "weekly",
                created_ms: at * 1_000,
                encoding,
                rows_per_file: 1_000,
                versioned: false,
            };
            let time = calendar::civil(*at);
            let folder = format!(
                "sources/{id}/{}/weekly/{:04}-{:02}-{:02}T{:02}-{:02}Z",
                store.name, time.year, time.month, time.day, time.hour, time.minute
            );
            for file in s3_inventory(&report, store.listed_at(*at))? {
                files.push(NamedFile {
                    name: format!("{folder}/{}", file.name),
                    bytes: file.bytes,
                });
            }
        }
    }
    Ok(SourceFiles { id, files })
}

/// One listing of the omitted store as somebody's spreadsheet: no manifest, no origin.
fn leaked_listing(world: &World) -> Result<SourceFiles, Error> {
    let stream = |error: csv::Error| Error::Stream(error.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["Bucket name", "Object", "Size (bytes)", "Uploaded"])
        .map_err(stream)?;
    for store in world
        .tenant
        .stores
        .iter()
        .filter(|store| store.name == OMITTED)
    {
        for row in store.listed_at(LEAK_AT.0) {
            let size = row.size.unwrap_or(0).to_string();
            let uploaded = format!("{}Z", calendar::civil(row.modified_ms / 1_000));
            let record = [
                store.name,
                row.key.as_str(),
                size.as_str(),
                uploaded.as_str(),
            ];
            writer.write_record(record).map_err(stream)?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Error::Stream(error.into_error()))?;
    let name = "sources/leaked-listing/archive-n1-objects.csv".to_owned();
    Ok(SourceFiles {
        id: "leaked-listing",
        files: vec![NamedFile { name, bytes }],
    })
}

/// Stored bytes of the whole tenant account, one reading a day and region: the account-level
/// records of Storage Lens, which name no bucket.
fn metering(world: &World) -> Result<SourceFiles, Error> {
    let mut readings = Vec::new();
    let mut day = MONTHS[0].start();
    while day < MONTHS[2].end() {
        for region in [HOME.0, NORTH.0] {
            let value = world.tenant.average_bytes(region, day);
            if value == 0 {
                continue;
            }
            readings.push(Reading {
                namespace: "AWS/S3/Storage-Lens",
                account: TENANT,
                region,
                metric: "StorageBytes",
                dimensions: BTreeMap::from([
                    ("aws_account_number", TENANT),
                    ("aws_region", region),
                    ("configuration_id", "fictional-account-dashboard"),
                    ("metrics_version", "1.0"),
                    ("record_type", "ACCOUNT"),
                ]),
                day,
                value,
                unit: "Bytes",
            });
        }
        day += DAY;
    }
    let name = "sources/metering-tenant/account-storage.jsonl".to_owned();
    let bytes = metric_stream("fictional-account-storage", &readings)?;
    Ok(SourceFiles {
        id: "metering-tenant",
        files: vec![NamedFile { name, bytes }],
    })
}

/// Storage of some stores over a month in GiB-months, which the bill calls `GB-Mo`.
pub(super) fn gib_months<'a>(stores: impl Iterator<Item = &'a Store>, month: Month) -> Amount {
    let (from, to) = (month.start(), month.end());
    let sum: u128 = stores.map(|store| store.byte_seconds(from, to)).sum();
    Amount::fraction(sum, u128::try_from(to - from).unwrap_or(1) << 30)
}

fn invoices(world: &World, seed: u64) -> Result<SourceFiles, Error> {
    let issuer = Issuer {
        provider: "AWS",
        publisher: "Halden Cloud (fictional)",
        invoicer: "Halden Cloud (fictional)",
        currency: "EUR",
    };
    let mut rng = Rng::new(seed, "invoices");
    let mut files = Vec::new();
    for month in MONTHS {
        let mut charges = Vec::new();
        for account in world.accounts() {
            for region in [HOME, NORTH] {
                storage_lines(&mut charges, account, region, month, &mut rng);
            }
            other_lines(&mut charges, account, month, &mut rng);
        }
        files.push(NamedFile {
            name: format!("sources/invoices/focus-{month}.csv"),
            bytes: focus_csv(&issuer, &charges)?,
        });
    }
    Ok(SourceFiles {
        id: "invoices",
        files,
    })
}

/// Price in 10^-4 euros.
fn price(ten_thousandths: i128) -> Amount {
    Amount::from_steps(ten_thousandths * (Amount::SCALE / 10_000))
}

fn line(account: &Account, month: Month) -> Charge<'_> {
    Charge {
        billing_account: account.id,
        billing_account_name: account.name,
        sub_account: account.id,
        sub_account_name: account.name,
        billing_start: month.start(),
        billing_end: month.end(),
        start: month.start(),
        end: month.end(),
        service_category: "Storage",
        service_name: "Object Storage",
        description: "",
        sku: "",
        region: Some(HOME),
        resource: None,
        quantity: Amount::default(),
        unit: "",
        unit_price: Amount::default(),
    }
}

/// The lines for object storage in one region, none of which names a store.
fn storage_lines<'a>(
    charges: &mut Vec<Charge<'a>>,
    account: &'a Account,
    region: (&'static str, &'static str),
    month: Month,
    rng: &mut Rng,
) {
    let stored = gib_months(account.stores_in(region.0), month);
    if stored == Amount::default() {
        return;
    }
    let uploads: u64 = account
        .stores_in(region.0)
        .map(|store| store.uploads(month.start(), month.end()))
        .sum();
    // The home region serves a web site; what is put away in the north is hardly read.
    let (reads, gigabytes) = if region == HOME {
        (900_000 + rng.below(400_000), 40 + rng.below(30))
    } else {
        (700 + rng.below(400), 1 + rng.below(3))
    };
    let whole = |number: u64| Amount::whole(u32::try_from(number).unwrap_or(u32::MAX));
    let base = Charge {
        region: Some(region),
        ..line(account, month)
    };
    charges.push(Charge {
        description: "EUR 0.0245 per GB-month of standard object storage",
        sku: "HC-OBJ-STD",
        quantity: stored,
        unit: "GB-Mo",
        unit_price: price(245),
        ..base.clone()
    });
    charges.push(Charge {
        description: "EUR 0.0054 per 1,000 write and list requests",
        sku: "HC-OBJ-REQ1",
        quantity: whole(uploads),
        unit: "Requests",
        unit_price: Amount::from_steps(54_000),
        ..base.clone()
    });
    charges.push(Charge {
        description: "EUR 0.0004 per 1,000 read requests",
        sku: "HC-OBJ-REQ2",
        quantity: whole(reads),
        unit: "Requests",
        unit_price: Amount::from_steps(4_000),
        ..base.clone()
    });
    charges.push(Charge {
        description: "EUR 0.0900 per GB transferred out",
        sku: "HC-OBJ-OUT",
        quantity: whole(gigabytes),
        unit: "GB",
        unit_price: price(900),
        ..base
    });
}

/// The ordinary services beside storage.
fn other_lines<'a>(
    charges: &mut Vec<Charge<'a>>,
    account: &'a Account,
    month: Month,
    rng: &mut Rng,
) {
    let hours = u32::try_from((month.end() - month.start()) / 3_600).unwrap_or(0);
    let machines = if account.id == TENANT { 6 } else { 2 };
    charges.push(Charge {
        service_category: "Compute",
        service_name: "Virtual Machines",
        description: "EUR 0.0960 per hour of a general purpose machine",
        sku: "HC-VM-GP2",
        quantity: Amount::whole(hours * machines),
        unit: "Hrs",
        unit_price: price(960),
        ..line(account, month)
    });
    let served = u32::try_from(300 + rng.below(200)).unwrap_or(0);
    charges.push(Charge {
        service_category: "Networking",
        service_name: "Content Delivery",
        description: "EUR 0.0750 per GB delivered",
        sku: "HC-CDN-GB",
        quantity: Amount::whole(served),
        unit: "GB",
        unit_price: price(750),
        ..line(account, month)
    });
    if account.id == BAKERY {
        charges.push(Charge {
            service_category: "Databases",
            service_name: "Managed Database",
            description: "EUR 0.0720 per hour of a small database",
            sku: "HC-DB-S",
            quantity: Amount::whole(hours),
            unit: "Hrs",
            unit_price: price(720),
            ..line(account, month)
        });
    } else {
        charges.push(Charge {
            service_category: "Security",
            service_name: "Key Management",
            description: "EUR 1.0000 per key and month",
            sku: "HC-KMS-KEY",
            quantity: Amount::whole(4),
            unit: "Keys",
            unit_price: price(10_000),
            ..line(account, month)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::midnight;

    #[test]
    fn the_leak_s_time_is_written_twice_alike() {
        assert_eq!(format!("{}Z", calendar::civil(LEAK_AT.0)), LEAK_AT.1);
        assert_eq!(LEAK_AT.0, midnight(2025, 3, 27) + 6 * 3_600);
    }
}
