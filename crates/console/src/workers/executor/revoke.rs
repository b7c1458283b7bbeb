//! One certificate of an approved request: the call that cannot be taken back, and the record of what came of it.

use std::time::Duration;

use countersign_aws::certificates::{NotYet, Revocation};
use countersign_aws::{Error as AwsError, Lease, Untold};
use domain::Timestamp;
use domain::ledger::{Action, Body, Object};
use domain::revocation::{Approved, ItemProgress, ItemState};
use tokio::time::Instant;

use super::Executor;
use super::take_on::Left;
use crate::abort::{Point, abort_at};
use crate::journal::system;
use crate::retry::{finding_changed, unless_raced};

/// How long a certificate is tried again that gets no answer or no good one.
const GIVE_UP: Duration = Duration::from_secs(3600);

/// How long a certificate is left alone that the CA is about already.
const BUSY: Duration = Duration::from_secs(3);

/// What came of a call.
#[derive(Debug)]
pub(super) enum Answer {
    /// It is recorded.
    Settled(Box<ItemProgress>),
    /// It is to be called again, later; its mark stays, as whether it was done is not known for sure.
    Later(String),
    /// So too, and it was waited for a while: it says nothing of others.
    Again,
    /// Somebody has to see to the authority or the credentials. The text is AWS's.
    Denied(String),
}

impl Executor {
    /// Revokes, and records what came of it. `left` is marked: after a crash the next one calls again and knows why the CA
    /// says that it was revoked before.
    ///
    /// # Errors
    /// What came of it could not be recorded.
    pub(super) async fn call(
        &self,
        approved: &Approved,
        mut left: Left,
        first: bool,
        lease: &Lease,
    ) -> (Left, Result<Answer, AwsError>) {
        let request = approved.request();
        let called = *left.called.get_or_insert_with(Instant::now);
        let answer = self.aws.revoke_certificate(&request.authority, left.serial(), request.reason).await;
        abort_at(Point::AfterRevokeCall);
        let marked = left.item.called();
        let earlier = marked.filter(|_| !first);
        let state = match outcome(answer, marked, earlier, called.elapsed(), self.clock.now()) {
            Ok(state) => state,
            Err(answer) => {
                if matches!(answer, Answer::Again) {
                    tokio::time::sleep(BUSY).await;
                }
                return (left, Ok(answer));
            }
        };
        let done = ItemProgress { item: state, ..left.item.clone() };
        let recorded = self.record(approved, &left, &done, !first, lease).await;
        abort_at(Point::AfterRevokeRecord);
        (left, recorded.map(|()| Answer::Settled(Box::new(done))))
    }

    /// Writes an outcome, resolves the findings that it settles, and leaves word for the inventory.
    async fn record(
        &self,
        approved: &Approved,
        left: &Left,
        item: &ItemProgress,
        tried: bool,
        lease: &Lease,
    ) -> Result<(), AwsError> {
        let request = approved.request();
        let write = || async {
            let mut changes = vec![self.aws.save_item(&request.id, item, lease)?];
            let mut body = self.told(approved, item, tried);
            if let ItemState::Revoked { at, before } = item.item {
                if let Some(inventory) = left.inventory.clone() {
                    let untold = Untold::of(request, item.serial, inventory, at, before && !tried);
                    changes.push(self.aws.tell_later(&untold)?);
                }
                let findings = self.aws.findings_of(&request.authority.id(), item.serial).await?;
                let resolved = findings.iter().filter_map(|finding| {
                    finding.resolved(request.id.clone(), body.at).map(|next| (next, finding.version))
                });
                let mut names = Vec::new();
                for (finding, version) in resolved {
                    changes.push(self.aws.save_finding(&finding, Some(version), body.at)?);
                    names.push(finding.id.kind.name());
                }
                if !names.is_empty() {
                    body = body.with("findings_resolved", names.join(", "));
                }
            }
            self.journal.commit(changes, &body).await
        };
        unless_raced(finding_changed, write).await.map(drop)
    }

    fn told(&self, approved: &Approved, item: &ItemProgress, tried: bool) -> Body {
        let request = approved.request();
        let object = Object::Certificate { authority: request.authority.clone(), serial: item.serial };
        let told = |action| {
            let body = self.journal.told(system("executor"), action, object);
            body.with("request", &request.id).with("reason", request.reason)
        };
        match &item.item {
            ItemState::Revoked { before: false, .. } => told(Action::CertificateRevoked),
            ItemState::Revoked { before: true, .. } if tried => told(Action::CertificateRevoked)
                .with("answer", "revoked before, by a call that got no answer or by somebody else"),
            ItemState::Revoked { before: true, .. } => {
                told(Action::CertificateRevoked).with("answer", "revoked before, by somebody else")
            }
            ItemState::Failed { error, .. } => told(Action::RevocationFailed).with("error", error),
            state => told(Action::RevocationFailed).with("error", format!("unexpected: {state:?}")),
        }
    }
}

/// What an answer makes of a certificate. `marked`: since when calls may have revoked it; `earlier`: the same without this
/// one; `tried`: for how long it is tried by now.
fn outcome(
    answer: Result<Revocation, NotYet>,
    marked: Option<Timestamp>,
    earlier: Option<Timestamp>,
    tried: Duration,
    now: Timestamp,
) -> Result<ItemState, Answer> {
    match answer {
        Ok(Revocation::Revoked) => Ok(ItemState::Revoked { at: now, before: false }),
        Ok(Revocation::AlreadyRevoked) => Ok(ItemState::Revoked { at: earlier.unwrap_or(now), before: true }),
        Ok(Revocation::Refused(error)) => Ok(ItemState::Failed { at: now, error, unsure: None }),
        Err(NotYet::Later(error) | NotYet::Busy(error)) if tried > GIVE_UP => {
            let error = format!("no answer within an hour, so that it may be revoked or not: {error}");
            Ok(ItemState::Failed { at: now, error, unsure: marked })
        }
        Err(NotYet::Later(error)) => Err(Answer::Later(error.to_string())),
        Err(NotYet::Busy(_)) => Err(Answer::Again),
        Err(NotYet::Authority(error) | NotYet::Everything(error)) => Err(Answer::Denied(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + seconds).unwrap()
    }

    fn throttled() -> Result<Revocation, NotYet> {
        let (operation, resource) = ("acm-pca:RevokeCertificate", "the authority".to_owned());
        Err(NotYet::Later(AwsError::Throttled { operation, resource }))
    }

    #[test]
    fn what_gets_no_answer_is_tried_again_until_a_deadline() {
        let soon = outcome(throttled(), Some(at(1)), None, GIVE_UP, at(9));
        assert!(matches!(soon, Err(Answer::Later(_))), "{soon:?}");
        let late = outcome(throttled(), Some(at(1)), None, GIVE_UP + Duration::from_secs(1), at(9)).unwrap();
        assert!(
            matches!(&late, ItemState::Failed { error, unsure, .. } if error.contains("within an hour") && *unsure == Some(at(1))),
            "{late:?}"
        );
    }

    #[test]
    fn what_was_marked_before_was_revoked_then() {
        let before =
            outcome(Ok(Revocation::AlreadyRevoked), Some(at(2)), Some(at(1)), Duration::ZERO, at(9)).unwrap();
        assert_eq!(before, ItemState::Revoked { at: at(1), before: true });
        let by_others =
            outcome(Ok(Revocation::AlreadyRevoked), Some(at(2)), None, Duration::ZERO, at(9)).unwrap();
        assert_eq!(by_others, ItemState::Revoked { at: at(9), before: true });
    }
}
