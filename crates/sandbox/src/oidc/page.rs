//! The provider's pages. Plain HTML without script; all that comes from outside goes through `escape`.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::people::{PEOPLE, Person};

/// Something that is shown to the person, because there is no client it could safely be told to.
pub(super) struct Problem {
    status: StatusCode,
    message: String,
}

impl Problem {
    pub(super) fn bad_request(message: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.to_owned() }
    }
}

/// A URL of our own that does not parse: the issuer is wrong.
impl From<openidconnect::url::ParseError> for Problem {
    fn from(error: openidconnect::url::ParseError) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: error.to_string() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body =
            format!("<h1>This sign-in cannot go on</h1><p role=\"alert\">{}</p>", escape(&self.message));
        (self.status, page("Sign-in failed", &body)).into_response()
    }
}

/// What the sign-in page shows.
pub(super) struct SignIn<'a> {
    /// The query of the request: the form is sent back to the same one.
    pub(super) query: &'a str,
    pub(super) username: &'a str,
    pub(super) error: Option<&'a str>,
}

/// The page that asks who you are.
pub(super) fn sign_in(content: &SignIn<'_>) -> Response {
    let action = format!("/authorize?{}", escape(content.query));
    let people: String = PEOPLE.iter().map(choice).collect();
    let error = content
        .error
        .map(|error| format!("<p class=\"error\" id=\"username-error\" role=\"alert\">{}</p>", escape(error)))
        .unwrap_or_default();
    let described = if content.error.is_some() {
        " aria-invalid=\"true\" aria-describedby=\"username-error\""
    } else {
        ""
    };
    let body = format!(
        "<h1>Who do you want to be?</h1>\
         <p>This sign-in belongs to a sandbox. There are no passwords, and nobody here is real.</p>\
         <form method=\"post\" action=\"{action}\"><ul>{people}</ul></form>\
         <form method=\"post\" action=\"{action}\">\
         <label for=\"username\">Or type a username</label>{error}\
         <div class=\"row\"><input id=\"username\" name=\"username\" value=\"{username}\" required \
         autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"{described}>\
         <button type=\"submit\" class=\"plain\">Sign in</button></div></form>",
        username = escape(content.username),
    );
    page("Sign in", &body).into_response()
}

fn choice(person: &Person) -> String {
    let roles = if person.roles.is_empty() { "in no group".to_owned() } else { person.roles.join(" and ") };
    format!(
        "<li><button type=\"submit\" name=\"username\" value=\"{username}\"><strong>{username}</strong> \
         <span>{name}, {roles}</span></button></li>",
        username = person.username,
        name = person.name,
    )
}

/// `GET /`: for people who open the address by hand.
pub(super) async fn front() -> Html<String> {
    page("Sandbox sign-in", "<h1>Sandbox sign-in</h1><p>Open the console; it will send you here.</p>")
}

/// Shown after a sign-out that leads nowhere else.
pub(super) fn signed_out() -> Html<String> {
    page("Signed out", "<h1>You are signed out</h1><p>You can close this page.</p>")
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} · SANDBOX</title>\
         <style>{STYLE}</style></head><body><header class=\"banner\">SANDBOX: not for production</header>\
         <main>{body}</main></body></html>"
    ))
}

const STYLE: &str = "\
    :root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
    body{margin:0}main{max-width:30rem;margin:2rem auto;padding:0 1rem}\
    .banner{margin:0;padding:.4rem 1rem;background:#8a4b00;color:#fff;font-weight:600;text-align:center}\
    ul{list-style:none;padding:0;display:grid;gap:.5rem}\
    button,input{font:inherit;padding:.6rem .8rem;border:1px solid #767676;border-radius:.4rem;\
    background:Canvas;color:CanvasText}\
    li button{width:100%;text-align:left;cursor:pointer}li span{display:block;opacity:.8}\
    label{display:block;margin:1.5rem 0 .3rem;font-weight:600}.row{display:flex;gap:.5rem}\
    .row input{flex:1;min-width:0}.plain{cursor:pointer}\
    button:hover{border-color:CanvasText}:focus-visible{outline:3px solid Highlight;outline-offset:1px}\
    .error{color:#c62828;margin:.2rem 0}@media(prefers-color-scheme:dark){.error{color:#ff8a80}}";

/// Makes text safe between tags and in a quoted attribute.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
