//! Why a token is not believed: for the log, the ledger and the evidence.

/// Each names one check; foreign text in it is escaped where it is written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the ID token is not acceptable: {0}")]
    Token(String),
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
