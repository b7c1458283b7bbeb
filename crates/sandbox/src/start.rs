//! The order in which a sandbox comes up.

use std::path::{Path, PathBuf};

use dynoxide::Database;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clients::{Disguise, Endpoints};
use crate::console::Running;
use crate::description::{self, Description, Notifications};
use crate::dynamodb::{self, Tables};
use crate::fill::{Fill, Outcome};
use crate::fleet::Trouble;
use crate::keys::{ACCOUNT, REGION, Role};
use crate::kms::{self, Kms};
use crate::load::Load;
use crate::oidc::Provider;
use crate::pca::{self, Pca, Quotas};
use crate::ports::{self, Listeners, Ports};
use crate::provisioning::inventory::Inventory;
use crate::provisioning::{self, Issuer};
use crate::s3::{self, Buckets};
use crate::servers::Servers;
use crate::sns::{self, Sns};
use crate::stages::Stages;
use crate::state::{Filled, State, StateFile};
use crate::told::Told;
use crate::trail::{self, Damage, Trail};
use crate::{Options, Sandbox, clients, config, files, fleet, http, incident, planted};

/// Everything of a running sandbox but its endpoints.
pub(crate) struct Up {
    pub(crate) description: Description,
    /// `sandbox.json`, which is there only while the sandbox is ready.
    pub(crate) announcement: PathBuf,
    pub(crate) console: Option<Running>,
    pub(crate) provisioning: JoinHandle<anyhow::Result<()>>,
    pub(crate) provisioning_stop: CancellationToken,
    pub(crate) trail: JoinHandle<()>,
    pub(crate) trail_stop: CancellationToken,
}

/// Brings everything up. If something fails, what has been started is stopped again.
pub(crate) async fn start(options: Options) -> anyhow::Result<Sandbox> {
    let mut servers = Servers::default();
    match bring_up(&options, &mut servers).await {
        Ok(up) => Ok(Sandbox { up, servers }),
        Err(error) => {
            servers.stop().await;
            Err(error)
        }
    }
}

async fn bring_up(options: &Options, servers: &mut Servers) -> anyhow::Result<Up> {
    let file = StateFile::open(options)?;
    let data_dir = options.data_dir.canonicalize()?;
    let announcement = data_dir.join(description::FILE);
    // A sandbox that was killed leaves it behind.
    if announcement.exists() {
        std::fs::remove_file(&announcement)?;
    }
    let listeners = ports::open(options.port, file.get().ports).await?;
    let ports = listeners.ports;
    let state = file.change(|state| {
        state.ports = Some(ports);
        state.clone()
    })?;

    let account = Account {
        endpoints: Endpoints::at(&ports),
        tables: Tables::default(),
        buckets: Buckets::default(),
        ports,
        options,
        state: &state,
    };
    let trail = account.trail(&data_dir)?;
    let dynamodb = data_dir.join("dynamodb.sqlite");
    let database = dynamodb::open(&dynamodb)?;
    let here = (database.clone(), dynamodb.clone());
    let kms = Kms::open(&data_dir.join("ledger.key"), &state.keys)?;
    let pca = account.serve(servers, listeners, &data_dir, (&trail, &kms), here)?;
    let filled = match state.filled.clone() {
        Some(filled) => filled,
        None => {
            pca.set_quotas(Quotas::unlimited());
            let filled =
                account.fill(&Stores { pca: pca.clone(), trail: trail.clone(), database, dynamodb }).await?;
            pca.set_quotas(options.quotas.clone());
            file.change(|state| state.filled = Some(filled.clone()))?;
            filled
        }
    };

    let description = account.describe(&data_dir, &filled)?;
    config::write(&data_dir, &description, &state, &kms.public())?;
    let console = match &options.console {
        Some(console) => Some(console.start(&description, ports.console).await?),
        None => None,
    };
    let provisioning_stop = CancellationToken::new();
    let provisioning = tokio::spawn(provisioning::serve(
        account.issuer(Role::Provisioning)?,
        account.inventory()?,
        filled.authorities,
        file,
        options.new_devices_per_minute,
        provisioning_stop.clone(),
    ));
    let trail_stop = CancellationToken::new();
    let trail = tokio::spawn(trail.serve(trail_stop.clone()));
    files::replace(&announcement, &serde_json::to_vec_pretty(&description)?)?;
    Ok(Up { description, announcement, console, provisioning, provisioning_stop, trail, trail_stop })
}

