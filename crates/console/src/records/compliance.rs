//! What the records know of a time.

use domain::finding::FindingStateName;
use domain::views::{
    CertificateCounts, FindingEnd, FindingFlow, IssuerCount, OpenFor, Period, PolicyChange, RequestCounts,
    RevocationFacts, RolesSeen, Totals,
};
use domain::{AuthorityId, FindingId, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Connection, Row};

use super::rows::{foreign, parsed};
use super::{Records, events, requests, told};
use crate::Error;

/// How many principals are shown.
const ISSUERS: u32 = 50;

/// All of it, as of one moment.
pub(crate) struct OfPeriod {
    pub as_of: Option<Timestamp>,
    pub certificates: Vec<CertificateCounts>,
    pub issuers: Vec<IssuerCount>,
    pub findings: Vec<FindingFlow>,
    pub requests: RequestCounts,
    pub revocations: Vec<RevocationFacts>,
    pub alone: Vec<RevocationFacts>,
    pub policy_changes: Vec<PolicyChange>,
    pub people: Vec<RolesSeen>,
    pub totals: Totals,
}

impl Records {
    /// What was counted of these days; of one authority or of all. `page`: of the revocations.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: the findings are still being read.
    pub async fn of_period(
        &self,
        period: Period,
        scope: Option<AuthorityId>,
        page: u32,
    ) -> Result<OfPeriod, Error> {
        self.await_findings().await?;
        let now = self.clock.now();
        self.model
            .read(move |snapshot, connection| {
                let (days, scope) = (period.days(), scope.as_ref());
                let lines = snapshot.lines.as_ref();
                let certificates = lines.map(|lines| lines.counts_of(connection, days, now.unix()));
                let mut certificates = certificates.transpose()?.unwrap_or_default();
                certificates.retain(|one| scope.is_none_or(|scope| one.authority == *scope));
                let id = scope.map(AuthorityId::as_str);
                let (issuers, unauthorised) = events::issuers_total(connection, days, id)?;
                let totals = Totals { issuers, unauthorised, ..told::totals(connection, period)? };
                Ok(OfPeriod {
                    as_of: snapshot.as_of(),
                    certificates,
                    issuers: events::issuers(connection, days, id, ISSUERS)?,
                    findings: findings(connection, days, id)?,
                    requests: requests::counts(connection, period, scope)?,
                    revocations: requests::countersigned(connection, period, scope, page)?,
                    alone: requests::alone(connection, period, scope)?,
                    policy_changes: told::changes(connection, period)?,
                    people: told::people(connection, period)?,
                    totals,
                })
            })
            .await
    }
}

impl Records {
    /// All who had certificates issued in the time, those first who were not allowed to.
    pub async fn all_issuers(
        &self,
        period: Period,
        scope: Option<AuthorityId>,
    ) -> Result<Vec<IssuerCount>, Error> {
        let read = move |_: &_, connection: &Connection| {
            events::issuers(connection, period.days(), scope.as_ref().map(AuthorityId::as_str), u32::MAX)
        };
        self.model.read(read).await
    }
}

/// How many findings are named at once.
const FINDINGS: u32 = 200;

impl Records {
    /// Findings that were first seen in the time, or came to their end in it: those behind `after` in the order of their ids.
    pub async fn findings_of(
        &self,
        period: Period,
        scope: Option<AuthorityId>,
        after: Option<FindingId>,
    ) -> Result<Vec<FindingId>, Error> {
        self.await_findings().await?;
        let select = format!(
            "SELECT id FROM finding WHERE id > ?1 AND (?2 IS NULL OR scope = ?2) \
             AND (first_seen >= ?3 AND first_seen < ?4 OR ended >= ?3 AND ended < ?4) ORDER BY id LIMIT {FINDINGS}"
        );
        self.model
            .read(move |_, connection| {
                let after = after.map(|id| id.to_string()).unwrap_or_default();
                let which = (
                    after,
                    scope.as_ref().map(AuthorityId::as_str),
                    period.from().unix(),
                    period.to().unix(),
                );
                connection.prepare_cached(&select)?.query_map(which, parsed)?.collect()
            })
            .await
    }
}

