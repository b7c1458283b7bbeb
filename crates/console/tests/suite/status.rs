//! What was revoked here, or stands on a CRL, is revoked everywhere at once, without another scan or run.

use std::time::Duration;

use aws_sdk_acmpca::types::CrlType;
use domain::certificate::CertificateStatus::{self, Active, Expiring, Revoked};
use domain::revocation::{Mode, RequestState};
use domain::views::{CertificateQuery, CertificateView, RestsOn, Selection};
use domain::{Actor, RevocationReason, Serial};
use sandbox::until;

use crate::own::{Own, crl};
use crate::support::{Bench, authority, description, take, test};

/// The states under which the list has a certificate when it is asked for those of each.
async fn listed(bench: &Bench, actor: &Actor, serial: Serial) -> Vec<CertificateStatus> {
    let mut states = Vec::new();
    for status in [Active, Expiring, Revoked] {
        let mut query = CertificateQuery::status(status);
        query.filter.extend(CertificateQuery::search(&serial.colons()).filter);
        let page = bench.console.certificates(actor, &query).await.unwrap();
        states.extend(page.lines.iter().map(|line| {
            assert_eq!(line.serial, serial);
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
        let (first, second) = (certificates[0].serial, rehearsed[0].serial);
        bench.run().await;
        let actor = bench.operator().await;
        until("both are listed", async || {
            let both = [listed(&bench, &actor, first).await, listed(&bench, &actor, second).await];
            both.iter().all(|states| in_force(states)).then_some(())
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
            (listed(&bench, &actor, first).await == [Revoked]).then_some(())
        })
        .await;
        // The drill came first, so that this has seen it.
        assert!(in_force(&listed(&bench, &actor, second).await));

        let id = authority(description().await).id();
        let both = Selection::Serials(vec![first, second]);
        let run = bench.console.dry_run(&actor, &id, &both).await.unwrap();
        assert_eq!(run.revocable().count(), 1, "{run:?}");
    });
}

/// A console that has a report of the authority, in which the certificate is in force.
async fn reported(own: &Own, serial: Serial) -> (Bench, Actor) {
    let bench = own.bench(Duration::from_secs(3600)).await;
    bench.run_of(&own.arn.id()).await;
    let actor = bench.operator().await;
    assert!(in_force(&listed(&bench, &actor, serial).await));
    (bench, actor)
}

async fn page(bench: &Bench, actor: &Actor, own: &Own, serial: Serial) -> CertificateView {
    bench.console.certificate(actor, &own.arn.id(), serial).await.unwrap()
}

async fn until_listed_as_revoked(bench: &Bench, actor: &Actor, serial: Serial) {
    let revoked = async || (listed(bench, actor, serial).await == [Revoked]).then_some(());
    until("it is listed as revoked", revoked).await;
}

async fn only_the_crl_says_so(kind: CrlType) {
    let own = Own::new(Some(crl(kind).await), false).await;
    let (serial, other) = (own.issue().await, own.issue().await);
    let (bench, actor) = reported(&own, serial).await;
    own.revoke(serial).await;
    until_listed_as_revoked(&bench, &actor, serial).await;
    let view = page(&bench, &actor, &own, serial).await;
    let revoked = view.revoked.unwrap();
    let RestsOn::Crl { made, reason } = revoked.rests_on else { panic!("{revoked:?}") };
    assert_eq!((view.status, reason), (Revoked, Some(RevocationReason::Superseded)));
    assert!(made >= revoked.at && view.crls.newest >= Some(made) && view.crls.problem.is_none(), "{view:?}");
    let listed_at = bench.console.certificates(&actor, &CertificateQuery::search(&serial.colons())).await;
    assert_eq!(listed_at.unwrap().lines[0].revoked_at, Some(revoked.at));
    let both = Selection::Serials(vec![serial, other]);
    let run = bench.console.dry_run(&actor, &own.arn.id(), &both).await.unwrap();
    assert_eq!(run.revocable().count(), 1, "{run:?}");

    // A later report, in the same words, is the CA's word as well.
    bench.run_of(&own.arn.id()).await;
    assert_eq!(page(&bench, &actor, &own, serial).await.revoked.unwrap().rests_on, RestsOn::Report);
    assert!(in_force(&listed(&bench, &actor, other).await));
}

#[test]
fn what_only_a_crl_says_is_revoked_is_listed_as_revoked() {
    test(only_the_crl_says_so(CrlType::Complete));
}

#[test]
fn what_only_a_partition_says_is_revoked_is_listed_as_revoked() {
    test(only_the_crl_says_so(CrlType::Partitioned));
}

#[test]
fn a_crl_that_does_not_count_changes_nothing_and_is_said() {
    test(async {
        let own = Own::new(Some(crl(CrlType::Complete).await), false).await;
        let (first, second) = (own.issue().await, own.issue().await);
        let (bench, actor) = reported(&own, first).await;
        own.revoke(first).await;
        until_listed_as_revoked(&bench, &actor, first).await;
        let read = page(&bench, &actor, &own, first).await.crls.newest;
        own.trouble(r#"{"crl": "other_key"}"#).await;
        own.revoke(second).await;
        for (trouble, why) in [
            (r#"{"crl": "other_key"}"#, "the CRL's signature is not the CA's"),
            (r#"{"crl": "other_point"}"#, "it is the one of"),
        ] {
            own.trouble(trouble).await;
            own.revoke_another().await;
            let said = async || {
                let crls = page(&bench, &actor, &own, second).await.crls;
                crls.problem.filter(|problem| problem.contains(why)).map(|_| crls.newest)
            };
            assert_eq!(until(why, said).await, read, "of the last that counts");
            let list = bench.console.certificates(&actor, &CertificateQuery::default()).await.unwrap();
            assert!(list.problem.is_some_and(|problem| problem.contains(why)));
            assert_eq!(listed(&bench, &actor, first).await, [Revoked], "what was read before stays");
            assert!(in_force(&listed(&bench, &actor, second).await));
        }
        own.trouble("{}").await;
        own.revoke_another().await;
        until_listed_as_revoked(&bench, &actor, second).await;
        assert_eq!(page(&bench, &actor, &own, second).await.crls.problem, None);
    });
}
