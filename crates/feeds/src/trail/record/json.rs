//! Single fields of foreign JSON, each read as well as it can be.

use domain::foreign::Text;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

use super::NAME;

/// A text; also a number or anything else, as it is written. Empty and null are absent. No more than `most` bytes as it is
/// stored.
pub fn text(raw: Option<&RawValue>, most: usize) -> Option<String> {
    let raw = raw?.get();
    let whole = match serde_json::from_str::<Lossy>(raw) {
        Ok(Lossy(text)) => text,
        Err(_) => raw.to_owned(),
    };
    (!whole.is_empty()).then(|| Text::within(&whole, most).into())
}

/// `true`, or the text "true".
pub fn flag(raw: Option<&RawValue>) -> Option<bool> {
    match text(raw, NAME)?.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// An object; anything else is as good as an empty one.
pub fn object<'a, T: Deserialize<'a> + Default>(raw: Option<&'a RawValue>) -> T {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// A list of objects; what is none is left out.
pub fn list<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Vec<T> {
    let elements: Vec<&RawValue> = object(raw);
    elements.into_iter().filter_map(|element| serde_json::from_str(element.get()).ok()).collect()
}

/// A JSON string, whatever it holds: half of a surrogate pair is replaced, where serde_json refuses the whole string.
struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(LossyVisitor)
    }
}

struct LossyVisitor;

impl Visitor<'_> for LossyVisitor {
    type Value = Lossy;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
        Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
    }
}
