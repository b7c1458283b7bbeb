//! Asking for a revocation: exactly what a dry run has shown can be revoked, frozen under a hash.

use countersign_aws::{Error as AwsError, Thing};
use domain::dry_run::DryRun;
use domain::ledger::{Action, Object};
use domain::revocable::asked_for;
use domain::revocation::{AskedBefore, Draft, Mode, Proof, Request, RequestId, Salt, Target, Unsigned};
use domain::views::{AuthorityNow, RequestForm, Requested, Shown};
use domain::{Actor, AuthorityArn, Finding, Permission};
use futures::{TryStreamExt, future};
use rand::Rng;

use super::{BATCH, FEW, TRIES, about, with_role};
use crate::at_the_ca::{self, AtTheCa};
use crate::new_id::new_id;
use crate::verbs::findings::TOGETHER;
use crate::{Console, Error};

impl Console {
    /// Makes a request that waits for approval; where policy asks for the requester's sign-in, what they are to sign for, and
    /// then nothing is requested yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field. [`Error::Conflict`]: what can be revoked is not what the form has shown; nobody
    /// is to ask for what they have not seen.
    pub async fn request_revocation(&self, actor: &Actor, form: RequestForm) -> Result<Requested, Error> {
        let authority = &self.authority(&form.authority)?.authority.arn;
        self.allowed(actor, Permission::Operate, about(Some(authority), &form.of)).await?;
        let serials = self.selected(authority, &form.of).await?;
        let from = form.finding.as_ref();
        if from.is_some_and(|id| {
            id.scope.authority() != Some(&form.authority)
                || id.subject.serial().is_none_or(|serial| !serials.contains(&serial))
        }) {
            return Err(Error::invalid("finding", "The finding is not about one of these certificates."));
        }
        let dry_run = self.foretell(authority, serials).await?;
        let chosen = form.of.words();
        let dry_run = revocable(dry_run, &form.shown)?;
        let mut targets: Vec<Target> = dry_run.lines.into_iter().map(|line| line.target).collect();
        let mode = if form.drill { Mode::Drill } else { self.settings().mode };
        self.takes_it(authority, &targets, mode).await?;
        if targets.len() <= FEW {
            for target in targets.iter_mut().filter(|target| target.fingerprint.is_none()) {
                target.fingerprint = self.fingerprint(authority, target).await;
            }
        }
        let draft = Draft {
            mode,
            authority: authority.clone(),
            targets,
            reason: form.reason,
            justification: form.justification,
            ticket: form.ticket,
            finding: form.finding,
            alone: form.alone,
        };
        let id: RequestId = new_id()?;
        let mut tries = 0;
        loop {
            let (request, targets) = self.freeze(actor, draft.clone(), id.clone()).await?;
            if request.demands.request_sign_in {
                self.aws.keep_targets(&id, &targets, self.clock.now()).await?;
                let salt = Salt::new(rand::rng().random());
                return Ok(Requested::ToSign(Box::new(Unsigned { request, chosen, salt })));
            }
            match self.write(actor, &request, &targets, &chosen, None).await? {
                Ok(()) => return Ok(Requested::Made(Box::new(request))),
                Err(AwsError::Conflict { what: Thing::Finding, .. }) if tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether a request about these targets has a place now: the authority takes revocations, and nobody has asked for them. A
    /// form that is posted twice makes one request: for few targets it is known which are about them.
    pub(super) async fn takes_it(
        &self,
        authority: &AuthorityArn,
        targets: &[Target],
        mode: Mode,
    ) -> Result<(), Error> {
        if let Some(now) = self.authority_now(authority).await.filter(AuthorityNow::refuses) {
            return Err(Error::Conflict(format!(
                "Nothing was requested: the authority is {}, and AWS revokes only at one that is ACTIVE or DISABLED.",
                now.status
            )));
        }
        let few = if targets.len() <= FEW { targets } else { &[] };
        for Target { serial, .. } in few {
            let requests = self.aws.requests_of(&authority.id(), *serial).await?;
            if let Some(why) = asked_for(&requests, mode, self.clock.now()) {
                return Err(Error::Conflict(format!("Certificate {}: {why}", serial.colons())));
            }
        }
        Ok(())
    }

    async fn freeze(
        &self,
        actor: &Actor,
        draft: Draft,
        id: RequestId,
    ) -> Result<(Request, Vec<Target>), Error> {
        let before = self.asked_before(actor, &draft.authority).await?;
        Ok(draft.freeze(id, actor, &self.settings().policy, &before, self.clock.now())?)
    }

    /// Writes the request with all that belongs to it. `chosen`: how the targets were chosen, in words. `Ok(Err(_))`: nothing was
    /// written, which may be because somebody has changed one of its findings meanwhile.
    pub(super) async fn write(
        &self,
        actor: &Actor,
        request: &Request,
        targets: &[Target],
        chosen: &str,
        proof: Option<&Proof>,
    ) -> Result<Result<(), AwsError>, Error> {
        let (id, now) = (&request.id, self.clock.now());
        let mut changes = vec![self.aws.create_request(request, targets).await?];
        for finding in self.findings_of_targets(request, targets).await? {
            let noted = finding.revocation_requested(&actor.person, id.clone(), now);
            changes.push(self.aws.save_finding(&noted, Some(finding.version), now)?);
        }
        let mut body = self
            .told(actor, Action::RevocationRequested, Object::Request(id.clone()))
            .with("authority", &request.authority)
            .with("mode", request.mode.name())
            .with("targets", request.target_count)
            .with("chosen", chosen)
            .with("first_serial", request.first_target.serial.colons())
            .with("reason", request.reason)
            .with("justification", &request.justification)
            .with("ticket", request.ticket.as_deref().unwrap_or("-"))
            .with("approvals_needed", request.approvals_needed)
            .with("hash", &request.hash);
        if let Some(alone) = &request.alone {
            body = body.with("break_glass", &alone.why);
        }
        if let Some(proof) = proof {
            changes.push(self.aws.prove_request(id, proof)?);
            body = with_role(body.with("signed_in_at", actor.signed_in_at), proof);
        }
        Ok(self.journal.commit(changes, &body).await.map(drop))
    }

    /// What `actor` has asked for of the same authority, as far back as the policy counts it.
    pub(crate) async fn asked_before(
        &self,
        actor: &Actor,
        authority: &AuthorityArn,
    ) -> Result<Vec<AskedBefore>, Error> {
        let Some(window) = self.settings().policy.window() else { return Ok(Vec::new()) };
        let now = self.clock.now();
        let requests = self.aws.requests_since(now.minus(window));
        let before = |request: Request| request.before(&actor.person, authority, now);
        Ok(requests.try_filter_map(|request| future::ready(Ok(before(request)))).try_collect().await?)
    }

    /// The findings on which the request is noted: those of its targets, unless they are more than a page of findings; then
    /// the one it comes from. A drill is noted on none: nothing comes of it.
    async fn findings_of_targets(
        &self,
        request: &Request,
        targets: &[Target],
    ) -> Result<Vec<Finding>, Error> {
        let authority = request.authority.id();
        let mut findings = Vec::new();
        if request.is_drill() {
            return Ok(findings);
        }
        if targets.len() <= TOGETHER {
            for target in targets {
                findings.extend(self.aws.findings_of(&authority, target.serial).await?);
            }
        } else if let Some(id) = &request.finding {
            findings.push(self.aws.finding(id).await?);
        }
        findings.retain(|finding| finding.state.name() != domain::finding::FindingStateName::Closed);
        findings.truncate(BATCH);
        Ok(findings)
    }

    /// SHA-256 over the certificate's DER; `None` where the CA does not give it now. The hash binds it if it is there.
    async fn fingerprint(&self, authority: &AuthorityArn, target: &Target) -> Option<String> {
        let serial = target.serial;
        match at_the_ca::ask(&self.aws, authority, serial).await {
            Ok(AtTheCa::Signed(details)) => Some(details.fingerprint),
            Ok(AtTheCa::InProgress | AtTheCa::Unknown) => None,
            Ok(AtTheCa::Unreadable(why)) => {
                tracing::warn!(%serial, "the certificate {serial} cannot be read: {why}");
                None
            }
            Err(error) => {
                tracing::warn!(%serial, "no fingerprint of {serial} in the request: {error}");
                None
            }
        }
    }
}

/// How many certificates an error names.
const NAMED: usize = 20;

/// The dry run without what cannot be revoked, if the rest is what was shown.
fn revocable(mut dry_run: DryRun, shown: &Shown) -> Result<DryRun, Error> {
    if dry_run.as_of.is_none() {
        return Err(Error::Conflict(
            "The records have not been read yet, so nothing is known of these certificates. Try again in a moment."
                .to_owned(),
        ));
    }
    let now = Shown::of(dry_run.revocable().map(|line| line.target.serial));
    if now == *shown {
        dry_run.lines.retain(|line| line.obstacle.is_none());
        return Ok(dry_run);
    }
    let refused: Vec<String> = dry_run
        .refused()
        .take(NAMED + 1)
        .map(|(line, obstacle)| format!("{} {obstacle}", line.target.serial.colons()))
        .collect();
    let named = match refused.len() {
        0 => String::new(),
        1..=NAMED => format!(" What cannot be revoked: {}.", refused.join("; ")),
        _ => format!(" What cannot be revoked: {}; and more.", refused[..NAMED].join("; ")),
    };
    Err(Error::Conflict(format!(
        "Nothing was requested: what can be revoked has changed since you were shown it. It was {}, now it is {}.{named} Look at \
         it again.",
        certificates(shown.count),
        match now.count == shown.count {
            true => "as many others".to_owned(),
            false => certificates(now.count),
        }
    )))
}

fn certificates(number: u64) -> String {
    if number == 1 { "1 certificate".to_owned() } else { format!("{number} certificates") }
}
