//! The real program against a real sandbox: what strangers and people with the wrong role can do (nothing), and the
//! whole chain from a rogue certificate to a closed finding. Names in the security tests are those of the attack.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at its first surprise"
)]

mod asked;
mod beyond;
mod break_glass;
mod bulk;
mod calendar;
mod chain;
mod check;
mod client;
mod compared;
mod compliance;
mod countersigned;
mod crash;
mod crl;
mod drills;
mod exports;
mod field;
mod forms;
mod guard;
mod harness;
mod incident;
mod kept;
mod ledger;
mod limits;
mod lists;
mod me;
mod months;
mod offline;
mod online;
mod operations;
mod own_lists;
mod plan;
mod processes;
mod provider;
mod providers;
mod race;
mod refusals;
mod restored;
mod session;
mod sign_in;
mod spanning;
mod step_in;
mod stop;
mod stub;
mod together;
mod trail_verify;
mod triage;
mod unreported;
mod verbs;
mod verify;
