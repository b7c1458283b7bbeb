//! The provider's keys, as this process has seen them itself: fetched from the provider over TLS, kept in memory and in a file
//! of its own, never taken from a table. What a token says is believed only under one of them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use domain::Timestamp;
use domain::people::RoleGroups;
use domain::revocation::Vouched;
use openidconnect::ClaimsVerificationError::SignatureVerification;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet};
use openidconnect::{IdTokenVerifier, Nonce, SignatureVerificationError};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::claims::Claims;
use crate::discovery::Metadata;
use crate::knowledge::http_client;
use crate::times::AHEAD;
use crate::{Oidc, Refusal, Token, chain, sandbox_only, verifier};

/// How often the provider is asked, and how long after that a key still counts for tokens made meanwhile.
const REFRESH: Duration = Duration::from_secs(3600);
/// A key that is not known is asked for at once, but not at every forged token.
const UNKNOWN_KEYS: Duration = Duration::from_secs(30);

/// The keys that this process has seen.
#[derive(Debug)]
pub struct Keys {
    oidc: Oidc,
    roles: RoleGroups,
    http: reqwest::Client,
    /// `None`: they are kept in memory alone.
    file: Option<PathBuf>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Seen {
    keys: Vec<Key>,
    /// When the provider was last asked, whatever came of it.
    #[serde(skip)]
    asked: Option<Timestamp>,
}

/// A key, and when the provider was first and last seen to publish it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Key {
    key: CoreJsonWebKey,
    first: Timestamp,
    last: Timestamp,
}

/// Why nothing is vouched for.
#[derive(Debug, thiserror::Error)]
pub enum NotVouched {
    /// It may become known: whoever asks waits.
    #[error("its key {0} was not seen at the identity provider by this worker")]
    UnknownKey(String),
    /// Either the clock here is behind, or the provider's ahead: whoever asks waits.
    #[error("it was made in the future, by the clock of this worker (iat)")]
    Ahead,
    #[error(transparent)]
    Refused(#[from] Refusal),
}

fn is_ahead(claims: &Claims, now: Timestamp) -> bool {
    Timestamp::from_unix(claims.issue_time().timestamp()).is_ok_and(|made| made > now.plus(AHEAD))
}

impl Keys {
    /// The keys that were seen before; the provider is not asked yet.
    ///
    /// # Errors
    /// The file is there and cannot be read, or no HTTP client can be made.
    pub fn open(oidc: Oidc, roles: RoleGroups, file: Option<PathBuf>) -> anyhow::Result<Self> {
        let seen = match &file {
            Some(file) if file.exists() => {
                let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
                serde_json::from_slice(&text).with_context(|| {
                    format!("{} is damaged: remove it, and keys are seen anew", file.display())
                })?
            }
            _ => Seen::default(),
        };
        let http = http_client(&oidc.issuer)?;
        Ok(Self { oidc, roles, http, file, seen: Mutex::new(seen) })
    }

    /// The keys of a JWK set (RFC 7517 §5) that somebody has kept. The provider is never asked.
    ///
    /// # Errors
    /// It is none, or no HTTP client can be made.
    pub fn kept(oidc: Oidc, roles: RoleGroups, set: &[u8]) -> anyhow::Result<Self> {
        let set: CoreJsonWebKeySet = serde_json::from_slice(set)?;
        let always = Timestamp::EPOCH.plus(Duration::MAX);
        let key = |key: &CoreJsonWebKey| Key { key: key.clone(), first: Timestamp::EPOCH, last: always };
        let seen = Seen { keys: set.keys().iter().map(key).collect(), asked: Some(always) };
        let http = http_client(&oidc.issuer)?;
        Ok(Self { oidc, roles, http, file: None, seen: Mutex::new(seen) })
    }

    /// Asks the provider, if that was not done within the hour.
    ///
    /// # Errors
    /// It does not answer, or answers for another issuer; or the file cannot be written. What was seen stays.
    pub async fn keep_fresh(&self, now: Timestamp) -> anyhow::Result<()> {
        let mut seen = self.seen.lock().await;
        match seen.asked {
            Some(asked) if now.since(asked) < REFRESH => Ok(()),
            _ => self.ask(&mut seen, now).await,
        }
    }

    /// The keys that the provider published when it was last asked, each as JSON (RFC 7517 §4) without spaces, sorted. None: it
    /// did not answer.
    pub async fn published(&self) -> Vec<String> {
        let seen = self.seen.lock().await;
        let now = seen.keys.iter().filter(|key| Some(key.last) == seen.asked);
        // Spaces stand in texts alone.
        let written = now.filter_map(|key| serde_json::to_string(&key.key).ok());
        let mut keys: Vec<String> = written.map(|key| key.replace(' ', "\\u0020")).collect();
        keys.sort();
        keys
    }

