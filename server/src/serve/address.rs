//! From where a request comes: the address of its connection or, behind a proxy that the configuration names, the one
//! that the proxy says.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The other end of a connection.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The proxies in front, by their networks. Cheap to clone.
#[derive(Clone)]
pub struct Proxies(pub Arc<[IpNet]>);

impl Proxies {
    pub fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who asks: the last address of the chain (`X-Forwarded-For`, then the connection's) that is no proxy of ours.
    /// What stands before it anybody can write.
    pub fn asker(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .flat_map(|line| line.to_str().unwrap_or_default().split(','))
            .collect();
        let mut asker = peer;
        for address in forwarded.into_iter().rev() {
            let address = address.trim().parse::<IpAddr>().map(|address| address.to_canonical());
            match address {
                Ok(address) if self.trust(asker) => asker = address,
                _ => break,
            }
        }
        asker
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_proxies_that_are_named_say_who_asks() {
        let proxies = Proxies(["10.0.0.0/8".parse().unwrap(), "2001:db8::/48".parse().unwrap()].into());
        let asker = |peer: &str, lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            proxies.asker(peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(asker("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(asker("2001:db8::1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(asker("10.0.0.1", &["198.51.100.7, 10.2.0.1"]), "198.51.100.7");
        assert_eq!(asker("10.0.0.1", &["198.51.100.7", "10.2.0.1"]), "198.51.100.7");
        // Whatever somebody wrote in front of what our proxy added.
        assert_eq!(asker("10.0.0.1", &["203.0.113.1, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(asker("10.0.0.1", &["198.51.100.7", "203.0.113.1"]), "203.0.113.1");
        assert_eq!(asker("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(asker("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(asker("10.0.0.1", &["198.51.100.7, unknown"]), "10.0.0.1");
        assert_eq!(asker("10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
    }
}
