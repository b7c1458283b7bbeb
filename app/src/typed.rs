//! What somebody typed into a form that did not get through. The server program keeps it in their session until a form does, and
//! the page that the form stands on shows it again.

use serde::{Deserialize, Serialize};

/// The fields of a form, and the path of the page with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    pub page: String,
    pub fields: Vec<(String, String)>,
}

/// What was typed into the field of this name, if this is the page.
#[cfg(feature = "ssr")]
pub fn use_typed(name: &str) -> Option<String> {
    let parts = leptos::prelude::use_context::<http::request::Parts>()?;
    let typed = parts.extensions.get::<Typed>().filter(|typed| typed.page == parts.uri.path())?;
    let value = typed.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    value.filter(|value| !value.is_empty())
}

/// Pages are the server's.
#[cfg(not(feature = "ssr"))]
pub fn use_typed(_: &str) -> Option<String> {
    None
}

/// Text as it must stand between the tags of a `<textarea>`, where Leptos escapes nothing. A line break that comes first is dropped by
/// browsers.
pub fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if text.starts_with(['\n', '\r']) { format!("\n{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("</x><b>&amp;"), "&lt;/x&gt;&lt;b&gt;&amp;amp;");
        assert_eq!(escaped("\na"), "\n\na");
        assert_eq!(escaped(""), "");
    }
}
