//! One event: the sentence, what matters of it, whether it was allowed, where it is written, and the whole record.

use domain::trail::{
    Authorisation, Event, EventId, Identity, IdentityKind, Outcome, Proof, RevocationMeans, What,
};
use domain::views::{Authority, EventView, IdentityKey, Issued, LogFile, Selection};
use domain::{FindingId, Permission};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::get_event;
use super::sentence::sentence;
use crate::at_aws::{self, AtAws};
use crate::callers::{AddressLink, KeyLink, PrincipalLink, named};
use crate::certificates::PublicKey;
use crate::error::{AppError, Noun};
use crate::findings::Headline;
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{
    Ago, Badge, CopyButton, Crumb, Disclosure, Fact, Facts, Flash, LinkButton, PageHead, Refused, Section,
    SerialText, Tone, Utc, Weight, loaded, visible,
};

#[component]
pub fn EventPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.read().get_str("event").and_then(|text| text.parse::<EventId>().ok());
    let event = Resource::new(id, |id| async move {
        get_event(id.ok_or(AppError::NotFound { what: Noun::Event })?).await
    });
    loaded(event, |view| view! { <OneEvent view /> })
}

/// The page once its data is there.
#[component]
pub fn OneEvent(view: EventView) -> impl IntoView {
    let EventView { event, authority, authorisation, record, file, findings } = view;
    let (id, at, name) = (event.id.clone(), event.time, visible(&event.name));
    let revocable = (event.is_issuance() && event.outcome() == Outcome::Succeeded).then(|| event.clone());
    let (title, ended, caller) = (sentence(&event), event.outcome(), event.clone());
    let who = named(&event.identity.principal);
    let proof = file.proof;
    view! {
        <PageHead title crumbs=vec![Crumb::new("Activity", paths::ACTIVITY)]>
            <Badge of=ended />
            {name}
            " · "
            <Ago at />
        </PageHead>
        <Trust proof />
        {revocable.map(|event| view! { <Revoke event /> })}
        {authorisation.map(|authorisation| view! { <Allowed who authorisation /> })}
        <Findings findings />
        <Section title="Who, from where, when">
            <Who event=caller />
        </Section>
        <Section title="What">
            <Deed event authority />
        </Section>
        <Section title="Where it is written">
            <Written id file />
        </Section>
        <Disclosure summary="The whole record">
            <CopyButton value=record.clone() what="record" />
            <pre>{visible(&record)}</pre>
        </Disclosure>
    }
}

/// What one has to know of the file before believing it.
#[component]
fn Trust(proof: Proof) -> impl IntoView {
    let (title, text) = match proof {
        Proof::Proven | Proof::Unproven => return None,
        Proof::Missing => (
            "The log file of this event is gone",
            "It was there when it was read, and is not any more: nobody but this console can show the event.",
        ),
        Proof::Altered => (
            "The log file of this event was altered",
            "It is not what CloudTrail delivered, so the event proves nothing: it may be made up, and others may be left out.",
        ),
    };
    Some(view! {
        <Flash tone=Tone::Critical title>
            <p>{text} " " <a href=paths::COVERAGE>"See the coverage"</a></p>
        </Flash>
    })
}

#[component]
fn Allowed(who: String, authorisation: Authorisation) -> impl IntoView {
    let tone = match authorisation {
        Authorisation::Authorised => Tone::Ok,
        _ => Tone::Critical,
    };
    view! { <Flash tone title=format!("{who} {}", authorisation.sentence()) /> }
}

