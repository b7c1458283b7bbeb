//! What Countersign does by itself, over and over, until it is told to stop: the list of its loops.

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::Aws;
use domain::alerts::{Rules, Watched};
use domain::{AuthorityId, Run};
use identity::Keys;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::journal::Journal;
use crate::keep::keep_with;
use crate::lease::{Leases, Pass};
use crate::loops::{Loops, Rhythm};
use crate::proofs::Proofs;
use crate::pulse::Pulse;
use crate::reconciliation::Reconciliation;
use crate::records::{Freshness, Records};
use crate::workers::alerter::{self, Alerter};
use crate::workers::executor::Executor;
use crate::workers::expiry::Expiry;
use crate::workers::ingester::Ingester;
use crate::workers::notifier::{self, Notifier, Sender};
use crate::workers::packer::{PackMaker, Packer};
use crate::workers::prover::{Prover, Responder};
use crate::workers::provider_keys::ProviderKeys;
use crate::workers::raise::Raiser;
use crate::workers::reminder::{self, Reminder};
use crate::workers::runner::Runner;
use crate::workers::scheduler::{self, Scheduler};
use crate::workers::sequencer::{self, Sequencer};
use crate::workers::teller::Teller;
use crate::workers::trail_files::TrailFiles;
use crate::workers::triager::Triager;
use crate::workers::verifier::Verifier;
use crate::workers::watcher::{self, Watcher};
use crate::{Console, Error, Parts};

/// How often what was ordered is looked for without that: what a process left behind.
const ORDERS: Duration = Duration::from_secs(5);
/// How often it is looked whether something is approved, or was left behind by another process.
const EXECUTION: Duration = Duration::from_secs(2);
/// How often it is looked for what the inventory is to be told.
const TELLING: Duration = Duration::from_secs(2);
/// How often a sign of life is given.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How often it is looked whether the identity provider's keys are to be read again.
const PROVIDER_KEYS: Duration = Duration::from_secs(15);
/// How often requests are looked at that nobody decided on.
const EXPIRY: Duration = Duration::from_secs(30);

/// All workers of a process.
pub struct Work {
    aws: Aws,
    provider_keys: ProviderKeys,
    pulse: Arc<Pulse>,
    records: Records,
    runner: Runner,
    executor: Executor,
    teller: Teller,
    prover: Prover,
    expiry: Expiry,
    triager: Triager,
    console: Console,
    leases: Leases,
    /// `None`: this process makes none.
    packer: Option<Packer>,
    scheduler: Scheduler,
    /// `None`: another process has the log's key, and gives entries their places behind what is in the log.
    sequencer: Option<Sequencer>,
    watcher: Watcher,
    notifier: Notifier,
    reminder: Reminder,
    /// `None`: no trail is configured.
    trail: Option<(Ingester, Alerter)>,
    rescan: Duration,
    prove: Duration,
}

