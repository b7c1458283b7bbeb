//! `GET /auth/callback`: the provider sends the browser back. Either somebody is signed in afterwards, under a new
//! session, or nothing has changed and the ledger says why.

use app::error::Correlation;
use app::standalone::Standalone;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use domain::ledger::{Action, Object};
use domain::{Role, Timestamp};
use identity::claims::Identity;
use openidconnect::{Nonce, PkceCodeVerifier};
use serde::Deserialize;
use tower_sessions::Session;

use super::attempt::{self, Attempt};
use super::provider::SignedToken;
use super::refusal::Refusal;
use super::return_path::ReturnPath;
use super::{SignIn, landing};
use crate::session::{SignedIn, typed};

/// The provider's answer (OpenID Connect Core §3.1.2.5 and §3.1.2.6, RFC 9207). A parameter that comes twice makes the
/// whole unreadable.
#[derive(Deserialize)]
pub(super) struct Answer {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub(super) async fn callback(
    State(sign_in): State<SignIn>,
    Extension(correlation): Extension<Correlation>,
    session: Session,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Response {
    let (outcome, mut response) = match sign_in.finish(&headers, answer).await {
        Ok((identity, token, attempt)) => {
            let cannot_decide = sign_in.cannot_decide(&identity);
            match sign_in.arrive(&session, identity, token, attempt, &correlation).await {
                Ok(back) => ("done", landing::page(&back, cannot_decide)),
                Err(error) => ("broken", super::broken(&headers, &correlation, &error)),
            }
        }
        Err(Failure::Refused(Refusal::NoProvider)) => {
            ("unavailable", Standalone::sign_in_unavailable().respond(&headers))
        }
        Err(Failure::Refused(refusal)) => {
            tracing::warn!(%correlation, %refusal, "sign-in refused: {correlation}");
            let why = refusal.to_string();
            let response = match sign_in.journal.stranger(Action::SignInRefused, Object::Session, &why).await
            {
                Ok(()) => Standalone::sign_in_failed(&correlation, refusal.advice()).respond(&headers),
                Err(error) => super::broken(&headers, &correlation, &error.into()),
            };
            ("refused", response)
        }
        Err(Failure::Broken(error)) => ("broken", super::broken(&headers, &correlation, &error)),
    };
    metrics::counter!("countersign_sign_ins_total", "outcome" => outcome).increment(1);
    response.headers_mut().append(SET_COOKIE, attempt::remove_cookie());
    response
}

enum Failure {
    Refused(Refusal),
    Broken(anyhow::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl SignIn {
    /// Checks the answer in the order of what it costs. The attempt is gone afterwards, whatever comes of it.
    async fn finish(
        &self,
        headers: &HeaderMap,
        answer: Answer,
    ) -> Result<(Identity, SignedToken, Attempt), Failure> {
        let secret = attempt::brought(headers).ok_or(Refusal::NotBegun)?;
        let attempt = self.recall(secret).await.map_err(Failure::Broken)?.ok_or(Refusal::NotBegun)?;
        if self.clock.now().since(attempt.begun_at) > attempt::LIFETIME {
            return Err(Refusal::TooLate.into());
        }
        if answer.state.as_ref() != Some(&attempt.state) {
            return Err(Refusal::State.into());
        }
        self.provider.answers_as(answer.iss.as_deref())?;
        if let Some(error) = answer.error {
            return Err(Refusal::Provider(error.chars().take(100).collect()).into());
        }
        let code = answer.code.filter(|code| !code.is_empty()).ok_or(Refusal::NoCode)?;
        let (verifier, nonce) =
            (PkceCodeVerifier::new(attempt.verifier.clone()), Nonce::new(attempt.nonce.clone()));
        let since = attempt.fresh.then_some(attempt.begun_at);
        let (identity, token) = self.provider.redeem(code, verifier, &nonce, since).await?;
        Ok((identity, token, attempt))
    }

    /// Whether this is an approver whom the provider will never prove to have signed in afresh.
    fn cannot_decide(&self, identity: &Identity) -> bool {
        identity.signed_in_at == Timestamp::EPOCH
            && self.roles.roles(&identity.groups).contains(&Role::Approver)
    }

    /// Ends the session that this sign-in follows, begins a new one under a new id, and does what was signed for. Gives where
    /// to go on.
    async fn arrive(
        &self,
        session: &Session,
        identity: Identity,
        token: SignedToken,
        attempt: Attempt,
        correlation: &Correlation,
    ) -> anyhow::Result<ReturnPath> {
        let signed_in = SignedIn {
            person: identity.person,
            groups: self.roles.known(identity.groups),
            signed_in_at: identity.signed_in_at,
            strength: identity.strength,
            begun_at: self.clock.now(),
            id_token: token.id_token.clone(),
            provider_session: identity.provider_session,
        };
        let actor = signed_in.actor(&self.roles);
        let why = if attempt.fresh { "a fresh proof of identity" } else { "" };
        self.aws.remember_person(&actor, self.clock.now()).await?;
        self.journal.person(&actor, Action::SignedIn, Object::Session, why).await?;
        typed::carry_over(&self.sessions, attempt.replaces.as_ref(), session, &signed_in.person.id).await?;
        if let Some(replaced) = attempt.replaces {
            self.sessions.end(&replaced).await?;
        }
        // Whatever id the browser brought along, this person's session has another one.
        session.cycle_id().await?;
        signed_in.put_into(session).await?;
        session.save().await?;
        let Some(signs) = attempt.signs else { return Ok(attempt.back) };
        let back = self.sign(&actor, signs, &attempt.back, token, correlation).await;
        if !back.as_str().contains("__err=") {
            typed::forget(session).await?;
            session.save().await?;
        }
        Ok(back)
    }
}
