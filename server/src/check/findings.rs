//! What `countersign check` found, said line by line; of calls that AWS refused, the statement that a policy lacks.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use countersign_aws::{Account, Error};
use domain::foreign;

/// What was found so far.
#[derive(Default)]
pub struct Findings {
    /// Known when the configuration is.
    pub account: Option<Account>,
    problems: u32,
}

impl Findings {
    pub fn good(&self, what: &str) -> std::io::Result<()> {
        writeln!(std::io::stdout(), "ok      {what}")
    }

    /// It works, but not as somebody may think.
    pub fn warning(&self, what: &str, warning: &str) -> std::io::Result<()> {
        writeln!(std::io::stdout(), "WARNING {what}\n{warning}")
    }

    pub fn problem(&mut self, what: &str, problem: impl Display) -> std::io::Result<()> {
        self.problems += 1;
        writeln!(std::io::stdout(), "PROBLEM {what}\n{}", foreign::visible(&problem.to_string()))
    }

    pub fn tried<T>(&mut self, what: &str, outcome: Result<T, impl Display>) -> std::io::Result<()> {
        match outcome {
            Ok(_) => self.good(what),
            Err(error) => self.problem(what, error),
        }
    }

    /// A call to AWS.
    pub fn called<T>(&mut self, what: &str, outcome: Result<T, Error>) -> std::io::Result<()> {
        match outcome {
            Ok(_) => self.good(what),
            Err(error) => self.refused(what, &error),
        }
    }

    pub fn refused(&mut self, what: &str, error: &Error) -> std::io::Result<()> {
        self.problem(what, self.explained(error))
    }

    pub fn table(&mut self, name: &str, outcome: Result<Vec<String>, Error>) -> std::io::Result<()> {
        let what = format!("table {name}");
        match outcome {
            Ok(faults) if faults.is_empty() => self.good(&what),
            Ok(faults) => self.problem(&what, faults.join("\n")),
            Err(error) => self.refused(&what, &error),
        }
    }

    /// The error, with the permission that is missing.
    pub fn explained(&self, error: &Error) -> String {
        let missing = self.account.as_ref().and_then(|account| error.missing(account));
        let Some(missing) = missing else { return error.to_string() };
        let (actions, policy) = (missing.actions.join(", "), missing.policy);
        if missing.forbidden {
            return format!(
                "{error}\n    Missing: {actions}. A {policy} forbids it, which no other statement outweighs."
            );
        }
        let statement = missing.statement.replace('\n', "\n    ");
        format!("{error}\n    Missing: {actions}. Add to the {policy}:\n    {statement}")
    }

    pub fn end(self) -> anyhow::Result<ExitCode> {
        Ok(if self.problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
