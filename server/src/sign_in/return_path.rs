//! Where a browser goes after signing in: a path of this console and nothing else.

use serde::{Deserialize, Serialize};

/// A path with its query, beginning with one slash, of characters that need no care in a header or in HTML except `&`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ReturnPath(String);

/// The longest path that is remembered: a list of serial numbers in an address fits.
const LONGEST: usize = 4000;

impl ReturnPath {
    /// The path as it was asked for, if it stays within the console; else the first page.
    pub fn within(asked: &str) -> Self {
        // RFC 3986 §2.2 and §2.3, without quotes and parentheses, and without a fragment.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/?:@!$&*+,;=%".contains(&byte);
        let local = asked.starts_with('/') && !asked.starts_with("//") && !asked.starts_with("/auth/");
        match local && asked.len() <= LONGEST && asked.bytes().all(plain) {
            true => Self(asked.to_owned()),
            false => Self("/".to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ReturnPath {
    fn from(path: String) -> Self {
        Self::within(&path)
    }
}

impl From<ReturnPath> for String {
    fn from(path: ReturnPath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_console_are_kept() {
        for path in ["/", "/findings?state=open&kind=duplicate", "/certificates?q=a%20b", "/runs/0192-a/x.y"]
        {
            assert_eq!(ReturnPath::within(path).as_str(), path);
        }
    }

    #[test]
    fn everything_else_leads_to_the_first_page() {
        let long = format!("/{}", "a".repeat(LONGEST));
        for hostile in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "findings",
            "/a\r\nSet-Cookie: __Host-sid=1",
            "/a\u{0}",
            "/\"onload=alert(1)",
            "/'><script>",
            "/auth/login?return=/",
            "/é",
            " /",
            &long,
        ] {
            assert_eq!(ReturnPath::within(hostile).as_str(), "/", "{hostile:?}");
        }
    }
}
