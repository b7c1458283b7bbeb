//! What somebody is told of a finding that an alert opened, in a chat room or by e-mail. Names in it are foreign, and made
//! visible on one line.

use serde::{Deserialize, Serialize};

use super::handling::Finding;
use super::id::FindingId;
use crate::authority::AuthorityArn;
use crate::finding_kind::{FindingKind, Severity};
use crate::foreign;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// The most characters of a sentence and of a name, as they are shown; Slack cuts a text at 40,000.
const SENTENCE: usize = 2000;
const NAME: usize = 1000;

/// What a webhook is sent, but for the address of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The same each time this is delivered.
    pub id: String,
    /// The finding it tells of, to be looked up by whoever takes the message.
    pub finding: FindingId,
    /// The finding's kind.
    pub kind: FindingKind,
    /// How bad that kind is.
    pub severity: Severity,
    /// What happened, on one line of at most 2,000 characters.
    pub sentence: String,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it (ARN or name), on one line of at most 1,000 characters; `None`: nobody is known.
    pub principal: Option<String>,
    /// The address that the call came from, on one line.
    pub address: Option<String>,
    /// The authority it is about; `None`: a trail or a worker.
    pub authority: Option<AuthorityArn>,
    /// The certificate it is about; `None`: it is about none.
    pub serial: Option<Serial>,
}

impl Message {
    /// Makes one of a finding; `id` names this delivery.
    pub fn about(finding: &Finding, id: String) -> Self {
        let Finding { id: of, evidence, .. } = finding;
        let (alert, issuance) = (evidence.alert.as_ref(), evidence.issuance.as_ref());
        let identity = alert.and_then(|alert| alert.identity.as_ref());
        let identity = identity.or_else(|| issuance.map(|issuance| &issuance.identity));
        let address = alert.and_then(|alert| alert.address.as_ref());
        let address = address.or_else(|| issuance.and_then(|issuance| issuance.address.as_ref()));
        let sentence = match alert {
            Some(alert) => alert.what.clone(),
            None => {
                let who = identity
                    .zip(evidence.authorisation)
                    .map_or_else(String::new, |(who, may)| format!(": {} {}", who.principal, may.sentence()));
                format!("Certificate {} {}{who}.", of.subject, of.kind.sentence())
            }
        };
        Self {
            id,
            finding: of.clone(),
            kind: of.kind,
            severity: of.kind.severity(),
            sentence: foreign::short_line(&sentence, SENTENCE),
            at: finding.happened_at(),
            principal: identity.map(|identity| foreign::short_line(&identity.principal, NAME)),
            address: address.map(|address| foreign::short_line(address, NAME)),
            authority: finding.authority.clone(),
            serial: of.subject.serial(),
        }
    }
}

/// What a webhook is sent for people to read, as one line: `CRITICAL: … https://…`. Whoever chose a name in it makes no link, no
/// mention and no second line of it, as Slack (`<!channel>`) and Teams (`[text](address)`) would.
pub fn line(severity: Severity, sentence: &str, url: &str) -> String {
    let plain = |c: char| match c {
        '<' => '‹',
        '>' => '›',
        '[' => '(',
        ']' => ')',
        '`' | '*' | '|' => '\'',
        c => c,
    };
    let sentence: String = foreign::short_line(sentence, SENTENCE).chars().map(plain).collect();
    format!("{}: {sentence} {url}", severity.name().to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_says_what_it_says() {
        let said =
            line(Severity::Critical, "eve<!channel>\r\n[x](https://evil.example) `a`", "https://pki/f");
        assert_eq!(said, "CRITICAL: eve‹!channel›\\r\\n(x)(https://evil.example) 'a' https://pki/f");
        assert!(line(Severity::Low, &"x".repeat(1 << 20), "u").len() < 2100);
    }
}
