//! Light, dark, or as the system says: a cookie, set by a plain form so that it works without JavaScript.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::error::AppError;

#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in the form and in the cookie.
    pub fn name(self) -> &'static str {
        self.into()
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// `data-theme` of the document; absent, the system decides.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }

    /// What the cookie says; the system's choice when there is none that we know.
    #[cfg(feature = "ssr")]
    pub fn from_cookies(headers: &http::HeaderMap) -> Self {
        let cookies = headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == COOKIE).then_some(value));
        value.and_then(|name| name.parse().ok()).unwrap_or_default()
    }
}

#[cfg(feature = "ssr")]
const COOKIE: &str = "__Host-theme";

/// Remembers the choice for a year; the browser then goes back to the page it came from. Needs any sign-in.
#[server(endpoint = "theme")]
pub async fn set_theme(theme: Theme) -> Result<(), AppError> {
    let cookie =
        format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; Secure; HttpOnly", theme.name());
    let value = http::HeaderValue::try_from(cookie).map_err(AppError::internal)?;
    expect_context::<leptos_axum::ResponseOptions>().append_header(http::header::SET_COOKIE, value);
    Ok(())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_chooses_among_three() {
        let theme = |cookie: &'static str| {
            let value = http::HeaderValue::from_static(cookie);
            Theme::from_cookies(&http::HeaderMap::from_iter([(http::header::COOKIE, value)]))
        };
        assert_eq!(theme("__Host-sid=1; __Host-theme=dark"), Theme::Dark);
        assert_eq!(theme("__Host-theme=light"), Theme::Light);
        assert_eq!(theme("theme=dark"), Theme::System);
        assert_eq!(theme("__Host-theme=\"><script>"), Theme::System);
    }
}
