//! The identity provider: where it is, what it can do, and whether an ID token is one of its own for us.
//!
//! `openidconnect` checks signature, issuer, audience, expiry and nonce; everything else that must hold is here.

use std::sync::Arc;
use std::time::Duration;

use console::Clock;
use domain::Timestamp;
use identity::claims::{Claims, Identity, Logout};
use identity::discovery::{Answer, Known, OidcClient};
use identity::knowledge::Knowledge;
use identity::times::{NO_AUTH_TIME, made_now, proven};
use identity::{ALGORITHMS, Oidc, Token, chain, sandbox_only};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreJsonWebKey};
use openidconnect::url::Url;
use openidconnect::{
    AccessTokenHash, AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientSecret,
    CsrfToken, IdTokenVerifier, JsonWebTokenType, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, SignatureVerificationError,
};

use super::refusal::Refusal;
use crate::config::PublicUrl;
use crate::session::LONGEST;

/// `max_age` of a sign-in that must be fresh. Not 0, which some providers take for none at all; long enough that one which
/// looks at it again after asking does not ask for ever.
const FRESH: Duration = Duration::from_secs(10);

/// The one provider that people sign in with.
pub struct Provider {
    oidc: Oidc,
    clock: Clock,
    /// What it says of itself.
    pub knowledge: Knowledge,
}

/// What somebody signs in for.
pub enum Purpose {
    /// To look around.
    SignIn,
    /// To prove who they are, even if the provider knows them already.
    Afresh,
    /// To sign what has this nonce; as fresh as that, and of one of these classes (`acr_values`), if there are any.
    Signature { nonce: String, acr: Vec<String> },
}

impl Purpose {
    fn nonce(&self) -> Nonce {
        match self {
            Self::SignIn | Self::Afresh => Nonce::new_random(),
            Self::Signature { nonce, .. } => Nonce::new(nonce.clone()),
        }
    }
}

/// An ID token as it came, and the provider's key that signed it.
pub struct SignedToken {
    pub id_token: String,
    /// Its groups were looked for at the userinfo endpoint.
    pub lists_no_groups: bool,
    pub key: String,
}

/// What is remembered between sending somebody to the provider and their coming back.
pub struct Begun {
    pub url: Url,
    pub state: CsrfToken,
    pub nonce: Nonce,
    pub verifier: PkceCodeVerifier,
}

