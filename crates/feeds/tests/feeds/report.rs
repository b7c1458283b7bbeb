use std::io::Read as _;

use domain::{AuthorityArn, ReportRow, Timestamp};
use feeds::kind::Kind;
use feeds::report::{ReportError, ReportReader};
use proptest::prelude::*;

use crate::{CA, Outcome, collect, gzip, test_data};

fn read(bytes: &[u8]) -> Outcome<ReportRow> {
    collect(ReportReader::open(bytes, None).unwrap())
}

fn serials(outcome: &Outcome<ReportRow>) -> Vec<String> {
    outcome.records.iter().map(|row| row.serial.to_string()).collect()
}

#[test]
fn the_examples_of_aws_are_read_in_json_and_csv() {
    let json = read(&test_data("report/filled.json"));
    assert_eq!((json.unreadable.len(), json.cut_short), (0, None));
    let [revoked, managed] = json.records.as_slice() else { panic!("two rows") };
    assert_eq!(revoked.serial.colons(), "11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff");
    assert_eq!(revoked.revoked_at, Some("2020-02-26T20:00:36Z".parse().unwrap()));
    assert_eq!(
        domain::subject::common_name(revoked.subject.as_deref().unwrap()).as_deref(),
        Some("www.example1.com")
    );
    assert_eq!(managed.requested_by_service.as_deref(), Some("acm.amazonaws.com"));
    assert_eq!((managed.revoked_at, managed.authority.as_str()), (None, CA));

    let csv = read(&test_data("report/filled.csv"));
    assert_eq!((csv.unreadable.len(), csv.cut_short, csv.records.len()), (0, None, 1));
    // AWS's own row has a reason without a time: that is no revocation.
    assert_eq!(csv.records[0].revocation_reason.as_deref(), Some("UNSPECIFIED"));
    assert_eq!((csv.records[0].revoked_at, csv.records[0].requested_by_service.as_ref()), (None, None));
}

/// The user guide's rows as printed have placeholders where an ARN should be.
#[test]
fn placeholders_are_no_certificates() {
    for file in ["report/aws-example.json", "report/aws-example.csv"] {
        let outcome = read(&test_data(file));
        assert_eq!((outcome.records.len(), outcome.cut_short), (0, None), "{file}");
        assert!(outcome.unreadable[0].starts_with("row 1: certificateArn: not an ARN"), "{file}");
    }
}

#[test]
fn a_bad_row_hides_no_other() {
    let expected: AuthorityArn = CA.parse().unwrap();
    let bytes = test_data("report/hostile.json");
    let outcome = collect(ReportReader::open(bytes.as_slice(), Some(expected)).unwrap());
    assert_eq!(serials(&outcome), ["01", "07", "08", "0b", "0d"]);
    assert_eq!(outcome.cut_short, None);
    let problems = [
        "row 2: serial: a serial number has characters other than",
        "row 3: serial and certificateArn name two different certificates",
        "row 4: it is of another authority, arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/9999",
        "row 5: a text in it does not end",
        "row 8: invalid type: integer `9`, expected a string",
        "row 9: invalid type: null",
        "row 10: invalid length 1",
        "row 11: its closing bracket is missing",
        "row 13: notAfter: a time is not of the form",
    ];
    for (said, problem) in outcome.unreadable.iter().zip(problems) {
        assert!(said.starts_with(problem), "{said} / {problem}");
    }
    assert_eq!(outcome.unreadable.len(), problems.len(), "{:#?}", outcome.unreadable);
}

#[test]
fn csv_columns_are_found_by_name() {
    let text = format!(
        "\u{feff}colour,serial,subject,certificateArn,issuedAt,notBefore,notAfter,revokedAt\r\n\
         red,01,\"CN=a \"\"b\"\", c,O=x\",{CA}/certificate/01,2026-01-01T01:00:00+0000,2026-01-01T00:00:00+0000,2027-01-01T00:00:00+0000,\r\n\
         \r\n\
         red,02,\"CN=a quote that does not end,{CA}/certificate/02,2026-01-01T01:00:00+0000,2026-01-01T00:00:00+0000,2027-01-01T00:00:00+0000,\r\n\
         red,03,\"CN=two\nlines\",{CA}/certificate/03,2026-01-01T01:00:00+0000,2026-01-01T00:00:00+0000,2027-01-01T00:00:00+0000,2026-02-01T00:00:00+0000\r\n\
         red,04\r\n\
         red,05,,{CA}/certificate/05,2026-01-01T01:00:00+0000,2026-01-01T00:00:00+0000,2027-01-01T00:00:00+0000,\r\n"
    );
    let outcome = read(text.as_bytes());
    assert_eq!(serials(&outcome), ["01", "03", "05"], "{:#?}", outcome.unreadable);
    assert_eq!(outcome.records[0].subject.as_deref().unwrap(), "CN=a \"b\", c,O=x");
    assert_eq!(outcome.records[1].subject.as_deref().unwrap(), "CN=two\nlines");
    assert_eq!((outcome.unreadable.len(), outcome.cut_short), (2, None), "{:#?}", outcome.unreadable);
}