/// Findings that were opened from one day up to another, and those that came to their end.
fn findings(
    connection: &Connection,
    (from, to): (i64, i64),
    scope: Option<&str>,
) -> Result<Vec<FindingFlow>, rusqlite::Error> {
    let which = "WHERE day >= ?1 AND day < ?2 AND (?3 IS NULL OR scope = ?3)";
    let opened =
        format!("SELECT kind, sum(number) FROM finding_opened {which} GROUP BY kind HAVING sum(number) > 0");
    let mut statement = connection.prepare_cached(&opened)?;
    let read = |row: &Row<'_>| Ok(FindingFlow { kind: parsed(row)?, number: row.get(1)?, ended: None });
    let opened = statement.query_map((from, to, scope), read)?;
    let mut flows = opened.collect::<Result<Vec<_>, _>>()?;
    let ended = format!(
        "SELECT kind, sum(number), state, ender, age, sum(seconds) FROM finding_ended {which} \
         GROUP BY kind, state, ender, age HAVING sum(number) > 0"
    );
    let mut statement = connection.prepare_cached(&ended)?;
    let ended = statement.query_map((from, to, scope), |row| {
        let (state, ender, age): (String, String, usize) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let mut states = FindingStateName::ALL.iter().copied();
        let how = states.find(|one| one.name() == state).unwrap_or(FindingStateName::Closed);
        let by = match ender.as_str() {
            "" => None,
            json => Some(serde_json::from_str(json).map_err(|error| foreign(3, Type::Text, error))?),
        };
        let open_for = OpenFor::ALL.get(age).copied().unwrap_or(OpenFor::Longer);
        let ended = Some(FindingEnd { how, by, open_for, seconds: row.get(5)? });
        Ok(FindingFlow { kind: parsed(row)?, number: row.get(1)?, ended })
    })?;
    for flow in ended {
        flows.push(flow?);
    }
    Ok(flows)
}

#[cfg(test)]
mod tests {
    use domain::views::{by_severity, by_whom};
    use rusqlite::types::Value;

    use super::*;
    use crate::records::findings::{TABLES, WRITE};

    #[test]
    fn what_was_opened_and_ended_is_kept_as_it_is_now() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        let ada = r#"{"id":"idp|ada","name":"Ada"}"#;
        let write = |id: &str, version: i64, state: &str, ended: Option<i64>, by: Option<&str>| {
            let waits = i64::from(ended.is_none());
            let none = &Value::Null;
            let row = (
                id,
                "a",
                "rogue_issuer",
                1,
                state,
                waits,
                86_400 * 3,
                version,
                none,
                ended,
                none,
                none,
                none,
                none,
                none,
                by,
            );
            connection.execute(WRITE, row).unwrap();
        };
        let flows = |days, scope| findings(&connection, days, scope).unwrap();
        let critical = |days| by_severity(&flows(days, None)).remove(&domain::Severity::Critical).unwrap();
        write("1", 1, "open", None, None);
        write("2", 1, "open", None, None);
        assert_eq!((critical((3, 4)).opened, critical((3, 4)).ended()), (2, 0));
        write("1", 2, "dismissed", Some(86_400 * 5), Some(ada));
        write("2", 2, "resolved", Some(86_400 * 3 + 50), None);
        write("2", 3, "closed", Some(86_400 * 3 + 60), None);
        let one = critical((3, 4));
        assert_eq!((one.opened, one.closed, one.dismissed, one.seconds), (2, 1, 0, 60));
        let all = critical((0, 10));
        assert_eq!((all.closed, all.dismissed, all.seconds), (1, 1, 86_400 * 2 + 60));
        assert_eq!(all.open_for, [(OpenFor::ADay, 1), (OpenFor::AWeek, 1)].into());
        let whom = by_whom(&flows((0, 10), Some("a")));
        assert_eq!(whom.iter().filter_map(|(_, by, _)| by.as_ref()).next().unwrap().name, "Ada");
        assert!(flows((0, 10), Some("b")).is_empty());
        // Opened again: it has no end any more.
        write("1", 3, "open", None, None);
        assert_eq!(critical((0, 10)).dismissed, 0);
    }
}
