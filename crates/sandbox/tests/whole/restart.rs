//! What a restart keeps, and what it does not do twice.

use std::time::Duration;

use sandbox::{Options, Sandbox, Trouble, until};

use crate::support::{Directory, inventory, reports, small};

#[tokio::test]
async fn a_restart_keeps_everything_and_plants_nothing_again() {
    let directory = Directory::new();
    let first = Sandbox::start(small(&directory)).await.unwrap();
    let before = first.description().clone();
    let (reported, recorded) = (reports(&before).await, inventory(&before).await);
    let announcement = directory.path().join("data/sandbox.json");
    assert_eq!(
        serde_json::from_slice::<sandbox::Description>(&std::fs::read(&announcement).unwrap()).unwrap(),
        before
    );
    first.shutdown().await;
    assert!(!announcement.exists(), "nothing says that a stopped sandbox is ready");

    let second = Sandbox::start(small(&directory)).await.unwrap();
    assert_eq!(second.description(), &before, "same ports, keys, authorities and planted serials");
    assert_eq!(inventory(&before).await, recorded);
    assert_eq!(reports(&before).await.len(), reported.len());
    second.shutdown().await;
}

#[tokio::test]
async fn provisioning_goes_on_after_a_restart_with_devices_that_nobody_had() {
    let directory = Directory::new();
    let busy = || Options { new_devices_per_minute: 600, ..small(&directory) };
    let mut seen = 0;
    for _ in 0..2 {
        let sandbox = Sandbox::start(busy()).await.unwrap();
        let description = sandbox.description().clone();
        let start = inventory(&description).await.len();
        assert!(start >= seen);
        until("three devices more", async || {
            (inventory(&description).await.len() >= start + 3).then_some(())
        })
        .await;
        sandbox.shutdown().await;
        seen = start + 3;
    }
    // Every certificate is recorded except those that were planted: the last device was served to its end.
    let sandbox = Sandbox::start(small(&directory)).await.unwrap();
    let description = sandbox.description();
    let (reported, recorded) = (reports(description).await, inventory(description).await);
    let unrecorded = reported.keys().filter(|serial| !recorded.contains_key(*serial)).count();
    let planted = description.planted_detail.iter().filter(|planted| {
        matches!(planted.trouble, Trouble::RogueIssuer | Trouble::LostWrite | Trouble::LogEdited)
    });
    assert_eq!(unrecorded, planted.count());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn reset_begins_anew_and_other_peoples_directories_are_left_alone() {
    let directory = Directory::new();
    let first = Sandbox::start(small(&directory)).await.unwrap();
    let authorities = first.description().authorities.clone();
    first.shutdown().await;
    let again = Sandbox::start(Options { reset: true, ..small(&directory) }).await.unwrap();
    assert_ne!(again.description().authorities, authorities);
    again.shutdown().await;

    let foreign = Directory::new();
    let precious = foreign.path().join("data/thesis.txt");
    std::fs::create_dir(foreign.path().join("data")).unwrap();
    std::fs::write(&precious, "all of it").unwrap();
    for reset in [false, true] {
        let refused = Sandbox::start(Options { reset, ..small(&foreign) }).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("not a sandbox's")));
    }
    assert!(precious.exists());
}

#[tokio::test]
async fn half_a_fleet_is_begun_again() {
    let directory = Directory::new();
    let interrupted =
        tokio::time::timeout(Duration::from_millis(400), Sandbox::start(small(&directory))).await;
    assert!(interrupted.is_err(), "it was ready too soon for this test");
    // The endpoints of the dropped one close as soon as they notice.
    let again = async || Sandbox::start(small(&directory)).await.ok();
    let sandbox = until("a sandbox on the ports of the one before", again).await;
    let description = sandbox.description();
    let (reported, recorded) = (reports(description).await, inventory(description).await);
    let unrecorded = reported.keys().filter(|serial| !recorded.contains_key(*serial)).count();
    let planted = description.planted_detail.iter().filter(|planted| {
        matches!(planted.trouble, Trouble::RogueIssuer | Trouble::LostWrite | Trouble::LogEdited)
    });
    assert_eq!(unrecorded, planted.count());
    sandbox.shutdown().await;
}
