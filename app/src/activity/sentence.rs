//! An event in one sentence, and how it ended. Who called chose the names in it.

use domain::trail::{Event, Outcome, RevocationMeans, What};

use crate::callers::named;
use crate::ui::brief;

/// "legacy-deploy issued a certificate from 203.0.113.77".
pub fn sentence(event: &Event) -> String {
    let from = event.address.as_deref().map(|address| format!(" from {}", brief(address)));
    format!("{} {}{}", named(&event.identity.principal), deed(event), from.unwrap_or_default())
}

fn deed(event: &Event) -> String {
    let name = brief(&event.name);
    match (event.outcome(), &event.what) {
        (Outcome::Denied, What::Issuance { .. }) => "was refused a certificate".to_owned(),
        (Outcome::Failed, What::Issuance { .. }) => "asked for a certificate in vain".to_owned(),
        (Outcome::Failed, What::IssuanceDetails { .. }) => "was not issued the certificate".to_owned(),
        (Outcome::Denied, _) => format!("was refused {name}"),
        (Outcome::Failed, _) => format!("called {name} in vain"),
        (Outcome::Succeeded, What::Issuance { .. }) => "issued a certificate".to_owned(),
        (Outcome::Succeeded, What::IssuanceDetails { .. }) => "was issued the certificate".to_owned(),
        (Outcome::Succeeded, What::Revocation { .. }) => "revoked a certificate".to_owned(),
        (Outcome::Succeeded, What::AuthorityUpdate { off, .. }) if !off.is_empty() => {
            let off: Vec<&str> = off.iter().copied().map(RevocationMeans::label).collect();
            format!("switched off {}", off.join(" and "))
        }
        (Outcome::Succeeded, What::AuthorityUpdate { status: Some(status), .. }) => {
            format!("set the authority to {}", brief(status))
        }
        (Outcome::Succeeded, What::Sharing { .. }) => {
            format!("changed who may use the authority ({name})")
        }
        (Outcome::Succeeded, What::CertificateImport) => "gave the authority another certificate".to_owned(),
        (Outcome::Succeeded, What::StorageChange { bucket, key }) => {
            let of = bucket.as_deref().or(key.as_deref()).unwrap_or("unknown");
            format!("called {name} on {}", brief(of))
        }
        (Outcome::Succeeded, What::AccessChange { access }) => {
            let of = access.access_key.as_deref().or(access.role.as_deref()).or(access.user.as_deref());
            format!("called {name} on {}", brief(of.unwrap_or("unknown")))
        }
        (Outcome::Succeeded, What::Deletion) => "deleted the authority".to_owned(),
        (Outcome::Succeeded, What::AuditReport { .. }) => "asked for an audit report".to_owned(),
        (Outcome::Succeeded, What::TrailChange) => match event.name.as_str() {
            "StopLogging" => "stopped logging".to_owned(),
            "DeleteTrail" => "deleted the trail".to_owned(),
            _ => format!("changed the trail ({name})"),
        },
        (Outcome::Succeeded, What::AuthorityUpdate { .. } | What::Other) => format!("called {name}"),
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::trail::{Failure, Identity};

    use super::*;

    fn event(name: &str, what: What, code: Option<&str>) -> Event {
        Event {
            id: "e-1".parse().unwrap(),
            time: Timestamp::EPOCH,
            name: name.to_owned(),
            source: "acm-pca.amazonaws.com".to_owned(),
            region: "eu-central-1".to_owned(),
            account: None,
            identity: Identity::of_arn("arn:aws:iam::111122223333:role/ci/legacy-deploy"),
            address: Some("203.0.113.77".to_owned()),
            user_agent: None,
            request_id: None,
            failure: code.map(|code| Failure { code: code.to_owned(), message: None }),
            read_only: false,
            authority: None,
            serial: None,
            key: None,
            alternative_names: Vec::new(),
            what,
        }
    }

    #[test]
    fn an_event_is_one_sentence() {
        let issuance = || What::Issuance { template: None };
        for (event, told) in [
            (event("IssueCertificate", issuance(), None), "issued a certificate"),
            (event("IssueCertificate", issuance(), Some("AccessDenied")), "was refused a certificate"),
            (event("IssueCertificate", issuance(), Some("Throttling")), "asked for a certificate in vain"),
            (event("StopLogging", What::TrailChange, None), "stopped logging"),
            (event("GetCertificate", What::Other, None), "called GetCertificate"),
            (event("GetCertificate", What::Other, Some("AccessDenied")), "was refused GetCertificate"),
        ] {
            assert_eq!(sentence(&event), format!("legacy-deploy {told} from 203.0.113.77"));
        }
        let details = What::IssuanceDetails { issued: false, template: None, reason: None };
        assert_eq!(event("IssueCertificateDetails", details, None).outcome(), Outcome::Failed);
    }

    #[test]
    fn a_sentence_has_an_end_whatever_strangers_write() {
        let mut hostile = event(&"N".repeat(9000), What::Other, None);
        hostile.identity.principal = "\u{202e}".repeat(3000);
        hostile.address = Some("\n".repeat(3000));
        let sentence = sentence(&hostile);
        assert!(sentence.chars().count() < 400 && !sentence.contains(['\u{202e}', '\n']), "{sentence}");
        assert_eq!(named("arn:"), "arn:");
        assert_eq!(named(""), "unknown");
    }
}
