//! What an identity did, by kind of call, and what it was seen together with.

use domain::trail::Outcome;
use domain::views::{ActivityQuery, Deed, IdentityKey, IdentityView};
use leptos::prelude::*;

use crate::callers::{AddressLink, KeyLink, PrincipalLink};
use crate::paths;
use crate::ui::{Ago, Column, Section, Table, brief, count};

#[component]
pub fn Deeds(view: IdentityView) -> impl IntoView {
    let columns = vec![
        Column::text("Call"),
        Column::number("Succeeded"),
        Column::number("Failed or denied"),
        Column::text("Last"),
    ];
    let of = ActivityQuery::of(&view.key);
    let row = move |Deed { name, succeeded, failed, last }: Deed| {
        let query = ActivityQuery { name: Some(name.clone()), ..of.clone() };
        let done = ActivityQuery { outcome: Some(Outcome::Succeeded), ..query.clone() };
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::activity(&query)>{brief(&name)}</a>
                </th>
                <td class="num">
                    {match succeeded {
                        0 => view! { <span class="muted">"0"</span> }.into_any(),
                        number => view! { <a href=paths::activity(&done)>{count(number)}</a> }.into_any(),
                    }}
                </td>
                <td class="num" class:muted=failed == 0>
                    {count(failed)}
                </td>
                <td>
                    <Ago at=last />
                </td>
            </tr>
        }
    };
    view! {
        <Section title="What it did">
            <Table caption="Calls by their name" columns>
                {view.deeds.into_iter().map(row).collect_view()}
            </Table>
        </Section>
    }
}

#[component]
pub fn SeenWith(seen_with: Vec<(IdentityKey, u64)>) -> impl IntoView {
    let columns = vec![Column::text("Seen with"), Column::text("Kind"), Column::number("Events")];
    let row = |(key, events): (IdentityKey, u64)| {
        let (kind, link) = match key {
            IdentityKey::Principal(principal) => {
                ("principal", view! { <PrincipalLink principal whole=true /> }.into_any())
            }
            IdentityKey::AccessKey(key) => ("access key", view! { <KeyLink key /> }.into_any()),
            IdentityKey::Address(address) => ("address", view! { <AddressLink address /> }.into_any()),
        };
        view! {
            <tr>
                <th scope="row" class="wrap">
                    {link}
                </th>
                <td>{kind}</td>
                <td class="num">{count(events)}</td>
            </tr>
        }
    };
    (!seen_with.is_empty()).then(|| {
        view! {
            <Section title="Seen together with">
                <Table caption="Principals, access keys and addresses in the same events" columns>
                    {seen_with.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        }
    })
}
