//! The configuration file, read once at start into typed values. All that is wrong with it is said at once, each with
//! its line and its remedy. `countersign.example.toml` explains every key; a test keeps the two in step.

mod alerts;
mod aws;
mod compliance;
mod ledger;
mod limits;
mod notify;
mod oidc;
mod policy;
mod problem;
mod reconcile;
mod schedule;
mod secrets;
mod section;
mod server;
mod trail;
mod value;

use std::path::{Path, PathBuf};

use console::TrailSettings;
use domain::people::RoleGroups;
use domain::revocation::Policy;
use domain::schedule::Schedules;
use domain::trail::Issuers;
use identity::Oidc;
use toml::de::DeTable;

pub use alerts::Alerts;
pub use aws::{Authority, Aws, Inventory};
pub use compliance::read_controls;
pub use ledger::{Ledger, Signer};
pub use limits::Limits;
pub use notify::{Channel, To, WebAddress};
pub use policy::Revocation;
pub use problem::Problems;
pub use reconcile::{GRACE, Reconcile};
pub use secrets::{NotifySecrets, client_secret};
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
    /// Which runs are made by themselves.
    pub schedules: Schedules,
    /// `None`: no trail is read.
    pub trail: Option<TrailSettings>,
    /// Who may have certificates issued.
    pub issuers: Issuers,
    pub alerts: Alerts,
    /// Through what people are told.
    pub notify: Vec<Channel>,
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

    /// Reads a text that is, or is to be, the file at `path`.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Problems> {
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
        let schedules = schedule::schedules(&root, authorities.as_deref());
        let trail = trail::trail(root.section("trail"), aws.as_ref());
        let issuers = trail::issuers(&root);
        let alerts = alerts::alerts(root.section("alerts"));
        let notify = notify::channels(&root, authorities.as_deref());
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
            schedules,
            trail,
            issuers,
            alerts,
            notify,
            ledger: ledger?,
            controls,
        })
    }
}

#[cfg(test)]
mod tests;
