//! What is in a pack, file by file.

use console::Console;
use console::log::Prover;
use domain::certificate::CertificateStatus;
use domain::revocation::Request;
use domain::views::{Bound, CertificateQuery, ComplianceQuery, PackOf, Period, Standing, Test};
use domain::{Actor, AuthorityId, RequestId, Timestamp};
use futures::TryStreamExt;
use serde::Serialize;
use serde_json::json;

use super::pieces::Zip;
use super::{report, tables};
use crate::serve::exports::csv;

/// How many rows are written at a time.
const ROWS: usize = 500;

/// A pack that is being made.
pub struct Filling {
    pub console: Console,
    pub actor: Actor,
    pub of: PackOf,
    pub now: Timestamp,
    pub zip: Zip,
    /// Entries of the ledger that its log does not show.
    pub unproven: u64,
}

impl Filling {
    pub async fn all(&mut self) -> anyhow::Result<()> {
        let verify = include_str!("VERIFY.md");
        self.whole("VERIFY.md", verify.as_bytes()).await?;
        if let PackOf::Incident(id) = self.of.clone() {
            self.incident(&id).await?;
        }
        if let PackOf::Period { period, .. } = self.of {
            self.summaries(period).await?;
            self.certificates("certificates-issued", Test::Issued, None, period).await?;
            self.certificates("certificates-revoked", Test::Revoked, None, period).await?;
            let expired = Test::Status(Standing::Is(CertificateStatus::Expired));
            self.certificates("certificates-expired", Test::Expires, Some(expired), period).await?;
            self.issuers(period).await?;
            self.findings(period).await?;
            self.runs(period).await?;
        }
        let requests = self.requests().await?;
        self.revocations(&requests).await?;
        self.decisions(&requests).await?;
        self.ledger().await
    }

    pub(super) async fn whole(&mut self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        self.zip.begin(name)?;
        self.zip.write(content).await
    }

    /// The numbers of each scope, for programs and to be read or printed.
    async fn summaries(&mut self, period: Period) -> anyhow::Result<()> {
        for authority in self.of.scopes() {
            // Of one authority it is in the pack's name.
            let named = match &authority {
                Some(id) if self.of.scopes().len() > 1 => format!("-{id}"),
                _ => String::new(),
            };
            let query =
                ComplianceQuery { from: Some(period.from()), to: Some(period.last()), authority, page: 0 };
            let mut view = self.console.compliance(&self.actor, &query).await?;
            view.authorities.retain(|one| query.authority.as_ref().is_none_or(|id| one.arn.id() == *id));
            self.whole(&format!("summary{named}.json"), &serde_json::to_vec_pretty(&view)?).await?;
            self.whole(&format!("report{named}.html"), report::html(&view, self.now).as_bytes()).await?;
        }
        Ok(())
    }

    async fn certificates(
        &mut self,
        name: &str,
        test: fn(Bound) -> Test,
        more: Option<Test>,
        period: Period,
    ) -> anyhow::Result<()> {
        let query = |authority: Option<AuthorityId>| {
            let mut filter = vec![test(Bound::From(period.from())), test(Bound::Before(period.to()))];
            filter.extend(authority.map(Test::Authority));
            filter.extend(more.clone());
            let filter = filter.into_iter().map(Into::into).collect();
            CertificateQuery { filter, ..CertificateQuery::default() }
        };
        let queries: Vec<_> = self.of.scopes().into_iter().map(query).collect();
        self.listed(name, &queries).await
    }

    /// All certificates of these lists, one list after the other.
    pub(super) async fn listed(&mut self, name: &str, lists: &[CertificateQuery]) -> anyhow::Result<()> {
        for is_csv in [true, false] {
            self.zip.begin(&named(name, is_csv))?;
            let mut header = Some(tables::CERTIFICATES);
            for query in lists {
                let mut query = query.clone();
                loop {
                    let page = self.console.certificates_for_a_file(&self.actor, &query).await?;
                    let piece = match is_csv {
                        true => rows(&mut header, page.lines.iter().map(tables::certificate))?,
                        false => lines(&page.lines)?,
                    };
                    self.zip.write(&piece).await?;
                    let Some(place) = page.next else { break };
                    query.place = place;
                }
            }
        }
        Ok(())
    }

