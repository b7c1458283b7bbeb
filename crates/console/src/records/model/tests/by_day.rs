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
