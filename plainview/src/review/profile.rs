//! Listed objects to use profiles, one profile per listing.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow};
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array as _, RecordBatch};
use plainview_engine::Engine;
use plainview_profile::{Config, ObjectFacts, Profile, Profiler};

use crate::term::Step;

/// What every listing in the tables is consistent with, by source.
pub(crate) fn profile_all(engine: &Engine) -> Result<BTreeMap<String, Profile>> {
    let step = Step::start("profiling stores", 0);
    let sources = super::rows::collect(
        engine,
        "select distinct source_id from objects order by source_id",
        |row| row.text("source_id"),
    )?;
    let mut profiles = BTreeMap::new();
    for source in sources {
        let profile = profile_source(engine, &source)?;
        profiles.insert(source, profile);
    }
    let collections: usize = profiles.values().map(|p| p.collections.len()).sum();
    step.done(&format!("profiles: {collections} collections"));
    Ok(profiles)
}

fn profile_source(engine: &Engine, source: &str) -> Result<Profile> {
    let sql = format!(
        "select provider || '/' || account || '/' || container as store, key, size,
                cast(created_at as bigint) as created_ms, cast(modified_at as bigint) as modified_ms,
                tier, content_type, encryption, cast(retain_until as bigint) as retain_ms, legal_hold
         from latest_objects where source_id = '{}'",
        source.replace('\'', "''")
    );
    let mut profiler = Profiler::new(Config::default());
    engine.for_each::<anyhow::Error>(&sql, |batch| observe(&mut profiler, batch))?;
    if profiler.needs_second_pass() {
        // More shapes than the bound: a second look counts the heavy ones exactly.
        profiler = profiler.second_pass();
        engine.for_each::<anyhow::Error>(&sql, |batch| observe(&mut profiler, batch))?;
    }
    Ok(profiler.finish())
}

fn observe(profiler: &mut Profiler, batch: &RecordBatch) -> Result<()> {
    let column = |name: &str| {
        batch
            .column_by_name(name)
            .ok_or_else(|| anyhow!("column {name} is missing"))
    };
    let text = |name: &str| -> Result<_> {
        column(name)?
            .as_string_opt::<i32>()
            .with_context(|| format!("column {name} is not text"))
    };
    let number = |name: &str| -> Result<_> {
        column(name)?
            .as_primitive_opt::<Int64Type>()
            .with_context(|| format!("column {name} is not a whole number"))
    };
    let (store, key, size) = (text("store")?, text("key")?, number("size")?);
    let (created, modified, retain) = (
        number("created_ms")?,
        number("modified_ms")?,
        number("retain_ms")?,
    );
    let (tier, content_type, encryption) =
        (text("tier")?, text("content_type")?, text("encryption")?);
    let hold = column("legal_hold")?
        .as_boolean_opt()
        .context("column legal_hold is not a flag")?;
    for at in 0..batch.num_rows() {
        let number = |array: &arrow_array::Int64Array| array.is_valid(at).then(|| array.value(at));
        let facts = ObjectFacts {
            key: key.value(at),
            size: number(size),
            created_ms: number(created),
            modified_ms: number(modified),
            tier: tier.is_valid(at).then(|| tier.value(at)),
            content_type: content_type.is_valid(at).then(|| content_type.value(at)),
            encryption: encryption.is_valid(at).then(|| encryption.value(at)),
            retain_until_ms: number(retain),
            legal_hold: hold.is_valid(at).then(|| hold.value(at)),
        };
        profiler.observe(store.value(at), &facts);
    }
    Ok(())
}
