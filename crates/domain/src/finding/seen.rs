//! Findings as somebody saw them on a page, for what is done to several at once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::handling::Finding;
use super::id::FindingId;

/// A finding in the version that was on the page: `VERSION#ID`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Which finding.
    pub id: FindingId,
    /// The version that was shown ([`Finding::version`]).
    pub version: u64,
}

impl Seen {
    /// One a line, as forms carry them.
    pub fn lines(findings: &[Finding]) -> String {
        let line = |finding: &Finding| Self { id: finding.id.clone(), version: finding.version }.to_string();
        findings.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Reads what [`Seen::lines`] wrote.
    ///
    /// # Errors
    /// A line is none.
    pub fn read(lines: &str) -> Result<Vec<Self>, SeenError> {
        lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::parse).collect()
    }
}

/// A text does not say which finding was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a finding that was seen (VERSION#ID)")]
pub struct SeenError;

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.version, self.id)
    }
}

impl FromStr for Seen {
    type Err = SeenError;

    fn from_str(text: &str) -> Result<Self, SeenError> {
        let (version, id) = text.split_once('#').ok_or(SeenError)?;
        Ok(Self { id: id.parse().map_err(|_| SeenError)?, version: version.parse().map_err(|_| SeenError)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_written_and_read_back() {
        let one: Seen = "3#issuance_denied.a-1.arn:aws:iam::1:user/a b@c".parse().unwrap();
        assert_eq!((one.version, one.id.subject.to_string().as_str()), (3, "arn:aws:iam::1:user/a b@c"));
        assert_eq!(Seen::read(&format!("{one}\r\n\n{one}\n")), Ok(vec![one.clone(), one]));
        for wrong in ["duplicate.a-1.0a", "x#duplicate.a-1.0a", "1#duplicate", "#", "-1#duplicate.a-1.0a"] {
            assert_eq!(Seen::read(wrong), Err(SeenError), "{wrong}");
        }
        assert_eq!(Seen::read(""), Ok(Vec::new()));
    }
}
