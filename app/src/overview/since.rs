//! What happened since the viewer was here before: in numbers of whole days, each the way to its list.

use domain::Timestamp;
use domain::views::{
    Bound, CertificateQuery, ComplianceQuery, DayCounts, Days, FindingQuery, FindingStates, LedgerQuery, Test,
};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{Ago, Section, count};

#[component]
pub fn Since(at: Timestamp, days: Vec<DayCounts>) -> impl IntoView {
    let is_since = |day: &&DayCounts| day.from.date() >= at.date();
    let sum = |number: fn(&DayCounts) -> u64| days.iter().filter(is_since).map(number).sum::<u64>();
    let first = days.iter().find(is_since).map(|day| day.from);
    // Longer ago than the days that are counted here.
    let is_counted = days.first().is_some_and(|day| day.from <= at);
    let certificates = |test: fn(Bound) -> Test| {
        let filter = first.map(|from| test(Bound::From(from)).into()).into_iter().collect();
        paths::certificates(&CertificateQuery { filter, ..CertificateQuery::default() })
    };
    let since = Days { from: first, to: None };
    let all = FindingQuery { state: FindingStates::Any, ..FindingQuery::default() };
    let opened = paths::findings(&FindingQuery { opened: since, ..all.clone() });
    let ended = paths::findings(&FindingQuery { ended: since, ..all });
    let told = paths::ledger(&LedgerQuery { from: Some(at), ..LedgerQuery::default() });
    let numbers = [
        (sum(|day| day.issued), "certificates issued", certificates(Test::Issued)),
        (sum(|day| day.revoked), "revoked", certificates(Test::Revoked)),
        (sum(|day| day.opened), "findings opened", opened),
        (sum(|day| day.ended), "ended", ended),
    ];
    let number = |(number, noun, href): (u64, &'static str, String)| {
        let text = format!("{} {noun}", count(number));
        match number {
            0 => view! { {text} " · " }.into_any(),
            // safe link: from crate::paths above
            _ => view! { <a href=href>{text}</a> " · " }.into_any(),
        }
    };
    let counted = is_counted.then(|| numbers.into_iter().map(number).collect_view());
    let period = paths::compliance(&ComplianceQuery { from: Some(at), ..ComplianceQuery::default() });
    view! {
        <Section title="Since your last visit">
            <p>
                "You were here " <Ago at /> ". "
                {first.filter(|_| is_counted).map(|first| format!("Since the beginning of that day, {}: ", first.date()))}
                // safe link: from crate::paths above
                {counted} <a href=told>"what people and the system did"</a> " · " <a href=period>"all numbers"</a>
            </p>
        </Section>
    }
}
