//! Whether the revocation of one certificate can be requested now.

use crate::dry_run::DryRun;
use crate::people::{Actor, Permission};
use crate::revocation::{Mode, Request, RequestState};
use crate::timestamp::Timestamp;

/// Why `actor` cannot request the revocation of the certificate that `dry_run` is of; `None`: they can. `requests` are all
/// that there are about it; `mode`: what a request made now would be.
pub fn cannot_revoke(
    actor: &Actor,
    requests: &[Request],
    dry_run: &DryRun,
    mode: Mode,
    now: Timestamp,
) -> Option<String> {
    if !actor.may(Permission::Operate) {
        return Some(Permission::Operate.refusal().to_owned());
    }
    let refused = || dry_run.refused().next().map(|(_, obstacle)| format!("The certificate {obstacle}."));
    asked_for(requests, mode, now).map(|(_, why)| why.to_owned()).or_else(refused)
}

/// Which of the requests about a certificate is still under way, and in words. A drill is in the way of nothing but drills.
pub fn asked_for(requests: &[Request], mode: Mode, now: Timestamp) -> Option<(&Request, &'static str)> {
    let alike = || requests.iter().filter(|request| request.mode == mode);
    if let Some(waiting) = alike().find(|request| request.pending(now).is_ok()) {
        return Some((waiting, "A request to revoke it is waiting for approval."));
    }
    let executing = |one: &&Request| matches!(one.state, RequestState::Approved | RequestState::Executing);
    let executed = alike().find(executing)?;
    Some((executed, "An approved request to revoke it is being executed."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::dry_run::{InForce, Known};
    use crate::revocation::fixture::{actor, draft, now, policy, request, target};

    #[test]
    fn who_may_not_what_is_under_way_and_what_cannot_be_are_told_in_this_order() {
        let dry_run = |is_known| {
            let known = Known {
                target: target("0a"),
                is_known,
                is_of_another: false,
                is_root: false,
                revoked_at: None,
                revoked_for: None,
                caller: None,
                key: None,
            };
            DryRun::of(draft(&[]).authority, vec![known], &InForce::new(), Vec::new(), Some(now()), now())
        };
        let (waiting, _) = request(1);
        let one = std::slice::from_ref(&waiting);
        let in_state = |state| Request { state, ..waiting.clone() };
        let (viewer, operator) = (actor("v", &[Role::Auditor]), actor("o", &[Role::Operator]));
        let cannot = |actor: &Actor, requests: &[Request], is_known, at| {
            cannot_revoke(actor, requests, &dry_run(is_known), Mode::Live, at)
        };
        let refusal = Permission::Operate.refusal();
        assert_eq!(cannot(&viewer, one, false, now()).as_deref(), Some(refusal));
        let why = cannot(&operator, one, false, now());
        assert_eq!(why.as_deref(), Some("A request to revoke it is waiting for approval."));
        let expired = now().plus(policy(1).request_expiry);
        assert_eq!(cannot(&operator, one, true, expired), None);
        for state in [RequestState::Approved, RequestState::Executing] {
            let why = cannot(&operator, &[in_state(state)], true, now());
            assert_eq!(why.as_deref(), Some("An approved request to revoke it is being executed."));
        }
        let why = cannot(&operator, &[in_state(RequestState::Rejected)], false, now());
        assert_eq!(why.as_deref(), Some("The certificate is unknown to the CA and to all records."));
        assert_eq!(cannot(&operator, &[], true, now()), None);
    }
}
