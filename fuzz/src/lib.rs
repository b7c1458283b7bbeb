//! What the fuzz targets do with their bytes; the tests of `feeds` do the same with bytes of their own on a stable compiler.

use domain::trail::Proof;
use feeds::trail::key::DigestKey;
use feeds::trail::{Chain, Delivered, Digest, Known, LogReader, PublicKeys, Signature, Summary};
use serde_json::Value;

fn read(bytes: &[u8]) -> Summary {
    let Ok(mut reader) = LogReader::open(bytes) else { return Summary::default() };
    let (mut kept, mut ended) = (0, false);
    for record in reader.by_ref() {
        assert!(!ended, "something follows the end");
        match record {
            Ok(record) => {
                assert!(serde_json::from_str::<&serde_json::value::RawValue>(&record.raw).is_ok());
                kept += 1;
            }
            Err(_) => ended = true,
        }
    }
    let summary = reader.finish();
    assert_eq!(summary.kept, kept);
    assert!(summary.kept + summary.unreadable.count <= summary.records);
    assert_eq!(summary.oldest.is_some(), kept > 0);
    summary
}

/// A whole file, gzip or plain.
pub fn log_file(bytes: &[u8]) {
    read(bytes);
}

/// One record within a good file: whatever another parser takes for one of Private CA is kept, or counted as unreadable.
pub fn record(bytes: &[u8]) {
    let Ok(record) = serde_json::from_slice::<Value>(bytes) else { return };
    let summary = read(&[b"{\"Records\":[", bytes, b"]}"].concat());
    let ours = record.get("eventSource").is_some_and(|source| source == "acm-pca.amazonaws.com");
    assert!(!ours || summary.kept + summary.unreadable.count > 0, "it was passed over");
}

/// A digest and a list of public keys. None of this is signed, so none of it is proven.
pub fn digest(bytes: &[u8]) {
    let keys = PublicKeys::from_json(bytes).unwrap_or_default();
    let digest = Digest::read(bytes).map_err(|error| error.to_string());
    let key = digest.as_ref().map_or("", |digest| digest.object.as_str());
    let Ok(name) = key.parse::<DigestKey>() else { return };
    for signature in [Signature::Absent, Signature::Unknown, Signature::Given("00ff")] {
        let digest = digest.as_ref().map_err(String::as_str);
        let delivered = Delivered { bucket: None, key, name: &name, digest, signature };
        let mut chain = Chain::default();
        for _ in 0..2 {
            let verdict = chain.feed(&delivered, &keys, |_| Known::Absent);
            assert!(verdict.proven.is_none() && verdict.vouched.is_empty());
            assert!(verdict.problems.iter().all(|problem| problem.proof != Proof::Proven));
        }
    }
}
