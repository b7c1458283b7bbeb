//! What one sign-in decides, and what it does not.

use super::*;
use crate::people::Role;
use crate::revocation::fixture::{actor, draft, id, now, policy, proof_of, vouched_for};
use crate::revocation::{Decision, Draft, Intent, NotProven, Proof, Salt, Signs, Unsigned, Verdict, Vouched};

/// Requests that were made in one go, of as many authorities.
fn made(numbers: &[u8]) -> Vec<Request> {
    let ids: Vec<_> = numbers.iter().map(|number| id(*number)).collect();
    let freeze = |own: &crate::RequestId| {
        let together = ids.iter().filter(|other| *other != own).cloned().collect();
        let draft = Draft { together, ..draft(&["0a"]) };
        draft.freeze(own.clone(), &actor("operator", &[Role::Operator]), &policy(1), &[], now()).unwrap().0
    };
    ids.iter().map(freeze).collect()
}

fn approver() -> Actor {
    actor("approver", &[Role::Approver])
}

/// What the approver leaves for the provider with: to decide on the first of them, and on the others as well.
fn intent(requests: &[Request]) -> Intent {
    let (first, others) = requests.split_first().unwrap();
    let pending = first.pending(now()).unwrap();
    let salt = Salt::new([7; 32]);
    pending.intend(&approver(), Verdict::Approve, None, &first.hash, salt).unwrap().and(others)
}

/// The decision on one of them, with its proof, and what the provider says.
fn decided(request: &Request, intent: &Intent) -> (Decision, Proof, Vouched) {
    let decision =
        request.pending(now()).unwrap().decide(&approver(), intent.clone(), &policy(1), now()).unwrap();
    let decision = decision.request().decisions[0].clone();
    let proof = Proof { together: Signs::Decision(intent.clone()).together(), ..proof_of(&decision) };
    let vouched = Vouched { nonce: intent.nonce(), ..vouched_for(&decision, &proof) };
    (decision, proof, vouched)
}

/// A promise to whoever verifies a decision without this program: it must never change.
#[test]
fn the_nonce_of_several_is_what_the_documents_say() {
    let mut requests = made(&[1, 2]);
    requests[0].hash = "ab".repeat(32).parse().unwrap();
    requests[1].hash = "0c".repeat(32).parse().unwrap();
    let intent = intent(&requests);
    assert_eq!(intent.nonce(), "9vRmaYrR-OpZ9kCt4YyuqgUF8jnp-joqSo2C5EF3n4I");
    assert_eq!(
        Request::seen(&requests).as_str(),
        "1722b96b70ce01f162cf5be1ff38d7f63442fa1e0daffd98602f8fbbc6666eff"
    );
    assert_eq!(Request::seen(&requests[..1]), requests[0].hash);
    let (mut requests, salt) = (requests, Salt::new([7; 32]));
    requests[0].justification = "The key leaked".to_owned();
    let (request, others) = (requests.remove(0), requests);
    let unsigned = Unsigned { request, others, chosen: String::new(), salt };
    assert_eq!(unsigned.nonce(), "Im1qaJ_9RRKmmv6wyTGPISsW5ogDzRkJAags6x3hyyc");
}

#[test]
fn one_sign_in_decides_on_each_alone_and_in_whatever_order() {
    let requests = made(&[1, 2, 3]);
    let intent = intent(&requests);
    for request in &requests {
        let (decision, mut proof, vouched) = decided(request, &intent);
        assert_eq!(decision.hash, request.hash);
        assert!(decision.proven(&proof, &vouched).is_ok());
        proof.together.reverse();
        assert!(decision.proven(&proof, &vouched).is_ok(), "the order says nothing");
        proof.together.retain(|hash| *hash != request.hash);
        assert!(decision.proven(&proof, &vouched).is_ok(), "its own is always among them");
        // One less, one more, none, or another.
        for together in [
            proof.together[..1].to_vec(),
            [&proof.together[..], &made(&[9])[..].iter().map(|one| one.hash.clone()).collect::<Vec<_>>()]
                .concat(),
            Vec::new(),
            vec![request.hash.clone()],
        ] {
            let forged = Proof { together, ..proof.clone() };
            assert_eq!(decision.proven(&forged, &vouched), Err(NotProven::AnotherDecision));
        }
    }
}

