//! All findings that match a filter, handled at once: what of which there is, what will be done to how many, and what to type.

use domain::AuthorityId;
use domain::finding::Bulk;
use domain::people::Person;
use domain::revocation::MAX_TARGETS;
use domain::views::{FindingGroup, FindingQuery, FindingsMatching};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{AcknowledgeMatching, DismissMatching, RevokeMatching, get_findings_matching};
use super::handle::WhyDismissed;
use super::owner::Owner;
use crate::address::use_query;
use crate::authorities::name_of;
use crate::paths;
use crate::queries::read_findings;
use crate::session::use_viewer;
use crate::ui::{
    Badge, Column, Crumb, Empty, FormErrors, LinkButton, PageHead, Panel, Panels, Refused, Submit, Table,
    TextField, TypedConfirmation, Weight, count, error_of, loaded, plural,
};

#[component]
pub fn MatchingPage() -> impl IntoView {
    let query = use_query(read_findings);
    let (acknowledge, dismiss, revoke) = (ServerAction::new(), ServerAction::new(), ServerAction::new());
    let found = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), get_findings_matching(query).await?))
        },
    );
    loaded(found, move |(query, view)| view! { <Matching query view acknowledge dismiss revoke /> })
}

/// The page once its data is there.
#[component]
pub fn Matching(
    query: FindingQuery,
    view: FindingsMatching,
    acknowledge: ServerAction<AcknowledgeMatching>,
    dismiss: ServerAction<DismissMatching>,
    revoke: ServerAction<RevokeMatching>,
) -> impl IntoView {
    let number = view.total();
    let second = view.need_second(use_viewer().settings.policy.dismiss_critical);
    let certificates: Vec<_> = view
        .about_certificates()
        .into_iter()
        .map(|(id, number)| (name_of(&view.authorities, &id), id, number))
        .collect();
    let FindingsMatching { groups, authorities, operators, cannot_handle: cannot } = view;
    let (of, back, words) = (paths::findings_named(&query), paths::findings(&query), query.words());
    let again = back.clone();
    let content = match number {
        0 => view! {
            <Empty title="No finding matches">
                <p>"Somebody may have handled them meanwhile."</p>
                // safe link: from crate::paths above
                <LinkButton href=again>"Back to the list"</LinkButton>
            </Empty>
        }
        .into_any(),
        _ => {
            let asked = certificates.into_iter().map(|(name, authority, number)| {
                view! { <Request name authority number of=of.clone() cannot=cannot.clone() action=revoke /> }
            });
            let asked = asked.collect_view();
            view! {
                <Groups groups authorities />
                <p class="muted">
                    "What you order applies to these, as they are when you press the button: no other is taken in later, and one that somebody changes before its turn is left alone and counted."
                </p>
                <Panels>
                    {asked}
                    <Acknowledge
                        of=of.clone()
                        number
                        operators
                        cannot=cannot.clone()
                        action=acknowledge
                    />
                    <Dismiss of number second cannot action=dismiss />
                </Panels>
            }
            .into_any()
        }
    };
    view! {
        <PageHead
            title=format!("All {} that match", plural(number, "finding"))
            crumbs=vec![Crumb::new("Findings", paths::FINDINGS)]
            // safe link: from crate::paths above
            actions=move || view! { <LinkButton href=back>"See them in the list"</LinkButton> }
        >
            {words}
        </PageHead>
        {content}
    }
}

/// How many there are of what.
#[component]
fn Groups(groups: Vec<FindingGroup>, authorities: Vec<domain::views::Authority>) -> impl IntoView {
    let mut groups = groups;
    groups.sort_by_key(|group| (group.kind.severity(), group.kind, group.authority.clone(), group.state));
    let row = move |group: FindingGroup| {
        let place =
            group.authority.map_or_else(|| "trail or workers".to_owned(), |id| name_of(&authorities, &id));
        view! {
            <tr>
                <td>
                    <Badge of=group.kind.severity() />
                </td>
                <th scope="row">{group.kind.label()}</th>
                <td>{place}</td>
                <td>
                    <Badge of=group.state />
                </td>
                <td class="num">{count(group.number)}</td>
            </tr>
        }
    };
    let mut columns: Vec<_> = ["Severity", "Kind", "Authority", "State"].map(Column::text).to_vec();
    columns.push(Column::number("Findings"));
    view! {
        <Table caption="The findings that match, by kind" columns>
            {groups.into_iter().map(row).collect_view()}
        </Table>
    }
}

