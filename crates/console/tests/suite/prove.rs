//! Proof: on a CRL with a good signature; overdue until it is.

use std::time::Duration;

use domain::ledger::Action;
use domain::revocation::RequestState;

use crate::support::{Bench, take, test};

#[test]
fn a_revocation_is_seen_on_the_crl() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.approved(&take(1).await).await;
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
        bench.until_on_crl(&request.id).await;
        assert_eq!(bench.count(&request.id, Action::SeenOnCrl).await, 1);
        assert_eq!(bench.request(&request.id).await.state, RequestState::Executed, "no report has it yet");
    });
}

#[test]
fn what_the_crl_does_not_show_in_time_is_overdue_until_it_does() {
    test(async {
        let bench = Bench::with(|parts| {
            parts.revocation.crl_deadline = Duration::ZERO;
            parts.revocation.crl_interval = Duration::from_millis(50);
        })
        .await;
        let request = bench.approved(&take(1).await).await;
        bench.work().await;
        bench.until_on_crl(&request.id).await;
        let seen = bench.until(&request.id, &[RequestState::Executed]).await;
        assert_eq!(seen.problem, None);
        let told = bench.told(&request.id).await;
        let place = |action| told.iter().position(|body| body.action == action).unwrap();
        let (overdue, seen) = (place(Action::RevocationOverdue), place(Action::SeenOnCrl));
        assert!(overdue < seen, "{told:?}");
        assert!(told[overdue].detail["why"].contains("CRL"), "{told:?}");
    });
}
