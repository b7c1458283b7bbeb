//! What the console's verbs answer and what its pages show: shared by the server and the browser.

mod authority;
mod certificates;
mod compliance;
mod controls;
mod expiry;
mod exports;
mod filter;
mod filter_value;
mod finding_filter;
mod findings;
mod front_page;
mod ledger;
mod me;
mod overview;
mod pack;
mod place;
mod proposal;
mod request_detail;
mod revocations;
mod runs;
mod selection;
mod timeline;
mod trail;

pub use authority::Authority;
pub use certificates::{
    CertificatePage, CertificateQuery, CertificateSort, CertificateView, CrlsRead, RestsOn, Revoked, Total,
};
pub use compliance::{
    CertificateCounts, ComplianceQuery, ComplianceView, Effect, FindingEnd, FindingFlow, IssuerCount,
    LedgerRead, OpenFor, Period, PeriodError, PolicyChange, RequestCounts, RevocationFacts, RolesSeen,
    RunsHeld, SeverityFlow, Totals, TrailHours, by_severity, by_whom,
};
pub use controls::{Control, Controls, ControlsView, Figure, Framework};
pub use expiry::{CalendarUnit, ExpiryQuery, ExpirySpan, ExpiryView};
pub use exports::{
    ACTIVITY_COLUMNS, CERTIFICATE_COLUMNS, Export, ExportColumn, ExportFormat, FINDING_COLUMNS,
    LEDGER_COLUMNS, REQUEST_COLUMNS,
};
pub use filter::{MOST_TOKENS, Operator, Property, Test, Token};
pub use filter_value::{Bound, Judgement, SerialPattern, Standing, TokenError, Words, digits};
pub use finding_filter::{Days, FindingStates};
pub use findings::{
    BulkForm, BulkWhat, FindingGroup, FindingPage, FindingQuery, FindingSort, FindingView, FindingsMatching,
    FindingsTogether,
};
pub use front_page::{Alarm, Alarms, Caller, FrontPage, TrailNow};
pub use ledger::{
    Cosigned, LedgerEntry, LedgerLine, LedgerPage, LedgerQuery, LedgerReport, LogHead, LogNow, Published,
    Witnessed,
};
pub use me::{ChannelView, ChannelsView, MeView, OwnSession, Sent};
pub use overview::{AuthorityOverview, DayCounts, Overview, Settings, Waiting, WorkerState};
pub use pack::{Pack, PackFile, PackOf, PackQuery, PackState, PackView, PacksView};
pub use place::{Key, Mark, Place};
pub use proposal::{
    AlreadyAsked, AuthorityNow, DryRunCounts, Foretold, Narrowed, Plan, Proposal, Proposed, Step,
};
pub use request_detail::{Change, Changed, Changes, Decider, RequestDetail, RequestList, TargetLine};
pub use revocations::{
    DecisionForm, FailedCertificate, Inbox, MadeWith, RequestForm, RequestPage, RequestQuery, RequestView,
    Requested,
};
pub use runs::{ComparedFinding, ComparisonQuery, ComparisonView, RunView, ScheduleView};
pub use selection::{Selection, Shown};
pub use timeline::{Link, Moment};
pub use trail::*;

/// How many lines a page of any list has.
pub const PAGE_SIZE: u32 = 50;
