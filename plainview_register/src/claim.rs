//! Claims: quoted statements, what kind of statement each is, and the scope an ordinary reader gives it.
//!
//! It refuses claims that name no test: a template or one of METHOD's kinds, never both.

use crate::decimal::Decimal;
use crate::register::{Account, as_text};
use crate::words::words;
use jiff::civil::Date;
use serde::Serialize;

/// `[[claim]]`: a quoted statement by a party on a date (METHOD section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Short name, letters, digits and `-`; different from every party and source id.
    pub id: String,
    /// The statement, quoted.
    pub text: String,
    /// The parties who made it; sorted, never empty.
    pub claimant: Vec<String>,
    /// The day it was said.
    #[serde(serialize_with = "as_text")]
    pub stated_at: Date,
    /// What is tested.
    pub kind: ClaimKind,
    /// Parties named in the claim (METHOD 6.2); sorted.
    pub about: Vec<String>,
    /// What an ordinary reader takes the statement to cover.
    pub scope: ClaimScope,
    /// Terms that records cannot test, printed as untested; in the order of the file.
    pub residue: Vec<String>,
}

/// The scope as stated; what the claim does not say is taken from `[scope]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimScope {
    /// Accounts the claim covers; sorted, each in the scope of the case.
    pub accounts: Vec<Account>,
    /// First day covered, from 00:00 UTC.
    #[serde(serialize_with = "as_text")]
    pub from: Date,
    /// First day no longer covered; always after `from`.
    #[serde(serialize_with = "as_text")]
    pub to: Date,
}

/// What a claim says, in a form that can be tested (METHOD sections 1 and 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ClaimKind {
    /// One of the five templates that need no SQL.
    Template {
        /// Which one, with its argument.
        template: Template,
    },
    /// Something the predicate finds exists.
    Exists {
        /// Predicate id.
        predicate: String,
    },
    /// Nothing the predicate would find exists.
    None {
        /// Predicate id.
        predicate: String,
    },
    /// "We found no evidence of" what the predicate finds (METHOD 2.2).
    FoundNone {
        /// Predicate id.
        predicate: String,
    },
    /// A quantity compares to a value (METHOD 7.4).
    Quantity {
        /// What is measured over the claim's scope.
        measure: QuantityMeasure,
        /// How it compares.
        op: Comparison,
        /// The value said.
        value: Decimal,
        /// Its unit; always one that fits the measure.
        unit: Unit,
    },
    /// A property of the review itself, one of the lints METHOD 11 marks (P).
    Process {
        /// Which one.
        property: ProcessProperty,
    },
}

/// The five claim templates (DESIGN section 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Template {
    /// `full-list-of-stores`: the listed sources name every store there is.
    FullListOfStores {
        /// The sources that are "the list"; sorted, never empty. Every inventory when the file does not say.
        list: Vec<String>,
    },
    /// `no-evidence-of KIND`: a review found no evidence of this kind of use (a `FoundNone`).
    NoEvidenceOf {
        /// The kind of use.
        storage_kind: StorageKind,
    },
    /// `not-in-region R`: none of it is stored in this region.
    NotInRegion {
        /// The region as the provider's records write it.
        region: String,
    },
    /// `not-a-customer-of SERVICE`: the accounts do not use this service.
    NotACustomerOf {
        /// Words of the service's name.
        service: String,
    },
    /// `unaware-until DATE`: these persons did not know of the topic before this day (METHOD 10.3).
    UnawareUntil {
        /// The day, from 00:00 UTC.
        #[serde(serialize_with = "as_text")]
        until: Date,
        /// Party ids of kind person; sorted, never empty.
        persons: Vec<String>,
        /// What they are said not to have known.
        topic: String,
    },
}

impl Template {
    /// The template's word in `case.toml`, without its argument.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::FullListOfStores { .. } => "full-list-of-stores",
            Self::NoEvidenceOf { .. } => "no-evidence-of",
            Self::NotInRegion { .. } => "not-in-region",
            Self::NotACustomerOf { .. } => "not-a-customer-of",
            Self::UnawareUntil { .. } => "unaware-until",
        }
    }
}

words! {
    /// The kinds of use a store can be consistent with (PROFILE section 7).
    ///
    /// The two outcomes `opaque` and `unknown` are not kinds: nobody can claim their absence.
    pub enum StorageKind {
        /// Recorded phone calls.
        RecordedCalls = "recorded_calls",
        /// Other audio.
        OtherAudio = "other_audio",
        /// Video of fixed cameras.
        VideoFixedCamera = "video_fixed_camera",
        /// Other video.
        VideoOther = "video_other",
        /// Images.
        Images = "images",
        /// Backups and disk images.
        BackupsDiskImages = "backups_disk_images",
        /// Database files and dumps.
        DatabaseFilesDumps = "database_files_dumps",
        /// Logs and telemetry.
        LogsTelemetry = "logs_telemetry",
        /// Data lakes.
        DataLake = "data_lake",
        /// Data sets for machine learning.
        MlDatasets = "ml_datasets",
        /// Machine-learning models.
        MlModels = "ml_models",
        /// Documents.
        Documents = "documents",
        /// Mail.
        Mail = "mail",
        /// Web assets.
        WebAssets = "web_assets",
        /// Source code and packages.
        SourcePackages = "source_packages",
        /// Container images.
        ContainerImages = "container_images",
        /// Scientific data.
        Scientific = "scientific",
    }
}