#[component]
fn Request(
    name: String,
    authority: AuthorityId,
    number: u64,
    of: String,
    cannot: Option<String>,
    action: ServerAction<RevokeMatching>,
) -> impl IntoView {
    let label = "Request revocation";
    let most = u64::try_from(MAX_TARGETS).unwrap_or(u64::MAX);
    let many = || format!("One request revokes at most {} certificates. Narrow the list.", count(most));
    let cannot = cannot.or_else(|| (number > most).then(many));
    let error = error_of(action);
    view! {
        <Panel title=format!("Request revocation of the certificates of {name}")>
            <p>
                {format!(
                    "{} about its certificates. The certificates become a list, as it is now. You see first what a request would do, and another person must approve it.",
                    match number {
                        1 => "1 finding is".to_owned(),
                        number => format!("{} findings are", count(number)),
                    },
                )}
            </p>
            {match cannot {
                Some(why) => view! { <Refused label why /> }.into_any(),
                None => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        <input type="hidden" name="of" value=of />
                        <input type="hidden" name="authority" value=authority.to_string() />
                        <Submit error weight=Weight::Danger>{label}</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Panel>
    }
}

#[component]
fn Acknowledge(
    of: String,
    number: u64,
    operators: Vec<Person>,
    cannot: Option<String>,
    action: ServerAction<AcknowledgeMatching>,
) -> impl IntoView {
    let error = error_of(action);
    let label = format!("Acknowledge {}", plural(number, "finding"));
    view! {
        <Panel title="Acknowledge">
            <p>
                "You take all of them on, or give them to somebody: everybody sees in whose hands they are. Those that somebody else has taken on change hands."
            </p>
            {match cannot {
                Some(why) => view! { <Refused label="Acknowledge" why /> }.into_any(),
                None => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        <input type="hidden" name="of" value=of />
                        <input type="hidden" name="shown" value=number.to_string() />
                        <Owner operators error />
                        <TextField
                            name="due"
                            label="Due"
                            hint="Optional: the day by which they are to be settled."
                            kind="date"
                            error
                        />
                        {(number > Bulk::MANY)
                            .then(|| view! { <TypedConfirmation name="confirm" expected=number noun="findings" error /> })}
                        <Submit error>{label}</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Panel>
    }
}

#[component]
fn Dismiss(
    of: String,
    number: u64,
    second: u64,
    cannot: Option<String>,
    action: ServerAction<DismissMatching>,
) -> impl IntoView {
    let error = error_of(action);
    let label = format!("Dismiss {}", plural(number, "finding"));
    let two = (second > 0).then(|| {
        let alone = number - second;
        format!(
            "{} a second person: by your word alone {} dismissed, the others wait for somebody else to say the same. \
             What somebody else has asked for already, you confirm.",
            match second {
                1 => "1 of them needs".to_owned(),
                second => format!("{} of them need", count(second)),
            },
            match alone {
                0 => "none is".to_owned(),
                1 => "1 is".to_owned(),
                alone => format!("{} are", count(alone)),
            },
        )
    });
    view! {
        <Panel title="Dismiss">
            <p>
                "They are no trouble, all for the same reason. Each stays dismissed for as long as runs go on seeing it."
            </p>
            {two.map(|two| view! { <p>{two}</p> })}
            {match cannot {
                Some(why) => view! { <Refused label="Dismiss" why /> }.into_any(),
                None => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        <input type="hidden" name="of" value=of />
                        <input type="hidden" name="shown" value=number.to_string() />
                        <WhyDismissed error />
                        {(number > Bulk::MANY)
                            .then(|| view! { <TypedConfirmation name="number" expected=number noun="findings" error /> })}
                        <Submit error>{label}</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Panel>
    }
}
