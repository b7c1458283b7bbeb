//! Sending a browser elsewhere: to the sign-in, once more to the same address, or to that address without foreign words.

use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Redirect, Response};
use openidconnect::url::form_urlencoded;

use crate::sign_in::ReturnPath;

/// To the sign-in, and back to where they wanted to go. Whoever followed a link from another site may be signed in
/// without our knowing, as browsers then hold the session's cookie back: a page of ours sends them on, and what that
/// begins is not the other site's navigation any more.
pub fn to_sign_in(parts: &Parts) -> Response {
    let asked = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let back = ReturnPath::within(asked);
    let foreign =
        parts.headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    if foreign && back.as_str() == asked {
        return again(&back);
    }
    Redirect::to(&app::paths::sign_in(back.as_str())).into_response()
}

/// A form without JavaScript finds its error in the address (`__err`, with `__path`). A link of another site could put
/// words there: then the address without them, to go to instead.
pub fn without_foreign_error(parts: &Parts) -> Option<Response> {
    let (path, query) = (parts.uri.path(), parts.uri.query()?);
    // By the decoded name, as the router reads it.
    let named = |pair: &&str| {
        form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == "__err" || name == "__path")
    };
    let ours = parts.headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    if ours || !query.split('&').any(|pair| named(&pair)) {
        return None;
    }
    let rest: Vec<&str> = query.split('&').filter(|pair| !named(pair)).collect();
    let separator = if rest.is_empty() { "" } else { "?" };
    let clean = ReturnPath::within(&format!("{path}{separator}{}", rest.join("&")));
    Some(Redirect::to(clean.as_str()).into_response())
}

/// A page's address with a slash behind it leads to the page.
pub fn without_last_slash(parts: &Parts) -> Option<Response> {
    let path = parts.uri.path().strip_suffix('/').filter(|path| *path != "/")?;
    let is_page = parts.method.is_safe() && app::permissions::of_page(path).is_some();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    is_page.then(|| Redirect::permanent(&format!("{path}{query}")).into_response())
}

fn again(back: &ReturnPath) -> Response {
    let href = back.as_str().replace('&', "&amp;");
    Html(format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Countersign</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <meta http-equiv=\"refresh\" content=\"0;url={href}\"></head>\
         <body><p><a href=\"{href}\">Go on</a></p></body></html>\n"
    ))
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[test]
    fn a_slash_behind_a_page_leads_to_the_page() {
        let asked = |address: &str| {
            let request = Request::get(address).body(()).unwrap();
            let response = without_last_slash(&request.into_parts().0)?;
            Some(response.headers()["location"].to_str().unwrap().to_owned())
        };
        assert_eq!(asked("/certificates/?status=active").as_deref(), Some("/certificates?status=active"));
        assert_eq!(asked("/findings/").as_deref(), Some("/findings"));
        assert_eq!(asked("/runs/a/b/").as_deref(), Some("/runs/a/b"));
        for path in
            ["/", "//", "//evil.example/", "/certificates", "/certificates//", "/nothing/", "/api/theme/"]
        {
            assert_eq!(asked(path), None, "{path}");
        }
    }

    #[test]
    fn errors_in_addresses_come_from_our_own_forms() {
        let asked = |address: &str, site: &str| {
            let request = Request::get(address).header("sec-fetch-site", site).body(()).unwrap();
            let response = without_foreign_error(&request.into_parts().0)?;
            Some(response.headers()["location"].to_str().unwrap().to_owned())
        };
        assert_eq!(asked("/runs?a=1&__path=%2Fapi&__err=eyJ9", "same-origin"), None);
        assert_eq!(asked("/runs?a=1&err=2", "cross-site"), None);
        assert_eq!(asked("/runs", "cross-site"), None);
        assert_eq!(asked("/runs?__err=eyJ9&a=1&__path=%2Fapi", "cross-site").as_deref(), Some("/runs?a=1"));
        assert_eq!(asked("/runs?__err=eyJ9", "none").as_deref(), Some("/runs"));
        let encoded = asked("/runs?%5f_err=eyJ9&a=1&__p%61th=%2Fapi&__err", "cross-site");
        assert_eq!(encoded.as_deref(), Some("/runs?a=1"));
    }
}
