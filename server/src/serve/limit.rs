//! How much one address and one person may ask for, and how often they may be refused.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::error::AppError;
use app::standalone::Standalone;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use domain::PersonId;
use governor::clock::{Clock, MonotonicClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::address::{Peer, Proxies};
use super::answer::refuse;
use crate::{config, sign_in};

/// So many seconds' worth may be asked for at once: a page brings its files along.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// What is counted together: an address (of IPv6, its network of 64 bits, which one machine has as a whole) or a person,
/// as one of 65,536 numbers. So the counters never need more room, whoever comes; that two share one is rare, and nobody
/// can choose with whom.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key(u16);

type Counters = RateLimiter<Key, HashMapStateStore<Key>, MonotonicClock>;

/// The counters of this process. Cheap to clone.
#[derive(Clone)]
pub struct Limiter {
    inner: Arc<Inner>,
}

struct Inner {
    proxies: Proxies,
    address: Counters,
    person: Counters,
    sign_ins: Counters,
    refusals: Counters,
    /// Who was refused too often, until when nothing of theirs is looked at.
    shut_out: Mutex<HashMap<Key, Instant>>,
    clock: MonotonicClock,
    keys: RandomState,
}

/// From where a request came; for the guard, and for the log line of the request.
#[derive(Clone, Copy)]
pub struct Address(pub IpAddr);

/// Who was found to ask; for the log line of the request.
#[derive(Clone)]
pub struct Asker(pub PersonId);

/// Too much was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch {
    pub limit: &'static str,
    /// When it can be asked again.
    pub wait: Duration,
}

impl Limiter {
    pub fn new(limits: &config::Limits, proxies: Proxies) -> Self {
        let counters = |quota| RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock);
        let second = |most: NonZeroU32| Quota::per_second(most).allow_burst(most.saturating_mul(BURST));
        let inner = Inner {
            proxies,
            address: counters(second(limits.address)),
            person: counters(second(limits.person)),
            sign_ins: counters(Quota::per_minute(limits.sign_ins)),
            refusals: counters(Quota::per_minute(limits.refusals)),
            shut_out: Mutex::default(),
            clock: MonotonicClock,
            keys: RandomState::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    fn of_address(&self, address: IpAddr) -> Key {
        let network = match address {
            IpAddr::V4(address) => u64::from(address.to_bits()),
            IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or_default(),
        };
        self.key(&(address.is_ipv6(), network))
    }

    fn of_person(&self, person: &PersonId) -> Key {
        self.key(person)
    }

    fn key(&self, of: &impl std::hash::Hash) -> Key {
        let [.., high, low] = self.inner.keys.hash_one(of).to_be_bytes();
        Key(u16::from_be_bytes([high, low]))
    }

    /// Takes a request of nobody who is signed in, from `address`.
    pub fn admit_stranger(&self, address: Address) -> Result<(), TooMuch> {
        self.not_shut_out(self.of_address(address.0))
    }

    /// Takes a request of this person. What strangers are refused at the same address is not theirs to bear.
    pub fn admit_person(&self, person: &PersonId) -> Result<(), TooMuch> {
        let key = self.of_person(person);
        self.not_shut_out(key)?;
        self.take("person", &self.inner.person, key)
    }

    fn admit_address(&self, address: IpAddr, path: &str) -> Result<(), TooMuch> {
        let key = self.of_address(address);
        self.take("address", &self.inner.address, key)?;
        // A provider may end many sessions at once; what it may not do is counted by its refusals.
        match path.starts_with("/auth/") && path != sign_in::BACK_CHANNEL {
            true => self.take("sign_ins", &self.inner.sign_ins, key),
            false => Ok(()),
        }
    }

    fn take(&self, limit: &'static str, counters: &Counters, key: Key) -> Result<(), TooMuch> {
        let taken = counters.check_key(&key);
        taken.map_err(|not_yet| TooMuch { limit, wait: not_yet.wait_time_from(self.inner.clock.now()) })
    }

    fn not_shut_out(&self, key: Key) -> Result<(), TooMuch> {
        let mut shut_out = self.inner.shut_out.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = shut_out.get(&key) else { return Ok(()) };
        let wait = until.saturating_duration_since(self.inner.clock.now());
        if wait.is_zero() {
            shut_out.remove(&key);
            return Ok(());
        }
        Err(TooMuch { limit: "refusals", wait })
    }

    /// A request was refused: whoever is refused too often is shut out for a while.
    fn refused(&self, key: Key) {
        if let Err(TooMuch { wait, .. }) = self.take("refusals", &self.inner.refusals, key) {
            let until = self.inner.clock.now() + wait;
            self.inner.shut_out.lock().unwrap_or_else(PoisonError::into_inner).insert(key, until);
        }
    }
}

/// Before anything is looked up for a request: whether its address may ask for so much. Afterwards: whether it was refused.
pub async fn limit(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0; 4]), |peer| peer.0);
    let address = limiter.inner.proxies.asker(peer, request.headers());
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(Address(address));
    let mut response = match limiter.admit_address(address, parts.uri.path()) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(too_much) => answer(&parts, too_much),
    };
    response.extensions_mut().insert(Address(address));
    if is_refusal(response.status()) {
        // Whoever is signed in is known by more than an address, which others may share.
        limiter.refused(match response.extensions().get::<Asker>() {
            Some(asker) => limiter.of_person(&asker.0),
            None => limiter.of_address(address),
        });
    }
    response
}

