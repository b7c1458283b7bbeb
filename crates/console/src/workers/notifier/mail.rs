//! E-mail: plain text to a server of the configuration.

use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailboxes;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};

use super::letter::Letter;
use crate::Error;
use crate::error::root;
use crate::notify::{Encryption, Mail};

/// Writes to the people of one channel.
pub(super) struct Post {
    mail: Arc<Mail>,
    smtp: SmtpTransport,
}

impl Post {
    /// # Errors
    /// The machine has no certificates to trust.
    pub fn new(mail: Arc<Mail>, patience: Duration) -> Result<Self, Error> {
        let trusted = || TlsParameters::new(mail.host.clone()).map_err(Error::internal);
        let tls = match mail.encryption {
            Encryption::Tls => Tls::Wrapper(trusted()?),
            Encryption::StartTls => Tls::Required(trusted()?),
            Encryption::None => Tls::None,
        };
        let mut smtp = SmtpTransport::builder_dangerous(&mail.host).port(mail.port).tls(tls);
        if let Some((user, password)) = &mail.credentials {
            smtp = smtp.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { smtp: smtp.timeout(Some(patience)).build(), mail })
    }

    /// One attempt. The error is for people.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), String> {
        let message = self.message(letter).map_err(|error| format!("It cannot be written: {error}."))?;
        let smtp = self.smtp.clone();
        let sent = tokio::task::spawn_blocking(move || smtp.send(&message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_timeout() => Err("It did not answer in time.".to_owned()),
            Ok(Err(error)) if error.is_permanent() || error.is_transient() => {
                Err(format!("It answered {}.", root(&error)))
            }
            Ok(Err(error)) => Err(format!("It cannot be reached: {}.", root(&error))),
            Err(error) => Err(error.to_string()),
        }
    }

    fn message(&self, letter: &Letter<'_>) -> Result<Message, lettre::error::Error> {
        let to: Mailboxes = self.mail.to.iter().cloned().collect();
        Message::builder()
            .from(self.mail.from.clone())
            .mailbox(lettre::message::header::To::from(to))
            .subject(letter.subject())
            // The same each time: who gets it twice sees it once.
            .message_id(Some(format!("<{}@countersign>", letter.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text())
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::notify::Notice;

    use super::*;

    #[test]
    fn a_name_makes_no_header_of_a_message() {
        let mail = Mail {
            host: "localhost".to_owned(),
            port: 25,
            encryption: Encryption::None,
            credentials: None,
            from: "Countersign <pki@example.com>".parse().unwrap(),
            to: vec!["one@example.com".parse().unwrap(), "two@example.com".parse().unwrap()],
        };
        let test = Notice::test("4711".to_owned(), None, Timestamp::EPOCH);
        let hostile = Notice { sentence: "eve\r\nBcc: all@example.com\r\n\r\nx ü".to_owned(), ..test };
        let letter = Letter::of(&hostile, "https://pki.example.com/".to_owned());
        let message = Post::new(Arc::new(mail), Duration::from_secs(1)).unwrap().message(&letter).unwrap();
        assert_eq!(message.envelope().to().len(), 2);
        let written = String::from_utf8(message.formatted()).unwrap();
        let (headers, body) = written.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = headers
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split(':').next())
            .collect();
        let expected =
            ["From", "To", "Subject", "Message-ID", "Content-Type", "Date", "Content-Transfer-Encoding"];
        assert!(names.iter().all(|name| expected.contains(name)), "{headers}");
        assert!(headers.contains("<4711@countersign>"), "{headers}");
        assert!(!body.is_empty());
    }
}
