//! The notifier: delivers notifications of alerts to the webhook: signed, one worker at a time, again and again until it
//! takes them or a day has passed. What there is to deliver, and what became of it, is in the console's table.
//!
//! The address is the configuration's and no one else's; answers are not read beyond their status, redirects not followed.

use std::net::IpAddr;
use std::time::Duration;

use countersign_aws::notifications::Notice;
use countersign_aws::{Aws, Error as AwsError};
use domain::alerts::Alert;
use domain::finding::{AlertFacts, Message, line};
use domain::{Finding, FindingKind, FindingState, Scope, Severity, Timestamp};
use futures::FutureExt;
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde_json::json;
use sha2::Sha256;

use super::raise::Raiser;
use crate::error::root;
use crate::lease::{Leases, Pass};
use crate::{Clock, Error, Webhook};

/// How often is looked for what is due.
pub(crate) const INTERVAL: Duration = Duration::from_secs(2);
/// How many are delivered in one pass.
const TOGETHER: usize = 50;
/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// After a failure it is waited so long, and twice as long after each further one, up to the second.
const WAITS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(3600));
/// A notification is given up so long after its alert.
const GIVEN_UP: Duration = Duration::from_secs(24 * 3600);

/// `t=<seconds since 1970>,v1=<hex HMAC-SHA256(secret, t + "." + body)>`.
const SIGNATURE: &str = "X-Countersign-Signature";
/// The same at each attempt to deliver the same notification.
const DELIVERY: &str = "X-Countersign-Delivery";

/// What is posted.
#[derive(Serialize)]
struct Post<'a> {
    #[serde(flatten)]
    message: &'a Message,
    /// The finding's page.
    url: String,
    /// All that matters of it, for receivers that show nothing else, such as Slack's.
    text: String,
}

impl Webhook {
    /// Posts one notification that says that it is a test.
    ///
    /// # Errors
    /// It is not taken: why, in a sentence that holds nothing of the address but its host.
    pub async fn send_test(self, now: Timestamp) -> Result<(), String> {
        let sender = Sender::new(self).map_err(|error| error.trace())?;
        sender.send_test(now).await
    }
}

/// Delivers what is due. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Notifier {
    pub aws: Aws,
    pub clock: Clock,
    pub leases: Leases,
    pub raiser: Raiser,
    pub sender: Sender,
}

/// Knows how to deliver.
#[derive(Clone)]
pub(crate) struct Sender {
    http: reqwest::Client,
    webhook: Webhook,
}

impl Notifier {
    /// Delivers what is due now.
    pub async fn pass(&self) -> Result<Pass, Error> {
        let started = self.clock.now();
        if self.aws.due_notices(started, 1).await?.is_empty() {
            return Ok(Pass::Done);
        }
        let deliver = |_| self.deliver(started).boxed();
        self.leases.under("notifications", deliver).await
    }

