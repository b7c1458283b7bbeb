//! Text that strangers chose. Where it comes in it is bounded ([`Text`]); where it is shown, nothing in it hides, moves the
//! cursor of a terminal, or reorders what is around it. The one list of such characters; whoever needs another form than
//! those here asks [`is_hidden`].

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A stranger's text as it comes in: each feed makes one of whatever it keeps. No longer than its bound, in bytes of the
/// form in which it is stored ([`stored`]). Of a longer one the beginning is kept, with the hash of the whole: texts that
/// were different stay different.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Text(String);

impl Text {
    /// The bound where there is no narrower one.
    pub const MOST: usize = 2048;

    /// No longer than [`Text::MOST`].
    pub fn new(text: &str) -> Self {
        Self::within(text, Self::MOST)
    }

    /// No longer than `most` (128 or more).
    pub fn within(text: &str, most: usize) -> Self {
        // No byte is stored in more than six.
        if text.len() <= most / 6 || stored(text) <= most {
            return Self(text.to_owned());
        }
        let hash = hex::encode(Sha256::digest(text));
        let mark = format!("… ({} bytes, SHA-256 {:.32})", text.len(), hash);
        Self(beginning(text, most.saturating_sub(mark.len())).to_owned() + &mark)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// How many bytes the text has when it is stored: as JSON, in which a quote or backslash has two bytes and a control
/// character up to six (as serde_json writes it).
pub fn stored(text: &str) -> usize {
    text.chars().map(stored_char).sum()
}

/// How many bytes `value` has when it is stored. What cannot be is of no size: whoever stores it is told.
pub fn stored_json(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |json| json.len())
}

fn stored_char(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    }
}

/// As much of the beginning as has `most` bytes when it is stored.
fn beginning(text: &str, most: usize) -> &str {
    let mut size = 0;
    let end = text.char_indices().find(|(_, c)| {
        size += stored_char(*c);
        size > most
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Whether `c` is steering or invisible: a control character, a separator of lines (U+2028, U+2029), an annotation
/// (U+FFF9 to U+FFFB), or what Unicode shows as nothing (`Default_Ignorable_Code_Point` of UAX #44, which has every
/// character that turns the direction of writing). Spaces of all widths are not.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// The text with everything visible: what is hidden is written as `\u{202e}`, or as `\r`. Line breaks and tabs stay.
pub fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => either(c, false),
        c => either(c, is_hidden(c)),
    };
    // As forms send line breaks.
    text.replace("\r\n", "\n").chars().flat_map(shown).collect()
}

/// The text on one line: the same, and line breaks and tabs are written as `\n` and `\t`.
pub fn line(text: &str) -> String {
    text.chars().flat_map(|c| either(c, is_hidden(c))).collect()
}

/// [`line()`], of which the first `most` characters are kept, with an ellipsis for the rest.
pub fn short_line(text: &str, most: usize) -> String {
    let mut shown = text.chars().flat_map(|c| either(c, is_hidden(c)));
    let mut kept: String = shown.by_ref().take(most).collect();
    if shown.next().is_some() {
        kept.push('…');
    }
    kept
}

/// JSON on one line with the same characters in its own escapes, `\u202e`: it shows everything, and means what it meant.
pub fn json(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        if is_hidden(c) {
            shown.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// `c` itself, or its escape.
fn either(c: char, escaped: bool) -> impl Iterator<Item = char> {
    escaped.then(|| c.escape_default()).into_iter().flatten().chain((!escaped).then_some(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_and_stays_another_than_others() {
        assert_eq!(String::from(Text::new("CN=sensor-1")), "CN=sensor-1");
        let long = |last: &str| String::from(Text::within(&("é\"".repeat(5000) + last), 200));
        assert!(long("a").starts_with("é\"é\"") && long("a").contains("… (15001 bytes, SHA-256 "));
        assert_ne!(long("a"), long("b"));
        assert_eq!(long("a"), long("a"));
        let read: Text = serde_json::from_str(&format!("\"{}\"", "x".repeat(100_000))).unwrap();
        assert_eq!(stored(&String::from(read)), Text::MOST);
    }

    proptest! {
        #[test]
        fn the_bound_is_that_of_the_stored_form(
            text in prop_oneof![any::<String>(), "[\\x00-\\x7f\"\\\\]{0,400}", "[\u{10000}-\u{10fff}é]{0,200}"],
            most in 128_usize..600,
        ) {
            prop_assert_eq!(stored_json(&text), stored(&text) + 2);
            let kept = String::from(Text::within(&text, most));
            prop_assert!(stored(&kept) <= most);
            prop_assert_eq!(kept == text, stored(&text) <= most);
            let shown = line(&text);
            prop_assert!(!shown.contains(is_hidden) && !visible(&text).contains(|c| is_hidden(c) && !"\n\t".contains(c)));
            prop_assert!(short_line(&text, most).chars().count() <= most + 1);
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&super::json(&json)).unwrap(), text);
        }
    }

    #[test]
    fn nothing_hides_or_turns_around() {
        assert_eq!(visible("a\u{202e}b\u{0}c\r\nd\re\tf"), "a\\u{202e}b\\u{0}c\nd\\re\tf");
        assert_eq!(line("a\u{202e}b\u{1b}[2Jc\r\nd\te"), "a\\u{202e}b\\u{1b}[2Jc\\r\\nd\\te");
        // Controls, soft hyphen, joiners, marks and overrides of direction, fillers, variation selectors, tags.
        for hidden in "\0\u{7f}\u{9b}\u{ad}\u{34f}\u{61c}\u{115f}\u{17b4}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\
             \u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{206f}\u{3164}\
             \u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{fffb}\u{1bca0}\u{1d173}\u{e0001}\u{e0041}\u{e0100}"
            .chars()
        {
            assert_eq!(visible(&hidden.to_string()), hidden.escape_unicode().to_string());
            assert_eq!(line(&hidden.to_string()), hidden.escape_unicode().to_string());
        }
        for shown in
            ["ärztin 東京 +=,.@-", "a\u{a0}b\u{3000}c", "e\u{301}", "\u{600}\u{6dd}", "\\u{202e}", "'\"\\"]
        {
            assert_eq!(visible(shown), shown);
            assert_eq!(line(shown), shown);
        }
    }

    #[test]
    fn a_short_line_is_cut_where_it_is_too_long() {
        assert_eq!(short_line("a\nb", 4), "a\\nb");
        assert_eq!(short_line("a\nbc", 4), "a\\nb…");
        assert_eq!(short_line(&"\u{202e}".repeat(100_000), 10), "\\u{202e}\\u…");
    }
}
