//! Requests of two authorities that are made in one go, and decided by one sign-in.

use aws_sdk_acmpca::types::CrlType;
use console::{AuthoritySettings, Error, Parts};
use domain::ledger::Action;
use domain::revocation::{
    BreakGlass, Proof, Request, RequestId, RequestState, Signs, Target, TargetHash, Verdict,
};
use domain::views::{Narrowed, Proposed, RequestDetail, RequestForm, Requested, Selection, Shown, Step};
use domain::{Actor, InventoryItem, Role, Serial, views};

use crate::own::{Own, crl};
use crate::proofs::{forged_as_approved, forged_decision, is_refused, text};
use crate::request::form;
use crate::signed::{decide, proof, proof_of};
use crate::support::{Bench, description, raw_dynamodb, says, take, target, test, was_revoked};

/// A console of two authorities, and a certificate of each.
struct Two {
    bench: Bench,
    own: Own,
    certificate: InventoryItem,
    serial: Serial,
    operator: Actor,
}

impl Two {
    async fn new(change: impl FnOnce(&mut Parts, &Own)) -> Self {
        let own = Own::new(Some(crl(CrlType::Complete).await), false).await;
        let serial = own.issue().await;
        let report_bucket = description().await.buckets.reports.clone();
        let bench = Bench::with(|parts| {
            let authority = views::Authority { arn: own.arn.clone(), name: "own".to_owned() };
            parts.authorities.push(AuthoritySettings { authority, report_bucket, known_cas: Vec::new() });
            change(parts, &own);
        })
        .await;
        let certificate = take(1).await.remove(0);
        bench.run().await;
        bench.run_of(&own.arn.id()).await;
        let operator = bench.operator().await;
        Self { bench, own, certificate, serial, operator }
    }

    /// Both certificates.
    fn both(&self) -> Selection {
        let first = (self.certificate.authority.id(), vec![self.certificate.serial]);
        Selection::Named([first, (self.own.arn.id(), vec![self.serial])].into())
    }

    async fn proposed(&self) -> Proposed {
        let both = self.both();
        let plan = self.bench.console.plan(&self.operator, None, Some(&both), None, Default::default());
        match plan.await.unwrap().step {
            Step::Proposed(proposed) => proposed,
            step => panic!("{step:?}"),
        }
    }

    fn form(&self, shown: Shown) -> RequestForm {
        RequestForm { authority: None, of: self.both(), shown, ..form(&self.own.arn.id(), &[]) }
    }

    /// What the operator has asked for, as the form shows it: that of the sandbox's authority first.
    async fn asked(&self) -> [Request; 2] {
        let form = self.form(self.proposed().await.shown());
        match self.bench.console.request_revocation(&self.operator, form).await.unwrap() {
            Requested::Made(requests) => self.sorted(requests),
            Requested::ToSign(unsigned) => {
                let proof = proof_of(&self.operator, &Signs::Request(unsigned.clone()));
                self.bench.console.request_signed(&self.operator, *unsigned, &proof).await.unwrap();
                self.sorted(self.bench.aws.requests(None, None, 10).await.unwrap())
            }
        }
    }

    fn sorted(&self, mut requests: Vec<Request>) -> [Request; 2] {
        requests.sort_by_key(|request| request.authority == self.own.arn);
        requests.try_into().unwrap()
    }

    async fn page(&self, actor: &Actor, request: &Request) -> RequestDetail {
        self.bench.console.request(actor, &request.id, Narrowed::default()).await.unwrap()
    }

    /// What an approver says to what this hash is of.
    async fn says(
        &self,
        approver: &Actor,
        request: &Request,
        seen: &TargetHash,
        count: &str,
    ) -> Result<Request, Error> {
        let form = views::DecisionForm { count: Some(count.to_owned()), ..says(Verdict::Approve, seen) };
        decide(&self.bench.console, approver, &request.id, form).await
    }

    async fn are_revoked(&self, requests: &[Request]) {
        self.bench.work().await;
        for request in requests {
            self.bench.until(&request.id, &[RequestState::Executed]).await;
        }
        assert!(was_revoked(&self.certificate).await);
    }
}

