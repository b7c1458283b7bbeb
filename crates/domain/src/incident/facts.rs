//! What the records say that concerns an incident: counts, with the oldest and the newest, never whole lists.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::lever::{Lever, Pull, name_of};
use crate::authority::{AuthorityArn, AuthorityId};
use crate::ids::{RequestId, RunId};
use crate::people::Person;
use crate::revocation::RequestState;
use crate::run::ReportIdentity;
use crate::timestamp::Timestamp;
use crate::trail::Denies;
use crate::views::{Deed, IdentityKey};

/// A command to deny older sessions may have been copied so long before it is called: one that names an earlier moment leaves younger
/// sessions alive.
const STALE: Duration = Duration::from_secs(3600);

/// What the records say, as of [`Facts::now`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// When they were asked.
    pub now: Timestamp,
    /// One of each caller, in the incident's order.
    pub callers: Vec<CallerFacts>,
    /// What was done against them and the authorities since the first event, oldest first.
    pub levers: Vec<Lever>,
    /// The authorities that the incident names, and those that have unauthorised certificates of its callers.
    pub authorities: Vec<AuthorityFacts>,
    /// The requests about their certificates, oldest first.
    pub requests: Vec<RequestFacts>,
    /// When new log files were last looked for; `None`: never, or no trail is configured.
    pub trail_as_of: Option<Timestamp>,
    /// Calls of IAM are among what is read of the trail.
    pub iam_is_read: bool,
}

/// What the trail and the lists say of one caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerFacts {
    /// Who it is.
    pub key: IdentityKey,
    /// When it was first and last seen; `None`: never.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// How many events of theirs there are.
    pub events: u64,
    /// What they did most, and how much of it was refused.
    pub deeds: Vec<Deed>,
    /// What it was seen together with, most often first.
    pub seen_with: Vec<(IdentityKey, u64)>,
    /// The certificates that it had issued without being authorised to.
    pub certificates: CertificatesOf,
}

/// The certificates that a caller had issued without being authorised to, as the lists count them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatesOf {
    /// All that the trail shows.
    pub all: u64,
    /// Those that can still be used.
    pub valid: u64,
    /// Revoked.
    pub revoked: u64,
    /// Expired, and not revoked.
    pub expired: u64,
    /// Those that a device of the inventory has.
    pub devices: u64,
    /// Certificates of others with the public key of one of them.
    pub siblings: u64,
    /// When the first and the last was issued.
    pub issued: Option<(Timestamp, Timestamp)>,
}

impl CertificatesOf {
    /// Those that no report and no inventory item shows yet.
    pub fn unseen(&self) -> u64 {
        self.all.saturating_sub(self.valid + self.revoked + self.expired)
    }
}

/// How it stands with an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityFacts {
    /// Which.
    pub arn: AuthorityArn,
    /// What people call it.
    pub name: String,
    /// The newest run that has ended with a report read; `None`: none has.
    pub report: Option<ReportSeen>,
    /// The run that goes on.
    pub under_way: Option<RunId>,
}

/// A report that a run has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSeen {
    /// The run.
    pub run: RunId,
    /// When the report was made.
    pub made_at: Timestamp,
    /// The run could not compare everything.
    pub is_incomplete: bool,
}

/// How it stands with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFacts {
    /// Which.
    pub id: RequestId,
    /// Where it is.
    pub state: RequestState,
    /// Nothing is revoked by it.
    pub drill: bool,
    /// How many certificates it is about.
    pub targets: u32,
    /// Who asked for it, and when.
    pub requester: Person,
    /// See [`RequestFacts::requester`].
    pub requested_at: Timestamp,
    /// When the last of those who had to had decided; `None`: not yet.
    pub decided: Option<(Timestamp, Person)>,
    /// When nothing was left to be called.
    pub executed_at: Option<Timestamp>,
    /// How many it has revoked that are not proven to be.
    pub unproven: u32,
    /// When all were proven to be revoked.
    pub proven_at: Option<Timestamp>,
}

impl AuthorityFacts {
    /// When the next report can be made; `None`: now.
    pub fn next_report(&self, now: Timestamp) -> Option<Timestamp> {
        let next = self.report.as_ref()?.made_at.plus(ReportIdentity::EVERY);
        (next > now).then_some(next)
    }
}

