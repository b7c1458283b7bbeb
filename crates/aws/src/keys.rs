//! Every key and attribute name of the console's table, and nothing about what is stored under them.
//!
//! One table: partition key `pk`, sort key `sk`, both text; one index `list` on `list_pk` and `list_sk` with all
//! attributes; time to live by `expires` (seconds since 1970). Names are such that no expression needs a placeholder.
//!
//! | pk | sk | list_pk | list_sk |
//! |---|---|---|---|
//! | `LEDGER` | `ENTRY#<seq>`, `HEAD` | | |
//! | `LEASE#<name>` | `LEASE` | | |
//! | `RUN#<authority>` | `<run>` | | |
//! | `FINDING#<scope>` | `<subject>#<kind>` | `FINDINGS#<state>` | `<severity>#<kind>#<first seen>#<finding>` |
//! | `REQUEST` | `<request>` | `REQUESTS#<state>` | `<request>` |
//! | `REQUEST#<request>` | `TARGETS#<chunk>`, `DECISION#<hash of person>`, `ITEM#<serial>` | | |
//! | `CERTIFICATE#<authority>#<serial>` | `REQUEST#<request>` | | |
//! | `OUTBOX` | `<request>` | | |
//! | `SESSION#<hash of its id>` | `SESSION` | | |
//! | `PERSON#<issuer and subject>` | `PERSON`, `SESSION#<hash>` | | |
//! | `SID#<hash of the provider's session id>` | `SESSION#<hash>` | | |
//! | `TRAIL#<account>#<region>` | `FILE#<seq>`, `STATE`, `STATUS`, `CURSOR#<consumer>`, `ALERTS` | | |
//! | `TRAILFILE#<hash of bucket and key>` | `FILE` | | |
//! | `TRAILMONTH` | `<month>` | | |
//! | `BLOB#<hash>` | `PART#<number>` | | |
//! | `NOTICE#<finding>` | `<id>` | `NOTICES` while it is to be delivered | `<next attempt>#<id>` |

use domain::finding_kind::Severity;
use domain::revocation::{RequestId, RequestState};
use domain::{
    AuthorityId, Finding, FindingId, FindingKind, PersonId, RunId, Serial, Timestamp,
    finding::FindingStateName,
};
use sha2::{Digest, Sha256};

use crate::trail::TrailPart;

pub const PK: &str = "pk";
pub const SK: &str = "sk";
/// The one index.
pub const LIST: &str = "list";
pub const LIST_PK: &str = "list_pk";
pub const LIST_SK: &str = "list_sk";
/// Time to live, seconds since 1970.
pub const EXPIRES: &str = "expires";
/// The domain's struct as JSON.
pub const BODY: &str = "body";

/// Where one item is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

pub(crate) const LEDGER: &str = "LEDGER";

pub(crate) fn ledger_head() -> Key {
    Key::new(LEDGER, "HEAD")
}

/// Zero-padded: text sorts as the numbers do.
pub(crate) fn ledger_entry(seq: u64) -> Key {
    Key::new(LEDGER, format!("ENTRY#{seq:020}"))
}

pub(crate) fn lease(name: &str) -> Key {
    Key::new(format!("LEASE#{name}"), "LEASE")
}

pub(crate) fn runs(authority: &AuthorityId) -> String {
    format!("RUN#{authority}")
}

pub(crate) fn run(authority: &AuthorityId, id: &RunId) -> Key {
    Key::new(runs(authority), id.as_str())
}

pub(crate) fn findings(authority: &AuthorityId) -> String {
    format!("FINDING#{authority}")
}

/// What the findings about one certificate begin with.
pub(crate) fn findings_of(serial: Serial) -> String {
    format!("{serial}#")
}

pub(crate) fn finding(id: &FindingId) -> Key {
    Key::new(findings(&id.scope), format!("{}#{}", id.subject, id.kind))
}

pub(crate) fn findings_list(state: FindingStateName) -> String {
    format!("FINDINGS#{}", state.name())
}

/// The worst first, by kind, then the oldest.
pub(crate) fn findings_list_sk(finding: &Finding) -> String {
    let kind = findings_list_kind(finding.id.kind);
    format!("{kind}{:012}#{}", finding.first_seen.unix().max(0), finding.id)
}

/// What the list keys of a severity begin with.
pub(crate) fn findings_list_severity(severity: Severity) -> String {
    let rank = match severity {
        Severity::Critical => 1,
        Severity::High => 2,
        Severity::Medium => 3,
        Severity::Low => 4,
    };
    format!("{rank}#")
}

/// What the list keys of a kind begin with.
pub(crate) fn findings_list_kind(kind: FindingKind) -> String {
    format!("{}{kind}#", findings_list_severity(kind.severity()))
}

pub(crate) const REQUESTS: &str = "REQUEST";

