//! What proves a request, and what does not.

use std::time::Duration;

use super::*;
use crate::people::{Role, Roles};
use crate::revocation::fixture::{actor, draft, id, now, policy, proven};
use crate::revocation::request::HASH_VERSION;
use crate::revocation::{Approved, NotExecutable, QuorumRule, Refusal, RequestState, Verdict};

fn signing() -> Policy {
    Policy { request_sign_in: true, ..policy(1) }
}

fn operator() -> Actor {
    actor("operator", &[Role::Operator])
}

/// What "operator" is about to ask for.
fn unsigned(policy: &Policy) -> (Unsigned, Vec<Target>) {
    let frozen = draft(&["0a", "0b"]).freeze(id(1), &operator(), policy, &[], now());
    let (request, targets) = frozen.unwrap();
    (
        Unsigned { request, others: Vec::new(), chosen: "by name".to_owned(), salt: Salt::new([7; 32]) },
        targets,
    )
}

fn proof(unsigned: &Unsigned) -> Proof {
    Proof {
        by: unsigned.request.requester.id.clone(),
        salt: unsigned.salt.clone(),
        id_token: "as verified elsewhere".to_owned(),
        role_seen_elsewhere: false,
        key: "{}".to_owned(),
        together: unsigned.together(),
    }
}

/// What the provider says of the requester, who signs in a minute later.
fn vouched(unsigned: &Unsigned) -> Vouched {
    let at = now().plus(Duration::from_secs(60));
    Vouched {
        person: unsigned.request.requester.id.clone(),
        human: None,
        nonce: unsigned.nonce(),
        roles: Some([Role::Operator].into()),
        groups: Some(Vec::new()),
        signed_in_at: at,
        made_at: at,
        strength: Strength::default(),
    }
}

/// The request, approved by "approver".
fn approved(unsigned: &Unsigned, policy: &Policy) -> Request {
    let request = &unsigned.request;
    let approver = actor("approver", &[Role::Approver]);
    let pending = request.pending(now()).unwrap();
    let intent =
        pending.intend(&approver, Verdict::Approve, None, &request.hash, Salt::new([7; 32])).unwrap();
    pending.decide(&approver, intent, policy, now()).unwrap().request().clone()
}

/// The nonce is a promise to whoever verifies a request without this program: it must never change.
#[test]
fn the_nonce_of_a_request_is_what_the_documents_say() {
    let (mut unsigned, _) = unsigned(&signing());
    unsigned.request.hash = "ab".repeat(32).parse().unwrap();
    unsigned.request.justification = "The key leaked".to_owned();
    let nonce = unsigned.nonce();
    assert_eq!(nonce, "HXwe7hbD-f3qR_DqX8RrJH5ADn4vEwfAZORtt18zoxw");
    let with = |change: fn(&mut Unsigned)| {
        let mut other = unsigned.clone();
        change(&mut other);
        other.nonce()
    };
    assert_ne!(with(|other| other.request.hash = "ac".repeat(32).parse().unwrap()), nonce);
    assert_ne!(with(|other| other.request.justification.push('!')), nonce);
    assert_ne!(with(|other| other.salt = Salt::new([8; 32])), nonce);
}