/// What a new sandbox is filled through, besides its endpoints.
struct Stores {
    pca: Pca,
    trail: Trail,
    database: Database,
    /// The database's file.
    dynamodb: PathBuf,
}

/// What belongs to the sandbox's AWS account.
struct Account<'a> {
    endpoints: Endpoints,
    tables: Tables,
    buckets: Buckets,
    ports: Ports,
    options: &'a Options,
    state: &'a State,
}

impl Account<'_> {
    /// The trail that sees every call.
    fn trail(&self, data_dir: &Path) -> anyhow::Result<Trail> {
        let callers = self.state.keys.iter().map(|key| (key.access_key_id.clone(), key.role));
        Trail::open(
            &data_dir.join("cloudtrail"),
            trail::Options {
                bucket: self.buckets.trail.clone(),
                s3: self.endpoints.s3_client(self.state.key(Role::CloudTrail)?),
                callers: callers.collect(),
                delay: self.options.trail_delay,
                digest_interval: self.options.digest_interval,
                clock: self.options.clock.clone(),
            },
        )
    }

    /// Starts the endpoints.
    fn serve(
        &self,
        servers: &mut Servers,
        listeners: Listeners,
        data_dir: &Path,
        (trail, kms): (&Trail, &Kms),
        (database, dynamodb): (Database, PathBuf),
    ) -> anyhow::Result<Pca> {
        let s3 = s3::router(&data_dir.join("s3"), &self.buckets, &self.state.keys)?;
        let issuer = clients::local(listeners.ports.oidc);
        let clock = self.options.clock.clone();
        let oidc = Provider::new(issuer, self.state.client_secret.clone(), clock.clone())?.router();
        let principal = |role: Role| role.may_call().iter().map(|&name| name.to_owned()).collect();
        let pca = Pca::open(pca::Options {
            data_dir: data_dir.join("acm-pca"),
            region: REGION.to_owned(),
            account: ACCOUNT.to_owned(),
            report_interval: self.options.report_interval,
            report_delay: self.options.report_delay,
            issue_delay: self.options.issue_delay,
            crl_delay: self.options.crl_delay,
            quotas: self.options.quotas.clone(),
            s3: self.endpoints.s3_client(self.state.key(Role::PrivateCa)?),
            principals: config::published(&self.state.keys)
                .map(|key| {
                    let principal = pca::Principal { arn: key.principal(), allowed: principal(key.role) };
                    (key.access_key_id.clone(), principal)
                })
                .collect(),
            observer: trail.observer(),
            clock,
        })?;
        let running = pca.clone();
        let stopped = servers.stopping().cancelled_owned();
        servers.spawn(async move { running.serve(listeners.acm_pca, stopped).await });
        servers.spawn(dynamodb::serve(listeners.dynamodb, database, dynamodb, servers.stopping()));
        servers.spawn(http::serve(listeners.s3, s3, servers.stopping()));
        servers.spawn(http::serve(listeners.oidc, oidc, servers.stopping()));
        servers.spawn(http::serve(listeners.cloudtrail, trail.router(), servers.stopping()));
        servers.spawn(http::serve(listeners.kms, kms.router(), servers.stopping()));
        let told = Told::default();
        let sns = Sns::new(&self.state.keys, told.clone());
        servers.spawn(http::serve(listeners.sns, sns.router(), servers.stopping()));
        servers.spawn(http::serve(listeners.told, told.router(), servers.stopping()));
        servers.spawn(told.mail(listeners.mail, servers.stopping()));
        Ok(pca)
    }

    async fn fill(&self, stores: &Stores) -> anyhow::Result<Filled> {
        let mut stages = Stages::begin();
        let administrator = self.state.key(Role::Administrator)?;
        dynamodb::create_tables(&self.endpoints.dynamodb_client(administrator), &self.tables).await?;
        let fill = Fill {
            clock: self.options.clock.clone(),
            issue_delay: self.options.issue_delay,
            crl_bucket: self.buckets.crl.clone(),
            ocsp: format!("localhost:{}", self.ports.acm_pca),
            administrator: self.endpoints.acm_pca_client(administrator),
            root: self.endpoints.acm_pca_client(self.state.key(Role::Root)?),
            provisioning: self.issuer(Role::Provisioning)?,
            legacy: self.issuer(Role::LegacyDeploy)?,
            thief: self.thief()?,
            build: self.issuer(Role::CiBuild)?,
            inventory: self.inventory()?,
        };
        let State { seed, devices, incident, .. } = *self.state;
        let Outcome { authorities, mut planted, stopped } = fill.run(seed, devices.min(fleet::LIVE)).await?;
        stages.done("issuing certificates");
        let mut next_device = fleet::first_free_number(devices);
        let strangers = fleet::strangers(seed, next_device, incident);
        next_device += incident;
        let (key, now) = (self.state.key(Role::FieldService)?.clone(), self.options.clock.now());
        let load = Load {
            pca: stores.pca.clone(),
            database: stores.database.clone(),
            table: self.tables.inventory.clone(),
            authorities: authorities.clone(),
            now,
        };
        let (file, tables) = (stores.dynamodb.clone(), self.tables.clone());
        let (incident, mut stages) = tokio::task::spawn_blocking(move || {
            load.run(seed, devices)?;
            stages.done("loading the rest of the fleet");
            dynamodb::index_segments(&file, &tables)?;
            stages.done("indexing the inventory");
            let planted = incident::plant(&load.pca, &key, &load.authorities, strangers, now)?;
            stages.done("planting the incident");
            anyhow::Ok((planted, stages))
        })
        .await??;
        planted.extend(incident);
        let serials = |trouble: Trouble| {
            let those = planted.iter().filter(move |one| one.trouble == trouble);
            those.map(|one| one.serial.clone()).collect()
        };
        let damage =
            Damage { deleted: serials(Trouble::LogDeleted), edited: serials(Trouble::LogEdited), stopped };
        let evidence = stores.trail.write_history(damage).await?;
        stages.done("writing the trail's past");
        Ok(Filled { authorities, planted, next_device, evidence })
    }

    /// Who has stolen the provisioning service's key.
    fn thief(&self) -> anyhow::Result<Issuer> {
        let disguise = Disguise {
            address: "192.0.2.66",
            agent: "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux#6.1.0-kali5-amd64 lang/python#3.11.2",
        };
        let client = self.endpoints.disguised(self.state.key(Role::Provisioning)?, disguise);
        Ok(Issuer { client, clock: self.options.clock.clone() })
    }

    fn issuer(&self, role: Role) -> anyhow::Result<Issuer> {
        let client = self.endpoints.acm_pca_client(self.state.key(role)?);
        Ok(Issuer { client, clock: self.options.clock.clone() })
    }

    fn inventory(&self) -> anyhow::Result<Inventory> {
        let client = self.endpoints.dynamodb_client(self.state.key(Role::Provisioning)?);
        Ok(Inventory { client, table: self.tables.inventory.clone() })
    }

    fn describe(&self, data_dir: &Path, filled: &Filled) -> anyhow::Result<Description> {
        let Self { endpoints, tables, buckets, ports, state, .. } = self;
        Ok(Description {
            console_url: format!("http://localhost:{}", ports.console),
            config: data_dir.join("countersign.toml"),
            worker_config: data_dir.join("worker.toml"),
            env: config::environment(data_dir, endpoints, state)?,
            endpoints: endpoints.clone(),
            region: REGION.to_owned(),
            account: ACCOUNT.to_owned(),
            authorities: filled.authorities.clone(),
            tables: tables.clone(),
            buckets: buckets.clone(),
            ledger_key: kms::key_arn(),
            trail_arn: trail::arn(),
            trail_prefix: String::new(),
            oidc: config::sign_in(ports.oidc),
            notifications: Notifications {
                webhook: clients::local(ports.told),
                mail: format!("smtp://127.0.0.1:{}", ports.mail),
                topic: sns::topic_arn(),
            },
            people: description::people(),
            access_keys: config::published(&state.keys).map(description::published).collect(),
            planted: planted::of(filled),
            planted_detail: filled.planted.clone(),
        })
    }
}
