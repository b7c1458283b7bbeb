//! `POST /auth/logout` ends the session here, and sends the browser to the provider to end it there as well.

use app::error::Correlation;
use app::standalone::Standalone;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::ledger::{Action, Object};
use tower_sessions::Session;

use super::{SignIn, see_other};
use crate::session::SignedIn;

pub(super) async fn sign_out(
    State(sign_in): State<SignIn>,
    Extension(correlation): Extension<Correlation>,
    session: Session,
    headers: HeaderMap,
    signed_in: Option<Extension<SignedIn>>,
) -> Response {
    let ended = async {
        session.flush().await?;
        if let Some(Extension(signed_in)) = &signed_in {
            let actor = signed_in.actor(&sign_in.roles);
            sign_in.journal.person(&actor, Action::SignedOut, Object::Session, "").await?;
        }
        anyhow::Ok(())
    };
    if let Err(error) = ended.await {
        return super::broken(&headers, &correlation, &error);
    }
    let back = sign_in.public_url.at(app::paths::SIGNED_OUT);
    let token = signed_in.as_ref().map(|Extension(signed_in)| signed_in.id_token.as_str());
    match token.and_then(|token| sign_in.provider.end_session(token, &back)) {
        Some(url) => see_other(url.as_str()),
        None => see_other(&format!("{}?{HERE}", app::paths::SIGNED_OUT)),
    }
}

/// The query that says that the provider's session was not ended.
const HERE: &str = "here";

/// `GET /auth/signed-out`: where the provider sends the browser afterwards.
pub(super) async fn signed_out(headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    Standalone::signed_out(query.as_deref() != Some(HERE)).respond(&headers)
}
