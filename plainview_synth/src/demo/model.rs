//! The fictional world as objects in stores, and exact sums over it.
//!
//! Every record of the demo is derived from this model, and every amount in it is an integer:
//! bytes, seconds, and bytes times seconds.

use crate::calendar::{DAY, Month, midnight};
use crate::listings::ListingRow;

/// The scope's months; the bills cover exactly these.
pub(super) const MONTHS: [Month; 3] = [
    Month {
        year: 2025,
        month: 1,
    },
    Month {
        year: 2025,
        month: 2,
    },
    Month {
        year: 2025,
        month: 3,
    },
];

/// Account of the tenant under review.
pub(super) const TENANT: &str = "111122223333";
/// Account of the ordinary tenant.
pub(super) const BAKERY: &str = "444455556666";
/// The store that the handed-over list leaves out.
pub(super) const OMITTED: &str = "bos-archive-n1";

/// Region of everything that is listed: id and name.
pub(super) const HOME: (&str, &str) = ("eu-central-1", "Central 1 (fictional)");
/// Region of the store that is not.
pub(super) const NORTH: (&str, &str) = ("eu-north-1", "North 1 (fictional)");

/// One object, from upload to deletion.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) key: String,
    pub(super) bytes: u64,
    /// Second of upload.
    pub(super) created: i64,
    /// Second of deletion.
    pub(super) deleted: Option<i64>,
}

/// One bucket with everything that ever lay in it.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pub(super) name: &'static str,
    pub(super) region: (&'static str, &'static str),
    /// Sorted by key.
    pub(super) objects: Vec<Object>,
}

/// One customer's account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) stores: Vec<Store>,
}

/// Both accounts.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) tenant: Account,
    pub(super) bakery: Account,
}

impl Object {
    fn seconds_within(&self, from: i64, to: i64) -> u64 {
        let end = self.deleted.unwrap_or(i64::MAX).min(to);
        u64::try_from(end - self.created.max(from)).unwrap_or(0)
    }
}

impl Store {
    /// What a listing made at `at` lists.
    pub(super) fn listed_at(&self, at: i64) -> impl Iterator<Item = ListingRow> {
        self.objects
            .iter()
            .filter(move |o| o.created <= at && o.deleted.is_none_or(|deleted| at < deleted))
            .map(|o| ListingRow::new(o.key.clone(), o.bytes, o.created * 1_000))
    }

    /// Bytes times seconds held from `from` to `to`.
    pub(super) fn byte_seconds(&self, from: i64, to: i64) -> u128 {
        self.objects
            .iter()
            .map(|o| u128::from(o.bytes) * u128::from(o.seconds_within(from, to)))
            .sum()
    }

    /// Objects uploaded from `from` to `to`.
    pub(super) fn uploads(&self, from: i64, to: i64) -> u64 {
        self.objects
            .iter()
            .filter(|o| from <= o.created && o.created < to)
            .count() as u64
    }
}

impl Account {
    /// Average bytes in one region over the day that begins at `day`, rounded half up.
    pub(super) fn average_bytes(&self, region: &str, day: i64) -> u64 {
        let sum: u128 = self
            .stores_in(region)
            .map(|store| store.byte_seconds(day, day + DAY))
            .sum();
        u64::try_from((sum + 43_200) / 86_400).unwrap_or(u64::MAX)
    }

    /// The stores in one region.
    pub(super) fn stores_in(&self, region: &str) -> impl Iterator<Item = &Store> {
        self.stores
            .iter()
            .filter(move |store| store.region.0 == region)
    }
}

impl World {
    /// The account with its stores, tenant first.
    pub(super) fn accounts(&self) -> [&Account; 2] {
        [&self.tenant, &self.bakery]
    }
}

/// The instants of the weekly inventories: Sundays at 01:00, the first before the scope and the
/// last after it.
pub(super) fn snapshots() -> impl Iterator<Item = i64> {
    let first = midnight(2024, 12, 29) + 3_600;
    (0..15).map(move |week| first + week * 7 * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(objects: Vec<Object>) -> Store {
        Store {
            name: "s",
            region: HOME,
            objects,
        }
    }

    #[test]
    fn byte_seconds_clip_to_the_window_and_to_the_object_s_life() {
        let object = |created, deleted| Object {
            key: "k".to_owned(),
            bytes: 10,
            created,
            deleted,
        };
        assert_eq!(store(vec![object(0, None)]).byte_seconds(100, 160), 600);
        assert_eq!(store(vec![object(130, None)]).byte_seconds(100, 160), 300);
        assert_eq!(
            store(vec![object(0, Some(110))]).byte_seconds(100, 160),
            100
        );
        assert_eq!(store(vec![object(170, None)]).byte_seconds(100, 160), 0);
        assert_eq!(store(vec![object(0, Some(90))]).byte_seconds(100, 160), 0);
    }

    #[test]
    fn snapshots_straddle_the_scope() {
        let all: Vec<i64> = snapshots().collect();
        assert!(all[0] < MONTHS[0].start());
        assert!(all[all.len() - 1] > MONTHS[2].end());
        assert!(all.iter().all(|at| crate::calendar::weekday(*at) == 6));
    }
}