#[test]
fn what_is_no_report_is_refused_with_the_reason() {
    let refused = |bytes: &[u8]| match ReportReader::open(bytes, None) {
        Ok(_) => panic!("taken for a report: {bytes:?}"),
        Err(error) => error,
    };
    assert!(matches!(refused(b""), ReportError::Empty));
    assert!(matches!(refused(b" \n"), ReportError::Empty));
    assert!(matches!(refused(b"{\"rows\":[]}"), ReportError::Unrecognised));
    assert!(matches!(refused(b"<html>"), ReportError::Other(Kind::Markup)));
    assert!(matches!(refused(&vec![b' '; 1 << 20]), ReportError::Unrecognised));
    assert!(matches!(refused(b"serial;certificateArn\n"), ReportError::Other(Kind::Separated(';'))));
    let header = String::from_utf8(test_data("report/filled.csv")).unwrap();
    assert!(matches!(
        refused(header.replacen("revokedAt", "revoked", 1).as_bytes()),
        ReportError::MissingColumn("revokedAt")
    ));
    assert!(matches!(
        refused(header.replacen("awsAccountId", "serial", 1).as_bytes()),
        ReportError::RepeatedColumn("serial")
    ));
    assert!(matches!(refused(&gzip(b"[]")[..6]), ReportError::Damaged(_)));
}

#[test]
fn gzip_of_any_number_of_members_is_undone() {
    let bytes = test_data("report/filled.json");
    let (first, second) = bytes.split_at(500);
    let outcome = read(&[gzip(first), gzip(second)].concat());
    assert_eq!((outcome.records.len(), outcome.cut_short), (2, None));
    let mut torn = gzip(&bytes);
    torn.truncate(torn.len() - 4);
    assert!(read(&torn).cut_short.is_some(), "the checksum is missing");
}

#[test]
fn endless_input_takes_bounded_memory() {
    let blank = std::io::repeat(b' ').take(1 << 26);
    let outcome = collect(ReportReader::open(b"[".chain(blank), None).unwrap());
    assert!(outcome.cut_short.is_some());
    let nested = std::io::repeat(b'[').take(1 << 24);
    assert_eq!(collect(ReportReader::open(nested, None).unwrap()).unreadable.len(), 1);
    let text = b"[{\"subject\":\"".chain(std::io::repeat(b'a').take(1 << 24));
    assert_eq!(collect(ReportReader::open(text, None).unwrap()).unreadable.len(), 1);
}

fn rows() -> impl Strategy<Value = Vec<ReportRow>> {
    let moment = (0i64..4_000_000_000).prop_map(|seconds| Timestamp::from_unix(seconds).unwrap());
    let text = proptest::option::of("[^\0]{1,40}");
    let row = (
        1u128..,
        proptest::option::of("[^\0]{1,60}"),
        [moment.clone(), moment.clone(), moment.clone()],
        proptest::option::of(moment),
        text,
    )
        .prop_map(|(serial, subject, [not_before, not_after, issued_at], revoked_at, reason)| {
            ReportRow {
                authority: CA.parse().unwrap(),
                serial: domain::Serial::from_bytes(&serial.to_be_bytes()).unwrap(),
                subject,
                not_before,
                not_after,
                issued_at,
                revoked_at,
                revocation_reason: reason.clone(),
                template: reason,
                requested_by_service: None,
            }
        });
    proptest::collection::vec(row, 0..8)
}

fn aws_time(at: Timestamp) -> String {
    at.to_string().replace('Z', "+0000")
}

fn json(rows: &[ReportRow]) -> Vec<u8> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut value = serde_json::json!({
                "awsAccountId": "111122223333", "certificateArn": row.authority.certificate(row.serial),
                "serial": row.serial.colons(), "subject": row.subject, "notBefore": aws_time(row.not_before),
                "notAfter": aws_time(row.not_after), "issuedAt": aws_time(row.issued_at),
            });
            for (key, text) in [
                ("revokedAt", row.revoked_at.map(aws_time)),
                ("revocationReason", row.revocation_reason.clone()),
                ("templateArn", row.template.clone()),
            ] {
                if let Some(text) = text {
                    value[key] = text.into();
                }
            }
            value
        })
        .collect();
    serde_json::to_vec_pretty(&rows).unwrap()
}

