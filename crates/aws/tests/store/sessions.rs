//! Sessions: an ended one stays ended. People: their last known roles.

use countersign_aws::sessions::StoredSession;
use countersign_aws::{Error, Thing};
use domain::{Actor, PersonId, Role};

use crate::bench::{Bench, CONSOLE};
use crate::fixture::{actor, later, now};

fn person(name: &str) -> PersonId {
    PersonId::new("https://idp.example", name).unwrap()
}

fn session(data: &str, person: Option<PersonId>, sid: Option<&str>) -> StoredSession {
    let sid = sid.map(str::to_owned);
    StoredSession { data: data.to_owned(), expires_at: later(3600), begun_at: None, person, sid }
}

#[tokio::test]
async fn a_session_that_was_ended_cannot_be_saved_again() {
    let bench = Bench::new().await;
    let aws = bench.web();
    let first = session("1", Some(person("operator")), Some("sid-1"));
    aws.create_session("secret", &first).await.unwrap();
    let taken = aws.create_session("secret", &first).await;
    assert!(matches!(taken, Err(Error::Conflict { what: Thing::Session, .. })));
    assert_eq!(aws.session("secret", now()).await.unwrap(), Some(first.clone()));
    let second = StoredSession { data: "2".to_owned(), ..first };
    aws.save_session("secret", &second).await.unwrap();
    assert_eq!(aws.session("secret", now()).await.unwrap(), Some(second.clone()));

    aws.delete_session("secret").await.unwrap();
    let slow = aws.save_session("secret", &second).await;
    assert!(matches!(slow, Err(Error::Conflict { what: Thing::Session, .. })));
    assert_eq!(aws.session("secret", now()).await.unwrap(), None);
    aws.delete_session("secret").await.unwrap();
}

#[tokio::test]
async fn a_session_ends_at_its_second_though_the_item_is_still_there() {
    let bench = Bench::new().await;
    let aws = bench.web();
    aws.create_session("secret", &session("", None, None)).await.unwrap();
    assert!(aws.session("secret", later(3599)).await.unwrap().is_some());
    assert_eq!(aws.session("secret", later(3600)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_once_is_had_by_one() {
    let bench = Bench::new().await;
    let attempt = session("state and nonce", None, None);
    bench.web().create_session("login", &attempt).await.unwrap();
    let takers = (0..10).map(|_| {
        let aws = bench.web();
        tokio::spawn(async move { aws.take_session("login", now()).await.unwrap() })
    });
    let taken: Vec<_> =
        futures::future::join_all(takers).await.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(taken, std::slice::from_ref(&attempt));
    bench.web().create_session("login", &attempt).await.unwrap();
    assert_eq!(bench.web().take_session("login", later(3600)).await.unwrap(), None, "too late");
}

#[tokio::test]
async fn all_sessions_of_a_person_or_of_a_provider_session_end_together() {
    let bench = Bench::new().await;
    let aws = bench.web();
    for (id, name, sid) in [("a", "one", "s1"), ("b", "one", "s2"), ("c", "two", "s2")] {
        aws.create_session(id, &session(id, Some(person(name)), Some(sid))).await.unwrap();
    }
    let alive = async || {
        let mut alive = Vec::new();
        for id in ["a", "b", "c"] {
            alive.extend(aws.session(id, now()).await.unwrap().map(|_| id));
        }
        alive
    };
    assert_eq!(aws.delete_sessions_of(&person("nobody")).await.unwrap(), 0);
    assert_eq!(aws.delete_sessions_of_sid("s1").await.unwrap(), 1);
    assert_eq!(alive().await, ["b", "c"]);
    assert_eq!(aws.delete_sessions_of_sid("s2").await.unwrap(), 2);
    assert_eq!(alive().await, Vec::<&str>::new());
    aws.create_session("d", &session("d", Some(person("one")), None)).await.unwrap();
    assert!(aws.delete_sessions_of(&person("one")).await.unwrap() >= 1);
    assert_eq!(aws.session("d", now()).await.unwrap(), None);
}

#[tokio::test]
async fn the_table_never_holds_the_id_of_a_session() {
    let bench = Bench::new().await;
    let aws = bench.web();
    aws.create_session("very-secret", &session("", Some(person("one")), Some("sid"))).await.unwrap();
    let items = bench.raw.scan().table_name(CONSOLE).send().await.unwrap();
    assert_eq!(items.count, 3);
    assert!(!format!("{:?}", items.items()).contains("very-secret"));
}

#[tokio::test]
async fn the_newest_roles_of_a_person_count() {
    let bench = Bench::new().await;
    let aws = bench.web();
    let operator = actor("one", Role::Operator);
    let demoted = Actor { roles: [Role::Auditor].into(), ..operator.clone() };
    aws.remember_person(&operator, now()).await.unwrap();
    aws.remember_person(&demoted, later(10)).await.unwrap();
    aws.remember_person(&operator, later(5)).await.unwrap();
    let roles = aws.roles_of(&[person("one"), person("nobody")].into()).await.unwrap();
    assert_eq!(roles, [(person("one"), demoted.roles)].into());
    let approver = Actor { groups: vec!["security".to_owned()], ..actor("two", Role::Approver) };
    aws.remember_person(&approver, later(20)).await.unwrap();
    let seen = aws.people_seen(10).await.unwrap();
    let names: Vec<_> = seen.iter().map(|actor| (&*actor.person.name, actor.signed_in_at)).collect();
    assert_eq!(names, [("two", later(20)), ("one", later(10))]);
    assert_eq!(seen[0].groups, ["security"]);
}
