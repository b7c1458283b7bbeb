//! The provider's description of itself (OpenID Connect Discovery 1.0) and its public key.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::url::Url;
use openidconnect::{
    AdditionalProviderMetadata, AuthUrl, AuthenticationContextClass, JsonWebKeySetUrl, ProviderMetadata,
    ResponseTypes, Scope, TokenUrl, UserInfoUrl,
};
use serde::{Deserialize, Serialize};

use super::page::Problem;
use super::{ACR, Provider};

/// What later specifications add: RP-Initiated Logout, RFC 8414 (PKCE), RFC 9207.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Additional {
    end_session_endpoint: Url,
    code_challenge_methods_supported: Vec<String>,
    authorization_response_iss_parameter_supported: bool,
    prompt_values_supported: Vec<String>,
}

impl AdditionalProviderMetadata for Additional {}

type Metadata = ProviderMetadata<
    Additional,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// `GET /.well-known/openid-configuration`.
pub(super) async fn metadata(State(provider): State<Arc<Provider>>) -> Result<Json<Metadata>, Problem> {
    Ok(Json(describe(&provider)?))
}

/// `GET /jwks.json`.
pub(super) async fn keys(State(provider): State<Arc<Provider>>) -> Json<CoreJsonWebKeySet> {
    Json(provider.key_set())
}

fn describe(provider: &Provider) -> Result<Metadata, Problem> {
    let additional = Additional {
        end_session_endpoint: Url::parse(&provider.url("/end-session"))?,
        code_challenge_methods_supported: vec!["S256".to_owned()],
        authorization_response_iss_parameter_supported: true,
        prompt_values_supported: ["none", "login", "select_account"].map(str::to_owned).to_vec(),
    };
    Ok(Metadata::new(
        provider.issuer.clone(),
        AuthUrl::new(provider.url("/authorize"))?,
        JsonWebKeySetUrl::new(provider.url("/jwks.json"))?,
        vec![ResponseTypes::new(vec![CoreResponseType::Code])],
        vec![CoreSubjectIdentifierType::Public],
        vec![CoreJwsSigningAlgorithm::EdDsa],
        additional,
    )
    .set_token_endpoint(Some(TokenUrl::new(provider.url("/token"))?))
    .set_userinfo_endpoint(Some(UserInfoUrl::new(provider.url("/userinfo"))?))
    .set_scopes_supported(Some(
        ["openid", "profile", "email", "groups"].map(|scope| Scope::new(scope.to_owned())).to_vec(),
    ))
    .set_response_modes_supported(Some(vec![CoreResponseMode::Query]))
    .set_grant_types_supported(Some(vec![CoreGrantType::AuthorizationCode]))
    .set_acr_values_supported(Some(vec![AuthenticationContextClass::new(ACR.to_owned())]))
    .set_token_endpoint_auth_methods_supported(Some(vec![
        CoreClientAuthMethod::ClientSecretBasic,
        CoreClientAuthMethod::ClientSecretPost,
    ]))
    .set_claims_supported(Some(
        [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "sid",
            "name",
            "email",
            "email_verified",
            "preferred_username",
            "groups",
        ]
        .map(|claim| CoreClaimName::new(claim.to_owned()))
        .to_vec(),
    ))
    .set_request_parameter_supported(Some(false))
    .set_request_uri_parameter_supported(Some(false)))
}
