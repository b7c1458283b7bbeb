//! The requests that people here are said to have agreed to.

use domain::AuthorityId;
use domain::revocation::{Request, RequestState};
use futures::{Stream, StreamExt, TryStreamExt};

use super::{AUTHORITY, STATE};
use crate::item::{body, s};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// All requests of the authority whose state says that they were approved, as they are now. Whether they were is for
    /// their proofs to say.
    pub fn countersigned(
        &self,
        authority: &AuthorityId,
    ) -> impl Stream<Item = Result<Request, Error>> + use<> {
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
        self.all(query).and_then(async |item| body(Thing::Request, &item)).boxed()
    }
}
