//! Lists of findings: which of those that are kept somebody asks for, in which order, and how many there are.

use domain::finding::{FindingStateName, Seen};
use domain::views::{FindingGroup, FindingQuery, FindingSort, PAGE_SIZE};
use domain::{FindingId, PersonId, Scope, Serial, Timestamp};
use rusqlite::types::{Type, Value};
use rusqlite::{Connection, Row, params_from_iter};

use super::Records;
use super::filter::Filter;
use super::findings::{WAITING, parsed, rank, text};
use super::rows::{self, foreign};
use crate::Error;

/// A query with what it means for whom and when.
#[derive(Clone, Debug)]
pub(crate) struct AskedFindings {
    pub query: FindingQuery,
    /// Whose "mine" are.
    pub by: PersonId,
    /// What is overdue was due before.
    pub now: Timestamp,
}

impl Records {
    /// The page that is asked for, and how many there are on all pages.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: they are still being read.
    pub async fn finding_page(&self, asked: AskedFindings) -> Result<(Vec<FindingId>, u64), Error> {
        self.await_findings().await?;
        self.model
            .read(move |_, connection| {
                if asked.is_empty() {
                    return Ok((Vec::new(), 0));
                }
                let total = asked.groups(connection)?.iter().map(|group| group.number).sum();
                let offset = u64::from(asked.query.page) * u64::from(PAGE_SIZE);
                let (from, filter) = asked.narrowed();
                let order = asked.order();
                let select = format!("SELECT id {from} ORDER BY {order} LIMIT {PAGE_SIZE} OFFSET {offset}");
                let mut statement = connection.prepare_cached(&select)?;
                let ids = statement.query_map(params_from_iter(&filter.values), parsed)?;
                Ok((ids.collect::<Result<_, _>>()?, total))
            })
            .await
    }
}

impl Records {
    /// How many there are on all pages, by authority, kind and state.
    pub async fn finding_groups(&self, asked: AskedFindings) -> Result<Vec<FindingGroup>, Error> {
        self.await_findings().await?;
        self.model.read(move |_, connection| asked.groups(connection)).await
    }

    /// All that are asked for, in their order, as they are known now.
    pub async fn matching_findings(&self, asked: AskedFindings) -> Result<Vec<Seen>, Error> {
        self.await_findings().await?;
        self.model
            .read(move |_, connection| {
                let (from, filter) = asked.narrowed();
                let select = format!("SELECT id, version {from} ORDER BY {}", asked.order());
                let mut statement = connection.prepare_cached(&select)?;
                let seen = |row: &Row<'_>| Ok(Seen { id: parsed(row)?, version: row.get(1)? });
                let rows = statement.query_map(params_from_iter(&filter.values), seen)?;
                if asked.is_empty() { Ok(Vec::new()) } else { rows.collect() }
            })
            .await
    }

    /// The certificates that they are about, each once, `most` at most; of one authority, as the query must say.
    pub async fn certificates_of_findings(
        &self,
        asked: AskedFindings,
        most: usize,
    ) -> Result<Vec<Serial>, Error> {
        self.await_findings().await?;
        self.model
            .read(move |_, connection| {
                let (from, mut filter) = asked.narrowed();
                filter.values.push(Value::Integer(i64::try_from(most).unwrap_or(i64::MAX)));
                let select = format!("SELECT DISTINCT serial {from} AND serial IS NOT NULL LIMIT ?");
                let mut statement = connection.prepare_cached(&select)?;
                let rows =
                    statement.query_map(params_from_iter(&filter.values), |row| rows::serial(row, 0))?;
                if asked.is_empty() { Ok(Vec::new()) } else { rows.collect() }
            })
            .await
    }
}

impl AskedFindings {
    /// Only what somebody has taken on has an owner and is due.
    fn is_empty(&self) -> bool {
        let FindingQuery { state, mine, overdue, .. } = &self.query;
        (*mine || *overdue) && state.is_some_and(|state| state != FindingStateName::Acknowledged)
    }

