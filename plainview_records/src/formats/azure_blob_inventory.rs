//! `azure-blob-inventory`: Azure Blob Inventory as CSV or Parquet, with its manifests.
//!
//! Reads the columns of [`ALLOWED`], whose names are compared without regard to case, `-` and `_`, because tools spell them
//! differently. Metadata, tags, owners and access lists are never read. A manifest stands for the data files it lists, as
//! in [`super::s3_inventory`]; it gives their lengths but no digests, so that only its own checksum vouches for it.
//!
//! What the format makes easy to get wrong, and what is done:
//! - The manifest exists from the start with the status `Pending`; one that did not succeed is a `lost` notice, because rows
//!   may be missing, and one without a checksum file, which alone marks completion, is a doubt.
//! - `Name` begins with the container. Folders of a hierarchical namespace are rows, in state `folder`.
//! - Snapshots, older versions and deleted blobs are further rows of the same name; only state `current` counts as live bytes.
//! - Reports on containers list no blobs: their rows are counted in a notice and not read.
//! - Overlapping rules list a blob twice, and sums differ from the bill by design; the first is a doubt when manifests of one
//!   account begin on one day.

mod manifest;
mod rows;

use std::collections::BTreeSet;

use self::manifest::AzureManifest;
use self::rows::{Blobs, Counting};
use super::inventory::columnar::ColumnarFile;
use super::inventory::plan::{self, Manifest as _, Planned, Vouching};
use super::inventory::text::TextFile;
use super::inventory::{Columns, Taker, plain};
use super::refused_header;
use crate::Error;
use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};

/// The columns this reader may read.
pub const ALLOWED: &[&str] = &[
    "Name",
    "Creation-Time",
    "Last-Modified",
    "ETag",
    "Content-Length",
    "Content-Type",
    "BlobType",
    "AccessTier",
    "Snapshot",
    "VersionId",
    "IsCurrentVersion",
    "Deleted",
    "hdi_isfolder",
    "ServerEncrypted",
    "EncryptionScope",
    "ImmutabilityPolicyUntilDate",
    "LegalHold",
];

/// Columns that Blob Inventory defines for blobs and this reader leaves alone.
const LEFT: &[&str] = &[
    "LastAccessTime",
    "Content-Encoding",
    "Content-Language",
    "Content-CRC64",
    "Content-MD5",
    "Cache-Control",
    "Cache-Disposition",
    "Content-Disposition",
    "AccessTierChangeTime",
    "AccessTierInferred",
    "LeaseStatus",
    "LeaseState",
    "LeaseDuration",
    "CustomerProvidedKeySHA256",
    "Metadata",
    "Expiry-Time",
    "Owner",
    "Group",
    "Permissions",
    "Acl",
    "DeletionId",
    "DeletedTime",
    "RemainingRetentionDays",
    "TagCount",
    "Tags",
    "CopyId",
    "CopySource",
    "CopyStatus",
    "CopyProgress",
    "CopyCompletionTime",
    "CopyStatusDescription",
    "ImmutabilityPolicyMode",
    "RehydratePriority",
    "ArchiveStatus",
    "IncrementalCopy",
    "x-ms-blob-sequence-number",
];

/// Columns that only reports on containers have.
const CONTAINER_ONLY: &[&str] = &[
    "PublicAccess",
    "DefaultEncryptionScope",
    "DenyEncryptionScopeOverride",
    "HasImmutabilityPolicy",
    "HasLegalHold",
    "ImmutableStorageWithVersioningEnabled",
];

const COLUMNS: Columns = Columns {
    allowed: ALLOWED,
    left: LEFT,
};

/// Reads every manifest and data file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let Planned { data, manifests } = plan::plan::<AzureManifest>(run);
    say_status(run, &manifests);
    let mut named = BTreeSet::new();
    let mut counted = vec![0_u64; manifests.len()];
    let mut is_whole = vec![true; manifests.len()];
    for data_file in &data {
        let file = &data_file.file;
        let owner = data_file.owner;
        if plan::is_usable(run, data_file, &manifests) {
            let manifest = owner.map(|owner| &manifests[owner].manifest);
            let rows = read_data(run, file, manifest, &mut named)?;
            if let Some(owner) = owner {
                counted[owner] += rows;
            }
        } else if let Some(owner) = owner {
            is_whole[owner] = false;
        }
    }
    for (index, vouching) in manifests.iter().enumerate() {
        let expected = vouching.manifest.object_count();
        // Files that are missing or were refused have their own notices; a sum over the rest would say nothing.
        let listed = data.iter().filter(|data| data.owner == Some(index)).count();
        if is_whole[index]
            && listed == vouching.manifest.listed().len()
            && expected.is_some_and(|count| count != counted[index])
        {
            let note = Note::doubt(
                "summary-mismatch",
                "the manifest counts another number of rows than its files have",
            )
            .measured(format!("{} rows", counted[index]))
            .expected(format!("{} rows", expected.unwrap_or(0)));
            run.note(Some(&vouching.file), note);
        }
    }
    Ok(())
}

