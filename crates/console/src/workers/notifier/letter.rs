//! What is sent, in the form that each kind of channel shows. Sentences are foreign text: in no form is one more than text.

use domain::notify::{Notice, escaped, line, subject};
use domain::{Severity, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One notice, or all that wait for a digest.
pub(crate) struct Letter<'a> {
    /// The same at each attempt to deliver the same.
    pub id: String,
    /// Each with the address of its page.
    pub notices: Vec<(&'a Notice, String)>,
    /// The address of the first page.
    home: String,
    digest: bool,
}

/// A notice as a webhook is posted it.
#[derive(Serialize)]
struct Posted<'a> {
    #[serde(flatten)]
    notice: &'a Notice,
    /// The page of what it is about.
    url: &'a str,
    /// All that matters of it, for receivers that show nothing else.
    text: String,
}

impl<'a> Letter<'a> {
    pub fn of(notice: &'a Notice, url: String) -> Self {
        let (id, home) = (notice.id.clone(), url.clone());
        Self { id, notices: vec![(notice, url)], home, digest: false }
    }

    pub fn digest(notices: Vec<(&'a Notice, String)>, home: String) -> Self {
        let mut hash = Sha256::new();
        notices.iter().for_each(|(notice, _)| hash.update(&notice.id));
        let id = hex::encode(&hash.finalize()[..16]);
        Self { id, notices, home, digest: true }
    }

    fn lines(&self) -> Vec<String> {
        self.notices.iter().map(|(notice, url)| line(notice, url)).collect()
    }

    pub fn subject(&self) -> String {
        subject(&self.notices.iter().map(|(notice, _)| *notice).collect::<Vec<_>>())
    }

    /// The notification's, or that it is a digest.
    pub fn kind(&self) -> &'static str {
        match &self.notices[..] {
            [(one, _)] if !self.digest => one.kind.name(),
            _ => "digest",
        }
    }

    /// The worst one's.
    pub fn severity(&self) -> Severity {
        // The worst is the least.
        self.notices.iter().map(|(notice, _)| notice.severity).min().unwrap_or(Severity::Low)
    }

    /// For a program.
    pub fn webhook(&self, now: Timestamp) -> Value {
        let posted =
            |(notice, url): &(&Notice, String)| json!(Posted { notice, url, text: line(notice, url) });
        match &self.notices[..] {
            [one] if !self.digest => posted(one),
            all => json!({
                "id": self.id, "kind": self.kind(), "at": now, "url": self.home, "text": self.lines().join("\n"),
                "notices": all.iter().map(posted).collect::<Vec<_>>(),
            }),
        }
    }

    /// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/>
    pub fn slack(&self) -> Value {
        json!({ "text": escaped(&self.text()), "mrkdwn": false, "unfurl_links": false })
    }

    /// An adaptive card, of text runs, which know no Markdown:
    /// <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook>
    pub fn teams(&self) -> Value {
        let said = |(notice, url): &(&Notice, String)| {
            let whom = notice.whom().map_or_else(String::new, |whom| format!(" For {whom}."));
            let severity = format!("{}: ", notice.severity.name().to_uppercase());
            json!({
                "type": "RichTextBlock",
                "inlines": [
                    { "type": "TextRun", "text": severity, "weight": "Bolder" },
                    { "type": "TextRun", "text": format!("{}{whom} {url}", notice.sentence) },
                ],
            })
        };
        json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": self.notices.iter().map(said).collect::<Vec<_>>(),
                    "actions": [{ "type": "Action.OpenUrl", "title": "Open in Countersign", "url": self.home }],
                },
            }],
        })
    }

    /// For people, line by line.
    pub fn text(&self) -> String {
        self.notices.iter().map(said).collect::<Vec<_>>().join(BETWEEN)
    }

    /// The same in so many bytes: of what does not fit it is said how much it is, and where.
    pub fn text_within(&self, most: usize) -> String {
        let text = self.text();
        if text.len() <= most {
            return text;
        }
        let more = |left: usize| format!("And {left} more: {}", self.home);
        // No other number is longer than that of all.
        let room = most.saturating_sub(more(self.notices.len()).len());
        let mut size = 0;
        let fits = |one: &String| {
            size += one.len() + BETWEEN.len();
            size <= room
        };
        let mut kept: Vec<String> = self.notices.iter().map(said).take_while(fits).collect();
        kept.push(more(self.notices.len() - kept.len()));
        kept.join(BETWEEN)
    }
}

