//! What is in a pack, file by file.

use console::Console;
use console::log::Prover;
use domain::certificate::CertificateStatus;
use domain::revocation::Request;
use domain::views::{Bound, CertificateQuery, ComplianceQuery, PackOf, Period, Standing, Test};
use domain::{Actor, AuthorityId, Timestamp};
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
        if let PackOf::Period { period, authority } = self.of.clone() {
            self.summary(period, authority.clone()).await?;
            self.certificates("certificates-issued", Test::Issued, None, period, authority.as_ref()).await?;
            self.certificates("certificates-revoked", Test::Revoked, None, period, authority.as_ref())
                .await?;
            let expired = Test::Status(Standing::Is(CertificateStatus::Expired));
            self.certificates(
                "certificates-expired",
                Test::Expires,
                Some(expired),
                period,
                authority.as_ref(),
            )
            .await?;
            self.findings(period, authority.as_ref()).await?;
            self.runs(period, authority.as_ref()).await?;
        }
        self.requests().await?;
        self.revocations().await?;
        self.decisions().await?;
        self.ledger().await
    }

    async fn whole(&mut self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        self.zip.begin(name)?;
        self.zip.write(content).await
    }

    /// The numbers, for programs and to be read or printed.
    async fn summary(&mut self, period: Period, authority: Option<AuthorityId>) -> anyhow::Result<()> {
        let query =
            ComplianceQuery { from: Some(period.from()), to: Some(period.last()), authority, page: 0 };
        let view = self.console.compliance(&self.actor, &query).await?;
        self.whole("summary.json", &serde_json::to_vec_pretty(&view)?).await?;
        self.whole("report.html", report::html(&view, self.now).as_bytes()).await
    }

    async fn certificates(
        &mut self,
        name: &str,
        test: fn(Bound) -> Test,
        more: Option<Test>,
        period: Period,
        authority: Option<&AuthorityId>,
    ) -> anyhow::Result<()> {
        let mut filter = vec![test(Bound::From(period.from())), test(Bound::Before(period.to()))];
        filter.extend(authority.cloned().map(Test::Authority));
        filter.extend(more);
        let filter = filter.into_iter().map(Into::into).collect();
        let query = CertificateQuery { filter, ..CertificateQuery::default() };
        for is_csv in [true, false] {
            let mut query = query.clone();
            self.zip.begin(&named(name, is_csv))?;
            let mut header = Some(tables::CERTIFICATES);
            loop {
                let page = self.console.certificates_for_a_file(&self.actor, &query).await?;
                let piece = match is_csv {
                    true => csv(
                        header.take().as_ref().map(|header| &header[..]),
                        page.lines.iter().map(tables::certificate),
                    )?,
                    false => lines(&page.lines)?,
                };
                self.zip.write(&piece).await?;
                let Some(place) = page.next else { break };
                query.place = place;
            }
        }
        Ok(())
    }

    async fn findings(&mut self, period: Period, authority: Option<&AuthorityId>) -> anyhow::Result<()> {
        for is_csv in [true, false] {
            self.zip.begin(&named("findings", is_csv))?;
            let (mut after, mut header) = (None, Some(tables::FINDINGS));
            loop {
                let of = (period, authority);
                let found = self.console.pack_findings(&self.actor, of, after.as_ref()).await?;
                let piece = match is_csv {
                    true => csv(
                        header.take().as_ref().map(|header| &header[..]),
                        found.iter().map(tables::finding),
                    )?,
                    false => lines(&found)?,
                };
                self.zip.write(&piece).await?;
                let Some(last) = found.into_iter().next_back() else { break };
                after = Some(last.id);
            }
        }
        Ok(())
    }

    /// With the report that each has read: bucket, key, version and hash.
    async fn runs(&mut self, period: Period, only: Option<&AuthorityId>) -> anyhow::Result<()> {
        self.zip.begin("runs.jsonl")?;
        for authority in self.console.authorities() {
            let id = authority.arn.id();
            if only.is_some_and(|only| *only != id) {
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

    async fn requests(&mut self) -> anyhow::Result<()> {
        self.zip.begin("requests.jsonl")?;
        for page in 0.. {
            let requests = self.console.pack_requests(&self.actor, &self.of, page).await?;
            if requests.is_empty() {
                break;
            }
            self.zip.write(&lines(&requests)?).await?;
        }
        Ok(())
    }

    /// Every certificate of every request that people have agreed to.
    async fn revocations(&mut self) -> anyhow::Result<()> {
        for is_csv in [true, false] {
            self.zip.begin(&named("revocations", is_csv))?;
            let mut header = Some(tables::REVOCATIONS);
            for page in 0.. {
                let requests = self.console.pack_requests(&self.actor, &self.of, page).await?;
                if requests.is_empty() {
                    break;
                }
                for one in requests.iter().filter(|one| one.request.state.is_countersigned()) {
                    let items = self.console.pack_items(&self.actor, &one.request.id).await?;
                    let mut items = std::pin::pin!(items.try_chunks(ROWS));
                    while let Some(items) = items.try_next().await.map_err(|error| error.1)? {
                        let piece = match is_csv {
                            true => {
                                let rows = items.iter().map(|item| tables::revocation(&one.request, item));
                                csv(header.take().as_ref().map(|header| &header[..]), rows)?
                            }
                            false => lines(
                                &items
                                    .iter()
                                    .map(|item| Item { request: &one.request, item })
                                    .collect::<Vec<_>>(),
                            )?,
                        };
                        self.zip.write(&piece).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The decisions with the ID tokens that prove them, as `countersign verify decision` reads them.
    async fn decisions(&mut self) -> anyhow::Result<()> {
        for page in 0.. {
            let requests = self.console.pack_requests(&self.actor, &self.of, page).await?;
            if requests.is_empty() {
                break;
            }
            for one in requests {
                let id = &one.request.id;
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

fn lines<T: Serialize>(rows: &[T]) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row)?;
        text.push(b'\n');
    }
    Ok(text)
}
