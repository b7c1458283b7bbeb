//! Topics of Amazon SNS, by ARN.

use std::fmt;
use std::str::FromStr;

/// `arn:PARTITION:sns:REGION:ACCOUNT:NAME`, of a standard topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn(String);

/// Why a text names no topic that people can be told through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// It names no topic.
    #[error("not an ARN of an SNS topic (arn:aws:sns:REGION:ACCOUNT:NAME)")]
    Topic,
    /// Its messages must be of a group, and it reaches queues alone.
    #[error("the ARN of a FIFO topic, which wants a group for each message and sends no e-mail and no SMS")]
    Fifo,
}

impl TopicArn {
    /// The most characters of a name (Amazon SNS API Reference, CreateTopic).
    const NAME: usize = 256;

    /// The whole ARN, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The AWS Region, such as `eu-central-1`.
    pub fn region(&self) -> &str {
        self.0.split(':').nth(3).unwrap_or_default()
    }

    /// The last part of the ARN.
    pub fn name(&self) -> &str {
        self.0.split(':').nth(5).unwrap_or_default()
    }
}

impl FromStr for TopicArn {
    type Err = TopicError;

    fn from_str(arn: &str) -> Result<Self, TopicError> {
        let mut parts = arn.split(':');
        let [Some("arn"), Some(partition), Some("sns"), Some(region), Some(account), Some(name), None] =
            std::array::from_fn(|_| parts.next())
        else {
            return Err(TopicError::Topic);
        };
        let is_word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let is_name = |name: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            (1..=Self::NAME).contains(&name.len()) && name.bytes().all(allowed)
        };
        let is_place = partition.starts_with("aws") && is_word(partition) && is_word(region) && is_account;
        match name.strip_suffix(".fifo") {
            Some(queue) if is_place && is_name(queue) => Err(TopicError::Fifo),
            None if is_place && is_name(name) => Ok(Self(arn.to_owned())),
            Some(_) | None => Err(TopicError::Topic),
        }
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sns:eu-central-1:111122223333:pki-alerts";

    #[test]
    fn a_topic_comes_apart() {
        let topic: TopicArn = ARN.parse().unwrap();
        assert_eq!((topic.region(), topic.name(), topic.as_str()), ("eu-central-1", "pki-alerts", ARN));
        for good in [
            ARN.replace("arn:aws:", "arn:aws-cn:"),
            ARN.replace("arn:aws:", "arn:aws-us-gov:"),
            ARN.replace("pki-alerts", "PKI_alerts-2"),
            ARN.replace("pki-alerts", &"x".repeat(256)),
        ] {
            assert_eq!(good.parse::<TopicArn>().map(|topic| topic.to_string()), Ok(good));
        }
    }

    #[test]
    fn what_is_no_standard_topic_is_refused() {
        for wrong in [
            String::new(),
            "pki-alerts".to_owned(),
            "arn:aws:sqs:eu-central-1:111122223333:pki-alerts".to_owned(),
            ARN.replace("arn:aws:", "arn:azure:"),
            ARN.replace("arn:aws:", "arn:AWS:"),
            ARN.replace("eu-central-1", ""),
            ARN.replace("eu-central-1", "eu.evil.example/"),
            ARN.replace("111122223333", "1"),
            ARN.replace("111122223333", "11112222333x"),
            ARN.replace("pki-alerts", ""),
            ARN.replace("pki-alerts", "pki alerts"),
            ARN.replace("pki-alerts", "pki.alerts"),
            ARN.replace("pki-alerts", ".fifo"),
            ARN.replace("pki-alerts", &"x".repeat(257)),
            format!("{ARN}:6b0e71bd-7e97-4d97-80ce-4a0994e55286"),
            format!("{ARN}\n"),
        ] {
            assert_eq!(wrong.parse::<TopicArn>(), Err(TopicError::Topic), "{wrong}");
        }
        assert_eq!(format!("{ARN}.fifo").parse::<TopicArn>(), Err(TopicError::Fifo));
    }
}
