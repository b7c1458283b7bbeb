//! Asking: the dry run first, and then exactly what it showed (attacks 24 and 32 in part).

use console::{Console, Error};
use domain::dry_run::Obstacle;
use domain::finding::Subject;
use domain::ledger::Action;
use domain::revocation::{MAX_TARGETS, QuorumRule, RequestState};
use domain::views::{
    CertificateQuery, Narrowed, Property, Proposal, Proposed, RequestForm, Selection, Shown, Step, Token,
};
use domain::{Actor, AuthorityId, FindingId, FindingKind, RevocationReason, Role, Serial};

use crate::signed::ask;
use crate::support::{Bench, administrator, authority, description, planted_as, take, test};

pub fn form(authority: &AuthorityId, serials: &[Serial]) -> RequestForm {
    RequestForm {
        authority: Some(authority.clone()),
        of: Selection::Serials(serials.to_vec()),
        shown: Shown::of(serials.iter().copied()),
        reason: RevocationReason::KeyCompromise,
        justification: "The key was found in a public repository".to_owned(),
        ticket: Some(" OPS-17 ".to_owned()),
        finding: None,
        incident: None,
        drill: false,
        alone: None,
    }
}

/// The request of one authority that can be made.
pub async fn proposal(
    console: &Console,
    actor: &Actor,
    authority: &AuthorityId,
    of: &Selection,
) -> Result<Proposal, Error> {
    let plan = console.plan(actor, Some(authority), Some(of), None, Default::default()).await?;
    let Step::Proposed(mut proposed) = plan.step else { panic!("{plan:?}") };
    Ok(proposed.proposals.remove(0))
}

#[test]
fn nothing_is_requested_before_the_records_are_read() {
    test(async {
        let bench = Bench::new().await;
        let item = take(1).await.remove(0);
        let operator = bench.operator().await;
        // Nothing keeps its records.
        let console = Console::new(&bench.parts);
        let answer = ask(&console, &operator, form(&item.authority.id(), &[item.serial]));
        assert!(matches!(answer.await, Err(Error::Conflict(_))));
    });
}

#[test]
fn a_request_is_exactly_what_was_shown() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(3).await;
        bench.run().await;
        let operator = bench.operator().await;
        let (id, arn) = (certificates[0].authority.id(), &certificates[0].authority);
        let unknown: Serial = "0badc0de".parse().unwrap();
        administrator()
            .await
            .revoke_certificate(arn, certificates[2].serial, RevocationReason::Superseded)
            .await
            .unwrap();
        bench.run().await;

        let serials = [certificates[0].serial, certificates[1].serial, certificates[2].serial, unknown];
        let all = Selection::Serials(serials.to_vec());
        let dry_run = bench.console.dry_run(&operator, &id, &all).await.unwrap();
        let obstacles: Vec<_> = dry_run.lines.iter().map(|line| line.obstacle).collect();
        assert_eq!(obstacles, [None, None, Some(Obstacle::AlreadyRevoked), Some(Obstacle::Unknown)]);
        let before = bench.entries().await.len();
        match ask(&bench.console, &operator, form(&id, &serials)).await {
            Err(Error::Conflict(message)) => {
                assert!(message.contains("It was 4 certificates, now it is 2 certificates."), "{message}");
                assert!(message.contains(&certificates[2].serial.colons()), "{message}");
                assert!(message.contains("0b:ad:c0:de is unknown"), "{message}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(bench.entries().await.len(), before, "nothing was written");

        let twice = [serials[0], serials[1], serials[0]];
        let request = ask(&bench.console, &operator, form(&id, &twice)).await.unwrap();
        assert_eq!((request.state, request.target_count), (RequestState::Pending, 2));
        assert_eq!(request.requester, operator.person);
        assert_eq!(request.ticket.as_deref(), Some("OPS-17"));
        let view = bench.console.request(&operator, &request.id, Narrowed::default()).await.unwrap();
        assert_eq!(view.targets.len(), 2);
        let targets: Vec<_> = view.targets.into_iter().map(|line| line.target).collect();
        assert!(targets.iter().all(|target| target.fingerprint.is_some() && target.device.is_some()));
        assert_eq!(view.dry_run.revocable, 2);
        assert_eq!(view.cannot_cancel, None);
        assert_eq!(bench.count(&request.id, Action::RevocationRequested).await, 1);
        // The form, posted again.
        let again = ask(&bench.console, &operator, form(&id, &serials[1..2])).await;
        assert!(
            matches!(&again, Err(Error::Conflict(why)) if why.contains("waiting for approval")),
            "{again:?}"
        );
    });
}

