//! Signatures of a CA and of those it lets speak: what AWS Private CA signs with (RSA PKCS #1 v1.5 and ECDSA with SHA-2),
//! checked over a digest, so that what was signed need not be in memory.

use aws_lc_rs::digest::{self, Context};
use aws_lc_rs::signature::{self as scheme, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// How something is signed, and with whose key that is to be checked.
pub(crate) struct Scheme<'a> {
    digest: &'static digest::Algorithm,
    key: UnparsedPublicKey<&'a [u8]>,
}

impl<'a> Scheme<'a> {
    /// `None`: an algorithm that we do not know, or that does not go with the key.
    pub fn of(algorithm: &AlgorithmIdentifier<'_>, key: &'a SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let curve = || key.algorithm.parameters.as_ref()?.as_oid().ok().map(|oid| oid.to_id_string());
        let named = (algorithm.algorithm.to_id_string(), curve().unwrap_or_default());
        let (digest, verification): (_, &'static dyn VerificationAlgorithm) =
            match (named.0.as_str(), named.1.as_str()) {
                ("1.2.840.113549.1.1.11", _) => (&digest::SHA256, &scheme::RSA_PKCS1_2048_8192_SHA256),
                ("1.2.840.113549.1.1.12", _) => (&digest::SHA384, &scheme::RSA_PKCS1_2048_8192_SHA384),
                ("1.2.840.113549.1.1.13", _) => (&digest::SHA512, &scheme::RSA_PKCS1_2048_8192_SHA512),
                ("1.2.840.10045.4.3.2", P256) => (&digest::SHA256, &scheme::ECDSA_P256_SHA256_ASN1),
                ("1.2.840.10045.4.3.2", P384) => (&digest::SHA256, &scheme::ECDSA_P384_SHA256_ASN1),
                ("1.2.840.10045.4.3.2", P521) => (&digest::SHA256, &scheme::ECDSA_P521_SHA256_ASN1),
                ("1.2.840.10045.4.3.3", P256) => (&digest::SHA384, &scheme::ECDSA_P256_SHA384_ASN1),
                ("1.2.840.10045.4.3.3", P384) => (&digest::SHA384, &scheme::ECDSA_P384_SHA384_ASN1),
                ("1.2.840.10045.4.3.3", P521) => (&digest::SHA384, &scheme::ECDSA_P521_SHA384_ASN1),
                ("1.2.840.10045.4.3.4", P256) => (&digest::SHA512, &scheme::ECDSA_P256_SHA512_ASN1),
                ("1.2.840.10045.4.3.4", P384) => (&digest::SHA512, &scheme::ECDSA_P384_SHA512_ASN1),
                ("1.2.840.10045.4.3.4", P521) => (&digest::SHA512, &scheme::ECDSA_P521_SHA512_ASN1),
                _ => return None,
            };
        let key: &'a [u8] = key.subject_public_key.data.as_ref();
        Some(Self { digest, key: UnparsedPublicKey::new(verification, key) })
    }

    /// To be fed what was signed.
    pub fn context(&self) -> Context {
        Context::new(self.digest)
    }

    /// Whether the key signed what was fed to `signed`.
    pub fn is_good(&self, signed: Context, signature: &[u8]) -> bool {
        self.key.verify_digest(&signed.finish(), signature).is_ok()
    }
}

/// Whether `key` signed these bytes; `None`: in a way that we cannot check.
pub(crate) fn is_good(
    algorithm: &AlgorithmIdentifier<'_>,
    key: &SubjectPublicKeyInfo<'_>,
    signed: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let scheme = Scheme::of(algorithm, key)?;
    let mut context = scheme.context();
    context.update(signed);
    Some(scheme.is_good(context, signature))
}

const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";
