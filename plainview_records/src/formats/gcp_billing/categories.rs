//! FOCUS service categories of Google Cloud services, by the name that bills give them.

/// Category, and service names set apart by bars.
#[rustfmt::skip]
const CATEGORIES: &[(&str, &str)] = &[
    ("Storage", "Cloud Storage|Cloud Filestore|Filestore|Backup and DR Service|Backup for GKE|NetApp Volumes|Storage Transfer Service"),
    ("Compute", "Compute Engine|App Engine|Cloud Functions|Cloud Run|Cloud Run Functions|Kubernetes Engine|Artifact Registry|Container Registry Vulnerability Scanning|VMware Engine|Batch"),
    ("Databases", "Cloud SQL|Cloud Spanner|Cloud Bigtable|Cloud Firestore|Cloud Memorystore for Redis|AlloyDB|Cloud Datastore"),
    ("Networking", "Networking|Cloud DNS|Cloud CDN|Network Intelligence Center|Cloud Interconnect"),
    ("Analytics", "BigQuery|BigQuery Storage API|BigQuery Reservation API|Cloud Dataflow|Cloud Dataproc|Cloud Composer|Cloud Data Fusion|Dataplex|Looker"),
    ("AI and Machine Learning", "Vertex AI|Cloud Speech API|Cloud Text-to-Speech API|Cloud Natural Language API|Cloud Vision API|Cloud Video Intelligence API|Cloud Translation API|Translate|Gemini API|Cloud Document AI API|Dialogflow API"),
    ("Integration", "Cloud Pub/Sub|Eventarc|Workflows|Cloud Tasks|Apigee|API Gateway"),
    ("Management and Governance", "Cloud Logging|Cloud Monitoring|Stackdriver Logging|Stackdriver Monitoring|Cloud Scheduler|Support"),
    ("Security", "Cloud Key Management Service (KMS)|Secret Manager|Security Command Center|Cloud Data Loss Prevention|Sensitive Data Protection|Cloud Armor|Chronicle"),
    ("Identity", "Identity Platform|Managed Service for Microsoft Active Directory"),
    ("Media", "Transcoder API|Live Stream API"),
    ("Developer Tools", "Cloud Build|Source Repository|Cloud Deploy"),
    ("Web", "Firebase Hosting|Firebase"),
];

/// The FOCUS service category of a service.
pub(super) fn of(service: &str) -> &'static str {
    CATEGORIES
        .iter()
        .find(|(_, services)| {
            services
                .split('|')
                .any(|known| known.eq_ignore_ascii_case(service))
        })
        .map_or("Other", |(category, _)| category)
}
