//! What the first page holds, condensed: alarms by who raised them, and of the trail today alone.

use serde::{Deserialize, Serialize};

use super::{CoverageDay, Ingestion, Overview};
use crate::finding::{Finding, FindingId, FindingState};
use crate::finding_kind::FindingKind;
use crate::revocation::Request;
use crate::timestamp::Timestamp;
use crate::trail::Authorisation;

/// The first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontPage {
    /// What waits, and how fresh the records are.
    pub overview: Overview,
    /// What must be looked at now.
    pub alarms: Alarms,
    /// How fresh the trail is.
    pub trail: TrailNow,
    /// The requests that the viewer can decide on, the oldest first, [`FrontPage::FOR_ME`] at most.
    pub for_me: Vec<Request>,
    /// When the viewer had signed in before this session; `None`: never, or the ledger is being read.
    pub last_visit: Option<Timestamp>,
}

impl FrontPage {
    /// As many requests that wait for the viewer are listed.
    pub const FOR_ME: usize = 20;
}

/// Open critical findings that somebody must look at now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarms {
    /// Certificates issued by somebody who may not, the newest first: of at most [`Alarms::SHOWN`] callers.
    pub issuers: Vec<Alarm>,
    /// How many certificates there are of all callers.
    pub certificates: u64,
    /// How many callers there are.
    pub callers: u64,
    /// An authority or the trail was touched, or a worker is silent, the newest first.
    pub others: Vec<(FindingId, Timestamp)>,
}

/// What one identity did from one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Who had them issued, and from where.
    pub caller: Caller,
    /// How many certificates they had issued so.
    pub certificates: u64,
    /// The newest of them.
    pub last: Timestamp,
    /// The finding of the newest one.
    pub finding: FindingId,
}

/// Who had certificates issued without being allowed to, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// ARN or name, as [`Identity::principal`](crate::trail::Identity::principal) has it: foreign text.
    pub principal: String,
    /// The address that they called from: foreign text. `None`: no event says it.
    pub address: Option<String>,
    /// Why they may not.
    pub authorisation: Authorisation,
}

impl Caller {
    /// Whose issuance an open finding is about, and when that was. `None`: it is no alarm, or nobody knows who it was: then it is
    /// among those that wait.
    pub fn of(finding: &Finding) -> Option<(Self, Timestamp)> {
        let Finding { id, state, evidence, .. } = finding;
        let is_alarm = Alarms::KINDS.contains(&id.kind) && !id.kind.is_alert();
        let authorisation = evidence.authorisation.filter(|one| *one != Authorisation::Authorised)?;
        let issuance = evidence.issuance.as_ref().filter(|_| is_alarm && *state == FindingState::Open)?;
        let (principal, address) = (issuance.identity.principal.clone(), issuance.address.clone());
        Some((Self { principal, address, authorisation }, issuance.at))
    }
}

/// How fresh the trail is, and today's hours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailNow {
    /// When new events were last looked for, and what could not be read.
    pub ingestion: Ingestion,
    /// Account and Region, with the newest day.
    pub today: Vec<(String, CoverageDay)>,
}

impl Alarms {
    /// The kinds of findings that are alarms while they are open.
    pub const KINDS: [FindingKind; 7] = [
        FindingKind::UnauthorizedIssuance,
        FindingKind::RogueIssuer,
        FindingKind::AuthorityChanged,
        FindingKind::TrailStopped,
        FindingKind::TrailAltered,
        FindingKind::WorkerSilent,
        FindingKind::GlassBroken,
    ];

    /// How many callers are told.
    pub const SHOWN: u32 = 10;
}

#[cfg(test)]
mod tests {
    use crate::finding::{Disagreement, Evidence};
    use crate::trail::{Identity, Issuance};

    use super::*;

    fn finding(serial: &str, address: &str, seconds: i64, authorisation: Option<Authorisation>) -> Finding {
        let arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/a".parse().unwrap();
        let issuance = Issuance {
            event: "e".parse().unwrap(),
            at: Timestamp::from_unix(seconds).unwrap(),
            identity: Identity::of_arn("arn:aws:iam::111122223333:role/legacy-deploy"),
            address: Some(address.to_owned()),
            user_agent: None,
            template: None,
            key: None,
        };
        let evidence = Evidence { issuance: Some(issuance), authorisation, ..Evidence::default() };
        let disagreement = Disagreement {
            kind: FindingKind::UnauthorizedIssuance,
            authority: arn,
            serial: serial.parse().unwrap(),
            evidence,
        };
        let run = "0193533a-0000-7000-8000-000000000001".parse().unwrap();
        Finding::opened(disagreement, run, Timestamp::EPOCH)
    }

    #[test]
    fn an_open_finding_about_an_issuance_that_was_not_allowed_is_an_alarm() {
        let rogue = Some(Authorisation::NotAnIssuer);
        let open = finding("0a", "203.0.113.77", 10, rogue);
        let (caller, at) = Caller::of(&open).unwrap();
        assert_eq!((caller.address.as_deref(), at.unix()), (Some("203.0.113.77"), 10));
        let allowed = finding("0a", "203.0.113.77", 10, Some(Authorisation::Authorised));
        let unknown = finding("0a", "203.0.113.77", 10, None);
        let run = "0193533a-0000-7000-8000-000000000002".parse().unwrap();
        let closed = Finding { state: FindingState::Closed { run }, ..open };
        assert_eq!([allowed, unknown, closed].each_ref().map(Caller::of), [None, None, None]);
    }
}
