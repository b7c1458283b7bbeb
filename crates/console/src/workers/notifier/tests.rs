//! Notifications to a receiver on this machine, which checks signatures in its own way.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use domain::FindingId;
use domain::finding::Notification;
use sha2::Digest;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// What came, and what is answered in turn; afterwards everything is taken.
#[derive(Default)]
struct Receiver {
    came: Mutex<Vec<(HeaderMap, String)>>,
    answers: Mutex<Vec<StatusCode>>,
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: String) -> Response {
    receiver.came.lock().unwrap().push((headers, body));
    let answer = receiver.answers.lock().unwrap().pop();
    match answer {
        Some(status) if status.is_redirection() => Redirect::temporary("/elsewhere").into_response(),
        Some(status) => status.into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// A receiver, and what delivers to it. `answers` begins with the last.
async fn bench(answers: &[StatusCode]) -> (Arc<Receiver>, Sender) {
    let receiver = Arc::new(Receiver { answers: Mutex::new(answers.to_vec()), ..Receiver::default() });
    let router = Router::new()
        .route("/pki", post(receive))
        .route("/elsewhere", post(receive))
        .with_state(receiver.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pki?token=T0K3N", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (receiver, sender(&url))
}

fn sender(url: &str) -> Sender {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let page = Arc::new(|id: &FindingId| format!("https://pki.example.com/findings/{id}"));
    let (url, secret) = (url.parse().unwrap(), SECRET.as_bytes().into());
    let (host, home) = ("localhost".to_owned(), "https://pki.example.com/".to_owned());
    Sender::new(Webhook { url, host, secret, home, page }).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + seconds).unwrap()
}

fn notice() -> Notice {
    let finding = "trail_stopped.111122223333_eu-central-1.2026-11-22T09".parse().unwrap();
    let message = Message {
        id: "0193a000-0000-7000-8000-000000000001".to_owned(),
        finding,
        kind: domain::FindingKind::TrailStopped,
        severity: domain::Severity::Critical,
        sentence: "arn:aws:iam::111122223333:user/eve called StopLogging.".to_owned(),
        at: at(-60),
        principal: Some("arn:aws:iam::111122223333:user/eve".to_owned()),
        address: Some("192.0.2.66".to_owned()),
        authority: None,
        serial: None,
    };
    let state = Notification {
        to: "127.0.0.1".to_owned(),
        created_at: at(0),
        attempts: 0,
        delivered_at: None,
        next_attempt: Some(at(0)),
        problem: None,
    };
    Notice { message, state }
}

/// HMAC as RFC 2104 §2 writes it down, of nothing but SHA-256.
fn hmac_by_hand(key: &[u8], text: &[u8]) -> String {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(text).finalize();
    hex::encode(Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize())
}

#[tokio::test]
async fn a_receiver_that_fails_twice_is_asked_again_and_can_check_what_it_gets() {
    let (receiver, sender) = bench(&[StatusCode::SERVICE_UNAVAILABLE, StatusCode::NOT_FOUND]).await;
    let (mut notice, mut now) = (notice(), at(1));
    let mut waits = Vec::new();
    while let Some(next) = notice.state.next_attempt {
        waits.push(next.since(now).as_secs());
        now = next.max(now);
        let outcome = sender.send(&notice.message, now).await;
        notice = after(notice, outcome, now);
        if notice.state.attempts == 1 {
            assert_eq!(notice.state.problem.as_deref(), Some("It answered 404 Not Found."));
        }
    }
    assert_eq!((notice.state.attempts, notice.state.delivered_at), (3, Some(now)));
    assert_eq!((waits, notice.state.problem), (vec![0, 5, 10], None));
    let came = receiver.came.lock().unwrap().clone();
    assert_eq!(came.len(), 3);
    for (headers, body) in &came {
        let signature = headers["X-Countersign-Signature"].to_str().unwrap();
        let (time, mac) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        assert_eq!(mac, hmac_by_hand(SECRET.as_bytes(), format!("{time}.{body}").as_bytes()));
        assert_eq!(headers["X-Countersign-Delivery"], notice.message.id.as_str(), "the same each time");
        assert_eq!(headers["Content-Type"], "application/json");
    }
    let said: serde_json::Value = serde_json::from_str(&came[0].1).unwrap();
    let finding = "trail_stopped.111122223333_eu-central-1.2026-11-22T09";
    assert_eq!(said["url"], format!("https://pki.example.com/findings/{finding}"));
    assert_eq!((&said["kind"], &said["severity"]), (&"trail_stopped".into(), &"critical".into()));
    assert_eq!(said["principal"], "arn:aws:iam::111122223333:user/eve");
    assert!(said["authority"].is_null() && said["serial"].is_null());
    let text = format!(
        "CRITICAL: arn:aws:iam::111122223333:user/eve called StopLogging. https://pki.example.com/findings/{finding}"
    );
    assert_eq!(said["text"], text);
}

#[tokio::test]
async fn a_test_has_the_form_of_all_others_and_says_what_it_is() {
    let (receiver, sender) = bench(&[]).await;
    sender.send(&notice().message, at(0)).await.unwrap();
    sender.send_test(at(0)).await.unwrap();
    let came = receiver.came.lock().unwrap().clone();
    let [real, test] = [0, 1].map(|n| serde_json::from_str::<serde_json::Value>(&came[n].1).unwrap());
    let names = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&test), names(&real));
    assert_eq!(
        (&test["kind"], test["id"].as_str()),
        (&"test".into(), came[1].0["X-Countersign-Delivery"].to_str().ok())
    );
    assert!(test["text"].as_str().unwrap().starts_with("LOW: This is a test"), "{test}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (receiver, sender) = bench(&[StatusCode::TEMPORARY_REDIRECT]).await;
    let problem = sender.send(&notice().message, at(0)).await.unwrap_err();
    assert_eq!(problem, "It answered 307 Temporary Redirect.");
    assert_eq!(receiver.came.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_problem_does_not_show_the_address() {
    // Nobody listens at port 1.
    let problem =
        sender("http://127.0.0.1:1/T0K3N?key=T0K3N").send(&notice().message, at(0)).await.unwrap_err();
    assert!(problem.starts_with("It cannot be reached: ") && !problem.contains("T0K3N"), "{problem}");
}

#[test]
fn waits_grow_and_after_a_day_it_is_given_up() {
    let (mut notice, mut now, mut longest) = (notice(), at(0), 0);
    while let Some(next) = notice.state.next_attempt {
        longest = longest.max(next.since(now).as_secs());
        now = next;
        notice = after(notice, Err("No.".to_owned()), now);
    }
    assert_eq!(longest, 3600);
    let given_up = now.since(notice.state.created_at).as_secs();
    assert!((23 * 3600..24 * 3600).contains(&given_up), "{given_up}");
    assert_eq!(notice.state.delivered_at, None);
    assert!((20..50).contains(&notice.state.attempts), "{}", notice.state.attempts);
}
