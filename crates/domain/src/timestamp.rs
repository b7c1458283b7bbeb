//! Moments in whole seconds since 1970, always UTC: the precision that certificates and AWS reports have.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime};

use crate::number::Decimal;

/// Seconds.
const DAY: i64 = 86_400;
/// The first second of the year 1.
const FIRST: i64 = -62_135_596_800;
/// The last second of 9999.
const LAST: i64 = 253_402_300_799;
/// 1970-01-01 as a Julian day.
const EPOCH_DAY: i32 = 2_440_588;
/// September 2001. A smaller number is no time of a certificate: a date as `20261101` would be one of August 1970.
const FIRST_NUMBER: i64 = 1_000_000_000;

/// Seconds since 1970-01-01T00:00:00Z, between the years 1 and 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// A text is not a moment that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is not of the form 2026-02-26T18:39:57Z, nor seconds or milliseconds since 1970")]
pub struct TimestampError;

impl Timestamp {
    /// 1970-01-01T00:00:00Z; stands in for a time that nobody knows.
    pub const EPOCH: Self = Self(0);

    /// `seconds` since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// It is before the year 1 or after 9999.
    pub fn from_unix(seconds: i64) -> Result<Self, TimestampError> {
        if (FIRST..=LAST).contains(&seconds) { Ok(Self(seconds)) } else { Err(TimestampError) }
    }

    /// The last second, UTC, of a day as date fields write it: `2026-12-01`.
    pub fn end_of_day(day: &str) -> Result<Self, TimestampError> {
        format!("{}T23:59:59Z", day.trim()).parse()
    }

    /// Seconds since 1970-01-01T00:00:00Z; before that, negative.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The moment `later` after this one; the end of 9999 when that lies beyond it.
    pub fn plus(self, later: Duration) -> Self {
        let seconds = i64::try_from(later.as_secs()).unwrap_or(i64::MAX);
        Self::from_unix(self.0.saturating_add(seconds)).unwrap_or(Self(LAST))
    }

    /// The moment `earlier` before this one; 1970 when that lies before year 1.
    pub fn minus(self, earlier: Duration) -> Self {
        let seconds = i64::try_from(earlier.as_secs()).unwrap_or(i64::MAX);
        Self::from_unix(self.0.saturating_sub(seconds)).unwrap_or(Self::EPOCH)
    }

    /// How long ago `earlier` was; zero when it is not in the past.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The distance in either direction.
    pub fn distance(self, other: Self) -> Duration {
        Duration::from_secs(self.0.abs_diff(other.0))
    }

    /// From a decimal number of seconds since 1970, or of milliseconds, microseconds or nanoseconds: whichever unit puts it
    /// before the year 10000. Fractions are cut; an exponent is allowed.
    pub fn from_number(text: &str) -> Result<Self, TimestampError> {
        let number = Decimal::parse(text).filter(|number| !number.negative).ok_or(TimestampError)?;
        let digits = number.floor().ok_or(TimestampError)?;
        let value = digits
            .into_iter()
            .try_fold(0_i64, |value, digit| value.checked_mul(10)?.checked_add(digit.into()));
        let mut value = value.filter(|value| *value >= FIRST_NUMBER).ok_or(TimestampError)?;
        while value > LAST {
            value /= 1000;
        }
        Self::from_unix(value)
    }

    /// Whether it is midnight, UTC: then it may be a date that was written without a time.
    pub(crate) fn is_midnight(self) -> bool {
        self.0.rem_euclid(DAY) == 0
    }

    /// The last second that this moment may stand for: of a date without a time, the day's.
    pub fn latest(self) -> Self {
        if self.is_midnight() { Self::from_unix(self.0 + DAY - 1).unwrap_or(self) } else { self }
    }

