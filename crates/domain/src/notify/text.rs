//! Notices as lines of text: in a chat room, by e-mail.

use super::{Notice, SENTENCE};
use crate::foreign;

/// The most characters of a message's subject.
const SUBJECT: usize = 120;
/// The same where it is ASCII.
const ASCII_SUBJECT: usize = 100;

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

/// A subject as Amazon SNS takes it: at most 100 characters of ASCII, none of control, the first one no space
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>). What is no ASCII is a question mark.
pub fn ascii_subject(subject: &str) -> String {
    let plain = |c: char| match c {
        '…' => "...".to_owned(),
        ' '..='~' => c.to_string(),
        _ if foreign::is_hidden(c) => foreign::line(&c.to_string()),
        _ => "?".to_owned(),
    };
    let text: String = subject.trim_start().chars().take(ASCII_SUBJECT + 1).map(plain).collect();
    match text.len() > ASCII_SUBJECT {
        true => format!("{}...", &text[..ASCII_SUBJECT - 3]),
        false => text,
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
    fn a_subject_of_a_topic_is_short_and_of_ascii() {
        for (subject, said) in [
            ("[Countersign] LOW: A test.", "[Countersign] LOW: A test."),
            ("  [Countersign] Zoë – 東京", "[Countersign] Zo? ? ??"),
            ("eve\r\nBcc: x\u{7f}\u{202e}", "eve\\r\\nBcc: x\\u{7f}\\u{202e}"),
            ("eve…", "eve..."),
            ("", ""),
        ] {
            assert_eq!(ascii_subject(subject), said);
        }
        assert_eq!(ascii_subject(&"x".repeat(100)), "x".repeat(100));
        for long in ["x".repeat(1 << 20), "ü".repeat(101), "\u{202e}".repeat(40), "x".repeat(99) + "…"] {
            let said = ascii_subject(&long);
            assert!(said.len() == 100 && said.ends_with("...") && said.is_ascii(), "{said}");
            assert!(!said.starts_with(' ') && !said.contains(|c: char| c.is_control()), "{said}");
        }
        let hostile = saying("eve\r\nBcc: everybody@example.com\u{2028}x", Severity::High);
        assert!(ascii_subject(&subject(&[&hostile])).starts_with("[Countersign] HIGH: eve\\r\\nBcc:"));
    }

    #[test]
    fn nothing_in_a_text_is_slacks() {
        assert_eq!(
            escaped("<!channel> & <https://evil.example|pki>"),
            "&lt;!channel&gt; &amp; &lt;https://evil.example|pki&gt;"
        );
    }
}
