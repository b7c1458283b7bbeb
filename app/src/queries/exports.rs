//! Lists that are taken along as files, in the addresses of these: the list's own query, from its beginning.

use domain::views::{
    ActivityQuery, CertificateQuery, Export, FindingQuery, LedgerQuery, Place, RequestQuery,
};

use super::{
    read_activity, read_certificates, read_findings, read_ledger, read_requests, write_activity,
    write_certificates, write_findings, write_ledger, write_requests,
};
use crate::address::{Pairs, Query};
use crate::error::AppError;

/// A list with what it is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    Certificates(CertificateQuery),
    Findings(FindingQuery),
    Activity(ActivityQuery),
    Requests(RequestQuery),
    Ledger(LedgerQuery),
}

impl Exported {
    /// # Errors
    /// A part of it is not understood: no file is made of a list that nobody asked for.
    pub fn read(of: Export, pairs: &Pairs) -> Result<Self, AppError> {
        let read = match of {
            Export::Certificates => read_certificates(pairs).map(Self::Certificates),
            Export::Findings => read_findings(pairs).map(Self::Findings),
            Export::Activity => read_activity(pairs).map(Self::Activity),
            Export::Requests => read_requests(pairs).map(Self::Requests),
            Export::Ledger => read_ledger(pairs).map(Self::Ledger),
        };
        read.map(Self::whole)
    }

    pub fn list(&self) -> Export {
        match self {
            Self::Certificates(_) => Export::Certificates,
            Self::Findings(_) => Export::Findings,
            Self::Activity(_) => Export::Activity,
            Self::Requests(_) => Export::Requests,
            Self::Ledger(_) => Export::Ledger,
        }
    }

    /// What it is narrowed to and how it is ordered, as its address says it.
    pub fn filter(&self) -> String {
        self.query().text()
    }

    pub(crate) fn query(&self) -> Query {
        match self.clone().whole() {
            Self::Certificates(query) => write_certificates(&query),
            Self::Findings(query) => write_findings(&query),
            Self::Activity(query) => write_activity(&query),
            Self::Requests(query) => write_requests(&query),
            Self::Ledger(query) => write_ledger(&query),
        }
    }

    /// Whatever page it was on.
    fn whole(self) -> Self {
        match self {
            Self::Certificates(query) => {
                Self::Certificates(CertificateQuery { place: Place::First, ..query })
            }
            Self::Findings(query) => Self::Findings(FindingQuery { page: 0, ..query }),
            Self::Activity(query) => Self::Activity(ActivityQuery { page: 0, ..query }),
            Self::Requests(query) => Self::Requests(RequestQuery { before: None, ..query }),
            Self::Ledger(query) => Self::Ledger(LedgerQuery { before: None, ..query }),
        }
    }
}
