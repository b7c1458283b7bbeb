//! Lists of certificates that people paste or upload: serial numbers in any form and certificates' ARNs, one a line, parted
//! by blanks, commas or semicolons, or a column of a table whose header names it (CSV, RFC 4180, a row a line). What is behind a `#`
//! or `//`, and a line that ends with a colon, is for people. What is no serial number may be a device, if somebody knows it.

use std::collections::HashSet;
use std::io::Read;

use domain::revocation::{MAX_TARGETS, SerialList};
use domain::{AuthorityArn, Serial};

use crate::csv::cells;
use crate::input::open;

/// The most bytes that a list may have, without gzip.
pub const LARGEST: u64 = 16 * 1024 * 1024;

/// Why a list is not taken at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    #[error("There is no serial number in it.")]
    Empty,
    #[error("It is not text. Save the list as text or CSV.")]
    NotText,
    #[error("It is longer than 16 MiB. Split it.")]
    TooLong,
    #[error("One request revokes at most {MAX_TARGETS} certificates. Split it.")]
    TooMany,
}

/// The headers of a column of serial numbers or ARNs, in lower case and without what is no letter. One that says
/// `decimal` as well has decimal numbers.
const COLUMNS: [&str; 9] = [
    "serial",
    "serialnumber",
    "certserial",
    "certificateserial",
    "certificateserialnumber",
    "serialhex",
    "hexserial",
    "certificatearn",
    "arn",
];

/// Where the serial numbers of a table are.
struct Column {
    separator: u8,
    place: usize,
    /// How many cells the header has.
    width: usize,
    decimal: bool,
}

/// Reads all of it. What is of another authority than `authority`, and what cannot be read, is named by its line. `of_device`: the
/// certificates in force of a device; `None`: there is no such device.
pub fn read(
    bytes: impl Read,
    authority: &AuthorityArn,
    of_device: impl Fn(&str) -> Option<Vec<Serial>>,
) -> Result<SerialList, ListError> {
    let mut text = String::new();
    let plain = open(bytes).and_then(|plain| plain.text.take(LARGEST + 1).read_to_string(&mut text));
    let length = plain.map_err(|_| ListError::NotText)?;
    if u64::try_from(length).is_ok_and(|length| length > LARGEST) {
        return Err(ListError::TooLong);
    }
    if text.contains('\0') {
        return Err(ListError::NotText);
    }
    let (mut list, mut seen) = (SerialList::default(), HashSet::new());
    let mut column: Option<Column> = None;
    let mut first = true;
    // A carriage return alone ends a line too, as old spreadsheets write.
    for (at, line) in text.replace("\r\n", "\n").replace('\r', "\n").lines().enumerate() {
        let line_number = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        let line = if column.is_none() { without_comment(line) } else { line };
        if line.trim().is_empty() || line.starts_with("sep=") || column.is_none() && is_heading(line) {
            continue;
        }
        if std::mem::take(&mut first) {
            column = header(line);
            if column.is_some() {
                continue;
            }
        }
        let mut wrong = None;
        let mut take = |text: &str, decimal: bool| {
            let found = value(text, decimal, authority).map(|serial| vec![serial]);
            match found.or_else(|why| device(text, &of_device).unwrap_or(Err(why))) {
                Ok(serials) => list.serials.extend(serials.into_iter().filter(|serial| seen.insert(*serial))),
                Err(why) => drop(wrong.get_or_insert((text.to_owned(), why))),
            }
        };
        match &column {
            Some(column) => match cell(line, column) {
                Ok(Some(cell)) => take(&cell, column.decimal),
                Ok(None) => (),
                Err(why) => drop(wrong.get_or_insert((line.to_owned(), why))),
            },
            None => parts(line).for_each(|part| take(part, false)),
        }
        if let Some((text, why)) = wrong {
            list.unread.add(line_number, &text, why);
        }
        if list.serials.len() > MAX_TARGETS {
            return Err(ListError::TooMany);
        }
    }
    match list.serials.is_empty() && list.unread.count == 0 {
        true => Err(ListError::Empty),
        false => Ok(list),
    }
}

/// The line without what is written for people. No form of a serial number has either of these.
fn without_comment(line: &str) -> &str {
    let end = ["#", "//"].iter().filter_map(|mark| line.find(mark)).min();
    // An ARN has slashes, and never two of them.
    line.get(..end.unwrap_or(line.len())).unwrap_or(line)
}

/// "Stolen in Hamburg:", and nothing that may be a part of a serial number.
fn is_heading(line: &str) -> bool {
    let is_word = |c: char| c.is_alphabetic() && !c.is_ascii_hexdigit() && !matches!(c, 'x' | 'X');
    line.trim().ends_with(':') && line.contains(is_word)
}

