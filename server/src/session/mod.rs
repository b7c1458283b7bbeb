//! Who is signed in: what a session holds, and how long it lasts.

mod store;
pub(crate) mod typed;

use std::time::Duration;

use app::browser::marks::BY_ITSELF;
use axum::extract::Request;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use domain::people::{Person, RoleGroups, Strength};
use domain::{Actor, Timestamp};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

pub use store::Sessions;

/// The session's cookie. `Strict`: no other site can make a browser send it.
pub const NAME: &str = "__Host-sid";

/// A session ends when nothing is asked in it for so long (NIST SP 800-63B §4.2.3 has 30 minutes, and 12 hours for all).
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// It ends after this, whatever happens in it.
pub const LONGEST: Duration = Duration::from_secs(12 * 3600);

const KEY: &str = "signed_in";

/// Somebody's session. Written once, when they sign in; a new sign-in is a new session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub person: Person,
    /// Those of their groups that meant something here when they signed in.
    pub groups: Vec<String>,
    /// When they proved who they are (`auth_time`); 1970 if that is not known.
    pub signed_in_at: Timestamp,
    /// How they proved it.
    #[serde(default)]
    pub strength: Strength,
    pub begun_at: Timestamp,
    /// The provider wants it back at sign-out, to know which of its sessions to end.
    pub id_token: String,
    pub provider_session: Option<String>,
}

impl SignedIn {
    /// Whoever this is, with the roles that their groups give by the configuration in force.
    pub fn actor(&self, roles: &RoleGroups) -> Actor {
        Actor {
            person: self.person.clone(),
            roles: roles.roles(&self.groups),
            groups: self.groups.clone(),
            signed_in_at: self.signed_in_at,
            strength: self.strength.clone(),
        }
    }

    /// Who is signed in. `None`: nobody.
    pub async fn of(session: &Session) -> Result<Option<Self>, tower_sessions::session::Error> {
        session.get(KEY).await
    }

    pub async fn put_into(&self, session: &Session) -> Result<(), tower_sessions::session::Error> {
        session.insert(KEY, self).await
    }
}

tokio::task_local! {
    static UNATTENDED: ();
}

/// Notes whether somebody asks or their browser by itself, for the page that it shows: that is no use of the session.
pub async fn attend(request: Request, next: Next) -> Response {
    match request.headers().contains_key(BY_ITSELF) {
        true => UNATTENDED.scope((), next.run(request)).await,
        false => next.run(request).await,
    }
}

fn is_unattended() -> bool {
    UNATTENDED.try_with(|()| ()).is_ok()
}

/// Finds each request's session by its cookie, and hands out the cookie of a new one.
pub fn layer(sessions: Sessions) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(sessions)
        .with_name(NAME)
        .with_same_site(SameSite::Strict)
        .with_secure(true)
        .with_http_only(true)
        .with_path("/")
        // The cookie goes with the browser; when the session ends, the store says.
        .with_expiry(Expiry::OnSessionEnd)
}

/// The layer's removal cookie has no `Secure`, and browsers then keep a `__Host-` cookie. This one they obey.
pub fn removal() -> HeaderValue {
    HeaderValue::from_static("__Host-sid=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

/// Whether a `Set-Cookie` is the layer's, meant to remove the session's cookie.
pub fn is_removal(set_cookie: &HeaderValue) -> bool {
    set_cookie.as_bytes().strip_prefix(NAME.as_bytes()).is_some_and(|rest| rest.starts_with(b"=;"))
}

/// The value of a cookie, if it comes exactly once.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(key, _)| *key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_counts_only_when_it_comes_once() {
        let headers = |lines: &[&'static str]| {
            lines.iter().map(|line| (COOKIE, HeaderValue::from_static(line))).collect::<HeaderMap>()
        };
        assert_eq!(cookie(&headers(&["a=1; __Host-login=x"]), "__Host-login"), Some("x"));
        assert_eq!(cookie(&headers(&["__Host-login=x", "__Host-login=y"]), "__Host-login"), None);
        assert_eq!(cookie(&headers(&["x__Host-login=x; host-login=y"]), "__Host-login"), None);
    }

    #[test]
    fn the_layers_removal_cookie_is_told_from_others() {
        assert!(is_removal(&HeaderValue::from_static("__Host-sid=; Path=/; Max-Age=0; Expires=Thu")));
        assert!(!is_removal(&HeaderValue::from_static("__Host-sid=abc; Path=/")));
        assert!(!is_removal(&HeaderValue::from_static("__Host-sidekick=; Path=/")));
    }
}
