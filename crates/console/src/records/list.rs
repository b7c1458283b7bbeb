//! Pages of the list of certificates, and how many there are of each kind.

use std::collections::BTreeMap;

use domain::certificate::{CertificateStatus, EXPIRING};
use domain::views::{CertificatePage, CertificateQuery, PAGE_SIZE, Test, Token};
use domain::{AuthorityArn, AuthorityId, Serial, Timestamp};
use rusqlite::{Connection, params_from_iter};

use super::by_day::DAY;
use super::condition::Part;
use super::lines::{LineTable, REVOKED, UNKNOWN};
use super::model::ReadModel;
use super::narrowed::Narrowed;
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
        self.many_certificates(query, PAGE_SIZE, now).await
    }

    /// The same with up to `most` lines.
    pub async fn many_certificates(
        &self,
        query: &CertificateQuery,
        most: u32,
        now: Timestamp,
    ) -> Result<CertificatePage, Error> {
        let (query, filter, crl_problem) = (query.clone(), query.filter.clone(), self.crl_problem());
        let page = self.read(move |snapshot, connection| {
            let (as_of, problem) = (snapshot.as_of(), snapshot.problem.clone());
            let problems: Vec<String> = problem.into_iter().chain(crl_problem).collect();
            let problem = (!problems.is_empty()).then(|| problems.join(" "));
            let page = match &snapshot.lines {
                None => CertificatePage::default(),
                Some(lines) => lines.page(connection, &query, most, now)?,
            };
            Ok(CertificatePage { as_of, problem, ..page })
        });
        let page = page.await?;
        if self.is_wanted(&filter) {
            tokio::spawn(self.clone().count_anew(filter, now));
        }
        Ok(page)
    }

    /// Nobody waits for it.
    async fn count_anew(self, filter: Vec<Token>, now: Timestamp) {
        let counted = self.read(move |snapshot, connection| match &snapshot.lines {
            None => Ok(()),
            Some(lines) => Narrowed::count_anew(lines, connection, &filter, now),
        });
        if let Err(error) = counted.await {
            tracing::warn!("a list is not counted anew: {}", error.trace());
        }
    }

    /// The serial numbers of an authority that `query` names, at most `most`, whatever its page.
    pub async fn matching(
        &self,
        authority: &AuthorityId,
        query: &CertificateQuery,
        most: usize,
        now: Timestamp,
    ) -> Result<Vec<Serial>, Error> {
        let mut filter = query.filter.clone();
        filter.push(Test::Authority(authority.clone()).into());
        self.read(move |snapshot, connection| match &snapshot.lines {
            None => Ok(Vec::new()),
            Some(lines) => lines.serials(connection, &filter, most, now),
        })
        .await
    }

    /// How many lines of each authority `query` names.
    pub async fn matching_by_authority(
        &self,
        query: &CertificateQuery,
        now: Timestamp,
    ) -> Result<BTreeMap<AuthorityArn, u64>, Error> {
        let filter = query.filter.clone();
        self.read(move |snapshot, connection| match &snapshot.lines {
            None => Ok(BTreeMap::new()),
            Some(lines) => lines.by_authority(connection, &filter, now),
        })
        .await
    }

    pub async fn counts(&self, now: Timestamp) -> Result<Counts, Error> {
        self.read(move |snapshot, connection| {
            let as_of = snapshot.as_of();
            let Some(lines) = &snapshot.lines else { return Ok(Counts { as_of, ..Counts::default() }) };
            Ok(Counts { certificates: lines.counts(connection, now)?, devices: lines.sizes().devices, as_of })
        })
        .await
    }
}

impl LineTable {
    /// The serial numbers on all pages, each once, at most `most`.
    fn serials(
        &self,
        connection: &Connection,
        filter: &[Token],
        most: usize,
        now: Timestamp,
    ) -> Result<Vec<Serial>, rusqlite::Error> {
        let Part { text, values } = Narrowed::afresh(self, connection, filter, now)?.lines();
        let mut statement = connection.prepare(&format!("SELECT DISTINCT serial {text} LIMIT {most}"))?;
        statement.query_map(params_from_iter(&values), |row| rows::serial(row, 0))?.collect()
    }

    /// The number of lines on all pages, by authority.
    fn by_authority(
        &self,
        connection: &Connection,
        filter: &[Token],
        now: Timestamp,
    ) -> Result<BTreeMap<AuthorityArn, u64>, rusqlite::Error> {
        let Part { text, values } = Narrowed::afresh(self, connection, filter, now)?.lines();
        let mut statement =
            connection.prepare(&format!("SELECT authority, count(*) {text} GROUP BY authority"))?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, usize>(0)?, row.get(1)?));
        let mut counts = BTreeMap::new();
        for count in statement.query_map(params_from_iter(&values), read)? {
            let (number, count) = count?;
            if let Some(authority) = self.authorities.get(number) {
                counts.insert(authority.clone(), count);
            }
        }
        Ok(counts)
    }

    /// Lines by authority and status.
    pub(crate) fn counts(
        &self,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<BTreeMap<(AuthorityArn, CertificateStatus), u64>, rusqlite::Error> {
        let (lines, days) = (self.name(), self.days.name());
        // Whole days are counted already.
        let expiring = format!(
            "SELECT (SELECT ifnull(sum(expiring), 0) FROM {days} WHERE authority = ?1 AND day < ?2 / {DAY}) \
             + (SELECT count(*) FROM {lines} WHERE authority = ?1 AND standing >= ?2 / {DAY} * {DAY} AND standing < ?2)"
        );
        let other = format!("SELECT count(*) FROM {lines} WHERE authority = ? AND standing = ?");
        let (mut expiring, mut other) =
            (connection.prepare_cached(&expiring)?, connection.prepare_cached(&other)?);
        let mut counts = BTreeMap::new();
        for (number, authority) in self.authorities.iter().enumerate() {
            let mut before = |at: i64| expiring.query_row((number, at), |row| row.get::<_, u64>(0));
            let (expired, soon, ever) =
                (before(now.unix())?, before(now.plus(EXPIRING).unix())?, before(UNKNOWN)?);
            let mut standing = |at: i64| other.query_row((number, at), |row| row.get::<_, u64>(0));
            let (unknown, revoked) = (standing(UNKNOWN)?, standing(REVOKED)?);
            let each = [
                (CertificateStatus::Expired, expired),
                (CertificateStatus::Expiring, soon.saturating_sub(expired)),
                (CertificateStatus::Active, ever.saturating_sub(soon) + unknown),
                (CertificateStatus::Revoked, revoked),
            ];
            counts.extend(each.map(|(status, count)| ((authority.clone(), status), count)));
        }
        Ok(counts)
    }
}
