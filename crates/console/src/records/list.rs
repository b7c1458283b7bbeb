//! Pages of the list of certificates, and how many there are of each kind.

use std::collections::BTreeMap;

use domain::certificate::CertificateLine;
use domain::certificate::{CertificateStatus, EXPIRING};
use domain::views::{CertificatePage, CertificateQuery, CertificateSort, PAGE_SIZE};
use domain::{AuthorityArn, AuthorityId, Serial, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::filter::Filter;
use super::lines::LineTable;
use super::model::ReadModel;
use super::rows;
use crate::Error;

/// How many certificates there are, and of how many devices.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub certificates: BTreeMap<(AuthorityArn, CertificateStatus), u64>,
    pub devices: u64,
    pub as_of: Option<Timestamp>,
}

impl ReadModel {
    pub async fn certificates(
        &self,
        query: &CertificateQuery,
        now: Timestamp,
    ) -> Result<CertificatePage, Error> {
        let query = query.clone();
        self.read(move |snapshot, connection| {
            let (as_of, problem, page) = (snapshot.as_of(), snapshot.problem.clone(), query.page);
            let (lines, total) = match &snapshot.lines {
                None => (Vec::new(), 0),
                Some(lines) => lines.page(connection, &query, now)?,
            };
            Ok(CertificatePage { lines, total, page, as_of, problem })
        })
        .await
    }

    /// The serial numbers of an authority that `query` names, at most `most`, whatever its page.
    pub async fn matching(
        &self,
        authority: &AuthorityId,
        query: &CertificateQuery,
        most: usize,
        now: Timestamp,
    ) -> Result<Vec<Serial>, Error> {
        let query = CertificateQuery { authority: Some(authority.clone()), ..query.clone() };
        self.read(move |snapshot, connection| match &snapshot.lines {
            None => Ok(Vec::new()),
            Some(lines) => lines.serials(connection, &query, most, now),
        })
        .await
    }

    /// How many lines of each authority `query` names.
    pub async fn matching_by_authority(
        &self,
        query: &CertificateQuery,
        now: Timestamp,
    ) -> Result<BTreeMap<AuthorityArn, u64>, Error> {
        let query = query.clone();
        self.read(move |snapshot, connection| match &snapshot.lines {
            None => Ok(BTreeMap::new()),
            Some(lines) => lines.by_authority(connection, &query, now),
        })
        .await
    }

    pub async fn counts(&self, now: Timestamp) -> Result<Counts, Error> {
        self.read(move |snapshot, connection| {
            let as_of = snapshot.as_of();
            let Some(lines) = &snapshot.lines else { return Ok(Counts { as_of, ..Counts::default() }) };
            Ok(Counts { certificates: lines.counts(connection, now)?, devices: lines.devices, as_of })
        })
        .await
    }
}

impl LineTable {
    /// One page and the number of lines on all pages.
    pub(crate) fn page(
        &self,
        connection: &Connection,
        query: &CertificateQuery,
        now: Timestamp,
    ) -> Result<(Vec<CertificateLine>, u64), rusqlite::Error> {
        let name = self.name();
        let filter = self.filter(connection, query, now)?;
        let condition = filter.text();
        let count = format!("SELECT count(*) FROM {name} {condition}");
        let total = connection.query_row(&count, params_from_iter(&filter.values), |row| row.get(0))?;
        let order = order(query.sort, query.descending);
        let offset = u64::from(query.page) * u64::from(PAGE_SIZE);
        let select =
            format!("SELECT * FROM {name} {condition} ORDER BY {order} LIMIT {PAGE_SIZE} OFFSET {offset}");
        let mut statement = connection.prepare(&select)?;
        let lines = statement.query_map(params_from_iter(&filter.values), |row| self.line(row))?;
        Ok((lines.collect::<Result<_, _>>()?, total))
    }

    /// The serial numbers on all pages, each once, at most `most`.
    fn serials(
        &self,
        connection: &Connection,
        query: &CertificateQuery,
        most: usize,
        now: Timestamp,
    ) -> Result<Vec<Serial>, rusqlite::Error> {
        let filter = self.filter(connection, query, now)?;
        let select = format!("SELECT DISTINCT serial FROM {} {} LIMIT {most}", self.name(), filter.text());
        let mut statement = connection.prepare(&select)?;
        statement.query_map(params_from_iter(&filter.values), |row| rows::serial(row, 0))?.collect()
    }

