//! Made objects with a fixed seed, from the statistics PROFILE cites. It refuses real names: numbers are random.

use plainview_profile::{CollectionProfile, Config, ObjectFacts, Profile, Profiler};

/// 2025-01-06 00:00:00 UTC, a Monday.
pub(crate) const MONDAY_MS: i64 = 1_736_121_600_000;
pub(crate) const SECOND: i64 = 1_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A made object that owns its key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    pub(crate) key: String,
    pub(crate) size: Option<i64>,
    pub(crate) created_ms: Option<i64>,
    pub(crate) modified_ms: Option<i64>,
    pub(crate) tier: Option<&'static str>,
    pub(crate) retain_until_ms: Option<i64>,
}

impl Made {
    pub(crate) fn new(key: String, size: i64, modified_ms: i64) -> Self {
        Self {
            key,
            size: Some(size),
            modified_ms: Some(modified_ms),
            ..Self::default()
        }
    }

    pub(crate) fn facts(&self) -> ObjectFacts<'_> {
        ObjectFacts {
            key: &self.key,
            size: self.size,
            created_ms: self.created_ms,
            modified_ms: self.modified_ms,
            tier: self.tier,
            retain_until_ms: self.retain_until_ms,
            ..ObjectFacts::default()
        }
    }
}

pub(crate) fn observe(profiler: &mut Profiler, objects: &[Made]) {
    for object in objects {
        profiler.observe("aws/111122223333/store", &object.facts());
    }
}

pub(crate) fn profile(objects: &[Made]) -> Profile {
    let mut profiler = Profiler::new(Config::default());
    observe(&mut profiler, objects);
    profiler.finish()
}

/// The one collection that the objects form.
pub(crate) fn only(objects: &[Made]) -> CollectionProfile {
    let profile = profile(objects);
    let templates: Vec<&str> = profile
        .collections
        .iter()
        .map(|collection| collection.template.as_str())
        .collect();
    assert_eq!(templates.len(), 1, "{templates:?}");
    profile.collections.into_iter().next().unwrap()
}

/// Splitmix64: a fixed sequence for a seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    pub(crate) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[self.below(16) as usize]))
            .collect()
    }

    pub(crate) fn digits(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b'0' + self.below(10) as u8))
            .collect()
    }

    pub(crate) fn uuid(&mut self) -> String {
        let (a, b, c, d) = (self.hex(8), self.hex(4), self.hex(3), self.hex(3));
        let variant = ['8', '9', 'a', 'b'][self.below(4) as usize];
        format!("{a}-{b}-4{c}-{variant}{d}-{}", self.hex(12))
    }

    /// A moment of a working person's day: hours by weight, fewer on weekends.
    pub(crate) fn human_moment(&mut self, days: u64) -> i64 {
        loop {
            let day = self.below(days) as i64;
            let second = self.below(86_400) as i64;
            let hour = second / 3_600;
            let weight = match hour {
                8..=18 => 1.0,
                7 | 19 | 20 => 0.5,
                6 | 21 | 22 => 0.2,
                _ => 0.05,
            };
            let weekend = if day % 7 >= 5 { 0.5 } else { 1.0 };
            if self.unit() < weight * weekend {
                return MONDAY_MS + day * DAY + second * SECOND + self.below(1_000) as i64;
            }
        }
    }
}

/// Year, month, day, hour, minute and second of a time, from the standard civil-date arithmetic.
pub(crate) fn civil(ms: i64) -> (i64, i64, i64, i64, i64, i64) {
    let (days, second) = (ms.div_euclid(DAY), ms.rem_euclid(DAY) / SECOND);
    let mut left = days;
    let mut year = 1970;
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while left >= 365 + i64::from(leap(year)) {
        left -= 365 + i64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (
        year,
        month,
        left + 1,
        second / 3_600,
        second / 60 % 60,
        second % 60,
    )
}
