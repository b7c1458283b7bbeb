use std::collections::HashSet;
use std::sync::Arc;

use domain::certificate::CertificateStatus::{self, Active, Revoked};
use domain::reconcile::Sides;
use domain::run::Unreadable;
use domain::views::{
    CertificatePage, CertificateQuery, CertificateSort, Place, Property, Test, Token, Total,
};
use domain::{FindingKind, InventoryItem, ReportRow};
use packed::Sorted;

use super::*;
use crate::fixture::{OTHER, arn, at, item, row, serial};
use crate::records::judge::judge;
use crate::records::load::{InventoryLoad, ReportLoad};
use crate::records::merge::{MergeError, Sources, merge};

mod by_day;
mod filter;
mod followed;
mod kept;
mod many;
mod paging;
mod revoked;

async fn model(rows: Vec<ReportRow>, items: Vec<InventoryItem>) -> ReadModel {
    let model = ReadModel::new(None);
    load(&model, rows.into_iter(), items.into_iter(), 0).await;
    model
}

/// Shows a report and an inventory made at the same time.
async fn load(
    model: &ReadModel,
    mut rows: impl Iterator<Item = ReportRow> + Send + 'static,
    mut items: impl Iterator<Item = InventoryItem> + Send + 'static,
    minutes: i64,
) {
    let tables = model.blocking(move |database| {
        let mut report = ReportLoad::begin(database)?;
        rows.try_for_each(|row| report.add(row))?;
        let mut inventory = InventoryLoad::begin(database)?;
        items.try_for_each(|item| inventory.add(item))?;
        let report = report.finish(arn(), at(minutes), Default::default(), &mut Unreadable::default())?;
        Ok((inventory.finish(at(minutes))?, report))
    });
    let (inventory, report) = tables.await.unwrap();
    model.show(Some(Arc::new(inventory)), vec![Arc::new(report)]).await.unwrap();
}

async fn page(model: &ReadModel, query: CertificateQuery) -> CertificatePage {
    model.certificates(&query, at(0)).await.unwrap()
}

fn token(text: &str) -> Token {
    let (property, value) = text.split_once('=').unwrap();
    Token::parse(Property::named(property).unwrap(), value).unwrap()
}

fn search(text: &str) -> CertificateQuery {
    CertificateQuery {
        filter: vec![Token::parse(Property::Text, text).unwrap()],
        ..CertificateQuery::default()
    }
}

#[tokio::test]
async fn before_anything_is_read_there_is_nothing_and_the_problem_is_said() {
    let model = ReadModel::new(None);
    assert_eq!(page(&model, CertificateQuery::default()).await, CertificatePage::default());
    model.set_problem(Some("no connection".to_owned()));
    let page = page(&model, search("0a")).await;
    assert_eq!((page.as_of, page.problem.as_deref()), (None, Some("no connection")));
}

#[tokio::test]
async fn both_sides_become_one_line_and_each_side_alone_is_there_too() {
    let revoked = ReportRow { revoked_at: Some(at(-50)), ..row(2) };
    let model = model(vec![row(1), revoked, row(3)], vec![item(1), item(2), item(4)]).await;
    let all = page(&model, CertificateQuery::default()).await;
    assert_eq!((all.total.number, all.as_of), (4, Some(at(0))));
    let lines: Vec<_> = all
        .lines
        .iter()
        .map(|line| (line.device.as_ref().map(|d| d.as_str()), line.in_report, line.in_inventory))
        .collect();
    let expected = [
        (Some("sensor-000001"), true, true),
        (Some("sensor-000002"), true, true),
        (Some("sensor-000004"), false, true),
        (None, true, false),
    ];
    assert_eq!(lines, expected);
    assert_eq!(all.lines[1].revoked_at, Some(at(-50)));
}

#[tokio::test]
async fn the_cas_word_on_revocations_counts_except_for_what_is_newer_than_the_report() {
    let recorded = |number, minutes| InventoryItem { revoked_at: Some(at(minutes)), ..item(number) };
    let items = vec![recorded(1, -50), recorded(2, 5), recorded(3, -50)];
    let model = model(vec![row(1), row(2)], items).await;
    let lines = page(&model, CertificateQuery::default()).await.lines;
    let revoked: Vec<_> = lines.iter().map(|line| line.revoked_at).collect();
    assert_eq!(revoked, [None, Some(at(5)), Some(at(-50))]);
}

