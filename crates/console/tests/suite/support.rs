//! One sandbox for all tests, and for each test a console's table of its own in it.

use std::future::Future;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use console::{
    AlertSettings, AuthoritySettings, Clock, Console, Parts, ReconcileSettings, RevocationSettings, Work,
};
use countersign_aws::Aws;
use domain::ledger::{Action, Body, Object, decided};
use domain::people::{Person, PersonId};
use domain::revocation::{
    Draft, Execution, Mode, Policy, QuorumRule, Request, RequestId, RequestState, Target, TargetHash, Verdict,
};
use domain::views::DecisionForm;
use domain::{Actor, AuthorityArn, AuthorityId, InventoryItem, RevocationReason, Role, views};
use sandbox::{Description, Options, Sandbox, until};
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use crate::endpoints::{administrator, aws_settings, aws_with, create_table, raw_dynamodb};
use crate::endpoints::{aws, sdk, web};
use crate::items::healthy;
pub use crate::items::{all_planted, in_inventory, lease, planted_as, target, was_revoked};
use crate::signed::{decide, issuer, keys};

/// The sandbox lives as long as the process: its tasks need a runtime that does so too.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static SANDBOX: OnceCell<(Sandbox, Mutex<Vec<InventoryItem>>)> = OnceCell::const_new();
static REPORTS: Mutex<Option<Instant>> = Mutex::const_new(None);

/// Longer than any of them takes.
const LONGEST: Duration = Duration::from_secs(600);

pub fn test(body: impl Future<Output = ()>) {
    test_within(LONGEST, body);
}

pub fn test_within(longest: Duration, body: impl Future<Output = ()>) {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    RUNTIME.block_on(async { tokio::time::timeout(longest, body).await }).unwrap();
}

async fn started() -> &'static (Sandbox, Mutex<Vec<InventoryItem>>) {
    let start = async || {
        let sandbox = Sandbox::start(Options {
            reset: true,
            devices: 240,
            port: 0,
            report_interval: Duration::ZERO,
            report_delay: Duration::from_millis(50),
            issue_delay: Duration::from_millis(20),
            // Long enough to be overdue meanwhile.
            crl_delay: Duration::from_secs(5),
            new_devices_per_minute: 0,
            ..Options::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("suite"))
        });
        let sandbox = sandbox.await.unwrap();
        let healthy = healthy(sandbox.description()).await;
        (sandbox, Mutex::new(healthy))
    };
    SANDBOX.get_or_init(start).await
}

pub async fn description() -> &'static Description {
    started().await.0.description()
}

/// Certificates of the first authority that nothing is wrong with and that nobody else takes.
pub async fn take(count: usize) -> Vec<InventoryItem> {
    let mut healthy = started().await.1.lock().await;
    let rest = healthy.len().checked_sub(count).unwrap();
    healthy.split_off(rest)
}

pub fn authority(description: &Description) -> AuthorityArn {
    description.authorities[0].arn.parse().unwrap()
}

/// `aws`: the web process's way to AWS.
pub fn parts(description: &Description, aws: Aws) -> Parts {
    let arn = authority(description);
    Parts {
        aws,
        authorities: vec![AuthoritySettings {
            authority: views::Authority { arn, name: "devices".to_owned() },
            report_bucket: description.buckets.reports.clone(),
            known_cas: Vec::new(),
        }],
        settings: views::Settings {
            environment: Some("TEST".to_owned()),
            place: "111122223333 · eu-central-1".to_owned(),
            sandbox: true,
            mode: Mode::Live,
            policy: Policy {
                quorum: vec![QuorumRule { from_targets: 3, approvals: 2, ..QuorumRule::default() }],
                request_expiry: Duration::from_secs(3600),
                ..Policy::default()
            },
        },
        reconcile: ReconcileSettings {
            grace: Duration::ZERO,
            expired_after: None,
            report_max_age: Duration::ZERO,
            rescan: Duration::from_secs(2),
            read_model: None,
        },
        schedules: Default::default(),
        revocation: RevocationSettings {
            rate: 20,
            paused: false,
            crl_deadline: Duration::from_secs(3600),
            crl_interval: Duration::from_millis(300),
        },
        trail: None,
        issuers: Default::default(),
        alerts: AlertSettings {
            denied: 5,
            denied_within: Duration::from_secs(600),
            burst: 100,
            burst_within: Duration::from_secs(600),
        },
        notify: Default::default(),
        ledger: None,
        controls: Default::default(),
        clock: Clock::system(),
    }
}

