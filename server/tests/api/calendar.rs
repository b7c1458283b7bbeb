//! A person's calendar of expiries: read by its key alone, until it is withdrawn.

use reqwest::StatusCode;

use crate::client::Client;
use crate::harness::reconciled;

/// The path of the viewer's own calendar, as the page has it.
async fn address(person: &Client) -> Option<String> {
    let page = person.get("/expiry").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let from = page.text.find("/calendar.ics?key=")?;
    let rest = &page.text[from..];
    Some(rest[..rest.find(['"', '<'])?].to_owned())
}

#[tokio::test]
async fn a_calendar_is_read_by_its_key_until_it_is_withdrawn() {
    let shared = reconciled().await;
    let (auditor, stranger) = (shared.browser_of("auditor").await, shared.console.browser());
    assert_eq!(address(&auditor).await, None);
    auditor.submit("/expiry", "/api/make-calendar", &[]).await;
    let first = address(&auditor).await.unwrap();

    let read = stranger.get(&first).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text);
    assert!(read.text.starts_with("BEGIN:VCALENDAR\r\n"), "{}", read.text);
    assert!(read.text.contains("expire"), "{}", read.text);

    let mut guessed = first.clone();
    let last = if guessed.pop() == Some('0') { '1' } else { '0' };
    guessed.push(last);
    for wrong in [guessed.as_str(), "/calendar.ics?key=", "/calendar.ics?key=x.y"] {
        assert_eq!(stranger.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }

    auditor.submit("/expiry", "/api/make-calendar", &[]).await;
    let second = address(&auditor).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(stranger.get(&first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get(&second).await.status, StatusCode::OK);

    auditor.submit("/expiry", "/api/withdraw-calendar", &[]).await;
    assert_eq!(stranger.get(&second).await.status, StatusCode::NOT_FOUND);
    assert_eq!(address(&auditor).await, None);
    assert_eq!(auditor.told("calendar_made", "").await, 2);
    assert_eq!(auditor.told("calendar_withdrawn", "").await, 1);
}