#[tokio::test]
async fn devices_are_found_by_their_beginning_and_serials_in_any_form() {
    let model = model((1..30).map(row).collect(), (1..30).map(item).collect()).await;
    for text in ["sensor-00000", "SENSOR-00000", " sensor-00000 "] {
        assert_eq!(page(&model, search(text)).await.total.number, 9, "{text}");
    }
    let wanted = serial(7);
    for text in [wanted.to_string(), wanted.colons().to_uppercase(), format!("00:{}", wanted.colons())] {
        let found = page(&model, search(&text)).await;
        assert_eq!((found.total.number, found.lines[0].serial), (1, wanted), "{text}");
    }
    for text in ["sensor-1", "%", "_ensor", "'; DROP TABLE line_3; --", "\u{10ffff}"] {
        assert_eq!(page(&model, search(text)).await.total.number, 0, "{text}");
    }
}

#[tokio::test]
async fn pages_sort_and_filter() {
    let expiring = |number: u64, minutes| ReportRow { not_after: at(minutes), ..row(number) };
    let rows =
        vec![expiring(1, 40_000), expiring(2, -1), row(3), ReportRow { revoked_at: Some(at(-9)), ..row(4) }];
    let other = InventoryItem { authority: OTHER.parse().unwrap(), ..item(5) };
    let model = model(rows, vec![item(1), item(2), item(3), item(4), other]).await;
    for (status, number) in [
        (CertificateStatus::Expiring, vec![1]),
        (CertificateStatus::Expired, vec![2]),
        (Active, vec![3, 5]),
        (Revoked, vec![4]),
    ] {
        let query = CertificateQuery::status(status);
        let found = page(&model, query).await;
        let serials: Vec<_> = found.lines.iter().map(|line| line.serial).collect();
        assert_eq!(serials, number.into_iter().map(serial).collect::<Vec<_>>(), "{status:?}");
        assert!(
            found
                .lines
                .iter()
                .all(|line| { CertificateStatus::at(at(0), line.expires_at, line.revoked_at) == status })
        );
    }
    let query = CertificateQuery { sort: CertificateSort::Expiry, ..CertificateQuery::default() };
    let soonest = page(&model, query.clone()).await.lines[0].serial;
    let last = page(&model, CertificateQuery { descending: true, ..query }).await.lines[4].serial;
    assert_eq!((soonest, last), (serial(2), serial(2)));
    let of = |id: &str| CertificateQuery::of(Test::Authority(id.parse().unwrap()));
    let of_other = of("99999999-1234-1122-2233-112233445566");
    assert_eq!(page(&model, of_other).await.lines[0].serial, serial(5));
    assert_eq!(page(&model, of("unknown")).await.total.number, 0);
    let counts = model.counts(at(0)).await.unwrap();
    assert_eq!((counts.devices, counts.certificates[&(arn(), Revoked)]), (5, 1));
    assert_eq!(counts.certificates.values().sum::<u64>(), 5);
    // Whatever the time of the day, what is counted is what is listed.
    for now in [-2, 0, 777, 39_999, 40_001, 100_000].map(at) {
        let counts = model.counts(now).await.unwrap();
        for &status in CertificateStatus::ALL {
            let of_status = counts.certificates.iter().filter(|((_, of), _)| *of == status);
            let listed = model.certificates(&CertificateQuery::status(status), now).await.unwrap();
            assert_eq!(
                of_status.map(|(_, count)| count).sum::<u64>(),
                listed.total.number,
                "{status:?} {now}"
            );
        }
    }
}

#[tokio::test]
async fn newer_records_replace_older_ones_and_never_the_other_way() {
    let model = model(vec![row(1)], vec![item(1)]).await;
    load(&model, [row(1), row(2)].into_iter(), [item(1), item(2)].into_iter(), 10).await;
    load(&model, [].into_iter(), [].into_iter(), 5).await;
    let page = page(&model, CertificateQuery::default()).await;
    assert_eq!((page.total.number, page.as_of), (2, Some(at(10))));
    assert_eq!(model.report_as_of(&arn().id()), Some(at(10)));
}