#[test]
fn all_that_match_are_requested_but_for_what_cannot_be_and_only_as_shown() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let (id, arn, device) =
            (certificates[0].authority.id(), &certificates[0].authority, certificates[0].device.clone());
        bench.run().await;
        let operator = bench.operator().await;
        let device = Token::parse(Property::Device, device.as_str()).unwrap();
        let matching = Selection::Matching(CertificateQuery::of(device.test));
        let shown = proposal(&bench.console, &operator, &id, &matching).await.unwrap();
        assert_eq!(shown.shown, Shown::of([certificates[0].serial]));
        assert_eq!(shown.single, Some(certificates[0].serial));
        let plan =
            bench.console.plan(&operator, None, Some(&matching), None, Default::default()).await.unwrap();
        let Step::Proposed(proposed) = &plan.step else { panic!("{plan:?}") };
        assert_eq!(proposed.shown(), shown.shown, "the only authority is found");
        // Another list was shown than the one that matches now.
        let form = |of: &Selection, shown: Shown| RequestForm { of: of.clone(), shown, ..form(&id, &[]) };
        let other = Shown::of(["0badc0de".parse().unwrap()]);
        match ask(&bench.console, &operator, form(&matching, other)).await {
            Err(Error::Conflict(why)) => assert!(why.contains("now it is as many others"), "{why}"),
            refused => panic!("{refused:?}"),
        }
        let request = ask(&bench.console, &operator, form(&matching, shown.shown.clone())).await.unwrap();
        assert_eq!((request.target_count, request.first_target.serial), (1, certificates[0].serial));
        // What cannot be revoked any more is left out and counted, and no longer what was shown.
        administrator()
            .await
            .revoke_certificate(arn, certificates[0].serial, RevocationReason::Superseded)
            .await
            .unwrap();
        bench.run().await;
        let again = proposal(&bench.console, &operator, &id, &matching).await.unwrap();
        assert_eq!(again.dry_run.refused, [(Obstacle::AlreadyRevoked, 1)]);
        assert_eq!(again.shown.count, 0);
        let late = ask(&bench.console, &operator, form(&matching, shown.shown)).await;
        assert!(
            matches!(&late, Err(Error::Conflict(why)) if why.contains("now it is 0 certificates")),
            "{late:?}"
        );

        let nothing = CertificateQuery::search("no such");
        let plan = bench
            .console
            .plan(&operator, None, Some(&Selection::Matching(nothing)), None, Default::default())
            .await;
        assert_eq!(plan.unwrap().step, Step::Proposed(Proposed::default()));
    });
}

