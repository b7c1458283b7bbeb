//! How a request that does not get through is answered: as a page to somebody who reads it, as the app's error to the
//! app's own program in the browser.

use app::error::AppError;
use app::standalone::Standalone;
use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

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
    // Not as server functions do it (`ser`): that sets the status of whichever answer this thread rendered last.
    (error.status(), Json(error)).into_response()
}
