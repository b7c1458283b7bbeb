//! People, requests, findings and words for the ledger.

use std::time::Duration;

use countersign_aws::{Aws, Error};
use domain::finding::{Disagreement, Evidence};
use domain::ledger::{Action, Body, Object, Who};
use domain::people::Person;
use domain::revocation::{Draft, Mode, Outcome, Policy, Proof, QuorumRule, Request, Salt, Target, Verdict};
use domain::{
    Actor, AuthorityArn, Finding, FindingKind, PersonId, RevocationReason, Role, Run, RunState, Serial,
    Timestamp, run::Stage,
};

pub fn now() -> Timestamp {
    Timestamp::from_unix(1_800_000_000).unwrap()
}

pub fn later(seconds: u64) -> Timestamp {
    now().plus(Duration::from_secs(seconds))
}

pub fn authority() -> AuthorityArn {
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1122".parse().unwrap()
}

pub fn other_authority() -> AuthorityArn {
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/3344".parse().unwrap()
}

pub fn serial(number: usize) -> Serial {
    format!("{number:x}").parse().unwrap()
}

pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
    uuid::Uuid::now_v7().to_string().parse().unwrap()
}

pub fn body(note: impl std::fmt::Display) -> Body {
    Body::new(now(), Who::System { part: "test".to_owned() }, Action::RunStarted, Object::Session)
        .with("note", note)
}

/// Writes a request with its targets.
pub async fn create_request(aws: &Aws, request: &Request, targets: &[Target]) -> Result<(), Error> {
    let change = aws.create_request(request, targets).await?;
    aws.commit(vec![change], &body("requested")).await.map(drop)
}

/// Writes a decision.
pub async fn decide_request(aws: &Aws, outcome: &Outcome) -> Result<(), Error> {
    aws.commit(aws.decide_requests(std::slice::from_ref(outcome), &proof(outcome))?, &body("decided"))
        .await
        .map(drop)
}

pub fn actor(name: &str, role: Role) -> Actor {
    let person = Person {
        id: PersonId::new("https://idp.example", name).unwrap(),
        name: name.to_owned(),
        human: None,
    };
    Actor {
        person,
        roles: [role].into(),
        groups: Vec::new(),
        signed_in_at: now(),
        strength: Default::default(),
    }
}

pub fn approver(number: usize) -> Actor {
    actor(&format!("approver-{number}"), Role::Approver)
}

pub fn policy(approvals: u32) -> Policy {
    Policy {
        quorum: vec![QuorumRule { from_targets: 1, approvals, ..QuorumRule::default() }],
        fresh_sign_in: Duration::from_secs(300),
        ..Policy::default()
    }
}

/// A request of "operator" for `count` certificates that waits for `approvals`.
pub fn request(count: usize, approvals: u32) -> (Request, Vec<Target>) {
    let target = |number| Target {
        serial: serial(number),
        device: Some(format!("sensor-{number:05}").parse().unwrap()),
        serial_key: Some(serial(number).to_string()),
        subject: Some(format!("CN=sensor-{number:05},OU=Field devices,O=Example Manufacturing,C=DE")),
        expires_at: Some(later(1_000_000)),
        fingerprint: Some("ab".repeat(32)),
    };
    let draft = Draft {
        mode: Mode::Live,
        authority: authority(),
        targets: (1..=count).map(target).collect(),
        reason: RevocationReason::KeyCompromise,
        justification: "The key was found in a public repository".to_owned(),
        ticket: None,
        finding: None,
        origin: Default::default(),
        alone: None,
        together: Vec::new(),
    };
    draft.freeze(id(), &actor("operator", Role::Operator), &policy(approvals), &[], now()).unwrap()
}

/// What `actor` decides on the request as they see it.
pub fn decide(request: &Request, actor: &Actor, verdict: Verdict) -> Outcome {
    let pending = request.pending(now()).unwrap();
    let intent =
        pending.intend(actor, verdict, Some("Seen.".to_owned()), &request.hash, Salt::new([7; 32])).unwrap();
    pending.decide(actor, intent, &policy(1), now()).unwrap()
}

/// What is kept beside the newest decision; nobody here looks into it.
pub fn proof(outcome: &Outcome) -> Proof {
    Proof {
        by: outcome.request().decisions.last().unwrap().by.id.clone(),
        salt: Salt::new([7; 32]),
        id_token: "a.b.c".to_owned(),
        role_seen_elsewhere: false,
        key: "{}".to_owned(),
        together: Vec::new(),
    }
}

pub fn finding(kind: FindingKind, number: usize, seen: Timestamp) -> Finding {
    let (serial, evidence) = (serial(number), Evidence::default());
    Finding::opened(Disagreement { kind, authority: authority(), serial, evidence }, id(), seen)
}

pub fn run() -> Run {
    Run {
        id: id(),
        authority: authority(),
        state: RunState::Running,
        stage: Stage::Starting,
        started_at: now(),
        started_by: None,
        scheduled: None,
        proves: None,
        finished_at: None,
        inputs: Default::default(),
        counts: Default::default(),
        opened: 0,
        closed: 0,
        found: None,
        compared: None,
        failure: None,
    }
}
