//! Delivering to one channel. The address is the configuration's and no one else's; answers are not read beyond their
//! status, redirects not followed. What goes wrong is said without the address.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_aws::{Aws, Publication};
use domain::Timestamp;
use domain::ledger::About;
use domain::notify::{Notice, TopicArn, ascii_subject};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::letter::Letter;
use super::mail::Post;
use crate::Error;
use crate::error::root;
use crate::notify::{Channel, NotifySettings, Way};

/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// `t=<seconds since 1970>,v1=<hex HMAC-SHA256(secret, t + "." + body)>`.
const SIGNATURE: &str = "X-Countersign-Signature";
/// The same at each attempt to deliver the same notification.
const DELIVERY: &str = "X-Countersign-Delivery";

/// Knows how to deliver to one channel. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sender {
    pub channel: Channel,
    by: By,
}

#[derive(Clone)]
enum By {
    Http(reqwest::Client, Way),
    Mail(Arc<Post>),
    Topic(Aws, TopicArn),
}

impl NotifySettings {
    /// Sends one notification to a channel that says that it is a test.
    ///
    /// # Errors
    /// It is not taken: why, in a sentence that holds nothing of the address but its host.
    pub async fn send_test(&self, channel: &Channel, aws: &Aws, now: Timestamp) -> Result<(), String> {
        let sender = Sender::new(channel, aws).map_err(|error| error.trace())?;
        let Some(sender) = sender else { return Ok(()) };
        let test = Notice::test(uuid::Uuid::now_v7().to_string(), None, now);
        sender.send(&Letter::of(&test, (self.page)(None)), now).await
    }

    /// The page of what a notice is about.
    pub(super) fn page_of(&self, about: Option<&About>) -> String {
        (self.page)(about)
    }
}

impl Sender {
    /// `None`: this process does not send to it.
    ///
    /// # Errors
    /// No client can be made.
    pub fn new(channel: &Channel, aws: &Aws) -> Result<Option<Self>, Error> {
        let by = match &channel.way {
            None => return Ok(None),
            Some(Way::Email(mail)) => By::Mail(Arc::new(Post::new(mail.clone(), PATIENCE)?)),
            Some(way @ (Way::Webhook(url, _) | Way::Slack(url) | Way::Teams(url))) => {
                By::Http(client(url)?, way.clone())
            }
            Some(Way::Sns(topic)) => By::Topic(aws.clone(), topic.clone()),
        };
        Ok(Some(Self { channel: channel.clone(), by }))
    }

    /// One attempt. The error is for people, and holds nothing of the address but its host.
    pub async fn send(&self, letter: &Letter<'_>, now: Timestamp) -> Result<(), String> {
        match &self.by {
            By::Mail(post) => post.send(letter).await,
            By::Topic(aws, topic) => published(aws, topic, letter).await,
            By::Http(http, Way::Webhook(url, secret)) => {
                let body = text(&letter.webhook(now))?;
                let request = http.post(url.clone()).header(SIGNATURE, signature(secret, now, &body));
                taken(request.header(DELIVERY, &letter.id), body).await
            }
            By::Http(http, Way::Slack(url)) => taken(http.post(url.clone()), text(&letter.slack())?).await,
            By::Http(http, Way::Teams(url)) => taken(http.post(url.clone()), text(&letter.teams())?).await,
            By::Http(_, Way::Email(_) | Way::Sns(_)) => Err("This is not sent by HTTP.".to_owned()),
        }
    }
}

fn client(url: &reqwest::Url) -> Result<reqwest::Client, Error> {
    let mut http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(PATIENCE / 2)
        .timeout(PATIENCE)
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if host.parse::<IpAddr>().is_ok() {
        http = http.no_proxy();
    }
    http.build().map_err(Error::internal)
}

fn text(body: &Value) -> Result<String, String> {
    serde_json::to_string(body).map_err(|error| error.to_string())
}

async fn taken(request: reqwest::RequestBuilder, body: String) -> Result<(), String> {
    match request.header("Content-Type", "application/json").body(body).send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("It answered {}.", answer.status())),
        Err(error) if error.is_timeout() => Err("It did not answer in time.".to_owned()),
        Err(error) => Err(format!("It cannot be reached: {}.", root(&error.without_url()))),
    }
}

async fn published(aws: &Aws, topic: &TopicArn, letter: &Letter<'_>) -> Result<(), String> {
    let attributes =
        [("id", letter.id.as_str()), ("kind", letter.kind()), ("severity", letter.severity().name())];
    let room = attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len()).sum();
    let text = letter.text_within(Publication::MOST.saturating_sub(room));
    let subject = ascii_subject(&letter.subject());
    let publication = Publication { subject: &subject, text: &text, attributes: &attributes };
    match tokio::time::timeout(PATIENCE, aws.publish(topic, &publication)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("It did not answer in time.".to_owned()),
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

#[cfg(test)]
mod tests;
