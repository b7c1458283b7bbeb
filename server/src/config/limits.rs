//! `[limits]`: what strangers and people may hold open and ask for.

use std::num::NonZeroU32;
use std::time::Duration;

use super::section::Section;
use super::value::{duration, number};

/// `[limits]`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connections: u32,
    /// For the headers of a request, from its first octet on; for the first one, from the connection on.
    pub headers: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For the answer, until its last octet is on its way.
    pub answer: Duration,
    /// Between two requests of a connection.
    pub idle: Duration,
    /// Requests a second from one address.
    pub address: NonZeroU32,
    /// Requests a second of one person.
    pub person: NonZeroU32,
    /// Requests for signing in or out a minute from one address.
    pub sign_ins: NonZeroU32,
    /// Refused requests a minute from one address, or of one person.
    pub refusals: NonZeroU32,
}

/// A default, 1 at least.
fn of(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

pub(super) fn limits(section: Section<'_>) -> Limits {
    const SECOND: Duration = Duration::from_secs(1);
    let time = |key: &'static str, remedy: &str, default: Duration| {
        section.optional(key, remedy, duration(SECOND..=3600 * SECOND)).unwrap_or(default)
    };
    let count = |key: &'static str, remedy: &str, default: NonZeroU32| {
        let value = section.optional(key, remedy, number(1..=1_000_000));
        value.and_then(NonZeroU32::new).unwrap_or(default)
    };
    let connections = section.optional(
        "connections",
        "Write how many connections may be open at once; each takes a file descriptor.",
        number(8..=100_000),
    );
    let limits = Limits {
        connections: connections.unwrap_or(512),
        headers: time(
            "headers",
            "Write how long the headers of a request may take, such as \"10s\".",
            10 * SECOND,
        ),
        body: time("body", "Write how long the body of a request may take, such as \"30s\".", 30 * SECOND),
        answer: time("answer", "Write how long an answer may take, such as \"2m\".", 120 * SECOND),
        idle: time(
            "idle",
            "Write how long a connection may wait for its next request, longer than a proxy in front keeps it.",
            75 * SECOND,
        ),
        address: count("address", "Write how many requests a second one address may send.", of(100)),
        person: count("person", "Write how many requests a second one person may send.", of(20)),
        sign_ins: count(
            "sign_ins",
            "Write how many requests for signing in or out one address may send a minute; a sign-in takes two.",
            of(60),
        ),
        refusals: count(
            "refusals",
            "Write how many refused requests a minute one address or person may cause.",
            of(60),
        ),
    };
    section.finish();
    limits
}
