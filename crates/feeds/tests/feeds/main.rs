//! The feeds as their users see them, on captured, hostile and arbitrary bytes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod crl;
mod export;
mod ocsp;
mod report;
mod trail;
mod x509;

use std::io::Write;
use std::path::Path;

use feeds::Bad;
use flate2::Compression;
use flate2::write::GzEncoder;

const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

fn test_data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data").join(name)).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What came of a whole feed.
#[derive(Debug)]
struct Outcome<T> {
    records: Vec<T>,
    /// "row 2: what is wrong"
    unreadable: Vec<String>,
    cut_short: Option<String>,
}

fn collect<T>(feed: impl Iterator<Item = Result<T, Bad>>) -> Outcome<T> {
    let mut outcome = Outcome { records: Vec::new(), unreadable: Vec::new(), cut_short: None };
    for record in feed {
        assert_eq!(outcome.cut_short, None, "something follows the end");
        match record {
            Ok(record) => outcome.records.push(record),
            Err(Bad::Record(error)) => outcome.unreadable.push(error.to_string()),
            Err(Bad::CutShort(why)) => outcome.cut_short = Some(why),
            Err(Bad::Io(error)) => panic!("{error}"),
        }
    }
    outcome
}
