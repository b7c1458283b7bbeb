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
        bench.work(&bench.console).await;
        bench.until(&request.id, &[RequestState::Executed]).await;
        let started = tokio::time::Instant::now();
        while bench.execution(&request.id).await.items[0].crl_at.is_none() {
            assert!(started.elapsed() < Duration::from_secs(30));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
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
        bench.work(&bench.console).await;
        let overdue = bench.until(&request.id, &[RequestState::Overdue]).await;
        assert!(overdue.problem.is_some());
        let seen = bench.until(&request.id, &[RequestState::Executed]).await;
        assert_eq!(seen.problem, None);
        let told: Vec<Action> = bench.told(&request.id).await.iter().map(|body| body.action).collect();
        assert!(told.contains(&Action::RevocationOverdue) && told.contains(&Action::SeenOnCrl), "{told:?}");
    });
}
