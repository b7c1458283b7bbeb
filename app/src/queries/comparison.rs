//! The query of a comparison of two runs.

use domain::found::Difference;
use domain::views::ComparisonQuery;
use domain::{FindingKind, RunId};

use super::{page, text};
use crate::address::{Pairs, Query, unknown};
use crate::error::AppError;

/// What of a comparison is asked for; whose it is, the path or [`read_compared`] says.
pub(crate) fn read_comparison(pairs: &Pairs) -> Result<AskedOfComparison, AppError> {
    let with = pairs.get::<RunId>("with")?;
    let only = pairs.one_of("only", Difference::ALL, Difference::name)?;
    Ok((with, only, pairs.get::<FindingKind>("kind")?, pairs.page()?))
}

pub(crate) type AskedOfComparison = (Option<RunId>, Option<Difference>, Option<FindingKind>, u32);

/// The comparison that a file is made of.
pub fn read_compared(pairs: &Pairs) -> Result<ComparisonQuery, AppError> {
    let (with, only, kind, page) = read_comparison(pairs)?;
    let authority = pairs.get("authority")?.ok_or_else(|| unknown("authority"))?;
    let run = pairs.get("run")?.ok_or_else(|| unknown("run"))?;
    Ok(ComparisonQuery { authority, run, with, only, kind, page })
}

pub(crate) fn write_comparison(query: &ComparisonQuery) -> Query {
    Query::new()
        .with("with", text(query.with.as_ref()))
        .with("only", query.only.map(Difference::name).unwrap_or_default())
        .with("kind", query.kind.map(FindingKind::name).unwrap_or_default())
        .with("page", page(query.page))
}