    async fn issuers(&mut self, period: Period) -> anyhow::Result<()> {
        for is_csv in [true, false] {
            self.zip.begin(&named("issuers", is_csv))?;
            let mut header = Some(tables::ISSUERS);
            for authority in self.of.scopes() {
                let issuers = self.console.pack_issuers(&self.actor, period, authority.as_ref()).await?;
                let piece = match is_csv {
                    true => {
                        let row = |one| tables::issuer(authority.as_ref(), one);
                        rows(&mut header, issuers.iter().map(row))?
                    }
                    false => {
                        let row = |issuer| json!({ "authority": authority, "issuer": issuer });
                        lines(&issuers.iter().map(row).collect::<Vec<_>>())?
                    }
                };
                self.zip.write(&piece).await?;
            }
        }
        Ok(())
    }

    async fn findings(&mut self, period: Period) -> anyhow::Result<()> {
        for is_csv in [true, false] {
            self.zip.begin(&named("findings", is_csv))?;
            let mut header = Some(tables::FINDINGS);
            for authority in self.of.scopes() {
                let (of, mut after) = ((period, authority.as_ref()), None);
                loop {
                    let found = self.console.pack_findings(&self.actor, of, after.as_ref()).await?;
                    let piece = match is_csv {
                        true => rows(&mut header, found.iter().map(tables::finding))?,
                        false => lines(&found)?,
                    };
                    self.zip.write(&piece).await?;
                    let Some(last) = found.into_iter().next_back() else { break };
                    after = Some(last.id);
                }
            }
        }
        Ok(())
    }

    /// With the report that each has read: bucket, key, version and hash.
    async fn runs(&mut self, period: Period) -> anyhow::Result<()> {
        self.zip.begin("runs.jsonl")?;
        let scopes = self.of.scopes();
        for authority in self.console.authorities() {
            let id = authority.arn.id();
            if !scopes.iter().any(|scope| scope.as_ref().is_none_or(|only| *only == id)) {
                continue;
            }
            let (runs, is_cut) = self.console.pack_runs(&self.actor, period, &id).await?;
            self.zip.write(&lines(&runs)?).await?;
            if is_cut {
                let left = json!({ "left_out": "older runs of this authority", "authority": authority.arn });
                self.zip.write(&lines(&[left])?).await?;
            }
        }
        Ok(())
    }

    /// Gives their ids, in the order of the file.
    async fn requests(&mut self) -> anyhow::Result<Vec<RequestId>> {
        self.zip.begin("requests.jsonl")?;
        if let PackOf::Request(_) | PackOf::Incident(_) = &self.of {
            let requests = self.console.pack_requests(&self.actor, (&self.of, None), 0).await?;
            self.zip.write(&lines(&requests)?).await?;
            return Ok(requests.into_iter().map(|one| one.request.id).collect());
        }
        let mut ids = Vec::new();
        for authority in self.of.scopes() {
            for page in 0.. {
                let of = (&self.of, authority.as_ref());
                let requests = self.console.pack_requests(&self.actor, of, page).await?;
                if requests.is_empty() {
                    break;
                }
                self.zip.write(&lines(&requests)?).await?;
                ids.extend(requests.into_iter().map(|one| one.request.id));
            }
        }
        Ok(ids)
    }

