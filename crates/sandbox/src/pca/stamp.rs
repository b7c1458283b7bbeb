//! A moment to the millisecond, and the forms it takes: SQLite integer, JSON number, report date.

use std::time::Duration;

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime};

/// A moment in UTC, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(OffsetDateTime);

impl From<OffsetDateTime> for Stamp {
    fn from(time: OffsetDateTime) -> Self {
        let time = time.to_offset(time::UtcOffset::UTC);
        Self(time.replace_millisecond(time.millisecond()).unwrap_or(time))
    }
}

impl From<Stamp> for OffsetDateTime {
    fn from(stamp: Stamp) -> Self {
        stamp.0
    }
}

impl Stamp {
    /// From seconds since 1970. `None` beyond the year 9999.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp(seconds).ok().map(Self)
    }

    /// From the digits of an ASN.1 time: `YYYYMMDDHHMMSS`, or `YYMMDDHHMMSS` with years 1950 to 2049.
    pub fn from_digits(digits: &str) -> Option<Self> {
        let full = match digits.len() {
            14 => digits.to_owned(),
            12 if digits < "50" => format!("20{digits}"),
            12 => format!("19{digits}"),
            _ => return None,
        };
        let format = format_description!("[year][month][day][hour][minute][second]");
        time::PrimitiveDateTime::parse(&full, format).ok().map(|t| Self(t.assume_utc()))
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0.unix_timestamp() * 1000 + i64::from(self.0.millisecond())
    }

    /// Seconds since 1970 as AWS JSON 1.1 carries a timestamp: a number, fraction allowed.
    pub fn json(self) -> serde_json::Value {
        match self.0.millisecond() {
            0 => self.0.unix_timestamp().into(),
            milli => (self.0.unix_timestamp() as f64 + f64::from(milli) / 1000.0).into(),
        }
    }

    /// As an audit report writes it: `2020-02-26T18:39:57+0000`.
    pub fn report(self) -> String {
        let t = self.0;
        let (date, month) = (t.date(), u8::from(t.month()));
        let (h, m, s) = t.to_hms();
        format!("{:04}-{month:02}-{:02}T{h:02}:{m:02}:{s:02}+0000", date.year(), date.day())
    }

    /// Later by `by`, at most to the end of the year 9999.
    pub fn plus(self, by: Duration) -> Self {
        let by = time::Duration::try_from(by).unwrap_or(time::Duration::MAX);
        Self(self.0.saturating_add(by))
    }

    /// Earlier by `by`.
    pub fn minus(self, by: Duration) -> Self {
        let by = time::Duration::try_from(by).unwrap_or(time::Duration::MAX);
        Self(self.0.saturating_sub(by))
    }

    /// Days later. `None` beyond the year 9999.
    pub fn plus_days(self, days: u32) -> Option<Self> {
        self.0.checked_add(time::Duration::days(i64::from(days))).map(Self)
    }

    /// Calendar months later; a day that the month lacks becomes its last. `None` beyond the year 9999.
    pub fn plus_months(self, months: u32) -> Option<Self> {
        let months = u32::from(u8::from(self.0.month()) - 1).checked_add(months)?;
        let year = self.0.year().checked_add_unsigned(months / 12)?;
        let month = Month::try_from(u8::try_from(months % 12).ok()? + 1).ok()?;
        let day = self.0.day().min(month.length(year));
        Some(Self(self.0.replace_date(Date::from_calendar_date(year, month, day).ok()?)))
    }

    /// The time from `earlier` to this one; zero if it is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0 - earlier.0).unwrap_or(Duration::ZERO)
    }
}

impl ToSql for Stamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.millis().into())
    }
}

impl FromSql for Stamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let millis = value.as_i64()?;
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn months_keep_to_the_calendar() {
        let january = Stamp::from(datetime!(2024-01-31 10:00 UTC));
        assert_eq!(january.plus_months(1), Some(Stamp::from(datetime!(2024-02-29 10:00 UTC))));
        assert_eq!(january.plus_months(23), Some(Stamp::from(datetime!(2025-12-31 10:00 UTC))));
        assert_eq!(january.plus_months(12 * 9000), None);
    }

    #[test]
    fn dates_take_the_forms_of_aws() {
        let stamp = Stamp::from(datetime!(2020-02-26 18:39:57.250999 UTC));
        assert_eq!(stamp.report(), "2020-02-26T18:39:57+0000");
        assert_eq!(stamp.json().to_string(), "1582742397.25");
        assert_eq!(Stamp::from_digits("20200226183957").map(Stamp::millis), Some(1_582_742_397_000));
        assert_eq!(Stamp::from_digits("491231235959"), Stamp::from_digits("20491231235959"));
        assert_eq!(Stamp::from_digits("500101000000"), Stamp::from_digits("19500101000000"));
        assert_eq!(Stamp::from_digits("2020022618395Z"), None);
    }
}
