//! The outer wall: finds out who asks and whether they may ask for this at all. Whatever has no permission declared does
//! not answer. What a verb does is allowed or refused by the verb itself.

use std::sync::Arc;

use app::error::{AppError, Correlation, Noun};
use app::permissions::{of_function, of_page};
use app::session::Current;
use app::standalone::{Again, Standalone};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use console::Journal;
use countersign_aws::Aws;
use domain::ledger::{Action, Object};
use domain::people::RoleGroups;
use domain::{Actor, Permission};
use tower_sessions::Session;

use super::answer::{reads_pages, refuse};
use super::headers::Keep;
use super::limit::{self, Address, Asker, Limiter};
use super::{bounce, origin, typed};
use crate::config::PublicUrl;
use crate::session::SignedIn;
use crate::{operations, sign_in};

/// The program's own routes, beside the app's.
const ROUTES: &[(Method, &str, Permission)] = &[
    (Method::GET, operations::HEALTH, Permission::Anyone),
    (Method::GET, operations::READY, Permission::Anyone),
    // Its key is looked at by itself.
    (Method::GET, app::paths::CALENDAR, Permission::Anyone),
    (Method::GET, app::paths::EVIDENCE, Permission::Read),
    (Method::GET, app::paths::LEDGER_PROOF, Permission::Read),
    (Method::GET, app::paths::FAILED_CERTIFICATES, Permission::Read),
    // Of what nobody has asked for yet, the verb wants more.
    (Method::GET, app::paths::CUT_OFF_DEVICES, Permission::Read),
    (Method::GET, app::paths::CERTIFICATE_FILE, Permission::Read),
    (Method::GET, app::paths::COMPARISON_CSV, Permission::Read),
    (Method::GET, app::paths::COMPARISON_JSONL, Permission::Read),
    (Method::GET, app::paths::PACK_FILE, Permission::Read),
    (Method::GET, app::paths::SIGN_IN, Permission::Anyone),
    (Method::GET, app::paths::SIGN_IN_CALLBACK, Permission::Anyone),
    (Method::GET, app::paths::SIGNED_OUT, Permission::Anyone),
    // Somebody whose session has just ended has nothing to lose by it.
    (Method::POST, app::paths::SIGN_OUT, Permission::Anyone),
    (Method::POST, sign_in::BACK_CHANNEL, Permission::Anyone),
    (Method::POST, app::paths::LISTS, Permission::Operate),
];

/// What programs post to, not pages: each checks by itself who sent it.
const PROGRAMS: &[&str] = &[sign_in::BACK_CHANNEL];

/// The files of the site: what the build puts there, by place or by ending.
const FILES: &str = "/pkg/";
const ENDINGS: &[&str] = &[".svg", ".png", ".ico", ".txt", ".woff2"];

/// How much a request may carry, and how much a list of certificates with the form around it.
const BODY: u64 = 64 * 1024;
pub const LARGEST_BODY: u64 = feeds::list::LARGEST + BODY;

/// What the guard needs. Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    pub roles: Arc<RoleGroups>,
    pub public_url: Arc<PublicUrl>,
    pub journal: Journal,
    pub limiter: Limiter,
}

