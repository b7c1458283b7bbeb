//! What a log says of revocations, read from its beginning: each was asked for and decided before, by enough people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Action, Body, Object, Who};
use crate::authority::AuthorityArn;
use crate::ids::RequestId;
use crate::people::{Person, PersonId};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// The names of facts that are read here; written by whoever asks, decides and revokes.
pub const HASH: &str = "hash";
/// How many certificates a request is about.
pub const TARGETS: &str = "targets";
/// How many people must approve a request.
pub const APPROVALS_NEEDED: &str = "approvals_needed";
const BREAK_GLASS: &str = "break_glass";
/// The id of the request by which a certificate was revoked.
pub const REQUEST: &str = "request";
/// SHA-256 of the ID token that proves a decision or a request, in hex.
pub const ID_TOKEN: &str = "id_token_sha256";
/// The keys of the identity provider (RFC 7517), one after the other.
pub const KEYS: &str = "keys";

/// An entry does not follow from those before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDecided {
    /// A fact, or who did it, is missing or cannot be read; the text names it.
    #[error("it lacks what an entry of its kind says: {0}")]
    Lacks(&'static str),
    /// Two entries ask for one request.
    #[error("the request {0} was made twice")]
    Again(RequestId),
    /// A certificate was revoked by a request that no entry asks for: its id, as the entry has it.
    #[error("nobody has asked for the request {0} before")]
    NeverAsked(String),
    /// A certificate was revoked by a request that too few people had approved.
    #[error(
        "the request {request} has {given} of the {needed} approvals that it needs, by others than who asked for it"
    )]
    Quorum {
        /// The request's id.
        request: RequestId,
        /// How many people had approved its hash.
        given: usize,
        /// How many had to.
        needed: usize,
    },
    /// A certificate was revoked by a request that had ended.
    #[error("the request {0} was rejected, cancelled or expired before")]
    Ended(RequestId),
    /// More certificates were revoked by a request than it asked for: their number there.
    #[error("the request {0} is about {1} certificates, and one more was revoked")]
    More(RequestId, u64),
}

/// What somebody may prove by a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// A revocation was requested.
    Asked,
    /// A request was approved.
    Approved,
    /// A request was rejected.
    Rejected,
}

/// What somebody has asked for or decided, and where the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The entry's number.
    pub seq: u64,
    /// The request that was approved or rejected.
    pub request: RequestId,
    /// What was done with it.
    pub deed: Deed,
    /// Who did it.
    pub by: PersonId,
    /// See [`HASH`].
    pub hash: String,
    /// See [`ID_TOKEN`]. `None`: it was asked for without a sign-in, or written by a version that did not say it.
    pub id_token: Option<String>,
}

/// A certificate that was revoked by a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The number of the entry that tells of it.
    pub seq: u64,
    /// When the executor recorded it.
    pub at: Timestamp,
    /// The CA said that it was revoked already, or nobody knows what it said: there may be no call of ours.
    pub unsure: bool,
}

/// A request, as far as the log tells of it.
#[derive(Clone, Debug, Default)]
struct Request {
    asked: Option<Asked>,
    /// With the hash that each is about.
    approvals: Vec<(Person, String)>,
    ended: bool,
    revoked: Certificates,
}

/// Certificates by the authority that issued them.
pub type Certificates = BTreeMap<AuthorityArn, BTreeSet<Serial>>;

/// What the log says that a request was about, and what it demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demanded {
    /// How many people had to approve it.
    pub approvals: usize,
    /// How many certificates it is about.
    pub targets: u64,
    /// Whether its requester executes it alone (break-glass).
    pub alone: bool,
}

#[derive(Clone, Debug)]
struct Asked {
    hash: String,
    by: Person,
    demanded: Demanded,
}

/// What the log says of revocations, as far as it was followed.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    requests: BTreeMap<RequestId, Request>,
    /// All requests that were asked for, approved or rejected, in the order of the log.
    pub told: Vec<Told>,
    /// All certificates that were revoked here, each by the first entry that tells of it.
    pub revoked: BTreeMap<AuthorityArn, BTreeMap<Serial, Revoked>>,
    /// Every key of the identity provider that the console has seen, as JSON.
    pub provider_keys: Vec<String>,
}

