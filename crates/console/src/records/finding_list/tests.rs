//! Which findings a query means, through SQLite.

use domain::views::Days;

use super::*;
use crate::records::findings::{TABLES, WRITE};

fn asked(query: FindingQuery) -> AskedFindings {
    AskedFindings { query, by: "idp|me".parse().unwrap(), now: Timestamp::from_unix(1000).unwrap() }
}

fn found(connection: &Connection, query: FindingQuery) -> Vec<String> {
    let asked = asked(query);
    let (from, filter) = asked.narrowed();
    let select = format!("SELECT id {from} ORDER BY {}", asked.order());
    let mut statement = connection.prepare(&select).unwrap();
    let rows = statement.query_map(params_from_iter(&filter.values), |row| row.get(0)).unwrap();
    let ids: Vec<String> = rows.map(Result::unwrap).collect();
    let counted: u64 = asked.groups(connection).unwrap().iter().map(|group| group.number).sum();
    let (mut pieces, mut place): (Vec<String>, _) = (Vec::new(), None);
    loop {
        let (piece, next) = asked.piece::<String>(connection, place, 2).unwrap();
        pieces.extend(piece);
        place = next;
        if place.is_none() {
            break;
        }
    }
    assert_eq!(pieces, ids, "in pieces, nothing twice, nothing missing");
    assert_eq!(counted, u64::try_from(ids.len()).unwrap());
    ids
}

#[test]
fn what_is_mine_or_overdue_and_when_it_was_issued() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(TABLES).unwrap();
    let write = |id: &str, severity: u8, owner: Option<&str>, due: Option<i64>, issued: Option<i64>| {
        let state = if owner.is_some() { "acknowledged" } else { "open" };
        let (kind, none) = (if severity == 1 { "rogue_issuer" } else { "duplicate" }, Value::Null);
        let row =
            (id, "a", kind, severity, state, 1, 0, 1, &none, &none, &none, &none, owner, due, issued, &none);
        connection.execute(WRITE, row).unwrap();
    };
    write("mine", 3, Some("idp|me"), None, Some(30));
    write("late", 3, Some("idp|me"), Some(999), Some(20));
    write("in time", 1, Some("idp|me"), Some(1000), None);
    write("hers", 1, Some("idp|she"), Some(5), Some(40));
    write("open", 1, None, None, Some(10));
    let all = FindingQuery::default();
    let mine = FindingQuery { mine: true, ..all.clone() };
    assert_eq!(found(&connection, mine.clone()), ["in time", "late", "mine"]);
    let overdue = FindingQuery { overdue: true, ..all.clone() };
    assert_eq!(found(&connection, overdue.clone()), ["hers", "late"]);
    assert_eq!(found(&connection, FindingQuery { overdue: true, ..mine.clone() }), ["late"]);
    let newest = FindingQuery { sort: FindingSort::IssuedLast, ..all.clone() };
    assert_eq!(found(&connection, newest.clone()), ["hers", "mine", "late", "open", "in time"]);
    let oldest = FindingQuery { sort: FindingSort::IssuedFirst, ..all.clone() };
    assert_eq!(found(&connection, oldest.clone()), ["open", "late", "mine", "hers", "in time"]);
    let critical = FindingQuery { severity: Some(domain::Severity::Critical), ..newest.clone() };
    assert_eq!(found(&connection, critical), ["hers", "open", "in time"]);
    assert_eq!(found(&connection, FindingQuery { sort: newest.sort, ..mine.clone() })[0], "mine");
    let dismissed = FindingQuery { state: FindingStates::Is(FindingStateName::Dismissed), ..mine.clone() };
    assert!(asked(dismissed).is_empty());
    assert_eq!(found(&connection, FindingQuery { state: FindingStates::Any, ..mine }).len(), 3);
    let any = FindingQuery { state: FindingStates::Any, ..all };
    assert_eq!(found(&connection, any.clone()).len(), 5);
    let ended = Days { from: Some(Timestamp::EPOCH), to: None };
    let ended = FindingQuery { ended, ..any.clone() };
    // 100,000 open findings are neither sorted nor looked up one by one.
    for query in [newest, oldest, overdue, any, ended] {
        let asked = asked(query);
        let (from, filter) = asked.narrowed();
        let plan = format!("EXPLAIN QUERY PLAN SELECT id {from} ORDER BY {}", asked.order());
        let mut plan = connection.prepare(&plan).unwrap();
        let plan = plan.query_map(params_from_iter(&filter.values), |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = plan.map(Result::unwrap).collect();
        assert!(plan.iter().all(|step| step.contains("COVERING")), "{plan:?}");
    }
}