#[test]
fn one_form_and_one_sign_in_revoke_at_two_authorities() {
    test(async {
        let two = Two::new(|_, _| ()).await;
        let proposed = two.proposed().await;
        assert_eq!((proposed.proposals.len(), proposed.refused.len(), proposed.shown().count), (2, 0, 2));
        // Only one of the two was shown.
        let half = two.form(Shown::of([two.serial]));
        let refused = two.bench.console.request_revocation(&two.operator, half).await;
        assert!(
            matches!(&refused, Err(Error::Conflict(why)) if why.contains("It was 1 certificate, now it is 2")),
            "{refused:?}"
        );
        assert_eq!(two.bench.aws.requests(None, None, 10).await.unwrap(), []);

        let [first, other] = two.asked().await;
        assert!(first.made_with(&other) && first.authority != other.authority);
        for (request, with) in [(&first, &other), (&other, &first)] {
            let told = two.bench.told(&request.id).await;
            assert_eq!((told.len(), told[0].action), (1, Action::RevocationRequested));
            assert_eq!(told[0].detail["together_with"], with.id.to_string());
        }
        let approver = two.bench.approver().await;
        let page = two.page(&approver, &first).await;
        assert_eq!((page.cannot_decide.as_ref(), page.certificates()), (None, 2));
        let [made_with] = &page.together[..] else { panic!("{:?}", page.together) };
        assert_eq!((&made_with.request.id, made_with.authority.name.as_str()), (&other.id, "own"));
        assert_eq!(made_with.dry_run.as_ref().unwrap().revocable, 1);
        // Nobody decides on what they have not seen, or counted.
        for seen in [&first.hash, &other.hash] {
            let blind = two.says(&approver, &first, seen, "2").await;
            assert!(matches!(&blind, Err(Error::Conflict(why)) if why.contains("What you saw")), "{blind:?}");
        }
        let miscounted = two.says(&approver, &first, &page.seen, "1").await;
        assert!(matches!(miscounted, Err(Error::Invalid { field: "count", .. })), "{miscounted:?}");
        let own = two.page(&two.operator, &other).await;
        assert!(own.cannot_decide.is_some());

        // It does not matter on whose page.
        let decided = two.says(&approver, &other, &page.seen, "2").await.unwrap();
        assert_eq!((&decided.id, decided.state), (&other.id, RequestState::Approved));
        for (request, with) in [(&first, &other), (&other, &first)] {
            let request = two.bench.request(&request.id).await;
            assert_eq!(
                (request.state, request.decisions[0].hash.clone()),
                (RequestState::Approved, request.hash)
            );
            let told = two.bench.told(&request.id).await;
            let told: Vec<_> = told.iter().filter(|body| body.action == Action::RevocationApproved).collect();
            assert_eq!((told.len(), told[0].detail["together_with"].as_str()), (1, with.id.as_str()));
            let evidence = two.bench.console.evidence(&approver, &request.id, None).await.unwrap();
            assert_eq!(evidence.decisions[0].proof.together.len(), 2);
        }
        two.are_revoked(&[first, other]).await;
    });
}

#[test]
fn who_asks_for_several_signs_once_where_policy_says_so() {
    test(async {
        let two = Two::new(|parts, _| parts.settings.policy.request_sign_in = true).await;
        let requests = two.asked().await;
        let approver = two.bench.approver().await;
        let seen = two.page(&approver, &requests[0]).await.seen;
        two.says(&approver, &requests[0], &seen, "2").await.unwrap();
        two.are_revoked(&requests).await;
    });
}

#[test]
fn who_breaks_the_glass_executes_at_all_of_them() {
    test(async {
        let groups = vec!["security".to_owned()];
        let mut two = Two::new(|parts, _| {
            parts.settings.policy.break_glass = Some(BreakGlass { groups: groups.clone() })
        })
        .await;
        two.operator = two.bench.sign_in("breaker", &[Role::Operator, Role::Approver]).await;
        two.operator.groups = groups;
        let why = Some("Nobody else can be reached, and the key is in use".to_owned());
        let form = RequestForm { alone: why, ..two.form(two.proposed().await.shown()) };
        let made = two.bench.console.request_revocation(&two.operator, form).await.unwrap();
        let Requested::Made(requests) = made else { panic!("{made:?}") };
        let seen = two.page(&two.operator, &requests[0]).await.seen;
        two.says(&two.operator, &requests[0], &seen, "2").await.unwrap();
        two.are_revoked(&requests).await;
    });
}

