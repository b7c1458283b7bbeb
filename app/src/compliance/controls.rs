//! Which controls are served here: with what, the live figures of a time, and the lists that they count.

use domain::certificate::CertificateStatus;
use domain::finding::FindingStateName;
use domain::views::{
    Bound, CertificateQuery, ComplianceQuery, ComplianceView, Control, ControlsView, Figure, FindingQuery,
    FindingStates, Framework, Judgement, LogNow, RequestQuery, Standing, Test,
};
use domain::{FindingKind, Severity};
use leptos::prelude::*;

use super::api::get_controls;
use super::page::Narrow;
use crate::address::{Query, use_query};
use crate::paths;
use crate::queries::read_compliance;
use crate::ui::{Column, Crumb, PageHead, Section, Table, loaded, visible};

#[component]
pub fn ControlsPage() -> impl IntoView {
    let query = use_query(read_compliance);
    let view = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), get_controls(query).await?))
        },
    );
    loaded(view, |(query, view)| view! { <Controls query view /> })
}

/// The page once its data is there.
#[component]
pub fn Controls(query: ComplianceQuery, view: ControlsView) -> impl IntoView {
    let ControlsView { controls, of, log } = view;
    let period = of.period;
    let query = ComplianceQuery { from: Some(period.from()), to: Some(period.last()), ..query };
    let shown = (query.clone(), of.clone(), log);
    let framework = move |framework: Framework| {
        let (query, of, log) = shown.clone();
        let row = move |control: Control| view! { <Row control query=query.clone() of=of.clone() log=log.clone() /> };
        let caption = visible(&framework.name);
        let columns =
            ["Control", "What serves it here", "Figures and their evidence"].map(Column::text).to_vec();
        view! {
            <Section title=caption.clone()>
                <Table caption columns>
                    {framework.controls.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        }
    };
    view! {
        <PageHead title="Controls" crumbs=vec![Crumb::new("Compliance", paths::compliance(&query))]>
            {format!(
                "Figures of {} to {} UTC; those of the ledger are as of now. Whether a control is met is for the auditor to say.",
                period.from().date(),
                period.last().date(),
            )}
        </PageHead>
        <Narrow action=paths::CONTROLS query authorities=of.authorities />
        {controls.frameworks.into_iter().map(framework).collect_view()}
    }
}

#[component]
fn Row(control: Control, query: ComplianceQuery, of: ComplianceView, log: Option<LogNow>) -> impl IntoView {
    let figure = |figure: Figure| {
        let href = evidence(figure, &query, &of);
        view! {
            <li>
                {format!("{}: ", figure.label())}
                // safe link: from crate::paths below
                <a href=href>{figure.value(&of, log.as_ref())}</a>
            </li>
        }
    };
    view! {
        <tr>
            <th scope="row">
                {visible(&control.id)} <div class="small muted wrap-narrow">{visible(&control.title)}</div>
            </th>
            <td class="wrap">{visible(&control.served)}</td>
            <td>
                <ul>{control.figures.into_iter().map(figure).collect_view()}</ul>
            </td>
        </tr>
    }
}

/// The list that a figure counts, or the part of the compliance page that says more.
fn evidence(figure: Figure, query: &ComplianceQuery, of: &ComplianceView) -> String {
    let (from, to) = (of.period.from(), of.period.to());
    let authority = query.authority.clone();
    let certificates = |test: fn(Bound) -> Test, more: Option<Test>| {
        let mut filter = vec![test(Bound::From(from)), test(Bound::Before(to))];
        filter.extend(authority.clone().map(Test::Authority));
        filter.extend(more);
        let filter = filter.into_iter().map(Into::into).collect();
        paths::certificates(&CertificateQuery { filter, ..CertificateQuery::default() })
    };
    let (state, critical) = (FindingStates::Any, Some(Severity::Critical));
    let any = FindingQuery { state, authority: authority.clone(), ..FindingQuery::default() };
    let opened = FindingQuery { opened: of.period.into(), ..any.clone() };
    let ended = FindingQuery { ended: of.period.into(), ..any };
    let requests = || {
        let (from, to) = (Some(from), Some(to));
        paths::revocations(&RequestQuery {
            authority: authority.clone(),
            from,
            to,
            ..RequestQuery::default()
        })
    };
    match figure {
        Figure::Issued => certificates(Test::Issued, None),
        Figure::UnauthorisedIssuances => {
            certificates(Test::Issued, Some(Test::Judgement(Judgement::Unauthorised)))
        }
        Figure::Revoked => certificates(Test::Revoked, None),
        Figure::Expired => {
            certificates(Test::Expires, Some(Test::Status(Standing::Is(CertificateStatus::Expired))))
        }
        Figure::Requests => requests(),
        Figure::OutOfBand => {
            let kind = Some(FindingKind::RevocationNotCountersigned);
            paths::findings(&FindingQuery { kind, ..opened })
        }
        Figure::FindingsOpened => paths::findings(&opened),
        Figure::FindingsEnded => paths::findings(&ended),
        Figure::CriticalDismissed => {
            let state = FindingStates::Is(FindingStateName::Dismissed);
            paths::findings(&FindingQuery { state, severity: critical, ..ended })
        }
        Figure::CriticalMeanOpen => paths::findings(&FindingQuery { severity: critical, ..ended }),
        Figure::RunsHeld => paths::runs(
            Query::new().with("authority", authority.as_ref().map(ToString::to_string).unwrap_or_default()),
        ),
        Figure::TrailHoursProven | Figure::TrailHoursNotProven => paths::COVERAGE.to_owned(),
        Figure::LedgerEntries => paths::LEDGER.to_owned(),
        Figure::LedgerCheckpoint | Figure::LedgerWitness => paths::LEDGER_VERIFICATION.to_owned(),
        Figure::Countersigned
        | Figure::Proven
        | Figure::BreakGlass
        | Figure::RevokedWithinADay
        | Figure::RevokedWithinFiveDays
        | Figure::SlowestRevocation
        | Figure::LongestTimeWithoutARun
        | Figure::SignIns
        | Figure::People
        | Figure::PolicyChanges => paths::compliance(query),
    }
}
