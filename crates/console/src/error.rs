//! Every way in which a verb does not do what it was asked. The text of each variant is for the person who asked and
//! holds nothing internal; sources are for the log alone.

use domain::RunId;
use domain::finding::{FindingRefusal, NotTyped};
use domain::revocation::{CannotStepIn, DraftError, NotConfirmed, NotSigned, Refusal};

/// Why a verb failed. The server maps it to its answers in one place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// Recorded in the ledger.
    #[error("{0}")]
    Forbidden(String),
    /// A field of a form, by its name in the form's struct, and what is wrong with it.
    #[error("{message}")]
    Invalid { field: &'static str, message: String },
    /// Somebody else was faster, or the thing is past the point at which this could be done.
    #[error("{0}")]
    Conflict(String),
    #[error("A run of this authority is under way.")]
    RunUnderWay(RunId),
    /// The same action would be allowed after a fresh sign-in.
    #[error("{0}")]
    SignInAgain(String),
    /// AWS did not answer as it should; trying again later may help.
    #[error("A service that Countersign depends on did not answer. Try again in a moment.")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault of ours or stored data that we cannot read.
    #[error("Something went wrong in Countersign itself.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn invalid(field: &'static str, message: impl ToString) -> Self {
        Self::Invalid { field, message: message.to_string() }
    }

    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// The error with all its sources, for the log.
    pub fn trace(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }
}

impl From<countersign_aws::Error> for Error {
    fn from(error: countersign_aws::Error) -> Self {
        use countersign_aws::Error as Aws;
        match error {
            Aws::Conflict { what, .. } => {
                Self::Conflict(format!("Somebody else has changed the {what} meanwhile. Read it again."))
            }
            Aws::NotFound { what, .. } => Self::NotFound(what.name()),
            error if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        let why = match refusal {
            Refusal::Together { why, .. } => *why,
            why => why,
        };
        match why {
            Refusal::OwnRequest
            | Refusal::NotBreakGlass
            | Refusal::Alone
            | Refusal::NotApprover
            | Refusal::NotRequester
            | Refusal::NoHuman => Self::Forbidden(text),
            Refusal::StaleSignIn(_) | Refusal::WeakSignIn(_) | Refusal::AnotherPerson => {
                Self::SignInAgain(text)
            }
            Refusal::Comment(_) | Refusal::NoReason => Self::invalid("comment", text),
            Refusal::DecidedAlready
            | Refusal::Together { .. }
            | Refusal::NotPending(_)
            | Refusal::Expired(_)
            | Refusal::OtherHash
            | Refusal::NotSigned
            | Refusal::NoRequester => Self::Conflict(text),
        }
    }
}

impl From<domain::incident::Refusal> for Error {
    fn from(refusal: domain::incident::Refusal) -> Self {
        use domain::incident::Refusal::{Closed, Full, Known, Shown, Steps, Text};
        match &refusal {
            Text { field, .. } => Self::invalid(field, &refusal),
            Steps(_) => Self::invalid("summary", &refusal),
            Known => Self::invalid("caller", &refusal),
            Closed | Full(_) | Shown => Self::Conflict(refusal.to_string()),
        }
    }
}

impl From<CannotStepIn> for Error {
    fn from(refusal: CannotStepIn) -> Self {
        use CannotStepIn::{ApprovalOver, NotApprover, NotHalter, NotOperator, NothingFailed, OwnRequest};
        let text = refusal.to_string();
        match refusal {
            NotHalter | NotOperator | NotApprover | OwnRequest => Self::Forbidden(text),
            CannotStepIn::State(_) | NothingFailed | ApprovalOver(_) => Self::Conflict(text),
            CannotStepIn::Why(_) => Self::invalid("why", text),
        }
    }
}

impl From<DraftError> for Error {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::NotOperator | DraftError::NoHuman | DraftError::NotBreakGlass => {
                Self::Forbidden(error.to_string())
            }
            DraftError::Reason => Self::invalid("reason", error),
            DraftError::Excluded => Self::invalid("authority", error),
            DraftError::NoTargets | DraftError::TooManyTargets => Self::invalid("serials", error),
            DraftError::Justification(_) => Self::invalid("justification", error),
            DraftError::Ticket(_) => Self::invalid("ticket", error),
            DraftError::WhyAlone(_) => Self::invalid("why_alone", error),
        }
    }
}

impl From<NotSigned> for Error {
    fn from(refusal: NotSigned) -> Self {
        let text = refusal.to_string();
        match refusal {
            NotSigned::NotOperator => Self::Forbidden(text),
            NotSigned::AnotherPerson | NotSigned::Weak(_) => Self::SignInAgain(text),
            NotSigned::Lost | NotSigned::Policy | NotSigned::More => Self::Conflict(text),
        }
    }
}

impl From<NotConfirmed> for Error {
    fn from(error: NotConfirmed) -> Self {
        Self::invalid("count", error)
    }
}

impl From<NotTyped> for Error {
    fn from(error: NotTyped) -> Self {
        Self::invalid("confirm", error)
    }
}

impl From<FindingRefusal> for Error {
    fn from(refusal: FindingRefusal) -> Self {
        match refusal {
            FindingRefusal::NotOperator => Self::Forbidden(refusal.to_string()),
            FindingRefusal::Reason(_) => Self::invalid("reason", refusal),
            FindingRefusal::Closed
            | FindingRefusal::Already(_)
            | FindingRefusal::Second
            | FindingRefusal::Ended => Self::Conflict(refusal.to_string()),
        }
    }
}

/// The error at the bottom: the others only say that there is one.
pub(crate) fn root(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string().trim_end_matches('.').to_owned()
}
