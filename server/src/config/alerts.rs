//! `[alerts]`: when somebody is told, and where.

use std::fmt;
use std::time::Duration;

use openidconnect::url::{Host, Url};

use super::section::Section;
use super::value::{duration, number, text};

/// `[alerts]`. The secret that notifications are signed with is in the environment.
#[derive(Clone, Debug)]
pub struct Alerts {
    /// `None`: alerts are findings and log lines only.
    pub webhook: Option<WebhookUrl>,
    /// So many refused issuances by one identity…
    pub denied: u32,
    /// …within this time are an alert.
    pub denied_within: Duration,
    /// So many certificates issued for one identity…
    pub burst: u32,
    /// …within this time are an alert.
    pub burst_within: Duration,
}

/// Where notifications are sent. Path and query may hold a token: only the host is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host, with its port where that is not the usual one.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({})", self.host())
    }
}

impl std::str::FromStr for WebhookUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user name or password in it");
        }
        if url.fragment().is_some() {
            return Err("has a fragment, which is not sent");
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if loopback => Ok(Self(url)),
            _ => Err("does not begin with https:// (http:// is for this machine only)"),
        }
    }
}

pub(super) fn alerts(section: Section<'_>) -> Alerts {
    const WEBHOOK: &str =
        "Write an https address that takes notifications, or leave it out: alerts are findings all the same.";
    const DENIED: &str = "Write how many refused issuances are an alert, between 1 and 1000.";
    const BURST: &str = "Write how many certificates for one identity are an alert, between 2 and 200.";
    const WITHIN: &str = "Write within what time, such as \"10m\".";
    let minute = Duration::from_secs(60);
    let webhook = section
        .optional("webhook", WEBHOOK, |value| text(value)?.parse::<WebhookUrl>().map_err(str::to_owned));
    let denied = section.optional("denied", DENIED, number(1..=1000));
    let within = section.optional("denied_within", WITHIN, duration(minute..=1440 * minute));
    let burst = section.optional("burst", BURST, number(2..=200));
    let burst_within = section.optional("burst_within", WITHIN, duration(minute..=1440 * minute));
    section.finish();
    Alerts {
        webhook,
        denied: denied.unwrap_or(5),
        denied_within: within.unwrap_or(10 * minute),
        burst: burst.unwrap_or(100),
        burst_within: burst_within.unwrap_or(10 * minute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_encrypted_unless_it_is_on_this_machine() {
        let url = |text: &str| text.parse::<WebhookUrl>();
        assert_eq!(
            url("https://hooks.example.com:8443/pki?token=s").unwrap().host(),
            "hooks.example.com:8443"
        );
        assert!(url("http://127.0.0.1:9000/").is_ok() && url("http://[::1]:9000/").is_ok());
        for wrong in [
            "",
            "hooks.example.com",
            "http://hooks.example.com/",
            "http://localhost.example.com/",
            "https://me@hooks.example.com/",
            "https://hooks.example.com/#x",
            "file:///etc/passwd",
        ] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        let shown = format!("{:?}", url("https://hooks.example.com/T0K3N?key=s").unwrap());
        assert_eq!(shown, "WebhookUrl(hooks.example.com)");
    }
}
