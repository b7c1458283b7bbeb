//! What is known of the identity provider, and how it stays known: asked for at the start until it answers, then every
//! hour, and when a token names a key that is not known. Whoever signs in meanwhile uses what was known before.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::Timestamp;
use openidconnect::url::Host;
use openidconnect::{ClientSecret, IssuerUrl, RedirectUrl};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use crate::Oidc;
use crate::discovery::Known;

/// How often metadata and keys are asked for.
const REFRESH: Duration = Duration::from_secs(3600);
/// After a failure it is waited so long, and twice as long after each further one, up to the second.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// Keys that are not known yet are asked for at once, but not at every forged token.
const UNKNOWN_KEYS: Duration = Duration::from_secs(60);

/// What the provider said last, and how to ask it again.
pub struct Knowledge {
    pub http: reqwest::Client,
    oidc: Oidc,
    secret: ClientSecret,
    callback: RedirectUrl,
    known: watch::Sender<Option<Arc<Known>>>,
    /// When it was asked for an unknown key, whatever came of it. Held meanwhile.
    asked_for_key: Mutex<Option<Timestamp>>,
}

impl Knowledge {
    /// Nothing is known yet, and nothing is asked.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(oidc: Oidc, secret: ClientSecret, callback: RedirectUrl) -> anyhow::Result<Self> {
        let http = http_client(&oidc.issuer)?;
        let (known, asked_for_key) = (watch::Sender::default(), Mutex::default());
        Ok(Self { http, oidc, secret, callback, known, asked_for_key })
    }

    /// What the provider said last. `None`: it has not answered since the program started.
    pub fn current(&self) -> Option<Arc<Known>> {
        self.known.borrow().clone()
    }

    /// Asks for metadata and keys.
    ///
    /// # Errors
    /// The provider does not answer, or answers for another issuer. What was known stays.
    pub async fn refresh(&self) -> anyhow::Result<()> {
        let known = Known::discover(&self.http, &self.oidc, &self.secret, &self.callback).await?;
        self.known.send_replace(Some(Arc::new(known)));
        Ok(())
    }

    /// What the provider says `now`, for a token whose key is not in `seen`. `None`: nothing new, or it was asked for a
    /// key a moment ago.
    pub async fn newer_than(&self, seen: &Arc<Known>, now: Timestamp) -> Option<Arc<Known>> {
        let mut asked = self.asked_for_key.lock().await;
        let newer = || self.current().filter(|known| !Arc::ptr_eq(known, seen));
        if newer().is_none() {
            if asked.is_some_and(|asked| now.since(asked) < UNKNOWN_KEYS) {
                return None;
            }
            *asked = Some(now);
            if let Err(error) = self.refresh().await {
                let error = format!("{error:#}");
                tracing::warn!(error, "the identity provider's keys could not be read again");
            }
        }
        newer()
    }

    /// Waits until the provider has answered, at most `patience`.
    pub async fn wait(&self, patience: Duration) {
        let mut known = self.known.subscribe();
        drop(tokio::time::timeout(patience, known.wait_for(Option::is_some)).await);
    }

    /// Asks until the provider answers, and from then on every hour, until `stop`.
    pub async fn keep_fresh(&self, stop: CancellationToken) {
        let keep = async {
            let mut retry = RETRY.0;
            loop {
                let wait = match self.refresh().await {
                    Ok(()) => {
                        retry = RETRY.0;
                        REFRESH
                    }
                    Err(error) => {
                        let (error, retry_ms) = (format!("{error:#}"), retry.as_millis());
                        match self.current() {
                            Some(_) => {
                                tracing::warn!(error, retry_ms, "the identity provider does not answer")
                            }
                            None => tracing::error!(error, retry_ms, "nobody can sign in: {error}"),
                        }
                        let wait = retry;
                        retry = (retry * 2).min(RETRY.1);
                        wait
                    }
                };
                tokio::time::sleep(wait).await;
            }
        };
        stop.run_until_cancelled(keep).await.unwrap_or(())
    }
}

/// What the provider is asked with.
pub(crate) fn http_client(issuer: &IssuerUrl) -> anyhow::Result<reqwest::Client> {
    let mut http = reqwest::Client::builder()
        // A provider that redirects its own endpoints could be made to send us anywhere.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15));
    if let Some(Host::Ipv4(_) | Host::Ipv6(_)) = issuer.url().host() {
        http = http.no_proxy();
    }
    http.build().context("the HTTP client for the identity provider")
}
