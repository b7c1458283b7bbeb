//! Which partitions the console's table has, and which of them each process reads and writes.
//!
//! Whatever this crate does to the table is looked up here before it is sent, so that a mistake in the web process cannot
//! write what is the worker's. The prefixes are such that an IAM policy says the same by `dynamodb:LeadingKeys`: the key of
//! a partition is the prefix itself, or the prefix up to its `#` and something after it. For the index, AWS looks at the
//! index's partition key.

use strum::VariantArray;

use crate::{Aws, Error, Process};

/// A kind of partition, of the table or of its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
pub enum Partition {
    Ledger,
    Unplaced,
    Leases,
    Wake,
    Workers,
    Runs,
    Running,
    Schedules,
    Findings,
    Bulks,
    BulkParts,
    Packs,
    PackParts,
    Incidents,
    Requests,
    RequestParts,
    Executions,
    RequestsOfCertificate,
    Lists,
    Outbox,
    Untold,
    Sessions,
    People,
    ProviderSessions,
    Trails,
    TrailFiles,
    TrailMonths,
    Blobs,
    Telling,
    Notices,
    Configuration,
    EntriesOfRequest,
    FindingsByChange,
    BulksUnderWay,
    PacksUnderWay,
    OpenIncidents,
    RequestsByState,
    WorkersBySighting,
    PeopleBySighting,
    Delivering,
    Delivered,
    Told,
}

/// What a process may do with the items of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    Nothing,
    Read,
    Write,
    ReadAndWrite,
}

/// What is done to a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    /// Reads the index, which nobody writes: it follows the table.
    ReadIndex,
}

impl Rights {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Read => "reads",
            Self::Write => "writes",
            Self::ReadAndWrite => "reads, writes",
        }
    }

    fn allow(self, access: Access) -> bool {
        match access {
            Access::Read | Access::ReadIndex => matches!(self, Self::Read | Self::ReadAndWrite),
            Access::Write => matches!(self, Self::Write | Self::ReadAndWrite),
        }
    }
}

/// A line of the table in this file.
struct Line {
    prefix: &'static str,
    web: Rights,
    worker: Rights,
    holds: &'static str,
}

impl Partition {
    /// The table's first, then the index's.
    pub const ALL: &[Self] = Self::VARIANTS;

