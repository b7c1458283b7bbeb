//! A thief who has several certificates issued for one key: who revokes one of them is offered the others.

use std::collections::BTreeSet;
use std::time::Duration;

use console::Error;
use domain::trail::Event;
use domain::views::{CertificateQuery, RequestForm, Requested, Selection, Shown, Test};
use domain::{KeyHash, Serial};

use crate::attribution::{ROGUE, Trail, items};
use crate::request::{form, proposal};
use crate::support::test;

#[test]
fn others_of_the_same_key_are_offered_and_taken_in_and_silence_is_not_none() {
    test(async {
        let mut trail = Trail::new().await;
        let id = trail.arn.id();
        let all: Vec<Serial> = items(&trail).await.iter().map(|item| item.serial).collect();
        trail.bench.run_of(&id).await;
        let operator = trail.bench.operator().await;
        let of = |serials: &[Serial]| Selection::Serials(serials.to_vec());
        let whole = trail.bench.console.dry_run(&operator, &id, &of(&all)).await.unwrap();
        let good: Vec<Serial> = whole.revocable().map(|line| line.target.serial).collect();
        let gone = whole.refused().next().map(|(line, _)| line.target.serial);
        let [one, two, three, other, unknown, ..] = good[..] else { panic!("{}", good.len()) };
        let propose =
            async |of: &Selection| proposal(&trail.bench.console, &operator, &id, of).await.unwrap();
        let before = propose(&of(&[one])).await.dry_run;
        assert_eq!((before.keys_unknown, before.same_key), (1, 0), "no event yet");

        let at = trail.bench.parts.clock.now().minus(Duration::from_secs(3600));
        let key = KeyHash::of(b"the thief's");
        let issued = |serial, key| Event { key: Some(key), ..trail.issued(serial, at, ROGUE) };
        let mut events: Vec<Event> = [one, two, three].map(|serial| issued(serial, key)).into();
        events.extend(gone.map(|serial| issued(serial, key)));
        events.push(issued(other, KeyHash::of(b"another")));
        trail.file(&events).await;
        let propose =
            async |of: &Selection| proposal(&trail.bench.console, &operator, &id, of).await.unwrap();
        let chosen = of(&[one, unknown]);
        let offered = propose(&chosen).await.dry_run;
        assert_eq!((offered.keys_unknown, offered.same_key), (1, 2));
        let named: BTreeSet<Serial> = offered.same_key_first.iter().map(|one| one.serial).collect();
        assert_eq!(named, [two, three].into(), "what cannot be revoked is not offered");
        assert!(offered.same_key_first.iter().all(|one| one.key == key && one.device.is_some()));

        let more = chosen.clone().with_same_keys();
        let taken = propose(&more).await;
        assert_eq!(taken.shown, Shown::of([one, two, three, unknown]));
        assert_eq!((taken.dry_run.same_key, taken.dry_run.keys_unknown), (0, 1));
        let asked = |of: &Selection, shown: Shown| RequestForm { of: of.clone(), shown, ..form(&id, &[]) };
        let refused = trail.bench.console.request_revocation(&operator, asked(&chosen, taken.shown.clone()));
        assert!(matches!(refused.await, Err(Error::Conflict(_))), "without them it is another list");
        let request = trail.bench.console.request_revocation(&operator, asked(&more, taken.shown)).await;
        assert!(matches!(request.unwrap(), Requested::Made(made) if made[0].target_count == 4));

        let query = CertificateQuery::of(Test::Key(key));
        let listed = trail.bench.console.certificates(&operator, &query).await.unwrap();
        let listed: BTreeSet<Serial> = listed.lines.iter().map(|line| line.serial).collect();
        assert!(listed.is_superset(&[one, two, three].into()) && !listed.contains(&other), "{listed:?}");
        let page = trail.bench.console.certificate(&operator, &id, one).await.unwrap();
        assert_eq!(page.issuance.unwrap().key, Some(key));

        let cut_off = trail.bench.console.cut_off_by(&operator, Some(&id), &of(&good)).await.unwrap();
        let counted = propose(&of(&good)).await.dry_run.devices_cut_off;
        assert_eq!(u64::try_from(cut_off.len()).unwrap(), counted);
    });
}