    async fn ask(&self, seen: &mut Seen, now: Timestamp) -> anyhow::Result<()> {
        let metadata = Metadata::discover_async(self.oidc.issuer.clone(), &self.http);
        let metadata = metadata.await.with_context(|| {
            format!("the keys of the identity provider {} could not be read", self.oidc.issuer.as_str())
        })?;
        for key in metadata.jwks().keys() {
            match seen.keys.iter_mut().find(|known| known.key == *key) {
                Some(known) => known.last = now,
                None => seen.keys.push(Key { key: key.clone(), first: now, last: now }),
            }
        }
        seen.asked = Some(now);
        if let Some(file) = &self.file {
            let half = file.with_extension("new");
            std::fs::write(&half, serde_json::to_vec(&*seen)?)
                .and_then(|()| std::fs::rename(&half, file))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }

    /// What an ID token says, if it is one of the provider's for us. Its nonce is given back, and its expiry means nothing
    /// here: it was checked when the token came.
    ///
    /// # Errors
    /// [`NotVouched`]
    pub async fn vouch(&self, id_token: &str, now: Timestamp) -> Result<Vouched, NotVouched> {
        let token: Token =
            id_token.parse().map_err(|error: serde_json::Error| Refusal::Token(chain(&error)))?;
        let mut seen = self.seen.lock().await;
        let mut claims = self.claims(&seen, &token, now);
        let other_key = matches!(claims, Ok(None) | Err(Failure::Signature(_)));
        if other_key && seen.asked.is_none_or(|asked| now.since(asked) >= UNKNOWN_KEYS) {
            if let Err(error) = self.ask(&mut seen, now).await {
                seen.asked = Some(now);
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the identity provider's keys could not be read"
                );
            }
            claims = self.claims(&seen, &token, now);
        }
        match claims {
            Ok(Some(claims)) if is_ahead(&claims, now) => Err(NotVouched::Ahead),
            Ok(Some(claims)) => Ok(self.vouched(&claims)?),
            Ok(None) => Err(NotVouched::UnknownKey(key_id(id_token))),
            Err(Failure::Signature(why) | Failure::Claims(why)) => Err(Refusal::Token(why).into()),
        }
    }

    /// The claims, under the first key that bears them out. `None`: none of them could be the one that signed.
    fn claims(&self, seen: &Seen, token: &Token, now: Timestamp) -> Result<Option<Claims>, Failure> {
        let mut failure = None;
        for Key { key, first: _, last } in &seen.keys {
            let keys = CoreJsonWebKeySet::new(vec![key.clone()]);
            let (id, issuer) = (self.oidc.client_id.clone(), self.oidc.issuer.clone());
            let published_until = last.plus(REFRESH).plus(REFRESH);
            let sandbox = self.oidc.allow_sandbox_sign_in;
            // The token's own time stands in for the clock: it was good when it came.
            let verifier = verifier(IdTokenVerifier::new_public_client(id, issuer, keys), Timestamp::EPOCH)
                .set_issue_time_verifier_fn(move |iat| match Timestamp::from_unix(iat.timestamp()) {
                    // Whoever asks is told so of a token that is good otherwise.
                    Ok(made) if made > now.plus(AHEAD) => Ok(()),
                    Ok(made) if made > published_until => {
                        Err("its key was no longer published when it was made".to_owned())
                    }
                    Ok(_) => Ok(()),
                    Err(_) => Err("it does not say when it was made (iat)".to_owned()),
                })
                .set_auth_context_verifier_fn(move |acr| sandbox_only(acr, sandbox));
            let nonce = |nonce: Option<&Nonce>| nonce.map(drop).ok_or_else(|| "it has no nonce".to_owned());
            match token.claims(&verifier, nonce) {
                Ok(claims) => return Ok(Some(claims.clone())),
                Err(SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {}
                // A token need not name its key: another may be the one.
                Err(SignatureVerification(error)) => failure = Some(Failure::Signature(chain(&error))),
                Err(error) => return Err(Failure::Claims(chain(&error))),
            }
        }
        failure.map_or(Ok(None), Err)
    }

    fn vouched(&self, claims: &Claims) -> Result<Vouched, Refusal> {
        if claims.authorized_party().is_some_and(|party| *party != self.oidc.client_id) {
            return Err(Refusal::AuthorizedParty);
        }
        let identity = self.oidc.identity(claims)?;
        let listed = claims.additional_claims().groups(&self.oidc.groups_claim)?.is_some();
        let from_token = listed || !self.oidc.groups_only_in_userinfo;
        let made_at = Timestamp::from_unix(claims.issue_time().timestamp());
        Ok(Vouched {
            person: identity.person.id,
            human: identity.person.human,
            nonce: claims.nonce().map(|nonce| nonce.secret().clone()).unwrap_or_default(),
            roles: from_token.then(|| self.roles.roles(&identity.groups)),
            groups: from_token.then(|| self.roles.known(identity.groups)),
            signed_in_at: identity.signed_in_at,
            strength: identity.strength,
            made_at: made_at.map_err(|error| Refusal::Token(error.to_string()))?,
        })
    }
}

/// Why a token that can be read is not believed, in words.
enum Failure {
    /// No key that it could be signed with bears it out.
    Signature(String),
    Claims(String),
}

/// The `kid` of a token's header (RFC 7515 §4.1.4), to name its key by.
fn key_id(token: &str) -> String {
    use base64::Engine;
    let header = token.split('.').next().unwrap_or_default();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap_or_default();
    let id = header.get("kid").and_then(serde_json::Value::as_str).unwrap_or("without a name");
    id.chars().take(100).collect()
}
