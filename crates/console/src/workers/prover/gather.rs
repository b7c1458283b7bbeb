//! What is found out about an authority's revocations: where it publishes, and what its lists and its responder say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::revocation::{Channels, Execution};
use domain::{AuthorityArn, Serial};
use feeds::ocsp::Status;
use futures::{StreamExt, stream};

use super::lists::Listed;
use super::{Prover, Wanted, causes};

/// How many questions a responder is asked at once, and how many may fail before it is left alone until the next pass.
const AT_ONCE: usize = 8;
const FAILURES: usize = 8;

/// What was found out about what is wanted.
#[derive(Default)]
pub(super) struct Evidence {
    /// Where the authority publishes now; `None`: AWS did not say.
    pub channels: Option<Channels>,
    pub listed: Listed,
    pub ocsp: BTreeMap<Serial, Status>,
    /// Who said so: the responder's host.
    pub responder: String,
    /// Why OCSP may not say what it should.
    ocsp_problem: Option<String>,
}

impl Prover {
    /// Looks wherever the authority publishes. What AWS or the responder says no to, for good or for now, is an answer and not
    /// an error: it is why a proof is overdue.
    pub(super) async fn gather(&self, authority: &AuthorityArn, wanted: &Wanted) -> Evidence {
        let asked = async {
            let details = self.aws.describe_authority(authority).await?;
            let issuer: Arc<str> = self.aws.authority_certificate(authority).await?.pem.into();
            Ok::<_, countersign_aws::Error>((details, issuer))
        };
        let mut evidence = Evidence::default();
        let (details, issuer) = match asked.await {
            Ok(asked) => asked,
            Err(error) => {
                tracing::warn!(%authority, "the authority {authority} cannot be described: {error}");
                let problem = format!("the authority cannot be described: {error}");
                evidence.listed.problems.insert(problem.clone());
                evidence.ocsp_problem = Some(problem);
                return evidence;
            }
        };
        evidence.channels = Some(details.channels());
        match &details.crl {
            Some(_) if wanted.crl.is_empty() => (),
            Some(place) => evidence.listed = self.look_on_crls(authority, place, &issuer, wanted).await,
            None => drop(evidence.listed.problems.insert(causes::CRL_OFF.to_owned())),
        }
        match details.ocsp.as_ref().map(|place| self.responder.address(place)) {
            None => evidence.ocsp_problem = Some(causes::OCSP_OFF.to_owned()),
            Some(Err(problem)) => evidence.ocsp_problem = Some(problem),
            Some(Ok(url)) => self.ask_all(&url, &issuer, &wanted.ocsp, &mut evidence).await,
        }
        evidence
    }

    async fn ask_all(
        &self,
        url: &reqwest::Url,
        issuer: &str,
        wanted: &BTreeSet<Serial>,
        evidence: &mut Evidence,
    ) {
        evidence.responder = url.host_str().unwrap_or_default().to_owned();
        let mut asked =
            stream::iter(wanted.iter().copied())
                .map(|serial| async move {
                    (serial, self.responder.ask(url, issuer, serial, self.clock.now()).await)
                })
                .buffer_unordered(AT_ONCE);
        let mut failures = 0;
        while let Some((serial, answer)) = asked.next().await {
            match answer {
                Ok(answer) => drop(evidence.ocsp.insert(serial, answer.status)),
                Err(problem) => {
                    evidence.ocsp_problem = Some(problem);
                    failures += 1;
                }
            }
            if failures >= FAILURES {
                return;
            }
        }
    }
}

impl Evidence {
    /// Why what is not published may not be.
    pub fn why(&self, execution: &Execution) -> String {
        let counts = execution.counts();
        let mut why: BTreeSet<String> = BTreeSet::new();
        if counts.off_crl > 0 {
            why.extend(self.listed.problems.iter().cloned());
            if why.is_empty() {
                why.insert(format!("{} of {} are not on the CRL", counts.off_crl, counts.revoked));
            }
        }
        if counts.not_by_ocsp > 0 {
            why.insert(self.ocsp_problem.clone().unwrap_or_else(|| {
                let (good, all) = (counts.not_by_ocsp, counts.revoked);
                format!(
                    "the OCSP responder {} does not say of {good} of {all} that they are revoked",
                    self.responder
                )
            }));
        }
        why.into_iter().collect::<Vec<_>>().join("; ")
    }
}
