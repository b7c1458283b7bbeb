//! What a request is asked about: certificates named one by one, or whatever the server finds when it is asked. Who asks
//! says what they were shown, so that nobody requests what nobody has seen.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{CertificateQuery, IdentityKey, Issued};
use crate::authority::AuthorityId;
use crate::count::plural;
use crate::id::IdError;
use crate::revocation::{ListId, RequestId};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// Which certificates are meant: of an authority, or of all where it does not take one to name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "of", rename_all = "snake_case")]
pub enum Selection {
    /// These.
    Serials(Vec<Serial>),
    /// These of each authority.
    Named(BTreeMap<AuthorityId, Vec<Serial>>),
    /// Those of a list that was pasted or uploaded; with lines that cannot be read only if somebody said to go on.
    List {
        /// The list, by its hash.
        id: ListId,
        /// Somebody said to go on without the lines that cannot be read.
        despite_unread: bool,
    },
    /// Those that an earlier request was about.
    OfRequest(RequestId),
    /// All that match a filter of the list of certificates. Its order and page say nothing here.
    Matching(CertificateQuery),
    /// What one principal, access key or address had issued.
    IssuedBy {
        /// The principal, access key or address.
        key: IdentityKey,
        /// Which of their certificates, by how their issuance was judged.
        only: Issued,
        /// From this moment on.
        from: Option<Timestamp>,
        /// Before this moment.
        to: Option<Timestamp>,
    },
    /// Those of another selection, and all others in force that have a public key of theirs, as far as intact events say.
    WithSameKeys(Box<Selection>),
}

impl Selection {
    /// What was chosen, and whether others are taken in for their keys.
    pub fn chosen(&self) -> (&Self, bool) {
        match self {
            Self::WithSameKeys(of) => (of.chosen().0, true),
            of => (of, false),
        }
    }

    /// The same with all others in force that have a public key of theirs.
    pub fn with_same_keys(self) -> Self {
        match self {
            Self::WithSameKeys(_) => self,
            of => Self::WithSameKeys(Box::new(of)),
        }
    }

    /// The rest of a sentence that begins "What was asked for: ". Foreign text in it is as it was typed.
    pub fn words(&self) -> String {
        match self {
            Self::Serials(serials) => chosen_by_hand(serials.len()),
            Self::Named(of) => chosen_by_hand(of.values().map(Vec::len).sum()),
            Self::List { id, .. } => format!("a list, {id}"),
            Self::OfRequest(id) => format!("those of the request {id}"),
            Self::WithSameKeys(of) => format!("{}; and all with the same public keys", of.words()),
            Self::Matching(query) => {
                let tokens: String = query.filter.iter().map(|token| format!(" {token}")).collect();
                format!("all of the list of certificates{tokens}")
            }
            Self::IssuedBy { key, only, from, to } => {
                let which = match only {
                    Issued::All => "all",
                    Issued::Unauthorised => "all unauthorised",
                    Issued::Authorised => "all authorised",
                };
                let (IdentityKey::Principal(who) | IdentityKey::AccessKey(who) | IdentityKey::Address(who)) =
                    key;
                let from = from.map(|at| format!(" from {at}")).unwrap_or_default();
                let to = to.map(|at| format!(" before {at}")).unwrap_or_default();
                format!("{which} that {who} had issued{from}{to}")
            }
        }
    }
}

fn chosen_by_hand(certificates: usize) -> String {
    let certificates = u64::try_from(certificates).unwrap_or(u64::MAX);
    format!("{} chosen by hand", plural(certificates, "certificate"))
}

/// The certificates that a dry run has shown to be revocable: their number, and a SHA-256 over their serial numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shown {
    /// How many certificates those are.
    pub count: u64,
    /// Lower-case hex.
    hash: String,
}

impl Shown {
    /// In whatever order they are, each once.
    pub fn of(serials: impl IntoIterator<Item = Serial>) -> Self {
        let mut serials: Vec<Serial> = serials.into_iter().collect();
        serials.sort_unstable();
        serials.dedup();
        let mut hasher = Sha256::new();
        for serial in &serials {
            hasher.update(serial.to_string());
            hasher.update("\n");
        }
        Self { count: u64::try_from(serials.len()).unwrap_or(u64::MAX), hash: hex::encode(hasher.finalize()) }
    }

    /// Those of several authorities; of one alone, just those.
    pub fn together(parts: BTreeMap<AuthorityId, Self>) -> Self {
        if let (1, Some((_, only))) = (parts.len(), parts.first_key_value()) {
            return only.clone();
        }
        let mut hasher = Sha256::new();
        for (authority, shown) in &parts {
            hasher.update(format!("{authority} {shown}\n"));
        }
        let count = parts.values().map(|shown| shown.count).sum();
        Self { count, hash: hex::encode(hasher.finalize()) }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.count, self.hash)
    }
}

impl FromStr for Shown {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = IdError("what a dry run has shown");
        let (count, hash) = text.split_once('-').ok_or(error)?;
        let good = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let count = count.parse().ok().filter(|_| good).ok_or(error)?;
        Ok(Self { count, hash: hash.to_owned() })
    }
}

impl TryFrom<String> for Shown {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Shown> for String {
    fn from(shown: Shown) -> Self {
        shown.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(serials: &[&str]) -> Shown {
        Shown::of(serials.iter().map(|serial| serial.parse().unwrap()))
    }

    #[test]
    fn what_was_shown_is_the_same_in_any_order_and_differs_with_each_certificate() {
        assert_eq!(shown(&["0a", "0b"]), shown(&["0b", "0a", "0b"]));
        for other in [&["0a"][..], &["0a", "0c"], &["0a0b"], &["0a", "0b", "0c"], &[]] {
            assert_ne!(shown(&["0a", "0b"]), shown(other), "{other:?}");
        }
        assert_eq!(shown(&["0a", "0b"]).to_string().parse(), Ok(shown(&["0a", "0b"])));
        let at = |name: &str, serials: &[&str]| (name.parse().unwrap(), shown(serials));
        assert_eq!(Shown::together([at("a", &["0a"])].into()), shown(&["0a"]));
        let two = Shown::together([at("a", &["0a"]), at("b", &["0b", "0c"])].into());
        assert_eq!(two.count, 3);
        for other in [[at("a", &["0b"]), at("b", &["0a", "0c"])], [at("a", &["0a"]), at("c", &["0b", "0c"])]]
        {
            assert_ne!(Shown::together(other.into()), two);
        }
        for wrong in ["", "2", "2-", "2-zz", "-1-00", &format!("x-{}", "0".repeat(64))] {
            assert!(wrong.parse::<Shown>().is_err(), "{wrong}");
        }
    }
}