words! {
    /// What a quantity claim measures over its scope.
    pub enum QuantityMeasure {
        /// A number of objects.
        Count = "count",
        /// Bytes held at one instant, at their highest in the period.
        Bytes = "bytes",
        /// Bytes times hours over the period.
        ByteHours = "byte_hours",
    }
}

words! {
    /// How a quantity compares to the value said.
    pub enum Comparison {
        /// Less than.
        Less = "<",
        /// At most.
        AtMost = "<=",
        /// At least.
        AtLeast = ">=",
        /// More than.
        More = ">",
    }
}

words! {
    /// The closed list of units (METHOD section 1); mixing families is an error.
    pub enum Unit {
        /// Objects or other things counted.
        Count = "count",
        /// Bytes.
        B = "B",
        /// 10^3 bytes.
        KB = "kB",
        /// 10^6 bytes.
        MB = "MB",
        /// 10^9 bytes.
        GB = "GB",
        /// 10^12 bytes.
        TB = "TB",
        /// 10^15 bytes.
        PB = "PB",
        /// 10^18 bytes.
        EB = "EB",
        /// 2^10 bytes.
        KiB = "KiB",
        /// 2^20 bytes.
        MiB = "MiB",
        /// 2^30 bytes.
        GiB = "GiB",
        /// 2^40 bytes.
        TiB = "TiB",
        /// 2^50 bytes.
        PiB = "PiB",
        /// 2^60 bytes.
        EiB = "EiB",
        /// Bytes times hours.
        ByteHours = "byte_hours",
        /// 2^30 bytes over the hours of a month.
        GiBMonth = "GiB_month",
        /// 10^9 bytes over the hours of a month.
        GBMonth = "GB_month",
    }
}

/// Which powers a unit is built on; a decimal and a binary unit differ by up to 15 % (METHOD G-K4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitFamily {
    /// Fits both: `count`, `B`, `byte_hours`.
    Neutral,
    /// Powers of 1000.
    Decimal,
    /// Powers of 1024.
    Binary,
}

impl Unit {
    /// The measure this unit expresses.
    pub const fn measure(self) -> QuantityMeasure {
        match self {
            Self::Count => QuantityMeasure::Count,
            Self::ByteHours | Self::GiBMonth | Self::GBMonth => QuantityMeasure::ByteHours,
            _ => QuantityMeasure::Bytes,
        }
    }

    /// Powers of 1000, of 1024, or neither.
    pub const fn family(self) -> UnitFamily {
        match self {
            Self::Count | Self::B | Self::ByteHours => UnitFamily::Neutral,
            Self::KB | Self::MB | Self::GB | Self::TB | Self::PB | Self::EB | Self::GBMonth => {
                UnitFamily::Decimal
            }
            _ => UnitFamily::Binary,
        }
    }

    /// Things or bytes in one of this unit; for the month units, the bytes held throughout the month.
    pub const fn factor(self) -> u64 {
        match self {
            Self::Count | Self::B | Self::ByteHours => 1,
            Self::KB => 1_000,
            Self::MB => 1_000_000,
            Self::GB | Self::GBMonth => 1_000_000_000,
            Self::TB => 1_000_000_000_000,
            Self::PB => 1_000_000_000_000_000,
            Self::EB => 1_000_000_000_000_000_000,
            Self::KiB => 1 << 10,
            Self::MiB => 1 << 20,
            Self::GiB | Self::GiBMonth => 1 << 30,
            Self::TiB => 1 << 40,
            Self::PiB => 1 << 50,
            Self::EiB => 1 << 60,
        }
    }
}

words! {
    /// The lints of METHOD section 11 that a claim about the review itself can name.
    pub enum ProcessProperty {
        /// The questions were registered before the first opening of records.
        Pv102 = "PV102",
        /// The sample is verifiable.
        Pv303 = "PV303",
        /// The reviewer is not paid, chosen or terminable by the subject.
        Pv401 = "PV401",
        /// The reviewer does not review its own work.
        Pv402 = "PV402",
        /// The subject does not control publication.
        Pv403 = "PV403",
        /// The method is public.
        Pv501 = "PV501",
    }
}
