//! Lists of findings: which of those that are kept somebody asks for, in which order, and how many there are.

use std::str::FromStr;

use domain::finding::{FindingStateName, Seen};
use domain::views::{FindingGroup, FindingQuery, FindingSort, FindingStates, OpenFor, PAGE_SIZE};
use domain::{FindingId, PersonId, Scope, Serial, Timestamp};
use rusqlite::types::{Type, Value};
use rusqlite::{Connection, Row, params_from_iter};

use super::Records;
use super::filter::Filter;
use super::findings::text;
use super::rows::{self, foreign, parsed, rank};
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

/// Where a file of findings goes on: behind the one with these.
#[derive(Clone, Debug)]
pub struct FindingPlace {
    /// As [`AskedFindings::order`] has them, but for the id.
    order: Vec<Value>,
    id: String,
}

impl Records {
    /// The page that is asked for, and how many there are on all pages.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: they are still being read.
    pub async fn finding_page(&self, asked: AskedFindings) -> Result<(Vec<FindingId>, u64), Error> {
        self.await_findings().await?;
        self.model.read(move |_, connection| asked.page(connection)).await
    }

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

    /// At most `most` of them in their order behind `after`, whatever the page, and where the others begin.
    pub async fn finding_piece(
        &self,
        asked: AskedFindings,
        after: Option<FindingPlace>,
        most: u32,
    ) -> Result<(Vec<FindingId>, Option<FindingPlace>), Error> {
        self.await_findings().await?;
        self.model.read(move |_, connection| asked.piece(connection, after, most)).await
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
        let taken = FindingStateName::Acknowledged;
        (*mine || *overdue) && state.which().is_some_and(|states| !states.contains(&taken))
    }