    /// The number of lines on all pages, by authority.
    fn by_authority(
        &self,
        connection: &Connection,
        query: &CertificateQuery,
        now: Timestamp,
    ) -> Result<BTreeMap<AuthorityArn, u64>, rusqlite::Error> {
        let filter = self.filter(connection, query, now)?;
        let select =
            format!("SELECT authority, count(*) FROM {} {} GROUP BY authority", self.name(), filter.text());
        let mut statement = connection.prepare(&select)?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, usize>(0)?, row.get(1)?));
        let mut counts = BTreeMap::new();
        for count in statement.query_map(params_from_iter(&filter.values), read)? {
            let (number, count) = count?;
            if let Some(authority) = self.authorities.get(number) {
                counts.insert(authority.clone(), count);
            }
        }
        Ok(counts)
    }

    fn filter(
        &self,
        connection: &Connection,
        query: &CertificateQuery,
        now: Timestamp,
    ) -> Result<Filter, rusqlite::Error> {
        let mut filter = Filter::default();
        if let Some(authority) = &query.authority {
            filter.and("authority = ?", [Value::Integer(self.number(authority).unwrap_or(-1))]);
        }
        if let Some(status) = query.status {
            status_filter(&mut filter, status, now);
        }
        if let Some(search) = query.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
            let serial = search.parse::<Serial>().ok().filter(|serial| self.knows(connection, *serial));
            match serial {
                Some(serial) => filter.and("serial = ?", [Value::Blob(serial.as_bytes().to_vec())]),
                None => {
                    let last = format!("{search}{}", char::MAX);
                    let range = [search.to_owned(), last].map(Value::Text);
                    // Both at once take longer, as neither index gives the order.
                    match self.names(connection, &range)? {
                        false => filter.and("no_device = 0 AND device BETWEEN ? AND ?", range),
                        true => {
                            let either = "(no_device = 0 AND device BETWEEN ? AND ? OR name BETWEEN ? AND ?)";
                            filter.and(either, range.iter().chain(&range).cloned());
                        }
                    }
                }
            }
        }
        Ok(filter)
    }

    fn knows(&self, connection: &Connection, serial: Serial) -> bool {
        let select = format!("SELECT 1 FROM {} WHERE serial = ? LIMIT 1", self.name());
        connection.query_row(&select, [serial.as_bytes()], |_| Ok(())).is_ok()
    }

    /// Whether a common name that is not its device's lies in this range.
    fn names(&self, connection: &Connection, range: &[Value; 2]) -> Result<bool, rusqlite::Error> {
        let select = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE name BETWEEN ? AND ?)", self.name());
        connection.query_row(&select, params_from_iter(range), |row| row.get(0))
    }

    /// Lines by authority and status.
    pub(crate) fn counts(
        &self,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<BTreeMap<(AuthorityArn, CertificateStatus), u64>, rusqlite::Error> {
        let mut counts = BTreeMap::new();
        for (number, authority) in self.authorities.iter().enumerate() {
            for &status in CertificateStatus::ALL {
                let mut filter = Filter::default();
                filter.and("authority = ?", [Value::Integer(i64::try_from(number).unwrap_or(-1))]);
                status_filter(&mut filter, status, now);
                let count = format!("SELECT count(*) FROM {} {}", self.name(), filter.text());
                let count =
                    connection.query_row(&count, params_from_iter(&filter.values), |row| row.get(0))?;
                counts.insert((authority.clone(), status), count);
            }
        }
        Ok(counts)
    }
}

/// What [`CertificateStatus::at`] says, in SQL.
fn status_filter(filter: &mut Filter, status: CertificateStatus, now: Timestamp) {
    let now_value = Value::Integer(now.unix());
    let soon = Value::Integer(now.plus(EXPIRING).unix());
    match status {
        CertificateStatus::Revoked => filter.and("revoked_at IS NOT NULL", []),
        CertificateStatus::Expired => filter.and("revoked_at IS NULL AND expires_at < ?", [now_value]),
        CertificateStatus::Expiring => {
            filter.and("revoked_at IS NULL AND expires_at >= ? AND expires_at < ?", [now_value, soon]);
        }
        CertificateStatus::Active => {
            filter.and("revoked_at IS NULL AND (expires_at IS NULL OR expires_at >= ?)", [soon]);
        }
    }
}

fn order(sort: CertificateSort, descending: bool) -> &'static str {
    match (sort, descending) {
        (CertificateSort::Device, false) => "no_device, device, serial",
        (CertificateSort::Device, true) => "no_device DESC, device DESC, serial DESC",
        (CertificateSort::Expiry, false) => "expires_at, serial",
        (CertificateSort::Expiry, true) => "expires_at DESC, serial DESC",
        (CertificateSort::Issued, false) => "issued_at, serial",
        (CertificateSort::Issued, true) => "issued_at DESC, serial DESC",
    }
}
