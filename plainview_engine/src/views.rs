//! The built-in views: the review's method as SQL that a lawyer's expert can read.
//!
//! Each view is a `.sql` file whose leading comment says what a row means. They stand in reading
//! order; a view may use the tables and the views above it.

/// One built-in view.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Its name in SQL.
    pub name: &'static str,
    /// Its definition, with the comment that explains it.
    pub sql: &'static str,
}

macro_rules! view {
    ($name:literal) => {
        View {
            name: $name,
            sql: include_str!(concat!("views/", $name, ".sql")),
        }
    };
}

/// All views, in the order in which they are created.
pub const VIEWS: &[View] = &[
    view!("listed_snapshots"),
    view!("first_snapshots"),
    view!("created_bounds"),
    view!("latest_objects"),
    view!("storage_charges"),
    view!("billed_quantities"),
    view!("metered_bytes"),
    view!("service_months"),
    view!("region_months"),
    view!("named_stores"),
    view!("record_days"),
    view!("control_sums"),
    view!("counted_requests"),
    view!("logged_months"),
    view!("digest_intervals"),
    view!("lost_log_files"),
    view!("store_events"),
    view!("act_hours"),
    view!("acts"),
    view!("act_days"),
];