impl Decided {
    /// Whether an entry may be one that counts here, by its text alone: most are not, and need not be read.
    pub fn concerns(text: &[u8]) -> bool {
        let words = ["revocation_", "certificate_revoked", "provider_keys_seen"];
        std::str::from_utf8(text).is_ok_and(|text| words.iter().any(|word| text.contains(word)))
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// It does not follow from those before it. It is taken all the same, so that one can go on.
    pub fn follow(&mut self, seq: u64, body: &Body) -> Result<(), NotDecided> {
        match (body.action, &body.object) {
            (Action::ProviderKeysSeen, _) => {
                let named = body.detail.iter().filter(|(name, _)| name.starts_with(KEYS));
                let keys = named.flat_map(|(_, keys)| keys.split(' ')).map(str::to_owned);
                self.provider_keys.extend(keys);
                Ok(())
            }
            (Action::RevocationRequested, Object::Request(id)) => self.asked(seq, id, body),
            (Action::RevocationApproved, Object::Request(id)) => self.decided(seq, id, body, Deed::Approved),
            (Action::RevocationRejected, Object::Request(id)) => self.decided(seq, id, body, Deed::Rejected),
            (Action::RevocationCancelled | Action::RevocationExpired, Object::Request(id)) => {
                self.request(id).ended = true;
                Ok(())
            }
            (Action::CertificateRevoked, Object::Certificate { authority, serial }) => {
                let unsure = body.detail.contains_key("answer");
                let revoked = Revoked { seq, at: body.at, unsure };
                self.revoked.entry(authority.clone()).or_default().entry(*serial).or_insert(revoked);
                self.one_revoked(body, authority, *serial)
            }
            _ => Ok(()),
        }
    }

    fn asked(&mut self, seq: u64, id: &RequestId, body: &Body) -> Result<(), NotDecided> {
        let Who::Person { person, .. } = &body.who else { return Err(NotDecided::Lacks("who asks")) };
        let asked = Asked {
            hash: fact(body, HASH)?.to_owned(),
            by: person.clone(),
            demanded: Demanded {
                approvals: number(body, APPROVALS_NEEDED)?,
                targets: number(body, TARGETS)?,
                alone: body.detail.contains_key(BREAK_GLASS),
            },
        };
        self.told.push(told(seq, id, Deed::Asked, person, body)?);
        match self.request(id).asked.replace(asked) {
            None => Ok(()),
            Some(_) => Err(NotDecided::Again(id.clone())),
        }
    }

    fn decided(&mut self, seq: u64, id: &RequestId, body: &Body, deed: Deed) -> Result<(), NotDecided> {
        let Who::Person { person, .. } = &body.who else { return Err(NotDecided::Lacks("who decides")) };
        let told = told(seq, id, deed, person, body)?;
        let request = self.request(id);
        match deed {
            Deed::Approved => request.approvals.push((person.clone(), told.hash.clone())),
            Deed::Rejected => request.ended = true,
            Deed::Asked => {}
        }
        self.told.push(told);
        Ok(())
    }

    fn one_revoked(
        &mut self,
        body: &Body,
        authority: &AuthorityArn,
        serial: Serial,
    ) -> Result<(), NotDecided> {
        let named = fact(body, REQUEST)?;
        let id: RequestId = named.parse().map_err(|_| NotDecided::NeverAsked(named.to_owned()))?;
        let request = self.request(&id);
        let asked = request.asked.as_ref().ok_or_else(|| NotDecided::NeverAsked(named.to_owned()))?;
        if request.ended {
            return Err(NotDecided::Ended(id));
        }
        let (given, needed) = (asked.approvals(&request.approvals), asked.demanded.approvals);
        if given == 0 || given < needed {
            return Err(NotDecided::Quorum { request: id, given, needed });
        }
        // A restored table may have it carried out again: that is one certificate still.
        match request.revoked.get_mut(authority) {
            Some(those) => drop(those.insert(serial)),
            None => drop(request.revoked.insert(authority.clone(), [serial].into())),
        }
        let revoked: usize = request.revoked.values().map(BTreeSet::len).sum();
        match u64::try_from(revoked).unwrap_or(u64::MAX) > asked.demanded.targets {
            true => Err(NotDecided::More(id, asked.demanded.targets)),
            false => Ok(()),
        }
    }

    /// What each request demanded, and what was revoked by it: of those by which something was.
    pub fn carried_out(&self) -> impl Iterator<Item = (&RequestId, Demanded, &Certificates)> {
        let carried_out = self.requests.iter().filter(|(_, request)| !request.revoked.is_empty());
        carried_out.filter_map(|(id, request)| Some((id, request.asked.as_ref()?.demanded, &request.revoked)))
    }

    fn request(&mut self, id: &RequestId) -> &mut Request {
        self.requests.entry(id.clone()).or_default()
    }
}

impl Asked {
    /// How many people have approved it: of its hash, each once, and nobody their own, but of what is executed alone.
    fn approvals(&self, given: &[(Person, String)]) -> usize {
        let mut counted: Vec<&Person> = Vec::new();
        for (person, hash) in given {
            let counts = *hash == self.hash && self.by.is(person) == self.demanded.alone;
            if counts && !counted.iter().any(|other| other.is(person)) {
                counted.push(person);
            }
        }
        counted.len()
    }
}

fn told(seq: u64, id: &RequestId, deed: Deed, by: &Person, body: &Body) -> Result<Told, NotDecided> {
    Ok(Told {
        seq,
        request: id.clone(),
        deed,
        by: by.id.clone(),
        hash: fact(body, HASH)?.to_owned(),
        id_token: body.detail.get(ID_TOKEN).cloned(),
    })
}

fn fact<'b>(body: &'b Body, name: &'static str) -> Result<&'b str, NotDecided> {
    body.detail.get(name).map(String::as_str).ok_or(NotDecided::Lacks(name))
}

fn number<T: std::str::FromStr<Err: fmt::Display>>(body: &Body, name: &'static str) -> Result<T, NotDecided> {
    fact(body, name)?.parse().map_err(|_| NotDecided::Lacks(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST_ID: &str = "0193533a-0000-7000-8000-000000000001";

    fn person(name: &str) -> Who {
        let id = PersonId::new("https://login.example.com", name).unwrap();
        Who::Person { person: Person { id, name: name.to_owned(), human: None }, roles: Vec::new() }
    }

    fn body(who: &str, action: Action) -> Body {
        let object = Object::Request(REQUEST_ID.parse().unwrap());
        Body::new(Timestamp::EPOCH, person(who), action, object).with(HASH, "h")
    }

    fn asked() -> Body {
        body("anna", Action::RevocationRequested).with(APPROVALS_NEEDED, 2).with(TARGETS, 1)
    }

    fn approved(by: &str) -> Body {
        body(by, Action::RevocationApproved).with(ID_TOKEN, by)
    }

    fn revoked(serial: &str) -> Body {
        let authority = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
        let (authority, serial) = (authority.parse().unwrap(), serial.parse().unwrap());
        let who = Who::System { part: "executor".to_owned() };
        let object = Object::Certificate { authority, serial };
        Body::new(Timestamp::EPOCH, who, Action::CertificateRevoked, object).with(REQUEST, REQUEST_ID)
    }

    fn follow(bodies: &[Body]) -> Result<Decided, NotDecided> {
        let mut decided = Decided::default();
        for (seq, body) in (1..).zip(bodies) {
            decided.follow(seq, body)?;
        }
        Ok(decided)
    }

    #[test]
    fn a_revocation_that_two_people_agreed_to_is_decided() {
        let decided = follow(&[asked(), approved("ben"), approved("eva"), revoked("0a")]).unwrap();
        assert_eq!(decided.revoked.values().map(BTreeMap::len).sum::<usize>(), 1);
        let told: Vec<_> = decided.told.iter().map(|told| (told.deed, told.id_token.as_deref())).collect();
        let (asked, by) = ((Deed::Asked, None), |name| (Deed::Approved, Some(name)));
        assert_eq!(told, [asked, by("ben"), by("eva")]);
    }

    #[test]
    fn what_nobody_decided_is_named() {
        let id: RequestId = REQUEST_ID.parse().unwrap();
        let fails = |bodies: &[Body]| follow(bodies).unwrap_err();
        let quorum = |given| NotDecided::Quorum { request: id.clone(), given, needed: 2 };
        assert!(matches!(fails(&[revoked("0a")]), NotDecided::NeverAsked(_)));
        assert!(matches!(fails(&[approved("ben"), revoked("0a")]), NotDecided::NeverAsked(_)));
        assert_eq!(fails(&[asked(), revoked("0a")]), quorum(0));
        assert_eq!(fails(&[asked(), approved("ben"), approved("ben"), revoked("0a")]), quorum(1));
        assert_eq!(fails(&[asked(), approved("anna"), approved("ben"), revoked("0a")]), quorum(1));
        let other = approved("ben").with(HASH, "i");
        assert_eq!(fails(&[asked(), other, approved("eva"), revoked("0a")]), quorum(1));
        assert_eq!(fails(&[asked(), asked()]), NotDecided::Again(id.clone()));
        let ended = [
            asked(),
            approved("ben"),
            approved("eva"),
            body("eva", Action::RevocationRejected),
            revoked("0a"),
        ];
        assert_eq!(fails(&ended), NotDecided::Ended(id.clone()));
        let more = [asked(), approved("ben"), approved("eva"), revoked("0a"), revoked("0b")];
        assert_eq!(fails(&more), NotDecided::More(id, 1));
        let again = [asked(), approved("ben"), approved("eva"), revoked("0a"), revoked("0a")];
        let decided = follow(&again).unwrap();
        assert_eq!(decided.carried_out().map(|(_, demanded, _)| demanded.targets).collect::<Vec<_>>(), [1]);
        let mut lacking = asked();
        lacking.detail.remove(APPROVALS_NEEDED);
        assert_eq!(fails(&[lacking]), NotDecided::Lacks(APPROVALS_NEEDED));
    }
}
