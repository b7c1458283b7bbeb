//! What a revocation would do, the dangerous part first: an authority that refuses or publishes nowhere, devices that are left
//! without a certificate, then the numbers, what stands against it, who had the certificates issued, how long it takes.

use domain::dry_run::Obstacle;
use domain::revocation::Channels;
use domain::timestamp::words;
use domain::views::{AuthorityNow, CertificateQuery, DryRunCounts, Foretold, Test, Words};
use domain::{AuthorityId, DeviceId, RevocationReason, Timestamp};
use leptos::prelude::*;

use super::same_keys::{Keys, SameKeys};
use crate::callers::PrincipalLink;
use crate::paths;
use crate::ui::{Badge, Flash, Icon, Mark, Tone, Utc, count, plural, visible};

/// The dry run in numbers. `to` gives the page that lists the certificates of one outcome, `devices` is where all are that
/// would be left without one, as a file. `keys`: how certificates of the same keys can be taken in; `None`: they cannot.
#[component]
pub fn DryRun(
    counts: DryRunCounts,
    authority: AuthorityId,
    to: Callback<Foretold, String>,
    devices: String,
    keys: Option<Keys>,
) -> impl IntoView {
    let same_keys = view! { <SameKeys counts=counts.clone() authority keys /> };
    let DryRunCounts { revocable, devices_touched, devices_cut_off, as_of, authority, takes, .. } =
        counts.clone();
    let refused = counts.refused();
    let cut_off = match devices_cut_off {
        0 => Mark::new(Tone::Ok, Icon::Check, "Left without a certificate"),
        _ => Mark::new(Tone::High, Icon::Alert, "Left without a certificate"),
    };
    let refuses = authority.clone().filter(AuthorityNow::refuses).map(|now| {
        view! {
            <Flash tone=Tone::Critical title=format!("The authority is {}", visible(&now.status))>
                <p>"AWS revokes only at an authority that is ACTIVE or DISABLED: nothing can be revoked now."</p>
            </Flash>
        }
    });
    view! {
        {refuses}
        <CutOff number=devices_cut_off first=counts.cut_off all=to.run(Foretold::CutOff) file=devices />
        <div class="tiles">
            <Figure of=Mark::new(Tone::Info, Icon::Check, "Can be revoked") number=revocable noun="certificate" />
            <Figure of=Mark::new(Tone::Medium, Icon::Ban, "Cannot be revoked") number=refused noun="certificate" />
            <Figure of=Mark::new(Tone::Info, Icon::Info, "Affected") number=devices_touched noun="device" />
            <Figure of=cut_off number=devices_cut_off noun="device" />
        </div>
        <Refusals refused=counts.refused to />
        {same_keys}
        {authority.map(|now| view! { <Proof channels=now.channels /> })}
        {(revocable > 0).then(|| view! { <Callers callers=counts.callers more=counts.more_callers /> })}
        {(revocable > 1)
            .then(|| view! { <p class="muted small">{format!("At the configured rate the calls take about {}.", words(takes))}</p> })}
        <p class="muted small">
            {match as_of {
                Some(at) => view! { "By the records as of " <Utc at /> ". " }.into_any(),
                None => "The records have not been read yet. ".into_any(),
            }}
        </p>
    }
}

/// The devices that nothing would be left for, by name as far as they are few.
#[component]
fn CutOff(number: u64, first: Vec<DeviceId>, all: String, file: String) -> impl IntoView {
    let device = |device: DeviceId| {
        let query = CertificateQuery::of(Test::Device(Words::Is(device.to_string())));
        view! {
            <li>
                <a href=paths::certificates(&query)>{visible(device.as_str())}</a>
            </li>
        }
    };
    let unnamed = number.saturating_sub(u64::try_from(first.len()).unwrap_or(0));
    (number > 0).then(|| {
        let title = format!("{} would be left without a valid certificate", plural(number, "device"));
        view! {
            <Flash tone=Tone::High title>
                <ul class="list">{first.into_iter().map(device).collect_view()}</ul>
                <p>
                    {(unnamed > 0).then(|| format!("And {} more. ", count(unnamed)))}
                    // safe link: from crate::paths
                    <a href=all>"List their certificates"</a>
                    " · "
                    // safe link: from crate::paths
                    <a href=file download>
                        "All devices as CSV"
                    </a>
                </p>
            </Flash>
        }
    })
}

