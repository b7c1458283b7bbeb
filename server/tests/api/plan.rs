//! What a request would do is said before it is made, and nothing is done by asking.

use domain::views::Shown;
use sandbox::Trouble;
use serde_json::json;

use crate::harness::{reconciled, shared};
use crate::verbs::{authority, troubled};

#[tokio::test]
async fn a_dry_run_says_what_can_be_revoked_and_what_cannot_and_why() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let one = |trouble| troubled(&shared().sandbox, &gateways, trouble).remove(0);
    let (good, revoked) = (one(Trouble::RevocationNotMade), one(Trouble::RevokedOutside));
    let entries = operator.ledger().await.len();
    let list = format!("serials:{revoked} dead {good}");
    let plan = operator.ask("/api/plan-revocation", &[("authority", &gateways), ("of", &list)]).await;
    let proposal = &plan["step"]["proposed"]["proposals"][0];
    assert_eq!(proposal["shown"], json!(Shown::of([good.parse().unwrap()])), "{plan}");
    assert_eq!(proposal["single"], json!(good));
    assert_eq!(proposal["dry_run"]["revocable"], 1);
    assert_eq!(proposal["dry_run"]["refused"], json!([["already_revoked", 1], ["unknown", 1]]));
    let obstacles = proposal["lines"].as_array().unwrap().iter().map(|line| &line["obstacle"]);
    assert_eq!(obstacles.filter(|obstacle| obstacle.is_null()).count(), 1, "{plan}");

    let empty = operator.ask("/api/plan-revocation", &[("authority", &gateways)]).await;
    assert_eq!(empty["step"], "nothing");
    let told = operator.ledger().await.split_off(entries);
    assert!(
        told.iter()
            .all(|entry| entry["action"] != "revocation_requested" || !entry.to_string().contains(&good)),
        "{told:?}"
    );
}
