//! Relative times count on while the page is open.

use std::time::Duration;

use domain::Timestamp;
use leptos::prelude::*;
use leptos::web_sys::Element;
use leptos::web_sys::js_sys::Date;
use wasm_bindgen::JsCast;

use super::marks::{AGO, DUE, NOW};

pub fn start() {
    // Of the last page that came.
    let mut last = None;
    let tick = move || {
        let Some((server, now)) = server_now() else { return };
        // The browser's own clock may be wrong; only its pace is used.
        let (of, since) = *last.insert(last.filter(|(of, _)| *of == server).unwrap_or((server, now)));
        let passed = Duration::try_from_secs_f64((now - since) / 1000.0).unwrap_or_default();
        tell(of.plus(passed));
    };
    let tick = std::cell::RefCell::new(tick);
    set_interval(move || (tick.borrow_mut())(), Duration::from_secs(10));
}

/// The server's clock when it made what is shown, and the browser's now.
fn server_now() -> Option<(Timestamp, f64)> {
    let frame = document().query_selector(&format!("[{NOW}]")).ok()??;
    Some((frame.get_attribute(NOW)?.parse().ok()?, Date::now()))
}

fn tell(now: Timestamp) {
    let Ok(times) = document().query_selector_all(&format!("time[{AGO}]")) else { return };
    for index in 0..times.length() {
        let Some(time) = times.get(index).and_then(|time| time.dyn_into::<Element>().ok()) else { continue };
        let at = time.get_attribute("datetime").and_then(|at| at.parse::<Timestamp>().ok());
        if let Some(at) = at {
            let is_due = time.get_attribute(AGO).as_deref() == Some(DUE);
            let words = if is_due { at.relative(now) } else { at.ago(now) };
            time.set_text_content(Some(&words));
        }
    }
}