    /// Every certificate of every request that people have agreed to.
    async fn revocations(&mut self, requests: &[RequestId]) -> anyhow::Result<()> {
        for is_csv in [true, false] {
            self.zip.begin(&named("revocations", is_csv))?;
            let mut header = Some(tables::REVOCATIONS);
            for id in requests {
                let request = self.console.pack_request(&self.actor, id).await?;
                if !request.state.is_countersigned() {
                    continue;
                }
                let items = self.console.pack_items(&self.actor, id).await?;
                let mut items = std::pin::pin!(items.try_chunks(ROWS));
                while let Some(items) = items.try_next().await.map_err(|error| error.1)? {
                    let piece = match is_csv {
                        true => {
                            let rows_of = items.iter().map(|item| tables::revocation(&request, item));
                            rows(&mut header, rows_of)?
                        }
                        false => {
                            let item = |item| Item { request: &request, item };
                            lines(&items.iter().map(item).collect::<Vec<_>>())?
                        }
                    };
                    self.zip.write(&piece).await?;
                }
            }
        }
        Ok(())
    }

    /// The decisions with the ID tokens that prove them, as `countersign verify decision` reads them.
    async fn decisions(&mut self, requests: &[RequestId]) -> anyhow::Result<()> {
        for id in requests {
            let (name, content) = match self.console.evidence(&self.actor, id, None).await {
                Ok(evidence) => (format!("decisions/{id}.json"), serde_json::to_vec_pretty(&evidence)?),
                // A damaged one is evidence too, and hides no other.
                Err(console::Error::Conflict(why)) => {
                    (format!("decisions/{id}.damaged.txt"), why.into_bytes())
                }
                Err(error) => return Err(error.into()),
            };
            self.whole(&name, &content).await?;
        }
        Ok(())
    }

    /// The entries, with the proofs that they are in the log of the checkpoint that lies beside.
    async fn ledger(&mut self) -> anyhow::Result<()> {
        let log = self.console.pack_log();
        let signed = match &log {
            Some(log) => log.checkpoint().await?,
            None => Ok(None),
        };
        let signed = match signed {
            Ok(signed) => signed,
            // That is evidence too, and hides no other.
            Err(why) => {
                let why = format!("The checkpoint of the log is not to be believed: {why}.\n");
                self.whole("ledger/checkpoint.damaged.txt", why.as_bytes()).await?;
                None
            }
        };
        let mut prover = None;
        if let Some((log, signed)) = log.zip(signed) {
            self.whole("ledger/checkpoint", &signed.note).await?;
            let keys = log.keys.iter().chain(log.witnesses.iter()).map(|key| format!("{key}\n"));
            self.whole("ledger/keys.txt", keys.collect::<String>().as_bytes()).await?;
            prover = Some(Prover::new(log, signed.opened.checkpoint));
        }
        let entries = self.console.pack_entries(&self.actor, &self.of).await?;
        let mut entries = std::pin::pin!(entries);
        self.zip.begin("ledger/entries.jsonl")?;
        while let Some(entry) = entries.try_next().await? {
            let index = entry.seq.saturating_sub(1);
            let proof = match &mut prover {
                Some(prover) => prover.prove(index, &entry.text).await?,
                None => None,
            };
            self.unproven += u64::from(proof.is_none());
            let path = proof.map(|proof| proof.path.iter().map(ToString::to_string).collect::<Vec<_>>());
            let line = json!({ "index": index, "entry": entry.text, "inclusion": path });
            self.zip.write(&lines(&[line])?).await?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Item<'a> {
    #[serde(serialize_with = "only_id")]
    request: &'a Request,
    #[serde(flatten)]
    item: &'a domain::revocation::ItemProgress,
}

fn only_id<S: serde::Serializer>(request: &&Request, serializer: S) -> Result<S::Ok, S::Error> {
    request.id.serialize(serializer)
}

fn named(name: &str, is_csv: bool) -> String {
    format!("{name}.{}", if is_csv { "csv" } else { "jsonl" })
}

/// The header stands before the first of them alone.
fn rows<R: IntoIterator<Item = String>, const N: usize>(
    header: &mut Option<[&str; N]>,
    rows: impl Iterator<Item = R>,
) -> anyhow::Result<Vec<u8>> {
    Ok(csv(header.take().as_ref().map(|header| &header[..]), rows)?)
}

fn lines<T: Serialize>(rows: &[T]) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row)?;
        text.push(b'\n');
    }
    Ok(text)
}
