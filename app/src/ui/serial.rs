//! Long values in little room: cut in the middle, whole in the title, copied in the form a shell takes.

use domain::Serial;
use leptos::prelude::*;

use super::copy::CopyButton;

/// A serial number with colons; the copy has none, as the AWS CLI wants it.
#[component]
pub fn SerialText(
    serial: Serial,
    /// Show all of it, for a certificate's own page; otherwise the first four and the last two octets.
    #[prop(optional)]
    whole: bool,
    /// Add a copy button.
    #[prop(optional)]
    copy: bool,
) -> impl IntoView {
    let colons = serial.colons();
    let shown = if whole { colons.clone() } else { short(serial) };
    view! {
        <code title=colons>{shown}</code>
        {copy.then(|| view! { " " <CopyButton value=serial.to_string() what="serial number" /> })}
    }
}

/// The first four and the last two octets, for titles and sentences.
pub fn short(serial: Serial) -> String {
    cut(&serial.colons(), 11, 5)
}

/// An ARN, a hash or another long value: its first and last characters, with the whole in the title.
#[component]
pub fn Long(
    #[prop(into)] value: String,
    /// Characters to keep at the start.
    #[prop(default = 12)]
    head: usize,
    /// Characters to keep at the end.
    #[prop(default = 8)]
    tail: usize,
) -> impl IntoView {
    let shown = cut(&value, head, tail);
    view! { <code title=value>{shown}</code> }
}

/// `head` and `tail` characters around an ellipsis, or the whole text when that would save nothing.
pub(super) fn cut(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    if length <= head + tail + 1 {
        return text.to_owned();
    }
    text.chars().take(head).chain(['…']).chain(text.chars().skip(length - tail)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_keep_both_ends() {
        assert_eq!(cut("4f:a2:1b:0c:99:10:77:5e", 11, 5), "4f:a2:1b:0c…77:5e");
        assert_eq!(cut("4f:a2:1b:0c:99:10", 11, 5), "4f:a2:1b:0c:99:10");
        assert_eq!(cut("äöüßäöüß", 2, 1), "äö…ß");
    }
}
