//! What policy demands of the approvals of one request, beside their number. It is frozen with the request, and today's is asked
//! as well: the stricter counts.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::people::{Actor, Strength};
use crate::timestamp::{Timestamp, words};

/// So many of the approvals must be by people of this group of the identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Represented {
    /// The group's name, as the provider writes it.
    pub group: String,
    /// How many people of it.
    pub approvals: u32,
}

/// The default demands nothing: requests that an older console froze name none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Demands {
    /// Groups that must each be represented, each once. A person counts for one of them only.
    pub represented: Vec<Represented>,
    /// How long after it was given an approval may be carried out. `None`: for ever.
    pub approval_life: Option<Duration>,
    /// How old the sign-in behind a decision may be. `None`: of any age.
    pub fresh_sign_in: Option<Duration>,
    /// The sign-in must be of one of these classes (`acr`, OpenID Connect Core §2). Empty: of any.
    pub acr: Vec<String>,
    /// At least one of these methods must have been used (`amr`, RFC 8176): providers name a passkey differently. Empty: any.
    pub amr: Vec<String>,
    /// The claim that names the human behind an account: those who ask and approve must be different ones. `None`: accounts are
    /// people.
    pub people_claim: Option<String>,
    /// Where the provider does not say when somebody signed in, the time of its token will do.
    pub iat_counts: bool,
    /// Asking for it is a sign-in, as deciding is.
    pub request_sign_in: bool,
}

/// Why a sign-in does not do. Goes on after "the sign-in".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// It was older than this.
    #[error("was older than {} when it was made", words(*.0))]
    Stale(Duration),
    /// The provider does not say when it was, and policy wants it fresh.
    #[error("is of unknown age (auth_time)")]
    Undated,
    /// Its `acr` is none of these.
    #[error("was not of a class that policy asks for (acr: {})", .0.join(" or "))]
    Class(Vec<String>),
    /// Its `amr` has none of these.
    #[error("used no method that policy asks for (amr: {})", .0.join(" or "))]
    Method(Vec<String>),
}

impl Demands {
    /// Its lines in the hash of a request: each list begins with its length. What newer versions know is not among them.
    pub(super) fn lines(&self, line: &mut impl FnMut(&str)) {
        line(&self.represented.len().to_string());
        for Represented { group, approvals } in &self.represented {
            line(group);
            line(&approvals.to_string());
        }
        for time in [self.approval_life, self.fresh_sign_in] {
            line(&time.map(|time| time.as_secs().to_string()).unwrap_or_default());
        }
        for names in [&self.acr, &self.amr] {
            line(&names.len().to_string());
            names.iter().for_each(|name| line(name));
        }
        line(self.people_claim.as_deref().unwrap_or_default());
        line(if self.iat_counts { "iat" } else { "auth_time" });
    }

    /// Holds a sign-in of `signed_in_at` against what is demanded of one, at `at`.
    pub(super) fn sign_in(
        &self,
        signed_in_at: Timestamp,
        at: Timestamp,
        strength: &Strength,
    ) -> Result<(), Weak> {
        if let Some(fresh) = self.fresh_sign_in.filter(|fresh| at.since(signed_in_at) > *fresh) {
            return Err(Weak::Stale(fresh));
        }
        if self.fresh_sign_in.is_some() && strength.by_iat && !self.iat_counts {
            return Err(Weak::Undated);
        }
        let is_class = |acr: &String| self.acr.contains(acr);
        if !self.acr.is_empty() && !strength.acr.as_ref().is_some_and(is_class) {
            return Err(Weak::Class(self.acr.clone()));
        }
        if !self.amr.is_empty() && !strength.amr.iter().any(|method| self.amr.contains(method)) {
            return Err(Weak::Method(self.amr.clone()));
        }
        Ok(())
    }

    /// The same of whom the provider has vouched for a moment before `now`.
    pub(super) fn just_now(&self, actor: &Actor, now: Timestamp) -> Result<(), Weak> {
        // A sign-in dated in the future is no fresher than one of unknown age.
        if actor.signed_in_at > now.plus(Duration::from_secs(60)) {
            return Err(self.fresh_sign_in.map_or(Weak::Undated, Weak::Stale));
        }
        self.sign_in(actor.signed_in_at, now, &actor.strength)
    }

    /// Whether each group that `other` names is represented here by as many.
    pub(super) fn represents(&self, other: &Self) -> bool {
        let enough = |one: &Represented| {
            self.represented.iter().any(|own| own.group == one.group && own.approvals >= one.approvals)
        };
        other.represented.iter().all(enough)
    }

    /// Whether an approval of `given` may no longer be carried out. Gives how long it might have been.
    pub(super) fn outlived(&self, given: Timestamp, now: Timestamp) -> Option<Duration> {
        self.approval_life.filter(|life| now.since(given) > *life)
    }

