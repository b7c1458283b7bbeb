//! The channels through which people are told, as configuration has them.

use std::fmt;
use std::sync::Arc;

use domain::ledger::About;
use domain::notify::{ChannelKind, Route, TopicArn};
use lettre::message::Mailbox;

/// The address of a thing's page; without one, of the first page.
type Pages = Arc<dyn Fn(Option<&About>) -> String + Send + Sync>;

/// Through what people are told, and where they find what it is about.
#[derive(Clone)]
pub struct NotifySettings {
    pub channels: Vec<Channel>,
    pub page: Pages,
}

/// Somewhere that takes notifications.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name, which is in keys and in the ledger: lower-case letters, digits and hyphens.
    pub name: String,
    pub kind: ChannelKind,
    /// All of its address that people are shown.
    pub host: String,
    /// What it takes.
    pub route: Route,
    /// `None`: this process sends nothing, and knows no secrets.
    pub way: Option<Way>,
}

/// How something is sent. Addresses are secrets: what is shown is [`Channel::host`].
#[derive(Clone)]
pub enum Way {
    /// The key of the signature besides.
    Webhook(reqwest::Url, Arc<[u8]>),
    Slack(reqwest::Url),
    Teams(reqwest::Url),
    Email(Arc<Mail>),
    /// With this process's own way to AWS.
    Sns(TopicArn),
}

/// A server that takes e-mail, and who writes to whom.
#[derive(Clone)]
pub struct Mail {
    pub host: String,
    pub port: u16,
    pub encryption: Encryption,
    /// User and password.
    pub credentials: Option<(String, String)>,
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
}

/// How the connection to a server of e-mail is encrypted. What the server does not support is not done without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte on.
    Tls,
    /// After a word in the clear.
    StartTls,
    /// Not at all: on this machine only.
    None,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self { channels: Vec::new(), page: Arc::new(|_| String::new()) }
    }
}

impl fmt::Debug for NotifySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotifySettings").field("channels", &self.channels).finish_non_exhaustive()
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Webhook(..) => "Webhook",
            Self::Slack(_) => "Slack",
            Self::Teams(_) => "Teams",
            Self::Email(_) => "Email",
            Self::Sns(_) => "Sns",
        })
    }
}
