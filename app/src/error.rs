//! The one error that leaves the server, as a closed enum.
//!
//! A form without JavaScript carries it in the URL, so it never holds internals: those go to the log under the
//! correlation id that the person is shown.

use std::fmt;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// Why a page or a form has no answer. The texts are sentences for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum AppError {
    #[error("There is no such {what}.")]
    NotFound { what: Noun },
    /// This person may not, ever or now.
    #[error("{reason}")]
    Forbidden { reason: String },
    /// A form field, by its `name`, does not say what it must.
    #[error("{message}")]
    Invalid { field: String, message: String },
    /// The thing has changed since the page was shown, or is in a state that does not allow this.
    #[error("{message}")]
    Conflict { message: String },
    /// The session has ended, or the decision needs a fresh sign-in.
    #[error("{reason}")]
    SignInAgain { reason: String },
    /// Trouble on our side or at AWS. The log knows more under this id.
    #[error("Something did not answer as it should. Try again; if it stays, report the id {correlation}.")]
    Unavailable { correlation: Correlation },
    /// Said by the browser: the server could not be reached.
    #[error("The console could not be reached. Check the connection, then try again.")]
    Unreachable,
}

/// What an address or a form can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Noun {
    Page,
    Authority,
    Certificate,
    Run,
    Finding,
    Request,
    Event,
    Identity,
    Incident,
    Entry,
    Channel,
    Session,
}

/// The id that joins what a person saw to what the log says; at most 64 letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Correlation(String);

/// A text is not a correlation id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a correlation id")]
pub struct CorrelationError;

impl TryFrom<String> for Correlation {
    type Error = CorrelationError;

    fn try_from(id: String) -> Result<Self, CorrelationError> {
        let good = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        good.then_some(Self(id)).ok_or(CorrelationError)
    }
}

impl From<Correlation> for String {
    fn from(id: Correlation) -> Self {
        id.0
    }
}

impl fmt::Display for Correlation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AppError {
    pub fn invalid(field: &str, message: impl fmt::Display) -> Self {
        Self::Invalid { field: field.to_owned(), message: message.to_string() }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::SignInAgain { .. } => StatusCode::UNAUTHORIZED,
            Self::Unavailable { .. } | Self::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Serialization(_) => {
                Self::invalid("", "The form is incomplete, or a field has a value that it cannot take.")
            }
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            #[cfg(feature = "ssr")]
            other => Self::internal(other),
            #[cfg(not(feature = "ssr"))]
            _ => Self::Unreachable,
        }
    }

    #[cfg(feature = "ssr")]
    fn ser(&self) -> server_fn::Bytes {
        self.answer_with_status();
        serialized(self)
    }
}

#[cfg(feature = "ssr")]
fn serialized(error: &AppError) -> server_fn::Bytes {
    use server_fn::Encodes;
    JsonEncoding::encode(error).unwrap_or_default()
}

/// The one mapping of what the verbs refuse to what leaves the server.
#[cfg(feature = "ssr")]
impl From<console::Error> for AppError {
    fn from(error: console::Error) -> Self {
        use console::Error;
        let text = error.to_string();
        match error {
            Error::NotFound(what) => Self::NotFound { what: what.parse().unwrap_or(Noun::Page) },
            Error::Forbidden(reason) => Self::Forbidden { reason },
            Error::Invalid { field, message } => Self::invalid(field, message),
            Error::Conflict(_) | Error::RunUnderWay(_) => Self::Conflict { message: text },
            Error::SignInAgain(reason) => Self::SignInAgain { reason },
            Error::Unavailable(_) | Error::Internal(_) => Self::internal(error.trace()),
        }
    }
}

#[cfg(feature = "ssr")]
impl AppError {
    /// Logs what went wrong inside and returns what a person may know of it.
    pub fn internal(error: impl fmt::Display) -> Self {
        let correlation = Correlation::current();
        tracing::error!(%correlation, %error, "the request {correlation} failed");
        Self::Unavailable { correlation }
    }

