//! Text that strangers chose. The views escape it; what is done here is that it cannot hide or reorder what is around it.

pub use domain::foreign::visible;

/// Visible, on one line and at most 120 characters long: for titles and sentences.
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
    fn a_title_is_one_short_line() {
        assert_eq!(brief("a\nb"), "a b");
        assert_eq!(brief(&"x".repeat(5000)).chars().count(), 120);
    }

    #[test]
    fn a_subject_is_called_by_its_common_name() {
        assert_eq!(named_in("O=Example,CN=gate\u{202e}way"), "gate\\u{202e}way");
        assert_eq!(named_in("O=Ex\u{ad}ample"), "O=Ex\\u{ad}ample");
    }
}
