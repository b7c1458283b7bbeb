//! An Ed25519 key in AWS KMS, which signs the checkpoints of the ledger's log.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};

use crate::error::sdk;
use crate::{Aws, Error, Thing};

/// The message itself is signed, as RFC 8032 says, and not a hash of it.
const ALGORITHM: SigningAlgorithmSpec = SigningAlgorithmSpec::Ed25519Sha512;

impl Aws {
    /// The public half of a key that signs with Ed25519, in DER (kms:GetPublicKey).
    ///
    /// # Errors
    /// [`Error::Invalid`]: it is a key for something else.
    pub async fn kms_public_key(&self, key: &str) -> Result<Vec<u8>, Error> {
        const OPERATION: &str = "kms:GetPublicKey";
        let answer = self.own.kms.get_public_key().key_id(key).send().await;
        let answer = answer.map_err(sdk(OPERATION, Thing::SigningKey, key))?;
        match answer.public_key {
            Some(der) if answer.signing_algorithms.unwrap_or_default().contains(&ALGORITHM) => {
                Ok(der.into_inner())
            }
            _ => Err(Error::invalid(
                OPERATION,
                key,
                "it does not sign with ED25519_SHA_512. Make one of the kind ECC_NIST_EDWARDS25519 for SIGN_VERIFY",
            )),
        }
    }

    /// The key's signature over `message`, of at most 4,096 octets (kms:Sign).
    pub async fn sign_with_kms(&self, key: &str, message: &[u8]) -> Result<Vec<u8>, Error> {
        const OPERATION: &str = "kms:Sign";
        let call = self.own.kms.sign().key_id(key).message(Blob::new(message));
        let answer = call.message_type(MessageType::Raw).signing_algorithm(ALGORITHM).send().await;
        let answer = answer.map_err(sdk(OPERATION, Thing::SigningKey, key))?;
        let signature = answer.signature.map(Blob::into_inner);
        signature.ok_or_else(|| Error::invalid(OPERATION, key, "the answer has no signature"))
    }
}
