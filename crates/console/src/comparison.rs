//! What two runs found, held against each other: read chunk by chunk, so that two chunks are in memory.

use std::iter::Peekable;
use std::vec::IntoIter;

use countersign_aws::{Aws, Error as AwsError};
use domain::found::{Difference, Found, FoundList};

/// The findings of two runs in step, in order.
pub(crate) struct Comparison {
    aws: Aws,
    earlier: Reader,
    later: Reader,
}

/// What is left of what a run found.
struct Reader {
    chunks: IntoIter<String>,
    found: Peekable<IntoIter<Found>>,
}

impl Comparison {
    pub fn new(aws: Aws, earlier: FoundList, later: FoundList) -> Self {
        Self { aws, earlier: Reader::new(earlier), later: Reader::new(later) }
    }

    /// The next finding, and what became of it.
    pub async fn next(&mut self) -> Result<Option<(Difference, Found)>, AwsError> {
        let earlier = self.earlier.peek(&self.aws).await?;
        let later = self.later.peek(&self.aws).await?;
        let Some((difference, found)) = Difference::of(earlier, later) else { return Ok(None) };
        self.earlier.found.next_if_eq(&found);
        self.later.found.next_if_eq(&found);
        Ok(Some((difference, found)))
    }
}

impl Reader {
    fn new(list: FoundList) -> Self {
        Self { chunks: list.chunks.into_iter(), found: Vec::new().into_iter().peekable() }
    }

    async fn peek(&mut self, aws: &Aws) -> Result<Option<Found>, AwsError> {
        while self.found.peek().is_none() {
            let Some(chunk) = self.chunks.next() else { return Ok(None) };
            self.found = aws.found(&chunk).await?.into_iter().peekable();
        }
        Ok(self.found.peek().copied())
    }
}
