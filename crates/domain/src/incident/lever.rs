//! What the trail shows that somebody did against a caller, or for the authorities to go on: the calls of step 1 and step 6 of
//! docs/RUNBOOK.md.

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityId;
use crate::timestamp::Timestamp;
use crate::trail::{AccessChange, Denies, Event, EventId, Outcome, What};

/// One such call, which succeeded. Texts are foreign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lever {
    /// The event that shows it.
    pub event: EventId,
    /// When it was called.
    pub at: Timestamp,
    /// `eventName`.
    pub call: String,
    /// The principal that called.
    pub by: String,
    /// The account in which it was called.
    pub account: Option<String>,
    /// What it did.
    pub pull: Pull,
}

/// What such a call does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pull {
    /// An access key no longer works, or works again.
    Key {
        /// Its id.
        key: String,
        /// It no longer works.
        off: bool,
    },
    /// A policy of a user or role was written or taken away.
    Policy {
        /// As in an ARN: `role/NAME` or `user/NAME`.
        of: String,
        /// Its name or ARN.
        policy: String,
        /// What it keeps them from; nothing: also if it was taken away.
        denies: Denies,
    },
    /// Who may take on a role was changed.
    Trust {
        /// `role/NAME`.
        of: String,
    },
    /// A user's password was removed.
    Password {
        /// `user/NAME`.
        of: String,
    },
    /// A user was given a new access key.
    NewKey {
        /// `user/NAME`.
        of: String,
        /// Its id.
        key: String,
    },
    /// An authority issues no more, or again.
    Authority {
        /// Which.
        authority: AuthorityId,
        /// It issues no more.
        off: bool,
    },
}

impl Lever {
    /// The call that switches an authority off, and on.
    pub const OF_AUTHORITY: &str = "UpdateCertificateAuthority";

    /// Whether it is about this user or role, by account and name as [`name_of`] has them.
    pub(super) fn is_of(&self, account: &str, name: &str) -> bool {
        let of = match &self.pull {
            Pull::Policy { of, .. }
            | Pull::Trust { of }
            | Pull::Password { of }
            | Pull::NewKey { of, .. } => of,
            Pull::Key { .. } | Pull::Authority { .. } => return false,
        };
        of == name && self.account.as_deref().is_none_or(|own| own == account)
    }

    /// Whether it is about one of these: users and roles as [`name_of`] has them with their account, access keys, authorities.
    pub fn concerns(
        &self,
        (names, keys): (&[(String, String)], &[String]),
        authorities: &[AuthorityId],
    ) -> bool {
        match &self.pull {
            Pull::Key { key, .. } => keys.contains(key),
            Pull::Authority { authority, .. } => authorities.contains(authority),
            _ => names.iter().any(|(account, name)| self.is_of(account, name)),
        }
    }

    /// The event as such a call; `None`: it is another one, or did not succeed.
    pub fn of(event: &Event) -> Option<Self> {
        if event.outcome() != Outcome::Succeeded {
            return None;
        }
        let pull = match &event.what {
            What::AuthorityUpdate { status, .. } => {
                let authority = event.authority.as_ref()?.id();
                match status.as_deref()? {
                    "DISABLED" => Pull::Authority { authority, off: true },
                    "ACTIVE" => Pull::Authority { authority, off: false },
                    _ => return None,
                }
            }
            What::AccessChange { access } => pull(&event.name, access)?,
            _ => return None,
        };
        Some(Self {
            event: event.id.clone(),
            at: event.time,
            call: event.name.clone(),
            by: event.identity.principal.clone(),
            account: event.account.clone(),
            pull,
        })
    }
}

fn pull(call: &str, access: &AccessChange) -> Option<Pull> {
    let AccessChange { user, role, access_key, status, policy, denies } = access.clone();
    let of_user = user.map(|name| format!("user/{name}"));
    let of_role = role.map(|name| format!("role/{name}"));
    Some(match call {
        "UpdateAccessKey" => Pull::Key { key: access_key?, off: status.as_deref()? == "Inactive" },
        "DeleteAccessKey" => Pull::Key { key: access_key?, off: true },
        "CreateAccessKey" => Pull::NewKey { of: of_user?, key: access_key? },
        "PutRolePolicy" | "AttachRolePolicy" => Pull::Policy { of: of_role?, policy: policy?, denies },
        "PutUserPolicy" | "AttachUserPolicy" => Pull::Policy { of: of_user?, policy: policy?, denies },
        "DeleteRolePolicy" | "DetachRolePolicy" => {
            Pull::Policy { of: of_role?, policy: policy?, denies: Denies::Nothing }
        }
        "DeleteUserPolicy" | "DetachUserPolicy" => {
            Pull::Policy { of: of_user?, policy: policy?, denies: Denies::Nothing }
        }
        "UpdateAssumeRolePolicy" => Pull::Trust { of: of_role? },
        "DeleteLoginProfile" => Pull::Password { of: of_user? },
        _ => return None,
    })
}

/// The account of a principal, and its name as levers have it: `role/NAME` or `user/NAME`, without a path. `None`: IAM has no
/// lever for it.
pub fn name_of(principal: &str) -> Option<(&str, String)> {
    let mut parts = principal.splitn(6, ':');
    let (scheme, _, service, _) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let (kind, path) = resource.split_once('/')?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    let known = scheme == "arn" && service == "iam" && matches!(kind, "role" | "user");
    known.then(|| (account, format!("{kind}/{name}")))
}
