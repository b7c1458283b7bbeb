//! Asking an OCSP responder over HTTP. Where to is the authority's configuration's to say and never a certificate's; and
//! since whoever may change that configuration could point it at something inside, only a host's name is taken, never an
//! address, and no name that leads to this machine or to the metadata services that hand out credentials. Nothing but the
//! question is sent, redirects are not followed, and of an answer no more is read than a response can have.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use countersign_aws::authorities::OcspPlace;
use domain::{Serial, Timestamp};
use feeds::ocsp::{Answer, LIMIT, OcspError, Question};
use rand::Rng;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Error;
use crate::error::root;

/// How long a connection, and an answer, may take.
const CONNECT: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(10);

/// Knows how to ask OCSP responders.
#[derive(Clone)]
pub struct Responder {
    http: reqwest::Client,
    /// This machine is allowed: a sandbox's responder is here.
    loopback: bool,
}

impl Responder {
    /// `loopback`: whether this machine may be asked, as in a sandbox.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(loopback: bool) -> Result<Self, Error> {
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .dns_resolver(Arc::new(Outside { loopback }))
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
        if loopback {
            http = http.no_proxy();
        }
        Ok(Self { http: http.build().map_err(Error::internal)?, loopback })
    }

    /// The address of a responder.
    ///
    /// # Errors
    /// The configured name is not one that is asked, for people.
    pub(super) fn address(&self, place: &OcspPlace) -> Result<Url, String> {
        let (OcspPlace::Aws(host) | OcspPlace::Custom(host)) = place;
        let refused = || {
            format!("the OCSP responder is configured as {host:?}, which is no host name: it is not asked")
        };
        let url = Url::parse(&format!("http://{host}/")).map_err(|_| refused())?;
        let is_name = url.domain().is_some() && url.username().is_empty() && url.password().is_none();
        let is_whole = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        // A name has a port only where the sandbox chose one.
        if is_name && is_whole && (url.port().is_none() || self.loopback) { Ok(url) } else { Err(refused()) }
    }

    /// Asks about one certificate of the CA whose own certificate is `issuer`, in PEM.
    ///
    /// # Errors
    /// Why there is no answer, or none that counts; for people.
    pub(super) async fn ask(
        &self,
        url: &Url,
        issuer: &str,
        serial: Serial,
        now: Timestamp,
    ) -> Result<Answer, String> {
        let host = url.host_str().unwrap_or_default();
        let judged = self.asked(url, issuer, serial, now).await?;
        judged.map_err(|error| format!("the answer of the OCSP responder {host} does not count: {error}"))
    }

    /// Whether the responder can be asked, and its answers count. It need not know the certificate that is asked for.
    ///
    /// # Errors
    /// Why not; for people.
    pub async fn try_out(&self, place: &OcspPlace, issuer: &str, now: Timestamp) -> Result<(), String> {
        let serial = Serial::from_bytes(&[1]).map_err(|error| error.to_string())?;
        match self.asked(&self.address(place)?, issuer, serial, now).await? {
            Ok(_) | Err(OcspError::Refused(_)) => Ok(()),
            Err(error) => Err(format!("its answer does not count: {error}")),
        }
    }

    async fn asked(
        &self,
        url: &Url,
        issuer: &str,
        serial: Serial,
        now: Timestamp,
    ) -> Result<Result<Answer, OcspError>, String> {
        let question = Question::new(issuer.as_bytes(), serial, rand::rng().random())
            .map_err(|error| error.to_string())?;
        let body = question.der().map_err(|error| error.to_string())?;
        let fetched = self.fetch(url, body).await;
        let host = url.host_str().unwrap_or_default();
        let bytes = fetched.map_err(|problem| format!("the OCSP responder {host} {problem}"))?;
        Ok(question.read(&bytes, now))
    }

    async fn fetch(&self, url: &Url, body: Vec<u8>) -> Result<Vec<u8>, String> {
        let failed = |error: reqwest::Error| match error.is_timeout() {
            true => "does not answer in time".to_owned(),
            false => format!("cannot be reached: {}", root(&error.without_url())),
        };
        let post = self.http.post(url.clone()).header("Content-Type", "application/ocsp-request").body(body);
        let mut answer = post.send().await.map_err(failed)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(format!("answers {}", answer.status()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > LIMIT {
                return Err(format!("answers with more than {} KiB", LIMIT / 1024));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// Resolves names, and leaves out the addresses that nobody outside has.
struct Outside {
    loopback: bool,
}

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside = found.filter(move |address| is_outside(address.ip(), loopback));
            let outside: Vec<SocketAddr> = outside.collect();
            if outside.is_empty() {
                return Err("its name leads to no address that is asked".into());
            }
            Ok(Box::new(outside.into_iter()) as Addrs)
        })
    }
}

/// Private networks are outside: a responder under a name of one's own is often there.
fn is_outside(address: IpAddr, loopback: bool) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            (loopback || !v4.is_loopback())
                && !(v4.is_link_local() || v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast())
        }
        IpAddr::V6(v6) => {
            // AWS's metadata services: fd00:ec2::/32.
            let is_metadata = v6.segments()[..2] == [0xfd00, 0x0ec2];
            (loopback || !v6.is_loopback())
                && !(is_metadata || v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn responder(loopback: bool) -> Responder {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        Responder::new(loopback).unwrap()
    }

    #[test]
    fn only_a_host_name_is_asked() {
        let address = |host: &str| responder(false).address(&OcspPlace::Custom(host.to_owned()));
        assert_eq!(address("ocsp.example").unwrap().as_str(), "http://ocsp.example/");
        for other in [
            "169.254.169.254",
            "127.0.0.1",
            "[::1]",
            "0x7f000001",
            "2130706433",
            "ocsp.example:8080",
            "ocsp.example/latest/meta-data",
            "user@ocsp.example",
            "a:b@ocsp.example",
            "ocsp.example?a",
            "ocsp.example#a",
            "http://ocsp.example",
            "",
            "ocsp example",
        ] {
            assert!(address(other).is_err(), "{other:?}: {:?}", address(other));
        }
        assert!(responder(true).address(&OcspPlace::Custom("localhost:3004".to_owned())).is_ok());
    }

    #[test]
    fn addresses_of_this_machine_and_of_metadata_are_inside() {
        for inside in [
            "127.0.0.1",
            "127.8.8.8",
            "::1",
            "::ffff:127.0.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
            "fe80::1",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
        ] {
            assert!(!is_outside(inside.parse().unwrap(), false), "{inside}");
        }
        for outside in ["192.0.2.1", "10.0.0.1", "2001:db8::1", "fd12::1"] {
            assert!(is_outside(outside.parse().unwrap(), false), "{outside}");
        }
        assert!(is_outside("127.0.0.1".parse().unwrap(), true));
        assert!(!is_outside("169.254.169.254".parse().unwrap(), true), "not in a sandbox either");
    }

    #[tokio::test]
    async fn a_name_that_leads_here_is_not_asked() {
        let issuer = include_str!("../../../../feeds/test_data/ocsp/ca.pem");
        let asked = async |responder: Responder, host: &str| {
            let url = Url::parse(&format!("http://{host}/")).unwrap();
            let now = Timestamp::from_unix(0).unwrap();
            responder.ask(&url, issuer, "0a".parse().unwrap(), now).await.unwrap_err()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("localhost:{}", listener.local_addr().unwrap().port());
        let refused = asked(responder(false), &here).await;
        assert!(refused.ends_with("its name leads to no address that is asked"), "{refused}");
    }
}
