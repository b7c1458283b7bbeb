//! The authorization endpoint: shows who can sign in, and hands the client a code.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Query, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::page::{self, Problem};
use super::request::{Params, Refusal, Request, ReturnAddress};
use super::session::Session;
use super::token::Grant;
use super::{Provider, page::SignIn};
use crate::{people, secret};

/// RFC 6749, 4.1.2, recommends at most ten minutes; a browser needs a second.
const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// `GET /authorize`: answers from the session if the request allows it, else shows the page.
pub(super) async fn ask(
    State(provider): State<Arc<Provider>>,
    Query(params): Query<Params>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let address = params.return_address()?;
    let request = match params.request() {
        Ok(request) => request,
        Err(refusal) => return Ok(provider.refuse(&address, &refusal)),
    };
    let session = provider.session(&headers);
    match session.filter(|session| provider.suffices(session, &request)) {
        Some(session) => Ok(redirect(&provider.grant(&address, request, session), None)),
        None if request.silent => {
            let refusal = Refusal { error: "login_required", description: "nobody is signed in" };
            Ok(provider.refuse(&address, &refusal))
        }
        None => Ok(page::sign_in(&SignIn {
            query: &query.unwrap_or_default(),
            username: request.login_hint.as_deref().unwrap_or_default(),
            error: None,
        })),
    }
}

/// What the page's form sends.
#[derive(Deserialize)]
pub(super) struct Choice {
    username: String,
}

/// `POST /authorize`: the page's form, sent to the address of the request it belongs to.
pub(super) async fn sign_in(
    State(provider): State<Arc<Provider>>,
    Query(params): Query<Params>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Result<Response, Problem> {
    let address = params.return_address()?;
    let request = match params.request() {
        Ok(request) => request,
        Err(refusal) => return Ok(provider.refuse(&address, &refusal)),
    };
    let Some(person) = people::by_username(choice.username.trim()) else {
        let page = page::sign_in(&SignIn {
            query: &query.unwrap_or_default(),
            username: &choice.username,
            error: Some("Nobody has this name here. Choose one of the people above."),
        });
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let (session, cookie) = provider.start_session(&headers, person);
    Ok(redirect(&provider.grant(&address, request, session), cookie))
}

impl Provider {
    /// Whether the session may answer without a page.
    fn suffices(&self, session: &Session, request: &Request) -> bool {
        let age = self.clock.now() - session.auth_time;
        !request.sign_in_again && request.max_age.is_none_or(|limit| age < limit)
    }

    /// Makes a code, and returns the client's address with it.
    fn grant(&self, address: &ReturnAddress, request: Request, session: Session) -> String {
        let code = secret::token();
        let grant = Grant {
            redirect_uri: address.redirect_uri.clone(),
            code_challenge: request.code_challenge,
            nonce: request.nonce,
            session,
            expires: self.clock.now() + CODE_LIFETIME,
        };
        self.memory().codes.insert(code.clone(), grant);
        address.answer(self.issuer.as_str(), &[("code", &code)])
    }

    /// Tells the client why not.
    fn refuse(&self, address: &ReturnAddress, refusal: &Refusal) -> Response {
        let parameters = [("error", refusal.error), ("error_description", refusal.description)];
        redirect(&address.answer(self.issuer.as_str(), &parameters), None)
    }
}

/// 303, so that a form's POST becomes a GET. `location` comes from `Url`, which leaves no byte unencoded
/// that a header could not carry.
fn redirect(location: &str, cookie: Option<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
