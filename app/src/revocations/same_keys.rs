//! Certificates that a dry run offers because they have the public key of one that is chosen: who holds that key holds them too.

use domain::AuthorityId;
use domain::dry_run::SameKey;
use domain::revocation::MAX_TARGETS;
use domain::views::{CertificateQuery, DryRunCounts, Test};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{Flash, LinkButton, SerialText, Tone, count, plural, visible};

/// How a form takes them in.
#[derive(Clone, Debug)]
pub enum Keys {
    /// At this address they are among what is chosen.
    Offered(String),
    /// They are; at this address they are not.
    TakenIn(String),
}

/// What is known of the keys, and what is not: nobody is to take silence for "none". `keys`: `None` where the certificates are
/// not to be chosen any more.
#[component]
pub fn SameKeys(counts: DryRunCounts, authority: AuthorityId, keys: Option<Keys>) -> impl IntoView {
    let DryRunCounts { same_key, keys_unknown, same_key_first, .. } = counts;
    let chosen = counts.revocable + counts.refused.iter().map(|(_, number)| number).sum::<u64>();
    let fits = usize::try_from(chosen + same_key).is_ok_and(|all| all <= MAX_TARGETS);
    let unnamed = same_key.saturating_sub(u64::try_from(same_key_first.len()).unwrap_or(0));
    let others = plural(same_key, "other active certificate");
    let has = if same_key == 1 { "has" } else { "have" };
    let action = match &keys {
        Some(Keys::Offered(address)) if fits => {
            let (address, label) = (address.clone(), format!("Take in {}", plural(same_key, "certificate")));
            // safe link: from crate::paths
            Some(view! { <p><LinkButton href=address>{label}</LinkButton></p> })
        }
        _ => None,
    };
    let offered = (same_key > 0).then(|| {
        view! {
            <Flash tone=Tone::High title=format!("{others} {has} the same public key")>
                <ul class="list">
                    {same_key_first.into_iter().map(|one| line(&authority, one)).collect_view()}
                </ul>
                {(unnamed > 0).then(|| view! { <p>{format!("And {} more.", count(unnamed))}</p> })}
                {action}
            </Flash>
        }
    });
    let taken_in = match keys {
        Some(Keys::TakenIn(address)) => Some(view! {
            <p>
                "Active certificates with the same public keys are among them. "
                // safe link: from crate::paths
                <a href=address>"Leave them out"</a>
            </p>
        }),
        _ => None,
    };
    view! {
        {offered}
        {taken_in}
        <p class="muted small">{known(chosen, keys_unknown, same_key)}</p>
    }
}

fn line(authority: &AuthorityId, SameKey { serial, key, device }: SameKey) -> impl IntoView + use<> {
    let alike = paths::certificates(&CertificateQuery::of(Test::Key(key)));
    let device = device.map(|device| format!(" · {}", visible(device.as_str())));
    view! {
        <li>
            <a href=paths::certificate(authority, serial)>
                <SerialText serial />
            </a>
            {device}
            " · "
            // safe link: from crate::paths above
            <a href=alike>"all with this key"</a>
        </li>
    }
}

/// Of how many of the chosen the key is known.
fn known(chosen: u64, unknown: u64, others: u64) -> String {
    let none = if others == 0 {
        "No other active certificate has one of their public keys, as far as the trail shows."
    } else {
        ""
    };
    match unknown {
        0 => none.to_owned(),
        all if all == chosen => {
            "Whether other certificates have the same public keys is not known: the trail shows the key of none of these.".to_owned()
        }
        some => format!(
            "The public keys of {} of {} are not known: only the trail shows keys. {none}",
            count(some),
            plural(chosen, "certificate"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_never_said_to_be_none() {
        assert!(
            known(3, 3, 0).starts_with("Whether other certificates have the same public keys is not known")
        );
        let some = known(3, 1, 0);
        assert!(some.starts_with("The public keys of 1 of 3 certificates are not known"), "{some}");
        assert_eq!(
            known(3, 0, 0),
            "No other active certificate has one of their public keys, as far as the trail shows."
        );
        assert_eq!(known(3, 0, 1), "");
    }
}
