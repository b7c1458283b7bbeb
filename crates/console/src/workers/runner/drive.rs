//! What a run does, from the report to the recorded findings. Every write of it can be repeated: a run that was left
//! behind is done anew from its beginning.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use countersign_aws::{Error as AwsError, Lease};
use domain::found::{Compared, Differences, Found, FoundList};
use domain::ledger::Action;
use domain::reconcile::{Context, Infrastructure, TrailContext};
use domain::revocation::NotExecutable;
use domain::run::{Stage, TrailInputs};
use domain::trail::{Coverage, DigestPosition, Issuers};
use domain::{AuthorityArn, AuthorityId, Run, RunState, Serial};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::mpsc;

use super::Runner;
use super::live::Live;
use super::record::BATCH;
use super::{Stop, object};
use crate::at_the_ca::{self, AtTheCa};
use crate::comparison::Comparison;
use crate::journal::system;
use crate::lease::Guard;
use crate::records::judge::{Disputed, judge};
use crate::records::{MergeError, ReadReport};
use crate::retry::patiently;
use crate::{AuthoritySettings, Error};

/// How many questions to the CA are under way at a time.
const ASKED_TOGETHER: usize = 10;
/// How many runs back is looked for one that has finished.
const RUNS_BEFORE: u32 = 20;

impl Runner {
    /// The certificates whose revocation people here have provably agreed to. In a drill they have agreed to none.
    async fn countersigned(&self, authority: &AuthorityId) -> Result<HashSet<Serial>, Error> {
        let mut serials = HashSet::new();
        let mut requests = pin!(self.aws.countersigned(authority));
        while let Some(request) = requests.try_next().await? {
            if request.is_drill() {
                continue;
            }
            let id = request.id.clone();
            let targets = self.aws.request_targets(&id).await?;
            match self.proofs.approved(request, &targets).await? {
                // A policy that has become stricter since does not make another of what was done under the one before.
                Ok(_) | Err(NotExecutable::Stricter(_)) => {
                    serials.extend(targets.iter().map(|target| target.serial))
                }
                Err(why) => {
                    tracing::error!(request = %id, "request {id} is stored as approved, and that is not proven: {why}");
                }
            }
        }
        Ok(serials)
    }

    /// Does the whole run, and gives it back in its last state.
    ///
    /// # Errors
    /// [`Error::Conflict`]: another replica has taken it over. Others: its end could not be written; it will be taken
    /// up again.
    pub(super) async fn drive(self, run: Run, guard: Guard) -> Result<Run, Error> {
        let live = Arc::new(Live::new(run, guard.lease().clone()));
        // A task of its own: a panic is the end of this run, and not of the process or of the lease's keeper.
        let (runner, part) = (self.clone(), live.clone());
        let mut work = tokio::spawn(async move { runner.reconcile_live(&part).await });
        let outcome = tokio::select! {
            outcome = &mut work => outcome.unwrap_or_else(|panic| {
                tracing::error!(run = %live.run().id, "a run panicked: {panic}");
                Err(Stop::Failed("Something went wrong in Countersign itself; the log has more.".to_owned()))
            }),
            () = live.tell(&self.aws) => Err(Stop::Lost),
            () = guard.lost() => Err(Stop::Lost),
        };
        work.abort();
        let run = live.run();
        let finished_at = Some(self.clock.now());
        let run = match outcome {
            Ok(()) => Run { state: RunState::Finished, stage: Stage::Done, finished_at, ..run },
            Err(Stop::Failed(why)) => {
                tracing::warn!(run = %run.id, "the run {} failed: {why}", run.id);
                Run { state: RunState::Failed, finished_at, failure: Some(why), ..run }
            }
            Err(Stop::Lost) => {
                tracing::warn!(run = %run.id, "the run {} was taken over by another worker", run.id);
                return Err(Error::Conflict("Another worker has taken this run over.".to_owned()));
            }
        };
        self.end_run(&run, guard.lease()).await?;
        guard.give_back().await;
        Ok(run)
    }

