//! What an identity provider says, and whether it is to be believed: its metadata and keys (OpenID Connect Discovery), the
//! tokens that it signs, and the claims in them. The server signs people in by it; the executor believes no approval
//! that it does not bear out.

pub mod claims;
pub mod discovery;
mod keys;
pub mod knowledge;
mod refusal;
pub mod times;
mod token;
mod userinfo;
mod verify;

use openidconnect::url::Url;
use openidconnect::{ClientId, IssuerUrl, Scope};

pub use keys::{Keys, NotVouched};
pub use refusal::Refusal;
pub use token::{Token, unbelieved};
pub use userinfo::userinfo;
pub use verify::{ALGORITHMS, chain, sandbox_only, verifier};

/// Which provider is believed, and for which client. The client's secret is in the environment.
#[derive(Clone, Debug)]
pub struct Oidc {
    pub issuer: IssuerUrl,
    pub client_id: ClientId,
    /// What is asked for beyond `openid`: which claims come may depend on it.
    pub scopes: Vec<Scope>,
    /// The claim that lists a person's groups: its name, or a JSON pointer to it (RFC 6901).
    pub groups_claim: String,
    /// The claim that names the human behind an account, in the same form. `None`: nobody asks.
    pub people_claim: Option<String>,
    /// Where it does not say when somebody signed in (`auth_time`), the time of its token (`iat`) stands for it.
    pub iat_counts: bool,
    /// The ID token never lists them: the role behind a decision rests on what signing in saw at the userinfo endpoint.
    pub groups_only_in_userinfo: bool,
    /// Where Cognito ends a person's session (`https://DOMAIN/logout`), which it wants asked in its own way. `None`: the
    /// provider is asked as RP-Initiated Logout says, if it knows that.
    pub cognito_logout: Option<Url>,
    /// Whether sign-ins of the sandbox's provider are accepted; possible on this machine only.
    pub allow_sandbox_sign_in: bool,
}
