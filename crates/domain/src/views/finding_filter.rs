//! What lists of findings are narrowed by besides: in which state they are, and when they were first seen and came to their end.

use serde::{Deserialize, Serialize};

use super::compliance::Period;
use crate::finding::FindingStateName;
use crate::timestamp::Timestamp;

/// In which state findings are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingStates {
    /// Open and acknowledged: what waits for somebody.
    #[default]
    Waiting,
    /// All of them.
    Any,
    /// Closed and resolved: what came to its end without anybody dismissing it.
    Settled,
    /// This state alone.
    Is(FindingStateName),
}

impl FindingStates {
    /// All but the default.
    pub const OTHERS: &[Self] = &[
        Self::Any,
        Self::Settled,
        Self::Is(FindingStateName::Open),
        Self::Is(FindingStateName::Acknowledged),
        Self::Is(FindingStateName::Resolved),
        Self::Is(FindingStateName::Dismissed),
        Self::Is(FindingStateName::Closed),
    ];

    /// As addresses have it; the default is not in them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "",
            Self::Any => "any",
            Self::Settled => "settled",
            Self::Is(state) => state.name(),
        }
    }

    /// "open or acknowledged", for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Waiting => "open or acknowledged",
            Self::Any => "of any state",
            Self::Settled => "closed or resolved",
            Self::Is(state) => state.name(),
        }
    }

    /// `None`: all of them.
    pub fn which(&self) -> Option<&[FindingStateName]> {
        match self {
            Self::Waiting => Some(&[FindingStateName::Open, FindingStateName::Acknowledged]),
            Self::Any => None,
            Self::Settled => Some(&[FindingStateName::Closed, FindingStateName::Resolved]),
            Self::Is(state) => Some(std::slice::from_ref(state)),
        }
    }
}

/// Whole days, UTC: the first and the last of them, as far as somebody says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The beginning of the first day. `None`: since ever.
    pub from: Option<Timestamp>,
    /// The beginning of the last day, which counts as a whole. `None`: until now.
    pub to: Option<Timestamp>,
}

impl Days {
    /// Whether somebody has named a day.
    pub fn is_narrow(self) -> bool {
        self != Self::default()
    }

    /// The beginning of the day behind the last.
    pub fn before(self) -> Option<Timestamp> {
        self.to.map(|last| last.plus(super::compliance::DAY))
    }

    /// "from 2026-11-01 to 2026-11-30", for people; `None`: whenever.
    pub fn words(self) -> Option<String> {
        let from = self.from.map(|day| format!("from {}", day.date()));
        let to = self.to.map(|day| format!("to {}", day.date()));
        let words: Vec<String> = from.into_iter().chain(to).collect();
        self.is_narrow().then(|| words.join(" "))
    }
}

impl From<Period> for Days {
    fn from(period: Period) -> Self {
        Self { from: Some(period.from()), to: Some(period.last()) }
    }
}
