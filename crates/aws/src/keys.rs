//! Every key and attribute name of the console's table, and nothing about what is stored under them.
//!
//! One table: partition key `pk`, sort key `sk`, both text; one index `list` on `list_pk` and `list_sk` with all
//! attributes; time to live by `expires` (seconds since 1970). Names are such that no expression needs a placeholder.
//!
//! Which partitions there are, and who reads and writes them, is in [`crate::Partition`]. In them:
//!
//! | pk | sk | list_pk | list_sk |
//! |---|---|---|---|
//! | `LEDGER` | `ENTRY#<seq>` | `LEDGEROF#<request>` | `ENTRY#<seq>` |
//! | `LEDGER` | `CHECKPOINT#<size>` | | |
//! | `UNPLACED` | `<time and commit>.<number>` | | |
//! | `LEASE#<name>` | `LEASE` | | |
//! | `WAKE` | `WAKE` | | |
//! | `WORKER` | `<holder>` | `WORKERS` | `<seen at>#<holder>` |
//! | `RUN#<authority>` | `<run>` | | |
//! | `RUNNING#<authority>` | `RUN` | | |
//! | `SCHEDULE#<authority>` | `STANDING`, `FORCE#<since>`, `RUN#<due at>` | | |
//! | `FINDING#<scope>` | `<subject>#<kind>` | `FINDINGS#<shard>` | `<changed at>#<finding>` |
//! | `BULK` | `<bulk>` | `BULKS` while it goes on | `<bulk>` |
//! | `BULK#<bulk>` | `PART#<number>` | | |
//! | `PACK` | `<pack>` | `PACKS` while it is made | `<pack>` |
//! | `PACK#<pack>#<attempt>#<number>` | `PART` | | |
//! | `INCIDENT` | `<incident>` | `INCIDENTS` while it is open | `<incident>` |
//! | `REQUEST` | `<request>` | `REQUESTS#<state>` | `<request>` |
//! | `REQUEST#<request>` | `TARGETS#<chunk>`, `PROOF`, `DECISION#<hash of person>` | | |
//! | `EXECUTION#<request>` | `<serial>` | | |
//! | `CERTIFICATE#<authority>#<serial>` | `REQUEST#<request>` | | |
//! | `LIST#<hash>` | `PART#<number>` | | |
//! | `OUTBOX` | `<request>` | | |
//! | `UNTOLD` | `<request>#<serial>` | | |
//! | `SESSION#<hash of its id>` | `SESSION` | | |
//! | `PERSON#<issuer and subject>` | `PERSON`, `CALENDAR`, `LISTS`, `SESSION#<hash>` | `PEOPLE` | `<seen at>#<issuer and subject>` |
//! | `SID#<hash of the provider's session id>` | `SESSION#<hash>` | | |
//! | `TRAIL#<account>#<region>` | `FILE#<seq>`, `STATE`, `STATUS`, `CURSOR#<consumer>`, `ALERTS` | | |
//! | `TRAILFILE#<hash of bucket and key>` | `FILE` | | |
//! | `TRAILMONTH` | `<month>` | | |
//! | `BLOB#<hash>` | `PART#<number>` | | |
//! | `CONFIGURATION` | `serve`, `work` | | |
//! | `TELLING` | `<commit>` | | |
//! | `NOTICE#<about>` | `<notice>` | `TOLD` | `<told at>#<notice>` |
//! | `NOTICE#<about>` | `<notice>#<channel>` | `DELIVERING#<channel>`, at the end `DELIVERED#<channel>` | `<next attempt, end>#<notice>` |
//!
//! Times are seconds since 1970 in twelve digits: text sorts as they do.

mod told;

use domain::revocation::{ListId, RequestId, RequestState};
use domain::trail::TrailPart;
use domain::{AuthorityId, BulkId, FindingId, IncidentId, PackId, PersonId, RunId, Scope, Serial, Timestamp};
use sha2::{Digest, Sha256};

pub(crate) use crate::key::Key;
use crate::partitions::Partition;
pub(crate) use told::{at_of, notice, notices_about, sending, telling, tellings};

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

/// A moment that sorts as text.
pub(crate) fn moment(at: Timestamp) -> String {
    format!("{:012}", at.unix().max(0))
}

pub(crate) fn ledger() -> String {
    Partition::Ledger.key("")
}

pub(crate) fn ledger_checkpoint(size: u64) -> Key {
    Key::new(ledger(), format!("{CHECKPOINTS}{size:020}"))
}

pub(crate) const CHECKPOINTS: &str = "CHECKPOINT#";

pub(crate) fn unplaced() -> String {
    Partition::Unplaced.key("")
}

pub(crate) fn unplaced_entry(id: &str) -> Key {
    Key::new(unplaced(), id)
}

