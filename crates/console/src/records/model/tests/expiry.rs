//! When certificates expire.

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
