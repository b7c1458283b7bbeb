//! Signing in and out with the identity provider (OpenID Connect, code flow with PKCE). Plain routes: no part of the app.

mod attempt;
mod back_channel;
mod callback;
mod landing;
mod login;
mod provider;
mod refusal;
mod return_path;
mod sign_out;
mod signing;

use std::sync::Arc;

use app::error::Correlation;
use app::standalone::Standalone;
use axum::Router;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use console::{Clock, Console, Journal};
use countersign_aws::Aws;
use countersign_aws::sessions::StoredSession;
use domain::people::RoleGroups;

pub use back_channel::PATH as BACK_CHANNEL;
pub use provider::Provider;
pub use return_path::ReturnPath;

use crate::config::PublicUrl;
use crate::session::Sessions;

use attempt::Attempt;

/// What the routes need. Cheap to clone.
#[derive(Clone)]
pub struct SignIn {
    pub provider: Arc<Provider>,
    pub roles: Arc<RoleGroups>,
    pub public_url: Arc<PublicUrl>,
    pub sessions: Sessions,
    pub console: Console,
    pub journal: Journal,
    pub aws: Aws,
    pub clock: Clock,
}

/// The routes; what each demands is in the guard's table.
pub fn routes(sign_in: SignIn) -> Router {
    Router::new()
        .route(app::paths::SIGN_IN, get(login::login))
        .route(app::paths::SIGN_IN_CALLBACK, get(callback::callback))
        .route(app::paths::SIGN_OUT, post(sign_out::sign_out))
        .route(BACK_CHANNEL, post(back_channel::back_channel))
        .route(app::paths::SIGNED_OUT, get(sign_out::signed_out))
        .with_state(sign_in)
}

impl SignIn {
    async fn remember(&self, secret: &str, attempt: &Attempt) -> anyhow::Result<()> {
        let attempt = StoredSession {
            data: serde_json::to_string(attempt)?,
            expires_at: attempt.begun_at.plus(attempt::LIFETIME),
            begun_at: None,
            person: None,
            sid: None,
        };
        Ok(self.aws.create_session(secret, &attempt).await?)
    }

    /// The attempt, once: a second call finds nothing.
    async fn recall(&self, secret: &str) -> anyhow::Result<Option<Attempt>> {
        let stored = self.aws.take_session(secret, self.clock.now()).await?;
        Ok(stored.map(|stored| serde_json::from_str(&stored.data)).transpose()?)
    }
}

/// 303. An address that no header can hold leads nowhere.
fn see_other(url: &str) -> Response {
    match HeaderValue::try_from(url) {
        Ok(url) => (StatusCode::SEE_OTHER, [(LOCATION, url)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Something that should work did not.
fn broken(headers: &HeaderMap, correlation: &Correlation, error: &anyhow::Error) -> Response {
    tracing::error!(%correlation, error = format!("{error:#}"), "signing in or out failed: {correlation}");
    Standalone::broken(correlation).respond(headers)
}
