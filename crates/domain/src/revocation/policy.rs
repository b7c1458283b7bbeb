//! What may be asked for, how many people must agree, for how long a request may wait, and how fresh a sign-in must be.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::break_glass::BreakGlass;
use super::demands::{Demands, Represented};
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
    /// At least so many people must approve.
    pub approvals: u32,
    /// Groups that must each be among those who approve, each once.
    pub represented: Vec<Represented>,
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
    /// How long a request waits to be decided on, before it expires.
    pub request_expiry: Duration,
    /// How long after it was given an approval may be carried out.
    pub approval_life: Duration,
    /// How old a sign-in may be to approve with.
    pub fresh_sign_in: Duration,
    /// The classes of sign-in to decide with, the preferred one first; empty: any.
    pub acr: Vec<String>,
    /// The methods of which a sign-in to decide with must have used one; empty: any.
    pub amr: Vec<String>,
    /// The claim that names the human behind an account, so that two accounts of one are one person. `None`: accounts are people.
    pub people_claim: Option<String>,
    /// Where the provider does not say when somebody signed in, the time of its token will do.
    pub iat_counts: bool,
    /// Asking for a revocation is a sign-in, as deciding is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub request_sign_in: bool,
    /// How many people must say that a critical finding is no trouble: one or two.
    pub dismiss_critical: u32,
    /// Who may execute alone. `None`: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            quorum: Vec::new(),
            reasons: Vec::new(),
            excluded: Vec::new(),
            request_expiry: Duration::from_secs(86_400),
            approval_life: Duration::from_secs(7 * 86_400),
            fresh_sign_in: Duration::from_secs(15 * 60),
            acr: Vec::new(),
            amr: Vec::new(),
            people_claim: None,
            iat_counts: false,
            request_sign_in: false,
            dismiss_critical: 1,
            break_glass: None,
        }
    }
}

/// What is asked for, as far as the policy goes by it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Whose certificates are to be revoked.
    pub authority: &'a AuthorityArn,
    /// The reason that the CA is to be given.
    pub reason: RevocationReason,
    /// How many certificates are to be revoked.
    pub targets: usize,
    /// What counts with them, where a rule says so ([`QuorumRule::within`]).
    pub before: &'a [AskedBefore],
}

/// What the same person had asked for before, of the same authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedBefore {
    /// How long ago it was asked for.
    pub ago: Duration,
    /// How many certificates that was about.
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
    /// How many approvals a request needs: at least one, whatever the rules say, and one for each place of a group.
    pub fn approvals(&self, asked: &Asked<'_>) -> u32 {
        let places = self.represented(asked).iter().map(|one| one.approvals).sum();
        let matching = self.quorum.iter().filter(|rule| rule.matches(asked));
        matching.map(|rule| rule.approvals).max().unwrap_or(1).max(places).max(1)
    }

    /// What else is demanded of them.
    fn demands(&self, asked: &Asked<'_>) -> Demands {
        Demands {
            represented: self.represented(asked),
            approval_life: Some(self.approval_life),
            fresh_sign_in: Some(self.fresh_sign_in),
            acr: self.acr.clone(),
            amr: self.amr.clone(),
            people_claim: self.people_claim.clone(),
            iat_counts: self.iat_counts,
            request_sign_in: self.request_sign_in,
        }
    }

    /// Both. Who executes alone needs nobody else: their own approval is the one.
    pub(super) fn terms(&self, asked: &Asked<'_>, alone: bool) -> (u32, Demands) {
        let demands = self.demands(asked);
        match alone {
            true => (1, Demands { represented: Vec::new(), ..demands }),
            false => (self.approvals(asked), demands),
        }
    }

    /// The groups of all rules that match, by name; each with the most that one of them asks for.
    fn represented(&self, asked: &Asked<'_>) -> Vec<Represented> {
        let mut most: BTreeMap<&str, u32> = BTreeMap::new();
        let matching = self.quorum.iter().filter(|rule| rule.matches(asked));
        for one in matching.flat_map(|rule| &rule.represented) {
            let approvals = most.entry(&one.group).or_default();
            *approvals = one.approvals.max(*approvals);
        }
        let represented =
            |(group, approvals): (&str, u32)| Represented { group: group.to_owned(), approvals };
        most.into_iter().map(represented).collect()
    }

    /// The groups that it names.
    pub fn groups(&self) -> impl Iterator<Item = String> {
        let represented = self.quorum.iter().flat_map(|rule| &rule.represented).map(|one| one.group.clone());
        represented.chain(self.break_glass.iter().flat_map(|allowed| allowed.groups.clone()))
    }

    /// Whether somebody of these groups may execute alone.
    pub fn breaks_glass(&self, groups: &[String]) -> bool {
        self.break_glass.as_ref().is_some_and(|allowed| allowed.allows(groups))
    }

    /// The reasons that may be given.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = RevocationReason> {
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
    fn groups_of_all_matching_rules_are_represented_and_each_place_is_an_approval() {
        let of = |groups: &[(&str, u32)]| {
            groups
                .iter()
                .map(|&(group, approvals)| Represented { group: group.to_owned(), approvals })
                .collect()
        };
        let always = QuorumRule { represented: of(&[("security", 1)]), ..rule(1, 1) };
        let many = QuorumRule { represented: of(&[("security", 2), ("operations", 1)]), ..rule(100, 1) };
        let policy = Policy { quorum: vec![always, many], ..Policy::default() };
        let authority = &draft(&[]).authority;
        let asked = |targets| Asked { authority, reason: Superseded, targets, before: &[] };
        assert_eq!(policy.approvals(&asked(1)), 1);
        assert_eq!(policy.demands(&asked(1)).represented, of(&[("security", 1)]) as Vec<_>);
        assert_eq!(policy.approvals(&asked(100)), 3);
        assert_eq!(
            policy.demands(&asked(100)).represented,
            of(&[("operations", 1), ("security", 2)]) as Vec<_>
        );
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
