//! The read values of one row, appended to the builder of each table, defaults filled in.

use std::collections::BTreeMap;

use crate::formats::azure_monitor_metrics::points;
use crate::formats::cloudwatch_metrics::definitions;
use crate::formats::cloudwatch_metrics::reading::{
    EGRESS, INGRESS, Meter, OBJECTS, REQUESTS, STORED, statistic,
};
use crate::tables::charges::{ChargeRow, ChargesBuilder};
use crate::tables::documents::{DocumentRow, DocumentsBuilder};
use crate::tables::metering::{MeteringBuilder, MeteringRow};
use crate::tables::objects::{ObjectRow, ObjectsBuilder, state};

/// A value that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::formats::sheet) enum Value {
    Text(String),
    Time(i64),
    Whole(i64),
    Decimal(i128),
    Flag(bool),
}

/// Why a row cannot be used: the column, what it holds, what it should hold.
pub(super) struct Bad {
    pub(super) column: &'static str,
    pub(super) found: String,
    pub(super) expected: &'static str,
}

/// The values of one row by table column.
#[derive(Default)]
pub(in crate::formats::sheet) struct Row(BTreeMap<&'static str, Value>);

impl Row {
    /// Gives a column its value.
    pub(super) fn set(&mut self, column: &'static str, value: Value) {
        self.0.insert(column, value);
    }

    pub(super) fn text(&self, column: &str) -> Option<&str> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn time(&self, column: &str) -> Option<i64> {
        match self.0.get(column) {
            Some(Value::Time(ms)) => Some(*ms),
            _ => None,
        }
    }

    /// The number, whatever kind, or the text of a column, to be compared.
    pub(in crate::formats::sheet) fn value(&self, column: &str) -> Option<&Value> {
        self.0.get(column)
    }

    pub(super) fn whole(&self, column: &str) -> Option<i64> {
        match self.0.get(column) {
            Some(Value::Whole(whole)) => Some(*whole),
            _ => None,
        }
    }

    fn decimal(&self, column: &str) -> Option<i128> {
        match self.0.get(column) {
            Some(Value::Decimal(decimal)) => Some(*decimal),
            _ => None,
        }
    }

    pub(super) fn flag(&self, column: &str) -> Option<bool> {
        match self.0.get(column) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// A time that the plan made sure of.
    pub(super) fn needed_time(&self, column: &'static str) -> Result<i64, Bad> {
        self.time(column).ok_or(Bad {
            column,
            found: "nothing".to_owned(),
            expected: "a time",
        })
    }
}

/// Where a row is, and whose it is.
pub(super) struct Place<'r> {
    pub(super) file_no: u32,
    pub(super) row_no: u64,
    pub(super) provider: &'r str,
    pub(super) account: &'r str,
}

/// What the report counts of a row.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) times: [Option<i64>; 2],
    pub(super) bytes_current: u128,
    pub(super) bytes_all: u128,
}

impl Seen {
    /// The time of an event.
    pub(super) fn at(row: &Row) -> Self {
        Seen {
            times: [row.time("at"), None],
            ..Seen::default()
        }
    }
}

/// Stands for a text that may not be null and that the sheet does not give.
pub(super) const UNKNOWN: &str = "unknown";

const STATES: &[&str] = &[
    state::CURRENT,
    state::NONCURRENT,
    state::DELETE_MARKER,
    state::SNAPSHOT,
    state::DELETED,
    state::FOLDER,
];

pub(super) fn object(builder: &mut ObjectsBuilder, row: &Row, at: &Place<'_>) -> Seen {
    let size = row.whole("size");
    // A word that is no state of ours must not make an object vanish from the live ones.
    let state = row.text("state").map(str::to_lowercase);
    let state = STATES
        .iter()
        .copied()
        .find(|s| Some(*s) == state.as_deref())
        .unwrap_or(state::CURRENT);
    builder.push(&ObjectRow {
        file_no: at.file_no,
        row_no: at.row_no,
        provider: at.provider,
        account: at.account,
        container: row.text("container").unwrap_or(UNKNOWN),
        region: row.text("region"),
        snapshot_at: row.time("snapshot_at"),
        key: row.text("key").unwrap_or_default(),
        version_id: row.text("version_id"),
        state,
        size,
        created_at: row.time("created_at"),
        modified_at: row.time("modified_at"),
        etag: row.text("etag"),
        content_type: row.text("content_type"),
        tier: row.text("tier"),
        blob_type: row.text("blob_type"),
        is_multipart: row.flag("is_multipart"),
        encryption: row.text("encryption"),
        retain_until: row.time("retain_until"),
        legal_hold: row.flag("legal_hold"),
        replication: row.text("replication"),
    });
    let bytes = size.and_then(|s| u128::try_from(s).ok()).unwrap_or(0);
    Seen {
        times: [row.time("created_at"), row.time("modified_at")],
        bytes_current: if state == state::CURRENT { bytes } else { 0 },
        bytes_all: bytes,
    }
}

