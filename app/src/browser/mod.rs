//! What moves in the browser. Pages and forms are the server's and work without it; this keeps an open page fresh, counts
//! its clocks on, puts values on the clipboard and keeps a form from being sent twice. One island, and all it does is
//! listening on the document: what a newer page brings needs no starting.

#[cfg(feature = "hydrate")]
mod clock;
#[cfg(feature = "hydrate")]
mod copy;
#[cfg(feature = "hydrate")]
mod forms;
#[cfg(feature = "hydrate")]
mod live;
pub mod marks;
#[cfg(feature = "hydrate")]
mod morph;

use leptos::prelude::*;

/// Shows nothing.
#[island]
pub fn Browser() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        clock::start();
        copy::start();
        forms::start();
        live::start();
        // Tells style sheet and tests.
        if let Some(body) = document().body() {
            drop(body.set_attribute("data-hydrated", "true"));
        }
    }
}

/// Calls back for every event of this kind, whatever it happens to.
#[cfg(feature = "hydrate")]
fn on(kind: &str, mut does: impl FnMut(leptos::web_sys::Event, leptos::web_sys::Element) + 'static) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;

    let listener = Closure::<dyn FnMut(leptos::web_sys::Event)>::new(move |event: leptos::web_sys::Event| {
        let target = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::Element>().ok());
        if let Some(target) = target {
            does(event, target);
        }
    });
    drop(document().add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref()));
    // For as long as the page is there.
    listener.forget();
}
