//! Audit reports: asked for once in half an hour, waited for, read as they come in, found again.

use countersign_aws::Error;
use countersign_aws::reports::{NewReport, ReportProgress};
use tokio::io::AsyncReadExt;

use crate::support::{Place, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_asked_for_waited_for_and_read() {
    let place = Place::new().await;
    let (aws, authority) = (place.aws(), place.authority());
    let bucket = place.description().buckets.reports.clone();
    let before = aws.latest_report(&bucket, &authority.id()).await.unwrap();

    let asked = aws.create_report(&authority, &bucket).await.unwrap();
    let NewReport::Asked { id, key } = asked else { panic!("{asked:?}") };
    assert_eq!(aws.report_progress(&authority, &id).await.unwrap(), ReportProgress::Creating);
    // One report a second for the account, and one in half an hour for the authority.
    let again = eventually(async || match aws.create_report(&authority, &bucket).await {
        Err(Error::Throttled { .. }) => None,
        answer => Some(answer.unwrap()),
    });
    assert_eq!(again.await, NewReport::TooSoon);

    let ready = eventually(async || match aws.report_progress(&authority, &id).await.unwrap() {
        ReportProgress::Creating => None,
        progress => Some(progress),
    });
    let ReportProgress::Ready { bucket: where_, key: ready_key, .. } = ready.await else { panic!() };
    assert_eq!((where_.as_str(), ready_key.as_str()), (bucket.as_str(), key.as_str()));

    let mut object = aws.open_object(&bucket, &key).await.unwrap();
    let mut text = String::new();
    object.body.read_to_string(&mut text).await.unwrap();
    assert_eq!(object.size, Some(text.len() as u64));
    assert!(object.last_modified.is_some());
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert!(rows.len() >= 5);

    let latest = aws.latest_report(&bucket, &authority.id()).await.unwrap().unwrap();
    assert!(before.is_none_or(|before| before.finished_at <= latest.finished_at));
    assert_eq!((latest.id, latest.key), (id, key));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_or_report_that_is_not_there_is_an_error_that_says_so() {
    let place = Place::new().await;
    let (aws, authority) = (place.aws(), place.authority());
    let error = aws.latest_report("no-such-bucket", &authority.id()).await.unwrap_err();
    assert!(error.to_string().contains("no-such-bucket"), "{error}");
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    let none = aws.report_progress(&authority, "00000000-0000-4000-8000-000000000000").await;
    assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
}
