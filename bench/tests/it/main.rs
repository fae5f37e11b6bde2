//! A small data set, read by our readers and compared with what was generated. Nothing is timed and no peer is needed.

#![allow(clippy::unwrap_used)]

use plainview_bench::make::{Size, Truth, make};
use plainview_bench::{BenchFormat, Keep, read};

const SIZE: Size = Size {
    rows: 300,
    seed: 2,
    log_bytes: None,
};

#[test]
fn every_reader_answers_what_was_generated() {
    let dir = tempfile::tempdir().unwrap();
    let truth = make(dir.path(), SIZE, &BenchFormat::ALL).unwrap();
    for format in BenchFormat::ALL {
        let expected = truth.answers[&format];
        let rows = if format == BenchFormat::Mail { 30 } else { 300 };
        assert_eq!(expected.rows, rows, "{format}");
        assert!(expected.sum > 0 && expected.chars > rows, "{format}");
        for keep in [Keep::All, Keep::None] {
            let measured = read(format, &dir.path().join(format.as_str()), keep).unwrap();
            assert_eq!(measured.answer().unwrap(), expected, "{format} {keep:?}");
        }
    }
}

#[test]
fn encodings_of_one_record_hold_the_same_rows() {
    let dir = tempfile::tempdir().unwrap();
    let truth = make(dir.path(), SIZE, &BenchFormat::ALL).unwrap();
    let same = |one, other| assert_eq!(truth.answers[&one], truth.answers[&other]);
    same(BenchFormat::S3Csv, BenchFormat::S3Parquet);
    same(BenchFormat::S3Csv, BenchFormat::S3Orc);
    same(BenchFormat::S3Csv, BenchFormat::AzureCsv);
    same(BenchFormat::FocusCsv, BenchFormat::FocusParquet);
    same(BenchFormat::Cloudtrail, BenchFormat::CloudtrailLines);
}

#[test]
fn logs_are_as_long_as_they_are_asked_to_be() {
    let dir = tempfile::tempdir().unwrap();
    let size = Size {
        log_bytes: Some(300_000),
        ..SIZE
    };
    for format in BenchFormat::LOGS {
        make(dir.path(), size, &[format]).unwrap();
        let bytes: u64 = std::fs::read_dir(dir.path().join(format.as_str()))
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum();
        // A record of any of them has less than 3,000 bytes.
        assert!((300_000..303_000).contains(&bytes), "{format}: {bytes}");
    }
}

#[test]
fn the_truth_is_read_back_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let truth = make(dir.path(), SIZE, &[BenchFormat::S3Csv, BenchFormat::Mail]).unwrap();
    assert_eq!(Truth::load(dir.path()).unwrap(), truth);
    let other = Size { seed: 3, ..SIZE };
    let others = make(dir.path(), other, &[BenchFormat::S3Csv, BenchFormat::Mail]).unwrap();
    assert_ne!(others.answers, truth.answers);
}

#[test]
fn a_changed_file_is_an_error_and_no_figure() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), SIZE, &[BenchFormat::S3Csv]).unwrap();
    let folder = dir.path().join("s3-csv");
    let mut bytes = std::fs::read(folder.join("data.csv.gz")).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(folder.join("data.csv.gz"), bytes).unwrap();
    let error = read(BenchFormat::S3Csv, &folder, Keep::None).unwrap_err();
    assert!(error.to_string().contains("lost rows"), "{error}");
}