#[tokio::test]
async fn a_dry_run_learns_what_is_known() {
    let revoked = ReportRow { revoked_at: Some(at(-9)), ..row(2) };
    let root =
        ReportRow { template: Some("arn:aws:acm-pca:::template/RootCACertificate/V1".to_owned()), ..row(3) };
    let second = InventoryItem { device: item(1).device, ..item(4) };
    let namesake = InventoryItem { device: "SENSOR-000001".parse().unwrap(), ..item(6) };
    let other = InventoryItem { authority: OTHER.parse().unwrap(), ..item(5) };
    let model =
        model(vec![row(1), revoked, root, row(4)], vec![item(1), item(2), second, other, namesake]).await;
    let asked = vec![serial(1), serial(2), serial(3), serial(5), serial(99)];
    let knowledge = model.knowledge(&arn(), asked, at(0)).await.unwrap();
    let [plain, revoked, root, other, unknown] = knowledge.known.as_slice() else { panic!("five") };
    assert_eq!(plain.target.serial_key.as_deref(), Some(serial(1).colons().as_str()));
    assert!(plain.is_known && plain.revoked_at.is_none() && revoked.revoked_at.is_some());
    assert!(root.is_root && other.is_of_another && !other.is_known);
    assert!(!unknown.is_known && !unknown.is_of_another);
    let id = arn().id();
    let of_device = &knowledge.in_force[&item(1).device];
    assert_eq!(of_device.len(), 2, "{of_device:?}");
    assert!(of_device.contains_key(&(id.clone(), serial(4))));
    assert!(knowledge.in_force[&item(2).device].is_empty());
    let in_report = model.revoked_in_report(&id, vec![serial(1), serial(2), serial(99)]).await.unwrap();
    assert_eq!(in_report.into_iter().collect::<Vec<_>>(), [(serial(2), at(-9))]);
}

#[tokio::test]
async fn a_row_that_is_there_twice_counts_once() {
    let model = ReadModel::new(None);
    let unreadable = model.blocking(|database| {
        let mut report = ReportLoad::begin(database)?;
        let revoked = ReportRow { revoked_at: Some(at(-9)), ..row(1) };
        let other = ReportRow { subject: None, ..row(1) };
        [row(1), revoked, row(2), other, row(1)].into_iter().try_for_each(|row| report.add(row))?;
        let mut unreadable = Unreadable::default();
        let table = report.finish(arn(), at(0), Default::default(), &mut unreadable)?;
        let mut revoked = Vec::new();
        let (authority, report, inventory) = (&arn(), &table.packed(database)?, &Sorted::default());
        let sources = Sources { authority, report, inventory, trail: None };
        let row = |serial, sides: Sides| Some((serial, sides.report.unwrap().revoked_at));
        merge(sources, None, row, |row| {
            revoked.push(row);
            Ok::<_, DatabaseError>(())
        })
        .map_err(MergeError::into_inner)?;
        revoked.sort();
        let mut expected = [(serial(1), Some(at(-9))), (serial(2), None)];
        expected.sort();
        assert_eq!(revoked, expected, "it is one certificate, revoked");
        Ok(unreadable)
    });
    assert_eq!(unreadable.await.unwrap().count, 1, "one says something else");
}

#[tokio::test]
async fn a_certificate_is_found_by_a_part_of_its_subject() {
    let named =
        |number: u64, name: &str| ReportRow { subject: Some(format!("O=Example,CN={name}")), ..row(number) };
    let rows = vec![named(1, "Build-17.example"), named(2, "sensor-000002"), named(3, "build-9"), row(4)];
    let model = model(rows, vec![item(2), item(3), item(4)]).await;
    let found = async |text: &str| page(&model, search(text)).await.total.number;
    assert_eq!(found("build-").await, 2, "one without a device, one whose device is another");
    assert_eq!(found("build-17").await, 1);
    assert_eq!((found("sensor-").await, found("sensor-000003").await), (3, 1), "each line once");
    assert_eq!(
        (found("-17.EX").await, found("O=exa").await, found("%").await, found("17").await),
        (1, 4, 0, 1)
    );
}