/// Who had the certificates issued that can be revoked, with their number.
#[component]
fn Callers(callers: Vec<(Option<String>, u64)>, more: u64) -> impl IntoView {
    let caller = |(caller, number): (Option<String>, u64)| {
        view! {
            <li>
                {plural(number, "certificate")} ": "
                {match caller {
                    Some(principal) => view! { <PrincipalLink principal /> }.into_any(),
                    None => "the trail does not say by whom".into_any(),
                }}
            </li>
        }
    };
    view! {
        <p>"Issued by"</p>
        <ul class="list">
            {callers.into_iter().map(caller).collect_view()}
            {(more > 0).then(|| view! { <li>{format!("and {}", plural(more, "more caller"))}</li> })}
        </ul>
    }
}

/// How it will be known that a revocation took effect. A CA that publishes nowhere revokes without anybody learning of it.
#[component]
fn Proof(channels: Channels) -> impl IntoView {
    let proof = match channels {
        Channels { crl: true, ocsp: true } => "Proven by the CRL, by OCSP and by the next report.",
        Channels { crl: true, ocsp: false } => "Proven by the CRL and by the next report.",
        Channels { crl: false, ocsp: true } => "Proven by OCSP and by the next report.",
        Channels { crl: false, ocsp: false } => {
            let none = Mark::new(Tone::High, Icon::Alert, "Not published");
            return view! {
                <p>
                    <Badge of=none />
                    " This authority has neither CRL nor OCSP: nobody who checks a certificate learns that it is revoked. Proven by the next report alone."
                </p>
            }
            .into_any();
        }
    };
    view! { <p class="muted small">{proof}</p> }.into_any()
}

#[component]
fn Figure(of: Mark, number: u64, noun: &'static str) -> impl IntoView {
    let noun = if number == 1 { noun.to_owned() } else { format!("{noun}s") };
    view! {
        <div class="tile">
            <span>
                <Badge of />
            </span>
            <span class="tile-count" class:tile-none=number == 0>
                {count(number)}
            </span>
            <span class="tile-note">{noun}</span>
        </div>
    }
}

/// Why some cannot be revoked, with their number; nothing when all can.
#[component]
fn Refusals(refused: Vec<(Obstacle, u64)>, to: Callback<Foretold, String>) -> impl IntoView {
    let reason = move |(obstacle, number): (Obstacle, u64)| {
        let list = to.run(Foretold::from(obstacle));
        view! {
            <li>
                // safe link: from crate::paths
                <a href=list>{plural(number, "certificate")}</a>
                ": "
                {each(obstacle)}
            </li>
        }
    };
    (!refused.is_empty()).then(|| {
        view! { <ul class="list">{refused.into_iter().map(reason).collect_view()}</ul> }
    })
}

/// What stands against revoking, said of any number of certificates.
fn each(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::AlreadyRevoked => "revoked already",
        Obstacle::Expired => "expired; AWS Private CA revokes no expired certificate",
        Obstacle::OtherAuthority => "of another authority",
        Obstacle::Infrastructure => "the CA's own",
        Obstacle::Unknown => "unknown to the CA and to all records",
    }
}

/// Since when it is revoked, and why.
fn before(at: Timestamp, reason: Option<String>) -> String {
    let reason = reason.map(|text| match text.parse::<RevocationReason>() {
        Ok(reason) => reason.label().to_lowercase(),
        Err(_) => visible(&text),
    });
    let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!(" since {}{reason}", at.absolute())
}

/// One certificate's outcome of the dry run. `revoked`: when the CA did it, and why.
#[component]
pub fn Outcome(
    obstacle: Option<Obstacle>,
    last_of_device: bool,
    revoked: Option<(Timestamp, Option<String>)>,
) -> impl IntoView {
    match obstacle {
        Some(obstacle) => view! {
            <Badge of=Mark::new(Tone::Medium, Icon::Ban, "Cannot be revoked") />
            " "
            {each(obstacle)}
            {revoked.map(|(at, reason)| before(at, reason))}
        }
        .into_any(),
        None => view! {
            <Badge of=Mark::new(Tone::Info, Icon::Check, "Can be revoked") />
            {last_of_device
                .then(|| view! { " " <Badge of=Mark::new(Tone::High, Icon::Alert, "The device's last") /> })}
        }
        .into_any(),
    }
}
