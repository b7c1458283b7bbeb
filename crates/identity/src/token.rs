//! A token as it came. Its signature is checked over the bytes that came; what the library then reads are only the claims
//! that are used here, in the types that it expects: no other claim, of whatever type, refuses anybody.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    ClaimsVerificationError, IdToken, IdTokenVerifier, JsonWebKey, NonceVerifier, SignatureVerificationError,
};
use serde::de::Error as _;
use serde_json::{Map, Number, Value};

use crate::ALGORITHMS;
use crate::claims::{Claims, Extra};

/// What the library reads.
pub type Readable =
    IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// A token that came. Nothing of it is believed yet.
#[derive(Clone, Debug)]
pub struct Token {
    came: String,
    signature: Vec<u8>,
    /// The same header and signature, around the claims that are used.
    readable: Readable,
}

impl FromStr for Token {
    type Err = serde_json::Error;

    fn from_str(came: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = came.split('.').collect();
        let &[header, payload, signature] = parts.as_slice() else {
            return Err(serde_json::Error::custom("it has not three parts (RFC 7515 §3.1)"));
        };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(serde_json::Error::custom);
        let claims: Map<String, Value> = serde_json::from_slice(&bytes(payload)?)?;
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&used(claims))?);
        let readable = format!("{header}.{claims}.{signature}").parse()?;
        Ok(Self { came: came.to_owned(), signature: bytes(signature)?, readable })
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.came)
    }
}

impl Token {
    /// Its claims, if one of the verifier's keys signed it and they pass everything that `verifier` holds them against.
    ///
    /// # Errors
    /// What does not hold.
    pub fn claims(
        &self,
        verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
        nonce: impl NonceVerifier,
    ) -> Result<&Claims, ClaimsVerificationError> {
        self.check_signature(verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
        // It was checked this moment, over what came.
        self.readable.claims(&verifier.clone().insecure_disable_signature_check(), nonce)
    }

    fn check_signature(
        &self,
        verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
    ) -> Result<(), SignatureVerificationError> {
        let algorithm = self.signing_alg()?;
        if !ALGORITHMS.contains(algorithm) {
            return Err(SignatureVerificationError::DisallowedAlg(format!("{algorithm:?}")));
        }
        let key = self.signing_key(verifier)?;
        let (signed, _) = self.came.rsplit_once('.').unwrap_or_default();
        key.verify_signature(algorithm, signed.as_bytes(), &self.signature)
    }

    /// # Errors
    /// It is not signed.
    pub fn signing_alg(&self) -> Result<&CoreJwsSigningAlgorithm, SignatureVerificationError> {
        self.readable.signing_alg()
    }

    /// The verifier's key that it names.
    ///
    /// # Errors
    /// There is none, or more than one that it could be.
    pub fn signing_key<'s>(
        &self,
        verifier: &'s IdTokenVerifier<'s, CoreJsonWebKey>,
    ) -> Result<&'s CoreJsonWebKey, SignatureVerificationError> {
        self.readable.signing_key(verifier)
    }
}

/// What a token says of itself, whoever wrote it; null if it cannot be read.
pub fn unbelieved(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    serde_json::from_slice(&payload).unwrap_or_default()
}

/// Claims of OpenID Connect Core §2 and §5.1 that nothing here depends on.
const UNUSED: [&str; 18] = [
    "address",
    "birthdate",
    "birthday",
    "c_hash",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];
/// Texts that count only as such.
const TEXTS: [&str; 4] = ["acr", "email", "name", "preferred_username"];
/// Seconds since 1970, which some providers write as a text. RFC 3339 is the library's.
const TIMES: [&str; 3] = ["auth_time", "exp", "iat"];

fn used(claims: Map<String, Value>) -> Map<String, Value> {
    let number = |value: Value| match value.as_str().and_then(|text| text.trim().parse::<Number>().ok()) {
        Some(seconds) => Value::Number(seconds),
        None => value,
    };
    // A name with a language (OpenID Connect Core §5.2) is nobody's name here.
    let is_used = |name: &str, value: &Value| {
        !UNUSED.contains(&name) && !name.contains('#') && (value.is_string() || !TEXTS.contains(&name))
    };
    let used = claims.into_iter().filter(|(name, value)| is_used(name, value));
    used.map(|(name, value)| match name.as_str() {
        "amr" => (name, methods(value)),
        time if TIMES.contains(&time) => (name, number(value)),
        _ => (name, value),
    })
    .collect()
}

/// `amr` is a list of texts (OpenID Connect Core §2); one text is one method, anything else is none.
fn methods(value: Value) -> Value {
    let entries = match value {
        Value::Array(entries) => entries,
        one => vec![one],
    };
    Value::Array(entries.into_iter().filter(Value::is_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_claim_that_is_not_used_may_be_anything() {
        for odd in [json!(7), json!("x"), json!(true), json!(["x"]), json!({"x": {"y": []}}), Value::Null] {
            let mut claims = json!({
                "iss": "https://login.example.com", "sub": "7", "aud": "countersign", "exp": "1700000300",
                "iat": 1_700_000_000.5, "auth_time": "2023-11-14T22:13:20.5Z", "name#de": odd,
            });
            for name in UNUSED.iter().chain(&TEXTS).chain(&["amr"]) {
                claims[*name] = odd.clone();
            }
            let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let token = format!("{}.{}.eA", encode(&json!({"alg": "RS256"})), encode(&claims));
            let read: Result<Token, _> = token.parse();
            assert_eq!(read.unwrap().to_string(), token, "{odd}");
            let Value::Object(claims) = claims else { unreachable!() };
            let claims: Claims = serde_json::from_value(Value::Object(used(claims))).unwrap();
            assert_eq!(claims.expiration().timestamp(), 1_700_000_300);
            assert_eq!(claims.issue_time().timestamp(), 1_700_000_000);
            assert_eq!(claims.auth_time().unwrap().timestamp(), 1_700_000_000);
        }
    }

    #[test]
    fn what_is_no_token_is_an_error() {
        for wrong in ["", ".", "..", "a.b", "e30.e30.e30.e30", "e30.W10.", "e30.e30.!", "e30.bm8.e30"] {
            assert!(wrong.parse::<Token>().is_err(), "{wrong}");
        }
    }
}
