//! The embedded engine: a session over the evidence tables of one case.
//!
//! Results never depend on the number of threads: everything summed is an integer or a decimal, and
//! every query the review itself runs ends in `order by`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt as _;

use crate::views::VIEWS;
use crate::{Error, TableWriter};

/// Rows per batch handed through the engine.
const BATCH_ROWS: usize = 8192;

/// Functions whose answer depends on the clock, on chance, on where files lie or on the build: a registered test that used one could
/// not be re-run to the same bytes, so SQL here does not have them.
const NOT_REPRODUCIBLE: &[&str] = &[
    "now",
    "current_timestamp",
    "current_date",
    "today",
    "current_time",
    "random",
    "uuid",
    "version",
    "input_file_name",
];

/// How an engine is opened.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Folder of the table files (`<tables>/<table>/<source>.parquet`); also where spills go.
    pub tables: PathBuf,
    /// Threads and partitions; results are the same for any number.
    pub threads: usize,
    /// Upper bound of the memory that operators may hold, in bytes; beyond it they spill to disk.
    pub memory_bytes_max: usize,
}

/// A calendar month of the case's scope, clipped to it: `[start_ms, end_ms)` in epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// `YYYY-MM`.
    pub name: String,
    /// First instant.
    pub start_ms: i64,
    /// First instant after it.
    pub end_ms: i64,
}

/// One session over the evidence tables of a case.
pub struct Engine {
    runtime: tokio::runtime::Runtime,
    context: SessionContext,
    config: EngineConfig,
}

impl Engine {
    /// Opens the tables in `config.tables` (each with its schema; absent files are empty tables),
    /// registers `months` and creates the built-in views.
    pub fn open(
        config: &EngineConfig,
        tables: &[(&str, SchemaRef)],
        months: &[Month],
    ) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.threads.max(1))
            .build()
            .map_err(|source| Error::Io {
                path: config.tables.clone(),
                source,
            })?;
        let session = SessionConfig::new()
            .with_target_partitions(config.threads.max(1))
            .with_batch_size(BATCH_ROWS)
            .with_information_schema(true)
            // Joins build their left side in memory; the views put the small one there, and no guess of
            // the optimiser about sizes may turn that round.
            .set_bool("datafusion.optimizer.join_reordering", false)
            // Keeps zero-copy views out of results that are rendered or exported.
            .set_bool(
                "datafusion.execution.parquet.schema_force_view_types",
                false,
            );
        let environment = RuntimeEnvBuilder::new()
            .with_memory_limit(config.memory_bytes_max, 1.0)
            .with_temp_file_path(config.tables.join(".spill"))
            .build_arc()?;
        let context = SessionContext::new_with_config_rt(session, environment);
        for function in NOT_REPRODUCIBLE {
            context.deregister_udf(function);
        }
        let engine = Self {
            runtime,
            context,
            config: config.clone(),
        };
        for (name, schema) in tables {
            engine.register_table(name, schema)?;
        }
        engine
            .context
            .register_batch("months", months_batch(months)?)?;
        engine.runtime.block_on(async {
            for view in VIEWS {
                let sql = format!("create view {} as\n{}", view.name, view.sql);
                engine.context.sql(&sql).await?.collect().await?;
            }
            Ok::<(), Error>(())
        })?;
        Ok(engine)
    }

    fn register_table(&self, name: &str, schema: &SchemaRef) -> Result<(), Error> {
        let folder = self.config.tables.join(name);
        let io = |source| Error::Io {
            path: folder.clone(),
            source,
        };
        std::fs::create_dir_all(&folder).map_err(io)?;
        let folder = folder.canonicalize().map_err(io)?;
        let url = ListingTableUrl::parse(format!("{}/", folder.display()))?;
        let options =
            ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
        let config = ListingTableConfig::new(url)
            .with_listing_options(options)
            .with_schema(Arc::clone(schema));
        self.context
            .register_table(name, Arc::new(ListingTable::try_new(config)?))?;
        Ok(())
    }

    /// Runs `sql` that came from outside: it may read tables and views, nothing else.
    pub fn ask(&self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>), Error> {
        let read_only = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        self.runtime.block_on(async {
            let frame = self.context.sql_with_options(sql, read_only).await?;
            let schema: SchemaRef = Arc::new(frame.schema().as_arrow().clone());
            Ok((schema, frame.collect().await?))
        })
    }

    /// Runs `sql` and hands over its batches one at a time, so that a result of any size stays
    /// bounded in memory. The order of batches is the query's; without `order by` it is any.
    pub fn for_each<E: From<Error>>(
        &self,
        sql: &str,
        mut take: impl FnMut(&RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut stream = self
            .runtime
            .block_on(async { self.context.sql(sql).await?.execute_stream().await })
            .map_err(Error::from)?;
        while let Some(batch) = self.runtime.block_on(stream.next()) {
            take(&batch.map_err(Error::from)?)?;
        }
        Ok(())
    }

    /// Writes the result of `sql` to a Parquet file at `target`; gives the rows written.
    pub fn export(&self, sql: &str, target: &Path) -> Result<u64, Error> {
        let (schema, batches) = self.ask(sql)?;
        let mut writer = TableWriter::create(target, schema)?;
        for batch in &batches {
            writer.write(batch)?;
        }
        writer.finish()
    }
}

fn months_batch(months: &[Month]) -> Result<RecordBatch, Error> {
    let schema = Schema::new(vec![
        Field::new("month", DataType::Utf8, false),
        Field::new("start_ms", DataType::Int64, false),
        Field::new("end_ms", DataType::Int64, false),
    ]);
    Ok(RecordBatch::try_new(
        Arc::new(schema),
        vec![
            Arc::new(
                months
                    .iter()
                    .map(|m| Some(m.name.as_str()))
                    .collect::<StringArray>(),
            ),
            Arc::new(months.iter().map(|m| m.start_ms).collect::<Int64Array>()),
            Arc::new(months.iter().map(|m| m.end_ms).collect::<Int64Array>()),
        ],
    )?)
}
