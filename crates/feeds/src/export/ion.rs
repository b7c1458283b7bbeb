//! Lines of an export in Amazon Ion, in text: `$ion_1_0 {Item:{…}}`.
//!
//! Source: DynamoDB Developer Guide, "DynamoDB table export output format".

use ion_rs::{Element, Value as Ion};

use super::{Fields, Value};

/// More brackets than this in an item are not read: the library goes down into them by recursion, and some bytes would take
/// the stack.
const BRACKETS: usize = 100;

/// The item of a line, or what is wrong with it.
pub(super) fn item(line: &[u8]) -> Result<Fields<'_>, String> {
    if line.iter().filter(|byte| matches!(byte, b'[' | b'{' | b'(')).count() > BRACKETS {
        return Err(format!("it has more than {BRACKETS} brackets"));
    }
    let wrong = || "not an item of a DynamoDB export in Ion".to_owned();
    // In a text with escapes, the library panics where it is not UTF-8.
    let line = std::str::from_utf8(line).map_err(|_| wrong())?;
    let read = Element::read_one(line).map_err(|_| wrong())?;
    let item = read.as_struct().and_then(|line| line.get("Item")).and_then(Element::as_struct);
    let fields = item.ok_or_else(wrong)?.fields();
    let named =
        |(name, element): (&ion_rs::Symbol, &Element)| Some((name.text()?.to_owned().into(), value(element)));
    Ok(Fields(fields.filter_map(named).collect()))
}

/// Sets are lists with an annotation, and none of ours.
fn value(element: &Element) -> Value<'static> {
    match element.value() {
        Ion::String(text) => Value::text(text.text().to_owned()),
        Ion::Int(number) => Value::number(number.to_string()),
        Ion::Decimal(number) => {
            let (digits, exponent) = (number.coefficient(), number.exponent());
            let number = if exponent == 0 { digits.to_string() } else { format!("{digits}E{exponent}") };
            Value::number(number)
        }
        Ion::Null(_) => Value::null(),
        _ => Value::default(),
    }
}
