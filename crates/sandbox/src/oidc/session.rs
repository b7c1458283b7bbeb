//! The browser's session with the provider, so that a second sign-in need not ask again.

use axum::http::{HeaderMap, HeaderValue, header};
use time::OffsetDateTime;

use super::Provider;
use crate::people::Person;
use crate::secret;

/// Cookies ignore ports, so the name must differ from the console's; the host differs too.
const COOKIE: &str = "sandbox_sign_in";

/// Somebody is signed in at this browser.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) person: &'static Person,
    /// When they last chose who they are.
    pub(super) auth_time: OffsetDateTime,
    /// The `sid` claim: names the session without giving the cookie away.
    pub(super) sid: String,
}

impl Provider {
    /// The session that the request's cookie names.
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        self.memory().sessions.get(cookie(headers)?).cloned()
    }

    /// Starts a session in place of the browser's old one, and returns it with the cookie to set.
    pub(super) fn start_session(
        &self,
        headers: &HeaderMap,
        person: &'static Person,
    ) -> (Session, Option<HeaderValue>) {
        let session = Session { person, auth_time: self.clock.now(), sid: secret::token() };
        let name = secret::token();
        let mut memory = self.memory();
        if let Some(old) = cookie(headers) {
            memory.sessions.remove(old);
        }
        memory.sessions.insert(name.clone(), session.clone());
        let cookie = HeaderValue::try_from(format!("{COOKIE}={name}; Path=/; HttpOnly; SameSite=Lax")).ok();
        (session, cookie)
    }

    /// Forgets the browser's session, and returns the cookie that removes its cookie.
    pub(super) fn end_session(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(name) = cookie(headers) {
            self.memory().sessions.remove(name);
        }
        HeaderValue::from_static("sandbox_sign_in=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}
