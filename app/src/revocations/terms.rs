//! What must be there before a request is carried out: by the policy that it was made under, and by today's where that differs.

use domain::revocation::{Demands, Missing, Request, RequestState};
use domain::timestamp::words;
use domain::views::{Decider, RequestDetail};
use leptos::prelude::*;

use crate::session::use_viewer;
use crate::ui::{Fact, plural, visible};

/// How many people are named.
const NAMED: usize = 20;

#[component]
pub fn Terms(request: Request) -> impl IntoView {
    let policy = use_viewer().settings.policy;
    let open = matches!(request.state, RequestState::Pending | RequestState::Approved);
    let frozen = in_words(request.approvals_needed, &request.demands);
    let (needed, demands) =
        request.today(&policy, usize::try_from(request.target_count).unwrap_or(usize::MAX));
    let today = in_words(needed, &demands);
    let differs = open && today != frozen;
    let approvals = format!("{} of {} needed", request.approvals(), request.approvals_needed);
    view! {
        <Fact label="Approvals" wide=true>
            {approvals}
            <span class="plain muted">{format!(" · by policy {}: {frozen}", request.policy_version)}</span>
            {differs
                .then(|| {
                    view! {
                        <p>
                            {format!("Today's policy {} asks for {today}. The stricter of both counts.", policy.version())}
                        </p>
                    }
                })}
        </Fact>
    }
}

/// Who may still decide: by role and group, and by name where that is known.
#[component]
pub fn Deciders(detail: RequestDetail) -> impl IntoView {
    let missing = detail.request.still_needed(&use_viewer().settings.policy, None);
    let missing = missing.map(|missing| in_all(&missing, "approval"));
    let name = |decider: &Decider| match decider.groups.is_empty() {
        true => visible(&decider.name),
        false => visible(&format!("{} ({})", decider.name, decider.groups.join(", "))),
    };
    let names: Vec<String> = detail.deciders.iter().take(NAMED).map(name).collect();
    let more = detail.deciders.len().saturating_sub(NAMED);
    let who = match (names.is_empty(), more) {
        (true, _) => "None of those who have signed in within 90 days may give it.".to_owned(),
        (false, 0) => format!("Of those who have signed in within 90 days: {}.", names.join(", ")),
        (false, more) => {
            format!("Of those who have signed in within 90 days: {} and {more} more.", names.join(", "))
        }
    };
    if detail.request.alone.is_some() {
        return view! { <p>"Whoever made it executes it alone: nobody else decides on it."</p> }.into_any();
    }
    missing.map(|missing| {
        view! {
            <p>
                {format!("{missing} must still be given, by approvers other than the requester and those who have decided. {who}")}
            </p>
        }
    })
    .into_any()
}

/// "3 approvals, 2 of security and 1 of operations among them, carried out within 7 days, by a sign-in …".
fn in_words(approvals: u32, demands: &Demands) -> String {
    let mut parts = vec![plural(u64::from(approvals), "approval")];
    if !demands.represented.is_empty() {
        let groups: Vec<String> = demands.represented.iter().map(|one| visible(&one.to_string())).collect();
        parts.push(format!("{} among them", groups.join(" and ")));
    }
    parts.extend(demands.approval_life.map(|life| format!("carried out within {}", words(life))));
    parts.extend(demands.fresh_sign_in.map(|fresh| format!("by a sign-in at most {} old", words(fresh))));
    for (claim, names) in [("acr", &demands.acr), ("amr", &demands.amr)] {
        if !names.is_empty() {
            parts.push(format!("whose {claim} is {}", visible(&names.join(" or "))));
        }
    }
    parts.extend(demands.request_sign_in.then(|| "asked for by a sign-in as well".to_owned()));
    parts.extend(demands.people_claim.iter().map(|claim| format!("each with another {}", visible(claim))));
    parts.join(", ")
}

/// "1 approval", "2 approvals, 1 of operations among them,". `noun`: of one.
pub fn in_all(missing: &Missing, noun: &str) -> String {
    let approvals = plural(u64::from(missing.approvals), noun);
    match missing.represented.is_empty() {
        true => approvals,
        false => format!("{approvals}, {} among them,", visible(&missing.groups())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::revocation::Represented;
    use std::time::Duration;

    #[test]
    fn what_is_demanded_is_said_in_one_breath() {
        let demands = Demands {
            represented: vec![Represented { group: "security".to_owned(), approvals: 2 }],
            approval_life: Some(Duration::from_secs(7 * 86_400)),
            fresh_sign_in: Some(Duration::from_secs(900)),
            acr: vec!["phr".to_owned()],
            amr: vec!["hwk".to_owned(), "fido".to_owned()],
            people_claim: Some("employee_id".to_owned()),
            iat_counts: true,
            request_sign_in: true,
        };
        assert_eq!(
            in_words(3, &demands),
            "3 approvals, 2 of security among them, carried out within 7 days, by a sign-in at most 15 minutes old, \
             whose acr is phr, whose amr is hwk or fido, asked for by a sign-in as well, each with another employee_id"
        );
        assert_eq!(in_words(1, &Demands::default()), "1 approval");
    }
}
