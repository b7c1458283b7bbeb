//! The chain that the ledger was before it was a log: each entry had the hash of the one before it. Its links are the first
//! entries of the log, with their hashes, and are followed once on the way there.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One link, as it is kept in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// 1.
    pub version: u8,
    /// Its place in the chain, from 1.
    pub seq: u64,
    /// The hash of the link before it; of the first, 64 zeros.
    pub previous: String,
    /// SHA-256 over place, previous hash and body, in hex.
    pub hash: String,
    /// The JSON of a [`super::Body`], byte for byte as it was hashed.
    pub body: String,
}

impl Link {
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"countersign ledger 1\n");
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.previous.as_bytes());
        hasher.update(self.body.as_bytes());
        hex::encode(hasher.finalize())
    }

    /// The link that a text of the log is. `None`: it is none.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A link is not there.
    #[error("link {expected} of the old chain is missing: the next one there is {found}")]
    Missing {
        /// The place that should come next.
        expected: u64,
        /// The place of the link that came.
        found: u64,
    },
    /// Its [`Link::previous`] is not the hash of the link before it.
    #[error("link {seq} of the old chain does not follow the one before it")]
    Unlinked {
        /// Its place in the chain.
        seq: u64,
    },
    /// Its [`Link::hash`] is not that of its content.
    #[error("link {seq} of the old chain was changed: its hash does not fit its content")]
    Changed {
        /// Its place in the chain.
        seq: u64,
    },
}

/// Follows a chain link by link, in constant memory.
#[derive(Clone, Debug)]
pub struct Chain {
    seq: u64,
    hash: String,
}

impl Default for Chain {
    fn default() -> Self {
        Self { seq: 0, hash: "0".repeat(64) }
    }
}

impl Chain {
    /// Takes the next link, or says where the chain is broken.
    ///
    /// # Errors
    /// It is not the next one, or not as it was written.
    pub fn follow(&mut self, link: &Link) -> Result<(), Break> {
        let expected = self.seq + 1;
        if link.seq != expected {
            return Err(Break::Missing { expected, found: link.seq });
        }
        if link.previous != self.hash {
            return Err(Break::Unlinked { seq: link.seq });
        }
        if link.digest() != link.hash {
            return Err(Break::Changed { seq: link.seq });
        }
        (self.seq, self.hash) = (link.seq, link.hash.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: u64) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for seq in 1..=length {
            let previous = links.last().map_or_else(|| "0".repeat(64), |link| link.hash.clone());
            let mut link =
                Link { version: 1, seq, previous, hash: String::new(), body: format!("body {seq}") };
            link.hash = link.digest();
            links.push(link);
        }
        links
    }

    fn follow(links: &[Link]) -> Result<(), Break> {
        let mut chain = Chain::default();
        links.iter().try_for_each(|link| chain.follow(link))
    }

    #[test]
    fn editing_removing_and_reordering_are_seen() {
        let links = chain(5);
        assert_eq!(follow(&links), Ok(()));
        let mut edited = links.clone();
        edited[2].body = "body 4".to_owned();
        assert_eq!(follow(&edited), Err(Break::Changed { seq: 3 }));
        edited[2].hash = edited[2].digest();
        assert_eq!(follow(&edited), Err(Break::Unlinked { seq: 4 }));
        let mut removed = links.clone();
        removed.remove(2);
        assert_eq!(follow(&removed), Err(Break::Missing { expected: 3, found: 4 }));
        let mut reordered = links.clone();
        reordered.swap(1, 2);
        assert_eq!(follow(&reordered), Err(Break::Missing { expected: 2, found: 3 }));
    }
}
