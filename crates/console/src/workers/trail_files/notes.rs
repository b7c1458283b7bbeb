//! What was wrong with single files of a pass: it keeps no other file back.

use countersign_aws::Error as AwsError;
use domain::trail::TrailPart;

/// So many files in a row that cannot be reached now: it is not the files.
const IN_A_ROW: u32 = 5;
/// How many of the files that cannot be read are named.
const NAMED: usize = 100;

/// What was wrong with single files of a pass.
#[derive(Default)]
pub(crate) struct Notes {
    first: Option<String>,
    count: u64,
    in_a_row: u32,
    transient: bool,
    /// Some file was read.
    any: bool,
    /// The keys of files that cannot be read, however often that is tried, and why.
    unread: Vec<(String, String)>,
}

impl Notes {
    /// A file was read.
    pub(crate) fn read(&mut self) {
        (self.in_a_row, self.any) = (0, true);
    }

    /// A file was not. Gives the error back when too many could not be reached.
    pub(crate) fn add(&mut self, key: &str, error: AwsError) -> Result<(), AwsError> {
        tracing::warn!(key, "a file of the trail is not read now: {error}");
        self.count += 1;
        self.first.get_or_insert_with(|| error.to_string());
        if error.is_transient() {
            (self.in_a_row, self.transient) = (self.in_a_row + 1, true);
            return if self.in_a_row >= IN_A_ROW { Err(error) } else { Ok(()) };
        }
        if self.unread.len() < NAMED {
            self.unread.push((key.to_owned(), error.to_string()));
        }
        Ok(())
    }

    pub(crate) fn unread(&self) -> &[(String, String)] {
        &self.unread
    }

    /// Whether the next pass must list the same days again: something may go better by itself, or none of the files could be
    /// read, which is not their fault.
    pub(crate) fn is_behind(&self) -> bool {
        self.transient || (self.count > 0 && !self.any)
    }

    /// An error if it may go better when it is tried again.
    pub(crate) fn transient_failure(&self, part: &TrailPart) -> Result<(), AwsError> {
        if !self.transient {
            return Ok(());
        }
        let source = self.problem().unwrap_or_default().into();
        let resource = format!("the trail of {part}");
        Err(AwsError::Unavailable { operation: "s3:GetObject", resource, source })
    }

    pub(crate) fn problem(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        Some(match self.count {
            1 => format!("A file of the trail is not read yet: {first}"),
            count => format!("{count} files of the trail are not read yet; the first: {first}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_nobody_can_read_keep_nothing_back_unless_none_can_be_read() {
        let denied = || AwsError::Denied {
            operation: "",
            resource: String::new(),
            message: String::new(),
            by_policy: true,
        };
        let busy = || AwsError::Throttled { operation: "", resource: String::new() };
        let mut notes = Notes::default();
        for number in 0..200 {
            notes.add(&format!("{number}"), denied()).unwrap();
        }
        assert!(notes.is_behind() && notes.unread().len() == NAMED);
        notes.read();
        assert!(!notes.is_behind() && notes.problem().unwrap().starts_with("200 files"));
        for _ in 1..IN_A_ROW {
            notes.add("x", busy()).unwrap();
        }
        assert!(notes.is_behind() && notes.add("x", busy()).is_err());
    }
}
