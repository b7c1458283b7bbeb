//! `sandbox`: the command line of the sandbox.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use sandbox::{Console, Description, Options, Sandbox};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// AWS and sign-in on this machine, with a fleet of devices and some trouble in it.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    /// Where the state is kept between starts.
    #[arg(long, default_value = ".sandbox")]
    data: PathBuf,
    /// Throw the kept state away first.
    #[arg(long)]
    reset: bool,
    /// How many healthy devices a new sandbox has.
    #[arg(long, default_value_t = 500)]
    devices: u32,
    /// How many certificates somebody has had issued with a stolen key in the last hours of a new sandbox.
    #[arg(long, default_value_t = 0)]
    incident: u32,
    /// Decides which devices there are, and which of them are in trouble.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The console's port; the ports of the endpoints follow it. 0: those of the last start, or free ones.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The console's program, to be started and stopped with the sandbox.
    #[arg(long)]
    console: Option<PathBuf>,
    /// Directory of the console's files for the browser.
    #[arg(long, requires = "console")]
    site: Option<PathBuf>,
    /// Open the console in a browser when it is ready.
    #[arg(long, requires = "console")]
    open: bool,
    /// Seconds between two audit reports of one authority; 1800 at AWS.
    #[arg(long, default_value = "10", value_parser = seconds)]
    report_interval: Duration,
    /// Seconds that an audit report takes.
    #[arg(long, default_value = "1", value_parser = seconds)]
    report_delay: Duration,
    /// Seconds that a certificate takes.
    #[arg(long, default_value = "0.2", value_parser = seconds)]
    issue_delay: Duration,
    /// Seconds from a revocation to the CRL that has it; about 1800 at AWS.
    #[arg(long, default_value = "5", value_parser = seconds)]
    crl_delay: Duration,
    /// Seconds until CloudTrail delivers a record, at most; about 300 at AWS.
    #[arg(long, default_value = "3", value_parser = seconds)]
    trail_delay: Duration,
    /// Seconds between two digests of the trail; 3600 at AWS.
    #[arg(long, default_value = "20", value_parser = seconds)]
    digest_interval: Duration,
    /// How many devices join the fleet each minute.
    #[arg(long, default_value_t = 3)]
    new_devices_per_minute: u32,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

impl From<Arguments> for Options {
    fn from(arguments: Arguments) -> Self {
        let site = arguments.site;
        Self {
            reset: arguments.reset,
            devices: arguments.devices,
            incident: arguments.incident,
            seed: arguments.seed,
            port: arguments.port,
            report_interval: arguments.report_interval,
            report_delay: arguments.report_delay,
            issue_delay: arguments.issue_delay,
            crl_delay: arguments.crl_delay,
            trail_delay: arguments.trail_delay,
            digest_interval: arguments.digest_interval,
            new_devices_per_minute: arguments.new_devices_per_minute,
            console: arguments.console.map(|program| Console { program, site }),
            ..Self::new(arguments.data)
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,sandbox=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let (data, open) = (arguments.data.clone(), arguments.open);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut sandbox = tokio::select! {
        started = Sandbox::start(arguments.into()) => started?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    greet(sandbox.description(), &data);
    if open {
        open_browser(&sandbox.description().console_url);
    }
    let failure = tokio::select! {
        failure = sandbox.failure() => Some(failure),
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    };
    sandbox.shutdown().await;
    failure.map_or(Ok(()), Err)
}

#[expect(clippy::print_stdout, reason = "this is what the program says to the person who started it")]
fn greet(description: &Description, data: &Path) {
    println!("\nThe sandbox is ready: {}\n", description.console_url);
    println!("Sign in as (there are no passwords):");
    for person in &description.people {
        let roles = if person.roles.is_empty() { "in no group".to_owned() } else { person.roles.join(", ") };
        println!("  {:<18} {:<16} {roles}", person.username, person.name);
    }
    println!("\nWhat people are told (webhook, e-mail and SNS): {}", description.notifications.webhook);
    println!("For other programs: {}", data.join("sandbox.json").display());
    println!("Stop with Ctrl-C. Everything is kept for the next start; --reset begins anew.\n");
}

fn open_browser(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started =
        std::process::Command::new(opener).arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = started.with_context(|| opener.to_owned()) {
        tracing::warn!("no browser could be opened: {error:#}");
    }
}
