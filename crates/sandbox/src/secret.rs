//! Random strings nobody can guess.

/// 256 random bits as hex: keys, codes, session names.
pub(crate) fn token() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}