pub(crate) fn request(id: &RequestId) -> Key {
    Key::new(REQUESTS, id.as_str())
}

pub(crate) fn requests_list(state: RequestState) -> String {
    format!("REQUESTS#{}", state.name())
}

pub(crate) const TARGETS: &str = "TARGETS#";
pub(crate) const ITEM: &str = "ITEM#";

/// The partition of everything that belongs to one request.
pub(crate) fn request_parts(id: &RequestId) -> String {
    format!("REQUEST#{id}")
}

pub(crate) fn targets(id: &RequestId, chunk: usize) -> Key {
    Key::new(request_parts(id), format!("{TARGETS}{chunk:04}"))
}

/// One decision a person: the person is the key.
pub(crate) fn decision(id: &RequestId, person: &PersonId) -> Key {
    Key::new(request_parts(id), format!("DECISION#{}", digest(person.as_str())))
}

pub(crate) fn execution_item(id: &RequestId, serial: Serial) -> Key {
    Key::new(request_parts(id), format!("{ITEM}{serial}"))
}

pub(crate) fn requests_of(authority: &AuthorityId, serial: Serial) -> String {
    format!("CERTIFICATE#{authority}#{serial}")
}

pub(crate) fn request_of(authority: &AuthorityId, serial: Serial, id: &RequestId) -> Key {
    Key::new(requests_of(authority, serial), format!("{REQUEST_OF}{id}"))
}

pub(crate) const REQUEST_OF: &str = "REQUEST#";

pub(crate) const OUTBOX: &str = "OUTBOX";

pub(crate) fn outbox(id: &RequestId) -> Key {
    Key::new(OUTBOX, id.as_str())
}

/// The id of a session is a secret: only its hash is stored.
pub(crate) fn session(id: &str) -> Key {
    Key::new(format!("SESSION#{}", digest(id)), "SESSION")
}

pub(crate) fn session_hashed(hash: &str) -> Key {
    Key::new(format!("SESSION#{hash}"), "SESSION")
}

pub(crate) const SESSION_OF: &str = "SESSION#";

pub(crate) fn person_parts(id: &PersonId) -> String {
    format!("PERSON#{id}")
}

pub(crate) fn person(id: &PersonId) -> Key {
    Key::new(person_parts(id), "PERSON")
}

pub(crate) fn session_of_person(person: &PersonId, id: &str) -> Key {
    Key::new(person_parts(person), format!("{SESSION_OF}{}", digest(id)))
}

pub(crate) fn sid_parts(sid: &str) -> String {
    format!("SID#{}", digest(sid))
}

pub(crate) fn session_of_sid(sid: &str, id: &str) -> Key {
    Key::new(sid_parts(sid), format!("{SESSION_OF}{}", digest(id)))
}

/// The partition of the trail of one account and Region.
pub(crate) fn trail(part: &TrailPart) -> String {
    format!("TRAIL#{}#{}", part.account, part.region)
}

pub(crate) const FILE: &str = "FILE#";

/// Zero-padded: text sorts as the numbers do.
pub(crate) fn trail_file(part: &TrailPart, seq: u64) -> Key {
    Key::new(trail(part), format!("{FILE}{seq:020}"))
}

pub(crate) fn trail_state(part: &TrailPart) -> Key {
    Key::new(trail(part), "STATE")
}

pub(crate) fn trail_status(part: &TrailPart) -> Key {
    Key::new(trail(part), "STATUS")
}

pub(crate) fn trail_cursor(part: &TrailPart, consumer: &str) -> Key {
    Key::new(trail(part), format!("CURSOR#{consumer}"))
}

pub(crate) fn trail_alerts(part: &TrailPart) -> Key {
    Key::new(trail(part), "ALERTS")
}

/// One item for each log file that was ingested, by its name.
pub(crate) fn trail_known(bucket: &str, key: &str) -> Key {
    Key::new(format!("TRAILFILE#{}", digest(&format!("{bucket}/{key}"))), "FILE")
}

pub(crate) const NOTICES: &str = "NOTICES";

pub(crate) fn notices_of(finding: &FindingId) -> String {
    format!("NOTICE#{finding}")
}

pub(crate) fn notice(finding: &FindingId, id: &str) -> Key {
    Key::new(notices_of(finding), id)
}

/// The one to be tried next comes first.
pub(crate) fn notices_list_sk(next: Timestamp, id: &str) -> String {
    format!("{:012}#{id}", next.unix().max(0))
}

pub(crate) const TRAIL_MONTHS: &str = "TRAILMONTH";

pub(crate) fn trail_month(month: &str) -> Key {
    Key::new(TRAIL_MONTHS, month)
}

/// A part of what is too large for one item; `hash` is that of the whole.
pub(crate) fn blob(hash: &str, part: usize) -> Key {
    Key::new(format!("BLOB#{hash}"), format!("PART#{part:06}"))
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}
