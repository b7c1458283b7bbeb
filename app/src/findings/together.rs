//! Several findings that were chosen in the list: handled together, and put on one request.

use std::collections::BTreeMap;

use domain::finding::Seen;
use domain::people::Person;
use domain::views::{Authority, FindingsTogether, Selection};
use domain::{AuthorityId, Finding, Serial};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{AcknowledgeFindings, DismissFindings, get_findings_together};
use super::handle::WhyDismissed;
use super::headline::{Headline, is_over, place};
use super::owner::Owner;
use crate::address::use_query;
use crate::authorities::name_of;
use crate::paths;
use crate::queries::read_together;
use crate::ui::{
    Badge, Column, Crumb, Empty, FormErrors, LinkButton, PageHead, Panel, Panels, Refused, Submit, Table,
    TextField, Weight, error_of, loaded, plural,
};

#[component]
pub fn TogetherPage() -> impl IntoView {
    let chosen = use_query(read_together);
    let (acknowledge, dismiss) = (ServerAction::new(), ServerAction::new());
    let findings =
        Resource::new(move || chosen.get(), |chosen| async move { get_findings_together(chosen?).await });
    loaded(findings, move |view| view! { <Together view acknowledge dismiss /> })
}

/// The page once its data is there.
#[component]
pub fn Together(
    view: FindingsTogether,
    acknowledge: ServerAction<AcknowledgeFindings>,
    dismiss: ServerAction<DismissFindings>,
) -> impl IntoView {
    let FindingsTogether { findings, authorities, operators, cannot_handle } = view;
    let named = certificates(&findings);
    let title = plural(u64::try_from(findings.len()).unwrap_or(u64::MAX), "finding");
    let content = match findings.is_empty() {
        true => view! {
            <Empty title="No finding is chosen">
                <p>"Tick those that belong together in the list, then handle them here."</p>
                <LinkButton href=paths::FINDINGS.to_owned()>"Back to the list"</LinkButton>
            </Empty>
        }
        .into_any(),
        false => view! {
            <Lines findings=findings.clone() authorities />
            <Panels>
                {(!named.is_empty()).then(|| view! { <Request named /> })}
                <Acknowledge findings=findings.clone() operators cannot=cannot_handle.clone() action=acknowledge />
                <Dismiss findings cannot=cannot_handle action=dismiss />
            </Panels>
        }
        .into_any(),
    };
    view! {
        <PageHead title crumbs=vec![Crumb::new("Findings", paths::FINDINGS)]>"Handled together"</PageHead>
        {content}
    }
}

/// The certificates that the findings are about, by authority, each once.
fn certificates(findings: &[Finding]) -> BTreeMap<AuthorityId, Vec<Serial>> {
    let mut certificates: BTreeMap<AuthorityId, Vec<Serial>> = BTreeMap::new();
    for finding in findings {
        if let (Some(authority), Some(serial)) = (finding.id.scope.authority(), finding.id.subject.serial()) {
            let serials = certificates.entry(authority.clone()).or_default();
            if !serials.contains(&serial) {
                serials.push(serial);
            }
        }
    }
    certificates
}

#[component]
fn Lines(findings: Vec<Finding>, authorities: Vec<Authority>) -> impl IntoView {
    let row = move |finding: Finding| {
        let scope = &finding.id.scope;
        let place = scope.authority().map_or_else(|| place(scope), |id| name_of(&authorities, id));
        view! {
            <tr>
                <td>
                    <Badge of=finding.id.kind.severity() />
                </td>
                <th scope="row" class="wrap">
                    <a href=paths::finding(&finding.id)>
                        <Headline
                            id=finding.id.clone()
                            evidence=finding.evidence.clone()
                            over=is_over(&finding)
                        />
                    </a>
                </th>
                <td>{place}</td>
                <td>
                    <Badge of=finding.state.name() />
                </td>
            </tr>
        }
    };
    let columns = ["Severity", "Finding", "Authority or trail", "State"].map(Column::text).to_vec();
    view! {
        <Table caption="The findings that were chosen" columns>
            {findings.into_iter().map(row).collect_view()}
        </Table>
    }
}

#[component]
fn Request(named: BTreeMap<AuthorityId, Vec<Serial>>) -> impl IntoView {
    let number = named.values().map(Vec::len).sum::<usize>();
    let number = plural(u64::try_from(number).unwrap_or(u64::MAX), "certificate");
    let href = paths::revoke_all(None, &Selection::Named(named));
    view! {
        <Panel title=format!("Request revocation of {number}")>
            <p>"One form for all of them. You see first what it would do, and another person must approve it."</p>
            // safe link: from crate::paths
            <LinkButton href weight=Weight::Danger>"Request revocation"</LinkButton>
        </Panel>
    }
}

#[component]
fn Acknowledge(
    findings: Vec<Finding>,
    operators: Vec<Person>,
    cannot: Option<String>,
    action: ServerAction<AcknowledgeFindings>,
) -> impl IntoView {
    let error = error_of(action);
    view! {
        <Panel title="Acknowledge">
            <p>"You take all of them on, or give them to somebody: everybody sees in whose hands they are."</p>
            {match cannot {
                Some(why) => view! { <Refused label="Acknowledge" why /> }.into_any(),
                None => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        <input type="hidden" name="seen" value=Seen::lines(&findings) />
                        <Owner operators error />
                        <TextField
                            name="due"
                            label="Due"
                            hint="Optional: the day by which they are to be settled."
                            kind="date"
                            error
                        />
                        <Submit error>"Acknowledge all"</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Panel>
    }
}

#[component]
fn Dismiss(
    findings: Vec<Finding>,
    cannot: Option<String>,
    action: ServerAction<DismissFindings>,
) -> impl IntoView {
    let error = error_of(action);
    view! {
        <Panel title="Dismiss">
            <p>"They are no trouble, all for the same reason. Each stays dismissed for as long as runs go on seeing it."</p>
            {match cannot {
                Some(why) => view! { <Refused label="Dismiss" why /> }.into_any(),
                None => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        <input type="hidden" name="seen" value=Seen::lines(&findings) />
                        <WhyDismissed error />
                        <Submit error>"Dismiss all"</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Panel>
    }
}
