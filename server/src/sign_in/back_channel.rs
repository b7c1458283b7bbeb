//! `POST /auth/backchannel-logout`: the provider says that somebody's session there has ended, and so do those here
//! that came of it (OpenID Connect Back-Channel Logout 1.0). A program calls it: what counts is the token's signature.

use app::error::Correlation;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form, Json};
use countersign_aws::Error as AwsError;
use countersign_aws::sessions::StoredSession;
use identity::claims::Logout;
use serde::Deserialize;
use serde_json::json;

use super::SignIn;
use super::refusal::Refusal;

/// Registered at the provider as the back-channel logout URI.
pub const PATH: &str = "/auth/backchannel-logout";

#[derive(Deserialize)]
pub(super) struct Notice {
    logout_token: String,
}

pub(super) async fn back_channel(
    State(sign_in): State<SignIn>,
    Extension(correlation): Extension<Correlation>,
    Form(notice): Form<Notice>,
) -> Response {
    let logout = match sign_in.provider.logout(&notice.logout_token).await {
        Ok(logout) => logout,
        Err(Refusal::NoProvider) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(refusal) => {
            tracing::warn!(%correlation, %refusal, "a notice of logout was refused: {correlation}");
            return refused();
        }
    };
    match sign_in.end_sessions(&logout).await {
        Ok(true) => StatusCode::OK.into_response(),
        Ok(false) => {
            tracing::warn!(%correlation, "a notice of logout came twice: {correlation}");
            refused()
        }
        Err(error) => {
            tracing::error!(%correlation, %error, "a notice of logout could not be followed: {correlation}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// §2.8 of the specification.
fn refused() -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_request"}))).into_response()
}

impl SignIn {
    /// Ends what the notice names. `false`: it was followed before.
    async fn end_sessions(&self, logout: &Logout) -> Result<bool, AwsError> {
        let seen = StoredSession {
            data: String::new(),
            expires_at: logout.expires_at,
            begun_at: None,
            person: None,
            sid: None,
        };
        match self.aws.create_session(&format!("notice of logout {}", logout.id), &seen).await {
            Err(AwsError::Conflict { .. }) => return Ok(false),
            other => other?,
        }
        let ended = match &logout.provider_session {
            Some(sid) => self.aws.delete_sessions_of_sid(sid).await?,
            None => self.aws.delete_sessions_of(&logout.person).await?,
        };
        self.journal.provider_signed_out(&logout.person, ended).await?;
        Ok(true)
    }
}
