//! The key of a person's calendar of expiries: whoever has it reads when certificates expire, without a sign-in, until it is
//! withdrawn or the person has no role any more.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::id::{IdError, id};
use crate::people::PersonId;

id!(
    /// 32 random bytes.
    CalendarSecret,
    "32 bytes (64 lower-case hexadecimal digits)",
    |text| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
);

impl CalendarSecret {
    /// The secret that these bytes are; they must come from a source fit for keys.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(hex::encode(bytes))
    }

    /// Compared by their hashes: how long it takes says nothing of how much of a guess is right.
    pub fn is(&self, other: &Self) -> bool {
        Sha256::digest(&self.0) == Sha256::digest(&other.0)
    }
}

/// Whose calendar it is, and the secret; one text in an address.
#[derive(Clone, PartialEq, Eq)]
pub struct CalendarKey {
    /// Whose expiries are listed.
    pub person: PersonId,
    /// What only they, and the programs they gave the address to, know.
    pub secret: CalendarSecret,
}

/// base64url of the person (RFC 4648 §5, without padding), a dot, the secret.
impl fmt::Display for CalendarKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", URL_SAFE_NO_PAD.encode(self.person.as_str()), self.secret)
    }
}

/// Nobody's log shows the secret.
impl fmt::Debug for CalendarKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key of the calendar of {}", self.person)
    }
}

impl FromStr for CalendarKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = IdError("the key of a calendar");
        let (person, secret) = text.split_once('.').ok_or(error)?;
        let person = String::from_utf8(URL_SAFE_NO_PAD.decode(person).map_err(|_| error)?);
        Ok(Self { person: person.map_err(|_| error)?.parse()?, secret: secret.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_text_that_is_safe_in_an_address() {
        let person: PersonId = "https://idp.example/ä|1".parse().unwrap();
        let key = CalendarKey { person, secret: CalendarSecret::new([7; 32]) };
        let text = key.to_string();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')), "{text}");
        assert_eq!(text.parse::<CalendarKey>().unwrap(), key);
        assert!(!format!("{key:?}").contains("0707"));
        let short = text.get(..text.len() - 1).unwrap();
        for wrong in ["", ".", "x", short, &format!("=.{}", key.secret), &key.secret.to_string()] {
            assert!(wrong.parse::<CalendarKey>().is_err(), "{wrong}");
        }
        assert!(key.secret.is(&CalendarSecret::new([7; 32])));
        assert!(!key.secret.is(&CalendarSecret::new([8; 32])));
    }
}
