//! What the fuzz targets do, with the test data and mutations of it.

use proptest::prelude::*;

use super::forge::{Forge, public_keys};
use super::{file, issue};
use crate::{gzip, test_data};

#[path = "../../../../../fuzz/src/lib.rs"]
mod entry;

fn seeds() -> Vec<Vec<u8>> {
    let examples = test_data("cloudtrail/aws-examples.json");
    let mut forge = Forge::new();
    forge.hour(&[&[issue()]]);
    forge.hour(&[]);
    let digest = forge.digests.pop().unwrap().content;
    let plain = [
        examples,
        file(&[issue()]),
        issue().to_string().into_bytes(),
        digest,
        public_keys(false).into_bytes(),
        test_data("ocsp/good-by-delegate.der"),
        test_data("crl/crl-partition.der"),
        rcgen::CertificateParams::default()
            .serialize_request(&rcgen::KeyPair::generate().unwrap())
            .unwrap()
            .der()
            .to_vec(),
        test_data("report/filled.json"),
        test_data("report/filled.csv"),
        test_data("export/items.json"),
        br#"{"Items":[{"device_id":{"S":"a"}}],"Count":1}"#.to_vec(),
        br#"[{"device_id":"a","cert_serial":"0a"},{"device_id":{"S":"b"}}]"#.to_vec(),
        b"sep=;\r\ndevice_id;cert_serial;ca_arn\r\na;\"0\"\"a\";x\r\n".to_vec(),
        b"$ion_1_0 {Item:{device_id:\"a\",cert_serial:10.,tags:$dynamodb_SS::[\"x\"],b:{{AAAA}}}}\n".to_vec(),
    ];
    plain.iter().cloned().chain(plain.iter().map(|bytes| gzip(bytes))).collect()
}

proptest! {
    #[test]
    fn the_fuzz_targets_hold(
        seed: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_usize..4), 0..6),
    ) {
        static SEEDS: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
        let mut bytes = seed.get(SEEDS.get_or_init(seeds)).clone();
        for (at, byte, change) in changes {
            let at = at.index(bytes.len());
            match change {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => bytes.truncate(at.max(1)),
                _ => drop(bytes.remove(at)),
            }
            if bytes.is_empty() {
                bytes.push(byte);
            }
        }
        entry::log_file(&bytes);
        entry::record(&bytes);
        entry::key(&bytes);
        entry::digest(&bytes);
        entry::records(&bytes);
        entry::proof(&bytes);
    }

    #[test]
    fn values_are_read_and_written_as_the_same(
        text in "(serial=|0x)?[0-9a-fA-F: ]{0,44}|[-+0-9TZ:. eE]{0,40}|[A-Za-z0-9=,+/\\\\\"# .]{0,60}|.{0,60}",
    ) {
        entry::value(text.as_bytes());
    }
}
