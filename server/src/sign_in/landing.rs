//! The page that a browser sees for a moment after signing in. A redirect would still belong to the navigation that the
//! provider began, and browsers send a `Strict` cookie only with one that begins here.

use axum::response::{Html, IntoResponse, Response};

use super::return_path::ReturnPath;

const CANNOT_DECIDE: &str = "<p>You can look at everything, but not approve or reject: the identity provider does not say \
    when you proved who you are (auth_time), and a decision needs a fresh proof. Tell whoever runs the console.</p>";

/// Moves on to `back` by itself, unless it has something to say: to somebody who `cannot_decide`, although they are an approver.
pub fn page(back: &ReturnPath, cannot_decide: bool) -> Response {
    // Of all characters that a return path may hold, this is the only one that means something in HTML.
    let href = back.as_str().replace('&', "&amp;");
    let (moves_on, notice) = match cannot_decide {
        true => (String::new(), CANNOT_DECIDE),
        false => (format!(r#"<meta http-equiv="refresh" content="0;url={href}">"#), ""),
    };
    let style = app::assets::style();
    Html(format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{moves_on}
<title>Signed in · Countersign</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{style}">
</head>
<body class="alone"><main><h1>Signed in</h1>{notice}<p><a href="{href}">Go on</a></p></main></body>
</html>
"#
    ))
    .into_response()
}
