//! Certificate serial numbers (RFC 5280 §4.1.2.2): positive integers of at most 20 octets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

const OCTETS: usize = 20;

/// A serial number, compared as an integer.
///
/// Reads every form AWS uses: colon-separated or plain hex, either case, with leading zero octets (DER) or `0x`.
/// Writes lower-case hex without colons or leading zero octets; [`Serial::colons`] is the form for people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial([u8; OCTETS]);

/// Why a text is not a serial number. The text itself is hostile and not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    #[error("a serial number is empty")]
    Empty,
    #[error("a serial number has characters other than hexadecimal digits in pairs")]
    NotHex,
    #[error("a serial number is longer than 20 octets (RFC 5280 §4.1.2.2)")]
    TooLong,
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
        let text = text.trim();
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        if digits.is_empty() {
            return Err(SerialError::Empty);
        }
        let plain: String = if digits.contains(':') {
            let pairs: Vec<&str> = digits.split(':').collect();
            if pairs.iter().any(|pair| pair.len() != 2) {
                return Err(SerialError::NotHex);
            }
            pairs.concat()
        } else {
            digits.to_owned()
        };
        if !plain.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(SerialError::NotHex);
        }
        let significant = plain.trim_start_matches('0');
        if significant.is_empty() {
            return Err(SerialError::Zero);
        }
        if significant.len() > 2 * OCTETS {
            return Err(SerialError::TooLong);
        }
        let even = format!("{}{significant}", if significant.len() % 2 == 1 { "0" } else { "" });
        Self::from_bytes(&hex::decode(even).map_err(|_| SerialError::NotHex)?)
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
    fn every_form_of_aws_is_the_same_serial() {
        let forms = ["0a1b2c", "A1B2C", "0a:1b:2c", "00:0A:1B:2C", "0x0a1b2c", " 0a1b2c\n", "a1b2c"];
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
            ("0a 1b", SerialError::NotHex),
            ("１２", SerialError::NotHex),
            ("0x0x0a", SerialError::NotHex),
            ("0102030405060708090a0b0c0d0e0f101112131415", SerialError::TooLong),
        ] {
            assert_eq!(form.parse::<Serial>(), Err(error), "{form}");
        }
    }

    proptest! {
        #[test]
        fn order_is_that_of_integers(a in 1u128.., b in 1u128..) {
            let (x, y) = (Serial::from_bytes(&a.to_be_bytes()).unwrap(), Serial::from_bytes(&b.to_be_bytes()).unwrap());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.to_string().parse::<Serial>().unwrap(), x);
            prop_assert_eq!(x.colons().to_uppercase().parse::<Serial>().unwrap(), x);
        }

        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let _ = text.parse::<Serial>();
        }
    }
}
