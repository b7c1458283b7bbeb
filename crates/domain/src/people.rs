//! Who acts, and what their roles let them do. There is no administrator.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::id::{IdError, id};
use crate::timestamp::Timestamp;

/// A role, held through a group of the identity provider.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Reads everything, and changes nothing.
    Auditor,
    /// Starts runs, handles findings, asks for revocations.
    Operator,
    /// Decides on what others ask for.
    Approver,
}

impl Role {
    /// Every role, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in configuration, the ledger and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The roles that one person holds; none by default.
pub type Roles = BTreeSet<Role>;

/// The groups of the identity provider that give each role, and those that mean something besides.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RoleGroups {
    #[serde(flatten)]
    of: BTreeMap<Role, Vec<String>>,
    #[serde(skip)]
    besides: BTreeSet<String>,
}

impl FromIterator<(Role, Vec<String>)> for RoleGroups {
    fn from_iter<I: IntoIterator<Item = (Role, Vec<String>)>>(groups: I) -> Self {
        Self { of: groups.into_iter().collect(), besides: BTreeSet::new() }
    }
}

impl RoleGroups {
    /// The roles that somebody in `groups` holds. Names match exactly, octet for octet.
    pub fn roles(&self, groups: &[String]) -> Roles {
        let gives = |names: &Vec<String>| names.iter().any(|name| groups.contains(name));
        self.of.iter().filter(|(_, names)| gives(names)).map(|(role, _)| *role).collect()
    }

    /// Those of `groups` that mean something here.
    pub fn known(&self, groups: Vec<String>) -> Vec<String> {
        let gives = |group: &String| self.of.values().any(|names| names.contains(group));
        groups.into_iter().filter(|group| self.besides.contains(group) || gives(group)).collect()
    }

    /// The same, and these groups are known too: policy names them.
    #[must_use]
    pub fn besides(self, groups: impl IntoIterator<Item = String>) -> Self {
        Self { besides: groups.into_iter().collect(), ..self }
    }
}

/// What a page, a form or a route demands of whoever asks. Every one of them declares exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Without sign-in: health, static files, the way to sign in.
    Anyone,
    /// With any sign-in, even without a role: the page that says so, sign-out, the choice of theme.
    SignedIn,
    /// Read every page, export, verify the ledger.
    Read,
    /// Start a run, triage findings, request and cancel own requests.
    Operate,
    /// Approve or reject somebody else's request.
    Approve,
    /// Halt what is carried out, let it go on, have it tried again or close it: which of them, the rule says. Open an incident, and
    /// write in it.
    StepIn,
}

impl Permission {
    /// Whether somebody who holds these roles has it.
    pub fn granted_to(self, roles: &Roles) -> bool {
        match self {
            Self::Anyone | Self::SignedIn => true,
            Self::Read => !roles.is_empty(),
            Self::Operate => roles.contains(&Role::Operator),
            Self::Approve => roles.contains(&Role::Approver),
            Self::StepIn => Self::Operate.granted_to(roles) || Self::Approve.granted_to(roles),
        }
    }

    /// Why somebody without it may not, and who may.
    pub fn refusal(self) -> &'static str {
        match self {
            Self::Anyone | Self::SignedIn => "Sign in first.",
            Self::Read => "None of your groups gives you a role in Countersign.",
            Self::Operate => "Only an operator can do this.",
            Self::Approve => "Only an approver can do this.",
            Self::StepIn => "Only an operator or an approver can do this.",
        }
    }
}

id!(
    /// The identity of a person: issuer and subject of their ID token (OpenID Connect Core §2), never an e-mail address.
    PersonId,
    "a person (issuer and subject, both non-empty and together below 600 characters)",
    |text| {
        let both = text.split_once('|').is_some_and(|(issuer, subject)| !issuer.is_empty() && !subject.is_empty());
        both && text.len() < 600
    }
);

