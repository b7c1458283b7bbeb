//! Incidents, from made-up records.

use app::incidents::{Actions, Incidents, OneIncident};
use domain::incident::{
    Answer, AuthorityFacts, CallerFacts, CertificatesOf, End, Facts, Incident, IncidentQuery, IncidentView,
    IncidentsView, Lever, Note, OpenedFrom, Pull, ReportSeen, RequestFacts, Said, StepName,
};
use domain::revocation::RequestState;
use domain::trail::Denies;
use domain::views::{Deed, IdentityKey};
use leptos::prelude::*;

use super::golden;
use super::sample::{authority, minutes_ago, named_authority, now, person};

const ROLE: &str = "arn:aws:iam::111122223333:role/field-service";

fn incident() -> Incident {
    Incident {
        id: "0193533a-0000-7000-8000-00000000000a".parse().unwrap(),
        title: "Certificates by field-service".to_owned(),
        opened_at: minutes_ago(50),
        opened_by: person("operator"),
        from: OpenedFrom::Finding(
            "issuance_burst.a-1.arn:aws:iam::111122223333:role/field-service".parse().unwrap(),
        ),
        callers: vec![IdentityKey::Principal(ROLE.to_owned())],
        authorities: vec![authority()],
        notes: vec![Note {
            at: minutes_ago(45),
            by: person("approver"),
            text: "The tablet 0413 <b>is missing</b>.".to_owned(),
        }],
        people: vec![person("operator"), person("approver")],
        answers: vec![Answer {
            step: StepName::Rotate,
            what: Said::NotApplicable,
            reason: "The tablet will not be replaced.".to_owned(),
            at: minutes_ago(20),
            by: person("approver"),
        }],
        end: None,
        version: 4,
    }
}

fn facts() -> Facts {
    let certificates = CertificatesOf {
        all: 3000,
        valid: 2990,
        revoked: 2,
        expired: 3,
        devices: 1,
        siblings: 4,
        issued: Some((minutes_ago(260), minutes_ago(60))),
    };
    let deed = |name: &str, succeeded, failed| Deed {
        name: name.to_owned(),
        succeeded,
        failed,
        last: minutes_ago(60),
    };
    Facts {
        now: now(),
        callers: vec![CallerFacts {
            key: IdentityKey::Principal(ROLE.to_owned()),
            seen: Some((minutes_ago(9000), minutes_ago(60))),
            events: 3020,
            deeds: vec![deed("IssueCertificate", 3000, 12), deed("GetCertificate", 8, 0)],
            seen_with: vec![
                (IdentityKey::AccessKey("ASIAQWERTYUIOPASDFGH".to_owned()), 3020),
                (IdentityKey::Address("192.0.2.199".to_owned()), 3000),
            ],
            certificates,
        }],
        levers: vec![Lever {
            event: "7ed0a6a0-3f4f-4e3c-9a34-000000000009".parse().unwrap(),
            at: minutes_ago(40),
            call: "PutRolePolicy".to_owned(),
            by: "arn:aws:iam::111122223333:role/administrator".to_owned(),
            account: Some("111122223333".to_owned()),
            pull: Pull::Policy {
                of: "role/field-service".to_owned(),
                policy: "AWSRevokeOlderSessions".to_owned(),
                denies: Denies::OlderSessions { before: minutes_ago(10) },
            },
        }],
        authorities: vec![AuthorityFacts {
            arn: named_authority("devices").arn,
            name: "devices".to_owned(),
            report: Some(ReportSeen {
                run: "0193533a-0000-7000-8000-00000000000b".parse().unwrap(),
                made_at: minutes_ago(10),
                is_incomplete: true,
            }),
            under_way: None,
        }],
        requests: vec![RequestFacts {
            id: "0193533a-0000-7000-8000-00000000000c".parse().unwrap(),
            state: RequestState::Executing,
            drill: false,
            targets: 2990,
            requester: person("operator"),
            requested_at: minutes_ago(9),
            decided: Some((minutes_ago(5), person("approver"))),
            executed_at: None,
            unproven: 12,
            proven_at: None,
        }],
        trail_as_of: Some(now()),
        iam_is_read: true,
    }
}

fn case() -> impl IntoView {
    let view =
        IncidentView { incident: incident(), facts: facts(), authorities: vec![named_authority("devices")] };
    view! { <OneIncident view actions=Actions::new() /> }
}

fn closed_case() -> impl IntoView {
    let mut facts = facts();
    let of = &mut facts.callers[0].certificates;
    (of.valid, of.revoked, of.expired) = (0, 2997, 3);
    let request = &mut facts.requests[0];
    (request.state, request.unproven) = (RequestState::Proven, 0);
    (request.executed_at, request.proven_at) = (Some(minutes_ago(3)), Some(minutes_ago(1)));
    let end = End {
        at: now(),
        by: person("approver"),
        summary: "The key of a lost tablet. All revoked.".to_owned(),
    };
    let incident = Incident { end: Some(end), ..incident() };
    let view = IncidentView { incident, facts, authorities: vec![named_authority("devices")] };
    view! { <OneIncident view actions=Actions::new() /> }
}

fn list() -> impl IntoView {
    let end = End { at: minutes_ago(900), by: person("approver"), summary: "Nothing was left.".to_owned() };
    let closed = Incident {
        id: "0193533a-0000-7000-8000-00000000000d".parse().unwrap(),
        title: "A drill".to_owned(),
        opened_at: minutes_ago(2000),
        end: Some(end),
        ..incident()
    };
    let view = IncidentsView {
        open: vec![incident()],
        closed: vec![closed],
        callers: Vec::new(),
        title: String::new(),
    };
    view! { <Incidents query=IncidentQuery::default() view open=ServerAction::new() /> }
}

fn from_a_caller() -> impl IntoView {
    let caller = IdentityKey::Principal(ROLE.to_owned());
    let view = IncidentsView {
        open: Vec::new(),
        closed: Vec::new(),
        callers: vec![caller.clone()],
        title: "Certificates by field-service".to_owned(),
    };
    let query = IncidentQuery { finding: None, caller: Some(caller) };
    view! { <Incidents query view open=ServerAction::new() /> }
}

#[tokio::test]
async fn the_list_of_incidents_and_the_form_that_opens_one() {
    golden("incidents", list).await;
    golden("incidents-from-a-caller", from_a_caller).await;
}

#[tokio::test]
async fn a_case_with_its_steps_and_one_that_is_closed() {
    golden("incident", case).await;
    golden("incident-closed", closed_case).await;
}
