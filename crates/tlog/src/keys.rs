//! Keys as c2sp.org/signed-note writes them: a name, an id that is a hash of name and key, and the key.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signer, VerifyingKey};
use signed_note::{Signature, key_id};

/// The algorithms of signed-note: Ed25519, and Ed25519 of a cosignature with a time.
const ED25519: u8 = 1;
const COSIGNATURE: u8 = 4;

/// What stands in front of an Ed25519 key in DER (RFC 8410 §4).
const DER: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error(
        "it is no key as c2sp.org/signed-note writes it: NAME+ID+BASE64, or PRIVATE+KEY+NAME+ID+BASE64 to sign with"
    )]
    Format,
    #[error("a key's name has neither spaces nor a plus sign, and is not empty")]
    Name,
}

/// Who signs, and how it is verified.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    id: u32,
    algorithm: u8,
    key: VerifyingKey,
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.trim().splitn(3, '+');
        let mut part = || parts.next().ok_or(KeyError::Format);
        let (name, id, key) = (part()?, part()?, part()?);
        let key = BASE64_STANDARD.decode(key).map_err(|_| KeyError::Format)?;
        let [algorithm @ (ED25519 | COSIGNATURE), key @ ..] = key.as_slice() else {
            return Err(KeyError::Format);
        };
        let key = Self::with(name, *algorithm, key)?;
        if u32::from_str_radix(id, 16) != Ok(key.id) {
            return Err(KeyError::Format);
        }
        Ok(key)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.algorithm], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id, BASE64_STANDARD.encode(key))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PublicKey {
    fn with(name: &str, algorithm: u8, key: &[u8]) -> Result<Self, KeyError> {
        if !signed_note::is_key_name_valid(name) {
            return Err(KeyError::Name);
        }
        let id = key_id(name, &[&[algorithm], key].concat());
        let key = VerifyingKey::try_from(key).map_err(|_| KeyError::Format)?;
        Ok(Self { name: name.to_owned(), id, algorithm, key })
    }

    /// The key of the log `name` from its SubjectPublicKeyInfo in DER (RFC 8410), as AWS KMS shows it.
    ///
    /// # Errors
    /// It is no Ed25519 key, or no key can have this name.
    pub fn from_der(name: &str, der: &[u8]) -> Result<Self, KeyError> {
        Self::with(name, ED25519, der.strip_prefix(&DER).ok_or(KeyError::Format)?)
    }

    pub fn to_der(&self) -> Vec<u8> {
        [DER.as_slice(), self.key.as_bytes()].concat()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// A hash of name and key.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether it is a witness's.
    pub fn cosigns(&self) -> bool {
        self.algorithm == COSIGNATURE
    }

    /// Whether the signature says that it is this key's.
    pub(crate) fn is_named_by(&self, signature: &Signature) -> bool {
        signature.name() == self.name && signature.id() == self.id
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

/// Signs. Shows itself to nobody.
#[derive(Clone)]
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    public: PublicKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public)
    }
}

impl FromStr for SigningKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim().strip_prefix("PRIVATE+KEY+").ok_or(KeyError::Format)?;
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or(KeyError::Format);
        let (name, id, key) = (part()?, part()?, part()?);
        let key = BASE64_STANDARD.decode(key).map_err(|_| KeyError::Format)?;
        let [ED25519, seed @ ..] = key.as_slice() else { return Err(KeyError::Format) };
        let key = Self::of(name, seed.try_into().map_err(|_| KeyError::Format)?)?;
        if u32::from_str_radix(id, 16) != Ok(key.public.id) {
            return Err(KeyError::Format);
        }
        Ok(key)
    }
}

impl SigningKey {
    fn of(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = PublicKey::with(name, ED25519, key.verifying_key().as_bytes())?;
        Ok(Self { key, public })
    }

    /// A new one.
    ///
    /// # Errors
    /// No key can have this name.
    pub fn generate(name: &str) -> Result<Self, KeyError> {
        Self::of(name, &rand::random())
    }

    /// The secret, as it is kept in a file.
    pub fn secret(&self) -> String {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        let PublicKey { name, id, .. } = &self.public;
        format!("PRIVATE+KEY+{name}+{id:08x}+{}", BASE64_STANDARD.encode(key))
    }

    /// What verifies a log's signatures.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// What verifies the cosignatures that a witness makes with it.
    pub fn cosigner(&self) -> PublicKey {
        let mut public = self.public.clone();
        public.algorithm = COSIGNATURE;
        public.id = key_id(&public.name, &[&[COSIGNATURE], public.key.as_bytes().as_slice()].concat());
        public
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the test of Go's golang.org/x/mod/sumdb/note.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn keys_are_written_and_read() {
        assert_eq!(PETER.parse::<PublicKey>().unwrap().to_string(), PETER);
        let key = SigningKey::generate("example.com/log").unwrap();
        let again: SigningKey = key.secret().parse().unwrap();
        assert_eq!(again.public(), key.public());
        assert_ne!(key.cosigner().id(), key.public().id());
        let cosigner: PublicKey = key.cosigner().to_string().parse().unwrap();
        assert!(cosigner.cosigns() && cosigner == key.cosigner());
        assert!(!format!("{key:?}").contains(&key.secret()[12..]));
        let der = key.public().to_der();
        assert_eq!(PublicKey::from_der("example.com/log", &der).unwrap(), *key.public());
        for der in [&der[1..], &der[..43], &[&der[..], &[0]].concat()] {
            assert_eq!(PublicKey::from_der("example.com/log", der), Err(KeyError::Format));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(PETER.replace("c74f20a3", "c74f20a4").parse::<PublicKey>().is_err());
        assert!(PETER.replace('R', "S").parse::<PublicKey>().is_err());
        for text in ["", "+", "a+b+c", "a b+c74f20a3+AR", "PRIVATE+KEY+a+b"] {
            assert!(text.parse::<PublicKey>().is_err() && text.parse::<SigningKey>().is_err(), "{text}");
        }
        assert_eq!(SigningKey::generate("a b").unwrap_err(), KeyError::Name);
    }
}
