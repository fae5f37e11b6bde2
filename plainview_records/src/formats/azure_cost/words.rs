//! Words of Azure bills in the words of FOCUS: charge categories, service categories, regions.
//!
//! Closed lists. A meter category that is on none is `Other`; a region that is on none is kept in lower case without spaces.

use std::borrow::Cow;

/// The FOCUS charge category of a charge type.
pub(super) fn charge_category(kind: &str) -> &'static str {
    match kind.to_ascii_lowercase().as_str() {
        "usage" => "Usage",
        "purchase" => "Purchase",
        "tax" => "Tax",
        "credit" => "Credit",
        _ => "Adjustment",
    }
}

/// Category, and meter categories in lower case set apart by bars.
#[rustfmt::skip]
const METER_CATEGORIES: &[(&str, &str)] = &[
    ("Storage", "storage|backup|azure netapp files|azure data lake store|azure site recovery|azure data box|storsimple"),
    ("Compute", "virtual machines|virtual machines licenses|cloud services|functions|azure app service|container instances|azure kubernetes service|container registry|azure container apps|windows virtual desktop|azure vmware solution"),
    ("Networking", "bandwidth|virtual network|load balancer|content delivery network|azure dns|vpn gateway|expressroute|network watcher|application gateway|azure front door service|azure bastion|azure firewall|nat gateway|traffic manager|virtual wan"),
    ("Databases", "sql database|sql managed instance|azure cosmos db|redis cache|azure database for mysql|azure database for postgresql|azure database for mariadb"),
    ("Analytics", "azure databricks|azure synapse analytics|stream analytics|hdinsight|azure data factory v2|azure data factory|power bi embedded|azure data explorer|microsoft fabric"),
    ("AI and Machine Learning", "cognitive services|azure machine learning|machine learning studio|azure cognitive search|azure applied ai services|azure bot service|foundry models|foundry tools"),
    ("Integration", "logic apps|service bus|event grid|event hubs|api management"),
    ("Management and Governance", "log analytics|azure monitor|automation|insight and analytics|application insights|scheduler"),
    ("Security", "key vault|microsoft defender for cloud|advanced threat protection|security center|sentinel"),
    ("Identity", "azure active directory b2c|azure active directory domain services|multi-factor authentication"),
    ("Media", "media services|azure video indexer"),
    ("Internet of Things", "iot hub|iot central"),
    ("Developer Tools", "azure devops|visual studio subscription"),
];

/// Service families, in lower case, by category.
#[rustfmt::skip]
const FAMILIES: &[(&str, &str)] = &[
    ("Storage", "storage"),
    ("Compute", "compute|containers|windows virtual desktop"),
    ("Networking", "networking"),
    ("Databases", "databases"),
    ("Analytics", "analytics"),
    ("AI and Machine Learning", "ai + machine learning"),
    ("Integration", "integration"),
    ("Management and Governance", "management and governance"),
    ("Security", "security"),
    ("Internet of Things", "internet of things"),
    ("Developer Tools", "developer tools"),
    ("Web", "web"),
];

fn listed(lists: &[(&'static str, &str)], word: &str) -> Option<&'static str> {
    lists
        .iter()
        .find(|(_, words)| {
            words
                .split('|')
                .any(|known| known.eq_ignore_ascii_case(word))
        })
        .map(|(category, _)| *category)
}

/// The FOCUS service category of a line.
pub(super) fn category(meter: &str, family: Option<&str>, consumed_by: &str) -> &'static str {
    // Disks of machines are billed under the meter category of blobs.
    if meter.eq_ignore_ascii_case("storage")
        && consumed_by.eq_ignore_ascii_case("microsoft.compute")
    {
        return "Compute";
    }
    listed(METER_CATEGORIES, meter)
        .or_else(|| listed(FAMILIES, family?))
        .unwrap_or("Other")
}

/// Regions as bills used to name them, and their ids.
#[rustfmt::skip]
const REGIONS: &[(&str, &str)] = &[
    ("us east", "eastus"), ("us east 2", "eastus2"), ("us west", "westus"), ("us west 2", "westus2"),
    ("us west 3", "westus3"), ("us central", "centralus"), ("us north central", "northcentralus"),
    ("us south central", "southcentralus"), ("us west central", "westcentralus"), ("eu west", "westeurope"),
    ("eu north", "northeurope"), ("ap southeast", "southeastasia"), ("ap east", "eastasia"),
    ("ja east", "japaneast"), ("ja west", "japanwest"), ("br south", "brazilsouth"),
    ("au east", "australiaeast"), ("au southeast", "australiasoutheast"), ("in central", "centralindia"),
    ("in south", "southindia"), ("in west", "westindia"), ("ca central", "canadacentral"),
    ("ca east", "canadaeast"), ("kr central", "koreacentral"), ("kr south", "koreasouth"),
    ("fr central", "francecentral"), ("fr south", "francesouth"), ("de west central", "germanywestcentral"),
    ("de north", "germanynorth"), ("ch north", "switzerlandnorth"), ("ch west", "switzerlandwest"),
    ("no east", "norwayeast"), ("no west", "norwaywest"), ("ae north", "uaenorth"), ("ae central", "uaecentral"),
    ("za north", "southafricanorth"), ("za west", "southafricawest"), ("se central", "swedencentral"),
    ("qa central", "qatarcentral"), ("il central", "israelcentral"), ("it north", "italynorth"),
    ("pl central", "polandcentral"), ("es central", "spaincentral"), ("mx central", "mexicocentral"),
];

/// The id of a region.
pub(super) fn region(text: &str) -> Cow<'static, str> {
    let lower = text.to_lowercase();
    REGIONS.iter().find(|(name, _)| *name == lower).map_or_else(
        || Cow::Owned(lower.replace(' ', "")),
        |(_, id)| Cow::Borrowed(*id),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_ids_however_they_are_written() {
        for (text, id) in [
            ("US East 2", "eastus2"),
            ("EastUS2", "eastus2"),
            ("West Europe", "westeurope"),
            ("UK South", "uksouth"),
        ] {
            assert_eq!(region(text), id);
        }
    }

    #[test]
    fn blobs_are_storage_and_disks_of_machines_are_not() {
        assert_eq!(category("Storage", None, "Microsoft.Storage"), "Storage");
        assert_eq!(
            category("Storage", Some("Storage"), "microsoft.compute"),
            "Compute"
        );
        assert_eq!(category("Bandwidth", Some("Storage"), ""), "Networking");
        assert_eq!(category("New Thing", Some("Analytics"), ""), "Analytics");
        assert_eq!(category("New Thing", None, ""), "Other");
    }
}
