//! Text that strangers chose. The views escape it; what is done here is that it cannot hide or reorder what is around it.

/// The text with everything visible: control characters, and those that turn the direction of what follows, are written
/// as escapes. Line breaks and tabs stay.
pub fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => String::from(c),
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            c.escape_unicode().to_string()
        }
        c if c.is_control() => c.escape_unicode().to_string(),
        c => String::from(c),
    };
    text.chars().map(shown).collect()
}

/// The same on one line and at most 120 characters long: for titles and sentences.
pub fn brief(text: &str) -> String {
    super::serial::cut(&visible(text).replace(['\n', '\t'], " "), 90, 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_or_turns_around() {
        assert_eq!(visible("a\u{202e}b\u{0}c\r\nd"), "a\\u{202e}b\\u{0}c\\u{d}\nd");
        assert_eq!(visible("ärztin 東京 +=,.@-"), "ärztin 東京 +=,.@-");
        assert_eq!(brief("a\nb"), "a b");
        assert_eq!(brief(&"x".repeat(5000)).chars().count(), 120);
    }
}
