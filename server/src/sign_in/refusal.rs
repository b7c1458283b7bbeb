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
    #[error("the ID token is not acceptable: {0}")]
    Token(String),
    #[error("the access token is not the one that the ID token was made for")]
    AccessToken,
    #[error("the ID token was made for another client")]
    AuthorizedParty,
    #[error(
        "there are too many groups for the ID token, and it only says where to ask for them (a claim source)"
    )]
    GroupsElsewhere,
    #[error("the claim of groups is not an array of strings")]
    GroupsForm,
    #[error("the token is no logout token (Back-Channel Logout §2.4)")]
    NoLogout,
    #[error("the subject is empty or too long")]
    Subject,
}
