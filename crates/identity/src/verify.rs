//! What every token is held against. `openidconnect` checks signature, issuer, audience, expiry and nonce.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{AuthenticationContextClass, IdTokenVerifier};

/// What the provider may sign with. Never a shared secret, never nothing.
pub const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
];

/// `acr` of the sandbox's provider, which lets anybody be anybody.
const SANDBOX_ACR: &str = "urn:countersign:sandbox";

/// How long a token still counts after its expiry: our clock may be ahead of the provider's.
const LEEWAY: Duration = Duration::from_secs(60);

/// A verifier with our algorithms and our clock, which it asks for nothing but the expiry.
pub fn verifier(
    verifier: IdTokenVerifier<'_, CoreJsonWebKey>,
    now: Timestamp,
) -> IdTokenVerifier<'_, CoreJsonWebKey> {
    let seconds = u64::try_from(now.minus(LEEWAY).unix()).unwrap_or_default();
    let system: SystemTime = UNIX_EPOCH + Duration::from_secs(seconds);
    verifier.set_allowed_algs(ALGORITHMS).set_time_fn(move || system.into())
}

/// `acr`: a sandbox's sign-in counts in a sandbox alone.
///
/// # Errors
/// It is one, and `sandbox` is not set.
pub fn sandbox_only(acr: Option<&AuthenticationContextClass>, sandbox: bool) -> Result<(), String> {
    match acr {
        Some(acr) if acr.as_str() == SANDBOX_ACR && !sandbox => {
            Err("a sandbox's sign-in, which is not accepted here".to_owned())
        }
        _ => Ok(()),
    }
}

/// An error with its sources.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