    /// Where to look, with the index that has all that it is narrowed by.
    fn narrowed(&self) -> (String, Filter) {
        let FindingQuery { severity, kind, state, authority, mine, overdue, sort, .. } = &self.query;
        let mut filter = Filter::default();
        if *overdue {
            filter.and("due IS NOT NULL AND due < ?", [Value::Integer(self.now.unix())]);
        }
        if *mine {
            filter.and("owner IS NOT NULL AND owner = ?", [text(self.by.as_str())]);
        }
        match state {
            _ if *mine || *overdue => (),
            Some(state) => filter.and("state = ?", [text(state.name())]),
            None => filter.and("waits = 1", []),
        }
        if let Some(scope) = authority {
            filter.and("scope = ?", [Value::Text(scope.to_string())]);
        }
        if let Some(kind) = kind {
            filter.and("kind = ?", [text(kind.name())]);
        }
        if let Some(severity) = severity {
            filter.and("severity = ?", [rank(*severity)]);
        }
        let by_issue = *sort != FindingSort::Worst;
        let index = match (overdue, mine, state) {
            (true, ..) => "finding_due",
            (_, true, _) => "finding_owner",
            (.., Some(_)) if by_issue => "finding_state_certified",
            (.., None) if by_issue => "finding_waits_certified",
            (.., Some(_)) => "finding_state",
            (.., None) => "finding_waits",
        };
        (format!("FROM finding INDEXED BY {index} {}", filter.text()), filter)
    }

    fn order(&self) -> &'static str {
        match self.query.sort {
            FindingSort::Worst => "severity, kind, first_seen, id",
            FindingSort::IssuedLast => "certified DESC, id DESC",
            FindingSort::IssuedFirst => "certified NULLS LAST, id",
        }
    }

    /// Counted, where nothing keeps the count: by what the lists go by.
    fn groups(&self, connection: &Connection) -> Result<Vec<FindingGroup>, rusqlite::Error> {
        let FindingQuery { severity, kind, state, authority, mine, overdue, .. } = &self.query;
        let (select, filter) = match *mine || *overdue {
            _ if self.is_empty() => return Ok(Vec::new()),
            true => {
                let (from, filter) = self.narrowed();
                let taken = FindingStateName::Acknowledged.name();
                (format!("SELECT kind, scope, '{taken}', count(*) {from} GROUP BY kind, scope"), filter)
            }
            false => {
                let mut filter = Filter::default();
                match state {
                    Some(state) => filter.and("state = ?", [text(state.name())]),
                    None => filter.and("state IN (?, ?)", WAITING.map(|state| text(state.name()))),
                }
                if let Some(scope) = authority {
                    filter.and("scope = ?", [Value::Text(scope.to_string())]);
                }
                let select =
                    format!("SELECT kind, scope, state, number FROM finding_count {}", filter.text());
                (select, filter)
            }
        };
        let mut statement = connection.prepare_cached(&select)?;
        let rows = statement.query_map(params_from_iter(&filter.values), group)?;
        let is_meant = |of: &FindingGroup| {
            kind.is_none_or(|wanted| wanted == of.kind)
                && severity.is_none_or(|wanted| wanted == of.kind.severity())
                && of.number > 0
        };
        rows.filter(|group| group.as_ref().map_or(true, is_meant)).collect()
    }
}

fn group(row: &Row<'_>) -> Result<FindingGroup, rusqlite::Error> {
    let (scope, state): (String, String) = (row.get(1)?, row.get(2)?);
    let scope: Scope = scope.parse().map_err(|error| foreign(1, Type::Text, error))?;
    let mut states = FindingStateName::ALL.iter().copied();
    let state = states.find(|one| one.name() == state).unwrap_or(FindingStateName::Open);
    Ok(FindingGroup { kind: parsed(row)?, authority: scope.authority().cloned(), state, number: row.get(3)? })
}

#[cfg(test)]
mod tests {
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
            let row = (
                id, "a", kind, severity, state, 1, 0, 1, &none, &none, &none, &none, owner, due, issued,
                &none,
            );
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
        let dismissed = FindingQuery { state: Some(FindingStateName::Dismissed), ..mine };
        assert!(asked(dismissed).is_empty());
        // 100,000 open findings are neither sorted nor looked up one by one.
        for query in [newest, oldest, overdue] {
            let asked = asked(query);
            let (from, filter) = asked.narrowed();
            let plan = format!("EXPLAIN QUERY PLAN SELECT id {from} ORDER BY {}", asked.order());
            let mut plan = connection.prepare(&plan).unwrap();
            let plan =
                plan.query_map(params_from_iter(&filter.values), |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = plan.map(Result::unwrap).collect();
            assert!(plan.iter().all(|step| step.contains("COVERING")), "{plan:?}");
        }
    }
}