fn is_refusal(status: StatusCode) -> bool {
    use StatusCode as S;
    matches!(
        status,
        S::BAD_REQUEST
            | S::UNAUTHORIZED
            | S::FORBIDDEN
            | S::NOT_FOUND
            | S::METHOD_NOT_ALLOWED
            | S::PAYLOAD_TOO_LARGE
    )
}

/// 429 (RFC 6585 §4), and when to ask again.
pub fn answer(parts: &Parts, too_much: TooMuch) -> Response {
    metrics::counter!("countersign_http_limited_total", "limit" => too_much.limit).increment(1);
    // Whole seconds, rounded up.
    let seconds = too_much.wait.as_secs() + 1;
    let message = format!(
        "More was asked for than the console answers in so short a time. Nothing was changed. Try again in {seconds} s."
    );
    let mut response = refuse(parts, Standalone::too_many(&message), &AppError::Conflict { message });
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> Limiter {
        let most = |number| NonZeroU32::new(number).unwrap();
        let minute = Duration::from_secs(60);
        let limits = config::Limits {
            connections: 8,
            headers: minute,
            body: minute,
            answer: minute,
            idle: minute,
            address: most(10),
            person: most(5),
            sign_ins: most(6),
            refusals: most(3),
        };
        Limiter::new(&limits, Proxies([].into()))
    }

    fn admitted(limiter: &Limiter, address: &str, path: &str, times: usize) -> usize {
        let address = address.parse().unwrap();
        (0..times).filter(|_| limiter.admit_address(address, path).is_ok()).count()
    }

    #[test]
    fn addresses_are_limited_each_for_itself_and_tighter_for_signing_in() {
        let limiter = limiter();
        assert!(admitted(&limiter, "192.0.2.1", "/", 100) < 60);
        assert_eq!(admitted(&limiter, "192.0.2.2", "/auth/login", 20), 6);
        assert_eq!(admitted(&limiter, "192.0.2.2", "/", 5), 5, "the rest still answers");
        assert_eq!(admitted(&limiter, "192.0.2.3", sign_in::BACK_CHANNEL, 20), 20);
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let limiter = limiter();
        assert_eq!(admitted(&limiter, "2001:db8:0:1::1", "/auth/login", 6), 6);
        assert_eq!(admitted(&limiter, "2001:db8:0:1:ffff::2", "/auth/login", 6), 0);
        assert_eq!(admitted(&limiter, "2001:db8:0:2::1", "/auth/login", 6), 6);
    }

    #[test]
    fn whoever_is_refused_too_often_is_shut_out() {
        let limiter = limiter();
        let eve: PersonId = "https://login.example.com|eve".parse().unwrap();
        let olivia: PersonId = "https://login.example.com|olivia".parse().unwrap();
        for _ in 0..3 {
            assert_eq!(limiter.admit_person(&eve), Ok(()));
            limiter.refused(limiter.of_person(&eve));
        }
        assert_eq!(limiter.admit_person(&eve), Ok(()), "three a minute are forgiven");
        limiter.refused(limiter.of_person(&eve));
        let shut_out = limiter.admit_person(&eve).unwrap_err();
        assert_eq!(shut_out.limit, "refusals");
        assert!(shut_out.wait > Duration::from_secs(15) && shut_out.wait <= Duration::from_secs(20));
        assert_eq!(limiter.admit_person(&olivia), Ok(()));
        let address = Address("192.0.2.1".parse().unwrap());
        (0..4).for_each(|_| limiter.refused(limiter.of_address(address.0)));
        assert_eq!(limiter.admit_stranger(address).unwrap_err().limit, "refusals");
        assert_eq!(limiter.admit_stranger(Address("192.0.2.2".parse().unwrap())), Ok(()));
    }
}
