//! How a request that does not get through is answered: as a page to somebody who reads it, as the app's error to the
//! app's own program in the browser.

use app::error::AppError;
use app::standalone::Standalone;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use server_fn::error::FromServerFnError;

/// Whether somebody navigates: a page, or a form without JavaScript. The app's program asks for JSON.
pub fn reads_pages(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

/// `page` for people, `error` for the app's program.
pub fn refuse(parts: &Parts, page: Standalone, error: &AppError) -> Response {
    let function = app::permissions::of_function(parts.uri.path()).is_some();
    if !function || reads_pages(&parts.headers) {
        return page.respond(&parts.headers);
    }
    let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (error.status(), json, error.ser()).into_response()
}
