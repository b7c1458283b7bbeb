//! The sandbox's OpenID Connect provider: authorization code flow with PKCE for one confidential client.
//!
//! There are no passwords: whoever can reach this loopback port chooses who to be. Its ID tokens say so in
//! `acr`, which a production configuration refuses. Sessions, codes and the signing key live in memory only.

mod authorize;
mod claims;
mod discovery;
mod end_session;
mod page;
mod request;
mod session;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::{get, post};
use openidconnect::core::CoreEdDsaPrivateSigningKey;
use openidconnect::{IssuerUrl, JsonWebKeyId};
use rcgen::{KeyPair, PKCS_ED25519};
use std::sync::Arc;

use crate::clock::Clock;
use session::Session;
use token::{Access, Grant};

/// The authentication context class of every sign-in here. Production configurations refuse it.
pub(crate) const ACR: &str = "urn:countersign:sandbox";
/// The one client.
pub(crate) const CLIENT_ID: &str = "countersign";

/// How long an ID token and its access token are good for.
const TOKEN_LIFETIME: Duration = Duration::from_secs(300);

/// What the provider knows while it runs.
pub(crate) struct Provider {
    issuer: IssuerUrl,
    client_secret: String,
    key: CoreEdDsaPrivateSigningKey,
    clock: Clock,
    memory: Mutex<Memory>,
}

/// Everything that is forgotten at a restart.
#[derive(Default)]
struct Memory {
    /// Browser sessions, by cookie.
    sessions: HashMap<String, Session>,
    /// Codes not yet redeemed.
    codes: HashMap<String, Grant>,
    /// Access tokens.
    tokens: HashMap<String, Access>,
}

impl Provider {
    /// A provider with a signing key of its own, made now. `issuer` has no trailing slash.
    pub(crate) fn new(issuer: String, client_secret: String, clock: Clock) -> anyhow::Result<Self> {
        let pem = KeyPair::generate_for(&PKCS_ED25519)?.serialize_pem();
        let name = JsonWebKeyId::new(crate::secret::token()[..16].to_owned());
        let key = CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(name))
            .map_err(|error| anyhow!("the sign-in key could not be read back: {error}"))?;
        let issuer = IssuerUrl::new(issuer).context("the issuer is not a URL")?;
        Ok(Self { issuer, client_secret, key, clock, memory: Mutex::default() })
    }

    /// The provider's routes.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/", get(page::front))
            .route("/.well-known/openid-configuration", get(discovery::metadata))
            .route("/jwks.json", get(discovery::keys))
            .route("/authorize", get(authorize::ask).post(authorize::sign_in))
            .route("/token", post(token::exchange))
            .route("/userinfo", get(userinfo::claims).post(userinfo::claims))
            .route("/end-session", get(end_session::by_link).post(end_session::by_form))
            .layer(axum::middleware::map_response(add_headers))
            .with_state(Arc::new(self))
    }

    /// The absolute URL of a path of this provider.
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.as_str())
    }

    /// What is remembered, without what has expired.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        memory.codes.retain(|_, grant| grant.expires > now);
        memory.tokens.retain(|_, access| access.expires > now);
        memory
    }
}

/// Nothing here is to be cached, framed or scripted.
async fn add_headers(mut response: axum::response::Response) -> axum::response::Response {
    const CSP: &str =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