impl Provider {
    /// Asks nothing of the provider yet.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(oidc: Oidc, secret: ClientSecret, callback: &PublicUrl, clock: Clock) -> anyhow::Result<Self> {
        let callback = RedirectUrl::new(callback.at(app::paths::SIGN_IN_CALLBACK))?;
        let knowledge = Knowledge::new(oidc.clone(), secret, callback)?;
        Ok(Self { oidc, clock, knowledge })
    }

    fn known(&self) -> Result<Arc<Known>, Refusal> {
        self.knowledge.current().ok_or(Refusal::NoProvider)
    }

    /// Where to send somebody so that they sign in.
    pub fn begin(&self, purpose: Purpose) -> Result<Begun, Refusal> {
        let known = self.known()?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = purpose.nonce();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = known
            .client
            .authorize_url(flow, CsrfToken::new_random, || nonce)
            .add_scopes(self.oidc.scopes.iter().cloned())
            .set_pkce_challenge(challenge);
        let request = match purpose {
            Purpose::Afresh => request.add_prompt(CoreAuthPrompt::Login).set_max_age(FRESH),
            Purpose::Signature { acr, .. } => acr
                .into_iter()
                .fold(request, |request, class| {
                    request.add_auth_context_value(AuthenticationContextClass::new(class))
                })
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(FRESH),
            // Only with a bound must the ID token say when they signed in (OpenID Connect Core §2, `auth_time`), which
            // deciding on a request depends on. No session here lasts longer than this.
            Purpose::SignIn => request.set_max_age(LONGEST),
        };
        let (url, state, nonce) = request.url();
        Ok(Begun { url, state, nonce, verifier })
    }

    /// Whether an answer that names its issuer so, or not at all, is this provider's (RFC 9207 §2.4).
    pub fn answers_as(&self, issuer: Option<&str>) -> Result<(), Refusal> {
        let known = self.known()?;
        let says_so = known.metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match issuer {
            Some(issuer) if issuer == self.oidc.issuer.as_str() => Ok(()),
            None if !says_so => Ok(()),
            _ => Err(Refusal::AnotherIssuer),
        }
    }

    /// Turns a code into somebody. `since`: their proof of who they are must not be older than this. Gives the ID token
    /// as well: it proves what was signed, and signing out asks for it.
    pub async fn redeem(
        &self,
        code: String,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
        since: Option<Timestamp>,
    ) -> Result<(Identity, SignedToken), Refusal> {
        let mut known = self.known()?;
        let answer = self.exchange(&known, code, verifier).await?;
        let token = read(answer.id_token.as_deref().ok_or(Refusal::NoToken)?)?;
        let mut claims = self.verify(&known, &token, nonce, since);
        if let Some(newer) = self.newer_keys(&known, claims.as_ref().err()).await {
            claims = self.verify(&newer, &token, nonce, since);
            known = newer;
        }
        let claims = claims.map_err(|error| match error {
            ClaimsVerificationError::InvalidAuthTime(why) if why == NO_AUTH_TIME => {
                identity::Refusal::NoAuthTime
            }
            error => identity::Refusal::Token(chain(&error)),
        })?;
        // OpenID Connect Core §3.1.3.7, 5.
        if claims.authorized_party().is_some_and(|party| *party != self.oidc.client_id) {
            return Err(identity::Refusal::AuthorizedParty.into());
        }
        let mut identity = self.oidc.identity(&claims)?;
        let lists_no_groups = claims.additional_claims().groups(&self.oidc.groups_claim)?.is_none();
        if lists_no_groups {
            identity.groups = self.groups_elsewhere(&known, &answer, &token, &claims).await?;
        }
        let verifier = held_against(&known.client, self.clock.now());
        let key = token.signing_key(&verifier).ok().and_then(|key| serde_json::to_string(key).ok());
        let key = key.unwrap_or_default();
        Ok((identity, SignedToken { id_token: token.to_string(), lists_no_groups, key }))
    }

    /// The groups that are not in the ID token.
    async fn groups_elsewhere(
        &self,
        known: &Known,
        answer: &Answer,
        token: &Token,
        claims: &Claims,
    ) -> Result<Vec<String>, Refusal> {
        let Some(endpoint) = known.metadata.userinfo_endpoint() else { return Ok(Vec::new()) };
        self.check_access_token(known, answer, token, claims)?;
        let http = &self.knowledge.http;
        let more = identity::userinfo(http, endpoint.url(), answer.access_token(), claims.subject()).await?;
        Ok(more.groups(&self.oidc.groups_claim)?.unwrap_or_default())
    }

    /// Reads a logout token.
    pub async fn logout(&self, token: &str) -> Result<Logout, Refusal> {
        let token = read(token)?;
        let known = self.known()?;
        let mut claims = self.verify_logout(&known, &token);
        if let Some(newer) = self.newer_keys(&known, claims.as_ref().err()).await {
            claims = self.verify_logout(&newer, &token);
        }
        Ok(Logout::of(&claims.map_err(|error| identity::Refusal::Token(chain(&error)))?)?)
    }

    /// What the provider says now, if `error` is that a token's key is not known.
    async fn newer_keys(
        &self,
        known: &Arc<Known>,
        error: Option<&ClaimsVerificationError>,
    ) -> Option<Arc<Known>> {
        use ClaimsVerificationError::SignatureVerification;
        match error? {
            SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                self.knowledge.newer_than(known, self.clock.now()).await
            }
            _ => None,
        }
    }

    async fn exchange(
        &self,
        known: &Known,
        code: String,
        verifier: PkceCodeVerifier,
    ) -> Result<Answer, Refusal> {
        let request = known
            .client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Refusal::Code(chain(&error)))?;
        request.set_pkce_verifier(verifier).request_async(&self.knowledge.http).await.map_err(|error| {
            match error {
                RequestTokenError::ServerResponse(response) => Refusal::Code(response.to_string()),
                other => Refusal::Code(chain(&other)),
            }
        })
    }

    fn verify(
        &self,
        known: &Known,
        token: &Token,
        nonce: &Nonce,
        since: Option<Timestamp>,
    ) -> Result<Claims, ClaimsVerificationError> {
        let now = self.clock.now();
        let sandbox = self.oidc.allow_sandbox_sign_in;
        let iat_counts = self.oidc.iat_counts;
        let verifier = held_against(&known.client, now)
            .set_issue_time_verifier_fn(move |iat| made_now(iat.timestamp(), now))
            .set_auth_time_verifier_fn(move |time| match time {
                // The nonce shows that the token was made for this.
                None if iat_counts => Ok(()),
                time => proven(time.map(|time| time.timestamp()), since, now),
            })
            .set_auth_context_verifier_fn(move |acr| sandbox_only(acr, sandbox));
        token.claims(&verifier, nonce).cloned()
    }

    fn verify_logout(&self, known: &Known, token: &Token) -> Result<Claims, ClaimsVerificationError> {
        let now = self.clock.now();
        let types = ["logout+jwt", "JWT"].map(|name| JsonWebTokenType::new(name.to_owned()).normalize());
        let verifier = held_against(&known.client, now)
            .set_allowed_jose_types(types.into_iter().flatten())
            .set_issue_time_verifier_fn(move |iat| made_now(iat.timestamp(), now));
        // An ID token is not to be used as one of these: those have a nonce.
        let no_nonce = |nonce: Option<&Nonce>| nonce.map_or(Ok(()), |_| Err("it has a nonce".to_owned()));
        token.claims(&verifier, no_nonce).cloned()
    }

    /// OpenID Connect Core §3.1.3.8: where the ID token names its access token, that is the one to be used.
    fn check_access_token(
        &self,
        known: &Known,
        answer: &Answer,
        token: &Token,
        claims: &Claims,
    ) -> Result<(), Refusal> {
        let Some(expected) = claims.access_token_hash() else { return Ok(()) };
        let verifier = held_against(&known.client, self.clock.now());
        let actual = token
            .signing_alg()
            .and_then(|algorithm| Ok((algorithm, token.signing_key(&verifier)?)))
            .ok()
            .and_then(|(algorithm, key)| {
                AccessTokenHash::from_token(answer.access_token(), algorithm, key).ok()
            });
        (actual.as_ref() == Some(expected)).then_some(()).ok_or(Refusal::AccessToken)
    }

    /// Where to send somebody so that their session at the provider ends too. `None`: it has no such place, or is not known.
    pub fn end_session(&self, id_token: &str, back: &str) -> Option<Url> {
        self.knowledge.current()?.end_session(id_token, back)
    }

    /// Whether a decision or a request may do without groups in its ID token.
    pub fn groups_only_in_userinfo(&self) -> bool {
        self.oidc.groups_only_in_userinfo
    }

    /// What it does not offer that signing in here needs, for `countersign check`.
    pub fn fault(&self) -> Result<(), String> {
        let known = self.known().map_err(|error| error.to_string())?;
        let signs = known.metadata.id_token_signing_alg_values_supported();
        if signs.iter().any(|algorithm| ALGORITHMS.contains(algorithm)) {
            return Ok(());
        }
        Err("It signs ID tokens with neither EdDSA nor ES256 nor RS256. Switch one of them on there."
            .to_owned())
    }

    /// What people will miss with it, for `countersign check`. Nothing: it says that it can do everything.
    pub fn lacks(&self) -> Option<&'static str> {
        let known = self.knowledge.current()?;
        if self.oidc.iat_counts {
            return Some(
                "A decision may rest on the time of the ID token (policy.sign_in_time = \"iat\"): where auth_time is missing, the provider's signature does not say that somebody was asked who they are, only that it was told to.",
            );
        }
        match known.metadata.claims_supported() {
            Some(claims) if claims.iter().any(|claim| claim.as_str() == "auth_time") => None,
            Some(_) => Some(
                "It does not list auth_time among the claims that it sends. Without it nobody proves a fresh sign-in, and nobody can approve or reject.\n    Sign in as an approver before you depend on it: you are told if it is so. docs/PROVIDERS.md says what helps.",
            ),
            None => Some(
                "It does not say which claims it sends. Without auth_time nobody proves a fresh sign-in, and nobody can approve or reject.\n    Sign in as an approver before you depend on it: you are told if it is so.",
            ),
        }
    }
}

fn read(token: &str) -> Result<Token, Refusal> {
    Ok(token.parse().map_err(|error: serde_json::Error| identity::Refusal::Token(chain(&error)))?)
}

/// What every token is held against.
fn held_against(client: &OidcClient, now: Timestamp) -> IdTokenVerifier<'_, CoreJsonWebKey> {
    identity::verifier(client.id_token_verifier(), now)
}
