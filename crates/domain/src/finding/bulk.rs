//! What is done to many findings at once: which they are is frozen when somebody asks for it, and then one after the other is
//! decided on by the same rules as a single one. What cannot be done to some is counted by its reason.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::handling::{Finding, FindingRefusal};
use super::id::FindingId;
use super::state::FindingState;
use crate::ids::BulkId;
use crate::people::{Actor, Permission, Person};
use crate::timestamp::Timestamp;

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Triage {
    /// They are in the hands of `owner` from then on.
    Acknowledge {
        /// Who has them in hand from then on.
        owner: Person,
        /// Until when; `None`: no day was set.
        due: Option<Timestamp>,
    },
    /// They are dismissed as no trouble; where two people must do so, this is one of the two.
    Dismiss {
        /// Why, as it is kept: 10 to 1,000 characters ([`Finding::stated`]).
        reason: String,
    },
}

/// Many findings, and how far what is done to them has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulk {
    /// Names this order; the ledger's entries of what is done name it too.
    pub id: BulkId,
    /// Whoever asked for it, as they were then.
    pub by: Actor,
    /// What is to be done to each.
    pub what: Triage,
    /// Which findings it was asked about, in words.
    pub matching: String,
    /// When it was ordered.
    pub asked_at: Timestamp,
    /// How many it was asked about.
    pub count: u64,
    /// How many people must dismiss a critical one, by the policy when it was asked for.
    pub critical: u32,
    /// How many were decided on.
    pub reached: u64,
    /// To how many it was done.
    pub done: u64,
    /// Of how many the dismissal waits for a second person.
    pub asked: u64,
    /// To how many it could not be done, by the reason.
    pub left: BTreeMap<String, u64>,
    /// The first [`Bulk::SHOWN`] of these.
    pub first_left: Vec<FindingId>,
    /// `None`: it goes on.
    pub end: Option<BulkEnd>,
    /// Raised by one with each change.
    pub version: u64,
}

/// How it came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkEnd {
    /// When it ended.
    pub at: Timestamp,
    /// Why not all were decided on; `None`: they were.
    pub why: Option<String>,
}

/// The number that was typed to confirm it is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Type {0}, the number of findings, to confirm.")]
pub struct NotTyped(pub u64);

impl Bulk {
    /// More than so many are confirmed by typing their number.
    pub const MANY: u64 = 50;
    /// How many are named of those to which it could not be done.
    pub const SHOWN: usize = 20;

    /// What `by` has just ordered about `count` findings, before any of them is decided on.
    pub fn ordered(
        id: BulkId,
        by: Actor,
        what: Triage,
        of: (String, u64),
        critical: u32,
        now: Timestamp,
    ) -> Self {
        let (matching, count) = of;
        Self {
            id,
            by,
            what,
            matching,
            asked_at: now,
            count,
            critical,
            reached: 0,
            done: 0,
            asked: 0,
            left: BTreeMap::new(),
            first_left: Vec::new(),
            end: None,
            version: 1,
        }
    }

    /// # Errors
    /// What was typed is not the number of so many findings.
    pub fn confirmed(count: u64, typed: Option<&str>) -> Result<(), NotTyped> {
        let typed = typed.unwrap_or_default().trim().replace(',', "");
        if count <= Self::MANY || typed.parse() == Ok(count) { Ok(()) } else { Err(NotTyped(count)) }
    }

    /// What becomes of one finding, where policy demands at least `critical` people to dismiss a critical one.
    ///
    /// # Errors
    /// It cannot be done to this one.
    pub fn decide(
        &self,
        finding: &Finding,
        critical: u32,
        now: Timestamp,
    ) -> Result<Finding, FindingRefusal> {
        match &self.what {
            Triage::Acknowledge { owner, due } => finding.assign(&self.by, owner, *due, now),
            Triage::Dismiss { reason } => {
                let people = finding.dismissers(critical.max(self.critical));
                finding.dismiss_among(people, &self.by, reason, now)
            }
        }
    }

    /// Whether what was decided is that somebody else must dismiss it too.
    pub fn is_asked(&self, next: &Finding) -> bool {
        let dismissed = matches!(next.state, FindingState::Dismissed { .. });
        matches!(self.what, Triage::Dismiss { .. }) && !dismissed
    }