    /// No count is kept of what is narrowed by these.
    fn is_timed(&self) -> bool {
        let FindingQuery { opened, ended, ended_by, open_for, .. } = &self.query;
        opened.is_narrow() || ended.is_narrow() || ended_by.is_some() || open_for.is_some()
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
            FindingStates::Waiting => filter.and("waits = 1", []),
            FindingStates::Is(state) => filter.and("state = ?", [text(state.name())]),
            states => of_states(&mut filter, *states),
        }
        if let Some(scope) = authority {
            filter.and("scope = ?", [Value::Text(scope.to_string())]);
        }
        self.timed(&mut filter);
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
            (.., FindingStates::Any | FindingStates::Settled) => "finding_any",
            _ if self.is_timed() => "finding_any",
            (.., FindingStates::Is(_)) if by_issue => "finding_state_certified",
            (.., FindingStates::Waiting) if by_issue => "finding_waits_certified",
            (.., FindingStates::Is(_)) => "finding_state",
            (.., FindingStates::Waiting) => "finding_waits",
        };
        (format!("FROM finding INDEXED BY {index} {}", filter.text()), filter)
    }

    fn timed(&self, filter: &mut Filter) {
        let FindingQuery { opened, ended, ended_by, open_for, .. } = &self.query;
        let bounds = [
            ("first_seen >= ?", opened.from),
            ("first_seen < ?", opened.before()),
            ("ended >= ?", ended.from),
            ("ended < ?", ended.before()),
        ];
        for (condition, at) in bounds {
            if let Some(at) = at {
                filter.and(condition, [Value::Integer(at.unix())]);
            }
        }
        if let Some(by) = ended_by {
            filter.and("json_extract(ender, '$.id') = ?", [text(by.as_str())]);
        }
        if let Some(time) = open_for {
            let place = OpenFor::ALL.iter().position(|one| one == time);
            filter.and(
                "age = ?",
                [Value::Integer(place.and_then(|place| place.try_into().ok()).unwrap_or(-1))],
            );
        }
    }

    /// The page that is asked for, and how many there are on all pages.
    fn page<T>(&self, connection: &Connection) -> Result<(Vec<T>, u64), rusqlite::Error>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        if self.is_empty() {
            return Ok((Vec::new(), 0));
        }
        let total: u64 = self.groups(connection)?.iter().map(|group| group.number).sum();
        let before = u64::from(self.query.page) * u64::from(PAGE_SIZE);
        let on_page = total.saturating_sub(before).min(u64::from(PAGE_SIZE));
        let behind = total.saturating_sub(before + on_page);
        // From the nearer end: whatever lies before a page is walked past.
        let from_end = behind < before;
        let (order, past) = if from_end { (self.reversed(), behind) } else { (self.order(), before) };
        let (from, filter) = self.narrowed();
        let select = format!("SELECT id {from} ORDER BY {order} LIMIT {on_page} OFFSET {past}");
        let mut statement = connection.prepare_cached(&select)?;
        let ids = statement.query_map(params_from_iter(&filter.values), parsed)?;
        let mut ids: Vec<T> = ids.collect::<Result<_, _>>()?;
        if from_end {
            ids.reverse();
        }
        Ok((ids, total))
    }

    fn piece<T>(
        &self,
        connection: &Connection,
        after: Option<FindingPlace>,
        most: u32,
    ) -> Result<(Vec<T>, Option<FindingPlace>), rusqlite::Error>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        if self.is_empty() {
            return Ok((Vec::new(), None));
        }
        let (from, mut filter) = self.narrowed();
        let behind = after.map(|place| self.behind(place));
        let condition = behind.as_ref().map_or(String::new(), |(condition, _)| format!("AND {condition}"));
        filter.values.extend(behind.into_iter().flat_map(|(_, values)| values));
        let by =
            if self.query.sort == FindingSort::Worst { "severity, kind, first_seen" } else { "certified" };
        let order = self.order();
        let select = format!("SELECT id, {by} {from} {condition} ORDER BY {order} LIMIT {most}");
        let mut statement = connection.prepare_cached(&select)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(&filter.values))?;
        let (mut ids, mut last) = (Vec::new(), None);
        while let Some(row) = rows.next()? {
            ids.push(parsed(row)?);
            let order = (1..columns).map(|column| row.get(column)).collect::<Result<_, _>>()?;
            last = Some(FindingPlace { order, id: row.get(0)? });
        }
        let is_full = u32::try_from(ids.len()).is_ok_and(|ids| ids >= most);
        Ok((ids, last.filter(|_| is_full)))
    }

    /// What holds of those behind this place in [`AskedFindings::order`]. Those without a time of issue come last.
    fn behind(&self, place: FindingPlace) -> (&'static str, Vec<Value>) {
        let FindingPlace { mut order, id } = place;
        let is_timed = order.first().is_some_and(|value| *value != Value::Null);
        let condition = match (self.query.sort, is_timed) {
            (FindingSort::Worst, _) => "(severity, kind, first_seen, id) > (?, ?, ?, ?)",
            (FindingSort::IssuedLast, true) => "((certified, id) < (?, ?) OR certified IS NULL)",
            (FindingSort::IssuedFirst, true) => "((certified, id) > (?, ?) OR certified IS NULL)",
            (FindingSort::IssuedLast, false) => "certified IS NULL AND id < ?",
            (FindingSort::IssuedFirst, false) => "certified IS NULL AND id > ?",
        };
        order.retain(|value| *value != Value::Null);
        order.push(Value::Text(id));
        (condition, order)
    }

    fn order(&self) -> &'static str {
        match self.query.sort {
            FindingSort::Worst => "severity, kind, first_seen, id",
            FindingSort::IssuedLast => "certified DESC, id DESC",
            FindingSort::IssuedFirst => "certified NULLS LAST, id",
        }
    }

    /// The other way round.
    fn reversed(&self) -> &'static str {
        match self.query.sort {
            FindingSort::Worst => "severity DESC, kind DESC, first_seen DESC, id DESC",
            FindingSort::IssuedLast => "certified, id",
            FindingSort::IssuedFirst => "certified DESC NULLS FIRST, id DESC",
        }
    }

    /// Counted, where nothing keeps the count: by what the lists go by.
    fn groups(&self, connection: &Connection) -> Result<Vec<FindingGroup>, rusqlite::Error> {
        let FindingQuery { severity, kind, state, authority, mine, overdue, .. } = &self.query;
        let (select, filter) = match (*mine || *overdue, self.is_timed()) {
            _ if self.is_empty() => return Ok(Vec::new()),
            (true, _) => {
                let (from, filter) = self.narrowed();
                let taken = FindingStateName::Acknowledged.name();
                (format!("SELECT kind, scope, '{taken}', count(*) {from} GROUP BY kind, scope"), filter)
            }
            (false, true) => {
                let (from, filter) = self.narrowed();
                (format!("SELECT kind, scope, state, count(*) {from} GROUP BY kind, scope, state"), filter)
            }
            (false, false) => {
                let mut filter = Filter::default();
                of_states(&mut filter, *state);
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

/// Only those that are in one of the states.
fn of_states(filter: &mut Filter, states: FindingStates) {
    match states.which() {
        // There is a condition in any case: others are put behind it.
        None => filter.and("1", []),
        Some(states) => {
            let places = vec!["?"; states.len()].join(", ");
            filter.and(format!("state IN ({places})"), states.iter().map(|state| text(state.name())));
        }
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
mod tests;
