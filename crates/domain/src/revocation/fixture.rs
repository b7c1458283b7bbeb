//! People, policies and requests for the tests of the rules.

use std::time::Duration;

use super::Mode;
use super::decision::Decision;
use super::draft::Draft;
use super::policy::{Policy, QuorumRule};
use super::proof::{Intent, Proof, Proven, Salt, Vouched};
use super::request::Request;
use super::target::Target;
use crate::ids::RequestId;
use crate::people::{Actor, Person, PersonId, Role, Strength};
use crate::reason::RevocationReason;
use crate::timestamp::Timestamp;

pub fn now() -> Timestamp {
    Timestamp::from_unix(1_700_000_000).unwrap()
}

pub fn actor(name: &str, roles: &[Role]) -> Actor {
    let id = PersonId::new("https://idp.example", name).unwrap();
    let person = Person { id, name: name.to_owned(), human: None };
    let roles = roles.iter().copied().collect();
    Actor { person, roles, groups: Vec::new(), signed_in_at: now(), strength: Strength::default() }
}

pub fn policy(approvals: u32) -> Policy {
    Policy {
        quorum: vec![QuorumRule { from_targets: 1, approvals, ..QuorumRule::default() }],
        fresh_sign_in: Duration::from_secs(300),
        ..Policy::default()
    }
}

pub fn id(number: u8) -> RequestId {
    format!("018bcfe5-6800-7000-8000-0000000000{number:02x}").parse().unwrap()
}

pub fn target(serial: &str) -> Target {
    Target {
        serial: serial.parse().unwrap(),
        device: Some("sensor-1".parse().unwrap()),
        serial_key: Some(serial.to_owned()),
        subject: Some("CN=sensor-1".to_owned()),
        expires_at: None,
        fingerprint: None,
    }
}

pub fn draft(serials: &[&str]) -> Draft {
    Draft {
        mode: Mode::Live,
        authority: "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1122".parse().unwrap(),
        targets: serials.iter().map(|serial| target(serial)).collect(),
        reason: RevocationReason::KeyCompromise,
        justification: "The key was found in a public repository".to_owned(),
        ticket: Some("OPS-1".to_owned()),
        finding: None,
        origin: Default::default(),
        alone: None,
        together: Vec::new(),
    }
}

/// A request of "operator" that waits for `approvals`.
pub fn request(approvals: u32) -> (Request, Vec<Target>) {
    draft(&["0a", "0b"])
        .freeze(id(1), &actor("operator", &[Role::Operator]), &policy(approvals), &[], now())
        .unwrap()
}

/// What would be kept beside a decision.
pub fn proof_of(decision: &Decision) -> Proof {
    Proof {
        by: decision.by.id.clone(),
        salt: Salt::new([7; 32]),
        id_token: "as verified elsewhere".to_owned(),
        role_seen_elsewhere: false,
        key: "{}".to_owned(),
        together: Vec::new(),
    }
}

/// What the provider says of somebody who has just made this decision.
pub fn vouched_for(decision: &Decision, proof: &Proof) -> Vouched {
    let intent = Intent {
        request: id(1),
        by: decision.by.id.clone(),
        hash: decision.hash.clone(),
        verdict: decision.verdict,
        comment: decision.comment.clone(),
        salt: proof.salt.clone(),
        acr: Vec::new(),
        others: Vec::new(),
    };
    Vouched {
        person: decision.by.id.clone(),
        human: decision.by.human.clone(),
        nonce: intent.nonce(),
        roles: Some([Role::Approver].into()),
        groups: Some(decision.groups.clone()),
        signed_in_at: decision.at,
        made_at: decision.at,
        strength: Strength::default(),
    }
}

/// Every decision on the request, as its proof bears it out.
pub fn proven(request: &Request) -> Vec<Proven> {
    let prove = |decision: &Decision| {
        let proof = proof_of(decision);
        decision.proven(&proof, &vouched_for(decision, &proof)).unwrap()
    };
    request.decisions.iter().map(prove).collect()
}
