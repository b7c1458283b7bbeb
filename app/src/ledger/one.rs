//! One entry of the ledger by itself: what it says, since when others can see it, and what shows that.

use domain::ledger::Body;
use domain::views::{LedgerEntry, Published};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::get_entry;
use super::entry::{about, facts, mark, person, proof};
use crate::error::{AppError, Noun};
use crate::paths;
use crate::ui::{
    Badge, CopyButton, Crumb, Disclosure, Fact, Facts, Flash, Icon, Mark, PageHead, Section, Tone, Utc,
    count, loaded, visible,
};

#[component]
pub fn EntryPage() -> impl IntoView {
    let params = use_params_map();
    let seq = move || params.read().get_str("seq").and_then(|text| text.parse::<u64>().ok());
    let entry = Resource::new(seq, |seq| async move {
        get_entry(seq.ok_or(AppError::NotFound { what: Noun::Entry })?).await
    });
    loaded(entry, |entry| view! { <OneEntry entry /> })
}

/// The page once its data is there.
#[component]
pub fn OneEntry(entry: LedgerEntry) -> impl IntoView {
    let LedgerEntry { line, text, differs } = entry;
    let differs = differs.map(|why| {
        view! {
            <Flash tone=Tone::Critical title="This is not what the log has">
                <p>{why}</p>
            </Flash>
        }
    });
    let seq = line.seq.unwrap_or(0);
    let said = match line.body {
        Ok(body) => view! { <Said body /> }.into_any(),
        Err(_) => {
            view! { <Badge of=Mark::new(Tone::Medium, Icon::Alert, "Unknown kind of entry") /> }.into_any()
        }
    };
    let hash = line.hash;
    view! {
        <PageHead title=format!("Entry {seq}") crumbs=vec![Crumb::new("Ledger", paths::LEDGER)]>
            <a href=paths::ledger_entry(seq)>"See it among the others"</a>
        </PageHead>
        {differs}
        {said}
        <Section title="In the log">
            {shown(seq, line.published)}
            <Facts>
                <Fact label="Hash" copy=hash.clone() wide=true>
                    <code>{hash.clone()}</code>
                </Fact>
            </Facts>
        </Section>
        <Disclosure summary="The entry as it is hashed">
            <CopyButton value=text.clone() what="entry" />
            <pre>{visible(&text)}</pre>
        </Disclosure>
    }
}

#[component]
fn Said(body: Body) -> impl IntoView {
    let Body { at, who, action, object, detail } = body;
    let detail = (!detail.is_empty()).then(|| {
        view! {
            <Fact label="Detail" wide=true>
                {facts(detail)}
            </Fact>
        }
    });
    view! {
        <Facts>
            <Fact label="Time">
                <Utc at />
            </Fact>
            <Fact label="Who">{person(who)}</Fact>
            <Fact label="What">
                {match mark(action) {
                    Some(mark) => view! { <Badge of=mark /> }.into_any(),
                    None => action.label().into_any(),
                }}
            </Fact>
            <Fact label="About">{about(object)}</Fact>
            {detail}
        </Facts>
    }
}

/// Since when it is in a checkpoint, and the proof to take away.
fn shown(seq: u64, published: Option<Published>) -> AnyView {
    let Some(Published { size, since }) = published else {
        return view! { <p>"It is in no checkpoint yet: nobody outside can see it."</p> }.into_any();
    };
    view! {
        <p>
            {format!("In the checkpoint of {} entries since ", count(size))} <Utc at=since /> ". "
            {proof(seq, "Download the proof")}
        </p>
        <p class="muted">
            "The proof needs neither this console nor the log: countersign ledger proof verifies it with the log's public key, and so do tools by others (c2sp.org/tlog-proof)."
        </p>
    }
    .into_any()
}