pub(crate) fn entries_of_request(id: &RequestId) -> String {
    Partition::EntriesOfRequest.key(id)
}

/// Zero-padded: text sorts as the numbers do.
pub(crate) fn ledger_entry(seq: u64) -> Key {
    Key::new(ledger(), format!("ENTRY#{seq:020}"))
}

pub(crate) fn lease(name: &str) -> Key {
    Key::new(Partition::Leases.key(name), "LEASE")
}

pub(crate) fn runs(authority: &AuthorityId) -> String {
    Partition::Runs.key(authority)
}

pub(crate) fn run(authority: &AuthorityId, id: &RunId) -> Key {
    Key::new(runs(authority), id.as_str())
}

/// Which run of the authority is under way; gone with its end.
pub(crate) fn running(authority: &AuthorityId) -> Key {
    Key::new(Partition::Running.key(authority), "RUN")
}

/// The partition of what is known of the schedule of an authority.
pub(crate) fn schedule(authority: &AuthorityId) -> String {
    Partition::Schedules.key(authority)
}

pub(crate) fn schedule_standing(authority: &AuthorityId) -> Key {
    Key::new(schedule(authority), "STANDING")
}

pub(crate) const FORCE: &str = "FORCE#";

pub(crate) fn schedule_in_force(authority: &AuthorityId, since: Timestamp) -> Key {
    Key::new(schedule(authority), format!("{FORCE}{}", moment(since)))
}

/// One run for each time that was due.
pub(crate) fn scheduled_run(authority: &AuthorityId, due: Timestamp) -> Key {
    Key::new(schedule(authority), format!("RUN#{}", moment(due)))
}

/// What the process of this name was last started with.
pub(crate) fn configuration(process: &str) -> Key {
    Key::new(Partition::Configuration.key(""), process)
}

pub(crate) fn wake() -> Key {
    Key::new(Partition::Wake.key(""), "WAKE")
}

pub(crate) fn worker(holder: &str) -> Key {
    Key::new(Partition::Workers.key(""), holder)
}

pub(crate) fn workers() -> String {
    Partition::WorkersBySighting.key("")
}

pub(crate) fn people() -> String {
    Partition::PeopleBySighting.key("")
}

pub(crate) fn seen(at: Timestamp, holder: &str) -> String {
    format!("{}#{holder}", moment(at))
}

pub(crate) fn findings(scope: &Scope) -> String {
    Partition::Findings.key(scope)
}

/// What the findings about one certificate begin with.
pub(crate) fn findings_of(serial: Serial) -> String {
    format!("{serial}#")
}

pub(crate) fn finding(id: &FindingId) -> Key {
    Key::new(findings(&id.scope), format!("{}#{}", id.subject, id.kind))
}

/// Whose key it is. `None`: no finding's.
pub(crate) fn finding_at(pk: &str, sk: &str) -> Option<FindingId> {
    let scope = pk.strip_prefix(&Partition::Findings.key(""))?;
    let (subject, kind) = sk.rsplit_once('#')?;
    format!("{kind}.{scope}.{subject}").parse().ok()
}

/// How many partitions the findings by change are spread over: one takes 1,000 writes a second.
pub(crate) const SHARDS: u8 = 4;

pub(crate) fn findings_by_change(shard: u8) -> String {
    Partition::FindingsByChange.key(shard)
}

pub(crate) fn shard_of(id: &FindingId) -> u8 {
    Sha256::digest(id.to_string())[0] % SHARDS
}

pub(crate) fn changed(at: Timestamp, id: &FindingId) -> String {
    format!("{}#{id}", moment(at))
}

pub(crate) fn bulk(id: &BulkId) -> Key {
    Key::new(Partition::Bulks.key(""), id.as_str())
}

pub(crate) fn bulk_part(id: &BulkId, place: u64) -> Key {
    Key::new(Partition::BulkParts.key(id), format!("PART#{place:06}"))
}

pub(crate) fn bulks_under_way() -> String {
    Partition::BulksUnderWay.key("")
}

pub(crate) fn pack(id: &PackId) -> Key {
    Key::new(Partition::Packs.key(""), id.as_str())
}

/// Each in a partition of its own: one takes no more than a few writes of this size a second.
pub(crate) fn pack_part(id: &PackId, attempt: &str, place: u64) -> Key {
    Key::new(Partition::PackParts.key(format_args!("{id}#{attempt}#{place}")), "PART")
}

pub(crate) fn incident(id: &IncidentId) -> Key {
    Key::new(Partition::Incidents.key(""), id.as_str())
}

pub(crate) fn requests() -> String {
    Partition::Requests.key("")
}

