//! Whether a request that changes something was made by a page of this console.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

/// Browsers say where a request comes from, and a page cannot change what they say: `Sec-Fetch-Site`, or in older ones
/// the `Origin`. One of them must be there; whichever is must say that it comes from here, once.
pub fn is_ours(headers: &HeaderMap, own_origin: &str) -> bool {
    let says = |name: &str, expected: &str| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => None,
            (Some(value), None) => Some(value.as_bytes() == expected.as_bytes()),
            (Some(_), Some(_)) => Some(false),
        }
    };
    match (says("sec-fetch-site", "same-origin"), says(ORIGIN.as_str(), own_origin)) {
        (None, None) => false,
        (site, origin) => site.unwrap_or(true) && origin.unwrap_or(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn ours(lines: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .fold(HeaderMap::new(), |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            });
        is_ours(&headers, "https://pki.example.com")
    }

    #[test]
    fn only_our_own_pages_may_change_anything() {
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://pki.example.com")]));
        assert!(ours(&[("origin", "https://pki.example.com"), ("sec-fetch-site", "same-origin")]));
        for foreign in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://pki.example.com.evil.example")],
            &[("origin", "http://pki.example.com")],
            &[("origin", "https://pki.example.com:8443")],
            &[("origin", "null")],
            &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
            &[("origin", "https://pki.example.com"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://pki.example.com"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("referer", "https://pki.example.com/")],
            &[("x-forwarded-host", "pki.example.com"), ("host", "pki.example.com")],
        ] {
            assert!(!ours(foreign), "{foreign:?}");
        }
    }
}
