//! Who had certificates issued without being allowed to, of the open findings: counted by caller as findings come and go, so that
//! however many one caller leaves, another is not hidden behind them.

use std::cmp::Reverse;

use domain::finding::FindingStateName;
use domain::views::{Alarm, Alarms, Caller, PAGE_SIZE};
use domain::{Finding, FindingId, Timestamp};
use rusqlite::types::{Type, Value};
use rusqlite::{Connection, Row};

use super::rows::{foreign, needed, parsed, rank};

/// `alarm` of a finding is its caller, as JSON, while it is open; `issued` is when the certificate was.
pub(super) const TABLES: &str = "
CREATE INDEX finding_alarm_newest ON finding (alarm, issued) WHERE alarm IS NOT NULL;
CREATE TABLE finding_alarm (alarm TEXT PRIMARY KEY, number INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX finding_alarm_last ON finding_alarm (last);
CREATE TRIGGER finding_alarm_new AFTER INSERT ON finding WHEN new.alarm IS NOT NULL BEGIN
    INSERT INTO finding_alarm VALUES (new.alarm, 1, new.issued)
        ON CONFLICT DO UPDATE SET number = number + 1, last = max(last, excluded.last);
END;
CREATE TRIGGER finding_alarm_moved AFTER UPDATE OF alarm ON finding WHEN old.alarm IS NOT new.alarm BEGIN
    UPDATE finding_alarm SET number = number - 1 WHERE alarm = old.alarm;
    DELETE FROM finding_alarm WHERE alarm = old.alarm AND number = 0;
    INSERT INTO finding_alarm SELECT new.alarm, 1, new.issued WHERE new.alarm IS NOT NULL
        ON CONFLICT DO UPDATE SET number = number + 1, last = max(last, excluded.last);
END;";

/// The columns `alarm` and `issued` of a finding.
pub(super) fn columns(finding: &Finding) -> [Value; 2] {
    let caller =
        Caller::of(finding).and_then(|(caller, at)| Some((serde_json::to_string(&caller).ok()?, at)));
    caller.map_or([Value::Null, Value::Null], |(caller, at)| [Value::Text(caller), Value::Integer(at.unix())])
}

/// Those with the newest certificates, and how many there are; and the newest of the other alarms, a page of each kind.
pub(super) fn alarms(connection: &Connection) -> Result<Alarms, rusqlite::Error> {
    let all = "SELECT total(number), count(*) FROM finding_alarm";
    let (certificates, callers): (f64, u64) =
        connection.query_row(all, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let select = format!(
        "SELECT a.alarm, a.number, f.id, f.issued FROM (SELECT * FROM finding_alarm ORDER BY last DESC LIMIT {}) a \
         JOIN finding f ON f.id = (SELECT id FROM finding WHERE alarm = a.alarm ORDER BY issued DESC LIMIT 1) \
         ORDER BY f.issued DESC",
        Alarms::SHOWN
    );
    let mut statement = connection.prepare_cached(&select)?;
    let issuers = statement.query_map([], alarm)?.collect::<Result<_, _>>()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of numbers of rows")]
    Ok(Alarms { issuers, certificates: certificates as u64, callers, others: others(connection)? })
}

fn others(connection: &Connection) -> Result<Vec<(FindingId, Timestamp)>, rusqlite::Error> {
    let select = format!(
        "SELECT id, first_seen FROM finding WHERE state = ? AND severity = ? AND kind = ? \
         ORDER BY first_seen DESC LIMIT {PAGE_SIZE}"
    );
    let mut statement = connection.prepare_cached(&select)?;
    let mut others = Vec::new();
    for kind in Alarms::KINDS.into_iter().filter(|kind| kind.is_alert()) {
        let open = (FindingStateName::Open.name(), rank(kind.severity()), kind.name());
        for other in statement.query_map(open, |row| Ok((parsed(row)?, needed(row, 1)?)))? {
            others.push(other?);
        }
    }
    others.sort_by_key(|(_, at)| Reverse(*at));
    Ok(others)
}

fn alarm(row: &Row<'_>) -> Result<Alarm, rusqlite::Error> {
    let caller: Caller =
        serde_json::from_str(&row.get::<_, String>(0)?).map_err(|error| foreign(0, Type::Text, error))?;
    let finding = row.get::<_, String>(2)?.parse().map_err(|error| foreign(2, Type::Text, error))?;
    Ok(Alarm { caller, certificates: row.get(1)?, last: needed(row, 3)?, finding })
}

#[cfg(test)]
mod tests {
    use domain::trail::Authorisation;

    use super::*;
    use crate::records::findings;

    #[test]
    fn another_caller_is_not_hidden_behind_the_findings_of_one() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(findings::TABLES).unwrap();
        connection.execute_batch(TABLES).unwrap();
        let caller = |address: &str| Caller {
            principal: "arn:aws:iam::111122223333:role/field".to_owned(),
            address: Some(address.to_owned()),
            authorisation: Authorisation::NotAnIssuer,
        };
        let write = |serial: u32, address: Option<&str>, version: u32| {
            let id = format!("unauthorized_issuance.a.{serial:04x}");
            let alarm = address.map(|address| serde_json::to_string(&caller(address)).unwrap());
            let row = (
                id,
                "a",
                "unauthorized_issuance",
                1,
                "open",
                1,
                0,
                version,
                Value::Null,
                Value::Null,
                alarm,
                serial,
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Null,
            );
            connection.execute(findings::WRITE, row).unwrap();
        };
        (1..=300).for_each(|serial| write(serial, Some("192.0.2.1"), 1));
        write(301, Some("203.0.113.7"), 1);
        write(302, None, 1);
        let told = || {
            let found = alarms(&connection).unwrap();
            let one = |alarm: Alarm| {
                let finding = alarm.finding.to_string();
                (
                    alarm.caller.address.unwrap(),
                    alarm.certificates,
                    alarm.last.unix(),
                    finding[24..].to_owned(),
                )
            };
            (found.certificates, found.callers, found.issuers.into_iter().map(one).collect::<Vec<_>>())
        };
        let line =
            |address: &str, number, last, serial: &str| (address.to_owned(), number, last, serial.to_owned());
        let both = vec![line("203.0.113.7", 1, 301, "012d"), line("192.0.2.1", 300, 300, "012c")];
        assert_eq!(told(), (301, 2, both));

        write(300, None, 2);
        write(301, None, 2);
        assert_eq!(told(), (299, 1, vec![line("192.0.2.1", 299, 299, "012b")]));
        // What is older than what is known changes nothing.
        write(301, Some("203.0.113.7"), 1);
        assert_eq!(told().1, 1);
    }
}
