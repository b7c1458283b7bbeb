//! What the provider says about a person, in the ID token and at the userinfo endpoint.

use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, EndUserEmail, EndUserName, EndUserUsername, IdToken, IdTokenClaims, LocalizedClaim,
    PrivateSigningKey, StandardClaims, SubjectIdentifier, UserInfoClaims,
};
use serde::{Deserialize, Serialize};

use super::Provider;
use crate::people::Person;

/// The claims beyond OpenID Connect's own.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Extra {
    /// The groups that the console turns into roles.
    pub(super) groups: Vec<String>,
    /// The browser session, as in OpenID Connect Back-Channel Logout, section 2.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<String>,
}

impl AdditionalClaims for Extra {}

pub(super) type SandboxIdToken =
    IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
pub(super) type SandboxIdTokenClaims = IdTokenClaims<Extra, CoreGenderClaim>;
pub(super) type SandboxUserInfo = UserInfoClaims<Extra, CoreGenderClaim>;

/// Name, address and the stable subject.
pub(super) fn standard(person: &Person) -> StandardClaims<CoreGenderClaim> {
    let mut name = LocalizedClaim::new();
    name.insert(None, EndUserName::new(person.name.to_owned()));
    StandardClaims::new(SubjectIdentifier::new(person.subject.to_owned()))
        .set_name(Some(name))
        .set_preferred_username(Some(EndUserUsername::new(person.username.to_owned())))
        .set_email(Some(EndUserEmail::new(format!("{}@example.com", person.username))))
        .set_email_verified(Some(true))
}

/// Group memberships, and the session if there is one to name.
pub(super) fn extra(person: &Person, sid: Option<String>) -> Extra {
    Extra { groups: person.groups.iter().map(|&group| group.to_owned()).collect(), sid }
}

impl Provider {
    /// The public half of the signing key.
    pub(super) fn key_set(&self) -> CoreJsonWebKeySet {
        CoreJsonWebKeySet::new(vec![self.key.as_verification_key()])
    }
}
