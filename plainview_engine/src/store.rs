//! Evidence tables on disk: one Parquet file per table and source.
//!
//! A crash before the rename leaves a `.tmp` file that the next run overwrites; after it, the whole
//! new file. There is no state in which a reader sees half a table.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::Error;

/// Rows per Parquet row group: bounds the writer's memory (about 100 bytes a row) and is what the
/// engine scans in parallel.
const ROW_GROUP_ROWS: usize = 131_072;

/// Writes one table file; [`finish`](TableWriter::finish) moves it into place.
pub struct TableWriter {
    writer: ArrowWriter<File>,
    temporary: PathBuf,
    target: PathBuf,
    rows: u64,
}

impl TableWriter {
    /// Starts `target` with `schema`; its folder is made when absent.
    pub fn create(target: &Path, schema: SchemaRef) -> Result<Self, Error> {
        let io = |source| Error::Io {
            path: target.to_path_buf(),
            source,
        };
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let temporary = target.with_extension("parquet.tmp");
        let file = File::create(&temporary).map_err(io)?;
        let level = ZstdLevel::try_new(1).map_err(|source| Error::Parquet {
            path: target.to_path_buf(),
            source,
        })?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_created_by("plainview".to_owned())
            .build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|source| {
            Error::Parquet {
                path: target.to_path_buf(),
                source,
            }
        })?;
        Ok(Self {
            writer,
            temporary,
            target: target.to_path_buf(),
            rows: 0,
        })
    }

    /// Appends `batch`.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|source| Error::Parquet {
            path: self.target.clone(),
            source,
        })
    }

    /// Writes the footer, syncs and renames; gives the number of rows.
    pub fn finish(mut self) -> Result<u64, Error> {
        let parquet = |source| Error::Parquet {
            path: self.target.clone(),
            source,
        };
        self.writer.finish().map_err(parquet)?;
        let io = |source| Error::Io {
            path: self.target.clone(),
            source,
        };
        self.writer.inner().sync_all().map_err(io)?;
        std::fs::rename(&self.temporary, &self.target).map_err(io)?;
        Ok(self.rows)
    }
}
