//! What may be asked for, how many people must agree, for how long a request may wait, and how fresh a sign-in must be.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::authority::AuthorityArn;
use crate::reason::RevocationReason;

/// One line of the policy: requests it matches need at least this many approvals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuorumRule {
    /// Matches requests of at least this many certificates.
    pub from_targets: u32,
    /// Counts with them what the same person has asked for of the same authority within this time: a hundred requests of 99
    /// are not a hundred small ones. `None`: each request stands by itself.
    pub within: Option<Duration>,
    /// Matches these reasons; empty: every reason.
    pub reasons: Vec<RevocationReason>,
    /// Matches these authorities; empty: every authority.
    pub authorities: Vec<AuthorityArn>,
    pub approvals: u32,
}

/// The policy in force, from configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The strictest rule that matches decides; none matching: one approval.
    pub quorum: Vec<QuorumRule>,
    /// The reasons that may be given; empty: every reason.
    pub reasons: Vec<RevocationReason>,
    /// Nothing of these authorities is revoked here.
    pub excluded: Vec<AuthorityArn>,
    pub request_expiry: Duration,
    /// How old a sign-in may be to approve with.
    pub fresh_sign_in: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            quorum: Vec::new(),
            reasons: Vec::new(),
            excluded: Vec::new(),
            request_expiry: Duration::from_secs(86_400),
            fresh_sign_in: Duration::from_secs(15 * 60),
        }
    }
}

/// What is asked for, as far as the policy goes by it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub authority: &'a AuthorityArn,
    pub reason: RevocationReason,
    pub targets: usize,
    pub before: &'a [AskedBefore],
}

/// What the same person had asked for before, of the same authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedBefore {
    pub ago: Duration,
    pub targets: u32,
}

impl QuorumRule {
    fn matches(&self, asked: &Asked<'_>) -> bool {
        let within = |before: &&AskedBefore| self.within.is_some_and(|within| before.ago <= within);
        let before: u64 = asked.before.iter().filter(within).map(|before| u64::from(before.targets)).sum();
        let targets = before.saturating_add(u64::try_from(asked.targets).unwrap_or(u64::MAX));
        targets >= u64::from(self.from_targets)
            && (self.reasons.is_empty() || self.reasons.contains(&asked.reason))
            && (self.authorities.is_empty() || self.authorities.contains(asked.authority))
    }
}

impl Policy {
    /// How many approvals a request needs: at least one, whatever the rules say.
    pub fn approvals(&self, asked: &Asked<'_>) -> u32 {
        let matching = self.quorum.iter().filter(|rule| rule.matches(asked));
        matching.map(|rule| rule.approvals).max().unwrap_or(1).max(1)
    }

    /// The reasons that may be given.
    pub fn reasons(&self) -> impl Iterator<Item = RevocationReason> {
        let allowed = |reason: &RevocationReason| self.reasons.is_empty() || self.reasons.contains(reason);
        RevocationReason::ALL.iter().copied().filter(allowed)
    }

    /// How far back what somebody asked for before counts. `None`: it never does.
    pub fn window(&self) -> Option<Duration> {
        self.quorum.iter().filter_map(|rule| rule.within).max()
    }

    /// A short hash over the rules: a request remembers under which policy it was made.
    pub fn version(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(&Sha256::digest(text)[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revocation::fixture::draft;
    use RevocationReason::{CertificateAuthorityCompromise, Superseded};

    const HOUR: Duration = Duration::from_secs(3600);

    fn rule(from_targets: u32, approvals: u32) -> QuorumRule {
        QuorumRule { from_targets, approvals, ..QuorumRule::default() }
    }

    fn needs(policy: &Policy, targets: usize, reason: RevocationReason, before: &[AskedBefore]) -> u32 {
        let authority = &draft(&[]).authority;
        policy.approvals(&Asked { authority, reason, targets, before })
    }

    #[test]
    fn the_strictest_matching_rule_decides() {
        let compromise = QuorumRule { reasons: vec![CertificateAuthorityCompromise], ..rule(1, 3) };
        let here = QuorumRule { authorities: vec![draft(&[]).authority], ..rule(50, 4) };
        let elsewhere: AuthorityArn = draft(&[]).authority.as_str().replace("1122", "3344").parse().unwrap();
        let elsewhere = QuorumRule { authorities: vec![elsewhere], ..rule(1, 9) };
        let quorum = vec![rule(1, 0), rule(100, 2), compromise, elsewhere];
        let policy = Policy { quorum, ..Policy::default() };
        assert_eq!(needs(&policy, 1, Superseded, &[]), 1);
        assert_eq!(needs(&policy, 100, Superseded, &[]), 2);
        assert_eq!(needs(&policy, 500, CertificateAuthorityCompromise, &[]), 3);
        let stricter = Policy { quorum: [policy.quorum.clone(), vec![here]].concat(), ..Policy::default() };
        assert_eq!(needs(&stricter, 50, Superseded, &[]), 4);
        assert_ne!(policy.version(), stricter.version());
    }

    #[test]
    fn attack_44_many_small_requests_are_a_large_one() {
        let quorum = vec![QuorumRule { within: Some(HOUR), ..rule(100, 2) }, rule(150, 3)];
        let policy = Policy { quorum, ..Policy::default() };
        let before = |minutes: u32, targets| AskedBefore { ago: HOUR * minutes / 60, targets };
        assert_eq!(needs(&policy, 99, Superseded, &[]), 1);
        assert_eq!(needs(&policy, 99, Superseded, &[before(60, 1)]), 2);
        assert_eq!(needs(&policy, 1, Superseded, &[before(1, 49), before(2, 50)]), 2);
        assert_eq!(needs(&policy, 99, Superseded, &[before(61, 99)]), 1, "it was long ago");
        assert_eq!(needs(&policy, 99, Superseded, &[before(1, u32::MAX), before(1, u32::MAX)]), 2);
        assert_eq!(policy.window(), Some(HOUR));
    }
}
