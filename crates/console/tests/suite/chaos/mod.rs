//! Workers that are killed, frozen, robbed of their leases and lied to by their clocks, at a CA that fails, refuses, does and
//! does not say so; and afterwards every certificate is accounted for. `COUNTERSIGN_CHAOS_SEED` repeats what was drawn; how
//! processes run side by side it cannot.

mod accounts;
mod scene;
mod unrest;

use std::time::Duration;

use console::{Clock, Parts};

use crate::support::test_within;
use scene::Scene;
pub use scene::tally;
use tokio::time::Instant;

const SEED: &str = "COUNTERSIGN_CHAOS_SEED";

/// How much of it.
struct Size {
    targets: usize,
    kills: usize,
    freezes: usize,
    robberies: usize,
    halts: usize,
    /// Calls a second.
    rate: u32,
    /// Of a thousand calls, none of which is answered after it is done: each is waited for for a minute.
    unanswered: u32,
    within: Duration,
}

#[test]
fn attack_38_a_chaos_revokes_each_certificate_once() {
    let size = Size {
        targets: 200,
        kills: 6,
        freezes: 1,
        robberies: 1,
        halts: 1,
        rate: 50,
        unanswered: 0,
        within: Duration::from_secs(280),
    };
    chaos(&size);
}

#[test]
#[ignore = "takes half an hour: cargo xtask test chaos"]
fn whole() {
    let size = Size {
        targets: 10_000,
        kills: 200,
        freezes: 12,
        robberies: 12,
        halts: 2,
        rate: 100,
        unanswered: 1,
        within: Duration::from_secs(40 * 60),
    };
    chaos(&size);
}

fn chaos(size: &Size) {
    let seed = std::env::var(SEED).ok().map_or_else(rand::random, |seed| seed.parse().unwrap());
    eprintln!("chaos of seed {seed}: {} targets, {} kills", size.targets, size.kills);
    test_within(size.within, async {
        let begun = Instant::now();
        let mut scene = Scene::set(size, seed).await;
        eprintln!("all is there after {:.0?}", begun.elapsed());
        scene.unrest(size).await;
        eprintln!("the unrest is over after {:.0?}", begun.elapsed());
        scene.accounts().await;
        eprintln!("everything is accounted for after {:.0?}", begun.elapsed());
    });
}

/// What all processes of it are configured with.
pub fn configure(parts: &mut Parts, rate: u32) {
    parts.revocation.rate = rate;
    parts.revocation.crl_interval = Duration::from_secs(2);
    parts.reconcile.rescan = Duration::from_secs(3600);
    // To a clock that is days ahead they still wait.
    parts.settings.policy.request_expiry = Duration::from_secs(30 * 24 * 3600);
}

/// A clock a day ahead that goes on in jumps.
pub fn jumping() -> Clock {
    let clock = Clock::standing_at(Clock::system().now().plus(Duration::from_secs(24 * 3600)));
    let jumps = clock.clone();
    tokio::spawn(async move {
        loop {
            // time passes: badly.
            tokio::time::sleep(Duration::from_secs(1)).await;
            jumps.advance(Duration::from_secs(300));
        }
    });
    clock
}