/// The decision is stored under another request as well, whose row says that it was among them.
#[test]
fn attack_a_decision_on_several_proves_nothing_for_what_was_not_among_them() {
    let requests = made(&[1, 2]);
    let intent = intent(&requests);
    let (decision, proof, vouched) = decided(&requests[0], &intent);
    let outside = made(&[9]).remove(0);
    let moved = Decision { hash: outside.hash.clone(), ..decision };
    assert_eq!(moved.proven(&proof, &vouched), Err(NotProven::AnotherDecision));
    let claimed = Proof { together: [&proof.together[..], &[outside.hash]].concat(), ..proof };
    assert_eq!(moved.proven(&claimed, &vouched), Err(NotProven::AnotherDecision));
}

/// A token for one is none for several, nor the other way round.
#[test]
fn attack_a_decision_on_one_proves_nothing_for_several() {
    let requests = made(&[1, 2]);
    let (decision, proof, vouched) = decided(&requests[0], &intent(&requests[..1]));
    assert!(proof.together.is_empty() && decision.proven(&proof, &vouched).is_ok());
    let together: Vec<_> = requests.iter().map(|one| one.hash.clone()).collect();
    let claimed = Proof { together, ..proof };
    assert_eq!(decision.proven(&claimed, &vouched), Err(NotProven::AnotherDecision));
}

#[test]
fn who_asks_for_several_signs_for_each() {
    let requests = made(&[1, 2]);
    let unsigned = Unsigned {
        request: requests[0].clone(),
        others: requests[1..].to_vec(),
        chosen: String::new(),
        salt: Salt::new([7; 32]),
    };
    let signs = Signs::Request(Box::new(unsigned.clone()));
    let (decision, _, vouched) = decided(&requests[0], &intent(&requests));
    let by = unsigned.request.requester.clone();
    let vouched = Vouched {
        person: by.id.clone(),
        human: None,
        roles: Some([Role::Operator].into()),
        nonce: signs.nonce(),
        ..vouched
    };
    let proof = Proof { by: by.id, together: signs.together(), ..proof_of(&decision) };
    for request in &requests {
        assert!(request.signed(&proof, &vouched).is_ok());
    }
    let outside = made(&[9]).remove(0);
    assert_eq!(outside.signed(&proof, &vouched), Err(NotProven::AnotherRequest));
    let read = serde_json::to_string(&signs).unwrap();
    assert_eq!(serde_json::from_str::<Signs>(&read).unwrap(), signs);
}

#[test]
fn only_what_names_each_other_and_says_the_same_was_made_together() {
    let requests = made(&[1, 2]);
    let [one, other] = &requests[..] else { panic!() };
    assert!(one.made_with(other) && other.made_with(one));
    assert!(!one.made_with(one) && !one.made_with(&made(&[2])[0]), "it does not name the first");
    let changes: [fn(&mut Request); 5] = [
        |one| one.justification.push('!'),
        |one| one.reason = crate::RevocationReason::Superseded,
        |one| one.requester = actor("somebody", &[]).person,
        |one| one.mode = crate::revocation::Mode::Drill,
        // Which others there are was not under the hash.
        |one| one.hash_version = 4,
    ];
    for change in changes {
        let mut changed = other.clone();
        change(&mut changed);
        assert!(!one.made_with(&changed) && !changed.made_with(one), "{changed:?}");
    }
}

#[test]
fn what_waits_for_somebody_is_open_and_not_yet_decided_by_them() {
    let request = made(&[1]).remove(0);
    assert!(request.waits_for(&approver(), now()));
    assert!(!request.waits_for(&approver(), request.expires_at));
    let decided = |requests: &[Request]| {
        let outcome =
            requests[0].pending(now()).unwrap().decide(&approver(), intent(requests), &policy(2), now());
        outcome.unwrap().request().clone()
    };
    let once = decided(&[request]);
    assert!(!once.waits_for(&approver(), now()) && once.waits_for(&actor("other", &[Role::Approver]), now()));
}
