//! The sandbox's own trail: what was done to it is found, and nothing else.

use std::collections::BTreeSet;

use domain::trail::{About, Proof};

use super::settings;
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
        .on(description)
        .await;
        let work = bench.work().await;
        bench.until_files(20).await;
        bench.passes().await;
        bench.stop().await;
        work.await.unwrap();
        let state = bench.state().await;
        let wrong = state.problems.iter().filter(|problem| problem.proof != Proof::Unproven);
        let (gaps, damaged): (Vec<_>, Vec<_>) = wrong.partition(|problem| problem.about == About::Gap);
        let hours: BTreeSet<String> =
            damaged.iter().map(|problem| problem.from.to_string().chars().take(13).collect()).collect();
        let planted = |kind: &str| description.planted[kind].clone();
        assert_eq!(hours, planted("trail_altered").into_iter().collect(), "{:?}", state.problems);
        assert_eq!(gaps.len(), planted("trail_stopped").len(), "{gaps:?}");
    });
}