impl CallerFacts {
    /// Access keys that were seen with it and are no session's: those that can be deactivated.
    /// Source: IAM User Guide, "IAM identifiers": ids of temporary keys begin with ASIA.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let own = std::iter::once(&self.key);
        let keys = own.chain(self.seen_with.iter().map(|(key, _)| key));
        keys.filter_map(|key| match key {
            IdentityKey::AccessKey(id) if !id.starts_with("ASIA") => Some(id.as_str()),
            _ => None,
        })
    }

    /// Whether it was seen with the key of a session.
    fn has_sessions(&self) -> bool {
        let is_session =
            |key: &IdentityKey| matches!(key, IdentityKey::AccessKey(id) if id.starts_with("ASIA"));
        is_session(&self.key) || self.seen_with.iter().any(|(key, _)| is_session(key))
    }

    /// The principals that it is, or was seen as.
    pub fn principals(&self) -> impl Iterator<Item = &str> {
        let own = std::iter::once(&self.key);
        let keys = own.chain(self.seen_with.iter().map(|(key, _)| key));
        keys.filter_map(|key| match key {
            IdentityKey::Principal(principal) => Some(principal.as_str()),
            _ => None,
        })
    }
}

impl Facts {
    /// The first certificate that was issued without being authorised, and the last.
    pub fn issued(&self) -> Option<(Timestamp, Timestamp)> {
        let issued = || self.callers.iter().filter_map(|caller| caller.certificates.issued);
        Some((issued().map(|(first, _)| first).min()?, issued().map(|(_, last)| last).max()?))
    }

    /// How many of their valid certificates are surely in no request that is under way.
    pub fn not_asked_for(&self) -> u64 {
        let valid: u64 = self.callers.iter().map(|caller| caller.certificates.valid).sum();
        let under_way = self.requests.iter().filter(|request| !request.drill && request.state.is_under_way());
        valid.saturating_sub(under_way.map(|request| u64::from(request.targets)).sum())
    }

    /// Whether an authority issues no more, by the last call that says so.
    pub fn is_off(&self, authority: &AuthorityId) -> Option<&Lever> {
        let last =
            self.levers.iter().rev().find(
                |lever| matches!(&lever.pull, Pull::Authority { authority: of, .. } if of == authority),
            );
        last.filter(|lever| matches!(lever.pull, Pull::Authority { off: true, .. }))
    }

    /// What has stopped a caller; none: nothing that the trail shows. An address is nobody: it cannot be stopped.
    pub fn stopped_by(&self, caller: &CallerFacts) -> Vec<&Lever> {
        if let IdentityKey::Address(_) = caller.key {
            return Vec::new();
        }
        // Sessions that a user has begun outlive the access key that began them.
        let keys = match caller.has_sessions() {
            true => Vec::new(),
            false => all(caller.keys().map(|key| self.key_off(key))),
        };
        match keys.is_empty() {
            true => all(caller.principals().map(|principal| self.denied(principal))),
            false => keys,
        }
    }

    fn key_off(&self, key: &str) -> Option<&Lever> {
        let of_it = |lever: &&Lever| matches!(&lever.pull, Pull::Key { key: of, .. } if of == key);
        let last = self.levers.iter().rev().find(of_it);
        last.filter(|lever| matches!(lever.pull, Pull::Key { off: true, .. }))
    }

    /// The newest policy that keeps it from having certificates issued, of those that are in force.
    fn denied(&self, principal: &str) -> Option<&Lever> {
        let (account, name) = name_of(principal)?;
        let is_session = name.starts_with("role/");
        let mut in_force: BTreeMap<&str, &Lever> = BTreeMap::new();
        for lever in &self.levers {
            let Pull::Policy { policy, denies, .. } = &lever.pull else { continue };
            if !lever.is_of(account, &name) {
                continue;
            }
            match denies {
                Denies::Everything => in_force.insert(policy, lever),
                Denies::OlderSessions { before } if is_session && *before >= lever.at.minus(STALE) => {
                    in_force.insert(policy, lever)
                }
                _ => in_force.remove(policy.as_str()),
            };
        }
        in_force.into_values().max_by_key(|lever| lever.at)
    }

    /// What else was done about one of the callers' principals: no stop by itself, or a way back.
    pub fn besides(&self, caller: &CallerFacts) -> Vec<&Lever> {
        let names: Vec<_> = caller.principals().filter_map(name_of).collect();
        let is_theirs = |lever: &&Lever| {
            !matches!(lever.pull, Pull::Policy { .. })
                && names.iter().any(|(account, name)| lever.is_of(account, name))
        };
        self.levers.iter().filter(is_theirs).collect()
    }
}

/// All of them, if none is missing.
fn all<'a>(levers: impl Iterator<Item = Option<&'a Lever>>) -> Vec<&'a Lever> {
    levers.collect::<Option<Vec<_>>>().unwrap_or_default()
}
