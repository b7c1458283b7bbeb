//! Everything that there is at one moment.

use super::super::{RequestState, Step, Verdict};
use super::people::PEOPLE;

/// What came of the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    Waiting,
    Calling,
    Revoked,
    Failed,
}

/// Something that must not be, as it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wrong {
    TwoWinners,
    NoQuorum,
    NoLease,
    NotExecuting,
}

/// A request as somebody has read it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Page {
    pub state: RequestState,
    pub decisions: Vec<(usize, Verdict)>,
    pub steps: Vec<(Step, usize)>,
    pub failed: bool,
}

/// What a worker is at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Worker {
    Idle,
    /// It has seen the lease with this fence, and by the end of it, if it was held, no beat.
    Watching(u64),
    Holding(Task),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Task {
    pub fence: u64,
    /// It could not renew its lease for so long that it begins nothing more.
    pub alone: bool,
    pub at: At,
    /// The certificate as it knows it, and how often the failed ones were to be tried again.
    pub stage: Stage,
    pub round: u32,
    pub seen_round: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum At {
    Begin,
    /// It has read the request in this state.
    Read(RequestState),
    /// The request is being executed, and nothing is under way.
    Ready,
    Marked,
    /// The CA has answered, and nothing here says so.
    Answered(Stage),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    // The table.
    pub state: RequestState,
    pub decisions: Vec<(usize, Verdict)>,
    pub steps: Vec<(Step, usize)>,
    /// The lease under which the request was last written.
    pub request_fence: u64,
    /// What came of the certificate, in which round, under which lease.
    pub item: Option<(Stage, u32, u64)>,
    pub holder: Option<usize>,
    pub fence: u64,

    /// The CA has revoked it.
    pub revoked: bool,
    pub workers: [Worker; 2],
    pub pages: [Option<Page>; PEOPLE.len()],

    // What is remembered of what happened.
    /// Whose approval was taken.
    pub acknowledged: Vec<usize>,
    /// How often it was recorded as revoked.
    pub recorded: u32,
    /// The CA was asked about what it had revoked.
    pub again: bool,
    pub wrong: Option<Wrong>,
}

impl World {
    /// Before the decisions, or right after them.
    pub fn new(begin: RequestState) -> Self {
        let decided = if begin == RequestState::Pending { 0..0 } else { 1..3 };
        Self {
            state: begin,
            decisions: decided.map(|person| (person, Verdict::Approve)).collect(),
            steps: Vec::new(),
            request_fence: 0,
            item: None,
            holder: None,
            fence: 0,
            revoked: false,
            recorded: 0,
            workers: [Worker::Idle, Worker::Idle],
            pages: [const { None }; PEOPLE.len()],
            acknowledged: Vec::new(),
            again: false,
            wrong: None,
        }
    }

    pub fn page(&self) -> Page {
        Page {
            state: self.state,
            decisions: self.decisions.clone(),
            steps: self.steps.clone(),
            failed: self.item.is_some_and(|(stage, _, _)| stage == Stage::Failed),
        }
    }

    /// How many people other than the requester have approved, whatever anybody believes.
    pub fn approvals(&self) -> usize {
        let approves = |(by, verdict): &&(usize, Verdict)| *by != 0 && *verdict == Verdict::Approve;
        self.decisions.iter().filter(approves).count()
    }
}
