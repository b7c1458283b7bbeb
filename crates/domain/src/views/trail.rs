//! What the pages about the trail ask and show: activity, one event, one identity, coverage.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::authority::Authority;
use crate::authority::{AuthorityArn, AuthorityId};
use crate::certificate::CertificateStatus;
use crate::finding::FindingId;
use crate::inventory::DeviceId;
use crate::run::Unreadable;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::{Authorisation, Event, EventId, Hour, MonthLoad, Outcome, Problem, Proof};

/// Why the trail does not say who had a certificate issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum NoIssuance {
    /// No trail is configured.
    NoTrail,
    /// It was issued before the trail that has been read begins.
    Earlier {
        /// From when on it has been read.
        since: Timestamp,
    },
    /// It was issued a moment ago.
    OnItsWay,
    /// No intact event, although the trail must have one.
    Missing,
    /// No digest vouches for that time, or nobody knows when it was.
    NotProven,
}

/// Whose deeds an identity's page shows: exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", content = "value", rename_all = "snake_case")]
pub enum IdentityKey {
    /// The issuer identity (role, user, root, service).
    Principal(String),
    /// The id of an access key (`accessKeyId`).
    AccessKey(String),
    /// Source address.
    Address(String),
}

/// Which of the certificates that an identity had issued.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Issued {
    /// All of them.
    #[default]
    All,
    /// Those that were not authorised, whyever.
    Unauthorised,
    /// Those that were authorised.
    Authorised,
}

impl Issued {
    /// Each of them, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Whether a certificate whose issuance was judged so is one of these.
    pub fn takes(self, judged: Authorisation) -> bool {
        match self {
            Self::All => true,
            Self::Unauthorised => judged != Authorisation::Authorised,
            Self::Authorised => judged == Authorisation::Authorised,
        }
    }

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Whose page is shown, and which of their certificates; the URL is its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityQuery {
    /// The principal, access key or address that the page is about.
    pub key: IdentityKey,
    /// Which of their certificates.
    pub only: Issued,
    /// From 0.
    pub page: u32,
}

/// Which events a list shows; the URL is its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityQuery {
    /// `eventName`, exactly.
    pub name: Option<String>,
    /// A part of the principal, session name or access key.
    pub identity: Option<String>,
    /// A source address, or its beginning.
    pub address: Option<String>,
    /// Only calls that ended so.
    pub outcome: Option<Outcome>,
    /// Only calls that name this authority.
    pub authority: Option<AuthorityId>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Also calls that only read and were not denied: most of a trail, Countersign's own among them. Where `name` asks for one kind
    /// of call, none is left out.
    pub reads: bool,
    /// From 0.
    pub page: u32,
}

impl ActivityQuery {
    /// Everything that one of them did.
    pub fn of(key: &IdentityKey) -> Self {
        match key.clone() {
            IdentityKey::Principal(text) | IdentityKey::AccessKey(text) => {
                Self { identity: Some(text), reads: true, ..Self::default() }
            }
            IdentityKey::Address(text) => Self { address: Some(text), reads: true, ..Self::default() },
        }
    }
}

/// One line of the activity: an event, and how far its file can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLine {
    /// What CloudTrail recorded.
    pub event: Event,
    /// How far the log file can be trusted that it was read from.
    pub proof: Proof,
}

/// One page of events, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPage {
    /// Newest first, [`PAGE_SIZE`](super::PAGE_SIZE) at most.
    pub lines: Vec<EventLine>,
    /// How many events match the query.
    pub total: u64,
    /// Which page it is, from 0.
    pub page: u32,
    /// The names of events that there are, for the filter.
    pub names: Vec<String>,
    /// How fresh the events are, and what could not be read.
    pub ingestion: Ingestion,
}

/// How fresh the events are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingestion {
    /// A trail is configured.
    pub configured: bool,
    /// When new objects were last looked for; `None`: not yet.
    pub as_of: Option<Timestamp>,
    /// Log files read, and the events kept of them.
    pub files: u64,
    /// See [`Ingestion::files`].
    pub events: u64,
    /// Log files and records that could not be read.
    pub unreadable: Unreadable,
    /// What keeps the trail from being read, if anything does.
    pub problem: Option<String>,
}

/// Where an event was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFile {
    /// The trail's bucket.
    pub bucket: String,
    /// Its key in that bucket.
    pub key: String,
    /// Lower-case hex SHA-256 of the uncompressed content, as it was when it was read.
    pub sha256: String,
    /// When the file was read.
    pub read_at: Timestamp,
    /// How far it can be trusted.
    pub proof: Proof,
}

