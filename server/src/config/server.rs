//! `[server]`: where the console listens, and under which address people know it.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use openidconnect::url::{Host, Url};
use toml::de::DeValue;

use super::section::Section;
use super::value::{networks, text};

/// `[server]`.
#[derive(Clone, Debug)]
pub struct Server {
    pub listen: SocketAddr,
    /// Where health and metrics are. `None`: `serve` has none, `work` chooses.
    pub operations_listen: Option<SocketAddr>,
    /// `None`: on this machine only, `http://localhost` with the port that is listened on.
    pub public_url: Option<PublicUrl>,
    /// Those of the proxies in front, whose word on who asks is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// For files that can be thrown away.
    pub data_dir: PathBuf,
    /// What the console calls the place it looks at. `None`: account and Region.
    pub environment: Option<String>,
}

/// The address of the console as browsers see it: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Without a slash at its end, as in an `Origin` header.
    origin: String,
}

impl PublicUrl {
    /// The address of a console that only this machine reaches.
    pub fn local(port: u16) -> Self {
        let origin =
            if port == 80 { "http://localhost".to_owned() } else { format!("http://localhost:{port}") };
        Self { origin }
    }

    /// `https://pki.example.com`, exactly as browsers send it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The whole address of a path that begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl std::str::FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("has a path: the console answers at the root of its host");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user name or password in it");
        }
        match url.scheme() {
            "https" => {}
            // Browsers keep cookies that are `Secure` for this host alone without https.
            "http" if url.host() == Some(Host::Domain("localhost")) => {}
            _ => {
                return Err(
                    "does not begin with https:// (http:// is for localhost only: session cookies need https)",
                );
            }
        }
        Ok(Self { origin: url.origin().ascii_serialization() })
    }
}

pub(super) fn server(section: Section<'_>) -> Option<Server> {
    const LISTEN: &str = "Write an IP address and a port, such as \"127.0.0.1:3000\" or \"[::]:8443\".";
    const OPERATIONS: &str =
        "Write an address and a port of its own that only monitoring reaches, such as \"127.0.0.1:9464\".";
    const PUBLIC_URL: &str =
        "Write what people type into their browser, such as \"https://pki.example.com\".";
    const DATA_DIR: &str = "Name a directory that the server may write to; what is in it can be thrown away.";
    let address = |value: &DeValue<'_>| {
        text(value)?.parse::<SocketAddr>().map_err(|_| "is not an IP address with a port".to_owned())
    };
    let listen = section.optional("listen", LISTEN, address);
    let listen = listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000)));
    let public_url = section
        .optional("public_url", PUBLIC_URL, |value| text(value)?.parse::<PublicUrl>().map_err(str::to_owned));
    if !listen.ip().is_loopback() && public_url.is_none() {
        section.report("public_url", "is missing, and other machines can reach the console", PUBLIC_URL);
    }
    let operations_listen = section.optional("operations_listen", OPERATIONS, address);
    if operations_listen.is_some_and(|operations| overlap(operations, listen)) {
        section.report("operations_listen", "is where strangers reach the console (listen)", OPERATIONS);
    }
    let trusted_proxies = section.optional(
        "trusted_proxies",
        "List the networks of your own proxies, such as \"10.0.1.0/24\", or leave it out if there is none.",
        networks,
    );
    let data_dir = section.required("data_dir", DATA_DIR, |value| text(value).map(PathBuf::from));
    let environment =
        section.optional("environment", "Name what the console looks at, such as \"production\".", text);
    section.finish();
    let trusted_proxies = trusted_proxies.unwrap_or_default();
    Some(Server { listen, operations_listen, public_url, trusted_proxies, data_dir: data_dir?, environment })
}

/// Whether the two cannot be listened on at once.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let everywhere = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (everywhere || one.ip() == other.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin_that_keeps_secure_cookies() {
        let origin = |text: &str| text.parse::<PublicUrl>().map(|url| url.origin);
        assert_eq!(origin("https://PKI.example.com:443/"), Ok("https://pki.example.com".to_owned()));
        assert_eq!(origin("http://localhost:3000"), Ok("http://localhost:3000".to_owned()));
        for wrong in [
            "",
            "pki.example.com",
            "http://pki.example.com",
            "http://127.0.0.1:3000",
            "http://localhost.example.com",
            "https://pki.example.com/console",
            "https://pki.example.com/?a=b",
            "https://me@pki.example.com",
            "ftp://localhost",
            "javascript:alert(1)",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
        assert_eq!(PublicUrl::local(80), "http://localhost".parse().unwrap());
    }
}