/// One of two is called off while somebody signs in to approve both: what they were shown holds no more.
#[test]
fn what_is_called_off_meanwhile_is_told_and_nothing_is_decided() {
    test(async {
        let two = Two::new(|_, _| ()).await;
        let [first, other] = two.asked().await;
        let approver = two.bench.approver().await;
        let seen = two.page(&approver, &first).await.seen;
        let form = views::DecisionForm { count: Some("2".to_owned()), ..says(Verdict::Approve, &seen) };
        let intent = two.bench.console.intend(&approver, &first.id, form).await.unwrap();
        two.bench.console.cancel_request(&two.operator, &other.id).await.unwrap();
        let signed = proof(&approver, &intent);
        let refused = two.bench.console.decide(&approver, intent, &signed).await;
        let why = "Of the request of own that was made with it: The request is no longer waiting";
        assert!(matches!(&refused, Err(Error::Conflict(text)) if text.starts_with(why)), "{refused:?}");
        assert_eq!(two.bench.request(&first.id).await, first);
        // The one that is left is decided alone.
        let page = two.page(&approver, &first).await;
        assert_eq!((page.certificates(), &page.seen), (1, &first.hash));
        assert!(page.together[0].dry_run.is_none());
        let decided = two.says(&approver, &first, &page.seen, "1").await.unwrap();
        assert_eq!(decided.state, RequestState::Approved);
        assert_eq!(two.bench.request(&other.id).await.state, RequestState::Cancelled);
    });
}

#[test]
fn an_authority_that_refuses_is_told_of_and_blocks_no_other() {
    test(async {
        let two = Two::new(|parts, own| parts.settings.policy.excluded = vec![own.arn.clone()]).await;
        let proposed = two.proposed().await;
        let [(authority, 1, why)] = &proposed.refused[..] else { panic!("{proposed:?}") };
        assert!(authority.name == "own" && why.starts_with("Policy excludes"), "{why}");
        let made = two.bench.console.request_revocation(&two.operator, two.form(proposed.shown())).await;
        let Ok(Requested::Made(requests)) = made else { panic!("{made:?}") };
        let [request] = &requests[..] else { panic!("{requests:?}") };
        assert!(request.together.is_empty() && request.authority == two.certificate.authority);
    });
}

/// What somebody writes who has taken the token of a decision on two: the same under a third request, whose row says that it was
/// among them.
#[test]
fn attack_a_decision_on_two_revokes_nothing_that_was_not_among_them() {
    test(async {
        let bench = Bench::new().await;
        let (targets, certificates) = (take(1).await, take(1).await);
        let outside = bench.pending(&certificates).await;
        let ids: [RequestId; 2] = [(); 2].map(|()| uuid::Uuid::now_v7().to_string().parse().unwrap());
        let targets: Vec<Target> = targets.iter().map(target).collect();
        let mut pair = Vec::new();
        for (own, other) in [(0, 1), (1, 0)] {
            let (id, together) = (ids[own].clone(), vec![ids[other].clone()]);
            let mut request = Request { id, together, ..outside.clone() };
            request.hash = request.hash_of(&targets);
            pair.push(bench.stored(request, &targets).await);
        }
        let approver = bench.approver().await;
        let form = views::DecisionForm {
            count: Some("2".to_owned()),
            ..says(Verdict::Approve, &Request::seen(&pair))
        };
        let intent = bench.console.intend(&approver, &ids[0], form).await.unwrap();
        forged_as_approved(&bench, &outside, std::slice::from_ref(&approver)).await;
        let honest = proof(&approver, &intent);
        let together = [&honest.together[..], std::slice::from_ref(&outside.hash)].concat();
        let forged = Proof { together, ..honest };
        let decision = forged_decision(&outside, &approver, bench.parts.clock.now());
        let row = raw_dynamodb(description().await).put_item().table_name(&bench.table);
        let row =
            row.item("pk", text(&format!("REQUEST#{}", outside.id))).item("sk", text("DECISION#forged"));
        let row = row.item("body", text(&serde_json::to_string(&decision).unwrap()));
        row.item("proof", text(&serde_json::to_string(&forged).unwrap())).send().await.unwrap();
        is_refused(&bench, &outside, "was not made for this decision").await;
        assert!(!was_revoked(&certificates[0]).await);
    });
}
