//! Deciding is a sign-in: whoever presses a button is sent to the provider with a nonce that is bound to what they decide, and
//! the ID token that comes back is kept with the decision.

use std::sync::Arc;

use app::done::Done;
use app::error::{AppError, Correlation};
use app::paths;
use app::session::Signing;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use domain::revocation::{Intent, Proof, Verdict};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tower_sessions::Session;

use super::SignIn;
use super::attempt::{self, Attempt};
use super::provider::{Purpose, SignedToken};
use super::return_path::ReturnPath;
use domain::Actor;

const NO_GROUPS: &str = "The identity provider's ID token lists no groups, so that nothing proves that you are an approver. Tell \
    whoever runs the console: docs/PROVIDERS.md says what helps (groups).";

impl SignIn {
    /// What server functions send people to the provider with.
    pub fn signing(&self) -> Signing {
        let sign_in = self.clone();
        Signing(Arc::new(move |intent| {
            let sign_in = sign_in.clone();
            let session = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Session>().cloned());
            let response = use_context::<ResponseOptions>();
            Box::pin(async move {
                let (url, cookie) = sign_in.depart(intent, session).await?;
                if let Some(response) = response {
                    response.append_header(SET_COOKIE, cookie);
                }
                leptos_axum::redirect(&url);
                Ok(())
            })
        }))
    }

    /// Where the provider signs the decision, and the cookie to come back with.
    async fn depart(
        &self,
        intent: Intent,
        session: Option<Session>,
    ) -> Result<(String, axum::http::HeaderValue), AppError> {
        let begun = self
            .provider
            .begin(Purpose::Decision { nonce: intent.nonce(), acr: intent.acr.clone() })
            .map_err(AppError::internal)?;
        let secret = attempt::secret();
        let attempt = Attempt {
            back: ReturnPath::within(&paths::revocation(&intent.request)),
            fresh: true,
            begun_at: self.clock.now(),
            replaces: session.and_then(|session| session.id()),
            decision: Some(intent),
            ..Attempt::of(&begun)
        };
        self.remember(&secret, &attempt).await.map_err(|error| AppError::internal(format!("{error:#}")))?;
        let cookie = attempt::set_cookie(&secret)
            .ok_or_else(|| AppError::internal("a cookie that no header holds"))?;
        Ok((begun.url.to_string(), cookie))
    }

    /// Decides, now that the provider has vouched for `actor`. Gives where to go on: the request's page, which says what
    /// was decided or why it was not.
    pub(super) async fn decide(
        &self,
        actor: &Actor,
        intent: Intent,
        token: SignedToken,
        correlation: &Correlation,
    ) -> ReturnPath {
        let page = paths::revocation(&intent.request);
        let done = match intent.verdict {
            Verdict::Approve => Done::Approved,
            Verdict::Reject => Done::Rejected,
        };
        let SignedToken { id_token, lists_no_groups, key } = token;
        if lists_no_groups && !self.provider.groups_only_in_userinfo() {
            let error = AppError::Conflict { message: NO_GROUPS.to_owned() };
            return ReturnPath::within(&app::revocations::not_decided(&page, &error));
        }
        let (by, salt) = (actor.person.id.clone(), intent.salt.clone());
        let proof = Proof { by, salt, id_token, role_seen_elsewhere: lists_no_groups, key };
        let page = match self.console.decide(actor, intent, &proof).await {
            Ok(_) => paths::after(&page, done),
            Err(error) => app::revocations::not_decided(&page, &told(error, correlation)),
        };
        ReturnPath::within(&page)
    }
}

/// What the person may know of it. Outside of a page there is nothing that would know the correlation by itself.
fn told(error: console::Error, correlation: &Correlation) -> AppError {
    match error {
        console::Error::Unavailable(_) | console::Error::Internal(_) => {
            tracing::error!(%correlation, error = error.trace(), "a decision failed: {correlation}");
            AppError::Unavailable { correlation: correlation.clone() }
        }
        refused => refused.into(),
    }
}
