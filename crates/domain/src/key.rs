//! Public keys, as far as one is to be told from another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::IdError;

/// SHA-256 over the DER of a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). Certificates of one key have the same, as long as the key
/// is written the same way: AWS Private CA copies it out of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// `info`: the DER of a SubjectPublicKeyInfo.
    pub fn of(info: &[u8]) -> Self {
        Self(Sha256::digest(info).into())
    }

    /// The 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<&[u8]> for KeyHash {
    type Error = IdError;

    fn try_from(hash: &[u8]) -> Result<Self, IdError> {
        hash.try_into().map(Self).map_err(|_| WRONG)
    }
}

const WRONG: IdError = IdError("the SHA-256 of a public key (64 hexadecimal digits)");

/// Lower-case hex.
impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Hex, with or without colons, as other programs show it.
impl FromStr for KeyHash {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.replace(':', "");
        let mut hash = [0; 32];
        hex::decode_to_slice(&digits, &mut hash).map_err(|_| WRONG)?;
        Ok(Self(hash))
    }
}

impl TryFrom<String> for KeyHash {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<KeyHash> for String {
    fn from(hash: KeyHash) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_text_in_any_form() {
        let key = KeyHash::of(b"a key");
        let upper = key.to_string().to_uppercase();
        let colons: Vec<&str> = (0..32).map(|at| &upper[at * 2..at * 2 + 2]).collect();
        for text in [key.to_string(), upper.clone(), colons.join(":")] {
            assert_eq!(text.parse(), Ok(key));
        }
        for wrong in ["", "0a", "é", &"0".repeat(63), &"0".repeat(66), &"g".repeat(64)] {
            assert!(wrong.parse::<KeyHash>().is_err(), "{wrong}");
        }
        assert_eq!(KeyHash::try_from(key.as_bytes()), Ok(key));
        assert!(KeyHash::try_from(&b"short"[..]).is_err());
    }
}
