//! The state of lists in their addresses: reading a query, and writing it (`paths.rs` puts it behind a path).
//!
//! An address that says something unknown is an error that the page shows, never a list that looks unfiltered.

use std::str::FromStr;

use domain::FindingKind;
use domain::certificate::CertificateStatus;
use domain::finding::FindingStateName;
use domain::views::{CertificateQuery, CertificateSort, FindingQuery};
use domain::{AuthorityId, Severity};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::error::AppError;
use crate::paths::{LOOKUP, Query};

/// The names and values of an address's query. Leptos' own map decodes values twice, and not alike on both sides.
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub(crate) fn of(search: &str) -> Self {
        Self(form_urlencoded::parse(search.trim_start_matches('?').as_bytes()).into_owned().collect())
    }

    /// The last value of this name, unless it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// The value of this name, read; an error that names it when it cannot be.
    pub fn get<T: FromStr>(&self, name: &str) -> Result<Option<T>, AppError> {
        self.text(name).map(|value| value.parse().map_err(|_| unknown(name))).transpose()
    }

    /// The one of `all` that has the value of this name.
    pub fn one_of<T: Copy>(
        &self,
        name: &str,
        all: &[T],
        called: fn(T) -> &'static str,
    ) -> Result<Option<T>, AppError> {
        let find = |value: &str| all.iter().copied().find(|one| called(*one) == value);
        self.text(name).map(|value| find(value).ok_or_else(|| unknown(name))).transpose()
    }

    /// People count pages from 1, lists from 0.
    pub(crate) fn page(&self) -> Result<u32, AppError> {
        Ok(self.get::<u32>("page")?.unwrap_or(1).saturating_sub(1))
    }
}

fn unknown(name: &str) -> AppError {
    AppError::invalid(name, format!("The address has a “{name}” that does not exist."))
}

/// What the address of this page asks for, by `read`; follows the address.
pub fn use_query<T>(
    read: impl Fn(&Pairs) -> Result<T, AppError> + Send + Sync + 'static,
) -> Memo<Result<T, AppError>>
where
    T: PartialEq + Send + Sync + 'static,
{
    let search = use_location().search;
    Memo::new(move |_| search.with(|search| read(&Pairs::of(search))))
}

fn sort_name(sort: CertificateSort) -> &'static str {
    match sort {
        CertificateSort::Device => "device",
        CertificateSort::Expiry => "expiry",
        CertificateSort::Issued => "issued",
    }
}

pub fn read_certificates(pairs: &Pairs) -> Result<CertificateQuery, AppError> {
    let sorts = [CertificateSort::Device, CertificateSort::Expiry, CertificateSort::Issued];
    Ok(CertificateQuery {
        search: pairs.text(LOOKUP).map(str::to_owned),
        authority: pairs.get::<AuthorityId>("authority")?,
        status: pairs.one_of("status", &CertificateStatus::ALL, CertificateStatus::name)?,
        sort: pairs.one_of("sort", &sorts, sort_name)?.unwrap_or_default(),
        descending: pairs.one_of("order", &["asc", "desc"], |order| order)? == Some("desc"),
        page: pairs.page()?,
    })
}

pub(crate) fn write_certificates(query: &CertificateQuery) -> Query {
    Query::new()
        .with(LOOKUP, query.search.as_deref().unwrap_or_default())
        .with("authority", text(query.authority.as_ref()))
        .with("status", query.status.map_or("", CertificateStatus::name))
        .with("sort", if query.sort == CertificateSort::default() { "" } else { sort_name(query.sort) })
        .with("order", if query.descending { "desc" } else { "" })
        .with("page", page(query.page))
}

pub fn read_findings(pairs: &Pairs) -> Result<FindingQuery, AppError> {
    Ok(FindingQuery {
        severity: pairs.one_of("severity", &Severity::ALL, Severity::name)?,
        kind: pairs.get::<FindingKind>("kind")?,
        state: pairs.one_of("state", &FindingStateName::ALL, FindingStateName::name)?,
        authority: pairs.get::<AuthorityId>("authority")?,
        page: pairs.page()?,
    })
}

pub(crate) fn write_findings(query: &FindingQuery) -> Query {
    Query::new()
        .with("severity", query.severity.map_or("", Severity::name))
        .with("kind", query.kind.map_or("", FindingKind::name))
        .with("state", query.state.map_or("", FindingStateName::name))
        .with("authority", text(query.authority.as_ref()))
        .with("page", page(query.page))
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// Nothing for the first page: the plain address is the list's beginning.
fn page(from_zero: u32) -> String {
    if from_zero == 0 { String::new() } else { (u64::from(from_zero) + 1).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    fn search(address: String) -> Pairs {
        Pairs::of(address.split_once('?').map_or("", |(_, search)| search))
    }

    #[test]
    fn a_list_of_certificates_is_its_address() {
        let query = CertificateQuery {
            search: Some("100% & é/ä".to_owned()),
            authority: Some("11223344-1234".parse().unwrap()),
            status: Some(CertificateStatus::Expiring),
            sort: CertificateSort::Expiry,
            descending: true,
            page: 3,
        };
        assert_eq!(read_certificates(&search(paths::certificates(&query))), Ok(query));
        assert_eq!(paths::certificates(&CertificateQuery::default()), "/certificates");
        assert_eq!(read_certificates(&Pairs::of("")), Ok(CertificateQuery::default()));
    }

    #[test]
    fn a_list_of_findings_is_its_address() {
        let query = FindingQuery {
            severity: Some(Severity::High),
            kind: Some(FindingKind::Duplicate),
            state: Some(FindingStateName::Dismissed),
            authority: Some("a".parse().unwrap()),
            page: 1,
        };
        assert_eq!(read_findings(&search(paths::findings(&query))), Ok(query));
    }

    #[test]
    fn what_is_unknown_in_an_address_is_said() {
        for (hostile, field) in [
            ("?status=%00", "status"),
            ("page=-1", "page"),
            ("order=up", "order"),
            ("authority=../x", "authority"),
        ] {
            assert_eq!(read_certificates(&Pairs::of(hostile)), Err(unknown(field)), "{hostile}");
        }
        assert_eq!(read_certificates(&Pairs::of("status=&page=0&other=1")), Ok(CertificateQuery::default()));
    }
}
