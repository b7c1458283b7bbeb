//! Ids of what is made here.

use std::error::Error as StdError;
use std::str::FromStr;

use crate::Error;

/// A new id that sorts by the time of its making.
pub(crate) fn new_id<T: FromStr<Err: StdError + Send + Sync + 'static>>() -> Result<T, Error> {
    uuid::Uuid::now_v7().to_string().parse().map_err(Error::internal)
}
