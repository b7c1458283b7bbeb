//! A state or a severity as icon, word and colour, so that none of them has to speak alone.
//!
//! Knows how each state of the domain looks; decides nothing about when a state holds.

use domain::certificate::CertificateStatus;
use domain::finding::FindingStateName;
use domain::found::Difference;
use domain::revocation::{Request, RequestState};
use domain::run::Stage;
use domain::trail::Outcome;
use domain::trail::{Authorisation, Proof};
use domain::{Run, RunState, Severity};
use leptos::prelude::*;

use super::icon::Icon;

/// The meaning behind a colour: one pair (ink, wash) of `style/tokens.css` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Critical,
    High,
    Medium,
    /// Also for what is over and needs nobody.
    Low,
    Ok,
    Info,
    Pending,
}

impl Tone {
    pub fn class(self) -> &'static str {
        match self {
            Self::Critical => "tone-critical",
            Self::High => "tone-high",
            Self::Medium => "tone-medium",
            Self::Low => "tone-low",
            Self::Ok => "tone-ok",
            Self::Info => "tone-info",
            Self::Pending => "tone-pending",
        }
    }
}

/// How a state looks: what a [`Badge`] shows and a timeline's dot is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub tone: Tone,
    pub icon: Icon,
    pub word: &'static str,
}

impl Mark {
    pub const fn new(tone: Tone, icon: Icon, word: &'static str) -> Self {
        Self { tone, icon, word }
    }
}

#[component]
pub fn Badge(
    /// A state of the domain, or a [`Mark`] where a page has one of its own.
    #[prop(into)]
    of: Mark,
) -> impl IntoView {
    view! {
        <span class=format!("badge {}", of.tone.class())>
            {of.icon.draw()}
            {of.word}
        </span>
    }
}

impl From<Severity> for Mark {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::new(Tone::Critical, Icon::Alert, "Critical"),
            Severity::High => Self::new(Tone::High, Icon::Alert, "High"),
            Severity::Medium => Self::new(Tone::Medium, Icon::Info, "Medium"),
            Severity::Low => Self::new(Tone::Low, Icon::Info, "Low"),
        }
    }
}

impl From<CertificateStatus> for Mark {
    fn from(status: CertificateStatus) -> Self {
        match status {
            CertificateStatus::Active => Self::new(Tone::Ok, Icon::Check, "Active"),
            CertificateStatus::Expiring => Self::new(Tone::Medium, Icon::Clock, "Expiring"),
            CertificateStatus::Expired => Self::new(Tone::Low, Icon::Minus, "Expired"),
            CertificateStatus::Revoked => Self::new(Tone::Critical, Icon::Ban, "Revoked"),
        }
    }
}

impl From<FindingStateName> for Mark {
    fn from(state: FindingStateName) -> Self {
        match state {
            FindingStateName::Open => Self::new(Tone::Info, Icon::Dot, "Open"),
            FindingStateName::Acknowledged => Self::new(Tone::Pending, Icon::Eye, "Acknowledged"),
            FindingStateName::Resolved => Self::new(Tone::Ok, Icon::Check, "Resolved"),
            FindingStateName::Dismissed => Self::new(Tone::Low, Icon::Minus, "Dismissed"),
            FindingStateName::Closed => Self::new(Tone::Low, Icon::Check, "Closed"),
        }
    }
}

impl From<RequestState> for Mark {
    fn from(state: RequestState) -> Self {
        let (tone, icon) = match state {
            RequestState::Pending => (Tone::Pending, Icon::Clock),
            RequestState::Approved => (Tone::Info, Icon::DoubleCheck),
            RequestState::Executing => (Tone::Info, Icon::Play),
            RequestState::Halted => (Tone::High, Icon::Ban),
            RequestState::Executed => (Tone::Info, Icon::Check),
            RequestState::PartlyFailed => (Tone::High, Icon::Alert),
            RequestState::Proven => (Tone::Ok, Icon::DoubleCheck),
            RequestState::Overdue => (Tone::Critical, Icon::Alert),
            RequestState::Rejected => (Tone::Low, Icon::Cross),
            RequestState::Expired | RequestState::Cancelled | RequestState::Closed => {
                (Tone::Low, Icon::Minus)
            }
        };
        Self::new(tone, icon, state.label())
    }
}

impl From<&Request> for Mark {
    fn from(request: &Request) -> Self {
        Self { word: request.state.label_for(request.target_count), ..Self::from(request.state) }
    }
}

impl From<Outcome> for Mark {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded => Self::new(Tone::Low, Icon::Check, "Succeeded"),
            Outcome::Failed => Self::new(Tone::Medium, Icon::Cross, "Failed"),
            Outcome::Denied => Self::new(Tone::High, Icon::Ban, "Denied"),
        }
    }
}

impl From<Proof> for Mark {
    fn from(proof: Proof) -> Self {
        let (tone, icon) = match proof {
            Proof::Proven => (Tone::Ok, Icon::Check),
            Proof::Unproven => (Tone::Low, Icon::Minus),
            Proof::Missing => (Tone::Critical, Icon::Cross),
            Proof::Altered => (Tone::Critical, Icon::Alert),
        };
        Self::new(tone, icon, proof.label())
    }
}

impl From<Authorisation> for Mark {
    fn from(authorisation: Authorisation) -> Self {
        match authorisation {
            Authorisation::Authorised => Self::new(Tone::Ok, Icon::Check, "Authorised"),
            Authorisation::NotAnIssuer => Self::new(Tone::Critical, Icon::Alert, "Not an issuer"),
            Authorisation::OtherSession => Self::new(Tone::Critical, Icon::Alert, "Other session"),
            Authorisation::OtherAddress => Self::new(Tone::Critical, Icon::Alert, "Other address"),
            Authorisation::OtherTemplate => Self::new(Tone::Critical, Icon::Alert, "Other template"),
            Authorisation::OtherService => Self::new(Tone::Critical, Icon::Alert, "Other service"),
        }
    }
}

impl From<domain::schedule::Outcome> for Mark {
    fn from(outcome: domain::schedule::Outcome) -> Self {
        use domain::schedule::Outcome;
        let (tone, icon) = match outcome {
            Outcome::Held => (Tone::Ok, Icon::Check),
            Outcome::MadeUp => (Tone::Medium, Icon::Clock),
            Outcome::Failed => (Tone::Critical, Icon::Alert),
            Outcome::UnderWay => (Tone::Info, Icon::Play),
            Outcome::Waiting => (Tone::Pending, Icon::Clock),
            Outcome::Missed => (Tone::High, Icon::Alert),
        };
        Self::new(tone, icon, outcome.label())
    }
}

impl From<Difference> for Mark {
    fn from(difference: Difference) -> Self {
        let (tone, icon) = match difference {
            Difference::New => (Tone::High, Icon::Alert),
            Difference::Gone => (Tone::Ok, Icon::Check),
            Difference::Still => (Tone::Info, Icon::Dot),
        };
        Self::new(tone, icon, difference.label())
    }
}

impl From<&Run> for Mark {
    fn from(run: &Run) -> Self {
        match run.state {
            RunState::Running if run.stage == Stage::Waiting => {
                Self::new(Tone::Pending, Icon::Clock, "Waiting")
            }
            RunState::Running => Self::new(Tone::Info, Icon::Play, "Running"),
            RunState::Finished if run.is_incomplete() => {
                Self::new(Tone::Medium, Icon::Alert, "Finished, incomplete")
            }
            RunState::Finished => Self::new(Tone::Ok, Icon::Check, "Finished"),
            RunState::Failed => Self::new(Tone::Critical, Icon::Alert, "Failed"),
        }
    }
}
