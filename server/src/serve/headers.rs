//! The headers that every answer has: pages, files, forms and errors alike (OWASP ASVS 5.0 §3.4).

use std::sync::Arc;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};

use crate::config::PublicUrl;
use crate::sign_in::Provider;

/// What browsers may do with our pages. Cheap to clone.
#[derive(Clone)]
pub struct Headers {
    /// Where forms may lead by a redirect.
    provider: Arc<Provider>,
    https: bool,
}

/// How long browsers may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    No,
    ForADay,
    /// Its name changes with its content.
    ForGood,
}

impl Headers {
    pub fn new(public_url: &PublicUrl, provider: Arc<Provider>) -> Self {
        Self { provider, https: public_url.origin().starts_with("https://") }
    }

    /// The Content-Security-Policy of a page whose scripts carry `nonce`; without one, of anything without scripts.
    pub fn policy(&self, nonce: Option<&str>) -> Option<HeaderValue> {
        let scripts = match nonce {
            Some(nonce) => format!("'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"),
            None => "'none'".to_owned(),
        };
        let provider = self.provider.knowledge.current().map(|known| known.origins()).unwrap_or_default();
        let form_action = std::iter::once("'self'").chain(provider.iter().map(String::as_str));
        let form_action: Vec<&str> = form_action.collect();
        let policy = format!(
            "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action {}",
            form_action.join(" ")
        );
        HeaderValue::try_from(policy).ok()
    }

    /// Adds what an answer does not have yet.
    pub fn complete(&self, headers: &mut HeaderMap, keep: Keep) {
        if let Some(policy) = self.policy(None) {
            headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
        }
        let cache = match keep {
            Keep::No => "no-store",
            Keep::ForADay => "public, max-age=86400",
            Keep::ForGood => "public, max-age=31536000, immutable",
        };
        let mut set = |name: HeaderName, value: &'static str| {
            headers.insert(name, HeaderValue::from_static(value));
        };
        set(CACHE_CONTROL, cache);
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        // `no-referrer` would make browsers send `Origin: null` with forms.
        set(REFERRER_POLICY, "same-origin");
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
        set(
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        );
        if self.https {
            set(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
        }
    }
}
