//! Which roles people had when they were last seen: what an execution checks again before it revokes, and who may still decide.

use std::collections::{BTreeMap, BTreeSet};

use domain::people::{Person, Strength};
use domain::{Actor, PersonId, Roles, Timestamp};
use serde::{Deserialize, Serialize};

use crate::item::{body, json, n, s};
use crate::{Aws, Change, Error, Thing, keys};

/// A person as they last signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    person: Person,
    roles: Roles,
    #[serde(default)]
    groups: Vec<String>,
    at: Timestamp,
}

impl Aws {
    /// Remembers the roles that `actor` was seen with at `at`; an older sighting does not overwrite a newer one.
    pub async fn remember_person(&self, actor: &Actor, at: Timestamp) -> Result<(), Error> {
        let Actor { person, roles, groups, .. } = actor.clone();
        let seen = Seen { person, roles, groups, at };
        let id = &actor.person.id;
        let attributes = [
            (keys::BODY, json(Thing::Person, &seen)?),
            ("seen_at", n(at.unix())),
            (keys::LIST_PK, s(keys::people())),
            (keys::LIST_SK, s(keys::seen(at, id.as_str()))),
        ];
        let put = Change::put(Thing::Person, id.as_str(), keys::person(id), attributes);
        let put = put.when("attribute_not_exists(pk) OR seen_at <= :at", [(":at", n(at.unix()))]);
        match self.apply(&[put]).await {
            Err(Error::Conflict { .. }) => Ok(()),
            other => other,
        }
    }

    /// People as they last signed in, the newest first, `limit` at most, as they were a moment ago.
    pub async fn people_seen(&self, limit: u32) -> Result<Vec<Actor>, Error> {
        let query = self.list(keys::people(), "").scan_index_forward(false);
        let actor = |seen: Seen| Actor {
            person: seen.person,
            roles: seen.roles,
            groups: seen.groups,
            signed_in_at: seen.at,
            strength: Strength::default(),
        };
        self.first(query, limit).await?.iter().map(|item| body(Thing::Person, item).map(actor)).collect()
    }

    /// The roles that these people (each once) were last seen with; who was never seen is missing.
    pub async fn roles_of(&self, people: &BTreeSet<PersonId>) -> Result<BTreeMap<PersonId, Roles>, Error> {
        let items = self.items(people.iter().map(keys::person).collect()).await?;
        let seen = items.iter().map(|item| body::<Seen>(Thing::Person, item));
        seen.map(|seen| seen.map(|seen| (seen.person.id, seen.roles))).collect()
    }
}
