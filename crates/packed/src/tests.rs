//! What is packed comes out as it went in, in the order of its serial numbers.

use domain::{AuthorityArn, InventoryItem, ReportRow, Serial, Timestamp};
use proptest::prelude::*;

use super::*;

fn authority(number: u8) -> AuthorityArn {
    format!("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/{number}").parse().unwrap()
}

fn serial() -> impl Strategy<Value = Serial> {
    proptest::collection::vec(prop_oneof![Just(1_u8), any::<u8>()], 1..=20)
        .prop_filter_map("a serial number is positive", |octets| Serial::from_bytes(&octets).ok())
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800_i64..=253_402_300_799).prop_map(|seconds| Timestamp::from_unix(seconds).unwrap())
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(prop_oneof![Just("again".to_owned()), ".{0,200}"])
}

prop_compose! {
    fn row()(
        serial in serial(), times in proptest::array::uniform3(moment()), revoked_at in proptest::option::of(moment()),
        texts in proptest::array::uniform4(text()), of in 0_u8..3,
    ) -> ReportRow {
        let ([not_before, not_after, issued_at], authority) = (times, authority(of));
        let [subject, revocation_reason, template, requested_by_service] = texts;
        ReportRow {
            authority, serial, subject, not_before, not_after, issued_at, revoked_at, revocation_reason, template,
            requested_by_service,
        }
    }
}

prop_compose! {
    fn item()(
        serial in serial(), times in proptest::array::uniform3(proptest::option::of(moment())),
        texts in proptest::array::uniform3(text()), decimal in proptest::option::of(serial()), device in "[^\0]{1,40}",
        of in 0_u8..3, revocation_unread in any::<bool>(),
    ) -> InventoryItem {
        let ([issued_at, expires_at, revoked_at], authority) = (times, authority(of));
        let [key, subject, revocation_reason] = texts;
        let (device, serial_key) = (device.parse().unwrap(), key.unwrap_or(serial.to_string()));
        InventoryItem {
            authority, serial, decimal, device, serial_key, subject, issued_at, expires_at, revoked_at,
            revocation_unread, revocation_reason,
        }
    }
}

/// The records of one authority, unpacked.
fn of<T: Record>(sorted: &Sorted<T>, number: u8, ranges: &[Range]) -> Vec<T> {
    let authority = authority(number);
    let all = ranges.iter().flat_map(|range| sorted.of(&authority, range));
    all.map(|record| record.unpack().unwrap()).collect()
}

fn packed<T: Record>(records: &[T]) -> Sorted<T> {
    let mut pack = Pack::default();
    for some in records.chunks(7) {
        let mut batch = Batch::default();
        some.iter().for_each(|record| batch.push(record));
        pack.append(batch);
    }
    pack.sorted()
}

/// The records of one authority, as they must come out.
fn expected<T: Record + Clone>(records: &[T], authority: &AuthorityArn) -> Vec<T> {
    let mut own: Vec<T> = records.iter().filter(|record| record.authority() == authority).cloned().collect();
    own.sort_by(|a, b| a.serial().as_bytes().cmp(b.serial().as_bytes()));
    own
}

proptest! {
    #[test]
    fn rows_and_items_come_out_as_they_went_in(
        rows in proptest::collection::vec(row(), 0..80), items in proptest::collection::vec(item(), 0..40),
        most in 0_usize..50,
    ) {
        let (packed_rows, packed_items) = (packed(&rows), packed(&items));
        for ranges in [vec![Range::default()], Range::split(&packed_rows, &packed_items, most)] {
            for number in 0..3 {
                prop_assert_eq!(of(&packed_rows, number, &ranges), expected(&rows, &authority(number)));
                prop_assert_eq!(of(&packed_items, number, &ranges), expected(&items, &authority(number)));
            }
        }
        let authority = authority(0);
        for row in packed_rows.of(&authority, &Range::default()) {
            let (plain, row) = (row.plain().unwrap(), row.unpack().unwrap());
            prop_assert_eq!((plain.not_before, plain.not_after), (row.not_before, row.not_after));
            prop_assert_eq!((plain.issued_at, plain.revoked_at), (row.issued_at, row.revoked_at));
            prop_assert_eq!(plain.subject, row.subject.as_deref().map(str::as_bytes));
            prop_assert_eq!(plain.template, row.template.as_deref().map(str::as_bytes));
        }
        for item in packed_items.of(&authority, &Range::default()) {
            let (plain, item) = (item.plain(), item.unpack().unwrap());
            prop_assert_eq!((plain.issued_at, plain.expires_at), (item.issued_at, item.expires_at));
            prop_assert_eq!(plain.revoked_at, item.revoked_at);
            prop_assert_eq!(plain.subject, item.subject.as_deref().map(str::as_bytes));
        }
        prop_assert!(rows.iter().all(|row| packed_rows.contains(row.serial)));
    }

    #[test]
    fn one_row_of_a_serial_number_stays_and_changed_items_move(
        rows in proptest::collection::vec(row(), 1..20), items in proptest::collection::vec(item(), 1..20),
    ) {
        let rows: Vec<ReportRow> = rows.iter().map(|row| ReportRow { authority: authority(0), ..row.clone() }).collect();
        let twice: Vec<ReportRow> = rows.iter().chain(&rows).cloned().collect();
        let mut folded = packed(&twice);
        folded.fold(|_, _| false);
        let mut first = expected(&rows, &authority(0));
        first.dedup_by_key(|row| row.serial);
        prop_assert_eq!(of(&folded, 0, &[Range::default()]), first);
        let settled = |item: &InventoryItem| {
            let serial = item.decimal?;
            Some(InventoryItem { serial, decimal: None, ..item.clone() })
        };
        let mut changed = packed(&items);
        changed.change(settled);
        let all: usize = (0..3).map(|number| of(&changed, number, &[Range::default()]).len()).sum();
        prop_assert_eq!(all, items.len());
        for item in items.iter().filter_map(settled) {
            let (authority, range) = (&item.authority, &Range::default());
            prop_assert!(changed.of(authority, range).any(|other| other.unpack().as_ref() == Some(&item)));
        }
    }
}
