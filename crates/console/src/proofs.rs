//! Which requests people have really agreed to. A row of the table is a claim: every approval is held against the ID token
//! that the identity provider signed for it, under a key that this process has fetched itself; where policy says so, the request is
//! as well.

use std::sync::Arc;

use countersign_aws::Aws;
use domain::revocation::{
    Approved, Decision, NotExecutable, NotProven, Policy, Proof, Proven, Request, RequestId, Signed, Target,
    Verdict, Vouched,
};
use identity::{Keys, NotVouched};

use crate::{Clock, Error};

/// Holds requests and decisions against their proofs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Proofs {
    pub aws: Aws,
    pub clock: Clock,
    pub keys: Arc<Keys>,
    /// Today's.
    pub policy: Arc<Policy>,
}

impl Proofs {
    /// Reads the provider's keys again when it is time.
    ///
    /// # Errors
    /// The provider does not answer.
    pub(crate) async fn keep_keys(&self) -> Result<(), Error> {
        self.keys.keep_fresh(self.clock.now()).await.map_err(|error| Error::Unavailable(error.into()))
    }

    /// The request as one that may be carried out. `Ok(Err(_))`: it may not, or not yet.
    ///
    /// # Errors
    /// The decisions cannot be read.
    pub(crate) async fn approved(
        &self,
        request: Request,
        targets: &[Target],
    ) -> Result<Result<Approved, NotExecutable>, Error> {
        let borne_out = self.borne_out(&request).await?;
        Ok(borne_out.and_then(|(signed, proven)| {
            request.approved(targets, signed, proven, &self.policy, self.clock.now())
        }))
    }

    /// The same anew, for the next calls: the decisions are read again and held against their proofs.
    ///
    /// # Errors
    /// The decisions cannot be read.
    pub(crate) async fn again(&self, approved: Approved) -> Result<Result<Approved, NotExecutable>, Error> {
        let borne_out = self.borne_out(approved.request()).await?;
        Ok(borne_out
            .and_then(|(signed, proven)| approved.again(signed, proven, &self.policy, self.clock.now())))
    }

    /// What proves the request, where that was demanded, and every approval of it. `Ok(Err(_))`: one of them is not proven.
    async fn borne_out(
        &self,
        request: &Request,
    ) -> Result<Result<(Option<Signed>, Vec<Proven>), NotExecutable>, Error> {
        if request.is_newer() {
            return Ok(Err(NotExecutable::Newer));
        }
        let signed = match request.demands.request_sign_in {
            false => None,
            true => match self.signed(request).await? {
                Ok(signed) => Some(signed),
                Err(why) => return Ok(Err(request.not_asked(why))),
            },
        };
        Ok(self.approvals(&request.id).await?.map(|proven| (signed, proven)))
    }

    async fn signed(&self, request: &Request) -> Result<Result<Signed, NotProven>, Error> {
        let Some(proof) = self.aws.request_proof(&request.id).await? else {
            return Ok(Err(NotProven::Unreadable));
        };
        Ok(self.vouched(&proof).await.and_then(|vouched| request.signed(&proof, &vouched)))
    }

    /// Every approval that is stored for the request, proven. `Ok(Err(_))`: one of them is not.
    async fn approvals(&self, id: &RequestId) -> Result<Result<Vec<Proven>, NotExecutable>, Error> {
        let mut proven = Vec::new();
        for decision in self.aws.decisions(id).await? {
            let Some((decision, proof)) = decision else {
                let name = "somebody".to_owned();
                return Ok(Err(NotExecutable::NotProven { name, why: NotProven::Unreadable }));
            };
            if decision.verdict == Verdict::Reject {
                continue;
            }
            match self.proven(&decision, &proof).await {
                Ok(approval) => proven.push(approval),
                Err(why) => return Ok(Err(NotExecutable::NotProven { name: decision.by.name, why })),
            }
        }
        Ok(Ok(proven))
    }

    async fn proven(&self, decision: &Decision, proof: &Proof) -> Result<Proven, NotProven> {
        decision.proven(proof, &self.vouched(proof).await?)
    }

    async fn vouched(&self, proof: &Proof) -> Result<Vouched, NotProven> {
        self.keys.vouch(&proof.id_token, self.clock.now()).await.map_err(|why| match why {
            NotVouched::UnknownKey(key) => NotProven::UnknownKey(key),
            NotVouched::Ahead => NotProven::Ahead,
            NotVouched::Refused(refusal) => NotProven::Token(refusal.to_string()),
        })
    }
}
