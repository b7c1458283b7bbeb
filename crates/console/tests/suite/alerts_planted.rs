//! Alerts from the sandbox's own trail: what was planted in it, and nothing else.

use std::collections::BTreeSet;

use console::AuthoritySettings;
use domain::{Timestamp, views};
use futures::TryStreamExt;

use crate::alerts::configure;
use crate::support::{Bench, description, test};

/// All that the sandbox hides and no other trouble; certificates of which no event is left are a run's to find.
#[test]
fn the_sandboxs_trail_raises_what_was_planted_and_nothing_else() {
    test(async {
        let description = description().await;
        let bench = Bench::with(|parts| {
            configure(parts, &description.buckets.trail);
            let trail = parts.trail.as_mut().unwrap();
            trail.prefix = description.trail_prefix.clone();
            trail.accounts = vec![description.account.clone()];
            trail.regions = vec![description.region.clone()];
            parts.authorities = description
                .authorities
                .iter()
                .map(|authority| AuthoritySettings {
                    authority: views::Authority {
                        arn: authority.arn.parse().unwrap(),
                        name: authority.name.clone(),
                    },
                    report_bucket: description.buckets.reports.clone(),
                    known_cas: Vec::new(),
                })
                .collect();
        });
        let bench = bench.await;
        bench.another_works().await;
        let named = |kind: &str| -> BTreeSet<String> {
            let subjects = description.planted.get(kind).into_iter().flatten();
            subjects.map(|subject| format!("{kind} {subject}")).collect()
        };
        let kinds =
            ["unauthorized_issuance", "rogue_issuer", "issuance_denied", "trail_altered", "trail_stopped"];
        let edited: BTreeSet<String> = description
            .planted_detail
            .iter()
            .filter(|planted| serde_json::to_value(planted.trouble).unwrap() == "log_edited")
            .map(|planted| format!("unauthorized_issuance {}", planted.serial))
            .collect();
        let expected: BTreeSet<String> =
            kinds.into_iter().flat_map(named).filter(|one| !edited.contains(one)).collect();
        let found = sandbox::until(&format!("{expected:?}"), async || {
            let written = bench.aws.findings_written_since(Timestamp::EPOCH);
            let written: Vec<_> = written.try_collect().await.unwrap();
            let found: BTreeSet<String> = written
                .iter()
                .map(|one| &one.finding.id)
                .map(|id| format!("{} {}", id.kind, id.subject))
                .collect();
            expected.is_subset(&found).then_some(found)
        })
        .await;
        assert_eq!(found, expected);
    });
}
