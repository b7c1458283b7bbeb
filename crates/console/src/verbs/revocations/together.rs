//! What spans authorities: a selection, foretold as if all of it were revoked, and requests that were made in one go.

use countersign_aws::Error as AwsError;
use domain::dry_run::DryRun;
use domain::revocation::{DraftError, MAX_TOGETHER, Request};
use domain::views::Selection;
use domain::{AuthorityArn, AuthorityId, Serial, Timestamp};

use crate::{Console, Error};

/// A selection, authority by authority, in the order of their ARNs.
#[derive(Debug, Default)]
pub(crate) struct Foreseen {
    pub runs: Vec<DryRun>,
    /// Of which nothing can be asked for, with the number of certificates, and why.
    pub refused: Vec<(AuthorityArn, u64, String)>,
}

impl Console {
    /// What would happen if all that is meant were revoked: of one authority, or of all that have some of it.
    ///
    /// # Errors
    /// Of one authority: why nothing of it can be asked for.
    pub(crate) async fn foresee(
        &self,
        authority: Option<&AuthorityId>,
        of: &Selection,
    ) -> Result<Foreseen, Error> {
        self.catch_up().await;
        let meant = match authority {
            Some(id) => vec![(self.authority(id)?.authority.arn.clone(), 0)],
            None => self.selected_by_authority(of).await?,
        };
        let (alone, mut refused, mut chosen) = (meant.len() == 1, Vec::new(), Vec::new());
        for (arn, number) in meant {
            match self.meant(&arn, of, chosen.len()).await {
                Ok(serials) => chosen.push((arn, serials)),
                Err(why @ (Error::Invalid { .. } | Error::Conflict(_) | Error::NotFound(_))) if !alone => {
                    refused.push((arn, number, why.to_string()));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Foreseen { runs: self.foretell_together(chosen).await?, refused })
    }

    /// Those of one authority, after so many others.
    async fn meant(&self, arn: &AuthorityArn, of: &Selection, others: usize) -> Result<Vec<Serial>, Error> {
        if self.authority(&arn.id()).is_err() {
            return Err(Error::Conflict("It is not looked after here.".to_owned()));
        }
        if self.settings().policy.excluded.contains(arn) {
            return Err(DraftError::Excluded.into());
        }
        if others == MAX_TOGETHER {
            let most =
                format!("One decision is about {MAX_TOGETHER} authorities at most: ask for it afterwards.");
            return Err(Error::Conflict(most));
        }
        self.selected(arn, of).await
    }

    /// The requests that were made in one go with this one, as they are now.
    pub(crate) async fn made_with(&self, request: &Request, now: Timestamp) -> Result<Vec<Request>, Error> {
        let mut others = Vec::new();
        for id in request.together.iter().take(MAX_TOGETHER) {
            match self.aws.request(id).await {
                Ok(other) if request.made_with(&other) => others.push(other.expired(now).unwrap_or(other)),
                // Somebody else than a console writes there: what is not shown is not decided either.
                Ok(_) | Err(AwsError::NotFound { .. }) => {
                    tracing::warn!(request = %request.id, other = %id, "{id} was not made with {}", request.id);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(others)
    }
}
