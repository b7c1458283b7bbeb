//! Looking for revocations on the CRLs of an authority: each list is read once for all who wait, as it comes in, and proves
//! only for the certificates that it is for. One past its time proves what it shows all the same, as nothing is taken off
//! before it expires; but that something is missing may be the list's fault.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use countersign_aws::authorities::{CrlKind, CrlPlace};
use domain::{AuthorityArn, Serial, Timestamp};
use feeds::crl::Crl;

use super::{Prover, Wanted, causes};
use crate::crls;

/// What the lists of an authority show.
#[derive(Default)]
pub(super) struct Listed {
    pub serials: BTreeSet<Serial>,
    /// "CRL of 2026-11-22T08:00:00Z, 17 entries".
    pub place: String,
    /// Why what is missing may be missing.
    pub problems: BTreeSet<String>,
}

impl Prover {
    pub(super) async fn look_on_crls(
        &self,
        authority: &AuthorityArn,
        place: &CrlPlace,
        issuer: &Arc<str>,
        wanted: &Wanted,
    ) -> Listed {
        let mut listed = Listed::default();
        let lists = match &place.kind {
            CrlKind::Complete { key } => BTreeMap::from([(key.clone(), wanted.crl.clone())]),
            CrlKind::Partitioned { .. } => self.partitions(authority, place, &wanted.crl, &mut listed).await,
        };
        let (mut entries, mut newest, count) = (0, None, lists.len());
        for (key, serials) in lists {
            let at = crls::address(place, &key);
            match self.read_list(place, &key, &at, issuer.clone(), serials.clone()).await {
                Ok(crl) => {
                    entries += crl.entries;
                    newest = newest.max(Some(crl.this_update));
                    self.judge(authority, &at, &serials, crl, wanted.last, &mut listed).await;
                }
                Err(problem) => drop(listed.problems.insert(problem)),
            }
        }
        if let Some(newest) = newest {
            let what = if count == 1 { "CRL".to_owned() } else { format!("{count} partitions of the CRL") };
            listed.place = format!("{what} of {newest}, {entries} entries");
        }
        if let CrlKind::Complete { .. } = place.kind {
            let missing = wanted.crl.difference(&listed.serials).take(1).copied().collect();
            let named = self.named(authority, &missing, &mut listed).await;
            let elsewhere = |points: &Arc<[String]>| {
                !points.is_empty() && !points.iter().any(|point| place.key_of(point).is_some())
            };
            for points in named.values().filter(|points| elsewhere(points)) {
                listed.problems.insert(causes::other_address(points, &place.url()));
            }
        }
        listed
    }

    /// What certificates name as their distribution points, as far as they can be read.
    async fn named(
        &self,
        authority: &AuthorityArn,
        serials: &BTreeSet<Serial>,
        listed: &mut Listed,
    ) -> BTreeMap<Serial, Arc<[String]>> {
        let (named, failed) = self.points.of(authority, serials).await;
        listed.problems.extend(failed.as_ref().map(causes::unnamed));
        named
    }

    /// Which partition each certificate names.
    async fn partitions(
        &self,
        authority: &AuthorityArn,
        place: &CrlPlace,
        wanted: &BTreeSet<Serial>,
        listed: &mut Listed,
    ) -> BTreeMap<String, BTreeSet<Serial>> {
        let mut lists = BTreeMap::<_, BTreeSet<_>>::new();
        for (serial, points) in self.named(authority, wanted, listed).await {
            match points.iter().find_map(|point| place.key_of(point)) {
                Some(key) => drop(lists.entry(key).or_default().insert(serial)),
                None => drop(listed.problems.insert(causes::other_address(&points, &place.url()))),
            }
        }
        lists
    }

    async fn read_list(
        &self,
        place: &CrlPlace,
        key: &str,
        at: &str,
        issuer: Arc<str>,
        wanted: BTreeSet<Serial>,
    ) -> Result<Crl, String> {
        let (etag, known) = self.recent.get(at, &issuer, &wanted).unzip();
        let opened = crls::open(&self.aws, place, key, etag.as_deref()).await;
        let opened = opened.map_err(|error| crls::unread(at, &error))?;
        let Some(list) = opened else {
            return known.ok_or_else(|| format!("the CRL at {at} cannot be read: S3 does not give it"));
        };
        let (etag, by, asked) = (list.etag(), issuer.clone(), wanted.clone());
        let read = tokio::task::spawn_blocking(move || feeds::crl::read(list.bytes(), by.as_bytes(), &asked));
        let read = read.await.map_err(|panicked| panicked.to_string())?;
        let crl = read.map_err(|error| crls::proves_nothing(at, &error))?;
        self.recent.put(at.to_owned(), etag, issuer, wanted, crl.clone());
        Ok(crl)
    }

    /// What one list shows of the certificates it was read for. `last`: when the last of them was revoked.
    async fn judge(
        &self,
        authority: &AuthorityArn,
        at: &str,
        asked: &BTreeSet<Serial>,
        crl: Crl,
        last: Option<Timestamp>,
        listed: &mut Listed,
    ) {
        let mut covered = asked.clone();
        if !crl.scope.points.is_empty() {
            let named = self.named(authority, asked, listed).await;
            if named.values().any(|points| !crl.scope.covers(points)) {
                listed.problems.insert(crls::other_scope(at, &crl.scope.points));
            }
            covered.retain(|serial| named.get(serial).is_some_and(|points| crl.scope.covers(points)));
        }
        let missing = covered.iter().filter(|serial| !crl.revoked.contains_key(serial)).count();
        listed.problems.extend(why_missing(at, &crl, missing, last, self.clock.now()));
        listed.serials.extend(covered.into_iter().filter(|serial| crl.revoked.contains_key(serial)));
    }
}

/// Why so many of those that a list is for may be missing on it.
fn why_missing(at: &str, crl: &Crl, missing: usize, last: Option<Timestamp>, now: Timestamp) -> Vec<String> {
    if missing == 0 {
        return Vec::new();
    }
    let why = match (crl.next_update, last) {
        (Some(end), _) if end < now => causes::expired(at, end),
        // Lists tell seconds: one of the same second may have been made before.
        (_, Some(last)) if crl.this_update <= last => causes::old(at, crl.this_update),
        _ => causes::lacking(at, crl.this_update, missing),
    };
    let some_reasons = crl.scope.reasons.as_deref().map(|reasons| causes::some_reasons(at, reasons));
    some_reasons.into_iter().chain([why]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_for_some_reasons_is_said_to_be_one() {
        let list = include_bytes!("../../../../feeds/test_data/crl/crl-only-some-reasons.der");
        let issuer = include_bytes!("../../../../feeds/test_data/crl/ca-printable.pem");
        let crl = feeds::crl::read(&list[..], issuer, &BTreeSet::new()).unwrap();
        let now = "2026-11-23T08:00:00Z".parse().unwrap();
        let why = why_missing("s3://bucket/key", &crl, 1, None, now);
        let some = "the CRL at s3://bucket/key is for some reasons only (KeyCompromise)";
        assert_eq!(why.first().map(String::as_str), Some(some), "{why:?}");
        assert_eq!(why_missing("s3://bucket/key", &crl, 0, None, now), [""; 0]);
    }
}