    /// After these were decided on, in their order.
    #[must_use]
    pub fn after(&self, decided: &[(FindingId, Result<Finding, String>)]) -> Self {
        let mut next = self.changed();
        for (id, decided) in decided {
            next.reached += 1;
            match decided {
                Ok(finding) if self.is_asked(finding) => next.asked += 1,
                Ok(_) => next.done += 1,
                Err(why) => {
                    *next.left.entry(why.clone()).or_default() += 1;
                    if next.first_left.len() < Self::SHOWN {
                        next.first_left.push(id.clone());
                    }
                }
            }
        }
        next
    }

    /// Brought to its end; `why`: before all were decided on.
    #[must_use]
    pub fn ended(&self, why: Option<String>, now: Timestamp) -> Self {
        Self { end: Some(BulkEnd { at: now, why }), ..self.changed() }
    }

    /// Stopped by somebody before its end.
    ///
    /// # Errors
    /// They may not, or it has ended.
    pub fn stopped(&self, actor: &Actor, now: Timestamp) -> Result<Self, FindingRefusal> {
        if !actor.may(Permission::Operate) {
            return Err(FindingRefusal::NotOperator);
        }
        match self.end {
            Some(_) => Err(FindingRefusal::Ended),
            None => Ok(self.ended(Some(format!("{} has stopped it.", actor.person.name)), now)),
        }
    }

    fn changed(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{FindingStateName, Subject};
    use crate::finding_kind::FindingKind;
    use crate::people::Role;
    use crate::revocation::fixture::{actor, now};

    fn finding(kind: FindingKind, serial: u8) -> Finding {
        let subject = Subject::Certificate(format!("{serial:02x}").parse().unwrap());
        let id = FindingId { kind, scope: "a".parse().unwrap(), subject };
        Finding::raised(id, None, Default::default(), now())
    }

    fn bulk(what: Triage) -> Bulk {
        let id = "0193533a-0000-7000-8000-000000000001".parse().unwrap();
        Bulk::ordered(id, actor("first", &[Role::Operator]), what, ("all".to_owned(), 3), 2, now())
    }

    #[test]
    fn what_is_done_and_what_is_not_is_counted() {
        let dismiss = bulk(Triage::Dismiss { reason: "A test of the lab".to_owned() });
        let decide = |finding: &Finding, critical| {
            (finding.id.clone(), dismiss.decide(finding, critical, now()).map_err(|why| why.to_string()))
        };
        let (critical, other) = (finding(FindingKind::RogueIssuer, 1), finding(FindingKind::Duplicate, 2));
        let closed = finding(FindingKind::Duplicate, 3)
            .gone(&"0193533a-0000-7000-8000-000000000002".parse().unwrap(), now());
        // A policy that demands less meanwhile changes nothing.
        let decided = [decide(&critical, 1), decide(&other, 1), decide(&closed.unwrap(), 1)];
        let next = dismiss.after(&decided);
        assert_eq!((next.reached, next.done, next.asked, next.version), (3, 1, 1, 2));
        let why = FindingRefusal::Closed.to_string();
        assert_eq!((next.left, next.first_left), ([(why, 1)].into(), vec![decided[2].0.clone()]));

        let she = actor("she", &[Role::Operator]).person;
        let assign = bulk(Triage::Acknowledge { owner: she.clone(), due: None });
        let taken = assign.decide(&critical, 2, now()).unwrap();
        assert!(matches!(&taken.state, FindingState::Acknowledged { owner, .. } if *owner == she));
        assert_eq!(taken.state.name(), FindingStateName::Acknowledged);
        assert!(!assign.is_asked(&taken) && assign.decide(&taken, 2, now()).is_err(), "once");
    }

    #[test]
    fn many_are_confirmed_by_their_number_and_what_goes_on_can_be_stopped() {
        assert_eq!((Bulk::confirmed(50, None), Bulk::confirmed(51, None)), (Ok(()), Err(NotTyped(51))));
        assert_eq!(
            (Bulk::confirmed(1400, Some(" 1,400 ")), Bulk::confirmed(1400, Some("140"))),
            (Ok(()), Err(NotTyped(1400)))
        );
        let one = bulk(Triage::Dismiss { reason: "A test of the lab".to_owned() });
        assert_eq!(one.stopped(&actor("a", &[Role::Approver]), now()), Err(FindingRefusal::NotOperator));
        let stopped = one.stopped(&actor("b", &[Role::Operator]), now()).unwrap();
        assert_eq!(stopped.stopped(&actor("b", &[Role::Operator]), now()), Err(FindingRefusal::Ended));
    }
}