    async fn reconcile_live(&self, live: &Arc<Live>) -> Result<(), Stop> {
        let authority = live.run().authority;
        let report = self.obtain_report(live).await?;
        let ReadReport { table, rows, unreadable, truncated, .. } = self.read_report(live, &report).await?;
        let table = Arc::new(table);
        live.change(|run| {
            run.inputs.report_rows = rows;
            run.inputs.report_unreadable = unreadable;
            run.inputs.report_truncated = truncated;
        });

        // After the report was made: what the report has is in the inventory by now, if it ever will be.
        live.enter(Stage::ScanningInventory);
        let counter = live.clone();
        let progress = |items| counter.items.store(items, Ordering::Relaxed);
        let scan = self.records.scan(report.created_at, progress).await?;
        let inventory = scan.table.clone();
        live.items.store(0, Ordering::Relaxed);
        live.change(|run| {
            run.inputs.inventory_items = scan.items.get(&authority).copied().unwrap_or(0);
            run.inputs.inventory_unreadable = scan.unreadable.clone();
            run.inputs.inventory_unread = scan.unread.clone();
            run.inputs.scan_started_at = Some(scan.started_at);
            run.inputs.scan_finished_at = Some(scan.finished_at);
        });

        live.enter(Stage::ReadingTrail);
        let trail = self.trail_context(&authority).await?;
        let (trail, digests) = trail.unzip();

        live.enter(Stage::Comparing);
        let countersigned = self.countersigned(&authority.id()).await?;
        let context = Context {
            authority: authority.clone(),
            report_created_at: report.created_at,
            now: self.clock.now(),
            grace: self.grace,
            report_complete: !truncated,
            requests_known: true,
            infrastructure: self.infrastructure(&authority).await?,
            expired_after: self.expired_after,
            trail: trail.clone(),
        };
        let (sender, mut batches) = mpsc::channel(2);
        let (report_side, inventory_side) = (table.clone(), inventory.clone());
        let judged = self.records.model.blocking(move |database| {
            let mut batch = Vec::with_capacity(BATCH);
            let result = judge(database, &context, &table, &inventory, &countersigned, |disagreement| {
                batch.push(disagreement);
                match batch.len() {
                    BATCH => sender.blocking_send(std::mem::take(&mut batch)),
                    _ => Ok(()),
                }
            });
            // Whoever no longer takes them says why himself.
            let _ = sender.blocking_send(batch);
            Ok(result)
        });
        let recorded = async {
            let mut seen = HashSet::new();
            while let Some(batch) = batches.recv().await {
                seen.extend(batch.iter().map(|found| (found.kind, found.serial)));
                self.record_seen(live, batch).await?;
            }
            Ok::<_, Stop>(seen)
        };
        let judged = async { Ok::<_, Stop>(judged.await?) };
        let (tally, mut seen) = tokio::try_join!(judged, recorded)?;
        let mut tally = match tally {
            Ok(tally) => tally,
            Err(MergeError::Database(error)) => return Err(Error::from(error).into()),
            Err(MergeError::Stopped(_)) => {
                return Err(Stop::Failed("The comparison was broken off.".to_owned()));
            }
        };
        let words = self.ask_the_ca(&authority, &tally.disputed).await;
        for batch in tally.settle(words).chunks(BATCH) {
            seen.extend(batch.iter().map(|found| (found.kind, found.serial)));
            self.record_seen(live, batch.to_vec()).await?;
        }
        let (unclear, undecided) = (std::mem::take(&mut tally.unclear), std::mem::take(&mut tally.undecided));
        let expired_after = self.expired_after.map(|age| age.as_secs());
        live.change(|run| {
            run.inputs.infrastructure = tally.infrastructure;
            run.inputs.managed = tally.managed;
            run.inputs.in_grace = tally.in_grace;
            run.inputs.long_expired = tally.long_expired;
            run.inputs.expired_after = expired_after;
            run.inputs.trail = trail.zip(digests).map(|(trail, digests)| {
                let covered = tally.covered(&trail, report.created_at);
                TrailInputs { digests, ..covered }
            });
            run.inputs.unjudged = tally.unjudged;
            run.counts = tally.counts;
        });
        live.enter(Stage::RecordingFindings);
        let is_unreadable = |serial| {
            report_side.unreadable.contains(&serial)
                || inventory_side.is_unreadable(&authority, serial)
                || unclear.contains(&serial)
                || undecided.contains(&serial)
        };
        // Whoever looks into the lists at the end of the run finds in them what it was made from.
        let show = self.records.model.show(Some(inventory_side.clone()), vec![report_side.clone()]);
        let shown = async { Ok::<_, Stop>(show.await?) };
        tokio::try_join!(self.record_gone(live, &seen, is_unreadable), shown)?;
        let found = seen.into_iter().map(|(kind, serial)| Found { kind, serial }).collect();
        self.keep_found(live, found).await
    }

    /// What it found, for whoever compares runs, held against the finished run before.
    async fn keep_found(&self, live: &Live, found: Vec<Found>) -> Result<(), Stop> {
        let kept = self.aws.keep_found(found).await?;
        let run = live.run();
        let compared = self.compare_with_the_run_before(&run, kept.clone()).await.unwrap_or_else(|error| {
            tracing::error!(run = %run.id, "the run {} is not compared with the one before: {error}", run.id);
            None
        });
        live.change(|run| (run.found, run.compared) = (Some(kept), compared));
        Ok(())
    }

    async fn compare_with_the_run_before(
        &self,
        run: &Run,
        found: FoundList,
    ) -> Result<Option<Compared>, AwsError> {
        let before = self.aws.runs_before(&run.authority.id(), &run.id, RUNS_BEFORE).await?;
        let before = before.into_iter().find(|run| run.state == RunState::Finished);
        let Some((with, earlier)) = before.and_then(|before| Some((before.id, before.found?))) else {
            return Ok(None);
        };
        let mut comparison = Comparison::new(self.aws.clone(), earlier, found);
        let mut counts = Differences::default();
        while let Some((difference, _)) = comparison.next().await? {
            counts.add(difference);
        }
        Ok(Some(Compared { with, counts }))
    }

