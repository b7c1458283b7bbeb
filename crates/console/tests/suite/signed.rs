//! The identity provider of these tests, and what it signs when somebody decides or asks.

use std::sync::{Arc, OnceLock};

use console::{Console, Error};
use domain::people::RoleGroups;
use domain::revocation::{Intent, Proof, Request, RequestId, Signs};
use domain::views::{DecisionForm, RequestForm, Requested};
use domain::{Actor, Role};
use identity::{Keys, Oidc};
use serde_json::{Value, json};

use crate::stub::Provider;

/// Where a process that a test starts finds the provider.
pub const ISSUER: &str = "COUNTERSIGN_TEST_ISSUER";

pub fn provider() -> &'static Provider {
    static PROVIDER: OnceLock<Provider> = OnceLock::new();
    PROVIDER.get_or_init(Provider::start)
}

/// The issuer of all people: this process's provider, or that of the process which started it.
pub fn issuer() -> String {
    std::env::var(ISSUER).unwrap_or_else(|_| provider().issuer.clone())
}

/// The provider's keys, as a worker sees them itself.
pub fn keys() -> Arc<Keys> {
    keys_where(|_| ())
}

/// The same, of a provider that is configured otherwise.
pub fn keys_where(change: impl FnOnce(&mut Oidc)) -> Arc<Keys> {
    let mut oidc = Oidc {
        issuer: openidconnect::IssuerUrl::new(issuer()).unwrap(),
        client_id: openidconnect::ClientId::new("countersign".to_owned()),
        scopes: Vec::new(),
        groups_claim: "groups".to_owned(),
        people_claim: Some("employee_id".to_owned()),
        iat_counts: false,
        groups_only_in_userinfo: false,
        cognito_logout: None,
        allow_sandbox_sign_in: false,
    };
    change(&mut oidc);
    let groups: RoleGroups = Role::ALL.iter().map(|role| (*role, vec![role.to_string()])).collect();
    let groups = groups.besides(["security", "operations"].map(str::to_owned));
    Arc::new(Keys::open(oidc, groups, None).unwrap())
}

/// What the provider says of somebody who signs in to decide this.
pub fn claims(actor: &Actor, intent: &Intent) -> Value {
    claims_for(actor, &intent.nonce())
}

/// The same to sign what has this nonce.
pub fn claims_for(actor: &Actor, nonce: &str) -> Value {
    let mut claims = provider().claims(nonce);
    let subject = actor.person.id.as_str().rsplit('|').next().unwrap();
    let groups: Vec<String> =
        actor.roles.iter().map(ToString::to_string).chain(actor.groups.clone()).collect();
    claims["sub"] = json!(subject);
    claims["groups"] = json!(groups);
    claims["employee_id"] = json!(actor.person.human);
    claims["acr"] = json!(actor.strength.acr);
    claims["amr"] = json!(actor.strength.amr);
    claims["auth_time"] = json!(actor.signed_in_at.unix());
    claims["iat"] = json!(actor.signed_in_at.unix());
    claims["exp"] = json!(actor.signed_in_at.unix() + 300);
    claims
}

/// The same, signed.
pub fn proof(actor: &Actor, intent: &Intent) -> Proof {
    proof_of(actor, &Signs::Decision(intent.clone()))
}

/// What the provider signs of somebody who signs in for this.
pub fn proof_of(actor: &Actor, signs: &Signs) -> Proof {
    Proof {
        by: actor.person.id.clone(),
        salt: signs.salt().clone(),
        id_token: provider().signed(&claims_for(actor, &signs.nonce())),
        role_seen_elsewhere: false,
        key: provider().published_key().to_string(),
        together: signs.together(),
    }
}

/// Asks as a person does: where policy says so, they sign in for it and come back.
pub async fn ask(console: &Console, actor: &Actor, form: RequestForm) -> Result<Request, Error> {
    match console.request_revocation(actor, form).await? {
        Requested::Made(mut requests) => Ok(requests.remove(0)),
        Requested::ToSign(unsigned) => {
            let proof = proof_of(actor, &Signs::Request(unsigned.clone()));
            console.request_signed(actor, *unsigned, &proof).await
        }
    }
}

/// Decides as a person does: intends, signs in, comes back.
pub async fn decide(
    console: &Console,
    actor: &Actor,
    id: &RequestId,
    form: DecisionForm,
) -> Result<Request, Error> {
    let intent = console.intend(actor, id, form).await?;
    let proof = proof(actor, &intent);
    console.decide(actor, intent, &proof).await
}
