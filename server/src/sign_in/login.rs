//! `GET /auth/login`: remembers where the person was, and sends them to the provider.

use app::error::Correlation;
use app::standalone::Standalone;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::attempt::{self, Attempt};
use super::provider::Purpose;
use super::return_path::ReturnPath;
use super::{SignIn, see_other};

#[derive(Deserialize)]
pub(super) struct Asked {
    /// Where to go afterwards.
    #[serde(rename = "return")]
    back: Option<String>,
    /// Present: even somebody whom the provider knows must prove who they are.
    fresh: Option<String>,
}

pub(super) async fn login(
    State(sign_in): State<SignIn>,
    Extension(correlation): Extension<Correlation>,
    session: Session,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    let fresh = asked.fresh.is_some();
    let purpose = if fresh { Purpose::Afresh } else { Purpose::SignIn };
    let Ok(begun) = sign_in.provider.begin(purpose) else {
        return Standalone::sign_in_unavailable().respond(&headers);
    };
    let secret = attempt::secret();
    let attempt = Attempt {
        back: ReturnPath::within(asked.back.as_deref().unwrap_or_default()),
        fresh,
        begun_at: sign_in.clock.now(),
        replaces: session.id(),
        ..Attempt::of(&begun)
    };
    if let Err(error) = sign_in.remember(&secret, &attempt).await {
        return super::broken(&headers, &correlation, &error);
    }
    let Some(cookie) = attempt::set_cookie(&secret) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = see_other(begun.url.as_str());
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}
