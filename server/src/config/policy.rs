//! `[policy]` and `[revocation]`: how many must agree, and how their decision is carried out.

use std::time::Duration;

use domain::revocation::{BreakGlass, MAX_TARGETS, Mode, Policy, QuorumRule, Represented};
use toml::de::DeValue;

use super::section::Section;
use super::value::{duration, flag, list_of, number, parsed, some_of, text};

/// `[revocation]`.
#[derive(Clone, Copy, Debug)]
pub struct Revocation {
    pub mode: Mode,
    /// Nothing is carried out.
    pub paused: bool,
    /// Calls of RevokeCertificate a second.
    pub rate: u32,
}

const REASONS: &str =
    "List reasons as AWS names them, such as KEY_COMPROMISE, or leave it out for every reason.";
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn policy(section: Section<'_>) -> Policy {
    const EXPIRY: &str = "Write how long a request may wait for its approvals, such as \"24h\".";
    const FRESH: &str = "Write how old a sign-in may be to approve with, such as \"15m\".";
    const EXCLUDED: &str = "List the ARNs of authorities of which nothing is to be revoked here.";
    const LIFE: &str = "Write how long after it was given an approval may be carried out, such as \"7d\".";
    const TIME: &str =
        "Write \"auth_time\", or \"iat\" for a provider that does not say when somebody signed in.";
    const SIGN_IN: &str = "Write true if asking for a revocation is to be a sign-in, or leave it out.";
    const DISMISS: &str = "Write how many people must agree that a critical finding is no trouble: 1 or 2.";
    const ACR: &str = "List the classes of sign-in to decide with, as the provider names them, or leave it out for every class.";
    const AMR: &str = "List the methods of which deciding needs one, as the provider names them, or leave it out for every method.";
    let default = Policy::default();
    let policy = Policy {
        request_expiry: section
            .optional("request_expiry", EXPIRY, duration(MINUTE..=30 * DAY))
            .unwrap_or(default.request_expiry),
        fresh_sign_in: section
            .optional("fresh_sign_in", FRESH, duration(MINUTE..=DAY))
            .unwrap_or(default.fresh_sign_in),
        approval_life: section
            .optional("approval_life", LIFE, duration(MINUTE..=90 * DAY))
            .unwrap_or(default.approval_life),
        acr: section.optional("acr", ACR, some_of(class)).unwrap_or_default(),
        amr: section.optional("amr", AMR, some_of(text)).unwrap_or_default(),
        reasons: section.optional("reasons", REASONS, list_of(parsed)).unwrap_or_default(),
        excluded: section.optional("excluded_authorities", EXCLUDED, list_of(parsed)).unwrap_or_default(),
        people_claim: None,
        iat_counts: section.optional("sign_in_time", TIME, sign_in_time).unwrap_or_default(),
        request_sign_in: section.optional("request_sign_in", SIGN_IN, flag).unwrap_or_default(),
        dismiss_critical: section
            .optional("dismiss_critical", DISMISS, number(1..=2))
            .unwrap_or(default.dismiss_critical),
        break_glass: break_glass(section.section("break_glass")),
        quorum: section.sections("quorum").into_iter().map(rule).collect(),
    };
    section.finish();
    policy
}

fn break_glass(section: Section<'_>) -> Option<BreakGlass> {
    const GROUPS: &str = "List the groups of the identity provider of which each person may execute alone.";
    if section.is_missing() {
        return None;
    }
    let groups = section.required("groups", GROUPS, some_of(text));
    section.finish();
    Some(BreakGlass { groups: groups? })
}

/// What is wrong with a rule was reported: then nothing starts, whatever stands here.
fn rule(section: Section<'_>) -> QuorumRule {
    const APPROVALS: &str = "Write how many people must approve, between 1 and 10.";
    const FROM: &str =
        "Write from how many certificates on the rule applies, or leave it out for every request.";
    const AUTHORITIES: &str =
        "List the ARNs of the authorities that the rule is about, or leave it out for every authority.";
    const WITHIN: &str = "Write within which time the certificates that somebody asks for are counted together, such as \
        \"24h\", or leave it out to count each request by itself.";
    let most = u32::try_from(MAX_TARGETS).unwrap_or(u32::MAX);
    let rule = QuorumRule {
        from_targets: section.optional("from_targets", FROM, number(1..=most)).unwrap_or(1),
        within: section.optional("within", WITHIN, duration(MINUTE..=30 * DAY)),
        reasons: section.optional("reasons", REASONS, list_of(parsed)).unwrap_or_default(),
        authorities: section.optional("authorities", AUTHORITIES, list_of(parsed)).unwrap_or_default(),
        represented: section.sections("represented").into_iter().filter_map(represented).collect(),
        approvals: section.required("approvals", APPROVALS, number(1..=10)).unwrap_or(u32::MAX),
    };
    section.finish();
    rule
}

fn represented(section: Section<'_>) -> Option<Represented> {
    const GROUP: &str = "Name a group of the identity provider.";
    const APPROVALS: &str = "Write how many people of the group must approve, between 1 and 10.";
    let group = section.required("group", GROUP, text);
    let approvals = section.required("approvals", APPROVALS, number(1..=10));
    section.finish();
    Some(Represented { group: group?, approvals: approvals? })
}

/// Whether the time of the token stands for that of the sign-in.
fn sign_in_time(value: &DeValue<'_>) -> Result<bool, String> {
    match text(value)?.as_str() {
        "auth_time" => Ok(false),
        "iat" => Ok(true),
        _ => Err("is neither \"auth_time\" nor \"iat\"".to_owned()),
    }
}

/// A class of sign-in: one of a list that blanks separate (`acr_values`, OpenID Connect Core §3.1.2.1).
fn class(value: &DeValue<'_>) -> Result<String, String> {
    let class = text(value)?;
    match class.contains(char::is_whitespace) {
        true => Err("has a blank: list each class by itself".to_owned()),
        false => Ok(class),
    }
}

pub(super) fn revocation(section: Section<'_>) -> Revocation {
    const MODE: &str = "Write \"dry-run\" for drills alone, or \"live\" to revoke.";
    const RATE: &str =
        "Write how many certificates to revoke a second; AWS allows 20 for an account and Region.";
    let mode = section.optional("mode", MODE, |value| match text(value)?.as_str() {
        "dry-run" => Ok(Mode::Drill),
        "live" => Ok(Mode::Live),
        _ => Err("is neither \"dry-run\" nor \"live\"".to_owned()),
    });
    const PAUSED: &str = "Write true to carry nothing out, whatever is approved, or leave it out.";
    let paused = section.optional("paused", PAUSED, flag);
    let rate = section.optional("rate", RATE, number(1..=1000));
    section.finish();
    Revocation {
        mode: mode.unwrap_or_default(),
        paused: paused.unwrap_or_default(),
        rate: rate.unwrap_or(20),
    }
}
