//! Topics of Amazon SNS, through which people are told.

use aws_sdk_sns::config::{Builder, Region};
use aws_sdk_sns::types::MessageAttributeValue;
use domain::notify::TopicArn;

use crate::error::sdk;
use crate::{Aws, Error, Thing};

/// What a topic is sent.
#[derive(Clone, Debug)]
pub struct Publication<'a> {
    /// Of ASCII ([`domain::notify::ascii_subject`]).
    pub subject: &'a str,
    /// Plain text, the same for all who have subscribed.
    pub text: &'a str,
    /// What they can filter by, and know again what comes twice: a standard topic does not.
    pub attributes: &'a [(&'a str, &'a str)],
}

impl Publication<'_> {
    /// The most bytes of text and attributes together (Amazon SNS API Reference, Publish).
    pub const MOST: usize = 262_144;
}

impl Aws {
    /// Sends it to whoever has subscribed to the topic, in its Region (sns:Publish).
    ///
    /// # Errors
    /// [`Error::NotFound`]: there is no such topic.
    pub async fn publish(&self, topic: &TopicArn, publication: &Publication<'_>) -> Result<(), Error> {
        const OPERATION: &str = "sns:Publish";
        let Publication { subject, text, attributes } = publication;
        let mut call = self.own.sns.publish().topic_arn(topic.as_str()).subject(*subject).message(*text);
        for (name, value) in *attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(*value).build();
            let value = value.map_err(|error| Error::invalid(OPERATION, topic.as_str(), error))?;
            call = call.message_attributes(*name, value);
        }
        let there = Builder::new().region(Region::new(topic.region().to_owned()));
        let answer = call.customize().config_override(there).send().await;
        answer.map_err(sdk(OPERATION, Thing::Topic, topic.as_str()))?;
        Ok(())
    }
}
