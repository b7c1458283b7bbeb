//! What must be there before a request is carried out: by the policy that it was made under, and by today's where that differs.

use domain::revocation::{Demands, Missing, Request, RequestState};
use domain::timestamp::words;
use leptos::prelude::*;

use crate::session::use_viewer;
use crate::ui::{Fact, plural, visible};

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
        };
        assert_eq!(
            in_words(3, &demands),
            "3 approvals, 2 of security among them, carried out within 7 days, by a sign-in at most 15 minutes old, \
             whose acr is phr, whose amr is hwk or fido, each with another employee_id"
        );
        assert_eq!(in_words(1, &Demands::default()), "1 approval");
    }
}
