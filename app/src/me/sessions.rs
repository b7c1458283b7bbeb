//! Where the viewer is signed in, and ending that.

use domain::views::OwnSession;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{EndOtherSessions, EndSession};
use crate::ui::{Column, Due, FormErrors, Section, Submit, Table, Utc, error_of};

#[component]
pub fn OwnSessions(
    sessions: Vec<OwnSession>,
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
) -> impl IntoView {
    let (error, others_error) = (error_of(end), error_of(end_others));
    let has_others = sessions.iter().any(|one| !one.current);
    let row = move |one: OwnSession| {
        let OwnSession { hash, begun_at, expires_at, current } = one;
        view! {
            <tr>
                <th scope="row">
                    {match begun_at {
                        Some(at) => view! { <Utc at /> }.into_any(),
                        None => view! { <span class="muted">"not known"</span> }.into_any(),
                    }}
                </th>
                <td>
                    <Due at=expires_at />
                </td>
                <td>
                    {match current {
                        true => view! { <span class="muted">"this one"</span> }.into_any(),
                        false => view! {
                            <ActionForm action=end>
                                <input type="hidden" name="hash" value=hash />
                                <Submit error>"End this session"</Submit>
                            </ActionForm>
                        }
                        .into_any(),
                    }}
                </td>
            </tr>
        }
    };
    let columns = vec![Column::text("Signed in (UTC)"), Column::text("Ends"), Column::text("End it")];
    view! {
        <Section title="Where I am signed in">
            <FormErrors error />
            <FormErrors error=others_error />
            <Table caption="My sessions" columns>
                {sessions.into_iter().map(row).collect_view()}
            </Table>
            {has_others
                .then(|| {
                    view! {
                        <ActionForm action=end_others>
                            <Submit error=others_error>"End all others"</Submit>
                        </ActionForm>
                    }
                })}
        </Section>
    }
}