pub(crate) fn request(id: &RequestId) -> Key {
    Key::new(requests(), id.as_str())
}

pub(crate) fn requests_list(state: RequestState) -> String {
    Partition::RequestsByState.key(state.name())
}

pub(crate) const TARGETS: &str = "TARGETS#";

/// The partition of what was asked for and decided; what came of it is in [`execution`].
pub(crate) fn request_parts(id: &RequestId) -> String {
    Partition::RequestParts.key(id)
}

pub(crate) fn targets(id: &RequestId, chunk: usize) -> Key {
    Key::new(request_parts(id), format!("{TARGETS}{chunk:04}"))
}

/// What proves that its requester has asked for it.
pub(crate) fn request_proof(id: &RequestId) -> Key {
    Key::new(request_parts(id), "PROOF")
}

pub(crate) const DECISIONS: &str = "DECISION#";

/// One decision a person: the person is the key.
pub(crate) fn decision(id: &RequestId, person: &PersonId) -> Key {
    Key::new(request_parts(id), format!("{DECISIONS}{}", digest(person.as_str())))
}

/// The partition of what came of each target of a request.
pub(crate) fn execution(id: &RequestId) -> String {
    Partition::Executions.key(id)
}

pub(crate) fn execution_item(id: &RequestId, serial: Serial) -> Key {
    Key::new(execution(id), serial.to_string())
}

pub(crate) fn requests_of(authority: &AuthorityId, serial: Serial) -> String {
    Partition::RequestsOfCertificate.key(format_args!("{authority}#{serial}"))
}

pub(crate) fn request_of(authority: &AuthorityId, serial: Serial, id: &RequestId) -> Key {
    Key::new(requests_of(authority, serial), format!("{REQUEST_OF}{id}"))
}

pub(crate) const REQUEST_OF: &str = "REQUEST#";

pub(crate) fn list_parts(id: &ListId) -> String {
    Partition::Lists.key(id)
}

pub(crate) fn list_part(id: &ListId, place: usize) -> Key {
    Key::new(list_parts(id), format!("PART#{place:04}"))
}

pub(crate) fn outbox() -> String {
    Partition::Outbox.key("")
}

pub(crate) fn outbox_item(id: &RequestId) -> Key {
    Key::new(outbox(), id.as_str())
}

pub(crate) fn untold() -> String {
    Partition::Untold.key("")
}

pub(crate) fn untold_item(id: &RequestId, serial: Serial) -> Key {
    Key::new(untold(), format!("{id}#{serial}"))
}

/// The id of a session is a secret: only its hash is stored.
pub(crate) fn session(id: &str) -> Key {
    session_hashed(&session_hash(id))
}

pub(crate) fn session_hashed(hash: &str) -> Key {
    Key::new(Partition::Sessions.key(hash), "SESSION")
}

pub(crate) const SESSION_OF: &str = "SESSION#";

pub(crate) fn person_parts(id: &PersonId) -> String {
    Partition::People.key(id)
}

pub(crate) fn person(id: &PersonId) -> Key {
    Key::new(person_parts(id), "PERSON")
}

pub(crate) fn preferences(person: &PersonId) -> Key {
    Key::new(person_parts(person), "LISTS")
}

pub(crate) fn calendar(person: &PersonId) -> Key {
    Key::new(person_parts(person), "CALENDAR")
}

pub(crate) fn session_hash(id: &str) -> String {
    digest(id)
}

pub(crate) fn session_of_person(person: &PersonId, id: &str) -> Key {
    session_of_hash(person, &session_hash(id))
}

pub(crate) fn session_of_hash(person: &PersonId, hash: &str) -> Key {
    Key::new(person_parts(person), format!("{SESSION_OF}{hash}"))
}

pub(crate) fn sid_parts(sid: &str) -> String {
    Partition::ProviderSessions.key(digest(sid))
}

pub(crate) fn session_of_sid(sid: &str, id: &str) -> Key {
    Key::new(sid_parts(sid), format!("{SESSION_OF}{}", digest(id)))
}

/// The partition of the trail of one account and Region.
pub(crate) fn trail(part: &TrailPart) -> String {
    Partition::Trails.key(format_args!("{}#{}", part.account, part.region))
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
    Key::new(Partition::TrailFiles.key(digest(&format!("{bucket}/{key}"))), "FILE")
}

pub(crate) fn trail_months() -> String {
    Partition::TrailMonths.key("")
}

pub(crate) fn trail_month(month: &str) -> Key {
    Key::new(trail_months(), month)
}

/// A part of what is too large for one item; `hash` is that of the whole.
pub(crate) fn blob(hash: &str, part: usize) -> Key {
    Key::new(Partition::Blobs.key(hash), format!("PART#{part:06}"))
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}
