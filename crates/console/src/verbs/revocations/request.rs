//! Asking for a revocation: exactly what a dry run has shown can be revoked, frozen under a hash.

use countersign_aws::{Error as AwsError, MAX_CHANGES, Thing};
use domain::dry_run::{DryRun, DryRunLine};
use domain::ledger::{Action, Body, Object};
use domain::revocable::asked_for;
use domain::revocation::{
    AskedBefore, Draft, DraftError, Mode, Origin, Proof, Request, RequestId, Salt, Target, Unsigned,
};
use domain::views::{AuthorityNow, RequestForm, Requested, Shown};
use domain::{Actor, AuthorityArn, Finding, FindingId, Permission};
use futures::future::join_all;
use futures::{TryStreamExt, future};
use rand::Rng;

use super::{BATCH, FEW, Foreseen, TRIES, about, with_others, with_proof};
use crate::at_the_ca::{self, AtTheCa};
use crate::new_id::new_id;
use crate::verbs::findings::TOGETHER;
use crate::{Console, Error};

impl Console {
    /// Makes a request of each authority, which wait for approval together; where policy asks for the requester's sign-in, what they are to sign for, and
    /// then nothing is requested yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field. [`Error::Conflict`]: what can be revoked is not what the form has shown; nobody
    /// is to ask for what they have not seen.
    pub async fn request_revocation(&self, actor: &Actor, form: RequestForm) -> Result<Requested, Error> {
        let authority = form.authority.as_ref().map(|id| self.authority(id)).transpose()?;
        let authority = authority.map(|known| &known.authority.arn);
        self.allowed(actor, Permission::Operate, about(authority, &form.of)).await?;
        let Foreseen { runs, .. } = self.foresee(form.authority.as_ref(), &form.of).await?;
        let from = form.finding.as_ref();
        if from.is_some_and(|id| !runs.iter().any(|run| is_about(id, run))) {
            return Err(Error::invalid("finding", "The finding is not about one of these certificates."));
        }
        if let Some(id) = &form.incident {
            self.aws.incident(id).await.map_err(|error| match error {
                AwsError::NotFound { .. } => Error::invalid("incident", "There is no such incident."),
                error => error.into(),
            })?;
        }
        let runs = revocable(self.asking(runs).await, &form.shown)?;
        if runs.is_empty() {
            return Err(DraftError::NoTargets.into());
        }
        let (chosen, mode) = (form.of.words(), if form.drill { Mode::Drill } else { self.settings().mode });
        let ids = runs.iter().map(|_| new_id()).collect::<Result<Vec<RequestId>, _>>()?;
        let mut drafts = Vec::new();
        for (run, id) in runs.into_iter().zip(&ids) {
            let together = ids.iter().filter(|other| *other != id).cloned().collect();
            let finding = from.filter(|finding| is_about(finding, &run)).cloned();
            let targets = self.targets(run.lines, &run.authority, mode).await?;
            let draft = Draft {
                mode,
                authority: run.authority,
                targets,
                reason: form.reason,
                justification: form.justification.clone(),
                ticket: form.ticket.clone(),
                finding,
                origin: Origin { chosen: chosen.clone(), incident: form.incident.clone() },
                alone: form.alone.clone(),
                together,
            };
            drafts.push((id, draft));
        }
        let mut tries = 0;
        loop {
            let mut frozen = Vec::new();
            for (id, draft) in &drafts {
                frozen.push(self.freeze(actor, draft.clone(), (*id).clone()).await?);
            }
            if frozen.iter().any(|(request, _)| request.demands.request_sign_in) {
                return self.to_sign(frozen, chosen).await;
            }
            match self.write(actor, &frozen, &chosen, None).await? {
                Ok(()) => {
                    return Ok(Requested::Made(frozen.into_iter().map(|(request, _)| request).collect()));
                }
                Err(AwsError::Conflict { what: Thing::Finding, .. }) if tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Those of an authority that takes revocations now; one alone is asked for whatever its authority takes.
    async fn asking(&self, runs: Vec<DryRun>) -> Vec<DryRun> {
        if runs.len() == 1 {
            return runs;
        }
        let now = join_all(runs.iter().map(|run| self.authority_now(&run.authority))).await;
        let takes = |(run, now): (DryRun, Option<AuthorityNow>)| {
            (!now.as_ref().is_some_and(AuthorityNow::refuses)).then_some(run)
        };
        runs.into_iter().zip(now).filter_map(takes).collect()
    }

    /// The targets of a request about these, if it has a place now.
    async fn targets(
        &self,
        lines: Vec<DryRunLine>,
        authority: &AuthorityArn,
        mode: Mode,
    ) -> Result<Vec<Target>, Error> {
        let mut targets: Vec<Target> = lines.into_iter().map(|line| line.target).collect();
        self.takes_it(authority, &targets, mode).await?;
        if targets.len() <= FEW {
            for target in targets.iter_mut().filter(|target| target.fingerprint.is_none()) {
                target.fingerprint = self.fingerprint(authority, target).await;
            }
        }
        Ok(targets)
    }

    /// Keeps the targets, for their requester to sign for them.
    async fn to_sign(&self, frozen: Vec<(Request, Vec<Target>)>, chosen: String) -> Result<Requested, Error> {
        for (request, targets) in &frozen {
            self.aws.keep_targets(&request.id, targets, self.clock.now()).await?;
        }
        let mut requests = frozen.into_iter().map(|(request, _)| request);
        let request = requests.next().ok_or(DraftError::NoTargets)?;
        let (others, salt) = (requests.collect(), Salt::new(rand::rng().random()));
        Ok(Requested::ToSign(Box::new(Unsigned { request, others, chosen, salt })))
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
            if let Some((_, why)) = asked_for(&requests, mode, self.clock.now()) {
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

    /// Writes the requests with all that belongs to them, or nothing. `chosen`: how the targets were chosen, in words. `Ok(Err(_))`:
    /// nothing was written, which may be because somebody has changed one of the findings meanwhile.
    pub(super) async fn write(
        &self,
        actor: &Actor,
        frozen: &[(Request, Vec<Target>)],
        chosen: &str,
        proof: Option<&Proof>,
    ) -> Result<Result<(), AwsError>, Error> {
        let (mut changes, mut bodies, now) = (Vec::new(), Vec::new(), self.clock.now());
        for (request, targets) in frozen {
            changes.push(self.aws.create_request(request, targets).await?);
            let mut body = self.requested(actor, request, chosen);
            if let Some(proof) = proof {
                changes.push(self.aws.prove_request(&request.id, proof)?);
                body = with_proof(body.with("signed_in_at", actor.signed_in_at), proof);
            }
            bodies.push(body);
        }
        // One transaction takes them, their entries, and as many findings as there is room for.
        let room = BATCH.min((MAX_CHANGES + 1).saturating_sub(changes.len() + bodies.len()));
        for (id, finding) in self.findings_of_targets(frozen).await?.into_iter().take(room) {
            let noted = finding.revocation_requested(&actor.person, id, now);
            changes.push(self.aws.save_finding(&noted, Some(finding.version), now)?);
        }
        Ok(self.journal.commit_all(changes, &bodies).await)
    }

    /// What the ledger says of it.
    fn requested(&self, actor: &Actor, request: &Request, chosen: &str) -> Body {
        let body = self
            .told(actor, Action::RevocationRequested, Object::Request(request.id.clone()))
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
        let body = with_others(body, request.together.iter());
        match &request.alone {
            Some(alone) => body.with("break_glass", &alone.why),
            None => body,
        }
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

    /// The findings on which the requests are noted, each with its request: those of the targets, unless they are more than a page
    /// of findings; then the one that it comes from. A drill is noted on none: nothing comes of it.
    async fn findings_of_targets(
        &self,
        frozen: &[(Request, Vec<Target>)],
    ) -> Result<Vec<(RequestId, Finding)>, Error> {
        let few = frozen.iter().map(|(_, targets)| targets.len()).sum::<usize>() <= TOGETHER;
        let mut findings = Vec::new();
        for (request, targets) in frozen.iter().filter(|(request, _)| !request.is_drill()) {
            let mut of_request = Vec::new();
            if few {
                for target in targets {
                    of_request.extend(self.aws.findings_of(&request.authority.id(), target.serial).await?);
                }
            } else if let Some(id) = &request.finding {
                of_request.push(self.aws.finding(id).await?);
            }
            findings.extend(of_request.into_iter().map(|finding| (request.id.clone(), finding)));
        }
        findings.retain(|(_, finding)| finding.state.name() != domain::finding::FindingStateName::Closed);
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

/// Whether it is about one of these certificates.
fn is_about(finding: &FindingId, run: &DryRun) -> bool {
    let is_of = |serial| run.lines.iter().any(|line| line.target.serial == serial);
    finding.scope.authority() == Some(&run.authority.id()) && finding.subject.serial().is_some_and(is_of)
}

/// The dry runs without what cannot be revoked, if the rest is what was shown.
fn revocable(mut runs: Vec<DryRun>, shown: &Shown) -> Result<Vec<DryRun>, Error> {
    if runs.iter().any(|run| run.as_of.is_none()) {
        return Err(Error::Conflict(
            "The records have not been read yet, so nothing is known of these certificates. Try again in a moment."
                .to_owned(),
        ));
    }
    let some = |run: &&DryRun| run.revocable().next().is_some();
    let of = |run: &DryRun| Shown::of(run.revocable().map(|line| line.target.serial));
    let now = match &runs[..] {
        [one] => of(one),
        several => {
            Shown::together(several.iter().filter(some).map(|run| (run.authority.id(), of(run))).collect())
        }
    };
    if now == *shown {
        runs.retain(|run| some(&run));
        runs.iter_mut().for_each(|run| run.lines.retain(|line| line.obstacle.is_none()));
        return Ok(runs);
    }
    let refused: Vec<String> = runs
        .iter()
        .flat_map(DryRun::refused)
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
