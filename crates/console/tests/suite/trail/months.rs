//! Older months come in when somebody asks.

use std::os::unix::process::ExitStatusExt;

use console::Error;
use domain::trail::Proof;
use domain::{Role, Timestamp};

use super::signer::{Signer, record};
use super::{bench, minutes};
use crate::child;
use crate::support::{description, test};

#[test]
fn a_month_is_read_and_verified_once_even_if_the_console_dies() {
    test(async {
        let mut signer = Signer::new().await;
        let start: Timestamp = "2026-03-31T20:00:00Z".parse().unwrap();
        let mut files = Vec::new();
        for number in 0..30_u64 {
            let at = minutes(start, number);
            files.push(signer.log(minutes(at, 1), &[record(&format!("old-{number}"), at)]).await);
        }
        signer.delete(&files[7].key).await;
        signer.digest(start, minutes(start, 60), &files).await;
        // The last one of the month ends in the next one.
        signer.quiet([60, 120, 180].map(|later| minutes(start, later))).await;
        let bench = bench(&signer, |_| ()).await;
        let stop = bench.work().await;
        bench.passes().await;
        let viewer = bench.sign_in("viewer", &[Role::Auditor]).await;
        let operator = bench.operator().await;
        let view = bench.coverage().await;
        assert_eq!((view.older_months, view.trails[0].problems_total), (vec!["2026-03".to_owned()], 0));
        assert!(view.cannot_load.is_some());
        let refused = bench.console.load_month(&viewer, "2026-03").await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        for wrong in ["2026-02", "", "x", "2999-01"] {
            let refused = bench.console.load_month(&operator, wrong).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{wrong}: {refused:?}");
        }
        bench.stop().await;
        stop.await.unwrap();

        bench.console.load_month(&operator, "2026-03").await.unwrap();
        let again = bench.console.load_month(&operator, "2026-03").await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let description = signer.description(description().await);
        let mut dying = child::start_reading(&bench, &description, &signer.bucket, "after-month-progress");
        assert_eq!(dying.wait().await.unwrap().signal(), Some(6));

        bench.work().await;
        let load = sandbox::until("the month", async || {
            Some(bench.coverage().await.loads.remove(0)).filter(|load| load.finished)
        })
        .await;
        assert_eq!((load.done, load.total, load.failure), (29, 29, None));
        let mut events = bench.events().await;
        events.sort();
        events.dedup();
        assert_eq!(events.len(), 29);
        assert_eq!(bench.heads().await.len(), 29);
        let state = bench.state().await;
        assert_eq!(state.coverage.at(minutes(start, 7)), Some(Proof::Missing));
        assert_eq!(state.coverage.at(minutes(start, 230)), Some(Proof::Proven));
        assert_eq!((state.problems.len(), state.bad_files.len()), (1, 0), "{:?}", state.problems);
        assert_eq!(bench.coverage().await.older_months, Vec::<String>::new());
    });
}
