//! What the first page holds, condensed: alarms by who raised them, and of the trail today alone.

use serde::{Deserialize, Serialize};

use super::{CoverageDay, Ingestion, Overview};
use crate::finding::{Evidence, Finding, FindingId};
use crate::finding_kind::FindingKind;
use crate::timestamp::Timestamp;
use crate::trail::{Authorisation, Identity};

/// The first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontPage {
    pub overview: Overview,
    pub alarms: Alarms,
    pub trail: TrailNow,
}

/// Open critical findings that somebody must look at now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarms {
    /// Certificates issued by somebody who may not, the newest first.
    pub issuers: Vec<Alarm>,
    /// An authority or the trail was touched, or a worker is silent, the newest first.
    pub others: Vec<(FindingId, Timestamp)>,
}

/// What one identity did from one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub identity: Identity,
    pub address: Option<String>,
    pub authorisation: Authorisation,
    pub certificates: u64,
    /// The newest of them.
    pub last: Timestamp,
    pub finding: FindingId,
}

/// How fresh the trail is, and today's hours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailNow {
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

    pub fn of(findings: Vec<Finding>) -> Self {
        let mut alarms = Self::default();
        for Finding { id, evidence, first_seen, .. } in findings {
            if id.kind.is_alert() {
                alarms.others.push((id, first_seen));
            } else {
                alarms.add(id, evidence);
            }
        }
        alarms.issuers.sort_by_key(|alarm| std::cmp::Reverse(alarm.last));
        alarms.others.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        alarms
    }

    /// Without an event nobody knows who it was: such a finding is among those that wait.
    fn add(&mut self, finding: FindingId, evidence: Evidence) {
        let (Some(issuance), Some(authorisation)) = (evidence.issuance, evidence.authorisation) else {
            return;
        };
        if authorisation == Authorisation::Authorised {
            return;
        }
        let same = self.issuers.iter_mut().find(|alarm| {
            alarm.identity.principal == issuance.identity.principal
                && alarm.address == issuance.address
                && alarm.authorisation == authorisation
        });
        match same {
            Some(alarm) => {
                alarm.certificates += 1;
                if issuance.at > alarm.last {
                    alarm.last = issuance.at;
                    alarm.finding = finding;
                }
            }
            None => self.issuers.push(Alarm {
                identity: issuance.identity,
                address: issuance.address,
                authorisation,
                certificates: 1,
                last: issuance.at,
                finding,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Disagreement;
    use crate::trail::Issuance;

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
    fn what_one_identity_did_from_one_address_is_one_alarm() {
        let rogue = Some(Authorisation::NotAnIssuer);
        let alarms = Alarms::of(vec![
            finding("0a", "203.0.113.77", 10, rogue),
            finding("0b", "203.0.113.77", 30, rogue),
            finding("0c", "203.0.113.77", 20, rogue),
            finding("0d", "198.51.100.1", 40, rogue),
            finding("0e", "198.51.100.1", 50, Some(Authorisation::Authorised)),
            finding("0f", "198.51.100.1", 50, None),
        ]);
        let told: Vec<_> = alarms
            .issuers
            .iter()
            .map(|alarm| (alarm.address.as_deref(), alarm.certificates, alarm.last.unix()))
            .collect();
        assert_eq!(told, [(Some("198.51.100.1"), 1, 40), (Some("203.0.113.77"), 3, 30)]);
        assert!(alarms.issuers[1].finding.to_string().ends_with(".0b"), "the newest");
    }
}