#[test]
fn a_request_is_proven_by_its_own_token_and_by_no_other() {
    let (unsigned, _) = unsigned(&signing());
    let (request, proof, vouched) = (&unsigned.request, proof(&unsigned), vouched(&unsigned));
    assert!(request.signed(&proof, &vouched).is_ok());
    let elsewhere = Vouched { roles: None, ..vouched.clone() };
    assert!(request.signed(&proof, &elsewhere).is_ok(), "for the role that signing in saw");

    let somebody = actor("somebody", &[]).person.id;
    let (mut other, rewritten) = (unsigned.clone(), "Because I say so".to_owned());
    other.request.hash = "cd".repeat(32).parse().unwrap();
    let refused = [
        (request.clone(), Vouched { person: somebody, ..vouched.clone() }, NotProven::AnotherPerson),
        (other.request, vouched.clone(), NotProven::AnotherRequest),
        (Request { justification: rewritten, ..request.clone() }, vouched.clone(), NotProven::AnotherRequest),
        (
            request.clone(),
            Vouched { roles: Some(Roles::from([Role::Approver])), ..vouched.clone() },
            NotProven::NotOperator,
        ),
        (
            request.clone(),
            Vouched { made_at: now().plus(Duration::from_secs(661)), ..vouched.clone() },
            NotProven::Time,
        ),
        (
            request.clone(),
            Vouched { signed_in_at: now().minus(Duration::from_secs(241)), ..vouched.clone() },
            NotProven::Weak(Weak::Stale(Duration::from_secs(300))),
        ),
    ];
    for (request, vouched, why) in refused {
        assert_eq!(request.signed(&proof, &vouched), Err(why));
    }
    let theirs = Proof { by: actor("somebody", &[]).person.id, ..proof };
    assert_eq!(request.signed(&theirs, &vouched), Err(NotProven::AnotherPerson));
}

#[test]
fn where_humans_are_told_apart_the_token_names_the_requester() {
    let human = |name: &str| Some(name.parse().unwrap());
    let claim = Policy { people_claim: Some("employee_id".to_owned()), ..signing() };
    let mut operator = operator();
    operator.person.human = human("E-1");
    let (request, _) = draft(&["0a"]).freeze(id(1), &operator, &claim, &[], now()).unwrap();
    let unsigned = Unsigned { request, others: Vec::new(), chosen: String::new(), salt: Salt::new([7; 32]) };
    let signed = |human| unsigned.request.signed(&proof(&unsigned), &Vouched { human, ..vouched(&unsigned) });
    assert!(signed(human("E-1")).is_ok());
    assert_eq!(signed(human("E-2")), Err(NotProven::AnotherHuman));
    assert_eq!(signed(None), Err(NotProven::NoHuman));
}

/// An approver who writes a request in somebody else's name, and approves it.
#[test]
fn attack_36_a_request_that_nobody_signed_is_not_executed() {
    let (unsigned, targets) = unsigned(&signing());
    let request = approved(&unsigned, &signing());
    let signed = unsigned.request.signed(&proof(&unsigned), &vouched(&unsigned)).unwrap();
    let executed = |request: &Request, signed: Option<&Signed>, policy: &Policy| {
        let approved: Result<Approved, _> =
            request.clone().approved(&targets, signed.cloned(), proven(request), policy, now());
        approved.map(drop)
    };
    assert_eq!(executed(&request, Some(&signed), &signing()), Ok(()));
    // A policy that has become looser does not help it.
    for policy in [signing(), policy(1)] {
        let why = executed(&request, None, &policy).unwrap_err();
        assert!(matches!(&why, NotExecutable::NotAsked { name, .. } if name == "operator"), "{why}");
        assert!(why.alert(&request, now()).is_some() && !why.may_pass(), "somebody is told");
    }
    let of_another = Signed { hash: "cd".repeat(32).parse().unwrap(), ..signed.clone() };
    assert!(executed(&request, Some(&of_another), &signing()).is_err());
    let turned =
        Request { demands: Demands { request_sign_in: false, ..request.demands.clone() }, ..request.clone() };
    assert_eq!(executed(&turned, None, &policy(1)), Err(NotExecutable::OtherHash));
    for why in [NotProven::UnknownKey("k".to_owned()), NotProven::Ahead] {
        assert!(request.not_asked(why).may_pass(), "it waits");
    }
    let strong = Policy { acr: vec!["phr".to_owned()], ..signing() };
    let why = executed(&request, Some(&signed), &strong).unwrap_err();
    assert!(matches!(&why, NotExecutable::Stricter(what) if what.contains("operator")), "{why}");
}

