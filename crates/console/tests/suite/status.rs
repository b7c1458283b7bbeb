//! What was revoked here is revoked everywhere at once, without another scan or run.

use domain::certificate::CertificateStatus::{self, Active, Expiring, Revoked};
use domain::revocation::{Mode, RequestState};
use domain::views::{CertificateQuery, Selection};
use domain::{Actor, InventoryItem};
use sandbox::until;

use crate::support::{Bench, authority, description, take, test};

/// The states under which the list has a certificate when it is asked for those of each.
async fn listed(bench: &Bench, actor: &Actor, certificate: &InventoryItem) -> Vec<CertificateStatus> {
    let mut states = Vec::new();
    for status in [Active, Expiring, Revoked] {
        let mut query = CertificateQuery::status(status);
        query.filter.extend(CertificateQuery::search(&certificate.serial.colons()).filter);
        let page = bench.console.certificates(actor, &query).await.unwrap();
        states.extend(page.lines.iter().map(|line| {
            assert_eq!(line.serial, certificate.serial);
            assert_eq!(line.revoked_at.is_some(), status == Revoked);
            status
        }));
    }
    states
}

/// Under one state, and not as revoked.
fn in_force(listed: &[CertificateStatus]) -> bool {
    matches!(listed, [Active | Expiring])
}

#[test]
fn what_was_revoked_here_is_listed_as_revoked_without_another_run() {
    test(async {
        let bench = Bench::new().await;
        let (certificates, rehearsed) = (take(1).await, take(1).await);
        bench.run().await;
        let actor = bench.operator().await;
        until("both are listed", async || {
            let first = listed(&bench, &actor, &certificates[0]).await;
            (in_force(&first) && in_force(&listed(&bench, &actor, &rehearsed[0]).await)).then_some(())
        })
        .await;
        let done = [RequestState::Executed];
        let rehearsing = Bench::with(|parts| parts.settings.mode = Mode::Drill).await;
        let drill = rehearsing.approved(&rehearsed).await;
        rehearsing.work().await;
        rehearsing.until(&drill.id, &done).await;

        // Executed by a worker, listed by another process.
        let request = bench.approved(&certificates).await;
        bench.work().await;
        bench.until(&request.id, &done).await;
        until("it is listed as revoked", async || {
            (listed(&bench, &actor, &certificates[0]).await == [Revoked]).then_some(())
        })
        .await;
        // The drill came first, so that this has seen it.
        assert!(in_force(&listed(&bench, &actor, &rehearsed[0]).await));

        let id = authority(description().await).id();
        let both = Selection::Serials(vec![certificates[0].serial, rehearsed[0].serial]);
        let run = bench.console.dry_run(&actor, &id, &both).await.unwrap();
        assert_eq!(run.revocable().count(), 1, "{run:?}");
    });
}
