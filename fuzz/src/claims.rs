//! What a provider's token claims, whatever it is; a test of `identity` does the same with mutations of real claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::Token;
use identity::claims::{Claims, Extra, Identity, Logout};

/// A token with this payload, and these claims. Who is known by them has an id and a name that can be shown.
pub fn claims(bytes: &[u8]) {
    for header in [r#"{"alg":"RS256","kid":"1"}"#, r#"{"alg":"none"}"#] {
        let (header, payload) = (URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(bytes));
        let came = format!("{header}.{payload}.eA");
        if let Ok(token) = came.parse::<Token>() {
            assert_eq!(token.to_string(), came);
        }
    }
    let _ = std::str::from_utf8(bytes).map(str::parse::<Token>);
    if let Ok(extra) = serde_json::from_slice::<Extra>(bytes) {
        let _ = extra.groups("/realm_access/roles");
    }
    let Ok(claims) = serde_json::from_slice::<Claims>(bytes) else { return };
    for place in ["groups", "cognito:groups", "/realm_access/roles", "/a~1b/", ""] {
        if let Ok(found) = Identity::of(&claims, place, Some(place)) {
            assert!(!found.person.name.is_empty() && found.person.name.chars().count() <= 100);
        }
    }
    let _ = Logout::of(&claims);
}
