//! Deciding is a sign-in, and asking is one where policy says so: whoever presses a button is sent to the provider with a nonce that is
//! bound to what they decide or ask for, and the ID token that comes back is kept with it.

use std::sync::Arc;

use app::done::Done;
use app::error::{AppError, Correlation};
use app::paths;
use app::session::Signing;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use domain::revocation::{Proof, Signs, Verdict};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tower_sessions::Session;

use super::SignIn;
use super::attempt::{self, Attempt};
use super::provider::{Purpose, SignedToken};
use super::return_path::ReturnPath;
use domain::{Actor, Role};

impl SignIn {
    /// What server functions send people to the provider with.
    pub fn signing(&self) -> Signing {
        let sign_in = self.clone();
        Signing(Arc::new(move |signs, page| {
            let sign_in = sign_in.clone();
            let session = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Session>().cloned());
            let response = use_context::<ResponseOptions>();
            Box::pin(async move {
                let (url, cookie) = sign_in.depart(signs, &page, session).await?;
                if let Some(response) = response {
                    response.append_header(SET_COOKIE, cookie);
                }
                leptos_axum::redirect(&url);
                Ok(())
            })
        }))
    }

    /// Where the provider signs it, and the cookie to come back with.
    async fn depart(
        &self,
        signs: Signs,
        page: &str,
        session: Option<Session>,
    ) -> Result<(String, axum::http::HeaderValue), AppError> {
        let begun = self
            .provider
            .begin(Purpose::Signature { nonce: signs.nonce(), acr: signs.acr().to_vec() })
            .map_err(AppError::internal)?;
        let secret = attempt::secret();
        let attempt = Attempt {
            back: ReturnPath::within(page),
            fresh: true,
            begun_at: self.clock.now(),
            replaces: session.and_then(|session| session.id()),
            signs: Some(signs),
            ..Attempt::of(&begun)
        };
        self.remember(&secret, &attempt).await.map_err(|error| AppError::internal(format!("{error:#}")))?;
        let cookie = attempt::set_cookie(&secret)
            .ok_or_else(|| AppError::internal("a cookie that no header holds"))?;
        Ok((begun.url.to_string(), cookie))
    }

    /// Does what was signed for, now that the provider has vouched for `actor`. Gives where to go on: the page of the request, or
    /// the `page` that they left, which says why nothing came of it.
    pub(super) async fn sign(
        &self,
        actor: &Actor,
        signs: Signs,
        page: &ReturnPath,
        token: SignedToken,
        correlation: &Correlation,
    ) -> ReturnPath {
        let page = page.as_str();
        let (role, refused): (_, fn(&str, &AppError) -> String) = match &signs {
            Signs::Decision(_) => (Role::Approver, app::revocations::not_decided),
            Signs::Request(_) => (Role::Operator, app::revocations::not_requested),
        };
        let done = match self.proof(actor, &signs, role, token) {
            Ok(proof) => self.signed(actor, signs, &proof).await.map_err(|error| told(error, correlation)),
            Err(error) => Err(error),
        };
        ReturnPath::within(&done.unwrap_or_else(|error| refused(page, &error)))
    }

    fn proof(&self, actor: &Actor, signs: &Signs, role: Role, token: SignedToken) -> Result<Proof, AppError> {
        let SignedToken { id_token, lists_no_groups, key } = token;
        if lists_no_groups && !self.provider.groups_only_in_userinfo() {
            return Err(AppError::Conflict { message: no_groups(role) });
        }
        let (by, salt) = (actor.person.id.clone(), signs.salt().clone());
        let together = signs.together();
        Ok(Proof { by, salt, id_token, role_seen_elsewhere: lists_no_groups, key, together })
    }

    /// Gives the address of the request's page.
    async fn signed(&self, actor: &Actor, signs: Signs, proof: &Proof) -> Result<String, console::Error> {
        match signs {
            Signs::Decision(intent) => {
                let done = match intent.verdict {
                    Verdict::Approve => Done::Approved,
                    Verdict::Reject => Done::Rejected,
                };
                let request = self.console.decide(actor, intent, proof).await?;
                Ok(paths::after(&paths::revocation(&request.id), done))
            }
            Signs::Request(unsigned) => {
                let request = self.console.request_signed(actor, *unsigned, proof).await?;
                Ok(app::revocations::requested(&request))
            }
        }
    }
}

fn no_groups(role: Role) -> String {
    format!(
        "The identity provider's ID token lists no groups, so that nothing proves that you are an {role}. Tell whoever runs the \
         console: docs/PROVIDERS.md says what helps (groups)."
    )
}

/// What the person may know of it. Outside of a page there is nothing that would know the correlation by itself.
fn told(error: console::Error, correlation: &Correlation) -> AppError {
    match error {
        console::Error::Unavailable(_) | console::Error::Internal(_) => {
            tracing::error!(%correlation, error = error.trace(), "what was signed for failed: {correlation}");
            AppError::Unavailable { correlation: correlation.clone() }
        }
        refused => refused.into(),
    }
}
