//! How many people must agree, for how long a request may wait, and how fresh a sign-in must be.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::reason::RevocationReason;

/// One line of the policy: requests it matches need at least this many approvals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuorumRule {
    /// Matches requests of at least this many certificates.
    #[serde(default = "one")]
    pub from_targets: u32,
    /// Matches these reasons; empty: every reason.
    #[serde(default)]
    pub reasons: Vec<RevocationReason>,
    pub approvals: u32,
}

fn one() -> u32 {
    1
}

/// The policy in force, from configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The strictest rule that matches decides; none matching: one approval.
    pub quorum: Vec<QuorumRule>,
    pub request_expiry: Duration,
    /// How old a sign-in may be to approve with.
    pub fresh_sign_in: Duration,
}

impl Policy {
    /// How many approvals a request needs: at least one, whatever the rules say.
    pub fn approvals(&self, targets: usize, reason: RevocationReason) -> u32 {
        let matches = |rule: &&QuorumRule| {
            targets >= usize::try_from(rule.from_targets).unwrap_or(usize::MAX)
                && (rule.reasons.is_empty() || rule.reasons.contains(&reason))
        };
        self.quorum.iter().filter(matches).map(|rule| rule.approvals).max().unwrap_or(1).max(1)
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

    #[test]
    fn the_strictest_matching_rule_decides() {
        let rule = |from_targets, reasons: &[_], approvals| QuorumRule {
            from_targets,
            reasons: reasons.to_vec(),
            approvals,
        };
        let policy = Policy {
            quorum: vec![
                rule(1, &[], 0),
                rule(100, &[], 2),
                rule(1, &[RevocationReason::CertificateAuthorityCompromise], 3),
            ],
            request_expiry: Duration::from_secs(60),
            fresh_sign_in: Duration::from_secs(60),
        };
        assert_eq!(policy.approvals(1, RevocationReason::Superseded), 1);
        assert_eq!(policy.approvals(100, RevocationReason::Superseded), 2);
        assert_eq!(policy.approvals(500, RevocationReason::CertificateAuthorityCompromise), 3);
        assert_ne!(policy.version(), Policy { quorum: vec![], ..policy.clone() }.version());
    }
}