impl Work {
    /// # Errors
    /// What delivers notifications cannot be made.
    pub fn new(parts: Parts, keys: Arc<Keys>) -> Result<Self, Error> {
        let records = Records::new(&parts);
        let console = Console::with(&parts, records.clone());
        let Parts {
            aws,
            authorities,
            settings,
            reconcile,
            schedules,
            revocation,
            trail,
            issuers,
            alerts,
            notify,
            ledger,
            clock,
            // For pages alone.
            controls: _,
        } = parts;
        let journal = Journal::new(aws.clone(), clock.clone());
        let critical = settings.policy.dismiss_critical;
        let policy = Arc::new(settings.policy);
        let proofs = Proofs { aws: aws.clone(), clock: clock.clone(), keys, policy };
        let holder: Arc<str> = uuid::Uuid::new_v4().to_string().into();
        let leases = Leases::new(aws.clone(), holder.clone());
        let authorities: Arc<[_]> = authorities.into();
        let watched = authorities
            .iter()
            .map(|one| Watched { arn: one.authority.arn.clone(), report_bucket: one.report_bucket.clone() });
        let watched = watched.collect();
        let trail = trail.map(Arc::new);
        let ingester = trail.clone().map(|trail| {
            let files = TrailFiles { aws: aws.clone(), clock: clock.clone(), trail, memory: Arc::default() };
            let verifier = Verifier { aws: aws.clone(), clock: clock.clone(), files: files.clone() };
            let (aws, clock, leases) = (aws.clone(), clock.clone(), leases.clone());
            Ingester { aws, clock, leases, files, verifier, news: watch::Sender::new(0) }
        });
        let raiser = Raiser { aws: aws.clone(), clock: clock.clone(), journal: journal.clone() };
        let watcher = Watcher {
            aws: aws.clone(),
            clock: clock.clone(),
            leases: leases.clone(),
            raiser: raiser.clone(),
            publishes: ledger.is_some(),
        };
        let scheduler = Scheduler {
            aws: aws.clone(),
            clock: clock.clone(),
            journal: journal.clone(),
            leases: leases.clone(),
            raiser: raiser.clone(),
            authorities: authorities.clone(),
            schedules: Arc::new(schedules),
        };
        let places = ledger.as_ref().is_none_or(|ledger| ledger.signer.is_some());
        let sequencer = places.then(|| Sequencer {
            aws: aws.clone(),
            clock: clock.clone(),
            leases: leases.clone(),
            raiser: raiser.clone(),
            log: ledger.as_ref().and_then(|ledger| {
                let signer = ledger.signer.clone()?;
                Some(sequencer::Written { log: ledger.log(&aws), signer })
            }),
            known: Arc::default(),
        });
        let sender = |channel| Sender::new(channel, &aws);
        let senders: Vec<_> = notify.channels.iter().map(sender).collect::<Result<_, _>>()?;
        let notifier = Notifier {
            aws: aws.clone(),
            clock: clock.clone(),
            leases: leases.clone(),
            raiser: raiser.clone(),
            authorities: authorities.clone(),
            settings: Arc::new(notify),
            senders: senders.into_iter().flatten().collect(),
        };
        let reminder = Reminder {
            aws: aws.clone(),
            clock: clock.clone(),
            journal: journal.clone(),
            records: records.clone(),
            authorities: authorities.clone(),
        };
        let alerter = trail.clone().map(|trail| Alerter {
            aws: aws.clone(),
            clock: clock.clone(),
            records: records.clone(),
            leases: leases.clone(),
            raiser: raiser.clone(),
            rules: Arc::new(Rules {
                issuers: issuers.clone(),
                watched,
                denied: alerts.denied,
                denied_within: alerts.denied_within,
                burst: alerts.burst,
                burst_within: alerts.burst_within,
                trail_bucket: trail.bucket.clone(),
                trail_key: trail.kms_key.clone(),
                delay: trail.delay,
            }),
            trail,
            holes: Arc::default(),
        });
        Ok(Self {
            runner: Runner {
                aws: aws.clone(),
                clock: clock.clone(),
                records: records.clone(),
                journal: journal.clone(),
                leases: leases.clone(),
                proofs: proofs.clone(),
                authorities,
                grace: reconcile.grace,
                expired_after: reconcile.expired_after,
                report_max_age: reconcile.report_max_age,
                issuers: Arc::new(issuers),
                trail: ingester.clone().zip(trail),
            },
            executor: Executor {
                aws: aws.clone(),
                clock: clock.clone(),
                journal: journal.clone(),
                leases: leases.clone(),
                proofs: proofs.clone(),
                raiser,
                log: ledger.as_ref().map(|ledger| ledger.log(&aws)),
                mode: settings.mode,
                paused: revocation.paused,
                rate: revocation.rate,
                resting: Arc::default(),
            },
            teller: Teller {
                aws: aws.clone(),
                records: records.clone(),
                clock: clock.clone(),
                journal: journal.clone(),
                leases: leases.clone(),
                after: Arc::default(),
            },
            triager: Triager {
                aws: aws.clone(),
                clock: clock.clone(),
                journal: journal.clone(),
                leases: leases.clone(),
                records: records.clone(),
                critical,
            },
            prover: Prover::new(
                aws.clone(),
                clock.clone(),
                records.clone(),
                journal.clone(),
                leases.clone(),
                Responder::new(settings.sandbox)?,
                revocation.crl_deadline,
            ),
            pulse: Arc::new(Pulse::new(aws.clone(), clock.clone(), holder)),
            expiry: Expiry { aws: aws.clone(), clock, journal: journal.clone() },
            provider_keys: ProviderKeys { aws: aws.clone(), journal, proofs, told: Arc::default() },
            aws,
            console,
            leases,
            packer: None,
            scheduler,
            sequencer,
            watcher,
            notifier,
            reminder,
            trail: ingester.zip(alerter),
            rescan: reconcile.rescan,
            prove: revocation.crl_interval,
            records,
        })
    }

    /// The same, making packs of evidence as well.
    #[must_use]
    pub fn with_packs(self, make: PackMaker) -> Self {
        let packer = Packer { console: self.console.clone(), leases: self.leases.clone(), make };
        Self { packer: Some(packer), ..self }
    }

