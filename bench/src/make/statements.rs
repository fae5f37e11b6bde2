//! Meter readings as a metric stream, and mail as one mbox.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use plainview_synth::mail::{Mailbox, Message, mbox};
use plainview_synth::metrics::{Reading, metric_stream};
use plainview_synth::random::Rng;

use super::{CHUNK_ROWS, Size, create};
use crate::engine::Answer;
use crate::{ours, world};

/// Steps of 10^-12 in one.
const STEPS: i128 = 1_000_000_000_000;
const FROM: Mailbox<'_> = Mailbox {
    name: "Operations",
    address: "ops@halden.example",
};
const TO: [Mailbox<'_>; 2] = [
    Mailbox {
        name: "Support",
        address: "support@halden.example",
    },
    Mailbox {
        name: "Bureau of Signals",
        address: "desk@signals.example",
    },
];

pub(super) fn metrics(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    let mut out = create(&folder.join("metrics.jsonl"))?;
    let mut rng = Rng::new(size.seed, "bench-metrics");
    let mut answer = Answer::default();
    while answer.rows < size.rows {
        let end = size.rows.min(answer.rows + CHUNK_ROWS);
        let facts: Vec<(String, i64, u64)> = (answer.rows..end)
            .map(|n| world::reading(n, &mut rng))
            .collect();
        let mut readings = Vec::with_capacity(facts.len());
        for (bucket, day, value) in &facts {
            answer.sum += i128::from(*value) * STEPS;
            answer.chars += bucket.chars().count() as u64;
            readings.push(Reading {
                namespace: "AWS/S3",
                account: "111122223333",
                region: "eu-central-1",
                metric: "BucketSizeBytes",
                dimensions: BTreeMap::from([
                    ("BucketName", bucket.as_str()),
                    ("StorageType", "StandardStorage"),
                ]),
                day: *day,
                value: *value,
                unit: "Bytes",
            });
        }
        answer.rows = end;
        out.write_all(&metric_stream("bench", &readings)?)?;
    }
    out.flush()?;
    Ok(answer)
}

pub(super) fn mail(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    let mut out = create(&folder.join("mail.mbox"))?;
    let mut rng = Rng::new(size.seed, "bench-mail");
    let mut answer = Answer::default();
    while answer.rows < size.rows {
        let end = size.rows.min(answer.rows + CHUNK_ROWS);
        let ids: Vec<String> = (answer.rows..end)
            .map(|n| format!("{n}@halden.example"))
            .collect();
        let facts: Vec<(String, String, i64)> = (answer.rows..end)
            .map(|n| world::mail(n, &mut rng))
            .collect();
        let mut messages = Vec::with_capacity(facts.len());
        for (id, (subject, text, sent)) in ids.iter().zip(&facts) {
            answer.sum += i128::from(*sent);
            answer.chars += ours::solid_chars(text) as u64;
            messages.push(Message {
                id,
                from: FROM,
                to: &TO,
                cc: &[],
                sent: *sent,
                subject,
                in_reply_to: None,
                body: text,
            });
        }
        answer.rows = end;
        out.write_all(&mbox(&messages))?;
    }
    out.flush()?;
    Ok(answer)
}
