//! What an identity provider says, and whether it is to be believed: its metadata and keys (OpenID Connect Discovery), the
//! tokens that it signs, and the claims in them. The server signs people in by it; the executor believes no approval
//! that it does not bear out.

pub mod claims;
pub mod discovery;
pub mod knowledge;
mod refusal;
pub mod times;
mod verify;

use openidconnect::{ClientId, IssuerUrl, Scope};

pub use refusal::Refusal;
pub use verify::{ALGORITHMS, chain, sandbox_only, verifier};

/// Which provider is believed, and for which client. The client's secret is in the environment.
#[derive(Clone, Debug)]
pub struct Oidc {
    pub issuer: IssuerUrl,
    pub client_id: ClientId,
    /// What is asked for beyond `openid`: which claims come may depend on it.
    pub scopes: Vec<Scope>,
    /// The claim of the ID token that lists a person's groups.
    pub groups_claim: String,
    /// Whether sign-ins of the sandbox's provider are accepted; possible on this machine only.
    pub allow_sandbox_sign_in: bool,
}
