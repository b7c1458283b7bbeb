//! The token endpoint: a code, once, for an ID token (OpenID Connect Core 3.1.3; RFC 7636, 4.6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use openidconnect::core::{CoreGenderClaim, CoreTokenType};
use openidconnect::core::{CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm};
use openidconnect::url::form_urlencoded;
use openidconnect::{
    AccessToken, Audience, AuthenticationContextClass, EmptyExtraTokenFields, IdTokenFields, Nonce,
    StandardTokenResponse,
};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::SystemTime;
use time::OffsetDateTime;

use super::claims::{self, Extra, SandboxIdToken, SandboxIdTokenClaims};
use super::session::Session;
use super::{ACR, CLIENT_ID, Provider, TOKEN_LIFETIME};
use crate::people::Person;
use crate::secret;

/// What a code stands for.
pub(super) struct Grant {
    pub(super) redirect_uri: String,
    pub(super) code_challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) session: Session,
    pub(super) expires: OffsetDateTime,
}

/// What an access token stands for.
pub(super) struct Access {
    pub(super) person: &'static Person,
    pub(super) expires: OffsetDateTime,
}

/// The form of a token request.
#[derive(Deserialize)]
pub(super) struct Exchange {
    grant_type: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// RFC 6749, 5.2.
pub(super) enum TokenError {
    InvalidClient,
    InvalidRequest(&'static str),
    InvalidGrant(&'static str),
    UnsupportedGrantType,
    Server,
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client", "wrong client or secret"),
            Self::InvalidRequest(why) => (StatusCode::BAD_REQUEST, "invalid_request", why),
            Self::InvalidGrant(why) => (StatusCode::BAD_REQUEST, "invalid_grant", why),
            Self::UnsupportedGrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "only authorization_code")
            }
            Self::Server => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "signing failed"),
        };
        let body = Json(json!({ "error": error, "error_description": description }));
        let mut response = (status, body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"sandbox\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

type TokenResponse = StandardTokenResponse<
    IdTokenFields<
        Extra,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// `POST /token`.
pub(super) async fn exchange(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<Exchange>,
) -> Result<Json<TokenResponse>, TokenError> {
    provider.authenticate_client(&headers, &form)?;
    if form.grant_type.as_deref() != Some("authorization_code") {
        return Err(TokenError::UnsupportedGrantType);
    }
    let code = form.code.ok_or(TokenError::InvalidRequest("code is missing"))?;
    // Taken out before it is looked at: whatever is wrong with this attempt, there is no second one.
    let grant = provider.memory().codes.remove(&code);
    let grant = grant.ok_or(TokenError::InvalidGrant("the code is unknown, used or expired"))?;
    if form.redirect_uri.as_deref() != Some(&grant.redirect_uri) {
        return Err(TokenError::InvalidGrant("redirect_uri is not that of the authentication request"));
    }
    let verifier = form.code_verifier.unwrap_or_default();
    if BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != grant.code_challenge {
        return Err(TokenError::InvalidGrant("code_verifier does not match code_challenge"));
    }
    provider.issue(grant).map(Json)
}

impl Provider {
    /// RFC 6749, 2.3.1: either the header or the form, not both.
    fn authenticate_client(&self, headers: &HeaderMap, form: &Exchange) -> Result<(), TokenError> {
        let (id, secret) = match (headers.get(header::AUTHORIZATION), &form.client_secret) {
            (Some(_), Some(_)) => return Err(TokenError::InvalidRequest("two client authentications")),
            (Some(header), None) => basic(header).ok_or(TokenError::InvalidClient)?,
            (None, Some(secret)) => (form.client_id.clone().unwrap_or_default(), secret.clone()),
            (None, None) => return Err(TokenError::InvalidClient),
        };
        // Hashes are compared, so that the time it takes says nothing about the secret.
        let matches = Sha256::digest(secret) == Sha256::digest(&self.client_secret);
        (id == CLIENT_ID && matches).then_some(()).ok_or(TokenError::InvalidClient)
    }

    fn issue(&self, grant: Grant) -> Result<TokenResponse, TokenError> {
        let now = self.clock.now();
        let expires = now + TOKEN_LIFETIME;
        let Session { person, auth_time, sid } = grant.session;
        let access_token = AccessToken::new(secret::token());
        let claims = SandboxIdTokenClaims::new(
            self.issuer.clone(),
            vec![Audience::new(CLIENT_ID.to_owned())],
            SystemTime::from(expires).into(),
            SystemTime::from(now).into(),
            claims::standard(person),
            claims::extra(person, Some(sid)),
        )
        .set_auth_time(Some(SystemTime::from(auth_time).into()))
        .set_auth_context_ref(Some(AuthenticationContextClass::new(ACR.to_owned())))
        .set_nonce(grant.nonce.map(Nonce::new));
        let algorithm = CoreJwsSigningAlgorithm::EdDsa;
        let id_token = SandboxIdToken::new(claims, &self.key, algorithm, Some(&access_token), None)
            .map_err(|_| TokenError::Server)?;
        self.memory().tokens.insert(access_token.secret().clone(), Access { person, expires });
        let fields = IdTokenFields::new(Some(id_token), EmptyExtraTokenFields {});
        let mut response = TokenResponse::new(access_token, CoreTokenType::Bearer, fields);
        response.set_expires_in(Some(&TOKEN_LIFETIME));
        Ok(response)
    }
}

/// Name and secret, each form-encoded before they were joined.
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let encoded = header.to_str().ok()?.strip_prefix("Basic ")?;
    let joined = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}