/// For an issuance: the ways to requests about its certificate, and about all that the same caller had issued without being
/// authorised to.
#[component]
fn Revoke(event: Event) -> impl IntoView {
    if !use_viewer().may(Permission::Operate) {
        let why = Permission::Operate.refusal();
        return view! { <p><Refused label="Request revocation" why /></p> }.into_any();
    }
    let one = event.authority.as_ref().zip(event.serial);
    let one = one.map(|(arn, serial)| paths::new_revocation(&arn.id(), &[serial], None));
    let identity = event.identity;
    let whose = [
        ("principal", Some(IdentityKey::Principal(identity.principal))),
        ("access key", identity.access_key.map(IdentityKey::AccessKey)),
        ("address", event.address.map(IdentityKey::Address)),
    ];
    let all = whose.into_iter().filter_map(|(noun, key)| Some((noun, key?))).map(|(noun, key)| {
        let of = Selection::IssuedBy { key, only: Issued::Unauthorised, from: None, to: None };
        let href = paths::revoke_all(None, &of);
        view! { <LinkButton href>{format!("Of all unauthorised that this {noun} had issued")}</LinkButton> }
    });
    view! {
        <div class="row">
            {one.map(|href| view! { <LinkButton href weight=Weight::Danger>"Request revocation"</LinkButton> })}
            {all.collect_view()}
        </div>
    }
    .into_any()
}

#[component]
fn Findings(findings: Vec<FindingId>) -> impl IntoView {
    let one = |id: FindingId| {
        view! {
            <li>
                <a href=paths::finding(&id)>
                    <Headline id=id.clone() />
                </a>
            </li>
        }
    };
    (!findings.is_empty()).then(|| {
        view! {
            <Section title="Findings">
                <ul class="list">{findings.into_iter().map(one).collect_view()}</ul>
            </Section>
        }
    })
}

#[component]
fn Who(event: Event) -> impl IntoView {
    let Event { identity, address, user_agent, time, .. } = event;
    let Identity { kind, principal, session, account, access_key, mfa, invoked_by, .. } = identity;
    let text = |value: Option<String>| value.map(|value| visible(&value));
    let at_aws = at_aws::principal(&principal);
    view! {
        <Facts>
            <Fact label="Principal" copy=principal.clone() wide=true>
                <PrincipalLink principal whole=true />
                <AtAws to=at_aws />
            </Fact>
            <Fact label="Kind">{kind_label(kind)}</Fact>
            {text(session).map(|session| view! { <Fact label="Session">{session}</Fact> })}
            {access_key.map(|key| view! { <Fact label="Access key"><KeyLink key /></Fact> })}
            {text(account).map(|account| view! { <Fact label="Account">{account}</Fact> })}
            {mfa.map(|mfa| view! { <Fact label="MFA">{if mfa { "yes" } else { "no" }}</Fact> })}
            {text(invoked_by).map(|service| view! { <Fact label="Called through">{service}</Fact> })}
            <Fact label="Address">
                {match address {
                    Some(address) => view! { <AddressLink address /> }.into_any(),
                    None => view! { <span class="muted">"not recorded"</span> }.into_any(),
                }}
            </Fact>
            <Fact label="Time">
                <Utc at=time />
            </Fact>
            {text(user_agent).map(|agent| view! { <Fact label="User agent" wide=true>{agent}</Fact> })}
        </Facts>
    }
}

fn kind_label(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Root => "root of the account",
        IdentityKind::User => "IAM user",
        IdentityKind::Role => "assumed role",
        IdentityKind::Federated => "federated user",
        IdentityKind::Service => "AWS service",
        IdentityKind::Account => "another account",
        IdentityKind::Unknown => "not recorded",
    }
}

