//! Requests, from the dry run to the proof.

use app::revocations::{Draft, OneRequest, Propose, Revocations};
use domain::dry_run::{DryRun, DryRunLine, Obstacle, SameKey};
use domain::revocation::{
    self, Channels, Decision, Execution, ItemProgress, ItemState, Mode, OcspSeen, Policy, Refusal, Request,
    RequestState, Target, Verdict,
};
use domain::views::{
    AuthorityNow, DryRunCounts, IdentityKey, Inbox, Issued, MadeWith, Moment, Narrowed, Proposal, Proposed,
    RequestDetail, RequestList, RequestPage, RequestQuery, RequestView, Selection,
};
use domain::{Actor, KeyHash, RevocationReason, Role};
use leptos::prelude::*;

use super::sample::{minutes_ago, named_authority, now, person, serial, viewer};
use super::{golden, golden_for};

const ID: &str = "0193533a-0000-7000-8000-000000000002";

fn target(n: u8) -> Target {
    Target {
        serial: serial(n),
        device: Some(format!("sensor-{n:05}").parse().unwrap()),
        serial_key: None,
        subject: Some(format!("CN=sensor-{n:05}.devices.example")),
        expires_at: Some(now()),
        fingerprint: None,
    }
}

fn actor(name: &str, role: Role) -> Actor {
    Actor {
        person: person(name),
        roles: [role].into(),
        groups: Vec::new(),
        signed_in_at: minutes_ago(12),
        strength: Default::default(),
    }
}

pub fn request() -> (Request, Vec<Target>) {
    let draft = revocation::Draft {
        authority: named_authority("").arn,
        mode: Mode::Live,
        targets: vec![target(1), target(2)],
        reason: RevocationReason::KeyCompromise,
        justification: "The key of legacy-deploy leaked with the build server.".to_owned(),
        ticket: Some("INC-4711".to_owned()),
        finding: None,
        origin: Default::default(),
        alone: None,
        together: Vec::new(),
    };
    let policy = viewer().settings.policy;
    draft
        .freeze(ID.parse().unwrap(), &actor("operator", Role::Operator), &policy, &[], minutes_ago(12))
        .unwrap()
}

fn dry_run(second: Option<Obstacle>) -> DryRun {
    let line = |n, obstacle: Option<Obstacle>, last_of_device| DryRunLine {
        target: target(n),
        obstacle,
        last_of_device,
        newest_other: None,
        revoked_at: obstacle.map(|_| minutes_ago(90)),
        revoked_for: Some("SUPERSEDED".to_owned()),
        caller: (n == 1).then(|| "arn:aws:iam::111122223333:role/legacy-deploy".to_owned()),
        key: (n == 1).then(key),
    };
    let lines = vec![line(1, None, true), line(2, second, false)];
    let other = |n| SameKey { serial: serial(n), key: key(), device: target(n).device };
    let same_key = vec![other(3), SameKey { device: None, ..other(4) }];
    DryRun { authority: named_authority("").arn, lines, same_key, as_of: Some(minutes_ago(3)) }
}

fn key() -> KeyHash {
    KeyHash::of(b"the key that leaked")
}

fn detail(state: RequestState, second: Option<Obstacle>, items: Vec<ItemProgress>) -> RequestDetail {
    let (mut request, targets) = request();
    request.state = state;
    if state != RequestState::Pending {
        request.decisions.push(Decision {
            by: person("approver"),
            at: minutes_ago(5),
            verdict: Verdict::Approve,
            comment: Some("Checked with the build team.".to_owned()),
            hash: request.hash.clone(),
            signed_in_at: minutes_ago(6),
            groups: Vec::new(),
        });
    }
    let moment = |at, what: &str, who: Option<&str>| Moment {
        at,
        what: what.to_owned(),
        who: who.map(str::to_owned),
        link: None,
    };
    let timeline = vec![
        moment(Some(minutes_ago(12)), "Requested", Some("operator")),
        moment(None, "On the CRL, usually within 30 minutes", None),
    ];
    let execution = Execution { items };
    let execution_counts = execution.counts();
    let view = RequestView {
        state,
        authority: named_authority("Devices EU"),
        targets,
        dry_run: dry_run(second),
        execution,
        timeline,
        cannot_decide: (state == RequestState::Pending).then_some(Refusal::OwnRequest),
        cannot_cancel: None,
        steps: request.steps(&actor("operator", Role::Operator), &execution_counts, request.requested_at),
        mode: Mode::Live,
        drill: None,
        together: Vec::new(),
        request,
    };
    RequestDetail::of(view, 20, Narrowed::default())
}

fn page(detail: RequestDetail) -> impl IntoView {
    view! { <OneRequest detail decide=ServerAction::new() cancel=ServerAction::new() step_in=ServerAction::new() /> }
}

