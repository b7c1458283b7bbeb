//! The lists that were read last: while a revocation waits to be published, the prover looks once a minute, and a CRL of a
//! million entries changes far less often.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use domain::Serial;
use feeds::crl::Crl;

use crate::lock::lock;

/// Of each object (`s3://bucket/key`) what it said when it was read last.
#[derive(Clone, Default)]
pub(super) struct Recent(Arc<Mutex<HashMap<String, Read>>>);

struct Read {
    /// S3's name for the bytes.
    etag: String,
    /// Of the CA, in PEM: the signature was checked with it.
    issuer: Arc<str>,
    asked: BTreeSet<Serial>,
    crl: Crl,
}

impl Recent {
    /// What the object said of these certificates, if it was asked about all of them, and S3's name for its bytes then.
    pub fn get(&self, at: &str, issuer: &str, wanted: &BTreeSet<Serial>) -> Option<(String, Crl)> {
        let known = lock(&self.0);
        let read = known.get(at).filter(|read| *read.issuer == *issuer && read.asked.is_superset(wanted))?;
        Some((read.etag.clone(), read.crl.clone()))
    }

    pub fn put(&self, at: String, etag: Option<String>, issuer: Arc<str>, asked: BTreeSet<Serial>, crl: Crl) {
        let mut known = lock(&self.0);
        match etag {
            Some(etag) => drop(known.insert(at, Read { etag, issuer, asked, crl })),
            None => drop(known.remove(&at)),
        }
    }

    /// Forgets all: nothing is waited for any more.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    #[test]
    fn a_list_answers_only_what_it_was_asked_by_the_name_that_it_had() {
        let serials = |all: &[&str]| all.iter().map(|one| one.parse().unwrap()).collect::<BTreeSet<Serial>>();
        let this_update = Timestamp::from_unix(0).unwrap();
        let (next_update, scope) = (None, feeds::crl::Scope::default());
        let crl = Crl { this_update, next_update, scope, entries: 2, revoked: Default::default() };
        let recent = Recent::default();
        let put = |etag: Option<&str>| {
            recent.put(
                "a".to_owned(),
                etag.map(str::to_owned),
                "ca".into(),
                serials(&["0a", "0b"]),
                crl.clone(),
            );
        };
        put(Some("1"));
        assert_eq!(recent.get("a", "ca", &serials(&["0b"])), Some(("1".to_owned(), crl.clone())));
        for (at, issuer, wanted) in [("b", "ca", "0a"), ("a", "other", "0a"), ("a", "ca", "0c")] {
            assert_eq!(recent.get(at, issuer, &serials(&[wanted])), None, "{at} {issuer} {wanted}");
        }
        put(Some("2"));
        assert_eq!(recent.get("a", "ca", &serials(&["0b"])), Some(("2".to_owned(), crl.clone())));
        put(None);
        assert_eq!(recent.get("a", "ca", &serials(&["0a"])), None, "a list without a tag is not kept");
    }
}
