//! Which notices a channel takes, and when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Notice;
use super::kind::Kind;
use crate::authority::AuthorityArn;
use crate::finding_kind::Severity;
use crate::timestamp::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);

/// What a channel takes: what meets all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Of these kinds; none: of all.
    pub kinds: Vec<Kind>,
    /// At least so bad.
    pub severity: Severity,
    /// About these authorities, or about none in particular; none: about any.
    pub authorities: Vec<AuthorityArn>,
    /// What waits for the next digest. `None`: everything is told at once.
    pub digest: Option<Digest>,
}

/// One message for all that is not urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// When, after midnight UTC.
    pub at: Duration,
    /// What is worse is told at once.
    pub up_to: Severity,
}

impl Default for Route {
    fn default() -> Self {
        Self { kinds: Vec::new(), severity: Severity::Low, authorities: Vec::new(), digest: None }
    }
}

impl Route {
    /// Whether the channel takes it.
    pub fn takes(&self, notice: &Notice) -> bool {
        let is_of_kind = self.kinds.is_empty() || self.kinds.contains(&notice.kind);
        let is_about = |arn: &AuthorityArn| self.authorities.is_empty() || self.authorities.contains(arn);
        // The worst is the least.
        is_of_kind && notice.severity <= self.severity && notice.authority.as_ref().is_none_or(is_about)
    }

    /// When the next digest is sent that this waits for. `None`: it is told at once.
    pub fn waits_until(&self, notice: &Notice, now: Timestamp) -> Option<Timestamp> {
        let Digest { at, up_to } = self.digest?;
        (notice.severity >= up_to).then(|| {
            let today = Timestamp::EPOCH.plus(DAY * u32::try_from(now.unix() / 86_400).unwrap_or(0)).plus(at);
            if today > now { today } else { today.plus(DAY) }
        })
    }
}

/// What a channel is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChannelKind {
    /// JSON for a program, signed.
    Webhook,
    /// An incoming webhook of Slack.
    Slack,
    /// A workflow of Teams that begins with a webhook.
    Teams,
    /// E-mail by SMTP.
    Email,
    /// A topic of Amazon SNS, and whoever has subscribed to it.
    Sns,
}

impl ChannelKind {
    /// Every kind, in the order of their declaration.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name in configuration.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Webhook => "Webhook",
            Self::Slack => "Slack",
            Self::Teams => "Teams",
            Self::Email => "E-mail",
            Self::Sns => "SNS topic",
        }
    }
}
