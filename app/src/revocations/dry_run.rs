//! What a revocation would do, in numbers: the blast radius, and what stands against it.

use domain::dry_run::Obstacle;
use domain::revocation::Channels;
use domain::views::DryRunCounts;
use leptos::prelude::*;

use crate::ui::{Badge, Icon, Mark, Tone, Utc, count, plural};

/// The dry run in numbers.
#[component]
pub fn DryRun(counts: DryRunCounts) -> impl IntoView {
    let DryRunCounts { revocable, devices_touched, devices_cut_off, as_of, channels, .. } = counts;
    let refused = counts.refused();
    let cut_off = match devices_cut_off {
        0 => Mark::new(Tone::Ok, Icon::Check, "Left without a certificate"),
        _ => Mark::new(Tone::High, Icon::Alert, "Left without a certificate"),
    };
    view! {
        <div class="tiles">
            <Figure of=Mark::new(Tone::Info, Icon::Check, "Can be revoked") number=revocable noun="certificate" />
            <Figure of=Mark::new(Tone::Medium, Icon::Ban, "Cannot be revoked") number=refused noun="certificate" />
            <Figure of=Mark::new(Tone::Info, Icon::Info, "Affected") number=devices_touched noun="device" />
            <Figure of=cut_off number=devices_cut_off noun="device" />
        </div>
        <Refusals refused=counts.refused />
        {channels.map(|channels| view! { <Proof channels /> })}
        <p class="muted small">
            {match as_of {
                Some(at) => view! { "By the records as of " <Utc at /> "." }.into_any(),
                None => "The records have not been read yet.".into_any(),
            }}
        </p>
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
fn Refusals(refused: Vec<(Obstacle, u64)>) -> impl IntoView {
    let reason = |(obstacle, number): (Obstacle, u64)| {
        view! { <li>{format!("{}: {}", plural(number, "certificate"), each(obstacle))}</li> }
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

/// One certificate's outcome of the dry run.
#[component]
pub fn Outcome(obstacle: Option<Obstacle>, last_of_device: bool) -> impl IntoView {
    match obstacle {
        Some(obstacle) => view! {
            <Badge of=Mark::new(Tone::Medium, Icon::Ban, "Cannot be revoked") />
            " "
            {each(obstacle)}
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