#[test]
fn a_list_is_kept_and_goes_on_without_what_cannot_be_read_only_when_told() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(2).await;
        let (id, arn) = (certificates[0].authority.id(), &certificates[0].authority);
        bench.run().await;
        let operator = bench.operator().await;
        let text = format!(
            "device,certificateArn\nx,{arn}/certificate/{}\ny,nothing\nz,{}\n",
            certificates[0].serial,
            certificates[1].serial.colons()
        );
        let list = bench.console.keep_list(&operator, &id, text.as_bytes()).await.unwrap();
        let of = |despite_unread| Selection::List { id: list.clone(), despite_unread };
        let plan = bench
            .console
            .plan(&operator, Some(&id), Some(&of(false)), None, Default::default())
            .await
            .unwrap();
        let Step::Unread { unread, read: 2 } = plan.step else { panic!("{plan:?}") };
        assert_eq!((unread.count, unread.first[0].line, unread.first[0].text.as_str()), (1, 3, "nothing"));
        let both = Shown::of(certificates.iter().map(|item| item.serial));
        let form = |of, shown| RequestForm { of, shown, ..form(&id, &[]) };
        let refused = ask(&bench.console, &operator, form(of(false), both.clone())).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "serials", .. })), "{refused:?}");
        let shown = proposal(&bench.console, &operator, &id, &of(true)).await.unwrap();
        assert_eq!(shown.shown, both);
        let request = ask(&bench.console, &operator, form(of(true), both)).await.unwrap();
        assert_eq!(request.target_count, 2);

        let none = bench.console.keep_list(&operator, &id, b"\n").await;
        assert!(matches!(none, Err(Error::Invalid { field: "serials", .. })), "{none:?}");
        let approver = bench.approver().await;
        let refused = bench.console.keep_list(&approver, &id, b"0a").await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let unknown = Selection::List { id: "ab".repeat(32).parse().unwrap(), despite_unread: true };
        let gone = proposal(&bench.console, &operator, &id, &unknown).await;
        assert!(matches!(gone, Err(Error::NotFound("list"))), "{gone:?}");
    });
}

