//! Blocks give what a reader of the whole gives, whatever stands in them.

use domain::inventory::InventoryAttributes;
use proptest::prelude::*;

use super::*;
use crate::export::ExportReader;
use crate::report::ReportReader;

const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

/// Records and what is none, each as its debug form.
fn said<T: std::fmt::Debug>(records: impl Iterator<Item = Result<T, Bad>>) -> Vec<String> {
    records.map(|record| format!("{record:?}")).collect()
}

fn add<T: std::fmt::Debug>(batch: &mut Vec<String>, record: T) {
    batch.push(format!("{:?}", Ok::<T, Bad>(record)));
}

fn flat(all: &mut Vec<String>) -> impl FnMut(Part<Vec<String>>) -> Result<(), ()> {
    |part| {
        match part {
            Part::Good(batch) => all.extend(batch),
            Part::Bad(bad) => all.push(format!("{:?}", Err::<(), Bad>(bad)).replace("Err::<(), Bad>", "Err")),
        }
        Ok(())
    }
}

fn of_report(bytes: &[u8]) -> (Result<Vec<String>, String>, Result<Vec<String>, String>) {
    let whole = ReportReader::open(bytes, None).map(said).map_err(|error| error.to_string());
    let mut all = Vec::new();
    let read = crate::report::read(bytes, None, add, flat(&mut all));
    (whole, read.map(|_| all).map_err(|error| error.to_string()))
}

fn of_inventory(bytes: &[u8]) -> (Result<Vec<String>, String>, Result<Vec<String>, String>) {
    let attributes = InventoryAttributes::default();
    let whole = ExportReader::open(bytes, &attributes).map(said).map_err(|error| error.to_string());
    let mut all = Vec::new();
    let read = crate::export::read(bytes, &attributes, add, flat(&mut all));
    (whole, read.map(|_| all).map_err(|error| error.to_string()))
}

fn row(number: usize, subject: &str) -> String {
    let subject = serde_json::to_string(subject).unwrap();
    format!(
        r#"{{"certificateArn":"{CA}/certificate/0a{number:04x}","subject":{subject},"notBefore":"2025-11-01T08:00:00+0000","notAfter":"2035-11-01T09:00:00+0000","issuedAt":"2025-11-01T09:00:00+0000"}}"#
    )
}

fn csv_row(number: usize, subject: &str) -> String {
    let subject = subject.replace('"', "\"\"");
    format!(
        "{CA}/certificate/0a{number:04x},\"{subject}\",2025-11-01T08:00:00Z,2035-11-01T09:00:00Z,2025-11-01T09:00:00Z,"
    )
}

fn item(number: usize, subject: &str) -> String {
    let subject = serde_json::to_string(subject).unwrap();
    format!(
        r#"{{"Item":{{"device_id":{{"S":"d{number}"}},"cert_serial":{{"S":"0a{number:04x}"}},"ca_arn":{{"S":"{CA}"}},"subject":{{"S":{subject}}},"expires_at":{{"S":"2035-11-01T09:00:00Z"}}}}}}"#
    )
}

/// What strangers put into a text, or between records, to be taken for something else.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "CN=[a-z]{1,8}",
        1 => Just("CN=a},\n{\"b".to_owned()),
        1 => Just("CN=\"quoted\nline\"".to_owned()),
        1 => "[\\[\\]{}\",:;\\\\a-z \n]{0,40}",
    ]
}

/// The records of a file, some of them broken: cut, doubled, or replaced.
fn broken(records: Vec<String>, breaks: &[(usize, u8, String)], between: &str) -> String {
    let mut records = records;
    for (at, how, text) in breaks {
        let count = records.len();
        let Some(record) = records.get_mut(at % count.max(1)) else { continue };
        match how % 5 {
            0 => record.truncate(record.floor_char_boundary(at % record.len().max(1))),
            1 => record.insert_str(0, text),
            2 => record.push_str(text),
            3 => *record = text.clone(),
            _ => *record = record.replace("2035", "soon"),
        }
    }
    records.join(between)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn blocks_give_what_the_whole_gives(
        subjects in proptest::collection::vec(hostile(), 1..40),
        breaks in proptest::collection::vec((0_usize..4000, any::<u8>(), hostile()), 0..4),
        end in prop_oneof![4 => Just("]\n"), 1 => Just(""), 1 => Just("] x"), 1 => Just("}]")],
    ) {
        let make = |record: fn(usize, &str) -> String| {
            subjects.iter().enumerate().map(|(number, subject)| record(number, subject)).collect::<Vec<_>>()
        };
        let json = format!("[{}{end}", broken(make(row), &breaks, ",\n"));
        let (whole, blocks) = of_report(json.as_bytes());
        prop_assert_eq!(whole, blocks, "{}", json);
        let csv = format!(
            "certificateArn,subject,notBefore,notAfter,issuedAt,revokedAt\n{}{}",
            broken(make(csv_row), &breaks, "\n"), &end[end.len().min(1)..]
        );
        let (whole, blocks) = of_report(csv.as_bytes());
        prop_assert_eq!(whole, blocks, "{}", csv);
        let export = broken(make(item), &breaks, "\n") + &end[end.len().min(1)..];
        let (whole, blocks) = of_inventory(export.as_bytes());
        prop_assert_eq!(whole, blocks, "{}", export);
        let table = csv.replace("certificateArn,subject,notBefore,notAfter,issuedAt", "ca_arn,subject,cert_serial,device_id,issued_at");
        let table = table.replace("/certificate/", "").replace(",2025-11-01T08:00:00Z,", ",0a1b,");
        let (whole, blocks) = of_inventory(table.as_bytes());
        prop_assert_eq!(whole, blocks, "{}", table);
    }
}

#[test]
fn plain_blocks_are_read_by_other_threads() {
    let rows = (0..200).map(|number| row(number, "CN=a,O=b")).collect::<Vec<_>>().join(",\n");
    let here = thread::current().id();
    let there = |batch: &mut u64, _| *batch += u64::from(thread::current().id() != here);
    let mut elsewhere = 0;
    let read = crate::report::read(format!("[{rows}]").as_bytes(), None, there, |part| match part {
        Part::Good(count) => {
            elsewhere += count;
            Ok(())
        }
        Part::Bad(bad) => Err(bad.to_string()),
    });
    assert_eq!(read.unwrap(), Ok(()));
    assert!(elsewhere >= 190, "{elsewhere}");
}
