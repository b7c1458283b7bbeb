//! Who had each certificate issued and whether that was authorised, certificate by certificate: what intact events say,
//! folded once when they come in, so that lists can be narrowed by it.

use std::collections::BTreeMap;

use domain::trail::{Authorisation, EventId, Issuers};
use domain::views::{IdentityKey, Issued, IssuerCount, PAGE_SIZE};
use domain::{AuthorityArn, KeyHash, Serial, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::add::{who, without_path};
use super::{deeds_of, names, parsed};
use crate::records::filter::Filter;
use crate::records::rows;

/// `judgement` counts from 0 for authorised, as [`rank`] does. `key`: a [`domain::KeyHash`]. `trail_issued` keeps how many there are
/// of each day, counted from 1970.
pub(super) const TABLE: &str = "
CREATE TABLE IF NOT EXISTS trail_issuance (authority INTEGER NOT NULL, serial BLOB NOT NULL, time INTEGER NOT NULL,
    event TEXT NOT NULL, who TEXT NOT NULL, access_key TEXT, address TEXT, judgement INTEGER NOT NULL,
    key BLOB, PRIMARY KEY (authority, serial)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS trail_issuance_serial ON trail_issuance (serial);
CREATE INDEX IF NOT EXISTS trail_issuance_who ON trail_issuance (who, judgement, time);
CREATE INDEX IF NOT EXISTS trail_issuance_access_key ON trail_issuance (access_key, judgement, time);
CREATE INDEX IF NOT EXISTS trail_issuance_address ON trail_issuance (address, judgement, time);
CREATE INDEX IF NOT EXISTS trail_issuance_judgement ON trail_issuance (judgement, time);
CREATE INDEX IF NOT EXISTS trail_issuance_key ON trail_issuance (key) WHERE key IS NOT NULL;
CREATE TABLE IF NOT EXISTS trail_issued (day INTEGER NOT NULL, authority INTEGER NOT NULL, who TEXT NOT NULL,
    unauthorised INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (day, authority, who, unauthorised)) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS trail_issuance_come AFTER INSERT ON trail_issuance BEGIN
    INSERT INTO trail_issued VALUES (new.time / 86400, new.authority, new.who, new.judgement > 0, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER IF NOT EXISTS trail_issuance_gone AFTER DELETE ON trail_issuance BEGIN
    UPDATE trail_issued SET number = number - 1
        WHERE (day, authority, who, unauthorised) = (old.time / 86400, old.authority, old.who, old.judgement > 0);
END;
CREATE TRIGGER IF NOT EXISTS trail_issuance_moved AFTER UPDATE ON trail_issuance BEGIN
    UPDATE trail_issued SET number = number - 1
        WHERE (day, authority, who, unauthorised) = (old.time / 86400, old.authority, old.who, old.judgement > 0);
    INSERT INTO trail_issued VALUES (new.time / 86400, new.authority, new.who, new.judgement > 0, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;";

/// Not REPLACE, which no trigger sees.
const WRITE: &str = "INSERT INTO trail_issuance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET \
     time = excluded.time, event = excluded.event, who = excluded.who, access_key = excluded.access_key, \
     address = excluded.address, judgement = excluded.judgement, key = excluded.key";

/// One certificate that an identity had issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IssuedOne {
    pub authority: AuthorityArn,
    pub serial: Serial,
    pub at: Timestamp,
    pub event: EventId,
    pub authorisation: Authorisation,
}

/// The number that stands for a judgement; 0 for authorised alone.
pub(crate) fn rank(authorisation: Authorisation) -> i64 {
    let place = Authorisation::ALL.iter().position(|one| *one == authorisation);
    place.and_then(|place| i64::try_from(place).ok()).unwrap_or(i64::MAX)
}

/// Folds anew what is said of the certificates in these files. Do it within the transaction that changed them.
pub(crate) fn judge(
    connection: &Connection,
    files: &[i64],
    issuers: &Issuers,
) -> Result<(), rusqlite::Error> {
    let mut touched = connection.prepare_cached(
        "SELECT DISTINCT e.authority, a.arn, e.serial FROM trail_event e JOIN trail_authority a ON a.number = e.authority \
         WHERE e.file = ? AND e.deed < 3",
    )?;
    let mut write = connection.prepare_cached(WRITE)?;
    let mut delete =
        connection.prepare_cached("DELETE FROM trail_issuance WHERE authority = ? AND serial = ?")?;
    for file in files {
        let mut rows = touched.query([file])?;
        while let Some(row) = rows.next()? {
            let (number, arn, serial): (i64, AuthorityArn, _) =
                (row.get(0)?, parsed(row, 1)?, rows::serial(row, 2)?);
            let deeds = deeds_of(connection, &arn, serial)?;
            names::keep(connection, number, serial, &deeds.names)?;
            match deeds.issuance {
                None => delete.execute((number, serial.as_bytes()))?,
                Some(issuance) => write.execute((
                    number,
                    serial.as_bytes(),
                    issuance.at.unix(),
                    issuance.event.as_str(),
                    who(&issuance.identity),
                    &issuance.identity.access_key,
                    &issuance.address,
                    rank(issuers.judge(&issuance)),
                    issuance.key.as_ref().map(KeyHash::as_bytes),
                ))?,
            };
        }
    }
    Ok(())
}

/// How many certificates `key` had issued, by judgement.
pub(crate) fn judged(
    connection: &Connection,
    key: &IdentityKey,
) -> Result<BTreeMap<Authorisation, u64>, rusqlite::Error> {
    let filter = filter(key);
    let select =
        format!("SELECT i.judgement, count(*) FROM trail_issuance i {} GROUP BY i.judgement", filter.text());
    let mut statement = connection.prepare(&select)?;
    let read = |row: &Row<'_>| Ok((judgement(row, 0)?, row.get(1)?));
    statement.query_map(params_from_iter(&filter.values), read)?.collect()
}

/// Who had the most issued from one day up to another, at most `most`; by an authority or by all.
pub(crate) fn issuers(
    connection: &Connection,
    (from, to): (i64, i64),
    authority: Option<&str>,
    most: u32,
) -> Result<Vec<IssuerCount>, rusqlite::Error> {
    let of = "(?3 IS NULL OR authority IN (SELECT number FROM trail_authority WHERE id = ?3))";
    let select = format!(
        "SELECT who, sum(number), sum(unauthorised * number) FROM trail_issued WHERE day >= ?1 AND day < ?2 AND {of} \
         GROUP BY who HAVING sum(number) > 0 ORDER BY 3 DESC, 2 DESC, who LIMIT {most}"
    );
    let mut statement = connection.prepare_cached(&select)?;
    let read = |row: &Row<'_>| {
        Ok(IssuerCount { issuer: row.get(0)?, issued: row.get(1)?, unauthorised: row.get(2)? })
    };
    statement.query_map((from, to, authority), read)?.collect()
}

/// How many there are of them, and of what those who were not allowed to had issued.
pub(crate) fn issuers_total(
    connection: &Connection,
    (from, to): (i64, i64),
    authority: Option<&str>,
) -> Result<(u64, u64), rusqlite::Error> {
    let of = "(?3 IS NULL OR authority IN (SELECT number FROM trail_authority WHERE id = ?3))";
    let select = format!(
        "SELECT count(*), ifnull(sum(wrong), 0) FROM (SELECT sum(unauthorised * number) AS wrong FROM trail_issued \
         WHERE day >= ?1 AND day < ?2 AND {of} GROUP BY who HAVING sum(number) > 0)"
    );
    let mut statement = connection.prepare_cached(&select)?;
    statement.query_row((from, to, authority), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// One page of them, the unauthorised first, then the newest.
pub(crate) fn issued_page(
    connection: &Connection,
    key: &IdentityKey,
    only: Issued,
    page: u32,
) -> Result<Vec<IssuedOne>, rusqlite::Error> {
    let mut filter = filter(key);
    narrow(&mut filter, only);
    let offset = u64::from(page) * u64::from(PAGE_SIZE);
    let select = format!(
        "SELECT (SELECT arn FROM trail_authority a WHERE a.number = i.authority), i.serial, i.time, i.event, i.judgement \
         FROM trail_issuance i {} ORDER BY i.judgement DESC, i.time DESC, i.authority DESC, i.serial DESC \
         LIMIT {PAGE_SIZE} OFFSET {offset}",
        filter.text()
    );
    let mut statement = connection.prepare(&select)?;
    let read = |row: &Row<'_>| {
        Ok(IssuedOne {
            authority: parsed(row, 0)?,
            serial: rows::serial(row, 1)?,
            at: rows::needed(row, 2)?,
            event: parsed(row, 3)?,
            authorisation: judgement(row, 4)?,
        })
    };
    statement.query_map(params_from_iter(&filter.values), read)?.collect()
}

/// Whose certificates, which of them, and issued when.
pub(crate) type By = (IdentityKey, Issued, Option<Timestamp>, Option<Timestamp>);

/// The certificates of `authority` that are meant, at most `most`.
pub(crate) fn issued_by(
    connection: &Connection,
    authority: &AuthorityArn,
    by: &By,
    most: usize,
) -> Result<Vec<Serial>, rusqlite::Error> {
    let mut filter = meant(by);
    // Not by the key of the table: the authority has far more certificates than one identity.
    let one = "+i.authority = (SELECT number FROM trail_authority WHERE arn = ?)";
    filter.and(one, [Value::Text(authority.to_string())]);
    let select = format!("SELECT i.serial FROM trail_issuance i {} LIMIT {most}", filter.text());
    let mut statement = connection.prepare(&select)?;
    statement.query_map(params_from_iter(&filter.values), |row| rows::serial(row, 0))?.collect()
}

/// How many of each authority.
pub(crate) fn issued_by_authority(
    connection: &Connection,
    by: &By,
) -> Result<BTreeMap<AuthorityArn, u64>, rusqlite::Error> {
    let filter = meant(by);
    let select = format!(
        "SELECT (SELECT arn FROM trail_authority a WHERE a.number = i.authority), count(*) FROM trail_issuance i {} \
         GROUP BY i.authority",
        filter.text()
    );
    let mut statement = connection.prepare(&select)?;
    let read = |row: &Row<'_>| Ok((parsed(row, 0)?, row.get(1)?));
    statement.query_map(params_from_iter(&filter.values), read)?.collect()
}

fn meant((key, only, from, to): &By) -> Filter {
    let mut filter = filter(key);
    narrow(&mut filter, *only);
    if let Some(from) = from {
        filter.and("i.time >= ?", [Value::Integer(from.unix())]);
    }
    if let Some(to) = to {
        filter.and("i.time < ?", [Value::Integer(to.unix())]);
    }
    filter
}

pub(super) fn filter(key: &IdentityKey) -> Filter {
    let mut filter = Filter::default();
    match key {
        IdentityKey::Principal(principal) => {
            filter.and("i.who = ?", [Value::Text(without_path(principal))]);
        }
        IdentityKey::AccessKey(key) => filter.and("i.access_key = ?", [Value::Text(key.clone())]),
        IdentityKey::Address(address) => filter.and("i.address = ?", [Value::Text(address.clone())]),
    }
    filter
}

pub(super) fn narrow(filter: &mut Filter, only: Issued) {
    match only {
        Issued::All => (),
        Issued::Unauthorised => filter.and("i.judgement > 0", []),
        Issued::Authorised => filter.and("i.judgement = 0", []),
    }
}

fn judgement(row: &Row<'_>, column: usize) -> Result<Authorisation, rusqlite::Error> {
    let number: usize = row.get(column)?;
    let wrong = rusqlite::Error::IntegralValueOutOfRange(column, i64::try_from(number).unwrap_or(-1));
    Authorisation::ALL.get(number).copied().ok_or(wrong)
}
