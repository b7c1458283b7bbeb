//! The store refuses exactly the marks that the rule refuses: the model of the protocol is checked with the rule.

use countersign_aws::{Aws, Error, Lease, Taking, Thing};
use domain::Serial;
use domain::revocation::{ItemProgress, ItemState, Mark, NotMarked, Request, RequestState, Stored};

use crate::bench::Bench;
use crate::fixture::{create_request, now, request, serial};

/// A lease with the fencing number 2, which is held still or taken over.
async fn lease(aws: &Aws, name: &str, taken_over: bool) -> (Lease, (String, u64)) {
    let take = async |holder: &str, silent: Option<&countersign_aws::Held>| match aws
        .acquire_lease(name, holder, silent)
        .await
        .unwrap()
    {
        Taking::Taken(lease) => lease,
        Taking::Held(held) => panic!("{held:?}"),
    };
    let first = take("worker", None).await;
    aws.release_lease(&first).await.unwrap();
    let lease = take("worker", None).await;
    if taken_over {
        let held = aws.lease_holder(name).await.unwrap().unwrap();
        take("another", Some(&held)).await;
    }
    let held = aws.lease_holder(name).await.unwrap().unwrap();
    (lease, (held.holder, held.fence))
}

fn item(serial: Serial, item: ItemState) -> ItemProgress {
    ItemProgress { item, ..ItemProgress::waiting(serial) }
}

#[tokio::test]
async fn the_store_marks_what_the_rule_lets_mark() {
    let bench = Bench::new().await;
    let aws = bench.worker();
    let calling = ItemState::Calling { since: now() };
    let revoked = ItemState::Revoked { at: now(), before: false };
    let failed = ItemState::Failed { at: now(), error: "refused".to_owned(), unsure: None };
    let stored_items = [
        None,
        Some((&calling, 1)),
        Some((&calling, 2)),
        Some((&calling, 3)),
        Some((&revoked, 2)),
        Some((&failed, 1)),
    ];
    let leases = [lease(&aws, "held", false).await, lease(&aws, "lost", true).await];
    let (mut number, mut marked) = (0, 0);
    for state in [
        RequestState::Pending,
        RequestState::Approved,
        RequestState::Executing,
        RequestState::Halted,
        RequestState::Executed,
    ] {
        let (stored, targets) = request(1, 1);
        let stored = Request { state, ..stored };
        create_request(&bench.web(), &stored, &targets).await.unwrap();
        let other = Request { hash: "0".repeat(64).parse().unwrap(), ..stored.clone() };
        for (believed, (lease, holds)) in
            [&stored, &other].into_iter().flat_map(|one| leases.iter().map(move |lease| (one, lease)))
        {
            for before in [&ItemState::Waiting, &calling, &failed] {
                for there in stored_items {
                    number += 1;
                    let serial = serial(number);
                    if let Some((state, fence)) = there {
                        let writer = Lease { fence, ..lease.clone() };
                        aws.save_items(&stored.id, &[item(serial, state.clone())], &writer).await.unwrap();
                    }
                    let mark = Mark { lease: (&lease.holder, lease.fence), hash: &believed.hash, before };
                    let rule = mark.on(Stored {
                        lease: (&holds.0, holds.1),
                        state,
                        hash: &stored.hash,
                        item: there,
                    });
                    let done =
                        aws.mark(believed, &[(item(serial, calling.clone()), before.clone())], lease).await;
                    let done = done.map_err(|error| match error {
                        Error::Conflict { what: Thing::Lease, .. } => NotMarked::Lease,
                        Error::Conflict { what: Thing::Request, .. } => NotMarked::Request,
                        Error::Conflict { what: Thing::ExecutionItem, .. } => NotMarked::Item,
                        error => panic!("{error}"),
                    });
                    assert_eq!(done, rule, "{mark:?} on {there:?} in {state:?}");
                    marked += usize::from(done.is_ok());
                }
            }
        }
    }
    assert!(marked > 0 && marked < number);
}