impl PersonId {
    /// From `iss` and `sub` of an ID token (OpenID Connect Core §2).
    ///
    /// # Errors
    /// One of them is empty, or both together are too long.
    pub fn new(issuer: &str, subject: &str) -> Result<Self, IdError> {
        format!("{issuer}|{subject}").parse()
    }
}

id!(
    /// What names the human behind several accounts, such as an employee number: the value of a claim that configuration names.
    Human,
    "a name of a human (1 to 200 characters, none of them hidden)",
    |text| (1..=200).contains(&text.chars().count()) && !text.chars().any(crate::foreign::is_hidden)
);

/// A person as they are remembered beside what they did: identity and the name they were shown under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their identity: issuer and subject.
    pub id: PersonId,
    /// The name that they were shown under: foreign text.
    pub name: String,
    /// Whoever is behind the account, where the provider says so and that is asked of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human: Option<Human>,
}

impl Person {
    /// Whether both are one person: the same account, or two accounts of one human.
    pub fn is(&self, other: &Self) -> bool {
        self.id == other.id || (self.human.is_some() && self.human == other.human)
    }
}

/// Somebody signed in, at the moment they act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Their identity, and the name that the provider gives them.
    pub person: Person,
    /// The roles that their groups give them.
    pub roles: Roles,
    /// Those of their groups that mean something here.
    #[serde(default)]
    pub groups: Vec<String>,
    /// When the provider last saw them prove who they are (`auth_time`).
    pub signed_in_at: Timestamp,
    /// How they proved who they are.
    #[serde(default)]
    pub strength: Strength,
}

/// How somebody proved who they are, as the provider names it; nothing, where it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// The class of the sign-in (`acr`, OpenID Connect Core §2).
    pub acr: Option<String>,
    /// The methods that were used (`amr`, RFC 8176).
    pub amr: Vec<String>,
    /// It does not say when they signed in (`auth_time`): the time of the token (`iat`) stands for it.
    #[serde(default)]
    pub by_iat: bool,
}

impl Actor {
    /// Whether their roles let them.
    pub fn may(&self, permission: Permission) -> bool {
        permission.granted_to(&self.roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_anything_by_default() {
        for permission in [Permission::Read, Permission::Operate, Permission::Approve] {
            assert!(!permission.granted_to(&Roles::new()), "{permission:?}");
        }
        assert!(!Permission::Operate.granted_to(&Roles::from([Role::Auditor, Role::Approver])));
        assert!(!Permission::Approve.granted_to(&Roles::from([Role::Auditor, Role::Operator])));
        assert!(Permission::Read.granted_to(&Roles::from([Role::Approver])));
    }

    #[test]
    fn groups_match_exactly() {
        let groups = RoleGroups::from_iter([
            (Role::Auditor, vec!["pki-auditors".to_owned()]),
            (Role::Approver, vec!["pki-approvers".to_owned(), "security".to_owned()]),
        ]);
        let roles =
            |names: &[&str]| groups.roles(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(roles(&["security", "staff"]), Roles::from([Role::Approver]));
        assert_eq!(roles(&["pki-auditors", "pki-approvers"]), Roles::from([Role::Auditor, Role::Approver]));
        for confusable in ["PKI-approvers", "pki-approvers ", "pki-approvers2", "pki", "", "рki-approvers"] {
            assert_eq!(roles(&[confusable]), Roles::new(), "{confusable:?}");
        }
        let groups = groups.besides(["operations".to_owned()]);
        let names = ["operations", "Operations", "security", "staff"].map(str::to_owned).to_vec();
        assert_eq!(groups.known(names), ["operations", "security"]);
        assert_eq!(groups.roles(&["operations".to_owned()]), Roles::new(), "known, and gives no role");
    }

    #[test]
    fn a_person_needs_issuer_and_subject() {
        assert!(PersonId::new("https://idp.example", "").is_err());
        assert!(PersonId::new("", "7").is_err());
        assert_eq!(PersonId::new("https://idp.example", "a|b").unwrap().as_str(), "https://idp.example|a|b");
    }
}