    fn line(self) -> Line {
        use Rights::{Nothing, Read, ReadAndWrite, Write};
        let (prefix, web, worker, holds) = match self {
            Self::Ledger => ("LEDGER", Read, ReadAndWrite, "the entries of the ledger, in their places"),
            Self::Unplaced => {
                ("UNPLACED", ReadAndWrite, ReadAndWrite, "entries that the sequencer has not placed yet")
            }
            Self::Leases => ("LEASE#", Nothing, ReadAndWrite, "who works on what"),
            Self::Wake => ("WAKE", ReadAndWrite, ReadAndWrite, "that there is news"),
            Self::Workers => ("WORKER", Nothing, Write, "signs of life of the workers"),
            Self::Runs => ("RUN#", ReadAndWrite, ReadAndWrite, "runs, by authority"),
            Self::Running => {
                ("RUNNING#", ReadAndWrite, ReadAndWrite, "the run of an authority that is under way")
            }
            Self::Schedules => (
                "SCHEDULE#",
                Read,
                ReadAndWrite,
                "schedules that were in force, and the runs that they ordered",
            ),
            Self::Findings => ("FINDING#", ReadAndWrite, ReadAndWrite, "findings, by authority or trail"),
            Self::Bulks => ("BULK", ReadAndWrite, ReadAndWrite, "what is done to many findings at once"),
            Self::BulkParts => ("BULK#", Write, Read, "the findings that it is done to"),
            Self::Packs => ("PACK", ReadAndWrite, ReadAndWrite, "packs of evidence"),
            Self::PackParts => ("PACK#", Read, Write, "the parts of their files"),
            Self::Incidents => ("INCIDENT", ReadAndWrite, Read, "incidents"),
            Self::Requests => ("REQUEST", ReadAndWrite, ReadAndWrite, "revocation requests"),
            Self::RequestParts => (
                "REQUEST#",
                ReadAndWrite,
                Read,
                "the targets of a request, its proof and the decisions on it",
            ),
            Self::Executions => ("EXECUTION#", Read, ReadAndWrite, "what came of each target of a request"),
            Self::RequestsOfCertificate => {
                ("CERTIFICATE#", ReadAndWrite, Read, "the requests about a certificate")
            }
            Self::Lists => {
                ("LIST#", ReadAndWrite, Nothing, "lists of certificates that people pasted or uploaded")
            }
            Self::Outbox => ("OUTBOX", Write, ReadAndWrite, "approved requests to be carried out"),
            Self::Untold => {
                ("UNTOLD", Nothing, ReadAndWrite, "revocations that the inventory is still to be told of")
            }
            Self::Sessions => ("SESSION#", ReadAndWrite, Nothing, "sessions and sign-ins under way"),
            Self::People => (
                "PERSON#",
                ReadAndWrite,
                Read,
                "the roles that a person was last seen with, their sessions, calendar and lists",
            ),
            Self::ProviderSessions => ("SID#", ReadAndWrite, Nothing, "sessions, by the provider's session"),
            Self::Trails => (
                "TRAIL#",
                Read,
                ReadAndWrite,
                "log files with their events, and how far a trail is read and verified",
            ),
            Self::TrailFiles => ("TRAILFILE#", Nothing, ReadAndWrite, "which log files have been read"),
            Self::TrailMonths => ("TRAILMONTH", ReadAndWrite, ReadAndWrite, "older months to be loaded"),
            Self::Blobs => ("BLOB#", Read, ReadAndWrite, "what is too large for one item"),
            Self::Telling => ("TELLING", Write, ReadAndWrite, "what people are to be told"),
            Self::Notices => ("NOTICE#", Read, ReadAndWrite, "what they were told, and how it was delivered"),
            Self::Configuration => {
                ("CONFIGURATION", ReadAndWrite, ReadAndWrite, "what each process was last started with")
            }
            Self::EntriesOfRequest => ("LEDGEROF#", Nothing, Read, "the entries about a request"),
            Self::FindingsByChange => ("FINDINGS#", Read, Read, "findings by the time of their last change"),
            Self::BulksUnderWay => ("BULKS", Read, Read, "what is being done to many findings"),
            Self::PacksUnderWay => ("PACKS", Read, Read, "packs that are being made"),
            Self::OpenIncidents => ("INCIDENTS", Read, Nothing, "incidents that are open"),
            Self::RequestsByState => ("REQUESTS#", Read, Read, "requests by state"),
            Self::WorkersBySighting => ("WORKERS", Read, Read, "workers by their last sign of life"),
            Self::PeopleBySighting => ("PEOPLE", Read, Nothing, "people by their last sign-in"),
            Self::Delivering => ("DELIVERING#", Read, Read, "notifications that a channel is to take"),
            Self::Delivered => ("DELIVERED#", Read, Read, "those that it has taken, or that were given up"),
            Self::Told => ("TOLD", Read, Nothing, "what people were told, by time"),
        };
        Line { prefix, web, worker, holds }
    }

    /// The partition key, or what it begins with if that ends with `#`.
    pub fn prefix(self) -> &'static str {
        self.line().prefix
    }

    /// What lies there, in words.
    pub fn holds(self) -> &'static str {
        self.line().holds
    }

    /// What a process may do with it.
    pub fn rights(self, process: &Process) -> Rights {
        match process {
            Process::Web => self.line().web,
            Process::Worker { .. } => self.line().worker,
        }
    }

    /// Whether it is one of the index.
    pub fn is_of_index(self) -> bool {
        matches!(
            self,
            Self::EntriesOfRequest
                | Self::FindingsByChange
                | Self::BulksUnderWay
                | Self::PacksUnderWay
                | Self::OpenIncidents
                | Self::RequestsByState
                | Self::WorkersBySighting
                | Self::PeopleBySighting
                | Self::Delivering
                | Self::Delivered
                | Self::Told
        )
    }

    /// Whether what is written there is news to other processes. Each of the others is looked for at its own times, or by
    /// nobody.
    pub(crate) fn is_news(self) -> bool {
        !matches!(
            self,
            Self::Leases
                | Self::Wake
                | Self::Workers
                | Self::Schedules
                | Self::Sessions
                | Self::People
                | Self::ProviderSessions
                | Self::Lists
                | Self::Trails
                | Self::TrailFiles
                | Self::Blobs
        )
    }

    /// The partition key of one of many: `rest` follows the prefix.
    pub(crate) fn key(self, rest: impl std::fmt::Display) -> String {
        format!("{}{rest}", self.prefix())
    }

    /// The kind that a partition key is of.
    pub(crate) fn of(key: &str) -> Option<Self> {
        let prefix = key.find('#').map_or(key, |hash| &key[..=hash]);
        Self::ALL.iter().copied().find(|partition| partition.prefix() == prefix)
    }
}

