//! `countersign verify decision`: decisions that somebody has exported, verified without AWS, configuration and network.

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use console::Clock;
use domain::people::RoleGroups;
use domain::revocation::{Evidence, Evident, EvidentTargets, NotEvident, NotProven, Proof, Proven, Vouched};
use domain::{Role, foreign};
use identity::{Keys, Oidc};
use openidconnect::{ClientId, IssuerUrl};
use serde_json::Value;

use crate::cli::{SignIns, Verify, VerifyDecision};

/// What the exit status says when the request is not proven to be approved.
const NOT_PROVEN: u8 = 2;

/// # Errors
/// It could not run; the message says why.
pub async fn verify(command: Verify) -> anyhow::Result<ExitCode> {
    let Verify::Decision(arguments) = command;
    let file = arguments.file.display();
    let text = fs::read(&arguments.file).with_context(|| file.to_string())?;
    let evidence: Evidence = serde_json::from_slice(&text).with_context(|| file.to_string())?;
    let mut out = io::stdout().lock();
    let request = &evidence.request;
    writeln!(out, "Request {} of {}: {}", request.id, request.requester.id, request.hash)?;
    if let Err(why) = evidence.is_whole() {
        return say_not_proven(&mut out, &why.to_string());
    }
    let targets = match &evidence.targets {
        EvidentTargets::All(targets) => format!("{} certificates", targets.len()),
        EvidentTargets::One { target, membership } => {
            format!("{}, one of {} certificates", target.serial.colons(), membership.targets)
        }
    };
    writeln!(out, "ok      {targets} of {}, {}", request.authority, request.reason.aws())?;
    if request.is_drill() {
        writeln!(out, "DRILL   nothing is revoked by it")?;
    }
    if let Some(alone) = &request.alone {
        writeln!(out, "ALONE   its requester executes it, as {}", foreign::visible(&alone.why))?;
    }
    if evidence.decisions.is_empty() {
        return say_not_proven(&mut out, "nobody has decided anything");
    }
    let keys = keys(&arguments, &evidence)?;
    let asked = asked(&evidence, &keys, arguments.sign_ins.operator_group.is_empty()).await;
    if request.demands.request_sign_in {
        let who = format!("request by {}", request.requester.id);
        match &asked {
            Ok(()) => writeln!(out, "ok      {} at {}", foreign::visible(&who), request.requested_at)?,
            Err(why) => writeln!(out, "FAILED  {}", foreign::visible(&format!("{who}: {why}")))?,
        }
    }
    let (mut proven, mut all) = (Vec::new(), true);
    for evident in &evidence.decisions {
        let who = format!("{} by {}", evident.decision.verdict.name(), evident.decision.by.id);
        match one(&evidence, evident, &keys, arguments.sign_ins.approver_group.is_empty()).await {
            Ok(decision) => {
                let together = match evident.proof.others(&evident.decision.hash) {
                    0 => String::new(),
                    1 => ", by a sign-in for 1 more request".to_owned(),
                    more => format!(", by a sign-in for {more} more requests"),
                };
                writeln!(out, "ok      {} at {}{together}", foreign::visible(&who), evident.decision.at)?;
                proven.push(decision);
            }
            Err(why) => {
                all = false;
                writeln!(out, "FAILED  {}", foreign::visible(&format!("{who}: {why}")))?;
            }
        }
    }
    if arguments.sign_ins.approver_group.is_empty() {
        writeln!(out, "Not looked at: whether their groups make approvers (--approver-group).")?;
    }
    if request.demands.request_sign_in && arguments.sign_ins.operator_group.is_empty() {
        writeln!(out, "Not looked at: whether the requester's groups make an operator (--operator-group).")?;
    }
    if Evidence::is_rejected(&proven) {
        return say_not_proven(&mut out, "it was rejected");
    }
    match evidence.lacks(&proven) {
        Some(missing) if missing.represented.is_empty() => say_not_proven(
            &mut out,
            &format!("{} of {} approvals are missing", missing.approvals, request.approvals_needed),
        ),
        Some(missing) => {
            say_not_proven(&mut out, &format!("approvals of groups are missing: {}", missing.groups()))
        }
        None if asked.is_err() => say_not_proven(&mut out, "its requester is not shown to have asked for it"),
        None if !all => say_not_proven(&mut out, "a decision failed"),
        None => {
            writeln!(out, "Approved, by all that was demanded when the {} was made.", request.noun())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn say_not_proven(out: &mut impl Write, why: &str) -> anyhow::Result<ExitCode> {
    writeln!(out, "NOT PROVEN to be approved: {}.", foreign::visible(why))?;
    Ok(ExitCode::from(NOT_PROVEN))
}

/// The request, held against its token, where it was to have one.
pub async fn asked(evidence: &Evidence, keys: &Keys, any_role: bool) -> Result<(), NotProven> {
    if !evidence.request.demands.request_sign_in {
        return Ok(());
    }
    let proof = evidence.request_proof.as_ref().ok_or(NotProven::Unreadable)?;
    evidence.request.signed(proof, &vouched(proof, keys, any_role).await?).map(drop)
}

/// One decision, held against its token.
pub async fn one(
    evidence: &Evidence,
    evident: &Evident,
    keys: &Keys,
    any_role: bool,
) -> Result<Proven, NotEvident> {
    evidence.proven(evident, &vouched(&evident.proof, keys, any_role).await?)
}

async fn vouched(proof: &Proof, keys: &Keys, any_role: bool) -> Result<Vouched, NotProven> {
    let vouched = keys.vouch(&proof.id_token, Clock::system().now()).await;
    let vouched = vouched.map_err(|why| NotProven::Token(why.to_string()))?;
    let roles = vouched.roles.clone().filter(|_| !any_role);
    Ok(Vouched { roles, ..vouched })
}

/// The kept keys, of the provider and for the client that were named.
fn keys(arguments: &VerifyDecision, evidence: &Evidence) -> anyhow::Result<Keys> {
    let file = arguments.keys.display();
    let set = fs::read(&arguments.keys).with_context(|| file.to_string())?;
    kept(&arguments.sign_ins, evidence, &set).with_context(|| file.to_string())
}

/// A set of keys, of the provider and for the client that were named, or that the first token names.
pub fn kept(named: &SignIns, evidence: &Evidence, set: &[u8]) -> anyhow::Result<Keys> {
    let decided = evidence.decisions.first().map(|one| &one.proof);
    let first = decided.or(evidence.request_proof.as_ref());
    let claims = first.map(|proof| identity::unbelieved(&proof.id_token)).unwrap_or_default();
    let said = |claim: &Value| claim.as_str().or_else(|| claim.get(0)?.as_str()).map(str::to_owned);
    let issuer = named.issuer.clone().or_else(|| said(&claims["iss"]));
    let client = named.client_id.clone().or_else(|| said(&claims["aud"]));
    let (Some(issuer), Some(client)) = (issuer, client) else {
        bail!("no decision names its issuer and client: say --issuer and --client-id");
    };
    let oidc = Oidc {
        issuer: IssuerUrl::new(issuer).context("the issuer is no URL")?,
        client_id: ClientId::new(client),
        scopes: Vec::new(),
        groups_claim: named.groups_claim.clone(),
        people_claim: evidence.request.demands.people_claim.clone(),
        // Whether it may stand for auth_time is frozen with the request.
        iat_counts: true,
        groups_only_in_userinfo: true,
        cognito_logout: None,
        // Whose keys these are, whoever runs this knows.
        allow_sandbox_sign_in: true,
    };
    let represented = evidence.request.demands.represented.iter().map(|one| one.group.clone());
    let roles = RoleGroups::from_iter([
        (Role::Approver, named.approver_group.clone()),
        (Role::Operator, named.operator_group.clone()),
    ]);
    let roles = roles.besides(represented);
    Keys::kept(oidc, roles, set).context("it is no JWK set (RFC 7517)")
}
