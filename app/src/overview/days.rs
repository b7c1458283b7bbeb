//! What happened in the last days, as two charts.

use domain::views::{Bound, CertificateQuery, DayCounts, Test};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{Bar, Chart, Section, Together};

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

#[component]
pub fn Days(days: Vec<DayCounts>) -> impl IntoView {
    let bars = |numbers: fn(&DayCounts) -> [u64; 2], href: fn(&DayCounts) -> Option<String>| {
        let bar = |day: &DayCounts| {
            let name = day.from.date();
            let brief = name.get(5..).unwrap_or_default().to_owned();
            Bar { name, brief, numbers: numbers(day).to_vec(), href: href(day) }
        };
        days.iter().map(bar).collect::<Vec<_>>()
    };
    let certificates = bars(|day| [day.issued, day.revoked], |day| (day.issued > 0).then(|| issued(day)));
    let findings = bars(|day| [day.opened, day.ended], |_| None);
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    // safe link: from crate::paths below
    view! {
        <Section title="Certificates, the last 30 days">
            <Chart
                id="certificates"
                caption="Certificates issued and revoked by day"
                unit="Day"
                together=Together::Beside
                series=names(["Issued", "Revoked"])
                bars=certificates
            />
        </Section>
        <Section title="Findings, the last 30 days">
            <Chart
                id="findings"
                caption="Findings opened and ended by day"
                unit="Day"
                together=Together::Beside
                series=names(["Opened", "Closed, dismissed or resolved"])
                bars=findings
            />
        </Section>
    }
}

/// Those that were issued on this day, in the list of certificates.
fn issued(day: &DayCounts) -> String {
    let filter = vec![
        Test::Issued(Bound::From(day.from)).into(),
        Test::Issued(Bound::Before(day.from.plus(DAY))).into(),
    ];
    paths::certificates(&CertificateQuery { filter, ..CertificateQuery::default() })
}
