//! Breaking the glass: whoever is of a group that policy names executes a request alone, says why, and everybody is told.

use serde::{Deserialize, Serialize};

/// Who may execute alone, from configuration. They need the roles to request and to approve besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// Groups of the identity provider.
    pub groups: Vec<String>,
}

/// What makes a request one that its requester executes alone; frozen with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alone {
    /// Why it could not wait for somebody else.
    pub why: String,
    /// The groups of the policy that it was made under.
    pub allowed: BreakGlass,
}

impl BreakGlass {
    /// Whether one of these groups is among them.
    pub(super) fn allows(&self, groups: &[String]) -> bool {
        groups.iter().any(|group| self.groups.contains(group))
    }
}

impl Alone {
    /// Its lines in the hash of a request.
    pub(super) fn lines(&self, line: &mut impl FnMut(&str)) {
        line("break glass");
        line(&self.why);
        line(&self.allowed.groups.len().to_string());
        self.allowed.groups.iter().for_each(|group| line(group));
    }
}

#[cfg(test)]
mod tests;
