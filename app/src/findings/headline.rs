//! What a finding says, in one sentence: as text for titles, and with the whole serial number at hand for lists.

use domain::finding::{Evidence, FindingStateName, Subject, became};
use domain::trail::TrailPart;
use domain::{Finding, FindingId, FindingKind, Scope};
use leptos::prelude::*;

use crate::callers::named;
use crate::ui::{SerialText, brief, short};

/// The sentence as plain text, where only the id is at hand.
pub fn headline(id: &FindingId) -> String {
    format!("{} {}", subject(id), id.kind.sentence())
}

/// The sentence as plain text, with who had the certificate issued.
pub fn headline_of(finding: &Finding) -> String {
    format!("{} {}", subject(&finding.id), says(finding.id.kind, &finding.evidence, is_over(finding)))
}

/// The sentence; with `evidence` it says who had the certificate issued.
#[component]
pub fn Headline(
    id: FindingId,
    #[prop(optional)] evidence: Evidence,
    /// A run no longer saw it.
    #[prop(optional)]
    over: bool,
) -> impl IntoView {
    let says = says(id.kind, &evidence, over);
    match id.subject {
        Subject::Certificate(serial) => view! { "Certificate " <SerialText serial /> " " {says} }.into_any(),
        Subject::Other(_) => format!("{} {says}", subject(&id)).into_any(),
    }
}

/// Whether it is told as what was: a run no longer saw it.
pub(super) fn is_over(finding: &Finding) -> bool {
    finding.state.name() == FindingStateName::Closed
}

fn subject(id: &FindingId) -> String {
    match &id.subject {
        Subject::Certificate(serial) => format!("Certificate {}", short(*serial)),
        Subject::Other(text) => alert_subject(id.kind, text),
    }
}

/// What follows the subject; `over`: a run no longer saw it.
fn says(kind: FindingKind, evidence: &Evidence, over: bool) -> String {
    let judged = evidence.issuance.as_ref().zip(evidence.authorisation);
    match (kind, judged) {
        (FindingKind::UnauthorizedIssuance | FindingKind::RogueIssuer, Some((issuance, authorisation))) => {
            format!(
                "was issued by {}, which {}",
                named(&issuance.identity.principal),
                if over { authorisation.past() } else { authorisation.sentence().to_owned() }
            )
        }
        _ if over => kind.past().to_owned(),
        (FindingKind::TrailAltered, _) => {
            let became = evidence.alert.as_ref().and_then(|alert| became(&alert.proofs));
            became.unwrap_or(kind.sentence()).to_owned()
        }
        _ => kind.sentence().to_owned(),
    }
}

/// What a finding belongs to that is about no authority we know: "trail in eu-central-1" for the trail of an account.
pub fn place(scope: &Scope) -> String {
    match scope {
        Scope::Authority(id) => id.to_string(),
        Scope::Trail(TrailPart { region, .. }) => format!("trail in {region}"),
        Scope::Countersign => "Countersign itself".to_owned(),
    }
}

/// What an alert is about, as the beginning of a sentence.
fn alert_subject(kind: FindingKind, text: &str) -> String {
    match kind {
        FindingKind::TrailStopped | FindingKind::TrailAltered => match text.split_once('T') {
            Some((day, hour)) => brief(&format!("The hour {day} {hour}:00 UTC")),
            None => format!("The hour {}", brief(text)),
        },
        FindingKind::IssuanceDenied => named(text),
        FindingKind::RunMissed => "A run by schedule".to_owned(),
        FindingKind::WorkerSilent => format!("Countersign's {}", brief(text)),
        FindingKind::GlassBroken | FindingKind::DecisionNotProven => format!("The request {}", brief(text)),
        FindingKind::LedgerRewritten | FindingKind::LedgerBehind => format!("The ledger: {}", brief(text)),
        FindingKind::ChannelFailing => format!("The channel {}", brief(text)),
        _ => format!("Event {}", brief(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_is_named_by_its_region() {
        let place = |scope: &str| place(&scope.parse().unwrap());
        assert_eq!(place("111122223333_eu-central-1"), "trail in eu-central-1");
        assert_eq!(place("countersign"), "Countersign itself");
        assert_eq!(place("11223344-1234-1122-2233-112233445566"), "11223344-1234-1122-2233-112233445566");
    }

    #[test]
    fn an_alert_says_what_it_is_about() {
        let line = |id: &str| headline(&id.parse().unwrap());
        assert!(
            line("trail_altered.111122223333_eu.2026-11-22T09")
                .starts_with("The hour 2026-11-22 09:00 UTC has")
        );
        assert!(line("issuance_denied.a1.arn:aws:iam::1:user/ci.x").starts_with("ci.x was refused"));
        assert!(line("worker_silent.countersign.ingester").starts_with("Countersign's ingester has not"));
        assert!(line("channel_failing.countersign.on-call").starts_with("The channel on-call"));
        assert!(line("duplicate.a1.0a").starts_with("Certificate 0a is more"));
    }
}
