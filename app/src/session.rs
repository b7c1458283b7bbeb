//! Who is looking, where, and since when: what the server tells every page, and what a server function acts as.
//!
//! A page's copy is for showing (and for saying why a button is refused). Nothing is allowed because of it.

use domain::revocation::{Mode, Policy};
use domain::views::Settings;
use domain::{Actor, Permission, Timestamp};
use leptos::prelude::*;

use crate::theme::Theme;

/// What a page knows about who looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// `None` only while the routes are listed at start: every page needs a sign-in.
    pub actor: Option<Actor>,
    pub settings: Settings,
    /// Scheme and host of the console as browsers reach it, without a slash at the end.
    pub origin: String,
    pub theme: Theme,
    /// The server's clock when it made the page.
    pub now: Timestamp,
}

impl Viewer {
    /// Nobody anywhere: for listing the routes.
    fn nobody() -> Self {
        let policy = Policy::default();
        let place = String::new();
        let settings = Settings { environment: None, place, sandbox: false, mode: Mode::Drill, policy };
        Self { actor: None, settings, origin: String::new(), theme: Theme::System, now: Timestamp::EPOCH }
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.actor.as_ref().is_some_and(|actor| actor.may(permission))
    }
}

/// Who looks; nobody while the routes are listed.
pub fn use_viewer() -> Viewer {
    use_context::<Viewer>().unwrap_or_else(Viewer::nobody)
}

/// The moment against which relative times are told.
pub fn use_now() -> Timestamp {
    use_viewer().now
}

#[cfg(feature = "ssr")]
pub use request::{Current, Signing, acting, current, provide, sign};

#[cfg(feature = "ssr")]
mod request {
    use super::Viewer;
    use crate::error::AppError;
    use crate::theme::Theme;
    use console::Console;
    use domain::revocation::Signs;
    use domain::{Actor, Timestamp};
    use http::request::Parts;
    use leptos::prelude::{provide_context, use_context};
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::Arc;

    /// To be called by the server program in the context of each page and each server function: the viewer is the
    /// [`Actor`] that its guard put into the request's extensions, with the theme of the request's cookie.
    pub fn provide(console: Console, origin: String, now: Timestamp) {
        let parts = use_context::<Parts>();
        let actor = parts.as_ref().and_then(|parts| parts.extensions.get::<Actor>().cloned());
        let theme = parts.map_or(Theme::System, |parts| Theme::from_cookies(&parts.headers));
        provide_context(Viewer { actor, settings: console.settings().clone(), origin, theme, now });
        provide_context(console);
    }

    /// The console, and who calls this server function, as the guard found out. The verb checks what they may.
    pub fn acting() -> Result<(Console, Actor), AppError> {
        let actor = use_context::<Parts>()
            .and_then(|parts| parts.extensions.get::<Actor>().cloned())
            .ok_or_else(|| AppError::SignInAgain { reason: "Your session has ended.".to_owned() })?;
        let console =
            use_context::<Console>().ok_or_else(|| AppError::internal("no console in the context"))?;
        Ok((console, actor))
    }

    /// The hash of the session that a request belongs to; the server program puts it into the request's extensions.
    #[derive(Clone)]
    pub struct Current(pub String);

    /// That of the request that is answered.
    pub fn current() -> Option<String> {
        let parts = use_context::<Parts>()?;
        parts.extensions.get::<Current>().map(|Current(hash)| hash.clone())
    }

    /// What a [`Signing`] gives back: the answer leads to the identity provider.
    type Sent = Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

    /// How the server program sends somebody to the identity provider, whose signature makes what they intend a decision, or a
    /// request. The text is the page that they come back to if nothing comes of it.
    #[derive(Clone)]
    pub struct Signing(pub Arc<dyn Fn(Signs, String) -> Sent + Send + Sync>);

    /// Sends the person there.
    pub async fn sign(signs: Signs, page: String) -> Result<(), AppError> {
        let signing =
            use_context::<Signing>().ok_or_else(|| AppError::internal("nobody signs in this context"))?;
        signing.0(signs, page).await
    }
}