/// The certificates of the device that a text names, also behind `device:`. `None`: it names none.
fn device(
    text: &str,
    of_device: impl Fn(&str) -> Option<Vec<Serial>>,
) -> Option<Result<Vec<Serial>, String>> {
    let text = text.trim().trim_matches(['"', '\'']);
    let name = text.strip_prefix("device:").map_or(text, str::trim);
    Some(match of_device(name) {
        Some(serials) if serials.is_empty() => {
            Err("the device has no certificate in force of this authority".to_owned())
        }
        Some(serials) => Ok(serials),
        None if name == text => return None,
        None => Err("the inventory has no such device".to_owned()),
    })
}

/// The column of the serial numbers, if the line is the header of a table.
fn header(line: &str) -> Option<Column> {
    [b',', b';', b'\t'].into_iter().find_map(|separator| {
        let names = cells(line.as_bytes(), separator).ok()?;
        let width = names.len();
        names.into_iter().enumerate().find_map(|(place, name)| {
            let name: String =
                name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
            let decimal = name.contains("decimal");
            let known = COLUMNS.contains(&name.replace("decimal", "").as_str());
            known.then_some(Column { separator, place, width, decimal })
        })
    })
}

/// The cell of the column. `None`: the row is blank.
fn cell(line: &str, column: &Column) -> Result<Option<String>, String> {
    if line.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err("a quoted cell does not end on its line".to_owned());
    }
    let mut cells = cells(line.as_bytes(), column.separator)?;
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(None);
    }
    match cells.len() == column.width {
        true => Ok(Some(cells.swap_remove(column.place))),
        false => Err(format!("it has {} cells, the header has {}", cells.len(), column.width)),
    }
}

/// What a line without a header names. Forms that hold blanks are taken whole.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let whole = line.trim().trim_end_matches([',', ';']);
    let lower = whole.to_ascii_lowercase();
    let is_one = lower.starts_with("serial number") || lower.contains("(0x");
    let separator = move |c: char| !is_one && (c.is_whitespace() || c == ',' || c == ';');
    whole.split(separator).filter(|part| !part.is_empty())
}

