//! What is remembered stays small, whoever causes events.

use super::*;

#[test]
fn a_flood_of_refusals_does_not_grow_the_memory() {
    let mut memory = Memory::default();
    for n in 0..3000_i64 {
        let who = format!("{ROGUE}-{}", n % 300);
        rules().events(&part(), &[refuse(&format!("e{n}"), n, &who)], &mut memory, at(n));
    }
    let size = serde_json::to_string(&memory).unwrap().len();
    assert!(size < 200_000, "{size} bytes");
}

#[test]
fn fifty_callers_with_the_longest_names_are_remembered_in_one_item() {
    // Each text as long as a feed lets it be, of what takes the most bytes to store.
    let long =
        |n: i64, most: usize| String::from(Text::within(&format!("{n}{}", "\u{1}\"".repeat(2000)), most));
    let caller = |n: i64| Identity {
        principal: long(n, 1024),
        session: Some(long(n, 1024)),
        account: Some(long(n, 256)),
        access_key: Some(long(n, 256)),
        invoked_by: Some(long(n, 256)),
        ..Identity::unknown()
    };
    let mut memory = Memory::default();
    let mut events = Vec::new();
    for n in 0..50_i64 {
        let whole = |event: Event| Event {
            identity: caller(n),
            address: Some(long(n, 256)),
            user_agent: Some(long(n, 512)),
            ..event
        };
        events
            .extend((0..20).map(|call| whole(refuse(&format!("refused-{n}-{call}"), n * 20 + call, ROGUE))));
        events.push(whole(event(&format!("stop-{n}"), n, ROGUE, What::TrailChange)));
        let what = What::IssuanceDetails { issued: true, template: Some(long(n, 1024)), reason: None };
        let serial = Some(format!("{:x}", 0xaa_0000 + n).parse().unwrap());
        events.push(Event { serial, what, ..whole(details(&format!("details-{n}"), n, ROGUE, "0a")) });
    }
    let raised = rules().events(&part(), &events, &mut memory, at(2000));
    let size = stored_json(&memory);
    assert!((200_000..380_000).contains(&size), "{size} bytes");
    let alerts = raised.iter().filter(|raised| matches!(raised, Raised::Alert(_))).count();
    assert!(alerts >= 50, "{alerts} of the 50 callers");
    let overdue = rules().overdue(&mut memory, at(99_999)).len();
    let issued = raised.len() - alerts;
    assert_eq!(issued + overdue, 50, "nothing that waits is lost");
}

#[test]
fn a_flood_of_issuances_by_the_longest_names_does_not_grow_the_memory() {
    let mut memory = Memory::default();
    for n in 0..300_i64 {
        let who = format!("{ROGUE}-{}-{}", n % 60, "n".repeat(4000));
        rules().events(&part(), &[issue(&format!("e{n}"), n, &who, "0a")], &mut memory, at(n));
    }
    let size = serde_json::to_string(&memory).unwrap().len();
    assert!(size < 120_000, "{size} bytes");
}