#[tokio::test]
async fn the_pages_of_requests() {
    golden("requests", || {
        let (waiting, _) = request();
        let approved = Request { state: RequestState::Approved, ..request().0 };
        let page = RequestPage { requests: vec![approved], next: None, waiting: 1 };
        let list = RequestList {
            waiting: vec![waiting],
            for_me: 0,
            page,
            authorities: vec![named_authority("Devices EU")],
        };
        view! { <Revocations query=RequestQuery::default() list /> }
    })
    .await;
    golden("requests-none-for-me", || {
        let list = RequestList {
            waiting: Vec::new(),
            for_me: 0,
            page: RequestPage::default(),
            authorities: vec![named_authority("Devices EU")],
        };
        let query = RequestQuery { inbox: Inbox::ForMe, ..RequestQuery::default() };
        view! { <Revocations query list /> }
    })
    .await;
    golden("request-proposed", || {
        let dry_run = dry_run(Some(Obstacle::AlreadyRevoked));
        let mut counts = DryRunCounts::of(&dry_run, 20);
        let channels = Channels { crl: false, ocsp: false };
        counts.authority = Some(AuthorityNow { channels, status: "ACTIVE".to_owned() });
        let (authority, policy) = (named_authority("Devices EU"), Policy::default());
        let proposal = Proposal::of(authority, dry_run, counts, None, &policy, &[], Narrowed::default());
        let of = Some(Selection::Serials(vec![serial(1), serial(2)]));
        let proposed = Proposed { proposals: vec![proposal], refused: Vec::new() };
        view! { <Propose proposed draft=Draft { of, ..Draft::default() } request=ServerAction::new() /> }
    })
    .await;
    golden("request-of-mine", || page(detail(RequestState::Pending, None, Vec::new()))).await;
    golden("request-under-way", || page(detail(RequestState::Executing, None, items()))).await;
}

/// A request of another authority, made in one go with the first.
fn made_with() -> MadeWith {
    let (mut request, _) = request();
    request.id = "0193533a-0000-7000-8000-000000000003".parse().unwrap();
    let mut counts = DryRunCounts::of(&dry_run(None), 20);
    let channels = Channels { crl: false, ocsp: false };
    counts.authority = Some(AuthorityNow { channels, status: "ACTIVE".to_owned() });
    MadeWith { request, authority: named_authority("Gateways"), dry_run: Some(counts) }
}

#[tokio::test]
async fn what_spans_authorities() {
    golden("requests-proposed-together", || {
        let proposal = |name: &str| {
            let (dry_run, policy) = (dry_run(None), Policy::default());
            let counts = DryRunCounts::of(&dry_run, 20);
            Proposal::of(named_authority(name), dry_run, counts, None, &policy, &[], Narrowed::default())
        };
        let why = "Policy excludes this authority: nothing of it is revoked here.".to_owned();
        let proposed = Proposed {
            proposals: ["Devices EU", "Gateways"].map(proposal).to_vec(),
            refused: vec![(named_authority("Old"), 3, why)],
        };
        let key = IdentityKey::Principal("arn:aws:iam::111122223333:role/legacy-deploy".to_owned());
        let of = Selection::IssuedBy { key, only: Issued::Unauthorised, from: None, to: None };
        view! { <Propose proposed draft=Draft { of: Some(of), ..Draft::default() } request=ServerAction::new() /> }
    })
    .await;
    let mut approver = viewer();
    approver.actor = Some(actor("approver", Role::Approver));
    golden_for("requests-to-decide-together", approver, || {
        let mut detail = detail(RequestState::Pending, None, Vec::new());
        (detail.cannot_decide, detail.together) = (None, vec![made_with()]);
        page(detail)
    })
    .await;
}

#[tokio::test]
async fn the_page_to_decide_on() {
    let mut approver = viewer();
    approver.actor = Some(actor("approver", Role::Approver));
    golden_for("request-to-decide", approver, || {
        let mut detail = detail(RequestState::Pending, Some(Obstacle::AlreadyRevoked), Vec::new());
        detail.cannot_decide = None;
        page(detail)
    })
    .await;
}

/// One is revoked and on its way to be proven, one the CA would not revoke.
fn items() -> Vec<ItemProgress> {
    let item = |n, item, crl_at| ItemProgress {
        item,
        crl_at,
        ocsp: crl_at.map(|_| OcspSeen::Good { since: minutes_ago(3) }),
        ..ItemProgress::waiting(serial(n))
    };
    let error = "The CA is disabled.".to_owned();
    vec![
        item(1, ItemState::Revoked { at: minutes_ago(4), before: false }, Some(minutes_ago(1))),
        item(2, ItemState::Failed { at: minutes_ago(4), error, unsure: None }, None),
    ]
}
