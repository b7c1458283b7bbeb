//! The page that a browser sees for a moment after signing in. A redirect would still belong to the navigation that the
//! provider began, and browsers send a `Strict` cookie only with one that begins here.

use axum::response::{Html, IntoResponse, Response};

use super::return_path::ReturnPath;

/// Moves on to `back` by itself.
pub fn page(back: &ReturnPath) -> Response {
    // Of all characters that a return path may hold, this is the only one that means something in HTML.
    let href = back.as_str().replace('&', "&amp;");
    Html(format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url={href}">
<title>Signed in · Countersign</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/pkg/app.css">
</head>
<body class="alone"><main><h1>Signed in</h1><p><a href="{href}">Go on</a></p></main></body>
</html>
"#
    ))
    .into_response()
}