pub async fn person(name: &str, roles: &[Role]) -> Actor {
    let person = Person { id: PersonId::new(&issuer(), name).unwrap(), name: name.to_owned(), human: None };
    let (roles, signed_in_at) = (roles.iter().copied().collect(), Clock::system().now());
    Actor { person, roles, groups: Vec::new(), signed_in_at, strength: Default::default() }
}

/// A console on a table of its own.
pub struct Bench {
    pub parts: Parts,
    pub console: Console,
    /// The worker's way to AWS.
    pub aws: Aws,
    /// The same as this bench's own worker has it.
    executing: Aws,
    pub table: String,
    working: Mutex<Vec<CancellationToken>>,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Parts)) -> Self {
        Self::of(description().await, change).await
    }

    /// In a sandbox of its own.
    pub async fn of(description: &'static Description, change: impl FnOnce(&mut Parts)) -> Self {
        let table = format!("countersign-{}", uuid::Uuid::new_v4());
        create_table(description, &table).await;
        let aws = aws(description, &table);
        let mut parts = parts(description, web(description, &table));
        change(&mut parts);
        let (console, working) = (Console::new(&parts), Mutex::default());
        let bench = Self { console, parts, executing: aws.clone(), aws, table, working };
        bench.read().await;
        bench
    }

    /// The same with another way to AWS.
    pub async fn on(mut self, description: &Description) -> Self {
        self.aws = aws(description, &self.table);
        self.parts.aws = web(description, &self.table);
        self.executing = self.aws.clone();
        self.console = Console::new(&self.parts);
        self.read().await;
        self
    }

    /// Its worker revokes with credentials that may not; [`Bench::another_works`] may.
    pub async fn without_rights() -> Self {
        let mut bench = Self::new().await;
        let description = description().await;
        let reader = sdk(description, "default");
        bench.executing = Aws::with_configs(aws_settings(description, &bench.table), &reader, &reader);
        bench
    }

    /// Somebody who signs in with these roles now.
    pub async fn sign_in(&self, name: &str, roles: &[Role]) -> Actor {
        let mut actor = person(name, roles).await;
        actor.signed_in_at = self.parts.clock.now();
        self.parts.aws.remember_person(&actor, actor.signed_in_at).await.unwrap();
        actor
    }

    pub async fn operator(&self) -> Actor {
        self.sign_in("operator", &[Role::Operator]).await
    }

    pub async fn approver(&self) -> Actor {
        self.sign_in("approver", &[Role::Approver]).await
    }

    /// A request of the operator about these certificates, written without a look at the records.
    pub async fn pending(&self, certificates: &[InventoryItem]) -> Request {
        let targets: Vec<Target> = certificates.iter().map(target).collect();
        self.pending_about(targets).await
    }

    pub async fn pending_about(&self, targets: Vec<Target>) -> Request {
        self.pending_of(authority(description().await), targets).await
    }

    pub async fn pending_of(&self, authority: AuthorityArn, targets: Vec<Target>) -> Request {
        self.asked_by(&self.operator().await, authority, targets).await
    }

    /// The same of this operator.
    pub async fn pending_by(&self, operator: &Actor, certificates: &[InventoryItem]) -> Request {
        let targets = certificates.iter().map(target).collect();
        self.asked_by(operator, authority(description().await), targets).await
    }

    async fn asked_by(&self, operator: &Actor, authority: AuthorityArn, targets: Vec<Target>) -> Request {
        let now = self.parts.clock.now();
        let draft = Draft {
            mode: self.parts.settings.mode,
            authority,
            targets,
            reason: RevocationReason::KeyCompromise,
            justification: "The key was found in a public repository".to_owned(),
            ticket: None,
            finding: None,
            origin: Default::default(),
            alone: None,
            together: Vec::new(),
        };
        let id = uuid::Uuid::now_v7().to_string().parse().unwrap();
        let (request, targets) = draft.freeze(id, operator, &self.parts.settings.policy, &[], now).unwrap();
        self.stored(request, &targets).await
    }

    /// A request as it stands in the table.
    pub async fn stored(&self, request: Request, targets: &[Target]) -> Request {
        let (person, now) = (request.requester.clone(), self.parts.clock.now());
        let who = domain::ledger::Who::Person { person, roles: Vec::new() };
        let body = Body::new(now, who, Action::RevocationRequested, Object::Request(request.id.clone()))
            .with(decided::HASH, &request.hash)
            .with(decided::TARGETS, request.target_count)
            .with(decided::APPROVALS_NEEDED, request.approvals_needed);
        let aws = &self.parts.aws;
        let change = aws.create_request(&request, targets).await.unwrap();
        aws.commit(vec![change], &body).await.unwrap();
        request
    }

    pub async fn approved(&self, certificates: &[InventoryItem]) -> Request {
        let request = self.pending(certificates).await;
        self.approve(&request, "approver").await
    }

    pub async fn approve(&self, request: &Request, name: &str) -> Request {
        let approver = self.sign_in(name, &[Role::Approver]).await;
        let count = Some(request.target_count.to_string());
        let form = DecisionForm { count, ..says(Verdict::Approve, &request.hash) };
        decide(&self.console, &approver, &request.id, form).await.unwrap()
    }

    /// Keeps the records of the console fresh.
    async fn read(&self) {
        let stop = CancellationToken::new();
        self.working.lock().await.push(stop.clone());
        let console = self.console.clone();
        tokio::spawn(async move { console.keep_records(stop).await });
    }

    /// The console with other settings.
    pub async fn replace(&mut self, change: impl FnOnce(&mut Parts)) {
        change(&mut self.parts);
        self.console = Console::new(&self.parts);
        self.read().await;
    }

    /// Lets a worker work in the background.
    pub async fn work(&self) -> tokio::task::JoinHandle<()> {
        self.work_with(Parts { aws: self.executing.clone(), ..self.parts.clone() }).await
    }

    /// Another one, which may revoke.
    pub async fn another_works(&self) -> tokio::task::JoinHandle<()> {
        self.work_with(Parts { aws: self.aws.clone(), ..self.parts.clone() }).await
    }

    pub async fn work_with(&self, parts: Parts) -> tokio::task::JoinHandle<()> {
        let stop = CancellationToken::new();
        self.working.lock().await.push(stop.clone());
        tokio::spawn(Work::new(parts, keys()).unwrap().run(stop))
    }

    /// Tells everybody who works in the background to stop.
    pub async fn stop(&self) {
        self.working.lock().await.drain(..).for_each(|stop| stop.cancel());
    }

    pub fn another(&self) -> Console {
        Console::new(&self.parts)
    }

    pub async fn request(&self, id: &RequestId) -> Request {
        self.aws.request(id).await.unwrap()
    }

    pub async fn execution(&self, id: &RequestId) -> Execution {
        let targets = self.aws.request_targets(id).await.unwrap();
        self.aws.execution(id, &targets).await.unwrap()
    }

    /// Waits until the request is in one of these states.
    pub async fn until(&self, id: &RequestId, states: &[RequestState]) -> Request {
        until(&format!("{states:?}"), async || {
            Some(self.request(id).await).filter(|request| states.contains(&request.state))
        })
        .await
    }

    /// Waits until something keeps the request from being carried out.
    pub async fn until_problem(&self, id: &RequestId) -> Request {
        let problem = async || Some(self.request(id).await).filter(|request| request.problem.is_some());
        until("a problem", problem).await
    }

    /// Makes a run and waits for its end, and until the console has its records.
    pub async fn run(&self) {
        self.run_of(&authority(description().await).id()).await;
    }

    pub async fn run_of(&self, authority: &AuthorityId) {
        let mut last = REPORTS.lock().await;
        // time passes: one report a second, as AWS grants it.
        tokio::time::sleep_until(*last.get_or_insert_with(Instant::now) + Duration::from_millis(1100)).await;
        let work = Work::new(Parts { aws: self.aws.clone(), ..self.parts.clone() }, keys()).unwrap();
        let (run, _) = work.reconcile(authority).await.unwrap();
        *last = Some(Instant::now());
        let made = Some(run.inputs.report.unwrap().created_at);
        let records = self.console.readiness();
        let is_read = async || (records.report_as_of(authority) >= made && records.is_read()).then_some(());
        until("records of the run", is_read).await;
    }

    /// Waits until the first certificate of the request was seen on the CRL.
    pub async fn until_on_crl(&self, id: &RequestId) {
        until("the CRL's entry", async || self.execution(id).await.items[0].crl_at).await;
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.working.get_mut().iter().for_each(CancellationToken::cancel);
    }
}

/// A decision on what has this hash, without a number.
pub fn says(verdict: Verdict, seen: &TargetHash) -> DecisionForm {
    DecisionForm { verdict, seen: seen.clone(), count: None, comment: Some("Seen.".to_owned()) }
}
