//! Dismissing what needs two people: the first asks for it, somebody else confirms.

use super::handling::{Finding, FindingRefusal};
use super::history::{FindingChange, FindingEvent};
use crate::finding_kind::{FindingKind, Severity};
use crate::people::{Actor, Person};
use crate::timestamp::Timestamp;

/// How many people must say of a finding of this kind that it is no trouble: see [`Finding::dismissers`].
pub fn dismissers(kind: FindingKind, critical: u32) -> u32 {
    match kind {
        FindingKind::GlassBroken => 2,
        _ if kind.severity() == Severity::Critical => critical,
        _ => 1,
    }
}

impl Finding {
    /// How many people must say that it is no trouble, where `critical` must say so of a critical one. What somebody did alone
    /// two must look at, whatever policy says.
    pub fn dismissers(&self, critical: u32) -> u32 {
        dismissers(self.id.kind, critical)
    }

    /// Who has asked for its dismissal, and why. `None`: nobody, or it was seen anew since.
    pub fn dismissal_asked<'f>(&'f self) -> Option<(&'f Person, &'f str)> {
        let events = self.history.iter().rev().take_while(|event| {
            !matches!(
                event.what,
                FindingChange::Raised | FindingChange::Reopened { .. } | FindingChange::Dismissed { .. }
            )
        });
        let asked = |event: &'f FindingEvent| match &event.what {
            FindingChange::DismissalAsked { reason } => Some((event.by.as_ref()?, reason.as_str())),
            _ => None,
        };
        events.into_iter().find_map(asked)
    }

    /// Declares it not to be trouble, where `people` must say so: of two, the first only asks for it.
    pub fn dismiss_among(
        &self,
        people: u32,
        actor: &Actor,
        reason: &str,
        now: Timestamp,
    ) -> Result<Self, FindingRefusal> {
        let dismissed = self.dismiss(actor, reason, now)?;
        match self.dismissal_asked() {
            _ if people < 2 => Ok(dismissed),
            Some((by, _)) if by.is(&actor.person) => Err(FindingRefusal::Second),
            Some(_) => Ok(dismissed),
            None => {
                let what = FindingChange::DismissalAsked { reason: reason.trim().to_owned() };
                Ok(self.changed(self.state.clone(), Some(actor.person.clone()), what, now))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::state::FindingState;
    use crate::people::Role;
    use crate::revocation::fixture::{actor, now};

    fn finding(kind: FindingKind) -> Finding {
        let scope = crate::scope::Scope::Countersign;
        let id =
            crate::finding::FindingId { kind, scope, subject: crate::finding::Subject::other("request") };
        Finding::raised(id, None, Default::default(), now())
    }

    #[test]
    fn a_critical_finding_is_dismissed_by_two_where_policy_says_so() {
        const WHY: &str = "The lab's own certificate";
        let critical = finding(FindingKind::DecisionNotProven);
        let (first, second) = (actor("first", &[Role::Operator]), actor("second", &[Role::Operator]));
        let people = critical.dismissers(2);
        assert_eq!((people, critical.dismissers(1)), (2, 1));
        let asked = critical.dismiss_among(people, &first, WHY, now()).unwrap();
        assert_eq!((&asked.state, asked.version), (&FindingState::Open, 2));
        assert_eq!(asked.dismissal_asked(), Some((&first.person, WHY)));
        assert_eq!(asked.dismiss_among(people, &first, WHY, now()), Err(FindingRefusal::Second));
        let done = asked.dismiss_among(people, &second, WHY, now()).unwrap();
        assert!(matches!(&done.state, FindingState::Dismissed { by, .. } if *by == second.person));
        assert_eq!(finding(FindingKind::GlassBroken).dismissers(1), 2);
        // Seen again since: what was asked for was something else.
        let what = FindingChange::Raised;
        let again = asked.changed(FindingState::Open, None, what, now());
        assert_eq!(again.dismissal_asked(), None);
        let alone = critical.dismiss_among(1, &first, WHY, now()).unwrap();
        assert!(matches!(alone.state, FindingState::Dismissed { .. }));
    }
}
