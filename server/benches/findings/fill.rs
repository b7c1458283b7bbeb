//! Open findings, written past all rules, in the form that the console reads.

use countersign_aws::MAX_CHANGES;
use countersign_aws::{Aws, InventorySettings, Process, Settings};
use domain::finding::{Disagreement, Evidence};
use domain::ledger::{Action, Body, Object, Who};
use domain::{Finding, FindingKind, Timestamp};

/// What they are, in turn.
const KINDS: [FindingKind; 4] = [
    FindingKind::UnauthorizedIssuance,
    FindingKind::UnrecordedIssuance,
    FindingKind::SubjectDiffers,
    FindingKind::DatesDiffer,
];
/// When the first was seen, in seconds since 1970; the others follow second by second.
const FIRST: i64 = 1_790_000_000;
const RUN: &str = "0192f0c1-2345-7abc-8def-0123456789ab";

/// Writes the findings with the numbers from `from` to `to`.
pub async fn fill(arguments: &[&str]) {
    let [region, console, inventory, authority, from, to] = arguments else {
        panic!("usage: fill REGION CONSOLE INVENTORY AUTHORITY FROM TO")
    };
    let aws = Aws::load(Settings {
        region: (*region).to_owned(),
        process: Process::Worker { executor_profile: None },
        console_table: (*console).to_owned(),
        inventory: InventorySettings { table: (*inventory).to_owned(), attributes: Default::default() },
    })
    .await;
    let numbers: Vec<u32> = (from.parse().unwrap()..to.parse().unwrap()).collect();
    for some in numbers.chunks(MAX_CHANGES) {
        let save =
            |number: &u32| aws.save_finding(&finding(authority, *number), None, seen(*number)).unwrap();
        let body = Body::new(
            seen(some[0]),
            Who::System { part: "benchmark".to_owned() },
            Action::FindingsRecorded,
            Object::Session,
        );
        aws.commit(some.iter().map(save).collect(), &body).await.unwrap();
    }
}

/// The finding with this number; the same each time.
pub fn finding(authority: &str, number: u32) -> Finding {
    let kind = KINDS[number as usize % KINDS.len()];
    // Spread as a CA's serial numbers are.
    let spread = (u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 << 60;
    let serial = format!("{spread:016x}{number:016x}").parse().unwrap();
    let authority = authority.parse().unwrap();
    let disagreement = Disagreement { kind, authority, serial, evidence: Evidence::default() };
    Finding::opened(disagreement, RUN.parse().unwrap(), seen(number))
}

fn seen(number: u32) -> Timestamp {
    Timestamp::from_unix(FIRST + i64::from(number)).unwrap()
}
