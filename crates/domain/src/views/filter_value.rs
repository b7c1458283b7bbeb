//! The values of a filter's tokens.

use serde::{Deserialize, Serialize};

use crate::certificate::CertificateStatus;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::Authorisation;

/// The most days that a bound may be away: a hundred years.
const MOST_DAYS: u32 = 36_525;

/// Why a text is no token, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{0}")]
pub struct TokenError(pub(super) String);

/// A text, whole or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Words {
    /// All of it is this text.
    Is(String),
    /// This text is a part of it.
    Contains(String),
}

/// A serial number, or what is known of one. Digits are lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SerialPattern {
    /// Just this serial number.
    Whole(Serial),
    /// The digits that it begins and ends with, as a cut one is shown: `67:b4:4d:d0…78:8d`.
    Ends(String, String),
    /// Digits anywhere in it.
    Part(String),
}

/// What a certificate is now, or how far its revocation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It has this status.
    Is(CertificateStatus),
    /// Revoked, and the newest report does not show it yet.
    Unproven,
}

/// How the issuance of a certificate stands to the authorised issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// An event says who had it issued, and it was judged so.
    Is(Authorisation),
    /// An event says who had it issued, and that was not authorised, whyever.
    Unauthorised,
    /// No intact event says who had it issued.
    Unknown,
}

/// A bound of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Earlier than this moment.
    Before(Timestamp),
    /// From this moment on.
    From(Timestamp),
    /// So many days.
    Within(u32),
}

impl SerialPattern {
    /// What a text means that may be a whole serial number in any form, one that was cut, or digits out of one.
    pub(super) fn parse(words: &Words) -> Result<Self, TokenError> {
        let wrong =
            || TokenError("A serial number has hexadecimal digits, such as 67:b4:4d:d0…78:8d.".to_owned());
        match words {
            Words::Contains(text) => {
                let part = digits(text).filter(|part| !part.is_empty());
                part.map(Self::Part).ok_or_else(wrong)
            }
            Words::Is(text) => match text.parse() {
                Ok(serial) => Ok(Self::Whole(serial)),
                Err(_) => Self::cut(text).ok_or_else(wrong),
            },
        }
    }

    /// A serial number that was cut in the middle, as it is shown; `None`: it is not one.
    pub fn cut(text: &str) -> Option<Self> {
        let (start, end) = text.split_once('…').or_else(|| text.split_once("..."))?;
        let (start, end) = (digits(start)?, digits(end)?);
        // Serial numbers are kept without leading zero octets.
        let start = start.trim_start_matches("00").to_owned();
        (start.len() + end.len() > 0).then_some(Self::Ends(start, end))
    }

    pub(super) fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Whole(serial) => ("=", serial.to_string()),
            Self::Ends(start, end) => ("=", format!("{start}…{end}")),
            Self::Part(part) => ("~", part.clone()),
        }
    }
}

/// Hexadecimal digits without what separates them; `None`: there is something else, or more than a serial number has.
pub fn digits(text: &str) -> Option<String> {
    let kept: String = text.trim().chars().filter(|c| !matches!(c, ':' | '-' | ' ')).collect();
    let good = kept.len() <= 40 && kept.chars().all(|c| c.is_ascii_hexdigit());
    good.then(|| kept.to_ascii_lowercase())
}

impl Standing {
    /// All of them, in the order in which they are offered.
    pub fn all() -> Vec<Self> {
        let statuses = CertificateStatus::ALL.iter().map(|status| Self::Is(*status));
        statuses.chain([Self::Unproven]).collect()
    }

    /// The name in an address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Is(status) => status.name(),
            Self::Unproven => "unproven",
        }
    }
}

impl Judgement {
    /// All of them, in the order in which they are offered.
    pub fn all() -> Vec<Self> {
        let each = Authorisation::ALL.iter().map(|one| Self::Is(*one));
        each.chain([Self::Unauthorised, Self::Unknown]).collect()
    }

    /// The name in an address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Is(authorisation) => authorisation.name(),
            Self::Unauthorised => "unauthorised",
            Self::Unknown => "unknown",
        }
    }
}

impl Bound {
    pub(super) fn parse(sign: char, value: &str) -> Result<Self, TokenError> {
        let days = value.strip_suffix('d').map(str::trim);
        match (sign, days) {
            ('<', Some(days)) => {
                let days = days.parse().ok().filter(|days| *days <= MOST_DAYS);
                days.map(Self::Within)
                    .ok_or_else(|| TokenError("Days are a whole number, such as 30.".to_owned()))
            }
            ('<', None) => moment(value).map(Self::Before),
            ('>', _) => moment(value).map(Self::From),
            _ => Err(TokenError("A time is before, from or within days of something.".to_owned())),
        }
    }

    pub(super) fn parts(self) -> (&'static str, String) {
        match self {
            Self::Before(at) => ("<", at.to_string()),
            Self::From(at) => (">", at.to_string()),
            Self::Within(days) => ("<", format!("{days}d")),
        }
    }
}

fn moment(text: &str) -> Result<Timestamp, TokenError> {
    let text = text.trim_start_matches('=');
    let read = |end: &&str| format!("{text}{end}").parse().ok();
    let wrong = "A time is written 2026-11-22 or 2026-11-22T09:00, UTC.";
    ["", "Z", ":00Z", "T00:00:00Z"].iter().find_map(read).ok_or_else(|| TokenError(wrong.to_owned()))
}

/// The one of `all` that has this name.
pub(super) fn choice<T: Copy>(text: &str, all: &[T], called: fn(T) -> &'static str) -> Result<T, TokenError> {
    let found = all.iter().copied().find(|one| called(*one).eq_ignore_ascii_case(text));
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|one| called(*one)).collect();
        TokenError(format!("It is one of: {}.", names.join(", ")))
    })
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, TokenError> {
    choice(text, &[true, false], |yes| if yes { "yes" } else { "no" })
}