fn csv(rows: &[ReportRow]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header =
        "serial,certificateArn,subject,notBefore,notAfter,issuedAt,revokedAt,revocationReason,templateArn";
    writer.write_record(header.split(',')).unwrap();
    for row in rows {
        let cells = [
            row.serial.colons(),
            row.authority.certificate(row.serial),
            row.subject.clone().unwrap_or_default(),
            aws_time(row.not_before),
            aws_time(row.not_after),
            aws_time(row.issued_at),
            row.revoked_at.map(aws_time).unwrap_or_default(),
            row.revocation_reason.clone().unwrap_or_default(),
            row.template.clone().unwrap_or_default(),
        ];
        writer.write_record(cells).unwrap();
    }
    writer.into_inner().unwrap()
}

/// How many of the objects that `bytes` begins with are whole.
fn whole(rows: &[ReportRow], cut: usize) -> usize {
    (0..=rows.len()).rev().find(|count| *count == 0 || json(&rows[..*count]).len() - 2 <= cut).unwrap()
}

proptest! {
    #[test]
    fn what_is_written_is_read(rows in rows()) {
        let outcome = read(&json(&rows));
        prop_assert_eq!((outcome.records, outcome.unreadable.len(), outcome.cut_short), (rows.clone(), 0, None));
        // A line of CSV alone cannot say whether a line break is \n or \r\n: the writer's choice is not the cell's.
        let plain: Vec<_> = rows.into_iter().filter(|row| !format!("{row:?}").contains("\\r")).collect();
        let outcome = read(&csv(&plain));
        prop_assert_eq!((outcome.records, outcome.unreadable.len(), outcome.cut_short), (plain, 0, None));
    }

    #[test]
    fn a_truncated_report_gives_every_whole_row_and_says_so(rows in rows(), share in 0.0f64..1.0) {
        let bytes = json(&rows);
        let cut = 1 + (share * (bytes.len() - 2) as f64) as usize;
        let outcome = read(&bytes[..cut]);
        prop_assert_eq!(&outcome.records, &rows[..whole(&rows, cut)]);
        prop_assert!(outcome.cut_short.is_some());
        let packed = gzip(&bytes);
        let torn = read(&packed[..packed.len() - 1 - (share * 7.0) as usize]);
        prop_assert_eq!((torn.records, torn.cut_short.is_some()), (rows, true));
    }

    #[test]
    fn a_truncated_csv_gives_every_whole_row(rows in rows(), share in 0.0f64..1.0) {
        let header = csv(&[]).len();
        let plain: Vec<_> = rows.into_iter().filter(|row| !format!("{row:?}").contains("\\r")).collect();
        let bytes = csv(&plain);
        let cut = header + (share * (bytes.len() - header) as f64) as usize;
        let whole = (0..=plain.len()).rev().find(|count| csv(&plain[..*count]).len() <= cut).unwrap();
        let outcome = read(&bytes[..cut]);
        prop_assert_eq!(&outcome.records[..whole], &plain[..whole]);
        prop_assert!(outcome.records.len() <= whole + 1);
    }

    #[test]
    fn a_damaged_byte_costs_at_most_its_row(rows in rows(), share in 0.0f64..1.0, byte in proptest::num::u8::ANY) {
        let mut bytes = json(&rows);
        let at = 1 + (share * (bytes.len() - 2) as f64) as usize;
        bytes[at] = byte;
        let found = serials(&read(&bytes));
        let missing = rows.iter().filter(|row| !found.contains(&row.serial.to_string())).count();
        // A closing bracket between two rows ends the array for any reader.
        prop_assume!(byte != b']');
        prop_assert!(missing <= 1, "{missing} missing");
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), text in "[\\[\\]{}\",: a\n\\\\]{0,200}") {
        for bytes in [bytes.clone(), [b"[", bytes.as_slice()].concat(), text.clone().into_bytes(), format!("[{text}").into_bytes()] {
            if let Ok(reader) = ReportReader::open(bytes.as_slice(), None) {
                prop_assert!(reader.count() <= bytes.len() + 1);
            }
        }
        let header = "serial,certificateArn,subject,notBefore,notAfter,issuedAt,revokedAt\n".as_bytes();
        let _ = read(&[header, &bytes].concat());
    }
}
