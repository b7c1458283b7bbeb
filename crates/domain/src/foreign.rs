//! Text that strangers chose, made safe to show: nothing in it hides, moves the cursor of a terminal, or reorders what is
//! around it. The one list of such characters; whoever needs another form than the two here asks [`is_hidden`].

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

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

/// [`line`], of which the first `most` characters are kept, with an ellipsis for the rest.
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
    use super::*;

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
