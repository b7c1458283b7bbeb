//! Each decision that a log tells of, and each request that was asked for by a sign-in, held against the ID token that proves it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use console::log::Whole;
use domain::RequestId;
use domain::ledger::decided::{Certificates, Decided, Deed, Demanded, Told};
use domain::revocation::{Evidence, Proof, Verdict};

use crate::cli::{SignIns, VerifyLedger};
use crate::verify::{asked, kept, one};

/// Says what is left to believe.
pub fn not_looked_at(decided: &Decided, out: &mut impl Write) -> anyhow::Result<()> {
    let of = |is_meant: fn(&&Told) -> bool| decided.told.iter().filter(is_meant).count();
    let decisions = of(|told| told.deed != Deed::Asked);
    let signed = of(|told| told.deed == Deed::Asked && told.id_token.is_some());
    if decisions > 0 {
        writeln!(out, "Not looked at: the ID tokens of {decisions} decisions (--decisions).")?;
    }
    if signed > 0 {
        writeln!(out, "Not looked at: the ID tokens of {signed} requests that were signed (--decisions).")?;
    }
    Ok(())
}

/// All of them, under the provider's keys. `Some`: the first thing that does not hold.
pub async fn all(
    folder: &Path,
    arguments: &VerifyLedger,
    whole: &Whole,
    out: &mut impl Write,
) -> anyhow::Result<Option<String>> {
    let (decided, sign_ins) = (&whole.decided, &arguments.sign_ins);
    let set = match &arguments.provider_keys {
        Some(file) => fs::read(file).with_context(|| file.display().to_string())?,
        None if decided.provider_keys.is_empty() => {
            bail!("the log does not say which keys the identity provider had: give them with --provider-keys")
        }
        None => format!("{{\"keys\":[{}]}}", decided.provider_keys.join(",")).into_bytes(),
    };
    let given = Given { folder, files: evidence(folder)?, keys: set, sign_ins };
    let (mut proven, mut signed, mut older) = (0_u64, 0_u64, 0_u64);
    for told in &decided.told {
        match (told.deed, &told.id_token) {
            (Deed::Asked, None) => {
                if let Some(why) = given.was_to_be_signed(told) {
                    return Ok(Some(why));
                }
                continue;
            }
            // Entries of the old chain, which come first, did not say it. Everything else does.
            (_, None) if told.seq <= whole.carried_over => {
                older += 1;
                continue;
            }
            (_, None) => {
                return Ok(Some(format!(
                    "Entry {}: the decision on the request {} names no ID token that proves it.",
                    told.seq, told.request
                )));
            }
            (_, Some(token)) => {
                if let Some(why) = given.refutes(told, token).await? {
                    return Ok(Some(why));
                }
            }
        }
        match told.deed {
            Deed::Asked => signed += 1,
            Deed::Approved | Deed::Rejected => proven += 1,
        }
    }
    let mut unknown = 0;
    for (request, demanded, revoked) in decided.carried_out() {
        match given.reaches(request, demanded, revoked).await? {
            Reach::Within => {}
            Reach::Unknown(certificates) => unknown += certificates,
            Reach::Beyond(why) => return Ok(Some(why)),
        }
    }
    writeln!(out, "ok      {proven} decisions, each proven by its ID token")?;
    if signed > 0 {
        writeln!(out, "ok      {signed} requests that were signed, each proven by its ID token")?;
    }
    if older > 0 {
        writeln!(
            out,
            "Not looked at: {older} decisions of a version that did not say their ID tokens' hashes."
        )?;
    }
    if unknown > 0 {
        writeln!(
            out,
            "Not looked at: whether {unknown} certificates were among those of their requests, of which {} has not all.",
            folder.display()
        )?;
    }
    let unsaid = [
        (
            "the keys are the provider's, and not only the log's word (--provider-keys)",
            arguments.provider_keys.is_none(),
        ),
        ("the tokens are of your provider (--issuer)", sign_ins.issuer.is_none()),
        ("the tokens are for your client (--client-id)", sign_ins.client_id.is_none()),
        ("the groups make approvers (--approver-group)", sign_ins.approver_group.is_empty()),
        ("the groups make operators (--operator-group)", signed > 0 && sign_ins.operator_group.is_empty()),
    ];
    for (what, _) in unsaid.iter().filter(|(_, is_unsaid)| proven + signed > 0 && *is_unsaid) {
        writeln!(out, "Not looked at: whether {what}.")?;
    }
    Ok(None)
}

/// What somebody has given to hold the log against.
struct Given<'g> {
    folder: &'g Path,
    files: Vec<Evidence>,
    keys: Vec<u8>,
    sign_ins: &'g SignIns,
}

/// Whether what was revoked by a request is what people approved.
enum Reach {
    Within,
    /// No file shows it of so many certificates.
    Unknown(usize),
    /// Why not.
    Beyond(String),
}

