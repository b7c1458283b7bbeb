//! The runbook's steps: how each stands, what shows it, what is missing, and what to do.

use domain::incident::{
    AuthorityFacts, CallerFacts, Facts as Known, Incident, Step, StepName, Which, unauthorised_of,
};
use domain::views::{IdentityQuery, Issued, Selection};
use domain::{AuthorityArn, IncidentId, Permission};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::commands::{Command, bounds, reopening, stopping};
use super::parts::{Caller, mark};
use crate::paths;
use crate::revocations::Draft;
use crate::runs::StartRun;
use crate::session::{use_now, use_viewer};
use crate::ui::{
    Ago, Badge, Column, CopyButton, Disclosure, Due, LinkButton, Refused, Section, Submit, Table, Utc,
    Weight, count, error_of, moments, plural, visible,
};

#[component]
pub fn Steps(incident: Incident, facts: Known, steps: Vec<Step>) -> impl IntoView {
    let is_open = incident.is_open();
    let each = steps.into_iter().enumerate().map(|(at, step)| {
        let name = step.name;
        let body = is_open.then(|| body(name, step.is_open(), &incident.id, &facts));
        view! {
            <OneStep number=at + 1 step>{body}</OneStep>
        }
    });
    each.collect_view()
}

#[component]
fn OneStep(number: usize, step: Step, children: Children) -> impl IntoView {
    let since = step.since();
    let badge = mark(&step);
    let Step { name, seen, missing, answer, .. } = step;
    let aside = move || {
        view! {
            <span class="row">{since.map(|at| view! { <Utc at /> })} <Badge of=badge /></span>
        }
    };
    let missing = (!missing.is_empty()).then(|| {
        let missing = missing.into_iter().map(|sentence| view! { <li>{visible(&sentence)}</li> });
        view! { <ul>{missing.collect_view()}</ul> }
    });
    let answer = answer.map(|answer| {
        view! {
            <p class="quote">{visible(&answer.reason)}</p>
            <p class="small muted">
                {format!("{}: {} · ", answer.by.name, answer.what.label().to_lowercase())} <Utc at=answer.at />
            </p>
        }
    });
    view! {
        <div id=format!("step-{}", name.name())>
            <Section title=format!("{number}. {}", name.label()) aside>
                {answer}
                {missing}
                {(!seen.is_empty()).then(|| moments(seen))}
                {children()}
            </Section>
        </div>
    }
}

fn body(step: StepName, open: bool, incident: &IncidentId, facts: &Known) -> AnyView {
    match step {
        StepName::Contain => {
            let commands = stopping(facts, use_now());
            view! { <Commands caption="Commands that stop them" commands open /> }.into_any()
        }
        StepName::Identify => facts
            .callers
            .iter()
            .cloned()
            .map(|caller| view! { <Who caller /> })
            .collect_view()
            .into_any(),
        StepName::Report => view! {
            <Reports authorities=facts.authorities.clone() />
            <Scope callers=facts.callers.clone() />
        }
        .into_any(),
        StepName::Revoke => view! { <Request incident=incident.clone() facts=facts.clone() /> }.into_any(),
        StepName::Verify => view! {
            <p class="muted">
                "Proven when each is on the CRL (about 30 minutes) or revoked by OCSP (up to 60), and in a report made later. Until then devices that do not fetch CRLs still believe it."
            </p>
        }
        .into_any(),
        StepName::Rotate => view! { <Rotate facts=facts.clone() open /> }.into_any(),
        StepName::Close => ().into_any(),
    }
}

#[component]
fn Commands(caption: &'static str, commands: Vec<Command>, open: bool) -> impl IntoView {
    let one = |Command { what, line, stops }: Command| {
        view! {
            <li class="command">
                <p>
                    <strong>{visible(&what)}</strong>
                </p>
                <p class="command-line">
                    <code>{line.clone()}</code>
                    " "
                    <CopyButton value=line what="command" />
                </p>
                <p class="small muted">{stops}</p>
            </li>
        }
    };
    (!commands.is_empty()).then(|| {
        view! {
            <Disclosure summary=caption open>
                <ul class="commands">{commands.into_iter().map(one).collect_view()}</ul>
            </Disclosure>
        }
    })
}

#[component]
fn Who(caller: CallerFacts) -> impl IntoView {
    let refused: u64 = caller.deeds.iter().map(|deed| deed.failed).sum();
    let deeds: Vec<String> = caller
        .deeds
        .iter()
        .map(|deed| format!("{} {}", visible(&deed.name), count(deed.succeeded + deed.failed)))
        .collect();
    let with = caller
        .seen_with
        .iter()
        .map(|(key, number)| view! { <li><Caller key=key.clone() /> {format!(" {}", count(*number))}</li> });
    let with = with.collect_view();
    view! {
        <p>
            <Caller key=caller.key.clone() />
            {format!(": {}, of which {} refused or failed", plural(caller.events, "event"), count(refused))}
        </p>
        <p class="small">{deeds.join(" · ")}</p>
        <p class="small muted">"Seen together with, and how often:"</p>
        <ul class="counts">{with}</ul>
    }
}