/// Says which manifests are not those of a finished inventory, and which account they are about.
fn say_status(run: &mut Run<'_>, manifests: &[Vouching<AzureManifest>]) {
    for vouching in manifests {
        if !vouching.manifest.is_finished() {
            let note = Note::lost("inventory-unfinished", "the inventory was not finished when this manifest was written; rows may be missing")
                .found(vouching.manifest.status())
                .expected("Succeeded");
            run.note(Some(&vouching.file), note);
        }
        let (_, given) = run.input.provider_account("azure");
        if let Some(account) = vouching.manifest.account()
            && run.input.account.is_some()
            && account != given
        {
            let note = Note::doubt("account-mismatch", "the manifest is about another storage account than the source says; the manifest's is used")
                .found(account)
                .expected(given);
            run.note(Some(&vouching.file), note);
        }
    }
    if run.input.account.is_none()
        && manifests
            .iter()
            .all(|vouching| vouching.manifest.account().is_none())
    {
        let note = Note::doubt(
            "account-unknown",
            "no manifest names the storage account, and the source gives none",
        )
        .expected("account = \"azure/contoso\"");
        run.note(None, note);
    }
}

/// Reads one data file; how many rows it has, used or not.
fn read_data(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&AzureManifest>,
    named: &mut BTreeSet<String>,
) -> Result<u64, Error> {
    let opened = match sniff(&file.path) {
        Err(error) => Err(Note::lost(
            "file-unreadable",
            "the file could not be read and none of its rows was used",
        )
        .found(error.kind().to_string())),
        Ok(Content::Empty) => Err(Note::doubt("empty-file", "the file is empty")),
        Ok(Content::Orc | Content::Zip) => Err(Note::lost(
            "not-an-inventory-file",
            "the file is neither CSV nor Parquet",
        )
        .expected("CSV with a header, or Parquet")),
        Ok(content) => Opened::open(run, file, content),
    };
    let (opened, names) = match opened {
        Ok(opened) => opened,
        Err(note) => {
            run.note(Some(file), note);
            return Ok(0);
        }
    };
    let has = |name: &str| names.iter().any(|found| plain(found) == plain(name));
    if !has("Name") {
        run.note(Some(file), not_a_report(manifest.is_some(), &names));
        return Ok(0);
    }
    if manifest.is_none() {
        run.note(
            Some(file),
            Note::doubt("no-manifest", "no manifest vouches for the file")
                .expected("RULE-manifest.json"),
        );
    }
    let is_container_report = manifest.is_some_and(AzureManifest::is_about_containers)
        || CONTAINER_ONLY.iter().any(|name| has(name));
    if is_container_report {
        let layout = super::inventory::Layout {
            places: vec![None; ALLOWED.len()],
            width: names.len(),
        };
        let mut counting = Counting::default();
        opened.rows(run, file, &layout, &mut counting)?;
        return Ok(counting.rows);
    }
    let layout = COLUMNS.layout(run, file, &names, named);
    let mut blobs = Blobs::new(run, manifest, &layout);
    opened.rows(run, file, &layout, &mut blobs)?;
    Ok(blobs.rows)
}

/// A file without a `Name` column: lost when a manifest names it, else no part of the inventory.
fn not_a_report(is_listed: bool, names: &[String]) -> Note {
    if is_listed {
        Note::lost(
            "missing-columns",
            "the file lacks the column without which it cannot be used",
        )
        .found(refused_header(names, |place| COLUMNS.knows(&names[place])))
        .expected("Name")
    } else {
        Note::unread(
            "not-an-inventory-file",
            "the file is no part of an inventory and was not read",
        )
    }
}

/// A data file of either encoding.
enum Opened {
    Text(TextFile),
    Columnar(ColumnarFile),
}

impl Opened {
    fn open(
        run: &Run<'_>,
        file: &SourceFile,
        content: Content,
    ) -> Result<(Self, Vec<String>), Note> {
        if content == Content::Parquet {
            let opened = ColumnarFile::open(&file.path, content)?;
            let names = opened.names();
            return Ok((Self::Columnar(opened), names));
        }
        let mut opened = TextFile::open(run, file);
        let names = opened.header()?.unwrap_or_default();
        Ok((Self::Text(opened), names))
    }

    fn rows(
        self,
        run: &mut Run<'_>,
        file: &SourceFile,
        layout: &super::inventory::Layout,
        taker: &mut impl Taker,
    ) -> Result<(), Error> {
        match self {
            Self::Text(opened) => opened.rows(run, file, layout, taker),
            Self::Columnar(opened) => opened.rows(run, file, layout, taker),
        }
    }
}
