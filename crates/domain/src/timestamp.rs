//! Moments in whole seconds since 1970, always UTC: the precision that certificates and AWS reports have.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// Seconds since 1970-01-01T00:00:00Z, between the years 1 and 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// A text is not a moment that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is not of the form 2026-02-26T18:39:57Z or 2026-02-26T18:39:57+0000, or is before year 1")]
pub struct TimestampError;

impl Timestamp {
    pub const EPOCH: Self = Self(0);

    pub fn from_unix(seconds: i64) -> Result<Self, TimestampError> {
        OffsetDateTime::from_unix_timestamp(seconds)
            .ok()
            .filter(|t| (1..=9999).contains(&t.year()))
            .map(|t| Self(t.unix_timestamp()))
            .ok_or(TimestampError)
    }

    /// The last second, UTC, of a day as date fields write it: `2026-12-01`.
    pub fn end_of_day(day: &str) -> Result<Self, TimestampError> {
        format!("{}T23:59:59Z", day.trim()).parse()
    }

    pub fn unix(self) -> i64 {
        self.0
    }

    /// The moment `later` after this one; the end of 9999 when that lies beyond it.
    pub fn plus(self, later: Duration) -> Self {
        let seconds = i64::try_from(later.as_secs()).unwrap_or(i64::MAX);
        Self::from_unix(self.0.saturating_add(seconds)).unwrap_or(Self(253_402_300_799))
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

    fn datetime(self) -> OffsetDateTime {
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

    /// RFC 3339 in any offset, or with the offset written `+0000` as the audit report does; fractions are cut.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let text = text.trim();
        let parsed = OffsetDateTime::parse(text, &Rfc3339).or_else(|_| {
            let form = format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second][offset_hour sign:mandatory][offset_minute]"
            );
            OffsetDateTime::parse(text, form)
        });
        parsed.map_err(|_| TimestampError).and_then(|t| Self::from_unix(t.unix_timestamp()))
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
    fn reads_the_forms_of_aws() {
        let expected = Timestamp::from_unix(1_582_742_397).unwrap();
        for form in [
            "2020-02-26T18:39:57+0000",
            "2020-02-26T18:39:57Z",
            "2020-02-26T18:39:57.250Z",
            "2020-02-26T19:39:57+01:00",
        ] {
            assert_eq!(form.parse(), Ok(expected), "{form}");
        }
        assert_eq!(
            "9999-12-31T23:59:59+0000".parse::<Timestamp>().unwrap().to_string(),
            "9999-12-31T23:59:59Z"
        );
        for wrong in ["", "yesterday", "2020-02-30T00:00:00Z", "2020-02-26", "1582742397"] {
            assert_eq!(wrong.parse::<Timestamp>(), Err(TimestampError), "{wrong}");
        }
    }

    #[test]
    fn speaks_of_time_as_people_do() {
        let now = Timestamp::from_unix(1_000_000).unwrap();
        assert_eq!(now.minus(Duration::from_secs(120)).relative(now), "2 minutes ago");
        assert_eq!(now.plus(Duration::from_secs(86_400 * 3)).relative(now), "in 3 days");
        assert_eq!(now.relative(now), "just now");
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(seconds in -62_135_596_800i64..253_402_300_800) {
            let timestamp = Timestamp::from_unix(seconds).unwrap();
            prop_assert_eq!(timestamp.to_string().parse::<Timestamp>(), Ok(timestamp));
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