    /// Whether the CA has these certificates, in their order; `None`: it did not say.
    async fn ask_the_ca(&self, authority: &AuthorityArn, disputed: &[Disputed]) -> Vec<Option<bool>> {
        let serials: Vec<Serial> = disputed.iter().map(|one| one.serial).collect();
        let ask = |serial| self.has(authority, serial);
        stream::iter(serials).map(ask).buffered(ASKED_TOGETHER).collect().await
    }

    async fn has(&self, authority: &AuthorityArn, serial: Serial) -> Option<bool> {
        match patiently(|| at_the_ca::ask(&self.aws, authority, serial)).await {
            // What is not signed yet is no certificate, and no absence either.
            Ok(AtTheCa::InProgress) => None,
            Ok(answer) => Some(answer.is_known()),
            Err(error) => {
                tracing::warn!(%serial, "the CA was asked for {serial}: {error}");
                None
            }
        }
    }

    /// The certificates of CAs that the run knows: those of all authorities that are looked after, as AWS describes them, and
    /// those that are listed.
    async fn infrastructure(&self, run_of: &AuthorityArn) -> Result<Infrastructure, Stop> {
        let mut known = Infrastructure { templates: self.issuers.templates(), ..Infrastructure::default() };
        for AuthoritySettings { authority, known_cas, .. } in self.authorities.iter() {
            known.known.extend(known_cas);
            match patiently(|| self.aws.describe_authority(&authority.arn)).await {
                Ok(details) => {
                    known.ocsp |= details.ocsp.is_some() && authority.arn == *run_of;
                    known.known.extend(details.serial);
                }
                Err(error) if authority.arn == *run_of => return Err(error.into()),
                // Of another, its certificate may be in this report or not.
                Err(error) => tracing::warn!("{} cannot be described: {error}", authority.arn),
            }
        }
        Ok(known)
    }

    /// All events that are there by now, and how far they can be trusted. `None`: no trail is configured.
    async fn trail_context(
        &self,
        authority: &AuthorityArn,
    ) -> Result<Option<(TrailContext, Vec<DigestPosition>)>, Error> {
        let Some((ingester, trail)) = &self.trail else { return Ok(None) };
        // What cannot be read now is told on the pages of the trail; the coverage says what this run could not know.
        if let Err(error) = ingester.pass_for_run().await {
            tracing::warn!("a run goes on with what is known of the trail: {}", error.trace());
        }
        self.records.catch_up().await?;
        let trusted = self.records.trusted(authority.account(), authority.region());
        let context = TrailContext {
            issuers: Issuers::clone(&self.issuers),
            coverage: Coverage::clone(&trusted.coverage),
            delay: trail.delay,
        };
        Ok(Some((context, trusted.digests.clone())))
    }

    async fn end_run(&self, run: &Run, lease: &Lease) -> Result<(), Error> {
        let action = if run.failure.is_some() { Action::RunFailed } else { Action::RunFinished };
        let mut body = self
            .journal
            .told(system("run"), action, object(run))
            .with("report_rows", run.inputs.report_rows)
            .with("report_unreadable", run.inputs.report_unreadable.count)
            .with("inventory_items", run.inputs.inventory_items)
            .with("inventory_unreadable", run.inputs.inventory_unreadable.count)
            .with("opened", run.opened)
            .with("closed", run.closed);
        if let Some(report) = &run.inputs.report {
            body = body.with("report", &report.report_id).with("report_created_at", report.created_at);
            let known = [("report_sha256", &report.sha256), ("report_version", &report.version)];
            for (name, value) in known.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
                body = body.with(name, value);
            }
        }
        let scan = [
            ("scan_started_at", run.inputs.scan_started_at),
            ("scan_finished_at", run.inputs.scan_finished_at),
        ];
        let trail =
            run.inputs.trail.iter().flat_map(|trail| [("trail_from", trail.from), ("trail_to", trail.to)]);
        for (name, at) in scan.into_iter().chain(trail).filter_map(|(name, at)| Some((name, at?))) {
            body = body.with(name, at);
        }
        for (proof, hours) in run.inputs.trail.iter().flat_map(|trail| &trail.hours) {
            body = body.with(&format!("trail_hours_{}", proof.name()), hours);
        }
        let digests = run.inputs.trail.iter().flat_map(|trail| &trail.digests);
        let digests: Vec<String> = digests.map(|one| format!("{}:{}", one.sha256, one.key)).collect();
        if !digests.is_empty() {
            body = body.with_each("trail_digests", digests);
        }
        for (kind, count) in &run.counts {
            body = body.with(kind.name(), count);
        }
        if let Some(found) = &run.found {
            body = body.with_each("found_sha256", found.chunks.iter().cloned());
        }
        if let Some(why) = &run.failure {
            body = body.with("why", why);
        }
        let end = || async { self.journal.commit(self.aws.end_run(run, lease)?, &body).await };
        match patiently(end).await {
            // An answer was lost, and it was done; or the run is somebody else's.
            Ok(_) | Err(AwsError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