    pub(crate) fn datetime(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// `2026-02-26`, UTC.
    pub fn date(self) -> String {
        self.datetime().format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
    }

    /// `2026-02-26 18:39:57 UTC`, the form for people.
    pub fn absolute(self) -> String {
        let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
        self.datetime().format(form).unwrap_or_default()
    }

    /// "2 minutes ago" of what has happened: never the future, whatever the clocks of other machines say.
    pub fn ago(self, now: Self) -> String {
        self.min(now).relative(now)
    }

    /// "2 minutes ago", "in 3 days", seen from `now`.
    pub fn relative(self, now: Self) -> String {
        let words = words(self.distance(now));
        match self.cmp(&now) {
            std::cmp::Ordering::Greater => format!("in {words}"),
            _ if self.distance(now).as_secs() < 5 => "just now".to_owned(),
            _ => format!("{words} ago"),
        }
    }
}

/// A duration in its largest unit: "1 second", "5 minutes", "3 days".
pub fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        172_800..63_072_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.datetime().format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// RFC 3339 with any offset, also written `+0000` or `+00`, with a space for the `T`, without seconds, without an offset
    /// (then it is UTC) or without a time (then it is midnight); or a number, as [`Timestamp::from_number`]. Fractions are
    /// cut.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let text = text.trim();
        match text.as_bytes().get(4) {
            Some(b'-') => Reader(text.as_bytes()).moment().ok_or(TimestampError),
            _ => Self::from_number(text),
        }
    }
}

