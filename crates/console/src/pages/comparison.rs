//! A run held against another one of its authority.

use std::collections::BTreeMap;

use domain::finding::Subject;
use domain::found::{Difference, Differences, Found, FoundList};
use domain::ledger::Object;
use domain::views::{ComparedFinding, ComparisonQuery, ComparisonView, PAGE_SIZE};
use domain::{Actor, AuthorityArn, FindingId, FindingKind, Permission, Run, Scope};

use crate::comparison::Comparison;
use crate::{Console, Error};

/// How many earlier runs are looked at for one that can be compared, and offered.
const OFFERED: u32 = 20;
/// How many lines of a file are made at a time.
const TOGETHER: usize = 2000;

/// The lines of a comparison that a query names, some at a time.
pub struct ComparisonLines {
    pub earlier: Run,
    pub later: Run,
    comparison: Comparison,
    query: ComparisonQuery,
}

impl Console {
    /// One page of what two runs found, and how it differs.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: one of them kept no list of what it found.
    pub async fn comparison(&self, actor: &Actor, query: &ComparisonQuery) -> Result<ComparisonView, Error> {
        let ComparisonLines { earlier, later, mut comparison, .. } = self.compared(actor, query).await?;
        let (mut kinds, mut counts, mut total) = (BTreeMap::new(), Differences::default(), 0_u64);
        let (mut lines, size) = (Vec::new(), u64::from(PAGE_SIZE));
        let first = u64::from(query.page) * size;
        while let Some((difference, found)) = comparison.next().await? {
            counts.add(difference);
            let of_kind: &mut Differences = kinds.entry(found.kind).or_default();
            of_kind.add(difference);
            if query.names(difference, found.kind) {
                if (first..first + size).contains(&total) {
                    lines.push((difference, found));
                }
                total += 1;
            }
        }
        let lines = self.as_they_are_now(&later.authority, lines).await?;
        let runs = self.aws.runs(&query.authority, OFFERED).await?;
        let others = runs.into_iter().filter(|run| run.found.is_some() && run.id != query.run);
        let others = others.map(|run| (run.id, run.started_at)).collect();
        let mut kinds: Vec<(FindingKind, Differences)> = kinds.into_iter().collect();
        kinds.sort_by_key(|(kind, _)| (kind.severity(), *kind));
        let authority = self.named(&later.authority);
        Ok(ComparisonView {
            authority,
            earlier,
            later,
            counts,
            kinds,
            lines,
            total,
            page: query.page,
            others,
        })
    }

    /// All that the query names, for a file.
    ///
    /// # Errors
    /// As [`Console::comparison`].
    pub async fn compared(&self, actor: &Actor, query: &ComparisonQuery) -> Result<ComparisonLines, Error> {
        self.allowed(actor, Permission::Read, Object::Route(format!("comparison of run {}", query.run)))
            .await?;
        let run = self.aws.run(&query.authority, &query.run).await?;
        let other = match &query.with {
            Some(with) if *with == run.id => {
                return Err(Error::Conflict(
                    "A run is not compared with itself. Choose another one.".to_owned(),
                ));
            }
            Some(with) => self.aws.run(&query.authority, with).await?,
            None => {
                let runs = self.aws.runs_before(&query.authority, &run.id, OFFERED).await?;
                let before = runs.into_iter().find(|run| run.found.is_some());
                before.ok_or_else(|| {
                    Error::Conflict(
                        "There is no run before this one that it could be compared with.".to_owned(),
                    )
                })?
            }
        };
        // Ids sort by the time of their making.
        let (earlier, later) = if other.id < run.id { (other, run) } else { (run, other) };
        let comparison = Comparison::new(self.aws.clone(), kept(&earlier)?, kept(&later)?);
        Ok(ComparisonLines { earlier, later, comparison, query: query.clone() })
    }

    async fn as_they_are_now(
        &self,
        authority: &AuthorityArn,
        lines: Vec<(Difference, Found)>,
    ) -> Result<Vec<ComparedFinding>, Error> {
        let ids: Vec<FindingId> = lines.iter().map(|(_, found)| id(authority, *found)).collect();
        let states: BTreeMap<FindingId, _> =
            self.aws.findings(&ids).await?.into_iter().map(|finding| (finding.id, finding.state)).collect();
        let line = |((difference, found), id): ((Difference, Found), FindingId)| {
            let state = states.get(&id).cloned();
            ComparedFinding { difference, serial: found.serial, id, state }
        };
        Ok(lines.into_iter().zip(ids).map(line).collect())
    }
}

impl ComparisonLines {
    /// The next lines; none: there are no more.
    pub async fn next(&mut self) -> Result<Vec<(Difference, FindingId)>, Error> {
        let mut lines = Vec::new();
        while lines.len() < TOGETHER {
            let Some((difference, found)) = self.comparison.next().await? else { break };
            if self.query.names(difference, found.kind) {
                lines.push((difference, id(&self.later.authority, found)));
            }
        }
        Ok(lines)
    }
}

fn id(authority: &AuthorityArn, found: Found) -> FindingId {
    FindingId { kind: found.kind, scope: Scope::from(authority), subject: Subject::Certificate(found.serial) }
}

fn kept(run: &Run) -> Result<FoundList, Error> {
    run.found.clone().ok_or_else(|| {
        Error::Conflict(format!(
            "The run of {} kept no list of what it found: it did not finish, or an earlier version made it. Choose another one.",
            run.started_at.absolute()
        ))
    })
}
