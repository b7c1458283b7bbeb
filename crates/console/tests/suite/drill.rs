//! Drills: all but the call, and nobody makes a revocation of one.

use aws_sdk_dynamodb::types::AttributeValue;
use console::Error;
use domain::finding::Subject;
use domain::ledger::Action;
use domain::revocation::{ItemState, Mode, Request, RequestState};
use domain::views::{Narrowed, RequestForm, Selection, Shown};
use domain::{FindingId, FindingKind, Serial};
use futures::TryStreamExt;

use crate::request::form;
use crate::signed::ask;
use crate::support::{
    Bench, authority, description, in_inventory, planted_as, raw_dynamodb, take, test, was_revoked,
};

const ENDED: [RequestState; 3] =
    [RequestState::Executed, RequestState::PartlyFailed, RequestState::Cancelled];

/// Of these certificates, asked for by the operator.
async fn drill(bench: &Bench, serials: &[Serial], finding: Option<FindingId>) -> Result<Request, Error> {
    let id = authority(description().await).id();
    let form = RequestForm { drill: true, finding, ..form(&id, serials) };
    ask(&bench.console, &bench.operator().await, form).await
}

#[test]
fn a_drill_goes_all_the_way_and_nothing_is_marked() {
    test(async {
        let bench = Bench::new().await;
        let certificate = take(1).await.remove(0);
        let (serial, planted) = (certificate.serial, planted_as("wrong_expiry").await.remove(0));
        let arn = authority(description().await);
        bench.run().await;
        let finding =
            |kind, serial| FindingId { kind, scope: (&arn).into(), subject: Subject::Certificate(serial) };
        let from = finding(FindingKind::DatesDiffer, planted);
        let before = bench.aws.finding(&from).await.unwrap();

        let request = drill(&bench, &[serial, planted], Some(from.clone())).await.unwrap();
        assert_eq!((request.mode, request.is_drill()), (Mode::Drill, true));
        let again = drill(&bench, &[serial], None).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "posted twice: {again:?}");
        // An incident does not wait for a drill, and asks for no more approvals because of it.
        let real = RequestForm {
            of: Selection::Serials(vec![serial]),
            shown: Shown::of([serial]),
            ..form(&arn.id(), &[])
        };
        let real = ask(&bench.console, &bench.operator().await, real).await.unwrap();
        assert_eq!(real.mode, Mode::Live);
        bench.console.cancel_request(&bench.operator().await, &real.id).await.unwrap();

        bench.approve(&request, "approver").await;
        bench.work().await;
        let done = bench.until(&request.id, &ENDED).await;
        assert_eq!((done.state, done.unproven), (RequestState::Executed, 0));
        let items = bench.execution(&request.id).await.items;
        assert!(items.iter().all(|item| matches!(item.item, ItemState::Rehearsed { .. })), "{items:?}");
        assert_eq!(bench.count(&request.id, Action::CertificateRevoked).await, 0);
        assert_eq!(in_inventory(&bench, &certificate).await.revoked_at, None);
        assert_eq!(bench.aws.finding(&from).await.unwrap(), before, "the finding knows nothing of it");

        // Its report, on its page and in the file.
        let approver = bench.approver().await;
        let page = bench.console.request(&approver, &request.id, Narrowed::default()).await.unwrap();
        let report = page.drill.unwrap();
        let steps: Vec<&str> = report.steps.iter().map(|step| step.what.as_str()).collect();
        let all = [
            "Finding opened",
            "Requested by operator",
            "Approved by approver",
            "First certificate played",
            "Last certificate played",
            "Done",
        ];
        assert_eq!(steps, all);
        assert_eq!(report.steps[0].at, before.first_seen);
        assert_eq!(report.steps[2].waited, "operator waited for approver");
        let file = bench.console.evidence(&approver, &request.id, None).await.unwrap();
        assert_eq!((file.is_whole(), file.drill), (Ok(()), Some(report)));

        // Whoever revokes it elsewhere has nobody's agreement.
        assert!(!was_revoked(&certificate).await);
        bench.run().await;
        let outside = finding(FindingKind::RevocationNotCountersigned, serial);
        assert_eq!(bench.aws.finding(&outside).await.unwrap().state.name().name(), "open");
    });
}

/// Leaves the request's row as somebody does who writes the table.
pub async fn rewrite(bench: &Bench, request: &Request, change: impl FnOnce(&mut Request)) {
    let mut row = bench.request(&request.id).await;
    change(&mut row);
    let body = serde_json::to_string(&row).unwrap();
    raw_dynamodb(description().await)
        .update_item()
        .table_name(&bench.table)
        .key("pk", AttributeValue::S("REQUEST".to_owned()))
        .key("sk", AttributeValue::S(request.id.to_string()))
        .update_expression("SET body = :body")
        .condition_expression("attribute_exists(body)")
        .expression_attribute_values(":body", AttributeValue::S(body))
        .send()
        .await
        .unwrap();
}

#[test]
fn attack_no_row_makes_a_drill_a_revocation_or_the_other_way_round() {
    test(async {
        for (approved_as, turned) in [(Mode::Drill, Mode::Live), (Mode::Live, Mode::Drill)] {
            let bench = Bench::with(|parts| parts.settings.mode = approved_as).await;
            let certificate = take(1).await.remove(0);
            let request = bench.approved(std::slice::from_ref(&certificate)).await;
            rewrite(&bench, &request, |row| row.mode = turned).await;
            let parts = console::Parts { aws: bench.aws.clone(), ..bench.parts.clone() };
            let settings = domain::views::Settings { mode: Mode::Live, ..parts.settings.clone() };
            bench.work_with(console::Parts { settings, ..parts }).await;
            let ended = bench.until(&request.id, &ENDED).await;
            assert_eq!(ended.state, RequestState::Cancelled, "{approved_as:?}");
            assert!(ended.problem.unwrap().contains("not what was approved"));
            let open: Vec<_> =
                bench.aws.findings_not_closed(&request.authority.id()).try_collect().await.unwrap();
            let kinds: Vec<_> = open.iter().map(|finding| finding.id.kind).collect();
            assert_eq!(kinds, [FindingKind::DecisionNotProven]);
            let item = bench.execution(&request.id).await.items.remove(0);
            assert_eq!(item.item, ItemState::Waiting);
            assert!(!was_revoked(&certificate).await);
        }
    });
}
