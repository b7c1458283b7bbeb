//! Delivering notifications of alerts to the webhook: signed, one replica at a time, again and again until it takes them or
//! a day has passed. What there is to deliver, and what became of it, is in the console's table.
//!
//! The address is the configuration's and no one else's; answers are not read beyond their status, redirects not followed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use app::paths;
use console::Clock;
use countersign_aws::notifications::Notice;
use countersign_aws::{Aws, Error};
use domain::Timestamp;
use domain::finding::Message;
use hmac::{Hmac, Mac};
use openidconnect::url::Host;
use serde::Serialize;
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use crate::config::{PublicUrl, WebhookSecret, WebhookUrl};

/// How often is looked for what is due.
const INTERVAL: Duration = Duration::from_secs(2);
/// How many are delivered in one pass.
const TOGETHER: u32 = 50;
/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a replica that dies holds up the others: longer than a pass over receivers that do not answer.
const LEASE: Duration = Duration::from_secs(60);
/// No attempt begins later than this after the pass did, so that it ends under its lease.
const PASS: Duration = Duration::from_secs(40);
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
}

/// Knows how to deliver.
struct Sender {
    http: reqwest::Client,
    webhook: WebhookUrl,
    secret: WebhookSecret,
    public_url: Arc<PublicUrl>,
}

/// Delivers what is due.
pub struct Notifier {
    aws: Aws,
    clock: Clock,
    sender: Sender,
    /// The name under which this process takes the lease.
    holder: String,
}

impl Notifier {
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(
        aws: Aws,
        clock: Clock,
        webhook: WebhookUrl,
        secret: WebhookSecret,
        public_url: Arc<PublicUrl>,
    ) -> anyhow::Result<Self> {
        let holder = hex::encode(rand::random::<[u8; 16]>());
        Ok(Self { aws, clock, sender: Sender::new(webhook, secret, public_url)?, holder })
    }

    /// Works until `stop`. A pass that fails is logged, and made again.
    pub async fn work(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Some(Err(error)) = stop.run_until_cancelled(self.pass()).await {
                tracing::error!("notifications are not delivered: {error}");
            }
            stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await;
        }
    }

    async fn pass(&self) -> Result<(), Error> {
        let started = self.clock.now();
        if self.aws.due_notices(started, 1).await?.is_empty() {
            return Ok(());
        }
        let lease = self.aws.acquire_lease_until("notifications", &self.holder, LEASE, started).await?;
        let Some(lease) = lease else { return Ok(()) };
        let delivered = self.deliver(started).await;
        match self.aws.release_lease(&lease).await {
            Ok(()) | Err(Error::Conflict { .. }) => delivered,
            Err(error) => delivered.and(Err(error)),
        }
    }

    async fn deliver(&self, started: Timestamp) -> Result<(), Error> {
        for notice in self.aws.due_notices(started, TOGETHER).await? {
            if self.clock.now().since(started) > PASS {
                break;
            }
            let attempts = notice.state.attempts;
            let outcome = self.sender.send(&notice.message, self.clock.now()).await;
            if let Err(problem) = &outcome {
                let host = self.sender.webhook.host();
                tracing::warn!(host, notification = notice.message.id, attempts, "not delivered: {problem}");
            }
            match self.aws.save_notice(&after(notice, outcome, self.clock.now()), attempts).await {
                // The list was of a moment ago, and another replica was here since.
                Ok(()) | Err(Error::Conflict { .. }) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Sender {
    fn new(webhook: WebhookUrl, secret: WebhookSecret, public_url: Arc<PublicUrl>) -> anyhow::Result<Self> {
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(PATIENCE / 2)
            .timeout(PATIENCE)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
        if let Some(Host::Ipv4(_) | Host::Ipv6(_)) = webhook.url().host() {
            http = http.no_proxy();
        }
        let http = http.build().context("the HTTP client for the webhook")?;
        Ok(Self { http, webhook, secret, public_url })
    }

    /// One attempt. The error is for people, and holds nothing of the address but its host.
    async fn send(&self, message: &Message, now: Timestamp) -> Result<(), String> {
        let url = self.public_url.at(&paths::finding(&message.finding));
        let body = serde_json::to_string(&Post { message, url }).map_err(|error| error.to_string())?;
        let request = self
            .http
            .post(self.webhook.url().clone())
            .header("Content-Type", "application/json")
            .header(SIGNATURE, signature(&self.secret, now, &body))
            .header(DELIVERY, &message.id)
            .body(body);
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("It answered {}.", answer.status())),
            Err(error) if error.is_timeout() => Err("It did not answer in time.".to_owned()),
            Err(error) => Err(format!("It cannot be reached: {}.", root(&error.without_url()))),
        }
    }
}

fn signature(secret: &WebhookSecret, now: Timestamp, body: &str) -> String {
    let time = now.unix();
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 §2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{time}.").as_bytes());
    mac.update(body.as_bytes());
    format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// The error at the bottom: the others only say that there is one.
fn root(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string().trim_end_matches('.').to_owned()
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
