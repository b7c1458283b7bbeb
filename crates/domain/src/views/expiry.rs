//! When certificates expire: how many that are not revoked, by day, week or month, and by authority.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::authority::Authority;
use super::certificates::{CertificateQuery, CertificateSort};
use super::filter::{Test, Token};
use super::filter_value::{Bound, Standing};
use crate::authority::AuthorityId;
use crate::certificate::CertificateStatus;
use crate::timestamp::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);

/// A part of the calendar (UTC); a week begins on its Monday (ISO 8601).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CalendarUnit {
    /// A day, from midnight.
    Day,
    /// A week, from its Monday.
    #[default]
    Week,
    /// A month, from its first day.
    Month,
}

impl CalendarUnit {
    /// Every unit, the shortest first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Day => "Day",
            Self::Week => "Week",
            Self::Month => "Month",
        }
    }

    /// How many of them a page shows: days in whole weeks, half a year, two years.
    pub fn shown(self) -> usize {
        match self {
            Self::Day => 42,
            Self::Week => 26,
            Self::Month => 24,
        }
    }

    /// When the one begins that `at` is in.
    pub fn begins(self, at: Timestamp) -> Timestamp {
        let midnight = |date: &str| format!("{date}T00:00:00Z").parse().unwrap_or(Timestamp::EPOCH);
        let (date, day) = (at.date(), at.unix().div_euclid(86_400));
        match self {
            Self::Day => midnight(&date),
            // 1970-01-01 was a Thursday.
            Self::Week => {
                midnight(&date).minus(DAY * u32::try_from((day + 3).rem_euclid(7)).unwrap_or_default())
            }
            Self::Month => midnight(&format!("{}-01", date.get(..7).unwrap_or_default())),
        }
    }

    /// When the next one begins after the one that `at` is in; `at` itself at the end of 9999.
    pub fn next(self, at: Timestamp) -> Timestamp {
        let longest = match self {
            Self::Day => DAY,
            Self::Week => DAY * 7,
            Self::Month => DAY * 31,
        };
        self.begins(self.begins(at).plus(longest))
    }

    /// When a page begins that shows `at` first: with the week of a day, so that days stand below their names.
    pub fn page(self, at: Timestamp) -> Timestamp {
        match self {
            Self::Day => Self::Week.begins(at),
            other => other.begins(at),
        }
    }

    /// When the page before the one begins that begins at `from`.
    pub fn page_before(self, from: Timestamp) -> Timestamp {
        match self {
            Self::Day | Self::Week => self.page(from.minus(DAY * if self == Self::Day { 42 } else { 182 })),
            // Within the month two years before.
            Self::Month => self.page(from.minus(DAY * 720)),
        }
    }
}

/// Which part of the calendar a page shows; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiryQuery {
    /// What each span is long.
    pub unit: CalendarUnit,
    /// `None`: all.
    pub authority: Option<AuthorityId>,
    /// In the first unit shown; `None`: now.
    pub from: Option<Timestamp>,
}

/// The certificates that expire from `from` on, before `to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpirySpan {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment behind it.
    pub to: Timestamp,
    /// Authorities without any are left out.
    pub counts: BTreeMap<AuthorityId, u64>,
}

impl ExpirySpan {
    /// So many in a row, still empty, the first at `from`.
    pub fn follow(unit: CalendarUnit, mut from: Timestamp, number: usize) -> Vec<Self> {
        let mut span = || {
            let to = unit.next(from);
            let span = Self { from, to, counts: BTreeMap::new() };
            from = to;
            span
        };
        (0..number).map(|_| span()).collect()
    }

    /// How many they are, of all authorities.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Just these in the list of certificates, the first to expire first.
    pub fn list(&self, authority: Option<&AuthorityId>) -> CertificateQuery {
        let not_revoked = Token { not: true, test: Test::Status(Standing::Is(CertificateStatus::Revoked)) };
        let mut filter = vec![
            Test::Expires(Bound::From(self.from)).into(),
            Test::Expires(Bound::Before(self.to)).into(),
            not_revoked,
        ];
        filter.extend(authority.map(|id| Test::Authority(id.clone()).into()));
        CertificateQuery { filter, sort: CertificateSort::Expiry, ..CertificateQuery::default() }
    }
}

/// A page of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiryView {
    /// All that are configured, for their names.
    pub authorities: Vec<Authority>,
    /// One after the other, none left out.
    pub spans: Vec<ExpirySpan>,
    /// When the records behind it were read; `None`: not yet.
    pub as_of: Option<Timestamp>,
    /// The key of the viewer's own calendar; `None`: they have none.
    pub calendar: Option<String>,
}

impl ExpiryQuery {
    /// The spans of the page, still empty.
    pub fn spans(&self, now: Timestamp) -> Vec<ExpirySpan> {
        ExpirySpan::follow(self.unit, self.unit.page(self.from.unwrap_or(now)), self.unit.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_weeks_and_months_are_those_of_the_calendar() {
        // A Sunday.
        let now = at("2026-11-29T17:48:00Z");
        let between = |unit: CalendarUnit| (unit.begins(now).date(), unit.next(now).date());
        let dates = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(between(CalendarUnit::Day), dates("2026-11-29", "2026-11-30"));
        assert_eq!(between(CalendarUnit::Week), dates("2026-11-23", "2026-11-30"));
        assert_eq!(between(CalendarUnit::Month), dates("2026-11-01", "2026-12-01"));
        assert_eq!(CalendarUnit::Week.begins(at("1969-12-31T23:59:59Z")).date(), "1969-12-29");
        assert_eq!(CalendarUnit::Month.next(at("2028-02-29T00:00:00Z")).date(), "2028-03-01");
        let end = at("9999-12-31T23:59:59Z");
        CalendarUnit::ALL.iter().for_each(|unit| assert!(unit.next(end) <= end, "{unit:?}"));
    }

    #[test]
    fn a_page_has_no_gaps_and_the_one_before_ends_where_it_begins() {
        for &unit in CalendarUnit::ALL {
            let query = ExpiryQuery { unit, ..ExpiryQuery::default() };
            let spans = query.spans(at("2026-11-29T17:48:00Z"));
            assert_eq!(spans.len(), unit.shown());
            assert!(spans.windows(2).all(|pair| pair[0].to == pair[1].from));
            let from = Some(unit.page_before(spans[0].from));
            let before = ExpiryQuery { from, ..query }.spans(Timestamp::EPOCH);
            assert_eq!(before.last().map(|span| span.to), Some(spans[0].from), "{unit:?}");
        }
    }
}