fn value(text: &str, decimal: bool, authority: &AuthorityArn) -> Result<Serial, String> {
    let text = text.trim().trim_matches(['"', '\'']);
    let words = |error: domain::serial::SerialError| error.to_string();
    if text.starts_with("arn:") {
        let (ca, serial) = text.split_once("/certificate/").ok_or("an ARN of something else")?;
        return match ca == authority.as_str() {
            true => serial.parse().map_err(words),
            false => Err("a certificate of another authority".to_owned()),
        };
    }
    match text.strip_prefix("decimal:") {
        Some(number) => Serial::from_decimal(number.trim()).map_err(words),
        None if decimal => Serial::from_decimal(text).map_err(words),
        None => Serial::read(text).map(|(serial, _)| serial).map_err(words),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CA: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234";

    fn read(text: &str) -> Result<SerialList, ListError> {
        super::read(text.as_bytes(), &CA.parse().unwrap(), known)
    }

    /// The devices that there are.
    fn known(name: &str) -> Option<Vec<Serial>> {
        match name {
            "sensor-7" => Some(vec!["0d".parse().unwrap(), "0e".parse().unwrap()]),
            "abba" => Some(vec!["0f".parse().unwrap()]),
            "idle" => Some(Vec::new()),
            _ => None,
        }
    }

    #[test]
    fn what_is_written_for_people_is_passed_over_and_devices_stand_for_their_certificates() {
        let list = "# Stolen on Friday\nHamburg:\n0a // the first\nsensor-7, 0b\n\ndevice: idle2\ndevice:abba\nabba\n";
        let found = read(list).unwrap();
        let named: Vec<String> = found.serials.iter().map(Serial::to_string).collect();
        assert_eq!(named, ["0a", "0d", "0e", "0b", "0f", "abba"], "what may be a serial number is one");
        let lost: Vec<_> = found.unread.first.iter().map(|line| (line.line, line.text.as_str())).collect();
        assert_eq!(lost, [(6, "device:")]);
        let why = |text: &str| read(text).unwrap().unread.first[0].why.clone();
        assert_eq!(why("device:nobody"), "the inventory has no such device");
        assert_eq!(why("idle"), "the device has no certificate in force of this authority");
        assert_eq!(read("# nothing\nHamburg:\n"), Err(ListError::Empty));
    }

    fn serials(text: &str) -> Vec<String> {
        let list = read(text).unwrap();
        assert_eq!(list.unread.count, 0, "{text:?}: {:?}", list.unread);
        list.serials.iter().map(Serial::to_string).collect()
    }

    /// Line, text and reason of each line that was not read.
    fn unread(text: &str) -> Vec<(u64, String, String)> {
        let first = read(text).unwrap().unread.first;
        first.into_iter().map(|unread| (unread.line, unread.text, unread.why)).collect()
    }

    #[test]
    fn every_form_and_separator_is_read_and_each_certificate_kept_once() {
        let list = serials("0a:1b\r\n\n  0x0C, 0d;0E\t0f\u{a0}10\n00:0A:1B\n");
        assert_eq!(list, ["0a1b", "0c", "0d", "0e", "0f", "10"]);
        let forms = format!(
            "\u{feff}serial=0A1B2C\nSerial Number: 662317 (0xa1b2d)\n{CA}/certificate/0a1b2e\n\"0a1b2f\",\ndecimal:662320\r0A-1B-31"
        );
        assert_eq!(serials(&forms), ["0a1b2c", "0a1b2d", "0a1b2e", "0a1b2f", "0a1b30", "0a1b31"]);
        let utf16: Vec<u8> = "0a\r\n0b".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let list = super::read(utf16.as_slice(), &CA.parse().unwrap(), known).unwrap();
        assert_eq!(list.serials.len(), 2);
    }

    #[test]
    fn a_table_names_its_column() {
        for text in [
            "device,cert_serial\nsensor-1,0a:1b\n\"sensor, 2\",0c\n",
            "sep=;\nSerial Number;device\n0a1b;sensor-1\n0C;sensor 2\n;\n",
            "serial (decimal)\tdevice\n2587\tx\n12\t\n",
            &format!("certificateArn\n{CA}/certificate/0a1b\n{CA}/certificate/0c\n"),
            "serial\n0a1b\n0c",
        ] {
            assert_eq!(serials(text), ["0a1b", "0c"], "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let digits = "a serial number has characters other than hexadecimal digits in pairs";
        let expect = |text: &str, expected: &[(u64, &str, &str)]| {
            let expected: Vec<_> = expected
                .iter()
                .map(|(line, text, why)| (*line, (*text).to_owned(), (*why).to_owned()))
                .collect();
            assert_eq!(unread(text), expected, "{text:?}");
        };
        expect("0a\n\n<script>\n-1 zz\n", &[(3, "<script>", digits), (4, "-1", digits)]);
        expect("00", &[(1, "00", "a serial number must be positive (RFC 5280 §4.1.2.2)")]);
        expect("１２", &[(1, "１２", digits)]);
        let other = format!("{}/certificate/0a", CA.replace("1234", "9999"));
        let told = unread(&other);
        assert_eq!((told[0].0, told[0].2.as_str()), (1, "a certificate of another authority"));
        expect(
            "device,serial\na,0a\nb\n\"c,0c\nd,0d\n",
            &[
                (3, "b", "it has 1 cells, the header has 2"),
                (4, "\"c,0c", "a quoted cell does not end on its line"),
            ],
        );
        assert_eq!(
            read("device,serial\na,0a\nb\n\"c,0c\nd,0d\n").unwrap().serials.len(),
            2,
            "none is hidden"
        );
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for empty in ["", " \n\n,;\n", "serial\n", "device,serial\n,\n"] {
            assert_eq!(read(empty), Err(ListError::Empty), "{empty:?}");
        }
        for binary in [&b"\xff\x00\xff"[..], b"0a\n\0", b"\x1f\x8bxxx"] {
            assert_eq!(
                super::read(binary, &CA.parse().unwrap(), known),
                Err(ListError::NotText),
                "{binary:?}"
            );
        }
        let blanks = vec![b' '; usize::try_from(LARGEST).unwrap() + 1];
        assert_eq!(super::read(blanks.as_slice(), &CA.parse().unwrap(), known), Err(ListError::TooLong));
        let list = |number: usize| (1..=number).map(|n| format!("{n:x}\n")).collect::<String>();
        assert_eq!(read(&list(MAX_TARGETS)).map(|list| list.serials.len()), Ok(MAX_TARGETS));
        assert_eq!(read(&list(MAX_TARGETS + 1)), Err(ListError::TooMany));
    }

    proptest! {
        #[test]
        fn each_line_is_read_or_told(lines in prop::collection::vec("[0-9a-fA-F:,;\" x-]{0,20}", 0..20)) {
            // Nothing but blanks and separators says nothing.
            let says = |line: &&String| line.chars().any(|c| !c.is_whitespace() && c != ',' && c != ';');
            let spoken = lines.iter().filter(says).count();
            match read(&lines.join("\n")) {
                Ok(list) => {
                    prop_assert!(list.unread.count as usize <= spoken);
                    prop_assert!(!list.serials.is_empty() || list.unread.count > 0);
                }
                Err(error) => prop_assert!(error == ListError::Empty && spoken == 0),
            }
        }
    }
}
