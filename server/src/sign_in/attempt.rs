//! A sign-in that was begun and not finished: kept in the console's table under the hash of a cookie, taken out once.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use domain::Timestamp;
use domain::revocation::Signs;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::provider::Begun;
use super::return_path::ReturnPath;
use crate::session::cookie;

/// `Lax`, unlike the session's: it must come along when the provider sends the browser back.
pub const COOKIE: &str = "__Host-login";

/// How long signing in may take.
pub const LIFETIME: Duration = Duration::from_secs(600);

/// What must be remembered until the browser comes back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Attempt {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    pub back: ReturnPath,
    /// A proof of identity made after `begun_at` was asked for.
    pub fresh: bool,
    pub begun_at: Timestamp,
    /// The session that this sign-in takes the place of: its cookie does not come along with the answer.
    pub replaces: Option<tower_sessions::session::Id>,
    /// What it signs; `None`: somebody only signs in. Older consoles knew decisions alone.
    #[serde(rename = "decision")]
    pub signs: Option<Signs>,
}

impl Attempt {
    /// What begins with these secrets. When, where to and what for is for the caller to say.
    pub fn of(begun: &Begun) -> Self {
        Self {
            state: begun.state.secret().clone(),
            nonce: begun.nonce.secret().clone(),
            verifier: begun.verifier.secret().clone(),
            back: ReturnPath::within("/"),
            fresh: false,
            begun_at: Timestamp::EPOCH,
            replaces: None,
            signs: None,
        }
    }
}

/// The secret that ties an attempt to the browser that began it: 256 bits.
pub fn secret() -> String {
    hex::encode(rand::rng().random::<[u8; 32]>())
}

/// The secret that a browser brings back.
pub fn brought(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, COOKIE)
        .filter(|secret| secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Gives the secret to the browser.
pub fn set_cookie(secret: &str) -> Option<HeaderValue> {
    let age = LIFETIME.as_secs();
    HeaderValue::try_from(format!("{COOKIE}={secret}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax"))
        .ok()
}

/// Takes it away again.
pub fn remove_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-login=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}
