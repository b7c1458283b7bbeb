//! A finding's next version, unless somebody else has written one meanwhile.

use domain::{Finding, Timestamp};

use super::item::VERSION;
use crate::item::{json, n, s};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// Writes `finding` at `at` in the place of `replaces`, the version that it was made from; `None`: it is new.
    pub fn save_finding(
        &self,
        finding: &Finding,
        replaces: Option<u64>,
        at: Timestamp,
    ) -> Result<Change, Error> {
        let attributes = [
            (keys::BODY, json(Thing::Finding, finding)?),
            (VERSION, n(finding.version)),
            ("item_state", s(finding.state.name().name())),
            (keys::LIST_PK, s(keys::findings_by_change(keys::shard_of(&finding.id)))),
            (keys::LIST_SK, s(keys::changed(at, &finding.id))),
        ];
        let put = Change::put(Thing::Finding, finding.id.to_string(), keys::finding(&finding.id), attributes);
        Ok(match replaces {
            None => put.when_absent(),
            // What is there has no version that could be read, unless another has replaced it.
            Some(0) => {
                put.when("attribute_exists(pk) AND NOT version = :next", [(":next", n(finding.version))])
            }
            Some(version) => put.when("version = :version", [(":version", n(version))]),
        })
    }
}
