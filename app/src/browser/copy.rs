//! Buttons that put a value on the clipboard.

use std::time::Duration;

use leptos::prelude::*;

use super::marks::{COPIED, COPY};
use super::on;

pub fn start() {
    on("click", |_, target| {
        let Ok(Some(button)) = target.closest(&format!("button[{COPY}]")) else { return };
        let Some(value) = button.get_attribute(COPY) else { return };
        // The promise is dropped: a browser that refuses the clipboard leaves the value on the page to be selected.
        drop(window().navigator().clipboard().write_text(&value));
        let Some(label) = button.get_attribute("title").filter(|_| !button.has_attribute(COPIED)) else {
            return;
        };
        let say = move |label: &str| {
            drop(button.set_attribute("title", label));
            drop(button.set_attribute("aria-label", label));
            drop(button.toggle_attribute(COPIED));
        };
        say("Copied");
        set_timeout(move || say(&label), Duration::from_secs(2));
    });
}
