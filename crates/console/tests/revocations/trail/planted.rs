//! The sandbox's own trail: what was done to it is found, and nothing else.

use std::collections::BTreeSet;

use domain::trail::Proof;

use super::settings;
use crate::endpoints::aws;
use crate::support::{Bench, description, test};

#[test]
fn what_was_done_to_the_trail_of_the_sandbox_is_found_and_nothing_else() {
    test(async {
        let description = description().await;
        let bench = Bench::with(|parts| {
            parts.trail = Some(settings(&description.buckets.trail, &description.trail_prefix));
            parts.trail.as_mut().unwrap().history = std::time::Duration::from_secs(34 * 86_400);
        })
        .await
        .on(|table| aws(description, table));
        let work = bench.work(&bench.console).await;
        bench.until_files(20).await;
        bench.passes().await;
        bench.stop().await;
        work.await.unwrap();
        let state = bench.state().await;
        let wrong = state.problems.iter().filter(|problem| problem.proof != Proof::Unproven);
        let found: BTreeSet<String> =
            wrong.filter_map(|problem| Some(problem.finding.as_ref()?.to_string())).collect();
        assert!(found.iter().any(|id| id.starts_with("trail_altered.")), "{:?}", state.problems);
        assert_eq!(found.iter().filter(|id| id.starts_with("trail_stopped.")).count(), 1, "{found:?}");
        for kind in ["trail_altered", "trail_stopped"] {
            let Some(planted) = description.planted.get(kind) else { continue };
            let scope = format!("{kind}.{}-{}.", description.account, description.region);
            let hours: BTreeSet<&str> = found.iter().filter_map(|id| id.strip_prefix(&scope)).collect();
            assert_eq!(hours, planted.iter().map(String::as_str).collect(), "{kind}");
        }
    });
}