    /// Works until `shutdown`: keeps the records fresh, reads the trail, raises alerts, takes up runs, executes what is
    /// approved, proves what is executed, lets requests expire, tells people. Gives back when everything that was
    /// under way has come to a point from which it can go on.
    pub async fn run(self, shutdown: CancellationToken) {
        let Self {
            aws,
            provider_keys,
            pulse,
            records,
            runner,
            executor,
            teller,
            prover,
            expiry,
            triager,
            packer,
            scheduler,
            sequencer,
            watcher,
            notifier,
            reminder,
            trail,
            rescan,
            prove,
            ..
        } = self;
        let mut loops = Loops::new(aws, pulse.clone(), shutdown);
        loops.add("heartbeat", Rhythm::steady(HEARTBEAT), move |_| {
            let pulse = pulse.clone();
            async move { pulse.beat().await }
        });
        keep_with(&mut loops, &records, rescan, trail.as_ref().map(|(ingester, _)| &*ingester.files.trail));
        loops.add("executor", Rhythm::woken(EXECUTION), move |stop| {
            let executor = executor.clone();
            async move { executor.pass(&stop).await }
        });
        loops.add("teller", TELLING, move |stop| {
            let teller = teller.clone();
            async move { teller.pass(&stop).await }
        });
        loops.add("provider_keys", PROVIDER_KEYS, move |_| {
            let provider_keys = provider_keys.clone();
            async move { provider_keys.pass().await }
        });
        loops.add("prover", prove, move |stop| {
            let prover = prover.clone();
            async move { prover.pass(&stop).await }
        });
        loops.add("runner", Rhythm::woken(ORDERS), move |_| {
            let runner = runner.clone();
            async move { runner.pass().await }
        });
        loops.add("expiry", EXPIRY, move |_| {
            let expiry = expiry.clone();
            async move { expiry.pass().await }
        });
        loops.add("triager", Rhythm::woken(ORDERS), move |stop| {
            let triager = triager.clone();
            async move { triager.pass(&stop).await }
        });
        if let Some(packer) = packer {
            loops.add("packer", Rhythm::woken(ORDERS), move |stop| {
                let packer = packer.clone();
                async move { packer.pass(&stop).await }
            });
        }
        loops.add("scheduler", scheduler::INTERVAL, move |_| {
            let scheduler = scheduler.clone();
            async move { scheduler.pass().await }
        });
        if let Some(sequencer) = sequencer {
            loops.add("sequencer", sequencer::INTERVAL, move |stop| {
                let sequencer = sequencer.clone();
                async move { sequencer.pass(&stop).await }
            });
        }
        loops.add("watcher", watcher::INTERVAL, move |_| {
            let watcher = watcher.clone();
            async move { watcher.pass().await }
        });
        loops.add("notifier", notifier::INTERVAL, move |stop| {
            let notifier = notifier.clone();
            // Whatever is not delivered at the end is delivered after the next start.
            async move { stop.run_until_cancelled(notifier.pass()).await.unwrap_or(Ok(Pass::Done)) }
        });
        loops.add("reminder", reminder::INTERVAL, move |_| {
            let reminder = reminder.clone();
            async move { reminder.pass().await }
        });
        if let Some((ingester, alerter)) = trail {
            let (months, ingested) = (ingester.clone(), ingester.news.subscribe());
            loops.add("ingester", Rhythm::steady(ingester.files.trail.interval), move |stop| {
                let ingester = ingester.clone();
                async move { ingester.pass(&stop).await }
            });
            loops.add("months", Rhythm::woken(ORDERS), move |stop| {
                let months = months.clone();
                async move { months.load_months(&stop).await }
            });
            loops.add("alerter", Rhythm::rung(alerter::INTERVAL, ingested), move |stop| {
                let alerter = alerter.clone();
                async move { alerter.pass(&stop).await }
            });
        }
        loops.ended().await;
    }

    /// The way to AWS of the workers.
    pub fn aws(&self) -> &Aws {
        &self.aws
    }

    /// Whether the records have been read.
    pub fn readiness(&self) -> Freshness {
        Freshness(self.records.clone())
    }

    /// Makes a run for the command line, and waits for its end.
    ///
    /// # Errors
    /// [`Error::RunUnderWay`]; [`Error::Conflict`] with the reason when the run failed.
    pub async fn reconcile(&self, authority: &AuthorityId) -> Result<(Run, Reconciliation), Error> {
        self.runner.reconcile(authority).await
    }
}
