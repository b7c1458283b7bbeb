//! The command line.

mod ledger;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::Timestamp;

use crate::config::parse_duration;
use crate::logging::LogFormat;
pub use ledger::{EntryProof, Ledger, LogKey, LogPlace, VerifyLedger, Witness};

/// Watches over private certificate authorities, and revokes only what two people agreed on.
#[derive(Parser)]
#[command(name = "countersign", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// How log lines are written; COUNTERSIGN_LOG filters them (as `RUST_LOG` does elsewhere).
    #[arg(long, global = true, env = "COUNTERSIGN_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the console: pages, sign-in, requests, decisions.
    Serve(Serve),
    /// Read the trail, raise alerts, make runs, and carry out what is approved.
    Work(ConfigFile),
    /// Write a first configuration where there is none; then make the console's table in DynamoDB, or switch on what is off in one that
    /// is there. Safe to repeat.
    Init(Init),
    /// Say everything that is wrong with the configuration, and try each resource that it names.
    Check(Check),
    /// Ask a process on this machine whether it is alive: for containers, in which there is no other program.
    Health(Health),
    /// Reconcile without a browser: one authority, or files that were downloaded before.
    Reconcile(Reconcile),
    /// What CloudTrail delivered, as it was downloaded.
    #[command(subcommand)]
    Trail(Trail),
    /// What somebody has exported from the console.
    #[command(subcommand)]
    Verify(Verify),
    /// The log that the ledger is made into, without the console.
    #[command(subcommand)]
    Ledger(Ledger),
}

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    pub file: ConfigFile,
    /// Do the work of `countersign work` in this process as well: for trying. It then may hold credentials that revoke.
    #[arg(long)]
    pub with_work: bool,
}

#[derive(Args)]
pub struct Init {
    #[command(flatten)]
    pub file: ConfigFile,
    /// Say what would be written or done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub answers: Answers,
}

/// What a first configuration needs to know; what is left out is asked for on a terminal.
#[derive(Args, Default)]
#[command(next_help_heading = "First configuration")]
pub struct Answers {
    /// The ARN of a private CA to look after; may be repeated.
    #[arg(long)]
    pub authority: Vec<String>,
    /// The S3 bucket that AWS Private CA may write audit reports to.
    #[arg(long)]
    pub report_bucket: Option<String>,
    /// The DynamoDB table that the provisioning service writes.
    #[arg(long)]
    pub inventory_table: Option<String>,
    /// The DynamoDB table for Countersign alone.
    #[arg(long)]
    pub console_table: Option<String>,
    /// The S3 bucket that CloudTrail delivers to.
    #[arg(long)]
    pub trail_bucket: Option<String>,
    /// The ARN of the role that may have certificates issued.
    #[arg(long)]
    pub authorised_issuer: Option<String>,
    /// The S3 bucket of the ledger's log.
    #[arg(long)]
    pub ledger_bucket: Option<String>,
    /// The log's public key.
    #[arg(long)]
    pub ledger_key: Option<String>,
    /// The identity provider, as its discovery document names itself.
    #[arg(long)]
    pub issuer: Option<String>,
    #[arg(long)]
    pub client_id: Option<String>,
    /// The group of those who read everything.
    #[arg(long)]
    pub auditors: Option<String>,
    /// The group of those who triage and request.
    #[arg(long)]
    pub operators: Option<String>,
    /// The group of those who decide on others' requests.
    #[arg(long)]
    pub approvers: Option<String>,
    /// What people type into their browser.
    #[arg(long)]
    pub public_url: Option<String>,
    /// A directory that the program may write to.
    #[arg(long)]
    pub data_dir: Option<String>,
}

impl Answers {
    /// What a flag said.
    pub fn of(&self, flag: &str) -> Option<&String> {
        match flag {
            "report-bucket" => self.report_bucket.as_ref(),
            "inventory-table" => self.inventory_table.as_ref(),
            "console-table" => self.console_table.as_ref(),
            "trail-bucket" => self.trail_bucket.as_ref(),
            "authorised-issuer" => self.authorised_issuer.as_ref(),
            "ledger-bucket" => self.ledger_bucket.as_ref(),
            "ledger-key" => self.ledger_key.as_ref(),
            "issuer" => self.issuer.as_ref(),
            "client-id" => self.client_id.as_ref(),
            "auditors" => self.auditors.as_ref(),
            "operators" => self.operators.as_ref(),
            "approvers" => self.approvers.as_ref(),
            "public-url" => self.public_url.as_ref(),
            "data-dir" => self.data_dir.as_ref(),
            _ => None,
        }
    }

