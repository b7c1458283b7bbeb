//! An open page stays fresh: it is asked for again every half minute, more often while work is under way, and only while
//! somebody can see it. What does not come leaves the last good page, and says since when.

use std::time::Duration;

use domain::Timestamp;
use leptos::prelude::*;
use leptos::web_sys::js_sys::{Date, Promise};
use leptos::web_sys::{
    DomParser, Headers, RequestInit, RequestRedirect, Response, SupportedType, VisibilityState,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::marks::{BY_ITSELF, LIVE, NOTE, Pace};
use super::morph;

/// How long it is waited after failures, at most.
const LONGEST: Duration = Duration::from_secs(60);
/// A page that takes long is asked for more rarely: a server is busy with one of so many parts of the time.
const SHARE: u32 = 10;
/// How soon it is noticed that somebody looks again.
const SEEN: Duration = Duration::from_secs(1);

/// Why a newer page does not come.
enum Missed {
    /// The session has ended: it never will.
    SignedOut,
    /// Try again.
    ForNow,
}

pub fn start() {
    leptos::task::spawn_local(async {
        let (mut failures, mut took) = (0_u32, Duration::ZERO);
        loop {
            let Some(every) = pace().every() else { return };
            let again = every.saturating_mul(1 << failures.min(5)).min(every.max(LONGEST));
            wait(again.max(took.saturating_mul(SHARE))).await;
            while document().visibility_state() != VisibilityState::Visible {
                wait(SEEN).await;
            }
            let (since, begun) = (now(), Date::now());
            let answer = refreshed().await;
            took = Duration::try_from_secs_f64((Date::now() - begun) / 1000.0).unwrap_or_default();
            match answer {
                Ok(()) => failures = 0,
                Err(Missed::SignedOut) => return say("You are signed out. Load the page again to sign in."),
                Err(Missed::ForNow) => {
                    failures += 1;
                    if failures == 1 {
                        say(&format!("Not refreshed since {since}. Trying again."));
                    }
                }
            }
        }
    });
}

fn pace() -> Pace {
    let named = document().query_selector(&format!("[{LIVE}]")).ok().flatten();
    named.and_then(|element| element.get_attribute(LIVE)?.parse().ok()).unwrap_or_default()
}

/// Asks for this very page, and shows it in place of the last one.
async fn refreshed() -> Result<(), Missed> {
    let options = RequestInit::new();
    let headers = Headers::new().map_err(|_| Missed::ForNow)?;
    headers.set(BY_ITSELF, "1").map_err(|_| Missed::ForNow)?;
    options.set_headers(&headers);
    // To the identity provider, which answers pages only.
    options.set_redirect(RequestRedirect::Manual);
    let address = window().location().href().map_err(|_| Missed::ForNow)?;
    let asked = JsFuture::from(window().fetch_with_str_and_init(&address, &options)).await;
    let answer: Response = asked.and_then(JsCast::dyn_into).map_err(|_| Missed::ForNow)?;
    if answer.status() == 0 || answer.status() == 401 {
        return Err(Missed::SignedOut);
    }
    if !answer.ok() {
        return Err(Missed::ForNow);
    }
    let text =
        JsFuture::from(answer.text().map_err(|_| Missed::ForNow)?).await.map_err(|_| Missed::ForNow)?;
    // Somebody has gone on meanwhile.
    if window().location().href().ok().as_deref() != Some(address.as_str()) {
        return Ok(());
    }
    show(&text.as_string().unwrap_or_default()).map_err(|_| Missed::ForNow)
}

fn show(html: &str) -> Result<(), JsValue> {
    let fresh = DomParser::new()?.parse_from_string(html, SupportedType::TextHtml)?;
    let (Some(old), Some(new)) = (document().body(), fresh.body()) else { return Ok(()) };
    if fresh.title() != document().title() {
        document().set_title(&fresh.title());
    }
    morph::children(&old, &new)
}

fn say(what: &str) {
    if let Some(note) = document().get_element_by_id(NOTE) {
        note.set_text_content(Some(what));
    }
}

fn now() -> String {
    let seconds = Date::now() / 1000.0;
    // Whole seconds since 1970 fit.
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds since 1970 fit")]
    Timestamp::from_unix(seconds as i64).map_or_else(|_| "a while ago".to_owned(), Timestamp::absolute)
}

async fn wait(time: Duration) {
    let over = Promise::new(&mut |resolve, _| {
        set_timeout(move || drop(resolve.call0(&JsValue::UNDEFINED)), time);
    });
    drop(JsFuture::from(over).await);
}
