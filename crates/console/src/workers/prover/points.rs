//! The addresses at which a certificate says that its CRL is. They never change, so they are read once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use countersign_aws::certificates::Issued;
use countersign_aws::{Aws, Error as AwsError};
use domain::{AuthorityArn, AuthorityId, Serial};
use futures::{StreamExt, stream};

use crate::lock::lock;

/// How many certificates are read at once, and in one pass: AWS allows 75 a second.
const AT_ONCE: usize = 8;
const AT_MOST: usize = 2000;

/// What certificates name, as far as it was asked.
#[derive(Clone)]
pub(super) struct Points {
    aws: Aws,
    known: Arc<Mutex<HashMap<AuthorityId, Known>>>,
}

type Known = BTreeMap<Serial, Arc<[String]>>;

impl Points {
    pub fn new(aws: Aws) -> Self {
        Self { aws, known: Arc::default() }
    }

    /// What these certificates name; of very many, only some now. The error is the last one.
    pub async fn of(
        &self,
        authority: &AuthorityArn,
        serials: &BTreeSet<Serial>,
    ) -> (Known, Option<AwsError>) {
        let mut named = self.known(&authority.id(), serials);
        let unknown: Vec<Serial> =
            serials.iter().filter(|serial| !named.contains_key(serial)).take(AT_MOST).copied().collect();
        let mut read = stream::iter(unknown)
            .map(|serial| async move { (serial, self.read(authority, serial).await) })
            .buffer_unordered(AT_ONCE);
        let mut failed = None;
        while let Some((serial, points)) = read.next().await {
            match points {
                Ok(points) => drop(named.insert(serial, points)),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        lock(&self.known).entry(authority.id()).or_default().extend(named.clone());
        (named, failed)
    }

    /// Forgets all certificates of the authority but these.
    pub fn keep(&self, authority: &AuthorityId, serials: &BTreeSet<Serial>) {
        if let Some(known) = lock(&self.known).get_mut(authority) {
            known.retain(|serial, _| serials.contains(serial));
        }
    }

    fn known(&self, authority: &AuthorityId, serials: &BTreeSet<Serial>) -> Known {
        let known = lock(&self.known);
        let Some(known) = known.get(authority) else { return Known::new() };
        serials.iter().filter_map(|serial| Some((*serial, known.get(serial)?.clone()))).collect()
    }

    async fn read(&self, authority: &AuthorityArn, serial: Serial) -> Result<Arc<[String]>, AwsError> {
        Ok(match self.aws.certificate(authority, serial).await? {
            Issued::Ready { pem, .. } => {
                let details = feeds::x509::read(pem.as_bytes());
                details.map(|details| details.crl_distribution_points).unwrap_or_default().into()
            }
            Issued::InProgress | Issued::Unknown => Arc::default(),
        })
    }
}
