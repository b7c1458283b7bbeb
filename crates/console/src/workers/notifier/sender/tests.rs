//! Notifications to a receiver on this machine, which checks signatures in its own way.

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, SdkConfig};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use countersign_aws::{InventorySettings, Process, Settings};
use domain::ledger::About;
use domain::notify::{ChannelKind, Delivery, Route};
use sha2::Digest;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const FINDING: &str = "trail_stopped.111122223333_eu-central-1.2026-11-22T09";

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
async fn bench(answers: &[StatusCode]) -> (Arc<Receiver>, String) {
    let receiver = Arc::new(Receiver { answers: Mutex::new(answers.to_vec()), ..Receiver::default() });
    let router = Router::new()
        .route("/pki", post(receive))
        .route("/elsewhere", post(receive))
        .with_state(receiver.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pki?token=T0K3N", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (receiver, url)
}

fn sender(way: Way) -> Sender {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let (name, host) = ("on-call".to_owned(), "localhost".to_owned());
    let kind = ChannelKind::Webhook;
    let channel = Channel { name, kind, host, route: Route::default(), way: Some(way) };
    Sender::new(&channel, &no_aws()).unwrap().unwrap()
}

/// A way to AWS that is not taken.
fn no_aws() -> Aws {
    let settings = Settings {
        process: Process::Web,
        region: "eu-central-1".to_owned(),
        console_table: "none".to_owned(),
        inventory: InventorySettings { table: "none".to_owned(), attributes: Default::default() },
    };
    let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
    Aws::with_configs(settings, &config, &config)
}

fn webhook(url: &str) -> Sender {
    sender(Way::Webhook(url.parse().unwrap(), SECRET.as_bytes().into()))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + seconds).unwrap()
}

fn notice() -> Notice {
    Notice {
        about: Some(About::Finding(FINDING.parse().unwrap())),
        sentence: "arn:aws:iam::111122223333:user/eve called StopLogging.".to_owned(),
        severity: domain::Severity::Critical,
        principal: Some("arn:aws:iam::111122223333:user/eve".to_owned()),
        ..Notice::test("0193a000-0000-7000-8000-000000000001".to_owned(), None, at(-60))
    }
}

fn letter(notice: &Notice) -> Letter<'_> {
    Letter::of(notice, format!("https://pki.example.com/findings/{FINDING}"))
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
    let (receiver, url) = bench(&[StatusCode::SERVICE_UNAVAILABLE, StatusCode::NOT_FOUND]).await;
    let (sender, notice, mut now) = (webhook(&url), notice(), at(1));
    let mut delivery = Delivery::new("on-call", "localhost", at(0), false);
    let mut waits = Vec::new();
    while let Some(next) = delivery.next_attempt {
        waits.push(next.since(now).as_secs());
        now = next.max(now);
        delivery = delivery.after(sender.send(&letter(&notice), now).await, now);
        if delivery.attempts == 1 {
            assert_eq!(delivery.problem.as_deref(), Some("It answered 404 Not Found."));
        }
    }
    assert_eq!((delivery.attempts, delivery.delivered_at), (3, Some(now)));
    assert_eq!((waits, delivery.problem), (vec![0, 5, 10], None));
    let came = receiver.came.lock().unwrap().clone();
    assert_eq!(came.len(), 3);
    for (headers, body) in &came {
        let signature = headers["X-Countersign-Signature"].to_str().unwrap();
        let (time, mac) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        assert_eq!(mac, hmac_by_hand(SECRET.as_bytes(), format!("{time}.{body}").as_bytes()));
        assert_eq!(headers["X-Countersign-Delivery"], notice.id.as_str(), "the same each time");
        assert_eq!(headers["Content-Type"], "application/json");
    }
    let said: serde_json::Value = serde_json::from_str(&came[0].1).unwrap();
    assert_eq!(said["url"], format!("https://pki.example.com/findings/{FINDING}"));
    assert_eq!(
        (&said["about"], &said["severity"]),
        (&format!("finding:{FINDING}").into(), &"critical".into())
    );
    assert_eq!(said["principal"], "arn:aws:iam::111122223333:user/eve");
    assert!(said["authority"].is_null() && said["serial"].is_null());
    let text = format!(
        "CRITICAL: arn:aws:iam::111122223333:user/eve called StopLogging. https://pki.example.com/findings/{FINDING}"
    );
    assert_eq!(said["text"], text);
}

#[tokio::test]
async fn chat_rooms_get_their_form_and_no_signature() {
    let (receiver, url) = bench(&[]).await;
    let notice = notice();
    for way in [Way::Slack(url.parse().unwrap()), Way::Teams(url.parse().unwrap())] {
        sender(way).send(&letter(&notice), at(0)).await.unwrap();
    }
    let came = receiver.came.lock().unwrap().clone();
    let [slack, teams] = [0, 1].map(|n| serde_json::from_str::<Value>(&came[n].1).unwrap());
    assert!(slack["text"].as_str().unwrap().starts_with("CRITICAL: arn:aws:iam"), "{slack}");
    assert_eq!(teams["attachments"][0]["content"]["type"], "AdaptiveCard");
    assert!(came.iter().all(|(headers, _)| !headers.contains_key("X-Countersign-Signature")));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (receiver, url) = bench(&[StatusCode::TEMPORARY_REDIRECT]).await;
    let problem = webhook(&url).send(&letter(&notice()), at(0)).await.unwrap_err();
    assert_eq!(problem, "It answered 307 Temporary Redirect.");
    assert_eq!(receiver.came.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_problem_does_not_show_the_address() {
    // Nobody listens at port 1.
    let notice = notice();
    let problem =
        webhook("http://127.0.0.1:1/T0K3N?key=T0K3N").send(&letter(&notice), at(0)).await.unwrap_err();
    assert!(problem.starts_with("It cannot be reached: ") && !problem.contains("T0K3N"), "{problem}");
}
