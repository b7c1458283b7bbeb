//! The least that reading a report can take: `serde_json`, one thread, texts borrowed, nothing kept and nothing looked at.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[derive(Args)]
pub struct Options {
    /// A report in JSON.
    report: PathBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is measured is reading it")]
struct Row<'a> {
    #[serde(borrow)]
    certificate_arn: Option<Text<'a>>,
    #[serde(borrow)]
    serial: Option<Text<'a>>,
    #[serde(borrow)]
    subject: Option<Text<'a>>,
    #[serde(borrow)]
    not_before: Option<Text<'a>>,
    #[serde(borrow)]
    not_after: Option<Text<'a>>,
    #[serde(borrow)]
    issued_at: Option<Text<'a>>,
    #[serde(borrow)]
    revoked_at: Option<Text<'a>>,
    #[serde(borrow)]
    revocation_reason: Option<Text<'a>>,
    #[serde(borrow)]
    template_arn: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Text<'a>(
    #[serde(borrow)]
    #[expect(dead_code, reason = "see above")]
    Cow<'a, str>,
);

struct Rows(u64);

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(0))
    }
}

impl<'de> Visitor<'de> for Rows {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut rows: A) -> Result<Self, A::Error> {
        while rows.next_element::<Row<'_>>()?.is_some() {
            self.0 += 1;
        }
        Ok(self)
    }
}

/// # Errors
/// It cannot be read.
#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
pub fn run(options: &Options) -> Result<()> {
    println!("{}", rows(&options.report)?);
    Ok(())
}

fn rows(report: &Path) -> Result<u64> {
    Ok(serde_json::from_slice::<Rows>(&std::fs::read(report)?)?.0)
}