impl Aws {
    /// Whether this process may do this to the partition with the key `pk`.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the process and the partition; it is a fault of the program.
    pub(crate) fn may(&self, access: Access, pk: &str) -> Result<(), Error> {
        let process = &self.settings.process;
        let partition = Partition::of(pk)
            .filter(|partition| partition.is_of_index() == (access == Access::ReadIndex))
            .filter(|partition| partition.rights(process).allow(access));
        if partition.is_some() {
            return Ok(());
        }
        let operation = match access {
            Access::Read | Access::ReadIndex => "reading",
            Access::Write => "writing",
        };
        let prefix = pk.find('#').map_or(pk, |hash| &pk[..=hash]);
        let reason = format!("the {} process has no business there", process.name());
        Err(Error::invalid(operation, format!("{prefix} in the console's table"), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATING: &str = include_str!("../../../docs/OPERATING.md");

    /// The lines of docs/OPERATING.md.
    fn markdown(of_index: bool) -> String {
        let worker = Process::Worker { executor_profile: None };
        let line = |partition: Partition| {
            let star = if partition.prefix().ends_with('#') { "*" } else { "" };
            let rights = [&Process::Web, &worker].map(|process| partition.rights(process).name());
            format!(
                "| `{}{star}` | {} | {} | {} |\n",
                partition.prefix(),
                partition.holds(),
                rights[0],
                rights[1]
            )
        };
        let all = Partition::ALL.iter().copied().filter(|partition| partition.is_of_index() == of_index);
        let table: String = all.map(line).collect();
        table.replace("|  |", "| – |").replace("|  |", "| – |")
    }

    #[test]
    fn operators_read_the_same_table() {
        for of_index in [false, true] {
            let lines = markdown(of_index);
            assert!(OPERATING.contains(&lines), "docs/OPERATING.md must have these lines:\n{lines}");
        }
        let documented = OPERATING.lines().filter(|line| {
            let key = line.strip_prefix("| `");
            key.is_some_and(|key| key.starts_with(|first: char| first.is_ascii_uppercase()))
        });
        assert_eq!(documented.count(), Partition::ALL.len(), "and no others");
    }

    #[test]
    fn each_key_is_of_one_kind() {
        for &partition in Partition::ALL {
            let key = match partition.prefix().ends_with('#') {
                true => partition.key("a#b"),
                false => partition.prefix().to_owned(),
            };
            assert_eq!(Partition::of(&key), Some(partition), "{key}");
        }
        for key in ["", "LEASE", "LEASES#a", "REQUEST-a", "ledger"] {
            assert_eq!(Partition::of(key), None, "{key}");
        }
    }

    /// Every call that names the console's table lies in a file that asks [`Aws::may`] first.
    #[test]
    fn nobody_goes_past_the_list() {
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        let mut callers = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let calls = text.contains(".dynamodb") && text.contains("self.console_table()");
                // The schema's calls touch no items.
                if calls && !path.ends_with("tables.rs") && !path.ends_with("partitions.rs") {
                    callers += 1;
                    assert!(text.contains("self.may"), "{}", path.display());
                }
            }
        }
        assert!(callers > 3);
    }

    #[test]
    fn the_web_process_writes_nothing_that_says_what_was_revoked() {
        for partition in [
            Partition::Ledger,
            Partition::Executions,
            Partition::Leases,
            Partition::Trails,
            Partition::Notices,
        ] {
            assert!(!partition.rights(&Process::Web).allow(Access::Write), "{partition:?}");
        }
    }
}
