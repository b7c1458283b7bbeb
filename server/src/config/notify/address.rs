//! Where channels are. Path and query of an address may hold a token: only the host is ever shown.

use std::fmt;
use std::str::FromStr;

use console::Encryption;
use openidconnect::url::{Host, Url};

/// Stands for the channel's secret in an address.
const SECRET: &str = "{secret}";

/// An address that notifications are posted to.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAddress {
    text: String,
    url: Url,
}

impl WebAddress {
    /// Whether the channel's secret belongs into it.
    pub fn has_secret(&self) -> bool {
        self.text.contains(SECRET)
    }

    /// With the channel's secret where it belongs.
    ///
    /// # Errors
    /// The secret makes something else of it than a longer path or query.
    pub fn with(&self, secret: &str) -> Result<Url, &'static str> {
        let whole: Self = self.text.replace(SECRET, secret).parse()?;
        match whole.url.origin() == self.url.origin() {
            true => Ok(whole.url),
            false => Err("leads to another host with its secret"),
        }
    }

    /// The host, with its port where that is not the usual one.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebAddress({})", self.host())
    }
}

impl FromStr for WebAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user name or password in it");
        }
        if url.fragment().is_some() {
            return Err("has a fragment, which is not sent");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err("does not begin with https:// (http:// is for this machine only)"),
        }
        Ok(Self { text: text.to_owned(), url })
    }
}

/// A server that takes e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub encryption: Encryption,
}

impl MailServer {
    /// Whether what is sent to it can be read on the way.
    pub fn is_open(&self) -> bool {
        self.encryption == Encryption::None
    }
}

impl FromStr for MailServer {
    type Err = &'static str;

    /// On this machine nothing is encrypted with `smtp://`; anywhere else the server must do so.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
        let more = !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some();
        if more || !url.username().is_empty() || url.password().is_some() {
            return Err("has more in it than a host and a port");
        }
        let (encryption, usual) = match url.scheme() {
            "smtps" => (Encryption::Tls, 465),
            "smtp" if is_loopback(&url) => (Encryption::None, 25),
            "smtp" => (Encryption::StartTls, 587),
            _ => return Err("does not begin with smtps:// or smtp://"),
        };
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(usual), encryption })
    }
}

/// Of schemes that a browser does not know, hosts are not read: they may be addresses.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|one: std::net::Ipv4Addr| one.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_encrypted_unless_it_is_on_this_machine() {
        let url = |text: &str| text.parse::<WebAddress>();
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
        assert_eq!(shown, "WebAddress(hooks.example.com)");
    }

    #[test]
    fn a_secret_stays_where_it_belongs() {
        let address: WebAddress = "https://hooks.slack.com/services/{secret}".parse().unwrap();
        assert!(address.has_secret());
        assert_eq!(address.with("T0/B0/x").unwrap().as_str(), "https://hooks.slack.com/services/T0/B0/x");
        let host: WebAddress = "https://hooks.example.com{secret}".parse().unwrap_or(address);
        assert!(host.with(".evil.example/").is_err() || !host.host().contains("evil"));
    }

    #[test]
    fn mail_is_encrypted_unless_the_server_is_on_this_machine() {
        let server = |text: &str| text.parse::<MailServer>();
        let of = |text: &str| server(text).map(|one| (one.port, one.encryption)).unwrap();
        assert_eq!(of("smtps://mail.example.com"), (465, Encryption::Tls));
        assert_eq!(of("smtp://mail.example.com"), (587, Encryption::StartTls));
        assert_eq!(of("smtp://mail.example.com:2525"), (2525, Encryption::StartTls));
        assert_eq!(of("smtp://127.0.0.1:1025"), (1025, Encryption::None));
        assert_eq!(of("smtp://localhost"), (25, Encryption::None));
        for wrong in [
            "mail.example.com",
            "https://mail.example.com",
            "smtps://me:pw@mail.example.com",
            "smtp://a/b",
            "smtps://",
        ] {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }
}