/// Between two notices of a text.
const BETWEEN: &str = "\n\n";

fn said((notice, url): &(&Notice, String)) -> String {
    let whom = notice.whom().map_or_else(String::new, |whom| format!("\nFor {whom}."));
    format!("{}: {}{whom}\n{url}", notice.severity.name().to_uppercase(), notice.sentence)
}

#[cfg(test)]
mod tests {
    use domain::Severity;

    use super::*;

    fn notice(id: &str, sentence: &str) -> Notice {
        let test = Notice::test(id.to_owned(), None, Timestamp::EPOCH);
        Notice { sentence: sentence.to_owned(), severity: Severity::High, ..test }
    }

    #[test]
    fn a_webhook_gets_every_field_and_a_digest_gets_all_of_them() {
        let (one, other) = (notice("1", "eve called."), notice("2", "Again."));
        let url = || "https://pki.example.com/".to_owned();
        let said = Letter::of(&one, url()).webhook(Timestamp::EPOCH);
        assert_eq!((&said["id"], &said["kind"], &said["url"]), (&"1".into(), &"test".into(), &url().into()));
        assert_eq!(said["text"], "HIGH: eve called. https://pki.example.com/");
        assert!(said["about"].is_null() && said["for"]["roles"].is_array(), "{said}");
        let digest = |notices: &[&'static str]| {
            let all: Vec<Notice> = notices.iter().map(|id| notice(id, "x")).collect();
            Letter::digest(all.iter().map(|one| (one, url())).collect(), url()).id
        };
        assert_eq!(digest(&["1", "2"]), digest(&["1", "2"]), "the same each time");
        assert_ne!(digest(&["1", "2"]), digest(&["1"]));
        let both = Letter::digest(vec![(&one, url()), (&other, url())], url()).webhook(Timestamp::EPOCH);
        assert_eq!((&both["kind"], &both["notices"][1]["id"]), (&"digest".into(), &"2".into()));
    }

    #[test]
    fn a_text_that_is_too_long_ends_with_a_whole_notice_and_says_how_many_more() {
        let notices: Vec<Notice> = (0..100).map(|n| notice(&n.to_string(), &"ü".repeat(n))).collect();
        let url = || "https://pki.example.com/".to_owned();
        let letter = Letter::digest(notices.iter().map(|one| (one, url())).collect(), url());
        let whole = letter.text();
        assert_eq!(letter.text_within(whole.len()), whole);
        for most in [whole.len() - 1, 5000, 1000, 100, 40] {
            let text = letter.text_within(most);
            assert!(text.len() <= most, "{most}: {}", text.len());
            let (kept, more) = text.rsplit_once(BETWEEN).unwrap_or(("", &text));
            assert!(whole.starts_with(kept) && !kept.ends_with('ü'), "{text}");
            let left = 100 - kept.matches("HIGH: ").count();
            assert_eq!(more, format!("And {left} more: https://pki.example.com/"));
        }
        assert_eq!((letter.kind(), letter.severity()), ("digest", Severity::High));
        let test = Letter::of(&notices[0], url());
        assert_eq!((test.kind(), test.subject()), ("test", "[Countersign] HIGH: ".to_owned()));
    }

    #[test]
    fn in_a_chat_room_nothing_hostile_is_more_than_text() {
        let hostile = notice("1", "<!channel> [pki](https://evil.example) **x** & <https://evil.example|y>");
        let letter = Letter::of(&hostile, "https://pki.example.com/".to_owned());
        let slack = letter.slack();
        let text = slack["text"].as_str().unwrap();
        assert!(text.starts_with("HIGH: &lt;!channel&gt; ") && !text.contains('<'), "{text}");
        assert_eq!(slack["mrkdwn"], false);
        let card = &letter.teams()["attachments"][0]["content"];
        let run = &card["body"][0]["inlines"][1];
        assert_eq!(run["type"], "TextRun", "which has no markup: {card}");
        assert!(run["text"].as_str().unwrap().contains("[pki](https://evil.example)"));
        assert_eq!(card["actions"][0]["url"], "https://pki.example.com/");
    }
}
