//! The console's pages: one folder a feature, with its page, its parts and its server functions; `ui/` for what all
//! share. Built twice: `ssr` renders on the server, `hydrate` is what moves in the browser, which is `browser/` alone.

// Types of views nest as deep as the views do.
#![recursion_limit = "256"]

pub mod activity;
pub mod address;
#[cfg(feature = "ssr")]
pub mod assets;
mod at_aws;
mod authorities;
pub mod browser;
mod callers;
pub mod certificates;
pub mod channels;
pub mod compliance;
pub mod coverage;
pub mod done;
mod entries;
pub mod error;
pub mod expiry;
pub mod findings;
pub mod help;
pub mod identity;
pub mod incidents;
pub mod ledger;
pub mod lists;
pub mod me;
mod notices;
pub mod overview;
pub mod paths;
#[cfg(feature = "ssr")]
pub mod permissions;
pub mod queries;
pub mod revocations;
pub mod routes;
pub mod runs;
pub mod session;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod standalone;
pub mod theme;
pub mod typed;
pub mod ui;
mod what_is;

pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Begins what moves. The pages are the server's: nothing of them is made again here.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