    async fn deliver(&self, started: Timestamp) -> Result<(), Error> {
        for notice in self.aws.due_notices(started, TOGETHER).await? {
            let attempts = notice.state.attempts;
            let outcome = self.sender.send(&notice.message, self.clock.now()).await;
            let name = if outcome.is_ok() { "delivered" } else { "failed" };
            metrics::counter!("countersign_notifications_total", "outcome" => name).increment(1);
            if let Err(problem) = &outcome {
                let host = &self.sender.webhook.host;
                tracing::warn!(host, notification = notice.message.id, attempts, "not delivered: {problem}");
            }
            let notice = after(notice, outcome, self.clock.now());
            if let (None, None, Some(problem)) =
                (notice.state.next_attempt, notice.state.delivered_at, &notice.state.problem)
            {
                self.give_up(notice.state.created_at, problem).await?;
            }
            match self.aws.save_notice(&notice, attempts).await {
                // The list was of a moment ago, and another worker was here since.
                Ok(()) | Err(AwsError::Conflict { .. }) => (),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Raises an alert, unless one is open: a notification made at `since` was not taken for a day.
    async fn give_up(&self, since: Timestamp, problem: &str) -> Result<(), Error> {
        let host = &self.sender.webhook.host;
        let alert = Alert {
            kind: FindingKind::WebhookFailing,
            authority: None,
            scope: Scope::Countersign,
            subject: host.clone(),
            facts: AlertFacts {
                at: since,
                what: format!(
                    "The webhook at {host} has not taken a notification since {}: {problem}",
                    since.absolute()
                ),
                identity: None,
                address: None,
                events: Vec::new(),
                count: 1,
                proofs: [].into(),
            },
        };
        let known = self.aws.findings(&[alert.id()]).await?;
        let is_open = |finding: &Finding| {
            matches!(finding.state, FindingState::Open | FindingState::Acknowledged { .. })
        };
        if known.iter().any(is_open) {
            return Ok(());
        }
        self.raiser.raise(vec![alert.into()], Timestamp::EPOCH, &[], Vec::new()).await
    }
}

impl Sender {
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(webhook: Webhook) -> Result<Self, Error> {
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(PATIENCE / 2)
            .timeout(PATIENCE)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
        let host = webhook.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        if host.parse::<IpAddr>().is_ok() {
            http = http.no_proxy();
        }
        let http = http.build().map_err(Error::internal)?;
        Ok(Self { http, webhook })
    }

    /// One attempt. The error is for people, and holds nothing of the address but its host.
    async fn send(&self, message: &Message, now: Timestamp) -> Result<(), String> {
        let url = (self.webhook.page)(&message.finding);
        let text = line(message.severity, &message.sentence, &url);
        self.post(&message.id, &Post { message, url, text }, now).await
    }

    /// One notification that says that it is a test, with the fields of all others.
    async fn send_test(&self, now: Timestamp) -> Result<(), String> {
        const SENTENCE: &str = "This is a test of notifications: nothing has happened.";
        let id = uuid::Uuid::now_v7().to_string();
        let test = json!({
            "id": id, "finding": null, "kind": "test", "severity": Severity::Low, "sentence": SENTENCE, "at": now,
            "principal": null, "address": null, "authority": null, "serial": null, "url": self.webhook.home,
            "text": line(Severity::Low, SENTENCE, &self.webhook.home),
        });
        self.post(&id, &test, now).await
    }

    async fn post(&self, id: &str, body: &impl Serialize, now: Timestamp) -> Result<(), String> {
        let body = serde_json::to_string(body).map_err(|error| error.to_string())?;
        let request = self
            .http
            .post(self.webhook.url.clone())
            .header("Content-Type", "application/json")
            .header(SIGNATURE, signature(&self.webhook.secret, now, &body))
            .header(DELIVERY, id)
            .body(body);
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("It answered {}.", answer.status())),
            Err(error) if error.is_timeout() => Err("It did not answer in time.".to_owned()),
            Err(error) => Err(format!("It cannot be reached: {}.", root(&error.without_url()))),
        }
    }
}

fn signature(secret: &[u8], now: Timestamp, body: &str) -> String {
    let time = now.unix();
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 §2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length");
    mac.update(format!("{time}.").as_bytes());
    mac.update(body.as_bytes());
    format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// The notice after an attempt.
fn after(mut notice: Notice, outcome: Result<(), String>, now: Timestamp) -> Notice {
    let state = &mut notice.state;
    let wait = WAITS.0.saturating_mul(2_u32.saturating_pow(state.attempts)).min(WAITS.1);
    state.attempts = state.attempts.saturating_add(1);
    (state.delivered_at, state.next_attempt, state.problem) = match outcome {
        Ok(()) => (Some(now), None, None),
        Err(problem) => {
            let next = now.plus(wait);
            (None, (next.since(state.created_at) < GIVEN_UP).then_some(next), Some(problem))
        }
    };
    notice
}

#[cfg(test)]
mod tests;
