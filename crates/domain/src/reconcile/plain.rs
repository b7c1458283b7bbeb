//! Agreement that is seen at once: what most of a million certificates are. Of anything else [`Context::judge`] says what it is.

use super::{Context, expiry_of, issue_of};
use crate::report::is_infrastructure;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// As much of a report's row as that takes; texts as UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct PlainRow<'a> {
    /// The beginning of validity, by the certificate.
    pub not_before: Timestamp,
    /// The end of validity, by the certificate.
    pub not_after: Timestamp,
    /// When the CA issued it.
    pub issued_at: Timestamp,
    /// When the CA revoked it; `None`: it did not.
    pub revoked_at: Option<Timestamp>,
    /// The subject's distinguished name.
    pub subject: Option<&'a [u8]>,
    /// The template, by its ARN.
    pub template: Option<&'a [u8]>,
}

/// As much of an inventory's item as that takes.
#[derive(Clone, Copy, Debug)]
pub struct PlainItem<'a> {
    /// When it was issued, by the inventory.
    pub issued_at: Option<Timestamp>,
    /// The end of validity, by the inventory.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, by the inventory.
    pub revoked_at: Option<Timestamp>,
    /// The subject's distinguished name.
    pub subject: Option<&'a [u8]>,
}

/// Sees agreement, and remembers which template is no CA's.
#[derive(Debug)]
pub struct Plain<'a> {
    context: &'a Context,
    harmless: Option<&'a [u8]>,
}

impl<'a> Plain<'a> {
    /// For the rows and items of a run with this context.
    pub fn new(context: &'a Context) -> Self {
        Self { context, harmless: None }
    }

    /// Whether a row and the only item of the same certificate agree so plainly that [`Context::judge`] finds nothing to say,
    /// whatever else they say and whoever asked for a revocation. Never so where there is a trail: it may know more.
    pub fn agree(&mut self, serial: Serial, row: &PlainRow<'a>, item: &PlainItem<'_>) -> bool {
        let known = &self.context.infrastructure.known;
        self.context.trail.is_none()
            && row.revoked_at.is_none()
            && item.revoked_at.is_none()
            && row.subject.zip(item.subject).is_none_or(|(signed, meant)| signed == meant)
            && !expiry_of(row.not_after, item.expires_at)
            && !issue_of(row.not_before, row.issued_at, item.issued_at)
            && self.is_harmless(row.template)
            && (known.is_empty() || !known.contains(&serial))
    }

    fn is_harmless(&mut self, template: Option<&'a [u8]>) -> bool {
        let Some(template) = template.filter(|template| self.harmless != Some(template)) else { return true };
        let harmless = std::str::from_utf8(template).is_ok_and(|template| !is_infrastructure(template));
        if harmless {
            self.harmless = Some(template);
        }
        harmless
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{at, context, item, row};
    use super::super::{Sides, Verdict};
    use super::*;
    use crate::inventory::InventoryItem;
    use crate::report::ReportRow;

    fn agree(context: &Context, row: &ReportRow, item: &InventoryItem) -> bool {
        let text = |text: &'_ Option<String>| text.as_ref().map(|text| text.clone().into_bytes());
        let (signed, template, meant) = (text(&row.subject), text(&row.template), text(&item.subject));
        let row = PlainRow {
            not_before: row.not_before,
            not_after: row.not_after,
            issued_at: row.issued_at,
            revoked_at: row.revoked_at,
            subject: signed.as_deref(),
            template: template.as_deref(),
        };
        let InventoryItem { issued_at, expires_at, revoked_at, .. } = *item;
        let item = PlainItem { issued_at, expires_at, revoked_at, subject: meant.as_deref() };
        let mut plain = Plain::new(context);
        let first = plain.agree("0a".parse().unwrap(), &row, &item);
        assert_eq!(
            plain.agree("0a".parse().unwrap(), &row, &item),
            first,
            "what it remembers changes nothing"
        );
        first
    }

    #[test]
    fn what_agrees_is_seen_and_what_does_not_is_judged() {
        let item = InventoryItem { subject: row().subject, ..item() };
        assert!(agree(&context(), &row(), &item));
        let mut known = context();
        known.infrastructure.known.insert("0a".parse().unwrap());
        assert!(!agree(&known, &row(), &item));
        let root = Some("arn:aws:acm-pca:::template/RootCACertificate/V1".to_owned());
        assert!(!agree(&context(), &ReportRow { template: root, ..row() }, &item));
        assert!(!agree(&context(), &ReportRow { revoked_at: Some(at(-9000)), ..row() }, &item));
        assert!(!agree(&context(), &row(), &InventoryItem { revoked_at: Some(at(-5)), ..item.clone() }));
        assert!(!agree(&context(), &row(), &InventoryItem { subject: Some("CN=b".to_owned()), ..item }));
    }

    fn moment() -> impl Strategy<Value = Option<i64>> {
        prop_oneof![
            2 => Just(None),
            4 => (-70_i64..70).prop_map(Some),
            1 => (-2000_i64..2000).prop_map(Some)
        ]
    }

    fn text(all: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
        proptest::option::of(proptest::sample::select(all).prop_map(str::to_owned))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn plain_agreement_is_agreement(
            times in proptest::array::uniform4(moment()), end in moment(), revoked in proptest::option::of(moment()),
            subjects in proptest::array::uniform2(text(&["CN=a", "CN=b", "", "O=x,CN=a"])),
            template in text(&["template/RootCACertificate/V1", "OCSPSigningCertificate/V1", "EndEntityCertificate/V1", "BlankSubordinateCACertificate_PathLen0", ""]),
            service in text(&["acm.amazonaws.com"]), flags in proptest::array::uniform4(any::<bool>()),
        ) {
            let [not_before, issued_at, of_item, expires_at] = times;
            let [requests_known, countersigned, unread, known] = flags;
            let [signed, meant] = subjects;
            let row = ReportRow {
                subject: signed, template, requested_by_service: service,
                not_before: at(not_before.unwrap_or(-60)), issued_at: at(issued_at.unwrap_or(-1)),
                not_after: at(end.unwrap_or(100_000)),
                revoked_at: revoked.flatten().map(at), ..row()
            };
            let item = InventoryItem {
                subject: meant, issued_at: of_item.map(at),
                // Around the second in which they begin to differ.
                expires_at: expires_at.and_then(|seconds| Timestamp::from_unix(row.not_after.unix() + seconds).ok()),
                revocation_unread: unread, ..item()
            };
            let mut context = Context { requests_known, ..context() };
            if known {
                context.infrastructure.known.insert("0a".parse().unwrap());
            }
            let agreed = agree(&context, &row, &item);
            let sides = Sides { report: Some(row), inventory: vec![item], countersigned, ..Sides::default() };
            prop_assert!(!agreed || context.judge(&sides) == Verdict::Agreed, "{sides:?}");
        }
    }
}
