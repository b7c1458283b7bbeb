//! Reading the CRLs of the authorities: the complete one, or all partitions that lie where the authority publishes. Each is read
//! when S3 has another one than before, and counts if the CA signed it and it says of itself that it is for where it lies. One
//! that does not count changes nothing; why is shown.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use countersign_aws::Error as AwsError;
use countersign_aws::authorities::{CrlKind, CrlPlace};
use domain::views::CrlsRead;
use domain::{AuthorityArn, AuthorityId, Timestamp};
use feeds::crl::CrlError;
use futures::TryStreamExt;
use tokio::time::Instant;

use super::Records;
use super::listed::{self, List, Untaken};
use crate::{Error, crls};

/// How often it is asked where an authority publishes.
const AGAIN: Duration = Duration::from_secs(50);
/// So many partitions of an authority are read.
const MOST: usize = 10_000;
/// So many reasons are told.
const TOLD: usize = 3;

/// What was read before.
#[derive(Default)]
pub(super) struct Before {
    places: HashMap<AuthorityId, (Instant, Option<Published>)>,
    /// By address.
    lists: HashMap<String, Seen>,
}

/// Where an authority publishes, and its certificate in PEM.
type Published = (CrlPlace, Arc<str>);

/// What came of a list.
struct Seen {
    etag: String,
    issuer: Arc<str>,
    /// Why it does not count.
    problem: Option<String>,
}

/// What comes of all lists of an authority.
#[derive(Default)]
struct Outcome {
    newest: Option<Timestamp>,
    problems: BTreeSet<String>,
}

impl Outcome {
    fn shown(self) -> CrlsRead {
        let more = self.problems.len().saturating_sub(TOLD);
        let mut told: Vec<String> = self.problems.into_iter().take(TOLD).collect();
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        CrlsRead { newest: self.newest, problem: (!told.is_empty()).then(|| told.join("; ")) }
    }
}

impl Records {
    /// Takes in what CRLs list that are new, and shows it.
    pub async fn read_crls(&self) -> Result<(), Error> {
        let mut before = self.crls.lock().await;
        for authority in self.authorities.iter() {
            let shown = self.model.crls_of(&authority.arn.id());
            let mut outcome = Outcome { newest: shown.newest, problems: BTreeSet::new() };
            match self.published(&authority.arn, &mut before).await {
                Ok(None) => (),
                Ok(Some(published)) => {
                    self.read_crls_at(&authority.arn, published, &mut before.lists, &mut outcome).await?;
                }
                Err(error) => {
                    let problem = format!("where the authority publishes its CRL is not known: {error}");
                    outcome.problems.insert(problem);
                }
            }
            let next = outcome.shown();
            if let Some(problem) = next.problem.as_ref().filter(|_| next.problem != shown.problem) {
                tracing::warn!(authority = %authority.arn, "what the CRLs of {} list is not known: {problem}", authority.name);
            }
            self.model.set_crls(authority, next);
        }
        Ok(())
    }

    /// `None`: it has no CRL.
    async fn published(
        &self,
        authority: &AuthorityArn,
        before: &mut Before,
    ) -> Result<Option<Published>, AwsError> {
        let id = authority.id();
        if let Some((_, published)) = before.places.get(&id).filter(|(at, _)| at.elapsed() < AGAIN) {
            return Ok(published.clone());
        }
        let published = match self.aws.describe_authority(authority).await?.crl {
            None => None,
            Some(place) => Some((place, self.aws.authority_certificate(authority).await?.pem.into())),
        };
        before.places.insert(id, (Instant::now(), published.clone()));
        Ok(published)
    }

    async fn read_crls_at(
        &self,
        authority: &AuthorityArn,
        (place, issuer): Published,
        before: &mut HashMap<String, Seen>,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let prefix = match &place.kind {
            CrlKind::Complete { key } => {
                return self.read_crl(authority, (&place, key, None), &issuer, before, outcome).await;
            }
            CrlKind::Partitioned { prefix } => prefix,
        };
        let mut met = HashSet::new();
        let mut objects = std::pin::pin!(self.aws.list_objects(&place.bucket, prefix));
        loop {
            let object = match objects.try_next().await {
                Ok(Some(object)) => object,
                Ok(None) => {
                    before.retain(|at, _| !at.starts_with(&place.url()) || met.contains(at));
                    return Ok(());
                }
                Err(error) => {
                    outcome.problems.insert(format!("the CRLs at {} cannot be listed: {error}", place.url()));
                    return Ok(());
                }
            };
            if !place.is_list(&object.key) {
                continue;
            }
            if met.len() == MOST {
                let problem =
                    format!("at {} lie more than {MOST} CRLs; the others are not read", place.url());
                outcome.problems.insert(problem);
                return Ok(());
            }
            met.insert(crls::address(&place, &object.key));
            let list = (&place, object.key.as_str(), object.etag.as_deref());
            self.read_crl(authority, list, &issuer, before, outcome).await?;
        }
    }

    /// One list, unless it is known. `etag`: what S3 calls it now, where that is known.
    async fn read_crl(
        &self,
        authority: &AuthorityArn,
        (place, key, etag): (&CrlPlace, &str, Option<&str>),
        issuer: &Arc<str>,
        before: &mut HashMap<String, Seen>,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let at = crls::address(place, key);
        let known = before.get(&at).filter(|seen| seen.issuer == *issuer);
        let known_etag = known.map(|seen| seen.etag.as_str());
        if let Some(seen) = known.filter(|_| etag.is_some() && known_etag == etag) {
            outcome.problems.extend(seen.problem.clone());
            return Ok(());
        }
        let list = match crls::open(&self.aws, place, key, known_etag).await {
            Ok(Some(list)) => list,
            Ok(None) => {
                outcome.problems.extend(known.and_then(|seen| seen.problem.clone()));
                return Ok(());
            }
            // The first one is made some time after the first certificate.
            Err(AwsError::NotFound { .. }) if known.is_none() => return Ok(()),
            Err(error) => {
                outcome.problems.insert(crls::unread(&at, &error));
                return Ok(());
            }
        };
        let etag = list.etag();
        let of = List { authority: authority.clone(), address: at.clone(), key: key.to_owned() };
        let by = issuer.clone();
        let taken =
            self.model.blocking(move |database| match listed::take_in(database, list.bytes(), &of, &by) {
                Err(Untaken::Database(error)) => Err(error.into()),
                taken => Ok(taken),
            });
        let taken = taken.await?;
        let is_broken_off = matches!(taken, Err(Untaken::Crl(CrlError::Io(_))));
        let problem = match taken {
            Ok(taken) => {
                if taken.new > 0 {
                    self.model.mark_revoked().await?;
                }
                outcome.newest = outcome.newest.max(Some(taken.made));
                None
            }
            Err(untaken) => Some(crls::proves_nothing(&at, &untaken)),
        };
        outcome.problems.extend(problem.clone());
        match etag.filter(|_| !is_broken_off) {
            Some(etag) => drop(before.insert(at, Seen { etag, issuer: issuer.clone(), problem })),
            None => drop(before.remove(&at)),
        }
        Ok(())
    }
}