/// One event with everything about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// What was kept of the record.
    pub event: Event,
    /// The configured authority that it names; `None`: none.
    pub authority: Option<Authority>,
    /// For an issuance that succeeded.
    pub authorisation: Option<Authorisation>,
    /// The whole record, as indented JSON.
    pub record: String,
    /// The log file that it was read from.
    pub file: LogFile,
    /// Findings that name it or its certificate.
    pub findings: Vec<FindingId>,
}

/// A certificate that an identity had issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedCertificate {
    /// The CA that issued it.
    pub authority: AuthorityArn,
    /// Its serial number.
    pub serial: Serial,
    /// When the call was made that had it issued.
    pub issued_at: Timestamp,
    /// The event of that call.
    pub event: EventId,
    /// `None`: no report and no inventory item shows it yet.
    pub status: Option<CertificateStatus>,
    /// The subject's distinguished name: foreign text. `None`: no record says it.
    pub subject: Option<String>,
    /// `None`: not in the inventory.
    pub device: Option<DeviceId>,
    /// Whether that was authorised, and why not.
    pub authorisation: Authorisation,
}

/// How often an identity did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// `eventName` of the calls.
    pub name: String,
    /// How many calls succeeded.
    pub succeeded: u64,
    /// How many calls were denied or failed.
    pub failed: u64,
    /// When the last one was made.
    pub last: Timestamp,
}

/// What happened in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripHour {
    /// When it begins, at a full hour (UTC).
    pub from: Timestamp,
    /// How many calls succeeded.
    pub succeeded: u64,
    /// Denied or failed.
    pub failed: u64,
}

impl StripHour {
    /// How many calls there were.
    pub fn total(&self) -> u64 {
        self.succeeded + self.failed
    }
}

/// The hours in which something came from one address, or in the name of one principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripRow {
    /// `None`: all others.
    pub by: Option<IdentityKey>,
    /// In their order, without those in which nothing happened.
    pub hours: Vec<StripHour>,
}

impl StripRow {
    /// How many calls there were in all its hours.
    pub fn total(&self) -> u64 {
        self.hours.iter().map(StripHour::total).sum()
    }
}

/// What one identity did in its last hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityStrip {
    /// The beginning of the first hour.
    pub from: Timestamp,
    /// How many hours there are.
    pub hours: u32,
    /// The busiest first.
    pub rows: Vec<StripRow>,
}

/// Everything one principal, access key or address did to our authorities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityView {
    /// The principal, access key or address that all of this is about.
    pub key: IdentityKey,
    /// The first event of theirs that was read.
    pub first_seen: Timestamp,
    /// The last event of theirs that was read.
    pub last_seen: Timestamp,
    /// How many events of theirs were read.
    pub events: u64,
    /// What they did in their last hours.
    pub strip: ActivityStrip,
    /// What they did, by the name of the call; what they did most first.
    pub deeds: Vec<Deed>,
    /// What it was seen together with: principals, access keys and addresses, each with the number of events.
    pub seen_with: Vec<(IdentityKey, u64)>,
    /// How many certificates it had issued, by how that stands to the authorised issuers.
    pub authorisations: Vec<(Authorisation, u64)>,
    /// One page of those that are asked for, the unauthorised first, then the newest.
    pub certificates: Vec<IssuedCertificate>,
    /// The unauthorised, by authority.
    pub unauthorised: Vec<(AuthorityArn, u64)>,
    /// The newest events, [`super::PAGE_SIZE`] at most.
    pub newest: Vec<EventLine>,
}

/// One day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageDay {
    /// `2026-11-22`.
    pub date: String,
    /// 24, fewer today.
    pub hours: Vec<Hour>,
}

/// Something wrong with a log file or digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailProblem {
    /// What is wrong, and with which object.
    pub problem: Problem,
    /// `None`: there is none about it.
    pub finding: Option<FindingId>,
}

/// The trail of one account and Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailCoverage {
    /// The AWS account, 12 digits.
    pub account: String,
    /// The AWS Region.
    pub region: String,
    /// Newest first.
    pub days: Vec<CoverageDay>,
    /// Hours by their proof.
    pub hours: BTreeMap<Proof, u64>,
    /// Newest first, [`super::PAGE_SIZE`] at most.
    pub problems: Vec<TrailProblem>,
    /// How many problems are known, also those that are not shown.
    pub problems_total: u64,
}

/// The calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageView {
    /// Each account and Region whose trail is read.
    pub trails: Vec<TrailCoverage>,
    /// When new files were last looked for, and what could not be read.
    pub ingestion: Ingestion,
    /// From where on the trail is read by itself.
    pub since: Option<Timestamp>,
    /// Older months that can be loaded, `2026-08`, newest first.
    pub older_months: Vec<String>,
    /// Months that somebody asked for, and how far they are.
    pub loads: Vec<MonthLoad>,
    /// Why the viewer cannot load one; `None`: they can.
    pub cannot_load: Option<String>,
}
