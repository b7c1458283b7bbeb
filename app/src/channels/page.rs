//! The page: what each channel takes, how it fares, and what it was sent of late.

use domain::Severity;
use domain::notify::Route;
use domain::views::{Authority, ChannelView, ChannelsView, Sent};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{TestChannel, channels};
use crate::authorities::name_of;
use crate::notices::{NoticeLink, state};
use crate::ui::{
    Badge, Column, Empty, Fact, Facts, FormErrors, Icon, Mark, PageHead, Refused, Section, Submit, Table,
    Tone, Utc, count, error_of, loaded, visible,
};

#[component]
pub fn ChannelsPage() -> impl IntoView {
    let test = ServerAction::new();
    let view = Resource::new(|| (), |()| channels());
    loaded(view, move |view| view! { <Channels view test /> })
}

/// The page once its data is there.
#[component]
pub fn Channels(view: ChannelsView, test: ServerAction<TestChannel>) -> impl IntoView {
    let ChannelsView { channels, authorities, cannot_test } = view;
    let error = error_of(test);
    let none = channels.is_empty();
    let one = |channel: ChannelView| {
        view! { <Channel channel authorities=authorities.clone() cannot_test=cannot_test.clone() test /> }
    };
    view! {
        <PageHead title="Channels">"Through what people are told, as the configuration has it"</PageHead>
        <FormErrors error />
        {none
            .then(|| {
                view! {
                    <Empty title="No channel is configured">
                        <p>
                            "Nobody is told of anything outside of this console. Whoever configures it writes a channel as "
                            <code>"[[notify]]"</code> "."
                        </p>
                    </Empty>
                }
            })}
        {channels.into_iter().map(one).collect_view()}
    }
}

#[component]
fn Channel(
    channel: ChannelView,
    authorities: Vec<Authority>,
    cannot_test: Option<String>,
    test: ServerAction<TestChannel>,
) -> impl IntoView {
    let error = error_of(test);
    let problem = channel.problem().map(visible);
    let mark = match (&problem, channel.ended.first()) {
        (Some(_), _) => Mark::new(Tone::High, Icon::Alert, "Failing"),
        (None, Some(_)) => Mark::new(Tone::Ok, Icon::Check, "Delivers"),
        (None, None) => Mark::new(Tone::Pending, Icon::Clock, "Not used yet"),
    };
    let ChannelView { name, kind, host, route, waiting, ended, .. } = channel;
    let number = u64::try_from(waiting.len()).unwrap_or(u64::MAX);
    let caption = format!("What {name} was sent of late");
    let all: Vec<Sent> = waiting.into_iter().chain(ended).collect();
    let empty = all.is_empty();
    view! {
        <Section title=name.clone()>
            <Facts>
                <Fact label="State">
                    <Badge of=mark />
                </Fact>
                <Fact label="Kind">{kind.label()}</Fact>
                <Fact label="Host">{visible(&host)}</Fact>
                <Fact label="Takes" wide=true>
                    {taken(&route, &authorities)}
                </Fact>
                <Fact label="Waiting">{count(number)}</Fact>
                {problem.map(|problem| view! { <Fact label="Last problem" wide=true>{problem}</Fact> })}
            </Facts>
            {match cannot_test {
                Some(why) => view! { <Refused label=format!("Send a test to {name}") why /> }.into_any(),
                None => view! {
                    <ActionForm action=test>
                        <input type="hidden" name="name" value=name.clone() />
                        <Submit error>{format!("Send a test to {name}")}</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
            {(!empty)
                .then(|| {
                    let columns = ["What", "Delivery", "Due (UTC)", "Last problem"].map(Column::text).to_vec();
                    view! {
                        <Table caption columns>
                            {all.into_iter().map(row).collect_view()}
                        </Table>
                    }
                })}
        </Section>
    }
}

fn row(sent: Sent) -> impl IntoView {
    let Sent { notice, delivery } = sent;
    view! {
        <tr>
            <th scope="row" class="wrap">
                <NoticeLink notice />
            </th>
            <td>{state(&delivery)}</td>
            <td>
                <Utc at=delivery.due_at />
            </td>
            <td class="wrap">{delivery.problem.map(|problem| visible(&problem))}</td>
        </tr>
    }
}

/// What a channel takes, in words.
fn taken(route: &Route, authorities: &[Authority]) -> String {
    let kinds = match route.kinds.len() {
        0 => "everything".to_owned(),
        _ => route.kinds.iter().map(|kind| kind.label()).collect::<Vec<_>>().join(", "),
    };
    let about = match route.authorities.len() {
        0 => String::new(),
        _ => {
            let named = route.authorities.iter().map(|arn| visible(&name_of(authorities, &arn.id())));
            format!("; about {}", named.collect::<Vec<_>>().join(", "))
        }
    };
    let digest = route.digest.map_or_else(String::new, |digest| {
        let (hour, minute) = (digest.at.as_secs() / 3600, digest.at.as_secs() / 60 % 60);
        let up_to = digest.up_to.name();
        format!("; what is {up_to} or less once a day at {hour:02}:{minute:02} UTC")
    });
    let least = match route.severity {
        Severity::Low => String::new(),
        worse => format!("; at least {}", worse.name()),
    };
    format!("{kinds}{least}{about}{digest}")
}
