//! Certificate serial numbers (RFC 5280 §4.1.2.2): positive integers of at most 20 octets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

use crate::number::Decimal;

const OCTETS: usize = 20;

/// A serial number, compared as an integer.
///
/// Reads hexadecimal in every form that tools print: plain or in pairs with colons or dashes (.NET), groups with spaces, either case, with
/// leading zero octets (DER), `0x`, or `serial=` in front (OpenSSL), or `4096 (0x1000)`. Of a text that does not say
/// whether it is decimal, [`Serial::read`] gives both meanings. Writes lower-case hex without colons or leading zero
/// octets; [`Serial::colons`] is the form for people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial([u8; OCTETS]);

/// Why a text is not a serial number. The text itself is hostile and not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// Nothing is in the text.
    #[error("a serial number is empty")]
    Empty,
    /// It has other characters than hexadecimal digits, or they are not in the pairs that its separators promise.
    #[error("a serial number has characters other than hexadecimal digits in pairs")]
    NotHex,
    /// A decimal number is negative, has a fraction, or is none.
    #[error("a serial number that is a number is not a whole one")]
    NotWhole,
    /// It has more than 20 octets.
    #[error("a serial number is longer than 20 octets (RFC 5280 §4.1.2.2)")]
    TooLong,
    /// It is 0.
    #[error("a serial number must be positive (RFC 5280 §4.1.2.2)")]
    Zero,
}

impl Serial {
    /// From big-endian octets, as DER holds them: a leading zero octet is allowed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SerialError> {
        let start = bytes.iter().position(|b| *b != 0).ok_or(match bytes.is_empty() {
            true => SerialError::Empty,
            false => SerialError::Zero,
        })?;
        let significant = &bytes[start..];
        let offset = OCTETS.checked_sub(significant.len()).ok_or(SerialError::TooLong)?;
        let mut octets = [0; OCTETS];
        octets[offset..].copy_from_slice(significant);
        Ok(Self(octets))
    }

    /// What a text may mean: the serial number as hexadecimal, and the one as decimal where the text could as well be that.
    /// A text that is too long for hexadecimal is decimal alone.
    pub fn read(text: &str) -> Result<(Self, Option<Self>), SerialError> {
        let decimal = || Self::from_decimal(text.trim()).ok();
        match text.parse::<Self>() {
            Ok(serial) if is_bare_decimal(text.trim()) => {
                Ok((serial, decimal().filter(|decimal| *decimal != serial)))
            }
            Ok(serial) => Ok((serial, None)),
            Err(SerialError::TooLong) if is_bare_decimal(text.trim()) => {
                decimal().map(|serial| (serial, None)).ok_or(SerialError::TooLong)
            }
            Err(error) => Err(error),
        }
    }

    /// From decimal digits; an exponent and zeros behind the point are allowed, as in DynamoDB's and JSON's numbers.
    pub fn from_decimal(text: &str) -> Result<Self, SerialError> {
        let number = Decimal::parse(text).ok_or(SerialError::NotWhole)?;
        let mut octets = [0; OCTETS];
        for digit in number.whole().ok_or(SerialError::NotWhole)? {
            let mut carry = u16::from(digit);
            for octet in octets.iter_mut().rev() {
                let [high, low] = (u16::from(*octet) * 10 + carry).to_be_bytes();
                (*octet, carry) = (low, u16::from(high));
            }
            if carry > 0 {
                return Err(SerialError::TooLong);
            }
        }
        Self::from_bytes(&octets)
    }

    /// Big-endian octets without leading zeros.
    pub fn as_bytes(&self) -> &[u8] {
        let start = self.0.iter().position(|b| *b != 0).unwrap_or(OCTETS - 1);
        &self.0[start..]
    }

    /// `4f:a2:…`, as people and the audit report write it.
    pub fn colons(&self) -> String {
        let pairs: Vec<String> = self.as_bytes().iter().map(|b| format!("{b:02x}")).collect();
        pairs.join(":")
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({self})")
    }
}

impl FromStr for Serial {
    type Err = SerialError;

    fn from_str(text: &str) -> Result<Self, SerialError> {
        if let Some(serial) = from_pairs(text.as_bytes()) {
            return Ok(serial);
        }
        // A text that was copied from a dialog of Windows begins with a mark of direction.
        let mut text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}'));
        for name in ["serial=", "serialnumber=", "serial number:"] {
            if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                text = text[name.len()..].trim_start();
            }
        }
        if let Some((decimal, hex)) = text.strip_suffix(')').and_then(|text| text.split_once(" (0x")) {
            let serial = from_hex(hex)?;
            return if Self::from_decimal(decimal) == Ok(serial) {
                Ok(serial)
            } else {
                Err(SerialError::NotHex)
            };
        }
        from_hex(text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text))
    }
}

