//! Text of a file, taken from it without a copy.

use std::borrow::Cow;

use serde::Deserialize;

/// A text as it is read from JSON: the file's own bytes where it has no escapes.
#[derive(Debug, Deserialize)]
pub(crate) struct Said<'a>(#[serde(borrow)] pub Cow<'a, str>);
