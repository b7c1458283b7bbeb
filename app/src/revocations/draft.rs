//! What the form of a new request holds: from the link that led to it, or as it was when it was refused. Its state is
//! the address, so that a form without JavaScript comes back as it was sent.

use domain::revocation::Request;
#[cfg(feature = "ssr")]
use domain::revocation::{NotConfirmed, confirmed};
use domain::views::{Narrowed, Selection};
#[cfg(feature = "ssr")]
use domain::views::{RequestForm, Shown};
use domain::{AuthorityId, FindingId, IncidentId, RevocationReason};
use serde::{Deserialize, Serialize};

use crate::address::{Pairs, Query};
use crate::error::AppError;
use crate::paths;
use crate::queries::{read_selection, write_narrowed, write_selection};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub authority: Option<AuthorityId>,
    /// `None`: nobody has said yet what to revoke.
    pub of: Option<Selection>,
    pub finding: Option<FindingId>,
    pub incident: Option<IncidentId>,
    pub reason: Option<RevocationReason>,
    pub justification: String,
    pub ticket: String,
    pub drill: bool,
    pub break_glass: bool,
    pub why_alone: String,
}

impl Draft {
    pub fn read(pairs: &Pairs) -> Result<Self, AppError> {
        let text = |name: &str| pairs.text(name).map(str::to_owned).unwrap_or_default();
        Ok(Self {
            authority: pairs.get("authority")?,
            of: pairs.text("of").map(read_selection).transpose()?.map(|of| within(of, pairs)).transpose()?,
            finding: pairs.get("finding")?,
            incident: pairs.get("incident")?,
            reason: pairs.get("reason")?,
            justification: text("justification"),
            ticket: text("ticket"),
            drill: pairs.text("drill").is_some(),
            break_glass: pairs.text("break_glass").is_some(),
            why_alone: text("why_alone"),
        })
    }

