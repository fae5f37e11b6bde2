//! A word planted in every field that no format's list allows is found in no output, table, cache, leftover file or message.
//!
//! The fixtures hold every field the vendors document, so that a field which is added to a reader by mistake shows here.
//! Each file also ends in a record that is broken off inside such a field: what a parser says of it must not repeat it.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64_like::encodings;
use tempfile::TempDir;

use crate::world::{Ran, arg, small_case, walk};

/// The planted word: no identifier-like run, so that no masking can hide it.
const CANARY: &str = "zqcanaryqz";

/// One source of the case: format, what else its table needs, file name, content with `@@` for the canary.
struct Fixture {
    format: &'static str,
    more: &'static str,
    file: &'static str,
    text: &'static str,
}

const fn plain(format: &'static str, file: &'static str, text: &'static str) -> Fixture {
    Fixture {
        format,
        more: "",
        file,
        text,
    }
}

const FIXTURES: &[Fixture] = &[
    plain(
        "s3-access-log",
        "access.log",
        r#"79a5 b-one [06/Jan/2025:10:00:00 +0000] 192.0.2.3 79a5 3E57 REST.GET.OBJECT a/b.bin "GET /a/b.bin?x=@@ HTTP/1.1" 200 - 2662 3462992 70 10 "https://@@.example/@@" "@@ "agent" @@" @@ @@ SigV4 @@ AuthHeader @@.s3.example TLSv1.2 @@ Yes @@ @@
79a5 b-one [06/Jan/2025:10:00:01 +0000] 192.0.2.3 79a5 3E58 REST.GET.OBJECT a/b.bin "GET /a?x=@@
"#,
    ),
    plain(
        "cloudtrail",
        "trail.json",
        r#"{"Records":[{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDA","arn":"arn:aws:iam::111122223333:user/ops","accountId":"111122223333","accessKeyId":"@@","userName":"@@","sessionContext":{"attributes":{"mfaAuthenticated":"@@"},"webIdFederationData":{"federatedProvider":"@@"}},"onBehalfOf":{"userId":"@@"}},"eventTime":"2025-01-06T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7","userAgent":"@@","requestParameters":{"bucketName":"b-one","key":"a/b","Host":"@@","x-amz-meta-note":"@@","tagging":"@@","drift":"@@"},"responseElements":{"x-amz-version-id":"@@","extra":{"deep":"@@"}},"additionalEventData":{"SignatureVersion":"@@","CipherSuite":"@@","bytesTransferredIn":1.0,"x-amz-id-2":"@@"},"requestID":"@@","eventID":"e1","readOnly":false,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b-one/a/b","note":"@@"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data","tlsDetails":{"clientProvidedHostHeader":"@@"},"serviceEventDetails":{"note":"@@"},"addendum":{"reason":"@@"},"edgeDeviceDetails":"@@","errorMessage":"@@","apiVersion":"@@","newField":{"drift":"@@"}},{"eventTime":"2025-01-06T10:00:01Z","userAgent":"@@","eventSource":7,"eventName":["@@"]},{"eventTime":"2025-01-06T10:00:02Z","userAgent":"@@"#,
    ),
    plain(
        "storage-blob-logs",
        "blob.json",
        r#"{"time":"2025-01-06T10:00:00.1234567Z","resourceId":"/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/fictionalaccount/blobServices/default","category":"StorageRead","operationName":"GetBlob","operationVersion":"2020-04-08","schemaVersion":"1.0","statusCode":200,"statusText":"Success","durationMs":4,"callerIpAddress":"192.0.2.9:1234","correlationId":"c1","identity":{"type":"OAuth","tokenHash":"@@","requester":{"appId":"a1","objectId":"o1","tenantId":"t1","upn":"@@@example.org","tokenIssuer":"@@"},"extra":"@@"},"location":"westeurope","properties":{"accountName":"fictionalaccount","userAgentHeader":"@@","referrerHeader":"https://@@.example","clientRequestId":"@@","etag":"\"@@\"","serviceType":"blob","objectKey":"/fictionalaccount/c-one/a/b.bin","metricResponseType":"Success","responseBodySize":10,"requestBodySize":0,"requestMd5":"@@","serverMd5":"@@","conditionsUsed":"@@","tlsVersion":"TLS 1.2","smbPrimarySid":"@@","newField":"@@"},"uri":"https://fictionalaccount.blob.core.windows.net/c-one/a/b.bin?sig=@@&sv=@@","protocol":"HTTPS","resourceType":"Microsoft.Storage/storageAccounts/blobServices","newField":{"drift":"@@"}}
{"time":"2025-01-06T10:00:01Z","category":"StorageRead","uri":"https://x.example/?sig=@@","statusCode":{"drift":"@@"}}
{"time":"2025-01-06T10:00:02Z","uri":"@@
"#,
    ),
    plain(
        "azure-activity",
        "activity.json",
        r#"{"time":"2025-01-06T10:00:00Z","resourceId":"/SUBSCRIPTIONS/0/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/FICTIONALACCOUNT","operationName":"MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE","category":"Administrative","resultType":"Success","resultSignature":"Succeeded.","durationMs":"0","callerIpAddress":"192.0.2.9","correlationId":"c1","identity":{"authorization":{"scope":"@@","action":"@@","evidence":{"role":"@@","principalId":"p1"}},"claims":{"name":"@@","ipaddr":"@@","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname":"@@","puid":"@@","deviceid":"@@"}},"level":"Information","location":"global","properties":{"requestbody":"{\"x\":\"@@\"}","responseBody":{"y":"@@"},"message":"@@","extra":"@@"},"tenantId":"t1","RoleLocation":"@@","ReleaseVersion":"@@","newField":"@@"}
{"time":"not a time","operationName":"MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE","properties":{"message":"@@"},"identity":"@@"}
{"time":"2025-01-06T10:00:01Z","properties":{"message":"@@
"#,
    ),
    plain(
        "m365-audit",
        "audit.json",
        r#"{"CreationTime":"2025-01-06T10:00:00","Id":"i1","Operation":"FileAccessed","OrganizationId":"org1","RecordType":6,"UserKey":"@@","UserType":0,"Version":1,"Workload":"SharePoint","UserId":"@@@example.org","ObjectId":"https://c.example/sites/@@/a.docx","ClientIP":"192.0.2.4","SourceFileName":"@@.docx","SourceRelativeUrl":"@@","SiteUrl":"https://@@.example","UserAgent":"@@","DeviceDisplayName":"@@","ItemName":"@@","Subject":"@@","newField":{"drift":"@@"}}
{"CreationTime":"2025-01-06T10:00:01","Id":"i2","Operation":"Set-Mailbox","OrganizationId":"org1","RecordType":1,"ResultStatus":"True","UserType":2,"Workload":"Exchange","UserId":"ops@example.net","ObjectId":"box","Parameters":[{"Name":"@@","Value":"@@"}],"ExtendedProperties":[{"Name":"x","Value":"@@"}],"ModifiedProperties":[{"NewValue":"@@"}],"AppAccessContext":{"AADSessionId":"@@"}}
{"CreationTime":"2025-01-06T10:00:02","Operation":["@@"],"Subject":"@@
"#,
    ),
    plain(
        "azure-resource-graph",
        "graph.json",
        r#"{"count":1,"data":[{"id":"/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/fictionalaccount","name":"fictionalaccount","type":"microsoft.storage/storageaccounts","tenantId":"t1","kind":"StorageV2","location":"westeurope","resourceGroup":"rg","subscriptionId":"0","managedBy":"@@","sku":{"name":"Standard_LRS","note":"@@"},"plan":{"product":"@@"},"properties":{"isHnsEnabled":true,"creationTime":"2025-01-02T00:00:00Z","primaryEndpoints":{"blob":"https://@@.example"},"customDomain":"@@","networkAcls":{"defaultAction":"Deny","ipRules":[{"value":"@@"}]},"encryption":{"keySource":"Microsoft.Storage","keyVaultProperties":{"keyName":"@@"}}},"tags":{},"identity":{"principalId":"@@"},"zones":["@@"],"extendedLocation":{"name":"@@"},"newField":"@@"},{"id":7,"properties":{"x":"@@"}}],"skip_token":"@@","total_records":2,"newField":"@@"}"#,
    ),
    plain(
        "gcs-usage-log",
        "box_usage_2025_01_06_10_00_00_0a_v0",
        r#""time_micros","c_ip","c_ip_type","c_ip_region","cs_method","cs_uri","sc_status","cs_bytes","sc_bytes","time_taken_micros","cs_host","cs_referer","cs_user_agent","s_request_id","cs_operation","cs_bucket","cs_object","new_column"
"1736157600000000","192.0.2.5","1","@@","GET","/box/a?Signature=@@","200","0","10","900","@@.example","https://@@.example","@@, ""@@""","r1","GET_Object","box","a","@@"
"soon","192.0.2.5","1","@@","GET","/box/a?Signature=@@","200","0","10","900","@@.example","","@@","r2","GET_Object","box","a","@@"
"1736157600000000","192.0.2.5","1","@@","GET","/box/@@
"#,
    ),
    plain(
        "gcs-storage-log",
        "box_storage_2025_01_06_08_00_00_0a_v0",
        "\"bucket\",\"storage_byte_hours\",\"note\"\n\"box\",\"2400\",\"@@\"\n\"box\",\"many\",\"@@\"\n\"box\",\"24\",\"@@\n",
    ),
    plain(
        "gcp-audit",
        "gcp.json",
        r#"{"insertId":"i1","logName":"projects/p-one/logs/cloudaudit.googleapis.com%2Fdata_access","timestamp":"2025-01-06T10:00:00.123456789Z","receiveTimestamp":"2025-01-06T10:00:01Z","severity":"INFO","resource":{"type":"gcs_bucket","labels":{"project_id":"p-one","bucket_name":"box","location":"eu","note":"@@"}},"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"storage.googleapis.com","methodName":"storage.objects.get","resourceName":"projects/_/buckets/box/objects/a","authenticationInfo":{"principalEmail":"app@p-one.iam.gserviceaccount.com","authoritySelector":"@@","thirdPartyPrincipal":{"x":"@@"},"oauthInfo":{"oauthClientId":"@@"}},"authorizationInfo":[{"permission":"storage.objects.get","resource":"projects/_/buckets/box/objects/a","granted":true,"resourceAttributes":{"name":"@@"}}],"requestMetadata":{"callerIp":"192.0.2.6","callerSuppliedUserAgent":"@@","callerNetwork":"@@","requestAttributes":{"time":"2025-01-06T10:00:00Z","path":"@@","headers":{"x":"@@"}},"destinationAttributes":{"x":"@@"}},"request":{"body":"@@"},"response":{"body":"@@"},"status":{"message":"@@","details":["@@"]},"metadata":{"note":"@@"},"newField":"@@"},"labels":{"x":"@@"},"trace":"@@","newField":{"drift":"@@"}}
{"insertId":"i2","timestamp":"never","protoPayload":{"request":"@@","methodName":["@@"]}}
{"insertId":"i3","protoPayload":{"request":"@@
"#,
    ),
    plain(
        "aws-cur",
        "cur.csv",
        "identity/LineItemId,identity/TimeInterval,bill/InvoiceId,bill/BillingEntity,bill/BillType,bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/UsageType,lineItem/Operation,lineItem/ResourceId,lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedCost,lineItem/LineItemDescription,lineItem/UserIdentifier,product/region,product/other,reservation/other,newColumn\n\
         x,2025-01-06T00:00:00Z/2025-01-07T00:00:00Z,inv,AWS,Anniversary,111122223333,2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,111122223333,Usage,2025-01-06T00:00:00Z,2025-01-07T00:00:00Z,AmazonS3,EU-TimedStorage-ByteHrs,StandardStorage,b-one,24,USD,0.1,storage,@@,eu-west-1,@@,@@,@@\n\
         x,2025-01-06T00:00:00Z/2025-01-07T00:00:00Z,inv,AWS,Anniversary,111122223333,2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,111122223333,Usage,someday,2025-01-07T00:00:00Z,AmazonS3,EU-TimedStorage-ByteHrs,StandardStorage,b-one,24,USD,0.1,storage,@@,eu-west-1,@@,@@,@@\n\
         x,y,inv,\"@@\n",
    ),
    plain(
        "azure-cost",
        "azure.csv",
        "InvoiceSectionName,AccountName,AccountOwnerId,SubscriptionId,SubscriptionName,ResourceGroup,ResourceLocation,Date,ProductName,MeterCategory,MeterSubCategory,MeterId,MeterName,MeterRegion,UnitOfMeasure,Quantity,EffectivePrice,CostInBillingCurrency,CostCenter,ConsumedService,ResourceId,Tags,OfferId,AdditionalInfo,ServiceInfo1,ServiceInfo2,ResourceName,ChargeType,BillingAccountId,BillingAccountName,BillingCurrencyCode,BillingPeriodStartDate,BillingPeriodEndDate,NewColumn\n\
         @@,@@,@@@example.org,s1,@@,rg,westeurope,01/06/2025,Blob,Storage,Tables,m1,LRS Data Stored,EU,1 GB/Month,1.5,0.02,0.03,@@,Microsoft.Storage,/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/fictionalaccount,,MS-AZR,\"{\"\"x\"\":\"\"@@\"\"}\",@@,@@,fictionalaccount,Usage,ba1,@@,EUR,01/01/2025,01/31/2025,@@\n\
         @@,@@,@@,s1,@@,rg,westeurope,31/31/2025,Blob,Storage,Tables,m1,LRS Data Stored,EU,1 GB/Month,1.5,0.02,0.03,@@,Microsoft.Storage,/subscriptions/s1,,MS-AZR,@@,@@,@@,fictionalaccount,Usage,ba1,@@,EUR,01/01/2025,01/31/2025,@@\n\
         \"@@\n",
    ),
    plain(
        "gcp-billing",
        "gcp.csv",
        "billing_account_id,service.id,service.description,sku.id,sku.description,usage_start_time,usage_end_time,project.id,project.name,project.ancestry_numbers,location.location,location.country,location.region,location.zone,export_time,cost,currency,currency_conversion_rate,usage.amount,usage.unit,usage.amount_in_pricing_units,usage.pricing_unit,credits,invoice.month,cost_type,system_labels,transaction_type,new_column\n\
         ba1,sv,Cloud Storage,sk,Standard Storage,2025-01-06T00:00:00Z,2025-01-07T00:00:00Z,p-one,@@,@@,eu,@@,europe-west1,@@,@@,0.1,EUR,1,100,byte-seconds,1,gibibyte month,[],202501,regular,@@,@@,@@\n\
         ba1,sv,Cloud Storage,sk,Standard Storage,sometime,2025-01-07T00:00:00Z,p-one,@@,@@,eu,@@,europe-west1,@@,@@,0.1,EUR,1,100,byte-seconds,1,gibibyte month,[],202501,regular,@@,@@,@@\n\
         \"@@\n",
    ),
    plain(
        "focus",
        "focus.csv",
        "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,ProviderName,PublisherName,ServiceCategory,ServiceName,ResourceName,x_Other,NewColumn\n\
         1,111122223333,@@,EUR,2025-02-01T00:00:00Z,2025-01-01T00:00:00Z,Usage,,storage,2025-02-01T00:00:00Z,2025-01-01T00:00:00Z,1,1,A provider (fictional),1,1,GB-Mo,AWS,@@,Storage,Object Storage,@@,@@,@@\n\
         1,111122223333,@@,EUR,someday,2025-01-01T00:00:00Z,Usage,,storage,2025-02-01T00:00:00Z,2025-01-01T00:00:00Z,1,1,A provider (fictional),1,1,GB-Mo,AWS,@@,Storage,Object Storage,@@,@@,@@\n\
         \"@@\n",
    ),
    plain(
        "azure-blob-inventory",
        "blobs.csv",
        "Name,Creation-Time,Last-Modified,ETag,Content-Length,Content-Type,Content-MD5,BlobType,AccessTier,Metadata,Tags,LeaseStatus,CopySource,Owner,Permissions,NewColumn\n\
         c-one/a,2025-01-06T10:00:00Z,2025-01-06T10:00:00Z,0x1,10,audio/ogg,@@,BlockBlob,Hot,\"{\"\"k\"\":\"\"@@\"\"}\",@@,unlocked,https://x.example/?sig=@@,@@,@@,@@\n\
         c-one/b,someday,2025-01-06T10:00:00Z,0x1,10,audio/ogg,@@,BlockBlob,Hot,@@,@@,unlocked,@@,@@,@@,@@\n\
         \"@@\n",
    ),
    plain(
        "s3-storage-lens",
        "lens.csv",
        "version_number,configuration_id,report_date,aws_account_number,aws_region,storage_class,record_type,record_value,bucket_name,metric_name,metric_value,new_column\n\
         @@,@@,2025-01-06,111122223333,eu-west-1,STANDARD,BUCKET,@@,b-one,StorageBytes,10,@@\n\
         @@,@@,someday,111122223333,eu-west-1,STANDARD,BUCKET,@@,b-one,StorageBytes,10,@@\n\
         \"@@\n",
    ),
    plain(
        "cloudwatch-metrics",
        "metrics.json",
        r#"{"metric_stream_name":"@@","account_id":"111122223333","region":"eu-west-1","namespace":"AWS/S3","metric_name":"BucketSizeBytes","dimensions":{"BucketName":"b-one","StorageType":"StandardStorage","Other":"@@"},"timestamp":1736121600000,"value":{"max":10.0,"min":10.0,"sum":10.0,"count":1.0,"note":"@@"},"unit":"Bytes","note":"@@"}
{"metric_stream_name":"@@","metric_name":"BucketSizeBytes","namespace":"@@
"#,
    ),
    plain(
        "azure-monitor-metrics",
        "azure-metrics.json",
        r#"{"time":"2025-01-06T00:00:00Z","resourceId":"/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/fictionalaccount","metricName":"UsedCapacity","timeGrain":"PT1H","average":10,"note":"@@","drift":"@@"}
{"time":"2025-01-06T01:00:00Z","note":"@@
"#,
    ),
    plain(
        "mail",
        "one.eml",
        "From: ops@example.net\r\nTo: desk@example.org\r\nBcc: @@@example.org\r\nDate: Mon, 6 Jan 2025 10:00:00 +0000\r\nSubject: order\r\nMessage-ID: <1@example.net>\r\nX-Mailer: @@\r\nX-Originating-IP: @@\r\nReceived: from @@ by example.org; Mon, 6 Jan 2025 10:00:01 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nwords\r\n--b\r\nContent-Type: application/octet-stream; name=\"@@.bin\"\r\nContent-Disposition: attachment; filename=\"@@.bin\"\r\n\r\n@@\r\n--b--\r\n",
    ),
    plain(
        "document",
        "page.html",
        "<!doctype html><html><head><title>Page</title><meta name=author content=\"@@\"><script>var x='@@'</script><style>.@@{}</style></head><body><!-- @@ --><p data-x=\"@@\">words <a href=\"https://@@.example/?t=@@\">link</a></p></body></html>",
    ),
    Fixture {
        format: "table",
        more: "[source.map]\ntable = \"charges\"\n[source.map.columns]\nprovider = { value = \"aws\" }\nbilling_account = { value = \"111122223333\" }\naccount = { value = \"111122223333\" }\nservice_category = { value = \"Storage\" }\nservice_name = { value = \"Object Storage\" }\ncharge_category = { value = \"Usage\" }\ninvoice_issuer = { value = \"A provider (fictional)\" }\ncurrency = { value = \"EUR\" }\ncharge_start = \"From\"\ncharge_end = \"To\"\n",
        file: "sheet.csv",
        text: "From,To,Note\n2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,@@\nsomeday,2025-02-01T00:00:00Z,@@\n2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,\"@@\n",
    },
];

/// The forms in which the word could slip through.
mod base64_like {
    /// The word as it is, in hex, percent-encoded and in base64 at its three offsets.
    pub(super) fn encodings(word: &str) -> Vec<Vec<u8>> {
        let hex: String = word.bytes().map(|b| format!("{b:02x}")).collect();
        let percent: String = word.bytes().map(|b| format!("%{b:02x}")).collect();
        let mut all = vec![
            word.as_bytes().to_vec(),
            hex.into_bytes(),
            percent.into_bytes(),
        ];
        for offset in 0..3 {
            let mut bytes = vec![0_u8; offset];
            bytes.extend_from_slice(word.as_bytes());
            let text = base64(&bytes);
            // The first and last digits also hold bits of the neighbours.
            all.push(text.as_bytes()[(offset * 8).div_ceil(6)..bytes.len() * 8 / 6].to_vec());
        }
        all
    }

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bit = |at: usize| {
            bytes
                .get(at / 8)
                .map_or(0, |byte| (byte >> (7 - at % 8)) & 1)
        };
        (0..(bytes.len() * 8).div_ceil(6))
            .map(|digit| (0..6).fold(0, |value, n| value * 2 + bit(digit * 6 + n)))
            .map(|value| DIGITS[usize::from(value)] as char)
            .collect()
    }
}

/// The text around the first place, for whoever reads a failure.
fn around(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let at = text.find(CANARY).unwrap_or(0);
    text.chars()
        .skip(at.saturating_sub(300))
        .take(400)
        .collect()
}

#[track_caller]
fn hides(what: &str, bytes: &[u8]) {
    let lower = bytes.to_ascii_lowercase();
    for form in encodings(CANARY) {
        let found = bytes
            .windows(form.len())
            .chain(lower.windows(form.len()))
            .any(|window| window == form);
        assert!(
            !found,
            "{what} shows {}: {}",
            String::from_utf8_lossy(&form),
            around(bytes)
        );
    }
}

#[track_caller]
fn hides_run(what: &str, ran: &Ran) {
    hides(what, ran.out.as_bytes());
    hides(what, ran.err.as_bytes());
}

fn case() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut more = String::new();
    for fixture in FIXTURES {
        let Fixture {
            format,
            file,
            text,
            more: map,
        } = fixture;
        let path = folder.path().join("sources").join(format).join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.replace("@@", CANARY)).unwrap();
        let account = match *format {
            "mail" | "document" => "",
            f if f.contains("azure") || f.contains("blob") => {
                "account = \"azure/fictionalaccount\"\n"
            }
            f if f.starts_with("gc") => "account = \"gcp/p-one\"\n",
            _ => "account = \"aws/111122223333\"\n",
        };
        let kind = if account.is_empty() {
            "statement"
        } else {
            "system-record"
        };
        more.push_str(&format!(
            "[[source]]\nid = \"of-{format}\"\nformat = \"{format}\"\nfiles = [\"sources/{format}\"]\nkind = \"{kind}\"\ncustodian = \"provider\"\ncontroller = \"provider\"\nacquired_at = 2025-07-01T00:00:00Z\n{account}{map}"
        ));
    }
    small_case(folder.path(), &more);
    fs::create_dir_all(folder.path().join("sources/inventory")).unwrap();
    let schema =
        "Bucket, Key, Size, LastModifiedDate, ObjectOwner, ObjectAccessControlList, NewColumn";
    let row = format!(
        "\"b-one\",\"a/b\",\"10\",\"2025-01-06T10:00:00.000Z\",\"{CANARY}\",\"{CANARY}\",\"{CANARY}\"\n"
    );
    let bad = format!(
        "\"b-one\",\"a/c\",\"ten\",\"2025-01-06T10:00:00.000Z\",\"{CANARY}\",\"{CANARY}\",\"{CANARY}\"\n"
    );
    let manifest = format!(
        r#"{{"sourceBucket":"b-one","destinationBucket":"arn:aws:s3:::d","version":"2016-11-30","creationTimestamp":"1736500000000","fileFormat":"CSV","fileSchema":"{schema}","files":[{{"key":"data/a.csv","size":{}}}]}}"#,
        row.len() + bad.len()
    );
    fs::write(
        folder.path().join("sources/inventory/manifest.json"),
        manifest,
    )
    .unwrap();
    fs::write(folder.path().join("sources/inventory/a.csv"), row + &bad).unwrap();
    folder
}

/// Runs the program with its temporary files in `temporary`.
fn run_in(temporary: &Path, args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_plainview"))
        .args(args)
        .env("NO_COLOR", "1")
        .env("TMPDIR", temporary)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn what_no_list_allows_is_found_nowhere() {
    let case = case();
    let temporary = tempfile::tempdir().unwrap();
    let folder = arg(case.path());
    let run = |args: &[&str]| run_in(temporary.path(), args);
    // The broken records make it 2; anything else means that they were swallowed, or that the case is wrong.
    hides_run("review", &run(&["review", folder]).code(2));
    let tables = [
        "objects",
        "requests",
        "activity",
        "metering",
        "charges",
        "resources",
        "documents",
        "deliveries",
        "notices",
    ];
    for table in tables {
        let ran = run(&[
            "ask",
            folder,
            &format!("select * from {table}"),
            "--format",
            "json",
        ])
        .code(0);
        hides_run(table, &ran);
    }
    hides_run("explain", &run(&["explain", folder, "C1"]).code(0));
    let auto = run(&[
        "records",
        "--format",
        "auto",
        "--json",
        arg(&case.path().join("sources")),
    ]);
    hides_run("records", &auto.code(2));
    for fixture in FIXTURES.iter().filter(|fixture| fixture.format != "table") {
        let path = case.path().join("sources").join(fixture.format);
        hides_run(
            fixture.format,
            &run(&["records", "--format", fixture.format, arg(&path)]),
        );
    }
    for path in walk(&case.path().join(".plainview"))
        .into_iter()
        .chain(walk(temporary.path()))
    {
        hides(&path.display().to_string(), &fs::read(&path).unwrap());
    }
}

#[test]
fn every_fixture_gives_rows_and_every_broken_record_a_notice() {
    let case = case();
    let folder = arg(case.path());
    let temporary = tempfile::tempdir().unwrap();
    run_in(temporary.path(), &["review", folder]).code(2);
    for fixture in FIXTURES {
        let path = case
            .path()
            .join(".plainview/sources")
            .join(format!("of-{}.json", fixture.format));
        let kept: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let rows: u64 = kept["rows"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(table, _)| *table != "notices")
            .map(|(_, n)| n.as_u64().unwrap())
            .sum();
        assert!(rows >= 1, "{} gave no row: {kept}", fixture.format);
        let lost = kept["notices"]
            .as_array()
            .unwrap()
            .iter()
            .any(|notice| notice["effect"] == "lost");
        let has_bad = fixture.text.matches('\n').count() > 1
            && !matches!(fixture.format, "mail" | "document");
        assert!(
            lost || !has_bad,
            "{} swallowed a broken record: {kept}",
            fixture.format
        );
    }
}

/// A file whose header was cut off: its first row must not be taken for names, which notices show.
#[test]
fn a_lost_header_does_not_turn_values_into_names() {
    let case = case();
    let temporary = tempfile::tempdir().unwrap();
    for fixture in FIXTURES
        .iter()
        .filter(|f| f.text.contains('\n') && f.format != "mail")
    {
        let path = case
            .path()
            .join("sources")
            .join(fixture.format)
            .join(fixture.file);
        let text = fs::read_to_string(&path).unwrap();
        let (_, rest) = text.split_once('\n').unwrap();
        fs::write(&path, rest).unwrap();
        let args = ["records", "--format", fixture.format, arg(&path)];
        if fixture.format != "table" {
            hides_run(fixture.format, &run_in(temporary.path(), &args));
        }
    }
    let sources = case.path().join("sources");
    let all = ["records", "--json", arg(&sources)];
    hides_run("records", &run_in(temporary.path(), &all));
    hides_run(
        "review",
        &run_in(temporary.path(), &["review", arg(case.path())]),
    );
}

#[test]
fn the_search_would_find_the_word() {
    for form in encodings(CANARY) {
        let text = [&b"before "[..], &form, b" after"].concat();
        assert!(
            std::panic::catch_unwind(|| hides("a text", &text)).is_err(),
            "{form:?}"
        );
    }
}
