//! Around every request: an id that joins answer and log, one line in the log, the headers, a page instead of a bare
//! status.

use std::any::Any;
use std::time::Instant;

use app::error::Correlation;
use app::standalone::Standalone;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::guard::{is_file, keep};
use super::headers::{Headers, Keep};
use super::limit::Address;
use super::limit::Asker;
use crate::measure;
use crate::session;

/// Outermost of all.
pub async fn frame(State(headers): State<Headers>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let correlation = Correlation::of_number(rand::random());
    request.extensions_mut().insert(correlation.clone());
    // Never the query: it may hold a code of the identity provider.
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let asked = request.headers().clone();
    // Files, and what is nothing, match no template.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let mut response = readable(response, &asked, &correlation);
    let kept = if response.status().is_success() { keep(&path) } else { Keep::No };
    headers.complete(response.headers_mut(), kept);
    let taken = format!("total;dur={:.1}", began.elapsed().as_secs_f64() * 1000.0);
    if let Ok(taken) = HeaderValue::try_from(taken) {
        response.headers_mut().insert("server-timing", taken);
    }
    remove_for_good(response.headers_mut());
    let address = response.extensions().get::<Address>().map(|address| address.0.to_string());
    let person = response.extensions().get::<Asker>().map(|asker| asker.0.to_string());
    let route = route.as_ref().map_or(if is_file(&path) { "file" } else { "none" }, MatchedPath::as_str);
    measure::answered(route, &method, response.status(), began.elapsed());
    let status = response.status().as_u16();
    tracing::info!(
        %correlation,
        %method,
        path,
        status,
        duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        address,
        person,
        "{method} {path}: {status}"
    );
    response
}

/// Marks an answer that a panic left behind.
#[derive(Clone)]
struct Panicked;

/// What is answered when a handler panics; [`frame`] makes a page of it. The panic itself is in the log.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Panicked);
    response
}

/// A page in place of a bare status.
fn readable(response: Response, asked: &HeaderMap, correlation: &Correlation) -> Response {
    if response.extensions().get::<Panicked>().is_some() {
        tracing::error!(%correlation, "a request panicked: {correlation}");
        return Standalone::broken(correlation).respond(asked);
    }
    // A library's answer: no page and no JSON.
    let bare =
        response.headers().get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match response.status() {
        StatusCode::NOT_FOUND if bare => Standalone::not_found().respond(asked),
        StatusCode::PAYLOAD_TOO_LARGE if bare => Standalone::too_large().respond(asked),
        StatusCode::INTERNAL_SERVER_ERROR if bare => Standalone::broken(correlation).respond(asked),
        _ => response,
    }
}

/// Replaces the session layer's removal cookie, which browsers do not obey.
fn remove_for_good(headers: &mut HeaderMap) {
    if !headers.get_all(SET_COOKIE).iter().any(session::is_removal) {
        return;
    }
    let cookies: Vec<_> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for cookie in cookies {
        headers.append(SET_COOKIE, if session::is_removal(&cookie) { session::removal() } else { cookie });
    }
}