/// The meter by its name here, or by the metric's name at a provider.
fn meter(word: &str) -> Option<Meter> {
    [STORED, OBJECTS, EGRESS, INGRESS, REQUESTS]
        .into_iter()
        .find(|meter| meter.id == word)
        .or_else(|| definitions::meter_of(word))
        .or_else(|| points::meter(word))
}

pub(super) fn metering(
    builder: &mut MeteringBuilder,
    row: &Row,
    at: &Place<'_>,
) -> Result<Seen, Bad> {
    let word = row.text("meter").unwrap_or_default();
    let meter = meter(word).ok_or_else(|| Bad {
        column: "meter",
        found: word.to_owned(),
        expected: "stored_bytes, object_count, egress_bytes, ingress_bytes or transactions",
    })?;
    let usual = if meter.is_level { "average" } else { "sum" };
    let statistic = row
        .text("statistic")
        .map_or(Some(usual), statistic)
        .ok_or_else(|| Bad {
            column: "statistic",
            found: row.text("statistic").unwrap_or_default().to_owned(),
            expected: "average, maximum, minimum, sum or last",
        })?;
    let (start_at, end_at) = (row.needed_time("start_at")?, row.needed_time("end_at")?);
    if end_at <= start_at {
        return Err(Bad {
            column: "end_at",
            found: "no later than start_at".to_owned(),
            expected: "a later time",
        });
    }
    let value = row
        .decimal("value")
        .filter(|v| *v >= 0)
        .ok_or_else(|| Bad {
            column: "value",
            found: "a negative number".to_owned(),
            expected: "a number that is not negative",
        })?;
    builder.push(&MeteringRow {
        file_no: at.file_no,
        row_no: at.row_no,
        provider: at.provider,
        account: at.account,
        container: row.text("container"),
        region: row.text("region"),
        meter: meter.id,
        tier: row.text("tier"),
        start_at,
        end_at,
        statistic,
        value,
        unit: meter.unit,
    });
    Ok(Seen {
        times: [Some(start_at), Some(end_at)],
        ..Seen::default()
    })
}

pub(super) fn charge(builder: &mut ChargesBuilder, row: &Row, at: &Place<'_>) -> Result<Seen, Bad> {
    let (start, end) = (
        row.needed_time("charge_start")?,
        row.needed_time("charge_end")?,
    );
    let text = |column| row.text(column).unwrap_or(UNKNOWN);
    builder.push(&ChargeRow {
        file_no: at.file_no,
        row_no: at.row_no,
        provider: at.provider,
        billing_account: row.text("billing_account").unwrap_or(at.account),
        account: at.account,
        container: row.text("container"),
        region: row.text("region"),
        resource_id: row.text("resource_id"),
        service_category: text("service_category"),
        service_name: text("service_name"),
        charge_category: text("charge_category"),
        charge_class: row.text("charge_class"),
        description: row.text("description"),
        sku_id: row.text("sku_id"),
        sku_meter: row.text("sku_meter"),
        invoice_id: row.text("invoice_id"),
        invoice_issuer: text("invoice_issuer"),
        billing_start: row.time("billing_start").unwrap_or(start),
        billing_end: row.time("billing_end").unwrap_or(end),
        charge_start: start,
        charge_end: end,
        consumed_quantity: row.decimal("consumed_quantity"),
        consumed_unit: row.text("consumed_unit"),
        pricing_quantity: row.decimal("pricing_quantity"),
        pricing_unit: row.text("pricing_unit"),
        billed_cost: row.decimal("billed_cost"),
        effective_cost: row.decimal("effective_cost"),
        list_cost: row.decimal("list_cost"),
        contracted_cost: row.decimal("contracted_cost"),
        currency: text("currency"),
        tags: row.text("tags"),
    });
    Ok(Seen {
        times: [Some(start), Some(end)],
        ..Seen::default()
    })
}

pub(super) fn document(builder: &mut DocumentsBuilder, row: &Row, at: &Place<'_>) -> Seen {
    let place = format!("{}:{}", at.file_no, at.row_no);
    let count = |column, usual| {
        row.whole(column)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(usual)
    };
    builder.push(&DocumentRow {
        file_no: at.file_no,
        row_no: at.row_no,
        doc_id: row.text("doc_id").unwrap_or(&place),
        copy_no: count("copy_no", 1),
        kind: row.text("kind").unwrap_or("document"),
        sent_at: row.time("sent_at"),
        from_party: row.text("from_party"),
        to_parties: row.text("to_parties"),
        cc_parties: row.text("cc_parties"),
        subject: row.text("subject"),
        text: row.text("text"),
        quoted_text: row.text("quoted_text"),
        message_id: row.text("message_id"),
        in_reply_to: row.text("in_reply_to"),
        thread_id: row.text("thread_id"),
        attachments: count("attachments", 0),
    });
    Seen {
        times: [row.time("sent_at"), None],
        ..Seen::default()
    }
}