    /// Whether any has said something.
    pub fn any(&self) -> bool {
        let Self { authority, report_bucket, inventory_table, issuer, .. } = self;
        !authority.is_empty()
            || [report_bucket, inventory_table, issuer].iter().any(|answer| answer.is_some())
    }
}

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    pub file: ConfigFile,
    /// Send one notification to each channel, which says that it is a test.
    #[arg(long)]
    pub send_test: bool,
}

#[derive(Args)]
#[command(after_help = "Exit status: 0 alive, 1 not.")]
pub struct Health {
    /// Where the process listens: server.listen of serve, server.operations_listen of work.
    #[arg(default_value = "127.0.0.1:9464")]
    pub address: SocketAddr,
}

#[derive(Args)]
pub struct ConfigFile {
    /// The configuration file; countersign.example.toml explains every key.
    #[arg(long, env = "COUNTERSIGN_CONFIG", default_value = "countersign.toml")]
    pub config: PathBuf,
}

#[derive(Args)]
#[command(
    after_help = "Exit status: 0 everything was compared and nothing found, 2 findings at or above the severity, 3 none, but not everything could be read or judged, 1 could not run."
)]
pub struct Reconcile {
    #[command(flatten)]
    pub file: ConfigFile,
    /// The authority, by ARN or by its name in the configuration. Offline: by ARN, needed only if the inventory holds
    /// items of several.
    #[arg(long, required_unless_present = "report")]
    pub authority: Option<String>,
    /// Offline: an audit report, JSON or CSV, as it was downloaded.
    #[arg(long, requires = "inventory")]
    pub report: Option<PathBuf>,
    /// Offline: the inventory as exported by DynamoDB (DYNAMODB_JSON or ION; the export's folder is held against its
    /// manifests), what `aws dynamodb scan` prints, a list of items, or a table in CSV; plain or gzip; may be repeated.
    #[arg(long, requires = "report", num_args = 1..)]
    pub inventory: Vec<PathBuf>,
    /// Offline: certificates issued less than this before the report are too young to judge [default: 15m].
    #[arg(long, requires = "report", value_parser = parse_duration)]
    pub grace: Option<Duration>,
    /// Offline: the certificate of the authority or of a CA that it signed, PEM or DER; may be repeated. Where the report does
    /// not name templates, nothing else tells it from a device's.
    #[arg(long, requires = "report")]
    pub ca_certificate: Vec<PathBuf>,
    /// Offline: leave out what expired longer than this before the report was made and is not in the inventory, as 90d
    /// [default: a finding of low severity each].
    #[arg(long, requires = "report", value_parser = parse_duration)]
    pub expired_after: Option<Duration>,
    /// Offline: when the report was made, as 2026-02-26T18:39:57Z [default: the time of its file, if its rows
    /// bear that out].
    #[arg(long, requires = "report")]
    pub report_created_at: Option<Timestamp>,
    /// Offline: a downloaded trail, as an AWSLogs folder with or without digests: it says who issued what.
    #[arg(long, requires = "report")]
    pub trail: Option<PathBuf>,
    /// Offline: what `aws cloudtrail list-public-keys` printed; without it, nothing of the trail is proven.
    #[arg(long, requires = "trail")]
    pub public_keys: Option<PathBuf>,
    /// Offline: an authorised issuer, by the ARN of a role with its path or of a user, or an AWS service as
    /// acm.amazonaws.com; may be repeated [default: those of
    /// the configuration file].
    #[arg(long, requires = "trail")]
    pub issuer: Vec<String>,
    /// Trail: Look at nothing before this moment, as 2026-02-26 or 2026-02-26T18:00:00Z: what lies outside is not here, not
    /// missing.
    #[arg(long, requires = "trail")]
    pub from: Option<Timestamp>,
    /// Trail: Look at nothing from this moment on.
    #[arg(long, requires = "trail")]
    pub to: Option<Timestamp>,
    /// Trail: A lifecycle rule removes the trail's objects so long after their delivery, as 90d: they are not here, not missing.
    #[arg(long, requires = "trail", value_parser = parse_duration)]
    pub logs_expire_after: Option<Duration>,
    #[arg(long, default_value = "text")]
    pub format: OutputFormat,
    /// The least severity of a finding that makes the exit status 2.
    #[arg(long, default_value = "low")]
    pub fail_on: FailOn,
}

