//! How many certificates were issued and revoked on each day, and how many that are not revoked expire on it, by authority and
//! template: counted once when the lines are made, and kept by the database with each change of them.

use super::revoked::{REVOKED, UNKNOWN};

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
