//! `[policy]` and `[revocation]`: how many must agree, and how their decision is carried out.

use std::time::Duration;

use domain::RevocationReason;
use domain::revocation::{MAX_TARGETS, Mode, Policy, QuorumRule};

use super::section::Section;
use super::value::{duration, number, text, texts};

/// `[revocation]`.
#[derive(Clone, Copy, Debug)]
pub struct Revocation {
    pub mode: Mode,
    /// Calls of RevokeCertificate a second.
    pub rate: u32,
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn policy(section: Section<'_>) -> Policy {
    const EXPIRY: &str = "Write how long a request may wait for its approvals, such as \"24h\".";
    const FRESH: &str = "Write how old a sign-in may be to approve with, such as \"15m\".";
    let policy = Policy {
        request_expiry: section
            .optional("request_expiry", EXPIRY, duration(MINUTE..=30 * DAY))
            .unwrap_or(DAY),
        fresh_sign_in: section
            .optional("fresh_sign_in", FRESH, duration(MINUTE..=DAY))
            .unwrap_or(15 * MINUTE),
        quorum: section.sections("quorum").into_iter().map(rule).collect(),
    };
    section.finish();
    policy
}

/// What is wrong with a rule was reported: then nothing starts, whatever stands here.
fn rule(section: Section<'_>) -> QuorumRule {
    const APPROVALS: &str = "Write how many people must approve, between 1 and 10.";
    const FROM: &str =
        "Write from how many certificates on the rule applies, or leave it out for every request.";
    const REASONS: &str =
        "List reasons as AWS names them, such as KEY_COMPROMISE, or leave it out for every reason.";
    let most = u32::try_from(MAX_TARGETS).unwrap_or(u32::MAX);
    let reasons = section.optional("reasons", REASONS, |value| {
        let reasons = texts(value)?;
        let read = |name: String| {
            name.parse()
                .map_err(|error: <RevocationReason as std::str::FromStr>::Err| format!("{name:?} is {error}"))
        };
        reasons.into_iter().map(read).collect::<Result<Vec<RevocationReason>, _>>()
    });
    let rule = QuorumRule {
        from_targets: section.optional("from_targets", FROM, number(1..=most)).unwrap_or(1),
        reasons: reasons.unwrap_or_default(),
        approvals: section.required("approvals", APPROVALS, number(1..=10)).unwrap_or(u32::MAX),
    };
    section.finish();
    rule
}

pub(super) fn revocation(section: Section<'_>) -> Revocation {
    const MODE: &str = "Write \"dry-run\" to rehearse, or \"live\" to revoke.";
    const RATE: &str =
        "Write how many certificates to revoke a second; AWS allows 20 for an account and Region.";
    let mode = section.optional("mode", MODE, |value| match text(value)?.as_str() {
        "dry-run" => Ok(Mode::DryRun),
        "live" => Ok(Mode::Live),
        _ => Err("is neither \"dry-run\" nor \"live\"".to_owned()),
    });
    let rate = section.optional("rate", RATE, number(1..=1000));
    section.finish();
    Revocation { mode: mode.unwrap_or_default(), rate: rate.unwrap_or(20) }
}
