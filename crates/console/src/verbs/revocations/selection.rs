//! Which certificates somebody means, as the records have it now; and the lists that people send.

use std::collections::HashSet;

use domain::ledger::Object;
use domain::revocation::{DraftError, ListId, MAX_TARGETS, RequestId, SerialList};
use domain::views::Selection;
use domain::{Actor, AuthorityArn, AuthorityId, Permission, Serial};

use crate::records::events;
use crate::{Console, Error};

impl Console {
    /// Reads a list that was pasted or uploaded and keeps it for two days, for a request to be made of it. Gives its name.
    ///
    /// # Errors
    /// [`Error::Invalid`]: it is empty, too long, or no text.
    pub async fn keep_list(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        bytes: &[u8],
    ) -> Result<ListId, Error> {
        let authority = &self.authority(authority)?.authority.arn;
        let route = Object::Route(format!("lists of {}", authority.id()));
        self.allowed(actor, Permission::Operate, route).await?;
        let list = self.read_list(authority, bytes).await?;
        Ok(self.aws.keep_list(&list, self.clock.now()).await?)
    }

    /// A device stands for its certificates in force.
    async fn read_list(&self, authority: &AuthorityArn, bytes: &[u8]) -> Result<SerialList, Error> {
        let (of, bytes, now) = (authority.clone(), bytes.to_vec(), self.clock.now());
        let list = self.records.model.read(move |snapshot, connection| {
            let of_device = |name: &str| snapshot.of_device(connection, &of.id(), name, now).ok().flatten();
            Ok(feeds::list::read(bytes.as_slice(), &of, of_device))
        });
        list.await?.map_err(|error| Error::invalid("serials", error))
    }

    /// The certificates of `authority` that are meant, each once.
    pub(super) async fn selected(
        &self,
        authority: &AuthorityArn,
        of: &Selection,
    ) -> Result<Vec<Serial>, Error> {
        const MOST: usize = MAX_TARGETS + 1;
        let model = &self.records.model;
        let (of, with_same_keys) = of.chosen();
        let serials = match of {
            Selection::Serials(serials) => serials.clone(),
            Selection::Named(of) => of.get(&authority.id()).cloned().unwrap_or_default(),
            Selection::List { id, despite_unread } => {
                let list = self.aws.kept_list(id).await?;
                if list.unread.count > 0 && !despite_unread {
                    return Err(Error::invalid("serials", "Some lines of the list cannot be read."));
                }
                list.serials
            }
            Selection::OfRequest(id) => self.asked_of(authority, id).await?,
            Selection::Matching(query) => {
                model.matching(&authority.id(), query, MOST, self.clock.now()).await?
            }
            Selection::IssuedBy { key, only, from, to } => {
                self.sees_events()?;
                let (authority, by) = (authority.clone(), (key.clone(), *only, *from, *to));
                let read = move |_: &_, connection: &_| events::issued_by(connection, &authority, &by, MOST);
                model.read(read).await?
            }
            Selection::WithSameKeys(_) => Vec::new(),
        };
        let mut serials = distinct(serials)?;
        if with_same_keys {
            serials.extend(model.with_keys_of(authority, serials.clone(), self.clock.now()).await?);
        }
        distinct(serials)
    }

    /// What an earlier request was about.
    async fn asked_of(&self, authority: &AuthorityArn, id: &RequestId) -> Result<Vec<Serial>, Error> {
        if self.aws.request(id).await?.authority != *authority {
            return Err(Error::invalid("of", "The request is about another authority."));
        }
        Ok(self.aws.request_targets(id).await?.into_iter().map(|target| target.serial).collect())
    }

    /// How many there are of each authority, where what is meant does not name one.
    pub(super) async fn selected_by_authority(
        &self,
        of: &Selection,
    ) -> Result<Vec<(AuthorityArn, u64)>, Error> {
        let found = match of.chosen().0 {
            Selection::Named(of) => {
                let of = of.iter().map(|(id, serials)| {
                    let number = u64::try_from(serials.len()).unwrap_or(u64::MAX);
                    Ok((self.authority(id)?.authority.arn.clone(), number))
                });
                of.collect::<Result<_, Error>>()?
            }
            Selection::Serials(_)
            | Selection::List { .. }
            | Selection::OfRequest(_)
            | Selection::WithSameKeys(_) => {
                return Err(Error::invalid("authority", "Choose an authority."));
            }
            Selection::Matching(query) => {
                self.records.model.matching_by_authority(query, self.clock.now()).await?
            }
            Selection::IssuedBy { key, only, from, to } => {
                self.sees_events()?;
                let by = (key.clone(), *only, *from, *to);
                let read = move |_: &_, connection: &_| events::issued_by_authority(connection, &by);
                self.records.model.read(read).await?
            }
        };
        Ok(found.into_iter().collect())
    }

    /// Without a trail there are no events, and no tables of them.
    fn sees_events(&self) -> Result<(), Error> {
        self.configuration.trail.is_some().then_some(()).ok_or(Error::NotFound("identity"))
    }
}

/// Each once, in the order given.
fn distinct(serials: Vec<Serial>) -> Result<Vec<Serial>, Error> {
    let mut seen = HashSet::new();
    let serials: Vec<Serial> = serials.into_iter().filter(|serial| seen.insert(*serial)).collect();
    match serials.len() {
        0 => Err(Error::invalid("serials", "There is no certificate among them.")),
        1..=MAX_TARGETS => Ok(serials),
        _ => Err(DraftError::TooManyTargets.into()),
    }
}

/// What an attempt to revoke is about.
pub(crate) fn about(authority: Option<&AuthorityArn>, of: &Selection) -> Object {
    match (authority, of) {
        (Some(authority), Selection::Serials(serials)) if serials.len() == 1 => {
            Object::Certificate { authority: authority.clone(), serial: serials[0] }
        }
        (Some(authority), _) => Object::Route(format!("revocations of {}", authority.id())),
        (None, _) => Object::Route("revocations".to_owned()),
    }
}