    /// Gives the response this error's status, except to a form sent without JavaScript: that one is redirected back
    /// to its page, and the page shows the error.
    pub fn answer_with_status(&self) {
        use leptos::prelude::use_context;
        let Some(response) = use_context::<leptos_axum::ResponseOptions>() else { return };
        if !is_plain_form() {
            response.set_status(self.status());
        }
    }
}

/// The error with which a form that is not a server function's was sent back to this page; `form`: where it is posted to.
pub fn error_sent_to(form: &'static str) -> leptos::prelude::Signal<Option<AppError>> {
    use leptos::prelude::{ServerActionError, Signal, use_context};
    let sent = use_context::<ServerActionError>().filter(|error| error.path() == form);
    Signal::stored(sent.map(|error| server_fn::error::ServerFnUrlError::<AppError>::decode_err(error.err())))
}

/// Whether a form sent without JavaScript is being answered: with a redirect, whatever comes of it.
#[cfg(feature = "ssr")]
pub(crate) fn is_plain_form() -> bool {
    leptos::prelude::use_context::<http::request::Parts>().is_some_and(|parts| {
        let accepts = parts.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
        parts.method == http::Method::POST && accepts.is_some_and(|value| value.contains("text/html"))
    })
}

/// The address of `page` with the error of a form on it, which is shown there. `form` is the path of its server function.
#[cfg(feature = "ssr")]
pub fn sent_back(page: &str, form: &str, error: &AppError) -> String {
    use base64::Engine;
    // As `ServerFnUrlError` writes it, which would set the status of whichever answer this thread rendered last.
    let error = base64::engine::general_purpose::URL_SAFE.encode(serialized(error));
    let pairs = [("__path", form), ("__err", &error)];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let separator = if page.contains('?') { '&' } else { '?' };
    format!("{page}{separator}{query}")
}

#[cfg(feature = "ssr")]
impl Correlation {
    /// The id of a request, from a random number.
    pub fn of_number(number: u128) -> Self {
        Self(format!("{number:032x}"))
    }

    /// The id that the server gave to this request.
    pub fn of(parts: &http::request::Parts) -> Self {
        parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self("unknown".to_owned()))
    }

    /// The id that the server gave to the request being answered.
    pub fn current() -> Self {
        let parts = leptos::prelude::use_context::<http::request::Parts>();
        parts.map_or_else(|| Self("unknown".to_owned()), |parts| Self::of(&parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "ssr")]
    #[test]
    fn a_page_finds_the_error_of_its_form_in_its_address() {
        use server_fn::error::ServerFnUrlError;
        let error = AppError::Conflict { message: "Ünsure & late?".to_owned() };
        for (page, separator) in [("/revocations/1", '?'), ("/revocations/new?a=b", '&')] {
            let address = sent_back(page, "/api/decide", &error);
            let query = address.strip_prefix(&format!("{page}{separator}")).unwrap();
            let pairs: Vec<(String, String)> =
                form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            assert_eq!(pairs[0], ("__path".to_owned(), "/api/decide".to_owned()));
            assert_eq!(pairs[1].0, "__err");
            assert_eq!(ServerFnUrlError::<AppError>::decode_err(&pairs[1].1), error);
        }
    }

    #[test]
    fn errors_survive_the_way_to_the_browser() {
        let error = AppError::invalid("justification", "Say why in 10 to 1,000 characters.");
        assert_eq!(AppError::de(error.ser()), error);
    }

    #[test]
    fn what_strangers_put_into_a_url_is_an_error_like_any_other() {
        for hostile in
            ["", "{}", "null", "{\"error\":\"unavailable\",\"correlation\":\"<script>\"}", "\u{0}", "[[[[[["]
        {
            let error = AppError::de(server_fn::Bytes::from(hostile));
            assert!(
                matches!(error, AppError::Unavailable { .. } | AppError::Unreachable),
                "{hostile:?} became {error:?}"
            );
        }
    }

    #[test]
    fn internals_stay_inside() {
        let error = AppError::from_server_fn_error(ServerFnErrorErr::ServerError("secret".to_owned()));
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}