#[component]
fn Reports(authorities: Vec<AuthorityFacts>) -> impl IntoView {
    let now = use_now();
    let may = use_viewer().may(Permission::Operate);
    let row = move |authority: AuthorityFacts| {
        let next = authority.next_report(now);
        let id = authority.arn.id();
        let last = match &authority.report {
            Some(report) => view! {
                <a href=paths::run(&id, &report.run)>
                    <Ago at=report.made_at />
                </a>
            }
            .into_any(),
            None => "none was read".into_any(),
        };
        let next = match next {
            Some(at) => view! { <Due at /> }.into_any(),
            None => "now".into_any(),
        };
        let start = match (&authority.under_way, may) {
            (Some(run), _) => view! { <a href=paths::run(&id, run)>"A run is under way"</a> }.into_any(),
            (None, true) => view! { <Start arn=authority.arn.clone() /> }.into_any(),
            (None, false) => Permission::Operate.refusal().into_any(),
        };
        view! {
            <tr>
                <th scope="row">{visible(&authority.name)}</th>
                <td>{last}</td>
                <td>{next}</td>
                <td>{start}</td>
            </tr>
        }
    };
    let columns = ["Authority", "Last report made", "Next can be made", "Run"].map(Column::text).to_vec();
    (!authorities.is_empty()).then(|| {
        view! {
            <Table caption="The authorities and their reports" columns>
                {authorities.into_iter().map(row).collect_view()}
            </Table>
        }
    })
}

#[component]
fn Start(arn: AuthorityArn) -> impl IntoView {
    let action = ServerAction::<StartRun>::new();
    view! {
        <ActionForm action>
            <input type="hidden" name="authority" value=arn.id().to_string() />
            <Submit error=error_of(action)>"Start a run"</Submit>
        </ActionForm>
    }
}

#[component]
fn Scope(callers: Vec<CallerFacts>) -> impl IntoView {
    let row = |caller: CallerFacts| {
        let of = caller.certificates.clone();
        let key = caller.key.clone();
        let cell = move |number: u64, which: Which| {
            let href = paths::certificates(&unauthorised_of(&key, which));
            // safe link: from crate::paths above
            view! { <td class="num"><a href=href>{count(number)}</a></td> }
        };
        let key = caller.key.clone();
        let all = paths::identity_page(&IdentityQuery { key, only: Issued::Unauthorised, page: 0 });
        view! {
            <tr>
                <th scope="row">
                    <Caller key=caller.key />
                </th>
                <td class="num">
                    // safe link: from crate::paths
                    <a href=all>{count(of.all)}</a>
                </td>
                {cell(of.valid, Which::Valid)}
                {cell(of.revoked, Which::Revoked)}
                {cell(of.expired, Which::Expired)}
                <td class="num">{count(of.unseen())}</td>
                {cell(of.devices, Which::Recorded)}
                <td class="num">{count(of.siblings)}</td>
            </tr>
        }
    };
    let columns = vec![
        Column::text("Unauthorised, by"),
        Column::number("All"),
        Column::number("Valid"),
        Column::number("Revoked"),
        Column::number("Expired"),
        Column::number("In no report yet"),
        Column::number("Of devices"),
        Column::number("Others with their keys"),
    ];
    (!callers.is_empty()).then(|| {
        view! {
            <Table caption="Certificates that they had issued without being authorised to" columns>
                {callers.into_iter().map(row).collect_view()}
            </Table>
        }
    })
}

#[component]
fn Request(incident: IncidentId, facts: Known) -> impl IntoView {
    let not_asked_for = facts.not_asked_for();
    let valid: Vec<CallerFacts> =
        facts.callers.into_iter().filter(|caller| caller.certificates.valid > 0).collect();
    if valid.is_empty() {
        return ().into_any();
    }
    if not_asked_for == 0 {
        return view! { <p>"All that are valid are in a request that is under way."</p> }.into_any();
    }
    if !use_viewer().may(Permission::Operate) {
        let why = Permission::Operate.refusal();
        return view! { <p><Refused label="Request the revocation of all of them" why /></p> }.into_any();
    }
    let one = |CallerFacts { key, certificates, .. }: CallerFacts| {
        let of = Selection::IssuedBy { key: key.clone(), only: Issued::Unauthorised, from: None, to: None };
        let form = Draft { of: Some(of), incident: Some(incident.clone()), ..Draft::default() };
        view! {
            <p class="row">
                // safe link: from crate::paths
                <LinkButton href=form.address() weight=Weight::Danger>
                    {format!("Request revocation of {}", plural(certificates.valid, "valid certificate"))}
                </LinkButton>
                <span>"by " <Caller key /></span>
            </p>
        }
    };
    view! {
        {valid.into_iter().map(one).collect_view()}
        <p class="small muted">"You see first what it would do, and another person must approve it."</p>
    }
    .into_any()
}

#[component]
fn Rotate(facts: Known, open: bool) -> impl IntoView {
    let commands = reopening(&facts);
    let bounds = bounds(&facts).map(|lines| {
        view! {
            <p>"If it is an issuer, narrow it in countersign.toml of both processes:"</p>
            <pre>{lines.clone()}</pre>
            <CopyButton value=lines what="lines" />
        }
    });
    view! {
        <Commands caption="Commands that let things go on" commands open />
        {bounds}
    }
}
