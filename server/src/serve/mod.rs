//! `countersign serve`: the console over HTTP.

mod answer;
mod bounce;
mod frame;
mod guard;
mod headers;
mod origin;
mod router;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::ListenerExt;
use console::Clock;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, PublicUrl};
use crate::journal::Journal;
use crate::notify::Notifier;
use crate::session::Sessions;
use crate::sign_in::{Provider, SignIn};
use crate::{config, parts};

/// Answers `ok` while the program runs; says nothing about AWS.
const HEALTH: &str = "/health";

/// How long requests and work that are under way may take after the program was asked to stop. Whatever is not done
/// then is taken up at the next start.
const STOP: Duration = Duration::from_secs(8);

/// Serves until the process is asked to stop.
///
/// # Errors
/// The configuration is wrong, or something that it names is not there.
pub async fn serve(file: &Path) -> anyhow::Result<()> {
    let config = Config::read(file)?;
    let secret = config::client_secret()?;
    let webhook = match &config.alerts.webhook {
        Some(url) => Some((url.clone(), config::webhook_secret()?)),
        None => None,
    };
    let clock = Clock::system();
    let (aws, worker) = (parts::web(&config).await, parts::worker(&config).await);
    let console = parts::console(&config, aws.clone(), worker.clone(), clock.clone())?;

    let listener = TcpListener::bind(config.server.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is another program there?", config.server.listen))?;
    let port = listener.local_addr()?.port();
    let public_url = Arc::new(config.server.public_url.clone().unwrap_or_else(|| PublicUrl::local(port)));
    let provider = Provider::discover(config.oidc.clone(), secret, &public_url, clock.clone()).await?;
    let notifier = match webhook {
        Some((url, secret)) => Some(Notifier::new(worker, clock.clone(), url, secret, public_url.clone())?),
        None => None,
    };
    let sign_in = SignIn {
        provider: Arc::new(provider),
        roles: Arc::new(config.roles.clone()),
        public_url: public_url.clone(),
        sessions: Sessions::new(aws.clone(), clock.clone()),
        journal: Journal::new(aws.clone(), clock.clone()),
        aws,
        clock,
    };
    let router = router::router(console.clone(), sign_in).await?;

    let stop = stop_when_asked()?;
    let work = tokio::spawn(console.work(stop.clone()));
    if let Some(notifier) = notifier {
        // Whatever is not delivered at the end is delivered after the next start.
        tokio::spawn(notifier.work(stop.clone()));
    }
    // Answers are written in small pieces: without this each waits for the one before it to be acknowledged.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    say_ready(&public_url, port)?;
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP).await;
    };
    let all = async {
        serving.await.context("serving failed")?;
        work.await.context("the background work ended by a fault")
    };
    tokio::select! {
        ended = all => ended?,
        () = overdue => tracing::warn!("stopped with work under way; the next start takes it up"),
    }
    Ok(())
}

/// The line that programs which start this one wait for.
fn say_ready(public_url: &PublicUrl, port: u16) -> anyhow::Result<()> {
    use std::io::Write;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on http://localhost:{port}")?;
    stdout.flush()?;
    tracing::info!(url = public_url.origin(), "ready");
    Ok(())
}

/// Cancelled when the process is asked to stop, from the moment this returns: whoever is told that the program is ready
/// may end it at once.
fn stop_when_asked() -> anyhow::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("asked to stop");
        asked.cancel();
    });
    Ok(stop)
}