    /// How many of which group are missing among approvers who are in these groups.
    pub(super) fn missing(&self, approvers: &[&[String]]) -> Vec<Represented> {
        // Each place of a group is one person's: a bipartite matching, along augmenting paths.
        let places: Vec<&str> =
            self.represented.iter().flat_map(|one| (0..one.approvals).map(|_| one.group.as_str())).collect();
        let mut sits: Vec<Option<usize>> = vec![None; approvers.len()];
        let mut missing: Vec<Represented> = Vec::new();
        for (place, group) in places.iter().enumerate() {
            if seat(place, &places, approvers, &mut sits, &mut vec![false; approvers.len()]) {
                continue;
            }
            match missing.iter_mut().find(|one| one.group == *group) {
                Some(one) => one.approvals += 1,
                None => missing.push(Represented { group: (*group).to_owned(), approvals: 1 }),
            }
        }
        missing
    }
}

/// Finds somebody for the place, moving others to places of their other groups. `sits`: the place of each approver.
fn seat(
    place: usize,
    places: &[&str],
    approvers: &[&[String]],
    sits: &mut [Option<usize>],
    asked: &mut [bool],
) -> bool {
    for person in 0..approvers.len() {
        if asked[person] || !approvers[person].iter().any(|group| group == places[place]) {
            continue;
        }
        asked[person] = true;
        if sits[person].is_none_or(|other| seat(other, places, approvers, sits, asked)) {
            sits[person] = Some(place);
            return true;
        }
    }
    false
}

impl fmt::Display for Represented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.approvals, self.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revocation::fixture::now;

    fn missing(represented: &[(&str, u32)], approvers: &[&[&str]]) -> String {
        let represented = represented
            .iter()
            .map(|(group, approvals)| Represented { group: (*group).to_owned(), approvals: *approvals });
        let demands = Demands { represented: represented.collect(), ..Demands::default() };
        let groups = |groups: &&[&str]| groups.iter().map(|&group| group.to_owned()).collect::<Vec<_>>();
        let approvers: Vec<Vec<String>> = approvers.iter().map(groups).collect();
        let approvers: Vec<&[String]> = approvers.iter().map(Vec::as_slice).collect();
        demands.missing(&approvers).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn each_group_is_represented_by_people_of_its_own() {
        let both = [("security", 2), ("operations", 1)];
        assert_eq!(missing(&both, &[]), "2 of security, 1 of operations");
        assert_eq!(missing(&both, &[&["security"], &["security"], &["security"]]), "1 of operations");
        assert_eq!(missing(&both, &[&["security"], &["operations"]]), "1 of security");
        assert_eq!(missing(&both, &[&["security"], &["operations"], &["security", "x"]]), "");
        assert_eq!(missing(&[], &[&["security"]]), "");
    }

    #[test]
    fn attack_a_person_of_two_groups_counts_for_one() {
        let both = [("security", 1), ("operations", 1)];
        assert_eq!(missing(&both, &[&["security", "operations"]]), "1 of operations");
        // In whichever order they came: the one who is in both makes room.
        assert_eq!(missing(&both, &[&["security", "operations"], &["security"]]), "");
        assert_eq!(missing(&both, &[&["security"], &["security", "operations"]]), "");
        let three = [("a", 1), ("b", 1), ("c", 1)];
        assert_eq!(missing(&three, &[&["a", "b"], &["b", "c"], &["a"]]), "");
        assert_eq!(missing(&three, &[&["a", "b"], &["a", "b"], &["a", "b"]]), "1 of c");
    }

    #[test]
    fn a_sign_in_is_of_a_class_and_by_a_method() {
        let demands = Demands {
            fresh_sign_in: Some(Duration::from_secs(300)),
            acr: vec!["phr".to_owned(), "phrh".to_owned()],
            amr: vec!["hwk".to_owned(), "fido".to_owned()],
            ..Demands::default()
        };
        let strength = |acr: &str, amr: &[&str]| Strength {
            acr: Some(acr.to_owned()).filter(|acr| !acr.is_empty()),
            amr: amr.iter().map(|&method| method.to_owned()).collect(),
            by_iat: false,
        };
        let good = strength("phrh", &["pin", "hwk"]);
        assert_eq!(demands.sign_in(now(), now(), &good), Ok(()));
        let early = now().minus(Duration::from_secs(301));
        assert_eq!(demands.sign_in(early, now(), &good), Err(Weak::Stale(Duration::from_secs(300))));
        let undated = Strength { by_iat: true, ..good };
        assert_eq!(demands.sign_in(now(), now(), &undated), Err(Weak::Undated));
        let iat = Demands { iat_counts: true, ..demands.clone() };
        assert_eq!(iat.sign_in(now(), now(), &undated), Ok(()));
        for acr in ["", "0", "PHR", "phr "] {
            let refused = demands.sign_in(now(), now(), &strength(acr, &["hwk"]));
            assert!(matches!(refused, Err(Weak::Class(_))), "{acr}");
        }
        for amr in [&[][..], &["pwd", "otp"], &["FIDO"]] {
            let refused = demands.sign_in(now(), now(), &strength("phr", amr));
            assert!(matches!(refused, Err(Weak::Method(_))), "{amr:?}");
        }
        assert_eq!(Demands::default().sign_in(Timestamp::EPOCH, now(), &strength("", &[])), Ok(()));
    }
}
