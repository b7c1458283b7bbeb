//! Whether a certificate is revoked, by the rule of the lists, and what that rests on.

use domain::views::{RestsOn, Revoked};
use domain::{InventoryItem, ReportRow, Timestamp};

use crate::records::{Listed, is_denied, revoked_at};

/// What is known of one certificate.
pub(super) struct Known<'a> {
    pub report: Option<&'a ReportRow>,
    pub report_made: Option<Timestamp>,
    pub item: Option<&'a InventoryItem>,
    pub listed: Option<Listed>,
    /// When a request of this console revoked it.
    pub executed: Option<Timestamp>,
    /// When somebody did, as intact events of the trail say.
    pub called: Option<Timestamp>,
    pub now: Timestamp,
}

impl Known<'_> {
    /// The CA's own word first, which it takes back on no CRL, then ours, then the trail's; the inventory's is a claim. `None`: it
    /// is not revoked.
    pub fn revoked(&self) -> Option<Revoked> {
        let Self { report, report_made, item, listed, executed, called, now } = *self;
        let made = report.and(report_made);
        let reported = report.and_then(|row| row.revoked_at);
        let revoked = |rests_on| move |at| Revoked { at, rests_on };
        reported
            .map(revoked(RestsOn::Report))
            .or(listed
                .map(|Listed { at, reason, made }| Revoked { at, rests_on: RestsOn::Crl { made, reason } }))
            .or(executed.filter(|at| !is_denied(*at, made, true)).map(revoked(RestsOn::Request)))
            .or(called.filter(|at| !is_denied(*at, made, false)).map(revoked(RestsOn::Trail)))
            .or(revoked_at(report, item, report_made, now).map(revoked(RestsOn::Inventory)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{at, item, row};

    #[test]
    fn it_rests_on_the_best_word_and_a_later_report_is_right() {
        let active = ReportRow { revoked_at: None, ..row(1) };
        let revoked = ReportRow { revoked_at: Some(at(1)), ..row(1) };
        let recorded = InventoryItem { revoked_at: Some(at(40)), ..item(1) };
        let none = Known {
            report: Some(&active),
            report_made: Some(at(60)),
            item: None,
            listed: None,
            executed: None,
            called: None,
            now: at(100),
        };
        let rests = |known: Known<'_>| known.revoked().map(|revoked| revoked.rests_on);
        assert_eq!(rests(Known { ..none }), None);
        assert_eq!(
            rests(Known { report: Some(&revoked), called: Some(at(90)), ..none }),
            Some(RestsOn::Report)
        );
        // Clocks differ: our own word holds for a quarter of an hour against a report, that of the trail does not.
        assert_eq!(rests(Known { executed: Some(at(50)), ..none }), Some(RestsOn::Request));
        assert_eq!(rests(Known { executed: Some(at(40)), ..none }), None);
        assert_eq!(rests(Known { called: Some(at(61)), ..none }), Some(RestsOn::Trail));
        assert_eq!(rests(Known { called: Some(at(60)), ..none }), None);
        let listed = Some(Listed { at: at(30), reason: None, made: at(50) });
        let crl = RestsOn::Crl { made: at(50), reason: None };
        assert_eq!(
            rests(Known { listed, executed: Some(at(50)), ..none }),
            Some(crl),
            "whatever a report says"
        );
        assert_eq!(rests(Known { report: Some(&revoked), listed, ..none }), Some(RestsOn::Report));
        // What no report has, nothing denies.
        assert_eq!(rests(Known { report: None, called: Some(at(1)), ..none }), Some(RestsOn::Trail));
        assert_eq!(rests(Known { item: Some(&recorded), ..none }), None);
        assert_eq!(rests(Known { report: None, item: Some(&recorded), ..none }), Some(RestsOn::Inventory));
        let ahead = InventoryItem { revoked_at: Some(at(10_000)), ..item(1) };
        assert_eq!(rests(Known { item: Some(&ahead), ..none }), None, "it has not happened");
    }
}
