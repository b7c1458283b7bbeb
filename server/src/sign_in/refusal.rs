//! Why a sign-in is refused: for the log and the ledger. The person is told an id only.

/// Each names one check; foreign text in it is escaped where it is written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nobody's fault who signs in: no entry of the ledger.
    #[error("the identity provider has not answered since the program started")]
    NoProvider,
    #[error("no sign-in was begun in this browser, or it was finished or given up before")]
    NotBegun,
    #[error("the sign-in was begun more than 10 minutes ago")]
    TooLate,
    #[error("the state is not that of the sign-in begun in this browser")]
    State,
    #[error("the answer does not say which provider it is from, or names another (RFC 9207)")]
    AnotherIssuer,
    #[error("the provider refused: {0}")]
    Provider(String),
    #[error("the answer has no code")]
    NoCode,
    #[error("the provider did not take the code: {0}")]
    Code(String),
    #[error("the provider sent no ID token")]
    NoToken,
    #[error(transparent)]
    NotBelieved(#[from] identity::Refusal),
    #[error("the access token is not the one that the ID token was made for")]
    AccessToken,
}

impl Refusal {
    /// What the person can be told of it, where that helps.
    pub fn advice(&self) -> Option<&'static str> {
        use identity::Refusal::{GroupsElsewhere, GroupsForm, NoAuthTime, Userinfo};
        let Self::NotBelieved(refusal) = self else { return None };
        match refusal {
            NoAuthTime => Some(
                "It does not say when you proved who you are (auth_time), and nobody can approve or reject without that. Whoever manages it may be able to switch that on.",
            ),
            GroupsElsewhere => Some(
                "You are in more groups than it lists. Whoever manages it can have it send only the groups that are assigned to this application, or roles of the application.",
            ),
            GroupsForm | Userinfo(_) => Some(
                "It did not list your groups so that they can be read. Whoever runs the console finds the reason in its log.",
            ),
            _ => None,
        }
    }
}
