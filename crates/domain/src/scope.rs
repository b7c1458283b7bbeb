//! What a finding belongs to.

use std::fmt;
use std::str::FromStr;

use crate::authority::{AuthorityArn, AuthorityId};
use crate::trail::TrailPart;

/// What a finding belongs to: with kind and subject it is its id. As text: the authority's id, `ACCOUNT_REGION`, or
/// `countersign`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One authority, by the id in its ARN.
    Authority(AuthorityId),
    /// The trail of one account and Region.
    Trail(TrailPart),
    /// The workers of Countersign itself.
    Countersign,
}

/// What the workers are called; no authority is, as their ids are UUIDs.
const COUNTERSIGN: &str = "countersign";

impl Scope {
    /// The authority's id; `None`: it is a trail, or Countersign itself.
    pub fn authority(&self) -> Option<&AuthorityId> {
        match self {
            Self::Authority(id) => Some(id),
            Self::Trail(_) | Self::Countersign => None,
        }
    }
}

impl From<AuthorityId> for Scope {
    fn from(id: AuthorityId) -> Self {
        Self::Authority(id)
    }
}

impl From<&AuthorityArn> for Scope {
    fn from(arn: &AuthorityArn) -> Self {
        Self::Authority(arn.id())
    }
}

impl From<&TrailPart> for Scope {
    fn from(part: &TrailPart) -> Self {
        Self::Trail(part.clone())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authority(id) => write!(f, "{id}"),
            Self::Trail(TrailPart { account, region }) => write!(f, "{account}_{region}"),
            Self::Countersign => f.write_str(COUNTERSIGN),
        }
    }
}

/// A text names nothing that a finding belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an authority's id, ACCOUNT_REGION or {COUNTERSIGN}")]
pub struct ScopeError;

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        if text == COUNTERSIGN {
            return Ok(Self::Countersign);
        }
        let Some((account, region)) = text.split_once('_') else {
            return text.parse().map(Self::Authority).map_err(|_| ScopeError);
        };
        let is_name = |text: &str| {
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !(account.bytes().all(|b| b.is_ascii_digit()) && is_name(account) && is_name(region)) {
            return Err(ScopeError);
        }
        Ok(Self::Trail(TrailPart { account: account.to_owned(), region: region.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_which_of_them_it_is() {
        let authority = Scope::Authority("11223344-1234-1122-2233-112233445566".parse().unwrap());
        let part = TrailPart { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() };
        for scope in [authority, Scope::Trail(part), Scope::Countersign] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        let like_a_trail: Scope = "111122223333-eu-central-1".parse().unwrap();
        assert!(like_a_trail.authority().is_some());
        for wrong in [
            "",
            "_",
            "1_",
            "_eu",
            "x_eu",
            "1_eu#",
            "1_eu_1",
            "1_eu.x",
            "a b",
            &format!("1_{}", "e".repeat(65)),
        ] {
            assert_eq!(wrong.parse::<Scope>(), Err(ScopeError), "{wrong}");
        }
    }
}