#[test]
fn pages_follow_each_other_whichever_end_they_are_looked_for_from() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(TABLES).unwrap();
    for number in 0..180 {
        let (id, none, first) = (format!("{number:03}"), Value::Null, number % 7);
        let issued = (number % 3 > 0).then_some(number % 5);
        let row = (
            id,
            "a",
            "duplicate",
            3,
            "open",
            1,
            first,
            1,
            &none,
            &none,
            &none,
            &none,
            &none,
            &none,
            issued,
            &none,
        );
        connection.execute(WRITE, row).unwrap();
    }
    for sort in [FindingSort::Worst, FindingSort::IssuedLast, FindingSort::IssuedFirst] {
        let query = |page| FindingQuery { sort, page, ..FindingQuery::default() };
        let page = |number| asked(query(number)).page::<String>(&connection).unwrap();
        let pages: Vec<String> = (0..4).flat_map(|number| page(number).0).collect();
        assert_eq!(pages, found(&connection, query(0)));
        assert_eq!(page(3).0.len(), 30);
        assert_eq!(page(4), (Vec::new(), 180), "behind the last");
    }
}

#[test]
fn when_it_was_first_seen_and_how_it_ended() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(TABLES).unwrap();
    let day = |day: i64| 86_400 * day;
    let write = |id: &str, state: &str, first: i64, ended: Option<i64>, by: Option<&str>| {
        let (waits, none) = (i64::from(ended.is_none()), Value::Null);
        let by = by.map(|by| format!(r#"{{"id":"idp|{by}","name":"Called so then"}}"#));
        let row = (
            id,
            "a",
            "duplicate",
            3,
            state,
            waits,
            first,
            1,
            &none,
            ended,
            &none,
            &none,
            &none,
            &none,
            &none,
            by,
        );
        connection.execute(WRITE, row).unwrap();
    };
    write("waits", "open", day(3), None, None);
    write("begin", "closed", day(3), Some(day(5)), None);
    write("end", "resolved", day(5) - 1, Some(day(6) - 1), None);
    write("ada", "dismissed", day(5), Some(day(5) + 5), Some("ada"));
    write("eve", "dismissed", day(2), Some(day(6)), Some("eve"));
    let moment = |at: i64| Some(Timestamp::from_unix(day(at)).unwrap());
    let any = FindingQuery { state: FindingStates::Any, ..FindingQuery::default() };
    let opened = |from, to| Days { from: moment(from), to: moment(to) };
    let found = |query| {
        let mut found = found(&connection, query);
        found.sort();
        found
    };
    assert_eq!(found(FindingQuery { opened: opened(3, 4), ..any.clone() }), ["begin", "end", "waits"]);
    assert_eq!(found(FindingQuery { opened: opened(5, 5), ..any.clone() }), ["ada"]);
    assert_eq!(
        found(FindingQuery { opened: opened(3, 4), ..FindingQuery::default() }),
        ["waits"],
        "of those that wait"
    );
    let ended = FindingQuery { ended: opened(5, 5), ..any.clone() };
    assert_eq!(found(ended.clone()), ["ada", "begin", "end"]);
    let settled = FindingQuery { state: FindingStates::Settled, ..ended.clone() };
    assert_eq!(found(settled), ["begin", "end"]);
    let long = FindingQuery { open_for: Some(OpenFor::AWeek), ..ended.clone() };
    assert_eq!(found(long), ["begin", "end"]);
    let by = FindingQuery { ended_by: Some("idp|ada".parse().unwrap()), ..ended };
    assert_eq!(found(by.clone()), ["ada"]);
    assert_eq!(found(FindingQuery { sort: FindingSort::IssuedLast, ..by }), ["ada"]);
    let open_ended = FindingQuery { ended: Days { from: moment(6), to: None }, ..any };
    assert_eq!(found(open_ended), ["eve"]);
}
