//! Times as cron writes them, in UTC.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use croner::errors::CronError as Croner;
use croner::parser::{CronParser, Seconds, Year};
use croner::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use serde::{Deserialize, Serialize};
use time::{Date, Month, Time};

use crate::foreign;
use crate::timestamp::Timestamp;

/// No longer text is read.
const LONGEST: usize = 100;
/// AWS makes one report of an authority in this time: runs closer together would read the same one.
const CLOSEST: Duration = Duration::from_secs(30 * 60);
/// Between so many times one after the other that is looked for.
const LOOKED_AT: usize = 400;
/// 2024-01-01T00:00:00Z, where that begins: a year with a leap day.
const FROM: i64 = 1_704_067_200;

/// `0 3 * * 1`: minute, hour, day of the month, month, day of the week, in UTC. It comes again and again, and never twice within half
/// an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    /// As it was written.
    text: String,
    times: Box<croner::Cron>,
}

/// Why a text says no times.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It is no cron expression of five fields; why, on one line.
    #[error("not times as cron writes them: minute, hour, day of the month, month, day of the week ({0})")]
    Unreadable(String),
    /// No date is meant, such as 30 February.
    #[error("never: there is no such day")]
    Never,
    /// Two times one after the other are less than 30 minutes apart: both, as people read them.
    #[error(
        "more often than every 30 minutes, as at {0} and {1}: AWS makes one report of an authority in that time"
    )]
    TooOften(String, String),
}

impl Cron {
    /// The expression, as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first time that is later than `moment`.
    pub(super) fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        self.times.find_next_occurrence(&Utc(moment), false).ok().map(|Utc(time)| time)
    }

    /// The last time that is not later than `moment`.
    pub(super) fn until(&self, moment: Timestamp) -> Option<Timestamp> {
        self.times.find_previous_occurrence(&Utc(moment), true).ok().map(|Utc(time)| time)
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let text = text.trim();
        let unreadable = |why: &str| CronError::Unreadable(foreign::short_line(why, 200));
        if text.len() > LONGEST || !text.is_ascii() {
            return Err(unreadable("it is too long, or has other letters"));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let times = parser.parse(text).map_err(|error| unreadable(&error.to_string()))?;
        let cron = Self { text: text.to_owned(), times: Box::new(times) };
        let mut last =
            cron.after(Timestamp::from_unix(FROM).unwrap_or(Timestamp::EPOCH)).ok_or(CronError::Never)?;
        for _ in 0..LOOKED_AT {
            let Some(next) = cron.after(last) else { return Err(CronError::Never) };
            if next.since(last) < CLOSEST {
                return Err(CronError::TooOften(last.absolute(), next.absolute()));
            }
            last = next;
        }
        Ok(cron)
    }
}

impl TryFrom<String> for Cron {
    type Error = CronError;

    fn try_from(text: String) -> Result<Self, CronError> {
        text.parse()
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A moment for the library.
#[derive(Clone)]
struct Utc(Timestamp);

impl CronDateTime for Utc {
    fn to_civil(&self) -> CivilDateTime {
        let at = self.0.datetime();
        let date = CivilDate::from_parts_unchecked(at.year(), u8::from(at.month()).into(), at.day().into());
        let (hour, minute, second) = at.to_hms();
        CivilDateTime::new(date, CivilTime::from_parts_unchecked(hour.into(), minute.into(), second.into()))
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(self.0.datetime().weekday().number_days_from_sunday().into())
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, Croner> {
        let small = |number: u32| u8::try_from(number).ok();
        let date = small(civil.month()).and_then(|month| Month::try_from(month).ok()).zip(small(civil.day()));
        let date = date.and_then(|(month, day)| Date::from_calendar_date(civil.year(), month, day).ok());
        let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
        let time = small(hour).zip(small(minute)).zip(small(second));
        let time = time.and_then(|((hour, minute), second)| Time::from_hms(hour, minute, second).ok());
        let at = date.ok_or(Croner::InvalidDate)?.with_time(time.ok_or(Croner::InvalidTime)?).assume_utc();
        let at = Timestamp::from_unix(at.unix_timestamp()).map_err(|_| Croner::InvalidDate)?;
        Ok(Resolution::Single(Self(at)))
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        Timestamp::from_unix(self.0.unix().checked_add(seconds)?).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
