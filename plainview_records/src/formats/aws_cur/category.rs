//! FOCUS service categories of AWS product codes.
//!
//! A closed list of the codes that occur in storage reviews; a code that is not on it is `Other`, never guessed. Volumes and
//! snapshots of EC2 are billed under `AmazonEC2` and so are `Compute`, as in AWS's own FOCUS export.

/// Category, and product codes in lower case set apart by spaces.
#[rustfmt::skip]
const CATEGORIES: &[(&str, &str)] = &[
    ("Storage", "amazons3 amazons3glacierdeeparchive amazonglacier amazonefs amazonfsx awsbackup awsstoragegateway awsstoragegatewaydeeparchive"),
    ("Compute", "amazonec2 amazonlightsail awslambda amazonecs amazoneks amazonecr awsbatch elasticbeanstalk"),
    ("Databases", "amazonrds amazondynamodb amazonelasticache amazondocdb amazonneptune amazonmemorydb amazontimestream"),
    ("Networking", "amazonvpc amazoncloudfront amazonroute53 awsdatatransfer awselb awsdirectconnect awsglobalaccelerator amazonapigateway"),
    ("Analytics", "amazonathena awsglue amazonkinesis amazonkinesisfirehose amazonkinesisanalytics amazonredshift amazones elasticmapreduce amazonmsk amazonquicksight awslakeformation"),
    ("AI and Machine Learning", "amazonsagemaker amazonbedrock amazontranscribe transcribe amazonrekognition amazoncomprehend comprehend amazonpolly amazonlex amazontextract translate amazontranslate"),
    ("Integration", "awsqueueservice amazonsns awsevents amazonstates amazonmq"),
    ("Management and Governance", "amazoncloudwatch awscloudtrail awsconfig awssystemsmanager awscloudformation"),
    ("Security", "awskms awssecretsmanager amazonguardduty amazonmacie amazoninspector awssecurityhub awswaf cloudhsm"),
    ("Identity", "amazoncognito awsdirectoryservice"),
    ("Internet of Things", "awsiot"),
    ("Media", "awselementalmediaconvert amazonivs amazonets"),
    ("Migration", "awsdatasync awstransfer awssnowball awsimportexport awsdatabasemigrationsvc"),
    ("Business Applications", "amazonconnect amazonchime amazonses amazonpinpoint amazonworkspaces amazonworkdocs"),
    ("Developer Tools", "codebuild awscodepipeline awscodecommit awscodeartifact awsxray awscloudshell"),
];

/// The FOCUS service category of a product code.
pub(super) fn of(code: &str) -> &'static str {
    CATEGORIES
        .iter()
        .find(|(_, codes)| {
            codes
                .split(' ')
                .any(|known| known.eq_ignore_ascii_case(code))
        })
        .map_or("Other", |(category, _)| category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_category_each_and_others_have_none() {
        let mut all: Vec<&str> = CATEGORIES
            .iter()
            .flat_map(|(_, codes)| codes.split(' '))
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(of("AmazonS3"), "Storage");
        assert_eq!(of("awskms"), "Security");
        assert_eq!(of("NoSuchService"), "Other");
    }
}
