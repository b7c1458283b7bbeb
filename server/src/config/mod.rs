//! The configuration file, read once at start into typed values. All that is wrong with it is said at once, each with
//! its line and its remedy. `countersign.example.toml` explains every key; a test keeps the two in step.

mod alerts;
mod aws;
mod compliance;
mod ledger;
mod limits;
mod oidc;
mod policy;
mod problem;
mod reconcile;
mod section;
mod server;
mod trail;
mod value;

use std::path::{Path, PathBuf};

use console::TrailSettings;
use domain::people::RoleGroups;
use domain::revocation::Policy;
use domain::trail::Issuers;
use identity::Oidc;
use openidconnect::ClientSecret;
use toml::de::DeTable;

pub use alerts::Alerts;
pub use aws::{Authority, Aws, Inventory};
pub use compliance::read_controls;
pub use ledger::Ledger;
pub use limits::Limits;
pub use policy::Revocation;
pub use problem::Problems;
pub use reconcile::{GRACE, Reconcile};
pub use server::{PublicUrl, Server};
pub use value::parse_duration;

use section::Document;

/// Everything that the file says, with its defaults.
#[derive(Clone, Debug)]
pub struct Config {
    pub server: Server,
    pub limits: Limits,
    pub aws: Aws,
    /// The table in which Countersign keeps what it knows.
    pub console_table: String,
    pub inventory: Inventory,
    /// At least one, each once.
    pub authorities: Vec<Authority>,
    pub oidc: Oidc,
    pub roles: RoleGroups,
    pub policy: Policy,
    pub revocation: Revocation,
    pub reconcile: Reconcile,
    /// `None`: no trail is read.
    pub trail: Option<TrailSettings>,
    /// Who may have certificates issued.
    pub issuers: Issuers,
    pub alerts: Alerts,
    /// `None`: the ledger is in the table alone.
    pub ledger: Option<Ledger>,
    /// The file that says which controls are served; `None`: Countersign's own.
    pub controls: Option<PathBuf>,
}

impl Config {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// The file cannot be read, or everything that is wrong in it.
    pub fn read(path: &Path) -> Result<Self, Problems> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let remedy = "Name a readable file with --config or COUNTERSIGN_CONFIG; countersign.example.toml is a start.";
            Problems::whole(path, format_args!("cannot be read: {error}"), remedy)
        })?;
        Self::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, Problems> {
        let document = Document::new(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            for error in errors {
                let line = error.span().map(|span| document.line(&span));
                document.report(
                    line,
                    String::new(),
                    error.message(),
                    "Correct the TOML (https://toml.io/en/v1.0.0).",
                );
            }
            return Err(Problems::new(path, document.into_problems()));
        }
        let config = Self::sections(&document, table.get_ref());
        match (config, document.into_problems()) {
            (Some(config), problems) if problems.is_empty() => Ok(config),
            (_, problems) => Err(Problems::new(path, problems)),
        }
    }

    /// `None` only if something was reported. Every section is read before the first `?`, so that each is heard.
    fn sections<'a>(document: &'a Document<'a>, table: &'a DeTable<'a>) -> Option<Self> {
        let root = document.root(table);
        let server = server::server(root.section("server"));
        let limits = limits::limits(root.section("limits"));
        let aws = aws::aws(root.section("aws"));
        let console_table = aws::tables(root.section("tables"));
        let inventory = aws::inventory(root.section("inventory"));
        let authorities = aws::authorities(&root, aws.as_ref());
        let oidc = oidc::oidc(root.section("oidc"));
        let roles = oidc::roles(root.section("roles"));
        let people_claim = oidc::people(root.section("people"));
        let policy = Policy { people_claim, ..policy::policy(root.section("policy")) };
        // How a token is read is policy.
        let (people_claim, iat_counts) = (policy.people_claim.clone(), policy.iat_counts);
        let oidc = oidc.map(|oidc| Oidc { people_claim, iat_counts, ..oidc });
        let roles = roles.besides(policy.groups());
        let revocation = policy::revocation(root.section("revocation"));
        let reconcile = reconcile::reconcile(root.section("reconcile"));
        let trail = trail::trail(root.section("trail"), aws.as_ref());
        let issuers = trail::issuers(&root);
        let alerts = alerts::alerts(root.section("alerts"));
        let ledger = ledger::ledger(root.section("ledger"));
        let controls = compliance::controls(root.section("compliance"));
        root.finish();
        Some(Self {
            server: server?,
            limits,
            aws: aws?,
            console_table: console_table?,
            inventory: inventory?,
            authorities: authorities?,
            oidc: oidc?,
            roles,
            policy,
            revocation,
            reconcile,
            trail,
            issuers,
            alerts,
            ledger: ledger?,
            controls,
        })
    }
}

/// The variable with the secret of this client at the identity provider.
const CLIENT_SECRET: &str = "COUNTERSIGN_OIDC_CLIENT_SECRET";

/// The client's secret, from the environment: it is in no file.
///
/// # Errors
/// It is not set.
pub fn client_secret() -> anyhow::Result<ClientSecret> {
    match std::env::var(CLIENT_SECRET) {
        Ok(secret) if !secret.trim().is_empty() => Ok(ClientSecret::new(secret)),
        _ => Err(anyhow::anyhow!(
            "{CLIENT_SECRET} is not set\n    Set it to the secret that the identity provider gave to this client."
        )),
    }
}

/// The variable with the secret that notifications are signed with.
const WEBHOOK_SECRET: &str = "COUNTERSIGN_WEBHOOK_SECRET";
/// The least length of that secret, in characters.
const WEBHOOK_SECRET_LEAST: usize = 32;

/// The secret of the webhook, from the environment.
///
/// # Errors
/// It is not set, or too short to be hard to guess.
pub fn webhook_secret() -> anyhow::Result<WebhookSecret> {
    const REMEDY: &str =
        "Set it to a text that the webhook's receiver knows too, such as the output of: openssl rand -hex 32";
    match std::env::var(WEBHOOK_SECRET) {
        Ok(secret) if secret.trim().chars().count() >= WEBHOOK_SECRET_LEAST => {
            Ok(WebhookSecret(secret.trim().to_owned()))
        }
        Ok(secret) if !secret.trim().is_empty() => Err(anyhow::anyhow!(
            "{WEBHOOK_SECRET} is shorter than {WEBHOOK_SECRET_LEAST} characters\n    {REMEDY}"
        )),
        _ => Err(anyhow::anyhow!("{WEBHOOK_SECRET} is not set, but alerts.webhook is\n    {REMEDY}")),
    }
}

/// What notifications are signed with. Shows itself to nobody.
#[derive(Clone)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests;
