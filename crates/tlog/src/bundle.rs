//! Entries in a bundle: each has its length before it, as two octets, the larger first.

/// The most octets of an entry.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// A file is not what a log has in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Damaged(pub String);

/// The entry as it stands in a bundle. `None`: it is too long.
pub(crate) fn framed(entry: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(entry.len()).ok()?;
    Some([&length.to_be_bytes(), entry].concat())
}

/// The entries of a bundle.
///
/// # Errors
/// It is cut, or goes on behind its last entry.
pub fn entries(mut bundle: &[u8]) -> Result<Vec<&[u8]>, Damaged> {
    let mut entries = Vec::new();
    while let [high, low, rest @ ..] = bundle {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((entry, rest)) = rest.split_at_checked(length) else {
            return Err(Damaged(format!("it ends within its entry {}", entries.len() + 1)));
        };
        entries.push(entry);
        bundle = rest;
    }
    match bundle {
        [] => Ok(entries),
        _ => Err(Damaged(format!("it ends within its entry {}", entries.len() + 1))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_framed_comes_back(all in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), 0..20)) {
            let bundle: Vec<u8> = all.iter().flat_map(|entry| framed(entry).unwrap()).collect();
            prop_assert_eq!(entries(&bundle).unwrap(), all);
        }

        #[test]
        fn whatever_the_bytes_are_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            drop(entries(&bytes));
        }
    }

    #[test]
    fn what_is_cut_is_refused() {
        let bundle = [framed(b"one").unwrap(), framed(b"two").unwrap()].concat();
        for end in [1, 4, 6, 9] {
            assert!(entries(&bundle[..end]).is_err(), "{end}");
        }
        assert_eq!(framed(&vec![0; MAX_ENTRY + 1]), None);
    }
}
