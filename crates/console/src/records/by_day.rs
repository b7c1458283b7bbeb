//! How many certificates were issued and revoked on each day, and how many that are not revoked expire on it, by authority and
//! template: counted once when the lines are made, and kept by the database with each change of them.

use std::collections::BTreeMap;

use domain::views::CertificateCounts;
use rusqlite::{Connection, Row};

use super::lines::{LineTable, UNKNOWN};
use super::revoked::REVOKED;

pub(super) const DAY: i64 = 86_400;

/// Days are counted from 1970; a certificate without a template has an empty one.
const COLUMNS: &str = "day INTEGER NOT NULL, authority INTEGER NOT NULL, template TEXT NOT NULL, issued INTEGER NOT NULL, \
     expiring INTEGER NOT NULL, revoked INTEGER NOT NULL, PRIMARY KEY (day, authority, template)";

/// What is counted, the column that says when, and of which lines: those of a table, or `row`, "new." or "old.", of a trigger. What
/// is revoked, and what nobody knows, stands behind all times.
fn counted(row: &str) -> [(&'static str, String, String); 3] {
    let column = |name: &str| format!("{row}{name}");
    let [issued, standing, revoked] = ["issued_at", "standing", "revoked_at"].map(column);
    let which = format!("{standing} = {REVOKED} AND {revoked} IS NOT NULL");
    [
        ("issued", issued.clone(), format!("{issued} < {UNKNOWN}")),
        ("expiring", standing.clone(), format!("{standing} < {UNKNOWN}")),
        ("revoked", revoked, which),
    ]
}

/// Statements, each a transaction of its own, that count the lines of the table `lines` into `days` and keep the counts.
pub(super) fn create(lines: &str, days: &str) -> Vec<String> {
    let columns = |count: &str, number: &str| {
        ["issued", "expiring", "revoked"]
            .map(|one| if one == count { number } else { "0" }.to_owned())
            .join(", ")
    };
    let all = counted("").map(|(count, at, which)| {
        let columns = columns(count, "count(*)");
        format!(
            "INSERT INTO {days} SELECT {at} / {DAY}, authority, ifnull(template, ''), {columns} FROM {lines} WHERE {which} \
             GROUP BY 1, 2, 3 ON CONFLICT DO UPDATE SET {count} = excluded.{count};"
        )
    });
    let come = counted("new.").map(|(count, at, which)| {
        let columns = columns(count, "1");
        format!(
            "INSERT INTO {days} SELECT {at} / {DAY}, new.authority, ifnull(new.template, ''), {columns} WHERE {which} \
             ON CONFLICT DO UPDATE SET {count} = {count} + 1;"
        )
    });
    let gone = counted("old.").map(|(count, at, which)| {
        format!(
            "UPDATE {days} SET {count} = {count} - 1 WHERE day = {at} / {DAY} AND authority = old.authority \
             AND template = ifnull(old.template, '') AND {which};"
        )
    });
    let (come, gone) = (come.join(" "), gone.join(" "));
    let trigger = |name: &str, after: &str, body: &str| {
        format!("CREATE TRIGGER {lines}_{name} AFTER {after} ON {lines} BEGIN {body} END;")
    };
    let create = format!("CREATE TABLE {days} ({COLUMNS}) WITHOUT ROWID;");
    let triggers = [
        trigger("come", "INSERT", &come),
        trigger("gone", "DELETE", &gone),
        trigger("moved", "UPDATE OF standing, revoked_at", &format!("{gone} {come}")),
    ];
    [create].into_iter().chain(all).chain(triggers).collect()
}

impl LineTable {
    /// How many were issued and revoked on each of these days.
    pub(super) fn by_day(
        &self,
        connection: &Connection,
        (from, to): (i64, i64),
    ) -> Result<BTreeMap<i64, (u64, u64)>, rusqlite::Error> {
        let select = format!(
            "SELECT day, sum(issued), sum(revoked) FROM {} WHERE day >= ? AND day < ? GROUP BY day",
            self.days.name()
        );
        let mut statement = connection.prepare_cached(&select)?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
        statement.query_map([from, to], read)?.collect()
    }

    /// How many expire on these days together, by the number of the authority.
    pub(super) fn expiring(
        &self,
        connection: &Connection,
        (from, to): (i64, i64),
    ) -> Result<Vec<(usize, u64)>, rusqlite::Error> {
        let select = format!(
            "SELECT authority, sum(expiring) FROM {} WHERE day >= ? AND day < ? GROUP BY authority",
            self.days.name()
        );
        let mut statement = connection.prepare_cached(&select)?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        statement.query_map([from, to], read)?.collect()
    }

    /// What was issued, was revoked and expired from one day up to another, by authority and template. Of the day of `now`, what
    /// has expired so far.
    pub(super) fn counts_of(
        &self,
        connection: &Connection,
        (from, to): (i64, i64),
        now: i64,
    ) -> Result<Vec<CertificateCounts>, rusqlite::Error> {
        let today = now.div_euclid(DAY);
        let select = format!(
            "SELECT authority, template, sum(issued), sum(revoked), sum(CASE WHEN day < ?3 THEN expiring ELSE 0 END) FROM {} \
             WHERE day >= ?1 AND day < ?2 GROUP BY authority, template",
            self.days.name()
        );
        let mut counts = BTreeMap::<(usize, String), CertificateCounts>::new();
        let mut statement = connection.prepare_cached(&select)?;
        let mut rows = statement.query((from, to, today))?;
        while let Some(row) = rows.next()? {
            let Some(one) = self.named(&mut counts, row)? else { continue };
            (one.issued, one.revoked, one.expired) = (row.get(2)?, row.get(3)?, row.get(4)?);
        }
        if (from..to).contains(&today) {
            let select = format!(
                "SELECT authority, ifnull(template, ''), count(*) FROM {0} INDEXED BY {0}_status \
                 WHERE standing >= ? AND standing < ? GROUP BY 1, 2",
                self.name()
            );
            let mut statement = connection.prepare_cached(&select)?;
            let mut rows = statement.query((today * DAY, now))?;
            while let Some(row) = rows.next()? {
                let Some(one) = self.named(&mut counts, row)? else { continue };
                one.expired += row.get::<_, u64>(2)?;
            }
        }
        Ok(counts.into_values().filter(|one| one.issued + one.revoked + one.expired > 0).collect())
    }

    fn named<'a>(
        &self,
        counts: &'a mut BTreeMap<(usize, String), CertificateCounts>,
        row: &Row<'_>,
    ) -> Result<Option<&'a mut CertificateCounts>, rusqlite::Error> {
        let (number, template): (usize, String) = (row.get(0)?, row.get(1)?);
        let Some(arn) = self.authorities.get(number) else { return Ok(None) };
        let named = (!template.is_empty()).then(|| template.clone());
        let none =
            || CertificateCounts { authority: arn.id(), template: named, issued: 0, revoked: 0, expired: 0 };
        Ok(Some(counts.entry((number, template)).or_insert_with(none)))
    }
}
