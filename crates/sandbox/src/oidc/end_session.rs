//! Sign-out at the provider (OpenID Connect RP-Initiated Logout 1.0).

use std::str::FromStr;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, IdTokenVerifier, Nonce};
use serde::Deserialize;

use super::claims::SandboxIdToken;
use super::page::{self, Problem};
use super::request::loopback_url;
use super::{CLIENT_ID, Provider};

/// The parameters of an end-session request.
#[derive(Deserialize)]
pub(super) struct Params {
    id_token_hint: Option<String>,
    post_logout_redirect_uri: Option<String>,
    client_id: Option<String>,
    state: Option<String>,
}

/// `GET /end-session`.
pub(super) async fn by_link(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    provider.sign_out(&headers, params)
}

/// `POST /end-session`.
pub(super) async fn by_form(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(params): Form<Params>,
) -> Result<Response, Problem> {
    provider.sign_out(&headers, params)
}

impl Provider {
    fn sign_out(&self, headers: &HeaderMap, params: Params) -> Result<Response, Problem> {
        if params.client_id.as_deref().is_some_and(|id| id != CLIENT_ID) {
            return Err(Problem::bad_request("No client of that name is known here (client_id)."));
        }
        // A hint that an earlier start of the sandbox signed cannot be checked any more, so a named client
        // is enough; either way the browser is only ever sent to this machine.
        let known = params.client_id.is_some() || params.id_token_hint.is_some_and(|hint| self.signed(&hint));
        let back = match params.post_logout_redirect_uri.filter(|_| known) {
            None => None,
            Some(address) => {
                let mut url = loopback_url(&address).ok_or_else(|| {
                    Problem::bad_request("post_logout_redirect_uri must be an address of this machine.")
                })?;
                if let Some(state) = &params.state {
                    url.query_pairs_mut().append_pair("state", state);
                }
                Some(String::from(url))
            }
        };
        let cookie = [(header::SET_COOKIE, self.end_session(headers))];
        Ok(match back {
            Some(location) => (StatusCode::SEE_OTHER, cookie, [(header::LOCATION, location)]).into_response(),
            None => (cookie, page::signed_out()).into_response(),
        })
    }

    /// Whether this provider signed the token for its client. It may have expired.
    fn signed(&self, hint: &str) -> bool {
        let verifier: IdTokenVerifier<'_, CoreJsonWebKey> = IdTokenVerifier::new_public_client(
            ClientId::new(CLIENT_ID.to_owned()),
            self.issuer.clone(),
            self.key_set(),
        )
        .set_allowed_algs([CoreJwsSigningAlgorithm::EdDsa])
        .set_time_fn(|| std::time::SystemTime::UNIX_EPOCH.into());
        let any_nonce = |_: Option<&Nonce>| Ok(());
        SandboxIdToken::from_str(hint).is_ok_and(|token| token.claims(&verifier, any_nonce).is_ok())
    }
}