/// Whether a path is a file of the site: not for pages, which are asked for first.
pub fn is_file(path: &str) -> bool {
    path.starts_with(FILES) || ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// How long browsers may keep what is at this path, once it is there.
pub fn keep(path: &str) -> Keep {
    match path {
        _ if path.starts_with(FILES) => Keep::ForGood,
        _ if is_file(path) => Keep::ForADay,
        _ => Keep::No,
    }
}

/// What a request demands. `None`: nothing answers it.
fn demand(method: &Method, path: &str) -> Option<Permission> {
    let reads = method == Method::GET || method == Method::HEAD;
    let asked = if reads { &Method::GET } else { method };
    let own = ROUTES.iter().find(|(method, known, _)| method == asked && *known == path);
    if let Some((_, _, permission)) = own {
        return Some(*permission);
    }
    let function = of_function(path).filter(|permission| match reads {
        true => *permission == Permission::Read,
        false => method == Method::POST,
    });
    let page = || of_page(path).filter(|_| reads);
    let export = || app::paths::export_at(path).filter(|_| reads).map(|_| Permission::Read);
    let file = || (reads && is_file(path)).then_some(Permission::Anyone);
    function.or_else(page).or_else(export).or_else(file)
}

pub async fn guard(State(guard): State<Guard>, session: Session, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(permission) = demand(&parts.method, parts.uri.path()) else {
        if let Some(elsewhere) = bounce::without_last_slash(&parts) {
            return elsewhere;
        }
        return refuse(&parts, Standalone::not_found(), &AppError::NotFound { what: Noun::Page });
    };
    if let Some(elsewhere) = bounce::without_foreign_error(&parts).filter(|_| parts.method.is_safe()) {
        return elsewhere;
    }
    let signed_in = match SignedIn::of(&session).await {
        Ok(signed_in) => signed_in,
        Err(error) => return unreadable(&parts, &error),
    };
    let actor = signed_in.as_ref().map(|signed_in| signed_in.actor(&guard.roles));
    let address = parts.extensions.get::<Address>().copied();
    let admitted = match (&actor, address) {
        (Some(actor), _) => guard.limiter.admit_person(&actor.person.id),
        (None, Some(address)) => guard.limiter.admit_stranger(address),
        (None, None) => Ok(()),
    };
    if let Err(too_much) = admitted {
        return with_asker(limit::answer(&parts, too_much), actor.as_ref());
    }
    typed::sent_from(&mut parts);
    let (sent, body) = typed::read(&parts, body).await;
    if let Err(response) = guard.check(&parts, permission, actor.as_ref(), sent.as_ref()).await {
        // Whoever is still sending does not read the answer: up to the limit of all bodies, let them finish.
        drop(to_bytes(body, usize::MAX).await);
        return with_asker(*response, actor.as_ref());
    }
    if let Some(actor) = &actor {
        parts.extensions.insert(actor.clone());
    }
    if let Some(signed_in) = signed_in {
        parts.extensions.insert(signed_in);
    }
    if let Some(id) = session.id() {
        parts.extensions.insert(Current(Aws::session_hash(&id.to_string())));
    }
    if let Some(typed) = typed::kept(&session, &parts).await {
        parts.extensions.insert(typed);
    }
    let answer = next.run(Request::from_parts(parts, body)).await;
    if let Some(sent) = sent {
        let led = typed::led(&answer);
        typed::note(&session, sent, led).await;
    }
    with_asker(answer, actor.as_ref())
}

impl Guard {
    async fn check(
        &self,
        parts: &Parts,
        permission: Permission,
        actor: Option<&Actor>,
        sent: Option<&Again>,
    ) -> Result<(), Box<Response>> {
        let mutates = !parts.method.is_safe();
        let by_page = mutates && !PROGRAMS.contains(&parts.uri.path());
        if by_page && !origin::is_ours(&parts.headers, self.public_url.origin()) {
            let reason = "The request did not come from a page of this console.";
            self.refused(parts, actor, reason).await;
            let error = AppError::Forbidden { reason: reason.to_owned() };
            return Err(Box::new(refuse(parts, Standalone::cross_site(), &error)));
        }
        if !fits(&parts.headers, parts.uri.path()) {
            let error =
                AppError::invalid("", "The form is larger than the console takes. Nothing was changed.");
            let mut response = refuse(parts, Standalone::too_large(), &error);
            *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(Box::new(response));
        }
        if permission == Permission::Anyone {
            return Ok(());
        }
        let Some(actor) = actor else {
            if mutates {
                self.refused(parts, None, Permission::SignedIn.refusal()).await;
            }
            return Err(Box::new(sign_in_first(parts, sent)));
        };
        if actor.may(permission) {
            return Ok(());
        }
        if mutates {
            self.refused(parts, Some(actor), permission.refusal()).await;
        }
        let page = match actor.roles.is_empty() {
            true => Standalone::no_role(&actor.person.name),
            false => Standalone::forbidden(permission.refusal()),
        };
        let error = AppError::Forbidden { reason: permission.refusal().to_owned() };
        Err(Box::new(refuse(parts, page, &error)))
    }

    /// Records a refused attempt to change something. The refusal stands, whether that succeeds or not.
    async fn refused(&self, parts: &Parts, actor: Option<&Actor>, reason: &str) {
        let route = Object::Route(parts.uri.path().chars().take(200).collect());
        let recorded = match actor {
            Some(actor) => return self.journal.refused(actor, route, reason).await,
            None => self.journal.stranger(Action::Refused, route, reason).await,
        };
        if let Err(error) = recorded {
            tracing::error!(%error, "a refused attempt could not be recorded in the ledger");
        }
    }
}

/// Sends somebody who reads pages to sign in and back; tells everybody else to.
fn sign_in_first(parts: &Parts, sent: Option<&Again>) -> Response {
    let reads = parts.method.is_safe();
    let function = of_function(parts.uri.path()).is_some();
    match (reads && !function, reads_pages(&parts.headers)) {
        (true, _) => bounce::to_sign_in(parts),
        (false, _) => {
            let reason = "Your session has ended. Nothing was changed.".to_owned();
            refuse(parts, Standalone::session_ended(sent.cloned()), &AppError::SignInAgain { reason })
        }
    }
}

/// A body must say how long it is, so that one that is too long is refused before it is read.
fn fits(headers: &HeaderMap, path: &str) -> bool {
    let limit = if path == app::paths::LISTS { LARGEST_BODY } else { BODY };
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    match (lengths.next(), lengths.next()) {
        (None, _) => !headers.contains_key(TRANSFER_ENCODING),
        (Some(length), None) => {
            length.to_str().ok().and_then(|text| text.parse().ok()).is_some_and(|n: u64| n <= limit)
        }
        (Some(_), Some(_)) => false,
    }
}

fn unreadable(parts: &Parts, error: &tower_sessions::session::Error) -> Response {
    let correlation = Correlation::of(parts);
    tracing::error!(%correlation, %error, "the session could not be read: {correlation}");
    refuse(
        parts,
        Standalone::broken(&correlation),
        &AppError::Unavailable { correlation: correlation.clone() },
    )
}

fn with_asker(mut response: Response, actor: Option<&Actor>) -> Response {
    if let Some(actor) = actor {
        response.extensions_mut().insert(Asker(actor.person.id.clone()));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn what_is_not_declared_does_not_answer() {
        assert_eq!(demand(&Method::GET, "/"), Some(Permission::Read));
        assert_eq!(demand(&Method::HEAD, "/health"), Some(Permission::Anyone));
        assert_eq!(demand(&Method::GET, "/pkg/app.css"), Some(Permission::Anyone));
        assert_eq!(demand(&Method::GET, "/exports/findings.csv"), Some(Permission::Read));
        assert_eq!(demand(&Method::POST, "/api/theme"), Some(Permission::SignedIn));
        for (method, path) in [
            (Method::GET, "/nothing"),
            (Method::GET, "/exports/sessions.csv"),
            (Method::POST, "/exports/findings.csv"),
            (Method::GET, "/metrics"),
            (Method::GET, "/api/theme"),
            (Method::GET, "/api/theme9"),
            (Method::GET, "/auth/logout"),
            (Method::POST, "/"),
            (Method::POST, "/api/nothing"),
            (Method::POST, "/pkg/app.css"),
            (Method::PUT, "/api/theme"),
            (Method::OPTIONS, "/"),
            (Method::CONNECT, "/"),
            (Method::GET, "//"),
            (Method::GET, "/%2e%2e/"),
        ] {
            assert_eq!(demand(&method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn only_what_has_its_hash_in_its_name_is_kept_for_good() {
        assert_eq!(keep("/pkg/app.0123.wasm"), Keep::ForGood);
        assert_eq!(keep("/favicon.svg"), Keep::ForADay);
        for page in ["/", "/findings", "/api/theme", "/evidence.json"] {
            assert_eq!(keep(page), Keep::No, "{page}");
        }
    }

    #[test]
    fn bodies_say_how_long_they_are() {
        let fits = |name, value| {
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
            super::fits(&headers, "/api/theme")
        };
        assert!(super::fits(&HeaderMap::new(), "/api/theme"));
        assert!(fits(CONTENT_LENGTH, "65536"));
        assert!(!fits(CONTENT_LENGTH, "65537"));
        assert!(!fits(CONTENT_LENGTH, "-1"));
        assert!(!fits(TRANSFER_ENCODING, "chunked"));
    }
}