    /// The same once more: what `request` asked for, with its words.
    pub fn again(request: &Request) -> Self {
        Self {
            authority: Some(request.authority.id()),
            of: Some(Selection::OfRequest(request.id.clone())),
            finding: request.finding.clone(),
            incident: request.origin.incident.clone(),
            reason: Some(request.reason),
            justification: request.justification.clone(),
            ticket: request.ticket.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    pub fn address(&self) -> String {
        self.listing(None, Narrowed::default())
    }

    /// The same, without what was written where that makes it too long to come back to from the identity provider.
    #[cfg(feature = "ssr")]
    pub fn short_address(&self) -> String {
        // What is remembered until then has 4,000 characters, and the error is to be added.
        let is_short = |address: &String| address.len() <= 2500;
        let [justification, ticket, why_alone] = [const { String::new() }; 3];
        let wordless = Self { justification, ticket, why_alone, ..self.clone() };
        let addresses = [self.address(), wordless.address()];
        addresses.into_iter().find(is_short).unwrap_or_else(|| paths::NEW_REVOCATION.to_owned())
    }

    /// The same with a part of the certificates listed: of those `at` an authority, where they are of several.
    pub fn listing(&self, at: Option<&AuthorityId>, narrowed: Narrowed) -> String {
        let query = Query::new()
            .with("authority", self.authority.as_ref().map(AuthorityId::to_string).unwrap_or_default())
            .with("of", self.of.as_ref().map(write_selection).unwrap_or_default())
            .with("finding", self.finding.as_ref().map(FindingId::to_string).unwrap_or_default())
            .with("incident", self.incident.as_ref().map(IncidentId::to_string).unwrap_or_default())
            .with("reason", self.reason.map(RevocationReason::aws).unwrap_or_default())
            .with("justification", &self.justification)
            .with("ticket", &self.ticket)
            .with("drill", if self.drill { "on" } else { "" })
            .with("break_glass", if self.break_glass { "on" } else { "" })
            .with("why_alone", &self.why_alone)
            .with("at", at.map(AuthorityId::to_string).unwrap_or_default());
        paths::revocation_form(write_narrowed(query, narrowed))
    }
}

/// The fields of a period narrow what an identity had issued.
fn within(of: Selection, pairs: &Pairs) -> Result<Selection, AppError> {
    Ok(match of {
        Selection::IssuedBy { key, only, from, to } => {
            let (from, to) = (pairs.moment("from")?.or(from), pairs.moment("to")?.or(to));
            Selection::IssuedBy { key, only, from, to }
        }
        Selection::WithSameKeys(of) => within(*of, pairs)?.with_same_keys(),
        of => of,
    })
}

#[cfg(feature = "ssr")]
impl Draft {
    /// The form as the verb takes it. `shown`: what the dry run has shown; `count`: what was typed to confirm more than one
    /// certificate.
    pub fn form(&self, shown: Shown, count: Option<&str>) -> Result<RequestForm, AppError> {
        let nothing = || AppError::invalid("of", "The form does not say which certificates it is about.");
        let reason = self.reason.ok_or_else(|| AppError::invalid("reason", "Choose a reason."))?;
        confirmed(shown.count, count)?;
        Ok(RequestForm {
            authority: self.authority.clone(),
            of: self.of.clone().ok_or_else(nothing)?,
            shown,
            reason,
            justification: self.justification.clone(),
            ticket: Some(self.ticket.clone()),
            finding: self.finding.clone(),
            incident: self.incident.clone(),
            drill: self.drill,
            alone: self.break_glass.then(|| self.why_alone.clone()),
        })
    }

    /// Leads a form without JavaScript back to its page as it was sent, with the error. By the address and not by the
    /// `Referer`, which browsers cut to the origin when it is long. `form` is the path of the form's server function. What
    /// has changed since it was shown is shown again, with JavaScript too.
    pub fn send_back(&self, form: &str, error: &AppError) {
        match (crate::error::is_plain_form(), error) {
            (true, _) => leptos_axum::redirect(&crate::error::sent_back(&self.address(), form, error)),
            (false, AppError::Conflict { .. }) => leptos_axum::redirect(&self.address()),
            (false, _) => (),
        }
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
            of: Some(Selection::Serials(vec!["0a".parse().unwrap(), "0b".parse().unwrap()])),
            finding: Some("duplicate.11223344-1234.0a".parse().unwrap()),
            incident: Some("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()),
            reason: Some(RevocationReason::KeyCompromise),
            justification: "It leaked & we\nsaw it: 100%.".to_owned(),
            ticket: "OPS-1#a".to_owned(),
            drill: true,
            break_glass: true,
            why_alone: "Nobody else is awake.".to_owned(),
        }
    }

    fn shown(serials: &[&str]) -> Shown {
        Shown::of(serials.iter().map(|serial| serial.parse().unwrap()))
    }

    #[test]
    fn a_form_is_its_address() {
        let address = draft().address();
        let read = Draft::read(&Pairs::of(address.split_once('?').unwrap().1)).unwrap();
        assert_eq!(read, draft());
        assert_eq!(Draft::default().address(), paths::NEW_REVOCATION);
        let period = Draft::read(&Pairs::of("of=issued:key%3DAKIA&from=2026-11-22T09:00&to=")).unwrap();
        let of = write_selection(&period.of.unwrap());
        assert_eq!(of, "issued:key=AKIA&from=2026-11-22T09%3A00%3A00Z");
        for (wrong, name) in [("finding=x", "finding"), ("of=x", "of"), ("of=serials:zz", "of")] {
            let error = Draft::read(&Pairs::of(wrong)).unwrap_err();
            assert!(matches!(error, AppError::Invalid { field, .. } if field == name));
        }
    }

    #[test]
    fn what_does_not_fit_into_an_address_is_left_out() {
        assert_eq!(draft().short_address(), draft().address());
        let long = Draft { justification: "ü".repeat(2000), ..draft() };
        let wordless = Draft {
            justification: String::new(),
            ticket: String::new(),
            why_alone: String::new(),
            ..draft()
        };
        assert_eq!(long.short_address(), wordless.address());
        let serials = (1..=1000u32).map(|number| format!("{number:x}").parse().unwrap()).collect();
        let many = Draft { of: Some(Selection::Serials(serials)), ..draft() };
        assert_eq!(many.short_address(), paths::NEW_REVOCATION);
    }

    #[test]
    fn a_form_says_which_field_is_wrong() {
        let two = || shown(&["0a", "0b"]);
        let field = |draft: Draft, count| match draft.form(two(), count) {
            Err(AppError::Invalid { field, .. }) => field,
            other => format!("{other:?}"),
        };
        assert_eq!(field(Draft { reason: None, ..draft() }, Some("2")), "reason");
        assert_eq!(field(Draft { of: None, ..draft() }, Some("2")), "of");
        for typed in [None, Some(""), Some("1"), Some("22"), Some("two")] {
            assert_eq!(field(draft(), typed), "count");
        }
        assert_eq!(draft().form(two(), Some(" 2 ")).unwrap().shown, two());
        assert!(draft().form(shown(&["0a"]), None).is_ok());
    }
}
