//! What somebody types into a form is not lost when the form does not get through. It is kept in their session until one does,
//! and the form's page shows it again; whoever has no session any more gets it back, to be sent once more.

use app::permissions::of_function;
use app::revocations::RequestRevocation;
use app::standalone::{Again, FROM};
use app::typed::Typed;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, REFERER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method};
use axum::response::Response;
use domain::Permission;
use leptos::server_fn::ServerFn;
use openidconnect::url::{Url, form_urlencoded};
use tower_sessions::Session;

use super::answer::reads_pages;
use crate::session::typed::KEY;

/// The most that is kept: a session is an item of DynamoDB.
const MOST: usize = 64 * 1024;

/// The form that a browser sends, without its files; and the body as it came.
pub async fn read(parts: &Parts, body: Body) -> (Option<Again>, Body) {
    let path = parts.uri.path();
    let changes = of_function(path).is_some_and(|permission| permission != Permission::SignedIn);
    let is_form = parts.method == Method::POST
        && (changes || path == app::paths::LISTS)
        && reads_pages(&parts.headers)
        && text(&parts.headers, &CONTENT_LENGTH)
            .and_then(|text| text.parse().ok())
            .is_some_and(|n: usize| n <= MOST);
    if !is_form {
        return (None, body);
    }
    let Ok(bytes) = to_bytes(body, MOST).await else { return (None, Body::empty()) };
    let is_multipart =
        text(&parts.headers, &CONTENT_TYPE).is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let fields = match is_multipart {
        true => fields(parts, Body::from(bytes.clone())).await,
        false => form_urlencoded::parse(&bytes).into_owned().collect(),
    };
    let page = text(&parts.headers, &REFERER).and_then(|from| Url::parse(from).ok()).map(without_error);
    (Some(Again { action: path.to_owned(), page, is_multipart, fields }), Body::from(bytes))
}

/// A page's path and query, without what an error left in it.
fn without_error(page: Url) -> String {
    let kept = page.query_pairs().filter(|(name, _)| !name.starts_with("__"));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    if query.is_empty() { page.path().to_owned() } else { format!("{}?{query}", page.path()) }
}

/// A form that is sent once more is sent from a page that has no address: it says itself where it was filled in, and that is where
/// an error leads back to.
pub fn sent_from(parts: &mut Parts) {
    let query = parts.uri.query().unwrap_or_default();
    let said = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == FROM);
    let base = text(&parts.headers, &REFERER).and_then(|from| Url::parse(from).ok());
    let (Some((_, said)), Some(base)) = (said, base) else { return };
    let page = base.join(&said).ok().filter(|page| page.origin() == base.origin());
    if let Some(page) = page.and_then(|page| page.as_str().parse().ok()) {
        parts.headers.insert(REFERER, page);
    }
}

/// The text fields of a `multipart/form-data`, as far as they can be read.
async fn fields(parts: &Parts, body: Body) -> Vec<(String, String)> {
    let mut request = Request::new(body);
    request.headers_mut().extend(parts.headers.get(CONTENT_TYPE).map(|kind| (CONTENT_TYPE, kind.clone())));
    let mut fields = Vec::new();
    let Ok(mut form) = Multipart::from_request(request, &()).await else { return fields };
    while let Ok(Some(field)) = form.next_field().await {
        let name = field.name().map(str::to_owned).filter(|_| field.file_name().is_none());
        if let (Some(name), Ok(value)) = (name, field.text().await) {
            fields.push((name, value));
        }
    }
    fields
}

/// Keeps the form in the session if the answer leads back with an error, or to a sign-in that may end with one. Once a form gets
/// through nothing is kept.
pub async fn note(session: &Session, sent: Again, led: Option<String>) {
    // Its state is its address, and the next request is another one.
    if sent.action == RequestRevocation::PATH {
        return;
    }
    let page = match led.as_deref() {
        None => return,
        Some(address) if address.contains("__err=") => path_of(address),
        Some(address) if address.starts_with('/') => None,
        Some(_) => sent.page.as_deref().and_then(path_of),
    };
    let noted = match page {
        Some(page) => session.insert(KEY, Typed { page, fields: sent.fields }).await,
        None => session.remove_value(KEY).await.map(drop),
    };
    if let Err(error) = noted {
        tracing::warn!(%error, "what was typed could not be kept");
    }
}

/// Where an answer leads on to.
pub fn led(answer: &Response) -> Option<String> {
    text(answer.headers(), &LOCATION).filter(|_| answer.status().is_redirection()).map(str::to_owned)
}

/// What was typed on this page and did not get through.
pub async fn kept(session: &Session, parts: &Parts) -> Option<Typed> {
    let typed: Option<Typed> = session.get(KEY).await.ok().flatten();
    typed.filter(|typed| parts.method.is_safe() && typed.page == parts.uri.path())
}

/// The path of an address, of this console or with its origin.
fn path_of(address: &str) -> Option<String> {
    match address.starts_with('/') {
        true => address.split(['?', '#']).next().map(str::to_owned),
        false => Url::parse(address).ok().map(|url| url.path().to_owned()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_page_is_its_path() {
        assert_eq!(path_of("/findings/a.b.0a?__err=x").as_deref(), Some("/findings/a.b.0a"));
        assert_eq!(path_of("https://pki.example/findings/a%20b?x=1").as_deref(), Some("/findings/a%20b"));
        assert_eq!(path_of("nonsense"), None);
    }
}