/// What is left of a text with a time.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn moment(&mut self) -> Option<Timestamp> {
        let year = self.digits(4)?;
        let month = self.skip(b"-").then(|| self.digits(2))??;
        let day = self.skip(b"-").then(|| self.digits(2))??;
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = Date::from_calendar_date(year.try_into().ok()?, month, day.try_into().ok()?).ok()?;
        let (mut seconds, mut offset) = (0, 0);
        if self.skip(b"Tt ") {
            seconds = self.time()?;
            offset = self.offset()?;
        }
        let midnight = i64::from(date.to_julian_day() - EPOCH_DAY) * DAY;
        self.0.is_empty().then(|| Timestamp::from_unix(midnight + seconds - offset).ok())?
    }

    /// Seconds since midnight.
    fn time(&mut self) -> Option<i64> {
        let hour = self.digits(2)?;
        let minute = self.skip(b":").then(|| self.digits(2))??;
        let mut second = 0;
        if self.skip(b":") {
            second = self.digits(2)?;
            if self.skip(b".,") {
                let fraction = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
                self.0 = &self.0[fraction..];
                (fraction > 0).then_some(())?;
            }
        }
        // A leap second is the last one of its minute.
        let good = hour < 24 && minute < 60 && second <= 60;
        good.then_some(hour * 3600 + minute * 60 + second.min(59))
    }

    /// Seconds before UTC; without an offset it is UTC.
    fn offset(&mut self) -> Option<i64> {
        self.skip(b" ");
        if self.skip(b"Zz") || self.0.is_empty() || self.is_utc() {
            return Some(0);
        }
        let sign = if self.skip(b"-") { -1 } else { self.skip(b"+").then_some(1)? };
        let hours = self.digits(2)?;
        let minutes = if self.skip(b":") || self.0.first().is_some_and(u8::is_ascii_digit) {
            self.digits(2)?
        } else {
            0
        };
        // Go writes "+0000 UTC".
        if self.skip(b" ") {
            self.is_utc().then_some(())?;
        }
        (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }

    fn is_utc(&mut self) -> bool {
        let utc = matches!(self.0, b"UTC" | b"GMT");
        if utc {
            self.0 = &[];
        }
        utc
    }

    /// Goes past the next byte, if it is one of these.
    fn skip(&mut self, any: &[u8]) -> bool {
        let found = self.0.first().is_some_and(|byte| any.contains(byte));
        self.0 = &self.0[usize::from(found)..];
        found
    }

    /// A number of so many digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits
            .iter()
            .try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, TimestampError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_forms_of_aws_and_of_other_tools() {
        let expected = Timestamp::from_unix(1_582_742_397).unwrap();
        for form in [
            "2020-02-26T18:39:57+0000",
            "2020-02-26T18:39:57Z",
            "2020-02-26t18:39:57z",
            "2020-02-26T18:39:57.250Z",
            "2020-02-26T19:39:57+01:00",
            "2020-02-26T13:09:57.5-0530",
            "2020-02-26T19:39:57+01",
            " 2020-02-26 18:39:57.123456 ",
            "2020-02-26 18:39:57+00:00",
            "2020-02-26 18:39:57 +0000 UTC",
            "2020-02-26 18:39:57 GMT",
            "1582742397",
            "1582742397.75",
            "1.582742397E9",
            "1582742397250",
            "1.58274239725e+12",
            "1582742397250000",
            "1582742397250000000",
        ] {
            assert_eq!(form.parse(), Ok(expected), "{form}");
        }
        assert_eq!(
            "9999-12-31T23:59:59+0000".parse::<Timestamp>().unwrap().to_string(),
            "9999-12-31T23:59:59Z"
        );
        let date: Timestamp = "2020-02-26".parse().unwrap();
        assert_eq!((date.is_midnight(), date.to_string().as_str()), (true, "2020-02-26T00:00:00Z"));
        assert_eq!(date.latest().to_string(), "2020-02-26T23:59:59Z");
        assert_eq!((expected.is_midnight(), expected.latest()), (false, expected));
        assert_eq!("2016-12-31T23:59:60Z".parse(), "2016-12-31T23:59:59Z".parse::<Timestamp>());
    }

    #[test]
    fn what_could_be_another_time_is_none() {
        for wrong in [
            "",
            "yesterday",
            "2020-02-30T00:00:00Z",
            "2020-02-26T24:00:00Z",
            "2020-02-26T18:60:00Z",
            "2020-02-26T18",
            "2020-02-26T18:39:57.Z",
            "2020-02-26T18:39:57+1",
            "2020-02-26T18:39:57+24:00",
            "2020-02-26T18:39:57 CET",
            "2020-02-26T18:39:57Zz",
            "2020-2-26",
            "20200226",
            "26.02.2020 18:39",
            "02/26/2020",
            "0000-01-01T00:00:00Z",
            "10000-01-01",
            "0",
            "-1582742397",
            "1e99",
            "12345",
        ] {
            assert_eq!(wrong.parse::<Timestamp>(), Err(TimestampError), "{wrong}");
        }
    }

    #[test]
    fn speaks_of_time_as_people_do() {
        let now = Timestamp::from_unix(1_000_000).unwrap();
        assert_eq!(now.minus(Duration::from_secs(120)).relative(now), "2 minutes ago");
        assert_eq!(now.plus(Duration::from_secs(86_400 * 3)).relative(now), "in 3 days");
        assert_eq!(now.relative(now), "just now");
        assert_eq!(now.plus(Duration::from_secs(5)).ago(now), "just now", "another machine's clock");
        assert_eq!(now.minus(Duration::from_secs(120)).ago(now), "2 minutes ago");
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(seconds in -62_135_596_800i64..253_402_300_800) {
            let timestamp = Timestamp::from_unix(seconds).unwrap();
            prop_assert_eq!(timestamp.to_string().parse::<Timestamp>(), Ok(timestamp));
        }

        #[test]
        fn an_offset_is_taken_away(seconds in 0i64..253_402_000_000, hours in 0i64..24, minutes in 0i64..60) {
            let utc = Timestamp::from_unix(seconds).unwrap();
            let there = Timestamp::from_unix(seconds + hours * 3600 + minutes * 60).unwrap().to_string();
            let there = there.trim_end_matches('Z');
            for form in [format!("{there}+{hours:02}:{minutes:02}"), format!("{there}.5+{hours:02}{minutes:02}")] {
                prop_assert_eq!(form.parse::<Timestamp>(), Ok(utc));
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}", digits in "[-+0-9TZ:. eE]{0,40}") {
            for text in [text, digits] {
                if let Ok(moment) = text.parse::<Timestamp>() {
                    prop_assert_eq!(moment.to_string().parse::<Timestamp>(), Ok(moment));
                    let _ = (moment.latest(), moment.is_midnight());
                }
            }
        }

        #[test]
        fn arithmetic_never_panics(seconds in proptest::num::i64::ANY, delta in proptest::num::u64::ANY) {
            if let Ok(timestamp) = Timestamp::from_unix(seconds) {
                let _ = (timestamp.plus(Duration::from_secs(delta)), timestamp.minus(Duration::from_secs(delta)));
            }
        }
    }

    #[test]
    fn a_day_has_an_end() {
        let end = Timestamp::end_of_day(" 2026-12-01 ").unwrap();
        assert_eq!(end.absolute(), "2026-12-01 23:59:59 UTC");
        for hostile in ["", "1.12.2026", "2026-13-01", "2026-12-01T00:00:00Z", "tomorrow", "\u{0}"] {
            assert!(Timestamp::end_of_day(hostile).is_err(), "{hostile}");
        }
    }
}
