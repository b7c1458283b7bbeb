//! What the form of a new request holds: from the link that led to it, or as it was when it was refused. Its state is
//! the address, so that a form without JavaScript comes back as it was sent.

#[cfg(feature = "ssr")]
use domain::revocation::{NotConfirmed, PastedError, confirmed, read_pasted};
use domain::{AuthorityId, FindingId, RevocationReason};
use serde::{Deserialize, Serialize};

use crate::address::{Pairs, Query};
use crate::error::AppError;
use crate::paths;

/// As many serial numbers as an address holds beside the rest of the form: URLs end at 64 KiB, a serial at 41 bytes.
#[cfg(feature = "ssr")]
pub const ADDRESS_HOLDS: usize = 900;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub authority: Option<AuthorityId>,
    /// Parted by blanks.
    pub serials: String,
    pub finding: Option<FindingId>,
    pub reason: Option<RevocationReason>,
    pub justification: String,
    pub ticket: String,
}

impl Draft {
    pub fn read(pairs: &Pairs) -> Result<Self, AppError> {
        let text = |name: &str| pairs.text(name).map(str::to_owned).unwrap_or_default();
        Ok(Self {
            authority: pairs.get("authority")?,
            serials: text("serials"),
            finding: pairs.get("finding")?,
            reason: pairs.get("reason")?,
            justification: text("justification"),
            ticket: text("ticket"),
        })
    }

    pub fn address(&self) -> String {
        let query = Query::new()
            .with("authority", self.authority.as_ref().map(AuthorityId::to_string).unwrap_or_default())
            .with("serials", &self.serials)
            .with("finding", self.finding.as_ref().map(FindingId::to_string).unwrap_or_default())
            .with("reason", self.reason.map(RevocationReason::aws).unwrap_or_default())
            .with("justification", &self.justification)
            .with("ticket", &self.ticket);
        paths::revocation_form(query)
    }
}

#[cfg(feature = "ssr")]
impl Draft {
    /// The form as the verb takes it. `count` is what was typed to confirm more than one certificate.
    pub fn form(&self, count: Option<&str>) -> Result<domain::views::RequestForm, AppError> {
        let incomplete = || AppError::invalid("authority", "Choose an authority.");
        let serials = read_pasted(&self.serials)?;
        let reason = self.reason.ok_or_else(|| AppError::invalid("reason", "Choose a reason."))?;
        confirmed(u64::try_from(serials.len()).unwrap_or(u64::MAX), count)?;
        Ok(domain::views::RequestForm {
            authority: self.authority.clone().ok_or_else(incomplete)?,
            serials,
            reason,
            justification: self.justification.clone(),
            ticket: Some(self.ticket.clone()),
            finding: self.finding.clone(),
        })
    }

    /// Leads a form without JavaScript back to its page as it was sent, with the error. By the address and not by the
    /// `Referer`, which browsers cut to the origin when it is long. `form` is the path of the form's server function.
    pub fn send_back(&self, form: &str, error: &AppError) {
        if crate::error::is_plain_form() {
            leptos_axum::redirect(&crate::error::sent_back(&self.address(), form, error));
        }
    }
}

/// Refuses a list that only the browser program can hold.
#[cfg(feature = "ssr")]
pub fn needs_program() -> Result<(), AppError> {
    match crate::error::is_plain_form() {
        true => Err(AppError::invalid(
            "serials",
            format!("Without JavaScript one request takes at most {ADDRESS_HOLDS} certificates. Split it."),
        )),
        false => Ok(()),
    }
}

#[cfg(feature = "ssr")]
impl From<PastedError> for AppError {
    fn from(error: PastedError) -> Self {
        Self::invalid("serials", error)
    }
}

#[cfg(feature = "ssr")]
impl From<NotConfirmed> for AppError {
    fn from(error: NotConfirmed) -> Self {
        Self::invalid("count", error)
    }
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            authority: Some("11223344-1234".parse().unwrap()),
            serials: "0a 0b".to_owned(),
            finding: Some("duplicate.11223344-1234.0a".parse().unwrap()),
            reason: Some(RevocationReason::KeyCompromise),
            justification: "It leaked & we\nsaw it: 100%.".to_owned(),
            ticket: "OPS-1#a".to_owned(),
        }
    }

    #[test]
    fn a_form_is_its_address() {
        let address = draft().address();
        let read = Draft::read(&Pairs::of(address.split_once('?').unwrap().1)).unwrap();
        assert_eq!(read, draft());
        assert_eq!(Draft::default().address(), paths::NEW_REVOCATION);
        let error = Draft::read(&Pairs::of("finding=x")).unwrap_err();
        assert!(matches!(error, AppError::Invalid { field, .. } if field == "finding"));
    }

    #[test]
    fn a_form_says_which_field_is_wrong() {
        let field = |draft: Draft, count| match draft.form(count) {
            Err(AppError::Invalid { field, .. }) => field,
            other => format!("{other:?}"),
        };
        assert_eq!(field(Draft { reason: None, ..draft() }, Some("2")), "reason");
        assert_eq!(field(Draft { serials: "0a\nx".to_owned(), ..draft() }, Some("2")), "serials");
        assert_eq!(field(Draft { authority: None, ..draft() }, Some("2")), "authority");
        for typed in [None, Some(""), Some("1"), Some("22"), Some("two")] {
            assert_eq!(field(draft(), typed), "count");
        }
        assert_eq!(draft().form(Some(" 2 ")).unwrap().serials.len(), 2);
        assert!(Draft { serials: "0a".to_owned(), ..draft() }.form(None).is_ok());
    }
}
