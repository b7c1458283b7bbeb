//! A form is sent once, and what somebody has typed into one stays when a newer page comes.

use std::time::Duration;

use leptos::prelude::*;
use leptos::web_sys::{Element, HtmlFormElement};
use wasm_bindgen::JsCast;

use super::on;

/// Marks a form into which somebody has typed.
const TOUCHED: &str = "data-touched";
/// Where a form says that it was not sent.
const OFFLINE: &str = "data-offline";

pub fn start() {
    on("input", |_, target| {
        if let Ok(Some(form)) = target.closest("form") {
            drop(form.set_attribute(TOUCHED, ""));
        }
    });
    on("submit", |event, form| {
        let is_post = form.dyn_ref::<HtmlFormElement>().is_some_and(|form| form.method() == "post");
        if !is_post || event.default_prevented() {
            return;
        }
        if !window().navigator().on_line() {
            event.prevent_default();
            say_offline(&form);
            return;
        }
        if form.get_attribute("aria-busy").as_deref() == Some("true") {
            event.prevent_default();
            return;
        }
        drop(form.set_attribute("aria-busy", "true"));
        // The answer is another page. Should none come, or the browser bring this one back, it can be sent again.
        set_timeout(move || drop(form.remove_attribute("aria-busy")), Duration::from_secs(10));
    });
}

/// Says at the form's end that it was not sent, once.
fn say_offline(form: &Element) {
    let said = form.query_selector(&format!("[{OFFLINE}]")).ok().flatten();
    let place = said.or_else(|| {
        let place = document().create_element("p").ok()?;
        place.set_attribute(OFFLINE, "").ok()?;
        place.set_attribute("role", "alert").ok()?;
        place.set_attribute("class", "field-error").ok()?;
        form.append_child(&place).ok()?;
        Some(place)
    });
    if let Some(place) = place {
        place.set_text_content(Some(
            "You are offline: nothing was sent, and what you typed is still here. Send it when you are back.",
        ));
    }
}

/// Whether a newer page must leave this form as it is.
pub fn is_in_use(form: &Element) -> bool {
    let has_focus = document().active_element().is_some_and(|active| form.contains(Some(&active)));
    has_focus || form.has_attribute(TOUCHED) || form.has_attribute("aria-busy")
}
