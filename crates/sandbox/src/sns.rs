//! Amazon SNS with one topic, through which the console tells people: Publish, and a clear refusal of everything else. The query
//! protocol (Amazon SNS API Reference).
//!
//! As with Private CA, the signature of a call is not verified; its access key id says who calls. The topic's policy is that of
//! deploy/console.yaml: nobody but the console publishes, whatever else they may.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::http::{credential, escaped};
use crate::keys::{ACCOUNT, AccessKey, REGION, Role};
use crate::told::Told;

const TOPIC: &str = "pki-alerts";
const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
/// The most characters of a subject, and the most bytes of a message with its attributes.
const SUBJECT: usize = 100;
const MESSAGE: usize = 262_144;

/// The service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sns {
    callers: Arc<[AccessKey]>,
    told: Told,
}

struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

/// The parameters of a call, by name.
type Asked = HashMap<String, String>;

/// The topic's ARN.
pub(crate) fn topic_arn() -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}")
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn invalid(parameter: &str, reason: &str) -> Self {
        let message = format!("Invalid parameter: {parameter} Reason: {reason}");
        Self::new(StatusCode::BAD_REQUEST, "InvalidParameter", message)
    }
}

impl Sns {
    /// What is published goes to `told`.
    pub(crate) fn new(callers: &[AccessKey], told: Told) -> Self {
        Self { callers: callers.into(), told }
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    fn run(&self, headers: &HeaderMap, asked: &Asked) -> Result<(), Refusal> {
        let caller = self.caller(headers)?;
        let said = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        let operation = said("Action");
        if operation != "Publish" {
            let message = format!("The sandbox's SNS has Publish only, not {operation:?}.");
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "InvalidAction", message));
        }
        let topic = said("TopicArn");
        if caller != Role::Console {
            let message = format!(
                "User: {} is not authorized to perform: SNS:Publish on resource: {topic} because no identity-based policy \
                 allows the SNS:Publish action",
                caller.identity().arn()
            );
            return Err(Refusal::new(StatusCode::FORBIDDEN, "AuthorizationError", message));
        }
        if topic != topic_arn() {
            return Err(Refusal::new(StatusCode::NOT_FOUND, "NotFound", "Topic does not exist"));
        }
        self.publish(said("Subject"), said("Message"), &attributes(asked)?)
    }

    fn publish(&self, subject: &str, message: &str, attributes: &[(&str, &str)]) -> Result<(), Refusal> {
        let good = |sign: char| sign == ' ' || sign.is_ascii_graphic();
        if !(1..=SUBJECT).contains(&subject.len()) || subject.starts_with(' ') || !subject.chars().all(good) {
            return Err(Refusal::invalid("Subject", "it is not 1 to 100 printable characters of ASCII"));
        }
        const STRING: usize = "String".len();
        let of_attributes = attributes.iter().map(|(name, value)| name.len() + STRING + value.len());
        if message.is_empty() {
            return Err(Refusal::invalid("Message", "it is empty"));
        }
        if message.len() + of_attributes.sum::<usize>() > MESSAGE {
            return Err(Refusal::invalid("Message", "Message too long"));
        }
        let attributes: String =
            attributes.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        self.told.keep(format!("Topic: {}\nSubject: {subject}\n{attributes}\n{message}\n", topic_arn()));
        Ok(())
    }

    /// Whose access key signed the call, for SNS in this Region.
    fn caller(&self, headers: &HeaderMap) -> Result<Role, Refusal> {
        let refusal = |code, message: &str| Refusal::new(StatusCode::FORBIDDEN, code, message);
        let signed = credential(headers).ok_or_else(|| {
            refusal("MissingAuthenticationToken", "Request is missing Authentication Token")
        })?;
        let (id, scope) = signed.split_once('/').unwrap_or((signed, ""));
        let caller = self.callers.iter().find(|key| key.access_key_id == id).map(|key| key.role);
        let caller = caller.ok_or_else(|| {
            refusal("InvalidClientTokenId", "The security token included in the request is invalid.")
        })?;
        match scope.ends_with(&format!("/{REGION}/sns/aws4_request")) {
            true => Ok(caller),
            false => {
                let message = format!("Credential should be scoped to {REGION} and sns.");
                Err(refusal("SignatureDoesNotMatch", &message))
            }
        }
    }
}

/// Those of the message, each a text.
fn attributes(asked: &Asked) -> Result<Vec<(&str, &str)>, Refusal> {
    let of = |number: usize| {
        let said = |part: &str| asked.get(&format!("MessageAttributes.entry.{number}.{part}"));
        let name = said("Name")?;
        Some((name, said("Value.DataType"), said("Value.StringValue")))
    };
    let each = (1..).map_while(of).map(|(name, kind, value)| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let is_name = (1..=256).contains(&name.len()) && name.bytes().all(allowed);
        match (kind.map(String::as_str), value.filter(|value| !value.is_empty())) {
            (Some("String"), Some(value)) if is_name => Ok((name.as_str(), value.as_str())),
            _ => {
                Err(Refusal::invalid("MessageAttributes", "each has a name, and a String that is not empty"))
            }
        }
    });
    each.collect()
}

async fn answer(State(sns): State<Sns>, headers: HeaderMap, body: Bytes) -> Response {
    let asked: Asked = form_urlencoded::parse(&body).into_owned().collect();
    let [request, message] = [(); 2].map(|()| uuid::Uuid::new_v4());
    let kind = [(CONTENT_TYPE, "text/xml")];
    match sns.run(&headers, &asked) {
        Ok(()) => {
            let body = format!(
                "<PublishResponse xmlns=\"{NAMESPACE}\"><PublishResult><MessageId>{message}</MessageId></PublishResult>\
                 <ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></PublishResponse>"
            );
            (kind, body).into_response()
        }
        Err(Refusal { status, code, message }) => {
            let body = format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
                 <Message>{}</Message></Error><RequestId>{request}</RequestId></ErrorResponse>",
                escaped(&message)
            );
            (status, kind, body).into_response()
        }
    }
}

#[cfg(test)]
mod tests;
