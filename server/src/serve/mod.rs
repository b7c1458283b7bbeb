//! `countersign serve`: the console over HTTP.

mod address;
mod answer;
mod bounce;
mod calendar;
mod connection;
mod evidence;
mod exports;
mod frame;
mod guard;
mod headers;
mod limit;
mod lists;
mod origin;
mod pack;
mod proof;
mod router;
mod taken_along;
mod typed;
mod watch;

pub use pack::maker;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use console::Console;
use tokio::net::TcpListener;

use crate::config::{self, Config, PublicUrl};
use crate::operations::{self, Readiness};
use crate::process::{Kind, Process, say};
use crate::session::Sessions;
use crate::sign_in::{Provider, SignIn};
use crate::{cli, parts, work};
use address::Proxies;
use limit::Limiter;

/// How long the start waits for the identity provider; most often it answers at once, and then nobody sees a console
/// without it.
const PROVIDER: Duration = Duration::from_secs(2);

/// Serves until the process is asked to stop.
///
/// # Errors
/// The configuration is wrong, or something that it names is not there.
pub async fn serve(arguments: cli::Serve) -> anyhow::Result<()> {
    let file = arguments.file.config;
    let config = Config::read(&file)?;
    if let (false, Some(profile)) = (arguments.with_work, &config.aws.executor_profile) {
        bail!(
            "{}: aws.executor_profile: is {profile:?}, and the process that serves pages must not be able to revoke\n    \
             Move it to the configuration of `countersign work`; `serve --with-work` is for trying.",
            file.display()
        );
    }
    if let (false, Some(signer)) =
        (arguments.with_work, config.ledger.as_ref().and_then(|ledger| ledger.signer.as_ref()))
    {
        bail!(
            "{}: {}, and the process that serves pages must not be able to sign the ledger's log\n    \
             Move it to the configuration of `countersign work`; `serve --with-work` is for trying.",
            file.display(),
            signer.setting()
        );
    }
    let secret = config::client_secret()?;
    let process = Process::start(config, Kind::Serve)?;
    let Process { config, clock, stop, .. } = &process;
    let aws = parts::web(config).await;
    let console = Console::new(&parts::parts(config, aws.clone(), clock.clone(), "serve.sqlite")?);
    let listener = TcpListener::bind(config.server.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is another program there?", config.server.listen))?;
    let port = listener.local_addr()?.port();
    let public_url = Arc::new(config.server.public_url.clone().unwrap_or_else(|| PublicUrl::local(port)));
    let provider = Arc::new(Provider::new(config.oidc.clone(), secret, &public_url, clock.clone())?);
    let sign_in = SignIn {
        provider: provider.clone(),
        roles: Arc::new(config.roles.clone()),
        public_url: public_url.clone(),
        sessions: Sessions::new(aws.clone(), clock.clone()),
        console: console.clone(),
        journal: console.journal().clone(),
        aws: aws.clone(),
        clock: clock.clone(),
    };
    let console_aws = aws.clone();
    let readiness = Arc::new(Readiness::new(aws, console.readiness(), Some(provider.clone())));
    let proxies = Proxies(config.server.trusted_proxies.clone().into());
    let limiter = Limiter::new(&config.limits, proxies.clone());
    let router = router::router(sign_in, readiness.clone(), limiter)?;
    let work = match arguments.with_work {
        true => Some(work::prepare(&process, public_url.clone(), maker()).await?),
        false => None,
    };
    if let Some(address) = config.server.operations_listen {
        operations::start(&process, address, readiness).await?;
    }
    process.tell_configuration(console_aws, Kind::Serve);
    let (asking, fresh) = (provider.clone(), stop.clone());
    tokio::spawn(async move { asking.knowledge.keep_fresh(fresh).await });
    let (journal, telling) = (console.journal().clone(), stop.clone());
    tokio::spawn(async move { journal.keep(telling).await });
    let (keeping, fresh) = (console.clone(), stop.clone());
    tokio::spawn(async move { keeping.keep_records(fresh).await });
    provider.knowledge.wait(PROVIDER).await;
    let work = work.map(|work| tokio::spawn(work.run(stop.clone())));
    say(&format!("listening on http://localhost:{port}"))?;
    tracing::info!(url = public_url.origin(), "ready");
    let serving = connection::serve(listener, router, config.limits, proxies, stop.clone());
    process
        .until_stopped(async {
            let serving = async {
                serving.await;
                console.journal().finish().await;
                Ok(())
            };
            let working = async {
                match work {
                    Some(work) => work.await.context("the work ended by a fault"),
                    None => Ok(()),
                }
            };
            tokio::try_join!(serving, working).map(drop)
        })
        .await
}
