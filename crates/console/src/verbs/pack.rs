//! Taking evidence along: that somebody began to, and the hash of what they got.

use domain::ledger::{Action, Object};
use domain::views::{ComplianceQuery, PackOf, Period};
use domain::{Actor, Permission, RequestId, Timestamp};

use crate::{Console, Error};

impl Console {
    /// Somebody takes along all about a request, or about a time. Gives what exactly, and as of when.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]: the request; [`Error::Invalid`]: the time is none.
    pub async fn begin_pack(
        &self,
        actor: &Actor,
        request: Option<RequestId>,
        query: &ComplianceQuery,
    ) -> Result<(PackOf, Timestamp), Error> {
        self.allowed(actor, Permission::Read, object()).await?;
        let now = self.clock.now();
        let of = match request {
            Some(id) => PackOf::Request(self.aws.request(&id).await?.id),
            None => {
                let period = Period::of_days(query.from, query.to, now);
                let period = period.map_err(|error| Error::invalid("to", error))?;
                let authority = query.authority.as_ref().map(|id| self.authority(id)).transpose()?;
                PackOf::Period { period, authority: authority.map(|one| one.authority.arn.id()) }
            }
        };
        let body = self.told(actor, Action::EvidenceBegun, object()).with("file", of.name());
        self.journal.commit(Vec::new(), &body).await?;
        Ok((of, now))
    }

    /// They have all of it: so many bytes with this hash, and so many entries of the ledger that its log does not show.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn end_pack(
        &self,
        actor: &Actor,
        of: &PackOf,
        (bytes, sha256): (u64, &str),
        unproven: u64,
    ) -> Result<(), Error> {
        self.allowed(actor, Permission::Read, object()).await?;
        let body = self.told(actor, Action::EvidenceTaken, object());
        let body = body.with("file", of.name()).with("bytes", bytes).with("sha256", sha256);
        let body = body.with("entries_without_proof", unproven);
        Ok(self.journal.commit(Vec::new(), &body).await?)
    }
}

fn object() -> Object {
    Object::Route("evidence".to_owned())
}
