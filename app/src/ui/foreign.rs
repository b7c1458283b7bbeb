//! Text that strangers chose. The views escape it; what is done here is that it cannot hide or reorder what is around it.

/// The text with everything visible: control characters, and those that cannot be seen or turn the direction of what
/// follows, are written as escapes. Line breaks and tabs stay.
pub fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => String::from(c),
        '\u{ad}' | '\u{61c}' | '\u{feff}' => c.escape_unicode().to_string(),
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {
            c.escape_unicode().to_string()
        }
        c if c.is_control() => c.escape_unicode().to_string(),
        c => String::from(c),
    };
    // As forms send line breaks.
    text.replace("\r\n", "\n").chars().map(shown).collect()
}

/// The same on one line and at most 120 characters long: for titles and sentences.
pub fn brief(text: &str) -> String {
    super::serial::cut(&visible(text).replace(['\n', '\t'], " "), 90, 29)
}

/// What the subject of a certificate is called: its common name, or all of it where it has none. Whoever asked for the
/// certificate chose both.
pub fn named_in(subject: &str) -> String {
    visible(&domain::subject::common_name(subject).unwrap_or_else(|| subject.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_or_turns_around() {
        assert_eq!(visible("a\u{202e}b\u{0}c\r\nd\re"), "a\\u{202e}b\\u{0}c\nd\\u{d}e");
        for hidden in
            ['\u{ad}', '\u{61c}', '\u{200b}', '\u{200f}', '\u{2028}', '\u{2066}', '\u{206f}', '\u{feff}']
        {
            assert_eq!(visible(&hidden.to_string()), hidden.escape_unicode().to_string());
        }
        assert_eq!(visible("ärztin 東京 +=,.@-"), "ärztin 東京 +=,.@-");
        assert_eq!(brief("a\nb"), "a b");
        assert_eq!(brief(&"x".repeat(5000)).chars().count(), 120);
    }

    #[test]
    fn a_subject_is_called_by_its_common_name() {
        assert_eq!(named_in("O=Example,CN=gate\u{202e}way"), "gate\\u{202e}way");
        assert_eq!(named_in("O=Ex\u{ad}ample"), "O=Ex\\u{ad}ample");
    }
}