#[derive(Subcommand)]
pub enum Trail {
    /// Verify digests and log files without AWS, and say exactly what is missing or altered.
    Verify(VerifyTrail),
}

#[derive(Args)]
#[command(after_help = "Exit status: 0 whole, 2 not whole, 1 could not run.")]
pub struct VerifyTrail {
    /// A folder with the trail's files, as `aws s3 sync` makes it from the trail's bucket.
    pub directory: PathBuf,
    /// What `aws cloudtrail list-public-keys --start-time … --end-time …` prints in the trail's Region.
    #[arg(long)]
    pub public_keys: PathBuf,
    /// Look at nothing before this moment, as 2026-02-26 or 2026-02-26T18:00:00Z: what lies outside is not here, not
    /// missing.
    #[arg(long)]
    pub from: Option<Timestamp>,
    /// Look at nothing from this moment on.
    #[arg(long)]
    pub to: Option<Timestamp>,
    /// A lifecycle rule removes the trail's objects so long after their delivery, as 90d: they are not here, not missing.
    #[arg(long, value_parser = parse_duration)]
    pub logs_expire_after: Option<Duration>,
    #[arg(long, default_value = "text")]
    pub format: OutputFormat,
}

#[derive(Subcommand)]
pub enum Verify {
    /// Verify the decisions on a request by the identity provider's signatures, without AWS and network.
    Decision(VerifyDecision),
}

#[derive(Args)]
#[command(after_help = "Exit status: 0 proven to be approved, 2 not proven, 1 could not run.")]
pub struct VerifyDecision {
    /// The decisions as the request's page gives them.
    pub file: PathBuf,
    /// The provider's keys: what its `jwks_uri` answered, kept from the time of the decisions.
    #[arg(long)]
    pub keys: PathBuf,
    #[command(flatten)]
    pub sign_ins: SignIns,
}

/// Whose sign-ins prove what somebody decided.
#[derive(Args)]
pub struct SignIns {
    /// The provider [default: what the ID tokens say of themselves].
    #[arg(long)]
    pub issuer: Option<String>,
    /// The console's client id there [default: what the ID tokens say of themselves].
    #[arg(long)]
    pub client_id: Option<String>,
    /// Where an ID token lists groups, as `oidc.groups_claim`.
    #[arg(long, default_value = "groups")]
    pub groups_claim: String,
    /// A group that makes approvers, as `roles.approver`; may be repeated [default: groups are not looked at].
    #[arg(long)]
    pub approver_group: Vec<String>,
    /// A group that makes operators, as `roles.operator`; may be repeated [default: groups are not looked at].
    #[arg(long)]
    pub operator_group: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Critical,
    High,
    Medium,
    /// Any finding.
    Low,
}

impl From<FailOn> for domain::Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Critical => Self::Critical,
            FailOn::High => Self::High,
            FailOn::Medium => Self::Medium,
            FailOn::Low => Self::Low,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serving_and_working_are_two_commands_and_one_for_trying() {
        let parses = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(parses("countersign serve --config a.toml") && parses("countersign work --config b.toml"));
        assert!(parses("countersign serve --with-work"));
        assert!(!parses("countersign work --with-work"));
    }

    #[test]
    fn offline_needs_both_files_and_online_an_authority() {
        let parses = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(parses("countersign reconcile --authority devices"));
        assert!(parses("countersign reconcile --report r.json --inventory a.json b.json.gz --fail-on high"));
        assert!(parses(
            "countersign reconcile --report r --inventory i --trail t --public-keys k --issuer a --issuer b"
        ));
        assert!(!parses("countersign reconcile --authority devices --trail t"));
        assert!(!parses("countersign reconcile"));
        assert!(!parses("countersign reconcile --report r.json"));
        assert!(!parses("countersign reconcile --authority devices --inventory a.json"));
        assert!(!parses("countersign reconcile --authority devices --grace soon"));
    }
}
