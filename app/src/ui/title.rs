//! The document's title.

use leptos::prelude::*;

/// Sets `<title>`; the product's name is added by the app. Use this and never `leptos_meta::Title`, which writes the
/// text unescaped into the server's HTML, so that a certificate's subject could close the element.
#[component]
pub fn Title(#[prop(into)] text: String) -> impl IntoView {
    let text = if cfg!(feature = "ssr") { escape(&text) } else { text };
    view! { <leptos_meta::Title text=text /> }
}

/// Among the children of `<title>` only these could end it or begin a reference (HTML, §13.1.2.5).
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
