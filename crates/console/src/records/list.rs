//! Pages of the list of certificates, and how many there are of each kind.

use std::collections::BTreeMap;

use domain::certificate::CertificateStatus;
use domain::views::{CertificatePage, CertificateQuery, PAGE_SIZE, Standing, Test, Token};
use domain::{AuthorityArn, AuthorityId, Serial, Timestamp};
use rusqlite::{Connection, params_from_iter};

use super::condition::{Conditions, Part};
use super::lines::LineTable;
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
        let (query, crl_problem) = (query.clone(), self.crl_problem());
        self.read(move |snapshot, connection| {
            let (as_of, problem) = (snapshot.as_of(), snapshot.problem.clone());
            let problems: Vec<String> = problem.into_iter().chain(crl_problem).collect();
            let problem = (!problems.is_empty()).then(|| problems.join(" "));
            let page = match &snapshot.lines {
                None => CertificatePage::default(),
                Some(lines) => lines.page(connection, &query, most, now)?,
            };
            Ok(CertificatePage { as_of, problem, ..page })
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
        let Part { text, values } = Narrowed::new(self, connection, filter, now)?.lines();
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
        let Part { text, values } = Narrowed::new(self, connection, filter, now)?.lines();
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
        let mut counts = BTreeMap::new();
        let conditions = Conditions::new(self, connection, now)?;
        for authority in &self.authorities {
            for &status in CertificateStatus::ALL {
                let of = [Test::Authority(authority.id()), Test::Status(Standing::Is(status))];
                let Part { text, values } = conditions.all(&of.map(Token::from));
                let count = format!("SELECT count(*) FROM {} {text}", self.name());
                let count = connection.query_row(&count, params_from_iter(&values), |row| row.get(0))?;
                counts.insert((authority.clone(), status), count);
            }
        }
        Ok(counts)
    }
}