impl Given<'_> {
    /// Holds what the log says of a request against what was frozen and approved.
    async fn reaches(
        &self,
        id: &RequestId,
        demanded: Demanded,
        revoked: &Certificates,
    ) -> anyhow::Result<Reach> {
        let all = revoked.values().map(BTreeSet::len).sum();
        let Some(of) = self.files.iter().find(|file| file.request.id == *id) else {
            return Ok(Reach::Unknown(all));
        };
        let beyond = |why: &str| Ok(Reach::Beyond(format!("The request {id}: {why}.")));
        if let Err(why) = of.is_whole() {
            return beyond(&why.to_string());
        }
        let unknown = match of.covers(demanded, revoked) {
            Ok(unknown) => unknown,
            Err(why) => return beyond(&why.to_string()),
        };
        let keys = kept(self.sign_ins, of, &self.keys).context("the identity provider's keys")?;
        let mut proven = Vec::new();
        for evident in &of.decisions {
            let any_role = self.sign_ins.approver_group.is_empty();
            proven.extend(one(of, evident, &keys, any_role).await.ok());
        }
        Ok(match of.lacks(&proven) {
            Some(_) => {
                beyond("it was carried out without all approvals that were demanded when it was made")?
            }
            None if unknown > 0 => Reach::Unknown(unknown),
            None => Reach::Within,
        })
    }

    /// Of an entry without a token: whether the request was frozen as one that its requester signs for.
    fn was_to_be_signed(&self, told: &Told) -> Option<String> {
        let of = self.files.iter().find(|file| file.request.id == told.request)?;
        of.request.demands.request_sign_in.then(|| {
            format!(
                "Entry {}: the request {} was to be asked for by a sign-in, and the entry names no ID token.",
                told.seq, told.request
            )
        })
    }

    /// Why it is not what the token with this hash proves.
    async fn refutes(&self, told: &Told, token: &str) -> anyhow::Result<Option<String>> {
        let Told { seq, request, deed, .. } = told;
        let what = match deed {
            Deed::Asked => "request",
            Deed::Approved | Deed::Rejected => "decision on the request",
        };
        let is_meant = |proof: &Proof| proof.token_hash() == *token;
        let of = self.files.iter().find(|file| file.request.id == *request);
        let Some((evidence, evident)) = of.and_then(|of| match deed {
            Deed::Asked => of.request_proof.as_ref().filter(|proof| is_meant(proof)).map(|_| (of, None)),
            _ => {
                let evident = of.decisions.iter().find(|one| is_meant(&one.proof))?;
                Some((of, Some(evident)))
            }
        }) else {
            // One token may be for requests that were made together: their files have it each.
            let elsewhere = match self.tokens().contains(token) {
                true => ", but another one has it",
                false => "",
            };
            let folder = self.folder.display();
            return Ok(Some(format!(
                "Entry {seq}: no file in {folder} has the {what} {request} with the ID token that the entry names{elsewhere}."
            )));
        };
        if let Err(why) = evidence.is_whole() {
            return Ok(Some(format!(
                "Entry {seq}: the file about the request {request} shows nothing: {why}."
            )));
        }
        let (by, says) = match evident.map(|one| &one.decision) {
            None => (&evidence.request.requester.id, Deed::Asked),
            Some(one) if one.verdict == Verdict::Approve => (&one.by.id, Deed::Approved),
            Some(one) => (&one.by.id, Deed::Rejected),
        };
        if (by, says, evidence.request.hash.to_string()) != (&told.by, *deed, told.hash.clone()) {
            return Ok(Some(format!(
                "Entry {seq}: the ID token proves another {what} {request} than the entry tells of."
            )));
        }
        let SignIns { approver_group, operator_group, .. } = self.sign_ins;
        let keys = kept(self.sign_ins, evidence, &self.keys).context("the identity provider's keys")?;
        let refuted = match evident {
            None => asked(evidence, &keys, operator_group.is_empty()).await.err().map(|why| why.to_string()),
            Some(evident) => one(evidence, evident, &keys, approver_group.is_empty())
                .await
                .err()
                .map(|why| why.to_string()),
        };
        Ok(refuted.map(|why| format!("Entry {seq}: the {what} {request} is not proven: {why}.")))
    }

    fn tokens(&self) -> BTreeSet<String> {
        let decisions = self.files.iter().flat_map(|file| &file.decisions).map(|one| &one.proof);
        let requests = self.files.iter().filter_map(|file| file.request_proof.as_ref());
        decisions.chain(requests).map(Proof::token_hash).collect()
    }
}

/// What the pages of requests gave.
fn evidence(folder: &Path) -> anyhow::Result<Vec<Evidence>> {
    let mut read = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let named = || path.display().to_string();
            let text = fs::read(&path).with_context(named)?;
            read.push(serde_json::from_slice(&text).with_context(named)?);
        }
    }
    Ok(read)
}