#[test]
fn what_the_form_says_about_itself_is_not_believed() {
    test(async {
        let bench = Bench::new().await;
        let item = take(1).await.remove(0);
        bench.run().await;
        let (operator, id) = (bench.operator().await, item.authority.id());
        let refused = async |form: RequestForm| match ask(&bench.console, &operator, form).await {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        let good = form(&id, &[item.serial]);
        assert_eq!(refused(form(&id, &[])).await, "serials");
        let many: Vec<Serial> =
            (1..=MAX_TARGETS + 1).map(|number| format!("{number:x}").parse().unwrap()).collect();
        assert_eq!(refused(form(&id, &many)).await, "serials");
        let text = |text: &str| text.to_owned();
        assert_eq!(
            refused(RequestForm { justification: text("why"), ..good.clone() }).await,
            "justification"
        );
        assert_eq!(refused(RequestForm { ticket: Some("T".repeat(101)), ..good.clone() }).await, "ticket");
        let finding = FindingId {
            kind: FindingKind::UnauthorizedIssuance,
            scope: id.clone().into(),
            subject: Subject::Certificate("0badc0de".parse().unwrap()),
        };
        assert_eq!(refused(RequestForm { finding: Some(finding), ..good.clone() }).await, "finding");
        let elsewhere = RequestForm { authority: Some("another".parse().unwrap()), ..good.clone() };
        let answer = ask(&bench.console, &operator, elsewhere).await;
        assert!(matches!(answer, Err(Error::NotFound("authority"))), "{answer:?}");
        let approver = bench.sign_in("approver", &[Role::Approver, Role::Auditor]).await;
        let answer = ask(&bench.console, &approver, good).await;
        assert!(matches!(answer, Err(Error::Forbidden(_))), "{answer:?}");
    });
}

#[test]
fn attack_44_what_was_asked_for_before_counts() {
    test(async {
        let rule = QuorumRule {
            from_targets: 3,
            within: Some(std::time::Duration::from_secs(3600)),
            approvals: 2,
            ..QuorumRule::default()
        };
        let bench = Bench::with(|parts| parts.settings.policy.quorum = vec![rule]).await;
        let certificates = take(4).await;
        bench.run().await;
        let (operator, id) = (bench.operator().await, certificates[0].authority.id());
        let ask = async |who: &Actor, at: usize, to: usize| {
            let serials: Vec<Serial> = certificates[at..to].iter().map(|item| item.serial).collect();
            let of = Selection::Serials(serials.clone());
            let shown = proposal(&bench.console, who, &id, &of).await.unwrap();
            let asked = ask(&bench.console, who, form(&id, &serials)).await.unwrap();
            let shown = shown.approvals.iter().find(|(reason, _)| *reason == asked.reason);
            assert_eq!(
                shown,
                Some(&(asked.reason, asked.approvals_needed)),
                "what was shown is what is needed"
            );
            asked
        };
        let first = ask(&operator, 0, 2).await;
        assert_eq!(first.approvals_needed, 1);
        let other = bench.sign_in("another operator", &[Role::Operator]).await;
        assert_eq!(ask(&other, 2, 3).await.approvals_needed, 1, "somebody else's do not count");
        bench.console.cancel_request(&operator, &first.id).await.unwrap();
        assert_eq!(ask(&operator, 0, 2).await.approvals_needed, 1, "what was called off does not count");
        assert_eq!(ask(&operator, 3, 4).await.approvals_needed, 2);
    });
}

#[test]
fn what_policy_excludes_is_refused_with_the_field() {
    test(async {
        let authority = authority(description().await);
        let excluded = vec![authority.clone()];
        let bench = Bench::with(|parts| parts.settings.policy.excluded = excluded).await;
        let serial = take(1).await.remove(0).serial;
        bench.run().await;
        let operator = bench.operator().await;
        let of = Selection::Serials(vec![serial]);
        let shown = proposal(&bench.console, &operator, &authority.id(), &of).await;
        assert!(matches!(shown, Err(Error::Invalid { field: "authority", .. })), "{shown:?}");
        let asked = ask(&bench.console, &operator, form(&authority.id(), &[serial])).await;
        assert!(matches!(asked, Err(Error::Invalid { field: "authority", .. })), "{asked:?}");
    });
}

#[test]
fn what_was_done_under_an_older_policy_stays_countersigned() {
    test(async {
        let mut bench = Bench::new().await;
        let certificates = take(1).await;
        bench.run().await;
        let request = bench.approved(&certificates).await;
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
        let stricter = QuorumRule { from_targets: 1, approvals: 2, ..QuorumRule::default() };
        bench.parts.settings.policy.quorum = vec![stricter];
        bench.run().await;
        let finding = FindingId {
            kind: FindingKind::RevocationNotCountersigned,
            scope: (&request.authority).into(),
            subject: Subject::Certificate(certificates[0].serial),
        };
        assert_eq!(bench.aws.findings(&[finding]).await.unwrap(), []);
    });
}

#[test]
fn from_a_rogue_certificate_to_its_proof_and_the_closing_of_the_finding() {
    test(async {
        let bench = Bench::new().await;
        let (operator, authority) = (bench.operator().await, authority(description().await));
        let serial = planted_as("rogue_issuer").await.remove(0);
        bench.run().await;
        let id = FindingId {
            kind: FindingKind::UnauthorizedIssuance,
            scope: (&authority).into(),
            subject: Subject::Certificate(serial),
        };
        assert_eq!(bench.aws.finding(&id).await.unwrap().state.name().name(), "open");

        let form = RequestForm { finding: Some(id.clone()), ..form(&authority.id(), &[serial]) };
        let request = ask(&bench.console, &operator, form).await.unwrap();
        let noted = bench.aws.finding(&id).await.unwrap();
        assert_eq!((noted.state.name().name(), noted.version), ("open", 2));
        bench.approve(&request, "approver").await;
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
        assert_eq!(bench.aws.finding(&id).await.unwrap().state.name().name(), "resolved");
        let told = bench.told(&request.id).await;
        let revoked = told.iter().find(|body| body.action == Action::CertificateRevoked).unwrap();
        assert_eq!(revoked.detail["findings_resolved"], "unauthorized_issuance");

        bench.run().await;
        let proven = bench.until(&request.id, &[RequestState::Proven]).await;
        assert_eq!((proven.unproven, proven.proven_at.is_some()), (0, true));
        assert_eq!(bench.aws.finding(&id).await.unwrap().state.name().name(), "closed");
        let of = Selection::Serials(vec![serial]);
        let again = bench.console.dry_run(&operator, &authority.id(), &of).await.unwrap();
        assert_eq!(again.lines[0].obstacle, Some(Obstacle::AlreadyRevoked));
    });
}
