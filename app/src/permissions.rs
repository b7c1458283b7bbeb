//! Who may ask for what: every page and every server function, each with the one permission it demands. Whatever is not
//! here does not answer (docs/SECURITY.md, promise 4); the server's tests walk all of it as everybody who must be refused.
//!
//! This is the outer wall. What a verb does is allowed or refused by the verb itself, whoever calls it.

use domain::Permission;
use domain::Permission::{Approve, Operate, Read, SignedIn, StepIn};

/// Pages, as `routes.rs` has them; `:name` stands for one segment of the path.
pub const PAGES: &[(&str, Permission)] = &[
    ("/", Read),
    ("/certificates", Read),
    ("/certificates/:authority/:serial", Read),
    ("/runs", Read),
    ("/runs/:authority/:run", Read),
    ("/runs/:authority/:run/compare", Read),
    ("/findings", Read),
    ("/findings/together", Read),
    ("/findings/matching", Read),
    ("/findings/handled/:bulk", Read),
    ("/findings/:finding", Read),
    ("/me", Read),
    ("/channels", Read),
    ("/incidents", Read),
    ("/incidents/:incident", Read),
    ("/revocations", Read),
    ("/revocations/new", Operate),
    ("/revocations/:request", Read),
    ("/activity", Read),
    ("/activity/:event", Read),
    ("/identity", Read),
    ("/coverage", Read),
    ("/expiry", Read),
    ("/compliance", Read),
    ("/compliance/controls", Read),
    ("/compliance/evidence", Read),
    ("/compliance/evidence/:pack", Read),
    ("/ledger", Read),
    ("/ledger/entry/:seq", Read),
    ("/ledger/verification", Read),
    ("/help", Read),
    ("/help/:document", Read),
];

/// Server functions by their path. What is asked for by GET must be for reading.
pub const FUNCTIONS: &[(&str, Permission)] = &[
    ("/api/theme", SignedIn),
    ("/api/overview", Read),
    ("/api/waiting", Read),
    ("/api/certificates", Read),
    ("/api/certificate", Read),
    ("/api/runs", Read),
    ("/api/run", Read),
    ("/api/compare-runs", Read),
    ("/api/start-run", Operate),
    ("/api/findings", Read),
    ("/api/finding", Read),
    ("/api/findings-together", Read),
    ("/api/acknowledge-finding", Operate),
    ("/api/dismiss-finding", Operate),
    ("/api/acknowledge-findings", Operate),
    ("/api/dismiss-findings", Operate),
    ("/api/findings-matching", Read),
    ("/api/acknowledge-matching", Operate),
    ("/api/dismiss-matching", Operate),
    ("/api/revoke-matching", Operate),
    ("/api/bulk", Read),
    ("/api/stop-bulk", Operate),
    ("/api/requests", Read),
    ("/api/request", Read),
    // Its dry run is an operator's, says the verb.
    ("/api/plan-revocation", Read),
    ("/api/request-revocation", Operate),
    ("/api/decide", Approve),
    ("/api/cancel-request", Operate),
    ("/api/step-in", StepIn),
    ("/api/activity", Read),
    ("/api/event", Read),
    ("/api/identity", Read),
    ("/api/me", Read),
    ("/api/end-session", Read),
    ("/api/end-other-sessions", Read),
    ("/api/channels", Read),
    ("/api/test-channel", Operate),
    ("/api/incidents", Read),
    ("/api/incident", Read),
    ("/api/open-incident", StepIn),
    ("/api/extend-incident", StepIn),
    ("/api/note-incident", StepIn),
    ("/api/answer-incident", StepIn),
    ("/api/close-incident", StepIn),
    ("/api/coverage", Read),
    ("/api/expiry", Read),
    ("/api/make-calendar", Read),
    ("/api/withdraw-calendar", Read),
    ("/api/load-month", Operate),
    ("/api/save-filter", Read),
    ("/api/rename-filter", Read),
    ("/api/delete-filter", Read),
    ("/api/arrange-list", Read),
    ("/api/compliance", Read),
    ("/api/controls", Read),
    ("/api/packs", Read),
    ("/api/pack", Read),
    ("/api/order-pack", Read),
    ("/api/ledger", Read),
    ("/api/ledger-entry", Read),
    ("/api/verify-ledger", Read),
];

/// What the page at `path` demands. `None`: there is no such page.
pub fn of_page(path: &str) -> Option<Permission> {
    PAGES.iter().find(|(pattern, _)| matches(pattern, path)).map(|(_, permission)| *permission)
}

/// What the server function at `path` demands. `None`: it is not to be called.
pub fn of_function(path: &str) -> Option<Permission> {
    FUNCTIONS.iter().find(|(known, _)| *known == path).map(|(_, permission)| *permission)
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut expected, mut found) = (pattern.split('/'), path.split('/'));
    loop {
        match (expected.next(), found.next()) {
            (None, None) => return true,
            (Some(segment), Some(text))
                if segment == text || segment.starts_with(':') && !text.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_paths_only() {
        assert!(matches("/", "/"));
        assert!(matches("/runs/:authority/:run", "/runs/a/b"));
        for path in [
            "",
            "/runs",
            "/runs/a",
            "/runs/a/",
            "/runs//b",
            "/runs/a/b/",
            "/runs/a/b/c",
            "runs/a/b",
            "/x/a/b",
        ] {
            assert!(!matches("/runs/:authority/:run", path), "{path}");
        }
    }
}