/// Whether a text could be a decimal number: nothing but digits, and no zero in front.
fn is_bare_decimal(text: &str) -> bool {
    !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Pairs of digits, with colons between all of them or none, as AWS writes each of a million: what [`from_hex`] gives for
/// them, sooner. `None`: it is something else.
fn from_pairs(text: &[u8]) -> Option<Serial> {
    let step = if text.get(2) == Some(&b':') { 3 } else { 2 };
    let count = (text.len() + step - 2) / step;
    let mut octets = [0; OCTETS];
    let start = OCTETS.checked_sub(count).filter(|_| count * step + 2 == text.len() + step)?;
    let mut all = 0;
    for (octet, pair) in octets[start..].iter_mut().zip(text.chunks(step)) {
        let [high, low, between @ ..] = pair else { return None };
        let (high, low) = (NIBBLES[usize::from(*high)], NIBBLES[usize::from(*low)]);
        if high > 0xf || low > 0xf || !matches!(between, [] | [b':']) {
            return None;
        }
        *octet = high << 4 | low;
        all |= *octet;
    }
    (all > 0).then_some(Serial(octets))
}

/// What each character is as a hexadecimal digit; more than 15: none.
const NIBBLES: [u8; 256] = {
    let (mut nibbles, mut digit) = ([0xff; 256], 0_u8);
    while digit < 16 {
        nibbles[b"0123456789abcdef"[digit as usize] as usize] = digit;
        nibbles[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    nibbles
};

/// Hexadecimal digits: plain, in pairs with colons or dashes, or in groups of whole octets with spaces.
fn from_hex(text: &str) -> Result<Serial, SerialError> {
    if text.is_empty() {
        return Err(SerialError::Empty);
    }
    let separator = text.bytes().find(|byte| !byte.is_ascii_hexdigit());
    let (mut nibbles, mut digits, mut group) = ([0_u8; 2 * OCTETS], 0_usize, 0_usize);
    for byte in text.bytes() {
        if Some(byte) == separator {
            let good = match byte {
                b':' | b'-' => group == 2,
                b' ' => group > 0 && group % 2 == 0,
                _ => false,
            };
            if !good {
                return Err(SerialError::NotHex);
            }
            group = 0;
            continue;
        }
        let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digit = digit.ok_or(SerialError::NotHex)?;
        group += 1;
        if digits == 0 && digit == 0 {
            continue;
        }
        if let Some(nibble) = nibbles.get_mut(digits) {
            *nibble = digit;
        }
        digits += 1;
    }
    match separator {
        Some(b':' | b'-') if group != 2 => Err(SerialError::NotHex),
        Some(b' ') if group == 0 || group % 2 != 0 => Err(SerialError::NotHex),
        _ if digits == 0 => Err(SerialError::Zero),
        _ if digits > 2 * OCTETS => Err(SerialError::TooLong),
        _ => {
            nibbles.rotate_right(2 * OCTETS - digits);
            let mut octets = [0; OCTETS];
            for (octet, pair) in octets.iter_mut().zip(nibbles.chunks_exact(2)) {
                *octet = pair[0] << 4 | pair[1];
            }
            Ok(Serial(octets))
        }
    }
}

impl Serialize for Serial {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Serial {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_of_a_tool_is_the_same_serial() {
        let aws = ["0a1b2c", "A1B2C", "0a:1b:2c", "00:0A:1B:2C", "0x0a1b2c", " 0a1b2c\n", "a1b2c"];
        let others = [
            "serial=0A1B2C",
            "0A-1B-2C",
            "0a 1b 2c",
            "000a 1b2c",
            "Serial Number: 662316 (0xa1b2c)",
            "\u{200e}0a1b2c",
        ];
        let forms = aws.into_iter().chain(others);
        for form in forms {
            assert_eq!(form.parse::<Serial>().map(|s| s.to_string()), Ok("0a1b2c".to_owned()), "{form}");
        }
        assert_eq!("0a1b2c".parse::<Serial>().unwrap().colons(), "0a:1b:2c");
    }

    #[test]
    fn hostile_forms_are_refused() {
        for (form, error) in [
            ("", SerialError::Empty),
            ("0x", SerialError::Empty),
            ("00:00", SerialError::Zero),
            ("-0a", SerialError::NotHex),
            ("+0a", SerialError::NotHex),
            ("0a:1", SerialError::NotHex),
            (":", SerialError::NotHex),
            ("0a 1", SerialError::NotHex),
            ("0a  1b", SerialError::NotHex),
            ("0a:1b 2c", SerialError::NotHex),
            ("0a1b2c:", SerialError::NotHex),
            ("serial=serial=0a", SerialError::NotHex),
            ("10 (0x0b)", SerialError::NotHex),
            ("１２", SerialError::NotHex),
            ("0x0x0a", SerialError::NotHex),
            ("0102030405060708090a0b0c0d0e0f101112131415", SerialError::TooLong),
        ] {
            assert_eq!(form.parse::<Serial>(), Err(error), "{form}");
        }
    }

    #[test]
    fn a_text_that_could_be_decimal_too_has_both_meanings() {
        let read = |text: &str| {
            Serial::read(text).map(|(hex, decimal)| (hex.to_string(), decimal.map(|d| d.to_string())))
        };
        let both = read("13827233935338924421006195756694330603").unwrap();
        assert_eq!(both.1.as_deref(), Some("0a6707447683a9b7f4055627ffd55ceb"));
        assert_eq!(both.0, "13827233935338924421006195756694330603");
        for alone in ["9", "0a12", "012345", "12:34", "0x1234", "12 34"] {
            assert_eq!(read(alone).unwrap().1, None, "{alone}");
        }
        // 2^160 - 1, the largest, and one more.
        let largest = "1461501637330902918203684832716283019655932542975";
        assert_eq!(read(largest), Ok(("ff".repeat(20), None)));
        assert_eq!(read("1461501637330902918203684832716283019655932542976"), Err(SerialError::TooLong));
        for (number, hex) in [("17", "11"), ("1.7E1", "11"), ("17.00", "11"), ("1e2", "64"), ("170e-1", "11")]
        {
            assert_eq!(
                Serial::from_decimal(number).map(|serial| serial.to_string()),
                Ok(hex.to_owned()),
                "{number}"
            );
        }
        for wrong in ["", "-1", "1.5", "0", "1e-1", "0x11", "1e400", "ten"] {
            assert!(Serial::from_decimal(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn pairs_are_read_as_any_hexadecimal_text(
            pairs in proptest::collection::vec("[0-9a-fA-F]{2}|00|0x|[0-9a-f]|:", 0..22), between in "|:|-",
        ) {
            let text = pairs.join(&between);
            if let Some(serial) = from_pairs(text.as_bytes()) {
                prop_assert_eq!(from_hex(&text), Ok(serial));
            }
            let plain = pairs.iter().all(|pair| pair.len() == 2 && pair != "0x") && between != "-";
            if plain && pairs.len() <= OCTETS && from_hex(&text).is_ok() {
                prop_assert!(from_pairs(text.as_bytes()).is_some());
            }
        }

        #[test]
        fn order_is_that_of_integers(a in 1u128.., b in 1u128..) {
            let (x, y) = (Serial::from_bytes(&a.to_be_bytes()).unwrap(), Serial::from_bytes(&b.to_be_bytes()).unwrap());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.to_string().parse::<Serial>().unwrap(), x);
            prop_assert_eq!(x.colons().to_uppercase().parse::<Serial>().unwrap(), x);
        }

        #[test]
        fn decimal_is_the_same_integer(a in 1u128..) {
            let serial = Serial::from_bytes(&a.to_be_bytes()).unwrap();
            prop_assert_eq!(Serial::from_decimal(&a.to_string()), Ok(serial));
            let (hex, decimal) = Serial::read(&a.to_string()).unwrap();
            prop_assert!(hex == serial || decimal == Some(serial));
        }

        #[test]
        fn no_text_panics(text in ".{0,80}", digits in "[-+0-9a-fxE. :()=]{0,60}") {
            for text in [text, digits] {
                let (hex, read, decimal) = (text.parse::<Serial>(), Serial::read(&text), Serial::from_decimal(&text));
                // What can be read as hexadecimal alone is read as that.
                prop_assert!(hex.is_err() || read.map(|(hex, _)| hex) == hex);
                prop_assert!(decimal.is_err() || decimal.unwrap().as_bytes().len() <= OCTETS);
            }
        }
    }
}
