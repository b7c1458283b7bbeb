//! The userinfo endpoint (OpenID Connect Core 5.3).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Provider;
use super::claims::{self, SandboxUserInfo};

/// `GET` and `POST /userinfo`, with an access token in the header.
pub(super) async fn claims(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    let person = provider.memory().tokens.get(token).map(|access| access.person);
    match person {
        Some(person) => {
            Json(SandboxUserInfo::new(claims::standard(person), claims::extra(person, None))).into_response()
        }
        // RFC 6750, section 3.
        None => (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")])
            .into_response(),
    }
}
