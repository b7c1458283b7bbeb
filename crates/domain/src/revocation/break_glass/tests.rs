//! Who breaks the glass, and who does not (docs/SECURITY.md).

use super::*;
use crate::people::{Actor, Role};
use crate::revocation::Request;
use crate::revocation::fixture::{actor, draft, id, now, policy, proof_of, proven, vouched_for};
use crate::revocation::{
    Draft, DraftError, NotExecutable, Outcome, Policy, Proven, Refusal, RequestState, Salt, Target, Verdict,
    Vouched,
};

const WHY: &str = "Nobody else can be reached, and the key is in use";

fn allowing(groups: &[&str]) -> Policy {
    let groups = groups.iter().map(|&group| group.to_owned()).collect();
    Policy { break_glass: Some(BreakGlass { groups }), ..policy(2) }
}

/// Who holds both roles, and is of these groups.
fn breaker(groups: &[&str]) -> Actor {
    let groups = groups.iter().map(|&group| group.to_owned()).collect();
    Actor { groups, ..actor("operator", &[Role::Operator, Role::Approver]) }
}

fn alone(why: &str) -> Draft {
    Draft { alone: Some(why.to_owned()), ..draft(&["0a", "0b"]) }
}

fn decided(request: &Request, by: &Actor, policy: &Policy) -> Result<Outcome, Refusal> {
    let pending = request.pending(now())?;
    let intent = pending.intend(by, Verdict::Approve, None, &request.hash, Salt::new([7; 32]))?;
    pending.decide(by, intent, policy, now())
}

/// The request, decided by the requester alone.
fn broken() -> (Request, Vec<Target>) {
    let (by, policy) = (breaker(&["commanders"]), allowing(&["commanders"]));
    let (request, targets) = alone(WHY).freeze(id(1), &by, &policy, &[], now()).unwrap();
    (decided(&request, &by, &policy).unwrap().request().clone(), targets)
}

#[test]
fn one_of_the_group_executes_alone_and_says_why() {
    let (request, targets) = broken();
    assert_eq!((request.state, request.approvals_needed), (RequestState::Approved, 1));
    let executable = |proven: Vec<Proven>| {
        request.clone().approved(&targets, None, proven, &allowing(&["commanders"]), now())
    };
    let alert = executable(proven(&request)).unwrap().glass_broken().unwrap();
    assert!(alert.facts.what.contains(WHY) && alert.facts.what.contains(id(1).as_str()));
}

#[test]
fn attack_nobody_else_breaks_the_glass() {
    let frozen = |by: &Actor, policy: &Policy, why| alone(why).freeze(id(1), by, policy, &[], now());
    let (outsider, insider) = (breaker(&["others"]), breaker(&["commanders"]));
    let allowing = allowing(&["commanders"]);
    assert_eq!(frozen(&outsider, &allowing, WHY).unwrap_err(), DraftError::NotBreakGlass);
    assert_eq!(frozen(&insider, &policy(1), WHY).unwrap_err(), DraftError::NotBreakGlass, "it is off");
    assert_eq!(frozen(&insider, &allowing, "because").unwrap_err(), DraftError::WhyAlone(7));
    let (request, _) = frozen(&insider, &allowing, WHY).unwrap();
    // Who has left the group since, whoever has made none, and where it is off today.
    assert_eq!(decided(&request, &outsider, &allowing), Err(Refusal::NotBreakGlass));
    let other = Actor { groups: insider.groups.clone(), ..actor("other", &[Role::Approver]) };
    assert_eq!(decided(&request, &other, &allowing), Err(Refusal::Alone));
    assert_eq!(decided(&request, &insider, &policy(1)), Err(Refusal::NotBreakGlass));
    let operator = Actor { roles: [Role::Operator].into(), ..insider };
    assert_eq!(decided(&request, &operator, &allowing), Err(Refusal::NotApprover));
}

#[test]
fn attack_the_executor_asks_the_token_and_its_own_policy() {
    let (request, targets) = broken();
    let executed = |request: &Request, groups: Option<&[&str]>, policy: &Policy| {
        let prove = |decision: &crate::revocation::Decision| {
            let proof = proof_of(decision);
            let groups = groups.map(|names| names.iter().map(|&name| name.to_owned()).collect());
            decision.proven(&proof, &Vouched { groups, ..vouched_for(decision, &proof) }).unwrap()
        };
        let proven = request.decisions.iter().map(prove).collect();
        request.clone().approved(&targets, None, proven, policy, now()).map(drop)
    };
    let (on, inside) = (allowing(&["commanders"]), Some(&["commanders"][..]));
    assert_eq!(executed(&request, inside, &on), Ok(()));
    assert_eq!(executed(&request, Some(&["others"]), &on), Err(NotExecutable::Quorum));
    // The row says so, and the token lists no groups.
    assert_eq!(executed(&request, None, &on), Err(NotExecutable::Quorum));
    for other in [policy(1), allowing(&["others"])] {
        let refused = executed(&request, inside, &other).unwrap_err();
        assert_eq!(refused, NotExecutable::BreakGlass);
        assert!(refused.alert(&request, now()).is_some(), "somebody is told");
    }
}

#[test]
fn attack_no_row_turns_a_request_into_one_that_breaks_the_glass() {
    let (broken, targets) = broken();
    let on = allowing(&["commanders"]);
    let without = Request { alone: None, ..broken.clone() };
    assert_eq!(without.approved(&targets, None, proven(&broken), &on, now()), Err(NotExecutable::OtherHash));
    for hash_version in 2..=crate::revocation::request::HASH_VERSION {
        let (mut ordinary, targets) = crate::revocation::fixture::request(1);
        ordinary = Request { hash_version, state: RequestState::Approved, ..ordinary };
        ordinary.hash = ordinary.hash_of(&targets);
        let turned = Request { alone: broken.alone.clone(), ..ordinary };
        let refused = turned.approved(&targets, None, Vec::new(), &on, now());
        assert_eq!(refused, Err(NotExecutable::OtherHash), "hash {hash_version}");
    }
}
