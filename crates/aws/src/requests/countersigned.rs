//! Every certificate of an authority whose revocation people here have agreed to.

use domain::revocation::{Request, RequestState};
use domain::{AuthorityId, Serial};
use futures::{Stream, StreamExt, TryStreamExt, stream};

use super::{AUTHORITY, STATE};
use crate::item::{body, s};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// The serial numbers of all approved requests of the authority, as they are now; one may come more than once.
    /// Requests whose approvals or targets are not what their hash says count for nothing, and are logged.
    pub fn countersigned_serials(
        &self,
        authority: &AuthorityId,
    ) -> impl Stream<Item = Result<Serial, Error>> + use<> {
        let mut query = self.partition(keys::requests(), "");
        let mut names = Vec::new();
        for state in RequestState::ALL.iter().copied().filter(|state| state.is_countersigned()) {
            let name = format!(":{}", state.name());
            query = query.expression_attribute_values(&name, s(state.name()));
            names.push(name);
        }
        let filter = format!("{AUTHORITY} = :authority AND {STATE} IN ({})", names.join(", "));
        let query =
            query.filter_expression(filter).expression_attribute_values(":authority", s(authority.as_str()));
        let aws = self.clone();
        self.all(query)
            .and_then(move |item| {
                let aws = aws.clone();
                async move {
                    let request: Request = body(Thing::Request, &item)?;
                    let serials = aws.approved_serials(request).await?;
                    Ok(stream::iter(serials.into_iter().map(Ok)))
                }
            })
            .try_flatten()
            .boxed()
    }

    async fn approved_serials(&self, request: Request) -> Result<Vec<Serial>, Error> {
        let targets = self.request_targets(&request.id).await?;
        let id = request.id.clone();
        match request.approved(&targets) {
            Ok(_) => Ok(targets.iter().map(|target| target.serial).collect()),
            Err(error) => {
                tracing::error!(request = %id, %error, "request {id} is stored as approved, and is not: {error}");
                Ok(Vec::new())
            }
        }
    }
}
