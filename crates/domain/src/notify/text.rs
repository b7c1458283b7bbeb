//! Notices as lines of text: in a chat room, by e-mail.

use super::{Notice, SENTENCE};
use crate::foreign;

/// The most characters of a message's subject.
const SUBJECT: usize = 120;

/// What is told for people to read, as one line: `CRITICAL: … https://…`. Whoever chose a name in it makes no link, no
/// mention and no second line of it, as Slack (`<!channel>`) and Teams (`[text](address)`) would.
pub fn line(notice: &Notice, url: &str) -> String {
    let plain = |c: char| match c {
        '<' => '‹',
        '>' => '›',
        '[' => '(',
        ']' => ')',
        '`' | '*' | '|' => '\'',
        c => c,
    };
    let sentence: String = foreign::short_line(&notice.sentence, SENTENCE).chars().map(plain).collect();
    format!("{}: {sentence} {url}", notice.severity.name().to_uppercase())
}

/// The subject of a message: one short line, in which nothing begins another header.
pub fn subject(notices: &[&Notice]) -> String {
    match notices {
        [one] => {
            let severity = one.severity.name().to_uppercase();
            format!("[Countersign] {severity}: {}", foreign::short_line(&one.sentence, SUBJECT))
        }
        many => format!("[Countersign] {} notifications", many.len()),
    }
}

/// As Slack wants text that is not its own markup (<https://docs.slack.dev/messaging/formatting-message-text/>).
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding_kind::Severity;
    use crate::notify::Notice;
    use crate::timestamp::Timestamp;

    fn saying(sentence: &str, severity: Severity) -> Notice {
        let test = Notice::test(String::new(), None, Timestamp::EPOCH);
        Notice { sentence: sentence.to_owned(), severity, ..test }
    }

    #[test]
    fn a_line_is_one_line_and_says_what_it_says() {
        let hostile = saying("eve<!channel>\r\n[x](https://evil.example) `a`", Severity::Critical);
        let said = line(&hostile, "https://pki/f");
        assert_eq!(said, "CRITICAL: eve‹!channel›\\r\\n(x)(https://evil.example) 'a' https://pki/f");
        assert!(line(&saying(&"x".repeat(1 << 20), Severity::Low), "u").len() < 2100);
    }

    #[test]
    fn a_subject_begins_no_other_header() {
        let hostile = saying("eve\r\nBcc: everybody@example.com\u{2028}x", Severity::High);
        let said = subject(&[&hostile]);
        assert!(said.starts_with("[Countersign] HIGH: eve\\r\\nBcc:"), "{said}");
        assert!(!said.chars().any(foreign::is_hidden), "{said}");
        assert!(subject(&[&saying(&"x".repeat(1 << 20), Severity::Low)]).len() < 200);
        assert_eq!(subject(&[&hostile, &hostile]), "[Countersign] 2 notifications");
    }

    #[test]
    fn nothing_in_a_text_is_slacks() {
        assert_eq!(
            escaped("<!channel> & <https://evil.example|pki>"),
            "&lt;!channel&gt; &amp; &lt;https://evil.example|pki&gt;"
        );
    }
}
