//! What the identity provider says of itself (OpenID Connect Discovery 1.0), and the client that is made of it.

use std::time::Duration;

use anyhow::Context;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreSubjectIdentifierType,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AdditionalProviderMetadata, AuthType, Client, ClientSecret, EndSessionUrl, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, OAuth2TokenResponse, ProviderMetadata, RedirectUrl, RefreshToken, Scope,
    StandardErrorResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};

use crate::Oidc;
use crate::claims::Extra;
use crate::token::Readable;

/// The provider's metadata beyond OpenID Connect Discovery 1.0 §3.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct More {
    pub end_session_endpoint: Option<EndSessionUrl>,
    /// RFC 9207 §3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

pub type Metadata = ProviderMetadata<
    More,
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

/// The token endpoint's answer (OpenID Connect Core §3.1.3.3), as far as it is used: some write the numbers in it as texts.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    access_token: AccessToken,
    /// To be read as a [`Token`](crate::Token).
    pub id_token: Option<String>,
}

impl OAuth2TokenResponse for Answer {
    type TokenType = CoreTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &CoreTokenType {
        &CoreTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

impl TokenResponse<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>
    for Answer
{
    fn id_token(&self) -> Option<&Readable> {
        None
    }
}

pub type OidcClient = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What discovery said.
pub struct Known {
    pub metadata: Metadata,
    pub client: OidcClient,
    cognito_logout: Option<Url>,
}

impl Known {
    /// # Errors
    /// It does not answer, or answers for another issuer.
    pub async fn discover(
        http: &reqwest::Client,
        oidc: &Oidc,
        secret: &ClientSecret,
        callback: &RedirectUrl,
    ) -> anyhow::Result<Self> {
        let metadata = Metadata::discover_async(oidc.issuer.clone(), http)
            .await
            .with_context(|| format!("discovery of the identity provider {} failed", oidc.issuer.as_str()))?;
        let (id, secret) = (oidc.client_id.clone(), Some(secret.clone()));
        let client = Client::from_provider_metadata(metadata.clone(), id, secret)
            .set_redirect_uri(callback.clone())
            .set_auth_type(auth_type(&metadata));
        Ok(Self { metadata, client, cognito_logout: oidc.cognito_logout.clone() })
    }

    /// Where to send somebody so that their session at the provider ends, and that they come back to `back`. `id_token` is
    /// that of their sign-in. `None`: it has no such place.
    pub fn end_session(&self, id_token: &str, back: &str) -> Option<Url> {
        let mut url = self.end_session_endpoint()?.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("client_id", self.client.client_id());
        match self.cognito_logout {
            // Amazon Cognito Developer Guide, "The managed login sign-out endpoint".
            Some(_) => query.append_pair("logout_uri", back),
            // OpenID Connect RP-Initiated Logout 1.0 §2.
            None => {
                query.append_pair("post_logout_redirect_uri", back).append_pair("id_token_hint", id_token)
            }
        };
        drop(query);
        Some(url)
    }

    fn end_session_endpoint(&self) -> Option<&Url> {
        let discovered = self.metadata.additional_metadata().end_session_endpoint.as_ref();
        self.cognito_logout.as_ref().or(discovered.map(|url| url.url()))
    }

    /// The origins that a form of ours may lead to.
    pub fn origins(&self) -> Vec<String> {
        let urls = [Some(self.metadata.authorization_endpoint().url()), self.end_session_endpoint()];
        let mut origins: Vec<String> =
            urls.iter().flatten().map(|url| url.origin().ascii_serialization()).collect();
        origins.dedup();
        origins
    }
}

/// How the client proves itself: in a header, which is what a provider takes that says nothing (OpenID Connect Discovery §3).
fn auth_type(metadata: &Metadata) -> AuthType {
    let takes = |method| {
        let methods = metadata.token_endpoint_auth_methods_supported();
        methods.is_none_or(|methods| methods.contains(&method))
    };
    match takes(CoreClientAuthMethod::ClientSecretBasic) {
        false if takes(CoreClientAuthMethod::ClientSecretPost) => AuthType::RequestBody,
        _ => AuthType::BasicAuth,
    }
}