#[component]
fn Deed(event: Event, authority: Option<Authority>) -> impl IntoView {
    let (ended, at_aws) = (event.outcome(), at_aws::event(&event.region, &event.id));
    let Event {
        name, source, region, authority: arn, serial, failure, what, read_only, request_id, key, ..
    } = event;
    let named = authority.map(|authority| authority.name);
    let certificate = arn.clone().zip(serial).map(|(arn, serial)| {
        view! {
            <Fact label="Certificate" copy=serial.to_string() wide=true>
                <a href=paths::certificate(&arn.id(), serial)>
                    <SerialText serial whole=true />
                </a>
            </Fact>
        }
    });
    let authority = arn.map(|arn| {
        let label = named.unwrap_or_else(|| format!("{} (not looked after here)", arn.id()));
        view! { <Fact label="Authority" copy=arn.as_str()>{label}</Fact> }
    });
    let (code, message) = match failure {
        Some(failure) => (Some(visible(&failure.code)), failure.message),
        None => (None, None),
    };
    view! {
        <Facts>
            <Fact label="Call">
                <code>{visible(&name)}</code>
                <AtAws to=at_aws />
                <span class="plain muted">{if read_only { " · only reads" } else { "" }}</span>
            </Fact>
            <Fact label="Service">{visible(&source)} " in " {visible(&region)}</Fact>
            <Fact label="Result">
                <Badge of=ended />
                {code.map(|code| view! { " " <code>{code}</code> })}
            </Fact>
            {authority}
            {certificate}
            {key.map(|key| view! { <PublicKey key /> })}
            {particulars(what)}
            {message.map(|message| view! { <Fact label="Message" wide=true>{visible(&message)}</Fact> })}
            {request_id
                .map(|id| {
                    view! {
                        <Fact label="Request id" copy=id.clone() wide=true>
                            <code>{visible(&id)}</code>
                        </Fact>
                    }
                })}
        </Facts>
    }
}

/// What only events of this kind say.
fn particulars(what: What) -> impl IntoView {
    let fact = |label: &'static str, value: Option<String>| {
        value.map(|value| view! { <Fact label wide=true>{visible(&value)}</Fact> })
    };
    let facts = match what {
        What::Issuance { template } => [fact("Template", template), None],
        What::IssuanceDetails { template, reason, .. } => {
            [fact("Template", template), fact("Reason", reason)]
        }
        What::Revocation { reason } => [fact("Reason", reason), None],
        What::AuthorityUpdate { status, off } => {
            let off: Vec<&str> = off.into_iter().map(RevocationMeans::label).collect();
            [fact("New status", status), fact("Switched off", (!off.is_empty()).then(|| off.join(", ")))]
        }
        What::Sharing { with } => [fact("With", with), None],
        What::StorageChange { bucket, key } => [fact("Bucket", bucket), fact("Key", key)],
        What::AccessChange { access } => {
            let who = access.access_key.or(access.user).or(access.role);
            [fact("Whose access", who), fact("Policy or status", access.policy.or(access.status))]
        }
        What::AuditReport { bucket } => [fact("Report to bucket", bucket), None],
        What::Deletion | What::CertificateImport | What::TrailChange | What::Other => [None, None],
    };
    facts.into_iter().collect_view()
}

#[component]
fn Written(id: EventId, file: LogFile) -> impl IntoView {
    let LogFile { bucket, key, sha256, read_at, proof } = file;
    let object = format!("s3://{bucket}/{key}");
    view! {
        <Facts>
            <Fact label="Event id" copy=id.to_string()>
                <code>{id.to_string()}</code>
            </Fact>
            <Fact label="Read">
                <Utc at=read_at />
            </Fact>
            <Fact label="Log file" copy=object.clone() wide=true>
                <code>{visible(&object)}</code>
            </Fact>
            <Fact label="SHA-256" copy=sha256.clone() wide=true>
                <code>{visible(&sha256)}</code>
            </Fact>
            <Fact label="Proof" wide=true>
                <Badge of=proof />
                <span class="plain muted">{format!(" {}", meaning(proof))}</span>
            </Fact>
        </Facts>
    }
}

/// What a proof says of one file.
fn meaning(proof: Proof) -> &'static str {
    match proof {
        Proof::Proven => "A signed digest states this file with this hash.",
        Proof::Unproven => "No digest states this file yet; AWS delivers one about every hour.",
        Proof::Missing => "A signed digest states this file, and it is gone from the bucket.",
        Proof::Altered => "A signed digest states this file with another hash.",
    }
}
