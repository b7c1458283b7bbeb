//! What the identity provider says of itself (OpenID Connect Discovery 1.0), and the client that is made of it.

use anyhow::Context;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreSubjectIdentifierType,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalProviderMetadata, Client, ClientSecret, EmptyExtraTokenFields, EndSessionUrl, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdToken, IdTokenFields, ProviderMetadata, RedirectUrl,
    StandardErrorResponse, StandardTokenResponse,
};
use serde::{Deserialize, Serialize};

use crate::Oidc;
use crate::claims::Extra;

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

pub type Token = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

pub type Answer = StandardTokenResponse<
    IdTokenFields<
        Extra,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

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
        let client =
            Client::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(callback.clone());
        Ok(Self { metadata, client })
    }

    /// The origins that a form of ours may lead to.
    pub fn origins(&self) -> Vec<String> {
        let end_session = &self.metadata.additional_metadata().end_session_endpoint;
        let urls =
            [Some(self.metadata.authorization_endpoint().url()), end_session.as_ref().map(|url| url.url())];
        let mut origins: Vec<String> =
            urls.iter().flatten().map(|url| url.origin().ascii_serialization()).collect();
        origins.dedup();
        origins
    }
}
