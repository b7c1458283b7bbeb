//! Deciding is a sign-in: whoever presses a button is sent to the provider with a nonce that is bound to what they decide, and
//! the ID token that comes back is kept with the decision.

use std::sync::Arc;

use app::done::Done;
use app::error::AppError;
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
        let begun = self.provider.begin(Purpose::Decision(intent.nonce())).map_err(AppError::internal)?;
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
    pub(super) async fn decide(&self, actor: &Actor, intent: Intent, token: SignedToken) -> ReturnPath {
        let page = paths::revocation(&intent.request);
        let done = match intent.verdict {
            Verdict::Approve => Done::Approved,
            Verdict::Reject => Done::Rejected,
        };
        let SignedToken { id_token, key } = token;
        let proof = Proof { by: actor.person.id.clone(), salt: intent.salt.clone(), id_token, key };
        let page = match self.console.decide(actor, intent, &proof).await {
            Ok(_) => paths::after(&page, done),
            Err(error) => app::revocations::not_decided(&page, &error.into()),
        };
        ReturnPath::within(&page)
    }
}
