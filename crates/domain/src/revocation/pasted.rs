//! What people paste and type into the forms of a request: a list of serial numbers, in any form and with any
//! separators (each that cannot be read has its line), and the number that confirms.

use std::collections::HashSet;
use std::fmt;

use super::request::MAX_TARGETS;
use crate::serial::{Serial, SerialError};

/// Why a pasted list is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastedError {
    Empty,
    TooMany,
    /// The first that cannot be read, by its line, and how many more cannot.
    Unreadable {
        line: usize,
        error: SerialError,
        more: usize,
    },
}

impl std::error::Error for PastedError {}

impl fmt::Display for PastedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Paste at least one serial number."),
            Self::TooMany => f.write_str("One request revokes at most 10,000 certificates. Split it."),
            Self::Unreadable { line, error, more } => {
                write!(f, "Line {line}: {error}.")?;
                match more {
                    0 => Ok(()),
                    1 => f.write_str(" One more cannot be read."),
                    more => write!(f, " {more} more cannot be read."),
                }
            }
        }
    }
}

/// The serial numbers in the order given, each once. Blanks, commas and semicolons part them; empty lines say nothing.
pub fn read_pasted(text: &str) -> Result<Vec<Serial>, PastedError> {
    let (mut serials, mut seen) = (Vec::new(), HashSet::new());
    let (mut first, mut wrong) = (None, 0);
    for (at, line) in text.lines().enumerate() {
        let parts = line.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
        for part in parts.filter(|part| !part.is_empty()) {
            match part.parse::<Serial>() {
                Ok(serial) if seen.insert(serial) => serials.push(serial),
                Ok(_) => {}
                Err(error) => {
                    wrong += 1;
                    first.get_or_insert((at + 1, error));
                }
            }
        }
    }
    match first {
        Some((line, error)) => Err(PastedError::Unreadable { line, error, more: wrong - 1 }),
        None if serials.is_empty() => Err(PastedError::Empty),
        None if serials.len() > MAX_TARGETS => Err(PastedError::TooMany),
        None => Ok(serials),
    }
}

/// The number that was typed is not the number of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Type {0}, the number of certificates, to confirm.")]
pub struct NotConfirmed(pub u64);

/// More than one certificate needs their number typed, with or without commas.
pub fn confirmed(targets: u64, typed: Option<&str>) -> Result<(), NotConfirmed> {
    let typed = typed.map(|text| text.trim().replace(',', ""));
    let good = targets <= 1 || typed == Some(targets.to_string());
    good.then_some(()).ok_or(NotConfirmed(targets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_and_separator_is_read_and_each_certificate_kept_once() {
        let list = read_pasted("0a:1b\r\n\n  0x0C, 0d;0E\t0f\u{a0}10\n00:0A:1B\n").unwrap();
        let list: Vec<String> = list.iter().map(Serial::to_string).collect();
        assert_eq!(list, ["0a1b", "0c", "0d", "0e", "0f", "10"]);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        for (text, message) in [
            ("", "Paste at least one serial number."),
            (" \n,;\n", "Paste at least one serial number."),
            (
                "0a\n\n<script>\n",
                "Line 3: a serial number has characters other than hexadecimal digits in pairs.",
            ),
            (
                "0a\n-1\n0b x\n",
                "Line 2: a serial number has characters other than hexadecimal digits in pairs. One more cannot be read.",
            ),
            ("00", "Line 1: a serial number must be positive (RFC 5280 §4.1.2.2)."),
            ("１２", "Line 1: a serial number has characters other than hexadecimal digits in pairs."),
        ] {
            assert_eq!(
                read_pasted(text).map_err(|error| error.to_string()),
                Err(message.to_owned()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_list_has_an_end() {
        let list = |number: usize| (1..=number).map(|n| format!("{n:x}\n")).collect::<String>();
        assert_eq!(read_pasted(&list(MAX_TARGETS)).map(|list| list.len()), Ok(MAX_TARGETS));
        assert_eq!(read_pasted(&list(MAX_TARGETS + 1)), Err(PastedError::TooMany));
    }

    #[test]
    fn thousands_may_be_typed_with_their_comma() {
        assert_eq!((confirmed(1400, Some("1,400")), confirmed(1400, Some(" 1400 "))), (Ok(()), Ok(())));
        assert_eq!((confirmed(1, None), confirmed(2, None)), (Ok(()), Err(NotConfirmed(2))));
        for typed in ["", "1", "22", "two"] {
            assert_eq!(confirmed(2, Some(typed)), Err(NotConfirmed(2)), "{typed}");
        }
    }
}
