//! A place in a long list: a page is found by the line beside it, so that the last one costs what the first one does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::IdError;
use crate::serial::Serial;

/// Which page of a list: `last`, `after:MARK` or `before:MARK` in an address, nothing for the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// The first page.
    #[default]
    First,
    /// The last page, and no more on it than on the others.
    Last,
    /// The page that begins behind this line.
    After(Mark),
    /// The page that ends before this line.
    Before(Mark),
}

/// What a line is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Key {
    /// Of what is sorted by time (seconds since 1970), by authority, or by serial number alone: the number that the
    /// records sort by.
    Number(i64),
    /// Of what is sorted by text.
    Text(String),
}

/// A line at the edge of a page: `LINES.SAME.SERIAL.KEY`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// How many lines of the list are before the edge; `None`: nobody counted.
    pub lines: Option<u64>,
    /// How many lines with the same key and serial number lie on the page's side of the edge: they are passed over.
    pub same: u32,
    /// The line's serial number, which tells lines of one key apart.
    pub serial: Serial,
    /// What the line is sorted by.
    pub key: Key,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.map(|lines| lines.to_string()).unwrap_or_default();
        write!(f, "{lines}.{}.{}.", self.same, self.serial)?;
        match &self.key {
            Key::Number(number) => write!(f, "n{number}"),
            Key::Text(text) => write!(f, "t{text}"),
        }
    }
}

impl FromStr for Mark {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = IdError("a place in a list");
        let mut parts = text.splitn(4, '.');
        let mut next = || parts.next().ok_or(error);
        let (lines, same, serial, key) = (next()?, next()?, next()?, next()?);
        let lines =
            Some(lines).filter(|lines| !lines.is_empty()).map(|lines| lines.parse().map_err(|_| error));
        let key = match key.split_at_checked(1) {
            Some(("n", number)) => Key::Number(number.parse().map_err(|_| error)?),
            Some(("t", text)) => Key::Text(text.to_owned()),
            _ => return Err(error),
        };
        Ok(Self {
            lines: lines.transpose()?,
            same: same.parse().map_err(|_| error)?,
            serial: serial.parse().map_err(|_| error)?,
            key,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => Ok(()),
            Self::Last => f.write_str("last"),
            Self::After(mark) => write!(f, "after:{mark}"),
            Self::Before(mark) => write!(f, "before:{mark}"),
        }
    }
}

impl FromStr for Place {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once(':') {
            None if text.is_empty() => Ok(Self::First),
            None if text == "last" => Ok(Self::Last),
            Some(("after", mark)) => Ok(Self::After(mark.parse()?)),
            Some(("before", mark)) => Ok(Self::Before(mark.parse()?)),
            _ => Err(IdError("a place in a list")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_its_text() {
        let mark = |key| Mark { lines: Some(50), same: 1, serial: "4fa2".parse().unwrap(), key };
        let number = Mark { lines: None, ..mark(Key::Number(-7)) };
        for place in [
            Place::First,
            Place::Last,
            Place::After(mark(Key::Text("a.b:c é".to_owned()))),
            Place::After(mark(Key::Text(String::new()))),
            Place::Before(number),
        ] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for wrong in
            ["first", "after:", "after:1.1.0a", "after:1.1.zz.na", "before:1.-1.0a.n1", "before:1.1.0a.x"]
        {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}
