use std::time::Duration;

use super::*;
use crate::people::Person;
use crate::revocation::fixture::{actor, now, proof_of, vouched_for};

fn decision() -> Decision {
    Decision {
        by: actor("approver", &[Role::Approver]).person,
        at: now(),
        verdict: Verdict::Approve,
        comment: Some("as agreed".to_owned()),
        hash: "ab".repeat(32).parse().unwrap(),
        signed_in_at: now(),
        groups: Vec::new(),
    }
}

/// The nonce is a promise to whoever verifies a decision without this program: it must never change.
#[test]
fn the_nonce_is_what_the_documents_say() {
    let nonce = |decision: &Decision, salt: [u8; 32]| {
        super::nonce(&decision.hash, &[], decision.verdict, decision.comment.as_deref(), &Salt::new(salt))
    };
    assert_eq!(nonce(&decision(), [7; 32]), "JTRUe0HrvbWGw1Sggarbzz8I0PZl1atVKCZ5rGvzLts");
    let other = [
        Decision { verdict: Verdict::Reject, ..decision() },
        Decision { comment: None, ..decision() },
        Decision { hash: "ac".repeat(32).parse().unwrap(), ..decision() },
    ];
    for other in other {
        assert_ne!(nonce(&other, [7; 32]), nonce(&decision(), [7; 32]), "{other:?}");
    }
    assert_ne!(nonce(&decision(), [8; 32]), nonce(&decision(), [7; 32]));
}

#[test]
fn a_decision_is_proven_by_its_own_token_and_by_no_other() {
    let decision = decision();
    let proof = proof_of(&decision);
    let vouched = vouched_for(&decision, &proof);
    assert_eq!(decision.proven(&proof, &vouched).unwrap().decision(), &decision);

    let refused = |decision: &Decision, vouched: &Vouched| decision.proven(&proof, vouched).unwrap_err();
    let somebody = Person { id: actor("somebody", &[]).person.id, ..decision.by.clone() };
    let renamed = Decision { by: somebody, ..decision.clone() };
    assert_eq!(refused(&renamed, &vouched), NotProven::AnotherPerson);
    let turned = Decision { verdict: Verdict::Reject, ..decision.clone() };
    assert_eq!(refused(&turned, &vouched), NotProven::AnotherDecision);
    let moved = Decision { hash: "cd".repeat(32).parse().unwrap(), ..decision.clone() };
    assert_eq!(refused(&moved, &vouched), NotProven::AnotherDecision);
    let reworded = Decision { comment: Some("as disagreed".to_owned()), ..decision.clone() };
    assert_eq!(refused(&reworded, &vouched), NotProven::AnotherDecision);

    let groups_of_yesterday = Vouched { roles: Some(Roles::from([Role::Operator])), ..vouched.clone() };
    assert_eq!(refused(&decision, &groups_of_yesterday), NotProven::NotApprover);
    let elsewhere = Vouched { roles: None, ..vouched.clone() };
    assert!(decision.proven(&proof, &elsewhere).is_ok(), "for the role that signing in saw");
    let stale = Vouched { signed_in_at: now().minus(Duration::from_secs(301)), ..vouched.clone() };
    let demands = Demands { fresh_sign_in: Some(Duration::from_secs(300)), ..Demands::default() };
    let why = decision.proven(&proof, &stale).unwrap().was_strong(&demands).unwrap_err();
    assert_eq!(why.to_string(), "was older than 5 minutes when it was made");
    let backdated = Decision { at: now().minus(Duration::from_secs(3600)), ..decision.clone() };
    assert_eq!(refused(&backdated, &vouched), NotProven::Time);
}