#[test]
fn todays_policy_asks_for_the_requesters_sign_in_as_well() {
    for hash_version in 2..=HASH_VERSION {
        let (mut unsigned, targets) = unsigned(&policy(1));
        unsigned.request.hash_version = hash_version;
        unsigned.request.hash = unsigned.request.hash_of(&targets);
        let request = approved(&unsigned, &policy(1));
        let executed =
            |policy: &Policy| request.clone().approved(&targets, None, proven(&request), policy, now());
        assert!(executed(&policy(1)).is_ok());
        let why = executed(&signing()).unwrap_err();
        assert_eq!(why, NotExecutable::Stricter("a sign-in of operator to ask for it".to_owned()));
        assert!(why.alert(&request, now()).is_none(), "nobody has forged anything");
        // Nobody is asked to approve it in vain; who rejects it may.
        let approver = actor("approver", &[Role::Approver]);
        let pending = unsigned.request.pending(now()).unwrap();
        let decided = |verdict| {
            let salt = Salt::new([7; 32]);
            let comment = Some("Seen.".to_owned());
            let intent = pending.intend(&approver, verdict, comment, &unsigned.request.hash, salt).unwrap();
            pending.decide(&approver, intent, &signing(), now())
        };
        assert_eq!(decided(Verdict::Approve), Err(Refusal::NotSigned));
        assert_eq!(decided(Verdict::Reject).unwrap().request().state, RequestState::Rejected);
    }
}

#[test]
fn whoever_comes_back_asks_for_what_they_were_shown_or_for_nothing() {
    let within = Some(Duration::from_secs(3600));
    let rule = QuorumRule { from_targets: 3, within, approvals: 2, ..QuorumRule::default() };
    let windowed = Policy { quorum: vec![rule], ..signing() };
    let (unsigned, targets) = unsigned(&windowed);
    let back = now().plus(Duration::from_secs(60));
    let mut fresh = operator();
    fresh.signed_in_at = back;
    let sign = |actor: &Actor, targets: &[Target], policy: &Policy, before: &[AskedBefore]| {
        unsigned.request.sign(actor, targets, policy, before, back)
    };
    assert_eq!(sign(&fresh, &targets, &windowed, &[]), Ok(()));
    let other = actor("somebody", &[Role::Operator]);
    assert_eq!(sign(&other, &targets, &windowed, &[]), Err(NotSigned::AnotherPerson));
    let lost = Actor { roles: [Role::Approver].into(), ..fresh.clone() };
    assert_eq!(sign(&lost, &targets, &windowed, &[]), Err(NotSigned::NotOperator));
    assert_eq!(sign(&fresh, &targets[1..], &windowed, &[]), Err(NotSigned::Lost));
    assert_eq!(sign(&fresh, &targets, &policy(1), &[]), Err(NotSigned::Policy));
    let meanwhile = [AskedBefore { ago: Duration::from_secs(30), targets: 1 }];
    assert_eq!(sign(&fresh, &targets, &windowed, &meanwhile), Err(NotSigned::More));
    for signed_in_at in [now().minus(Duration::from_secs(241)), back.plus(Duration::from_secs(61))] {
        let weak = sign(&Actor { signed_in_at, ..fresh.clone() }, &targets, &windowed, &[]);
        assert!(matches!(weak, Err(NotSigned::Weak(Weak::Stale(_)))), "{weak:?}");
    }
}

/// An attempt outlives an upgrade: what an older console wrote of a decision is still one.
#[test]
fn what_is_signed_is_told_apart() {
    let (unsigned, _) = unsigned(&signing());
    let request = Signs::Request(Box::new(unsigned.clone()));
    let intent = Intent {
        request: id(1),
        by: operator().person.id,
        hash: unsigned.request.hash.clone(),
        verdict: Verdict::Approve,
        comment: None,
        salt: unsigned.salt.clone(),
        acr: Vec::new(),
        others: Vec::new(),
    };
    let read = |text: String| serde_json::from_str::<Signs>(&text).unwrap();
    assert_eq!(read(serde_json::to_string(&request).unwrap()), request);
    assert_eq!(read(serde_json::to_string(&intent).unwrap()), Signs::Decision(intent));
}
