//! What happened on each day, and will.

use domain::views::{CalendarUnit, ExpiryQuery, ExpirySpan};

use super::*;

async fn spans(model: &ReadModel, unit: CalendarUnit) -> Vec<ExpirySpan> {
    let query = ExpiryQuery { unit, ..ExpiryQuery::default() };
    model.expiring(query.spans(at(0))).await.unwrap()
}

#[tokio::test]
async fn each_span_counts_what_its_list_shows_and_nothing_that_is_revoked() {
    let expires = |n: u64, days: i64| ReportRow { not_after: at(days * 1440), ..row(n) };
    let gone = ReportRow { revoked_at: Some(at(-50)), ..expires(4, 8) };
    let rows = vec![expires(1, 1), expires(2, 8), expires(3, 8), gone, expires(5, 300), expires(6, -3)];
    let model = model(rows, vec![]).await;
    for &unit in CalendarUnit::ALL {
        let mut total = 0;
        for span in spans(&model, unit).await {
            assert_eq!(
                page(&model, span.list(None)).await.total.number,
                span.total(),
                "{unit:?} {}",
                span.from
            );
            total += span.total();
        }
        assert!(total >= 3, "{unit:?}: {total}");
    }
    assert_eq!(spans(&model, CalendarUnit::Month).await.iter().map(ExpirySpan::total).sum::<u64>(), 5);

    model.note_revoked(arn(), vec![(serial(2), at(0))]).await.unwrap();
    assert_eq!(spans(&model, CalendarUnit::Month).await.iter().map(ExpirySpan::total).sum::<u64>(), 4);
}

#[tokio::test]
async fn what_was_issued_and_revoked_is_counted_on_its_day() {
    let issued = |n: u64, days: i64| ReportRow { issued_at: at(days * 1440), ..row(n) };
    let revoked = ReportRow { revoked_at: Some(at(-1440)), ..issued(3, -2) };
    let model = model(vec![issued(1, 0), issued(2, -2), revoked], vec![]).await;
    let day = |days: i64| at(days * 1440).unix() / 86_400;
    let days = async || {
        let by_day = |snapshot: &crate::records::snapshot::Snapshot, connection: &rusqlite::Connection| {
            snapshot.lines.as_ref().unwrap().by_day(connection, (0, i64::MAX))
        };
        model.read(by_day).await.unwrap()
    };
    assert_eq!(days().await, [(day(-2), (2, 0)), (day(-1), (0, 1)), (day(0), (1, 0))].into());
    model.note_revoked(arn(), vec![(serial(1), at(0))]).await.unwrap();
    assert_eq!(days().await, [(day(-2), (2, 0)), (day(-1), (0, 1)), (day(0), (1, 1))].into());
}

#[tokio::test]
async fn each_number_of_a_time_is_that_of_its_list_whatever_changes() {
    let of = |n: u64, issued: i64, expires: i64, template: Option<&str>| ReportRow {
        issued_at: at(issued * 1440),
        not_after: at(expires * 1440),
        template: template.map(str::to_owned),
        ..row(n)
    };
    let gone = |n, days: i64| ReportRow { revoked_at: Some(at(days * 1440)), ..of(n, -20, 90, None) };
    let rows = vec![
        of(1, -3, -1, Some("a")),
        of(2, -3, 0, Some("a")),
        of(3, -9, 90, None),
        gone(4, -2),
        gone(5, -50),
    ];
    let model = model(rows, vec![item(6)]).await;
    let days = (at(-10 * 1440).unix() / 86_400, at(1440).unix() / 86_400);
    let (from, to) = (days.0 * 86_400, days.1 * 86_400);
    let time = |unix| domain::Timestamp::from_unix(unix).unwrap();
    let counts = async || {
        let read = move |snapshot: &crate::records::snapshot::Snapshot, connection: &rusqlite::Connection| {
            snapshot.lines.as_ref().unwrap().counts_of(connection, days, at(0).unix())
        };
        let all = model.read(read).await.unwrap();
        let sum = |which: fn(&domain::views::CertificateCounts) -> u64| all.iter().map(which).sum::<u64>();
        [sum(|one| one.issued), sum(|one| one.revoked), sum(|one| one.expired)]
    };
    let listed = async || {
        let mut numbers = Vec::new();
        for property in ["issued", "revoked", "expires"] {
            let bounds = [format!("{property}=>{}", time(from)), format!("{property}=<{}", time(to))];
            let status = (property == "expires").then(|| "status=expired".to_owned());
            let filter = bounds.into_iter().chain(status).map(|text| token(&text)).collect();
            numbers.push(
                page(&model, CertificateQuery { filter, ..CertificateQuery::default() }).await.total.number,
            );
        }
        numbers
    };
    let first = counts().await;
    assert_eq!(first.to_vec(), listed().await);
    assert!(first[0] >= 3 && first[1] == 1 && first[2] >= 1, "{first:?}");
    model.note_revoked(arn(), vec![(serial(1), at(-5)), (serial(3), at(-5))]).await.unwrap();
    let second = counts().await;
    assert_eq!(second.to_vec(), listed().await);
    assert_eq!(second[1], 3, "{second:?}");
    model.begin_following("stream".to_owned(), at(0));
    load(&model, vec![row(1)].into_iter(), vec![item(6)].into_iter(), 1).await;
    let change = domain::InventoryItem { issued_at: Some(at(-7)), expires_at: Some(at(-2)), ..item(7) };
    model.take_in(vec![super::followed::written(change)], at(2)).await.unwrap();
    assert_eq!(counts().await.to_vec(), listed().await);
}
