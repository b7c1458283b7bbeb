//! An authentication request, checked (OpenID Connect Core 3.1.2.1; RFC 7636 for PKCE).

use std::net::Ipv6Addr;
use std::time::Duration;

use openidconnect::url::{Host, Url};
use serde::Deserialize;

use super::CLIENT_ID;
use super::page::Problem;

/// The query of `/authorize`, as it came.
#[derive(Deserialize)]
pub(super) struct Params {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    response_type: Option<String>,
    response_mode: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    prompt: Option<String>,
    max_age: Option<String>,
    login_hint: Option<String>,
    request: Option<String>,
    request_uri: Option<String>,
}

/// Where the answer goes, known to be the client's own address.
#[derive(Clone)]
pub(super) struct ReturnAddress {
    /// As the client spelled it: the token request must repeat it.
    pub(super) redirect_uri: String,
    url: Url,
    state: Option<String>,
}

/// What the client asks for.
pub(super) struct Request {
    pub(super) code_challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) login_hint: Option<String>,
    /// No page may be shown.
    pub(super) silent: bool,
    /// A page must be shown, whoever is signed in.
    pub(super) sign_in_again: bool,
    /// How old the sign-in may be.
    pub(super) max_age: Option<Duration>,
}

/// An error that is told to the client (RFC 6749, 4.1.2.1; OpenID Connect Core 3.1.2.6).
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    pub(super) description: &'static str,
}

impl Params {
    /// Checks who asks and where the answer may go. Before this has passed nothing is redirected anywhere.
    pub(super) fn return_address(&self) -> Result<ReturnAddress, Problem> {
        if self.client_id.as_deref() != Some(CLIENT_ID) {
            return Err(Problem::bad_request("No client of that name is known here (client_id)."));
        }
        let redirect_uri = self.redirect_uri.clone().unwrap_or_default();
        let url = loopback_url(&redirect_uri)
            .filter(|url| url.path() == "/auth/callback" && url.query().is_none())
            .ok_or_else(|| {
                Problem::bad_request(
                    "redirect_uri must be http://localhost:PORT/auth/callback, on any port of this machine.",
                )
            })?;
        Ok(ReturnAddress { redirect_uri, url, state: self.state.clone() })
    }

    /// Checks the rest.
    pub(super) fn request(self) -> Result<Request, Refusal> {
        let refuse = |error, description| Err(Refusal { error, description });
        if self.request.is_some() {
            return refuse("request_not_supported", "request objects are not supported");
        }
        if self.request_uri.is_some() {
            return refuse("request_uri_not_supported", "request objects are not supported");
        }
        if self.response_type.as_deref() != Some("code") {
            return refuse("unsupported_response_type", "response_type must be code");
        }
        if self.response_mode.as_deref().is_some_and(|mode| mode != "query") {
            return refuse("invalid_request", "response_mode must be query");
        }
        if !self.scope.as_deref().unwrap_or_default().split(' ').any(|scope| scope == "openid") {
            return refuse("invalid_scope", "scope must contain openid");
        }
        // A SHA-256 hash in base64url without padding has 43 characters.
        let Some(code_challenge) = self.code_challenge.filter(|challenge| challenge.len() == 43) else {
            return refuse("invalid_request", "PKCE is required: code_challenge of 43 characters");
        };
        if self.code_challenge_method.as_deref() != Some("S256") {
            return refuse("invalid_request", "PKCE is required: code_challenge_method must be S256");
        }
        let prompts: Vec<&str> = self.prompt.as_deref().unwrap_or_default().split_whitespace().collect();
        let silent = prompts.contains(&"none");
        if silent && prompts.len() > 1 {
            return refuse("invalid_request", "prompt=none goes with no other prompt");
        }
        let max_age = match self.max_age.map(|seconds| seconds.parse().map(Duration::from_secs)) {
            None => None,
            Some(Ok(age)) => Some(age),
            Some(Err(_)) => return refuse("invalid_request", "max_age must be a number of seconds"),
        };
        Ok(Request {
            code_challenge,
            nonce: self.nonce,
            login_hint: self.login_hint,
            silent,
            sign_in_again: prompts.iter().any(|prompt| ["login", "select_account"].contains(prompt)),
            max_age,
        })
    }
}

impl ReturnAddress {
    /// The client's address with an answer: the given parameters, the state, and who answers (RFC 9207).
    pub(super) fn answer(&self, issuer: &str, parameters: &[(&str, &str)]) -> String {
        let mut url = self.url.clone();
        let mut query = url.query_pairs_mut();
        query.extend_pairs(parameters).append_pair("iss", issuer);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        drop(query);
        url.into()
    }
}

/// A plain `http` URL on this machine, without credentials and fragment.
pub(super) fn loopback_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let local = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address == Ipv6Addr::LOCALHOST,
    };
    let plain = url.scheme() == "http"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    (local && plain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::loopback_url;

    #[test]
    fn only_this_machine_is_answered() {
        for good in
            ["http://localhost:3000/x", "http://127.0.0.1:9/x?y=1", "http://[::1]:80/", "http://127.8.8.8/"]
        {
            assert!(loopback_url(good).is_some(), "{good}");
        }
        for bad in [
            "https://localhost/x",
            "http://localhost.example.com/x",
            "http://localhost@example.com/x",
            "http://user@localhost/x",
            "http://localhost/x#fragment",
            "http://10.0.0.1/x",
            "http:///x",
            "javascript:alert(1)",
            "//localhost/x",
            "",
        ] {
            assert!(loopback_url(bad).is_none(), "{bad}");
        }
    }
}
