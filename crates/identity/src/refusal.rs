//! Why a token is not believed: for the log, the ledger and the evidence.

/// Each names one check; foreign text in it is escaped where it is written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the ID token is not acceptable: {0}")]
    Token(String),
    #[error("a fresh sign-in was asked for, and the provider does not say when it was (auth_time)")]
    NoAuthTime,
    #[error("the ID token was made for another client")]
    AuthorizedParty,
    #[error(
        "there are too many groups for the ID token, and it only says where to ask for them (overage). At Entra ID, \
         send only the groups that are assigned to the application, or take its app roles (oidc.groups_claim = \"roles\")"
    )]
    GroupsElsewhere,
    #[error("the claim of groups is neither an array of strings nor one text")]
    GroupsForm,
    #[error("the groups are not in the ID token, and the userinfo endpoint cannot be asked for them: {0}")]
    Userinfo(String),
    #[error("the token is no logout token (Back-Channel Logout §2.4)")]
    NoLogout,
    #[error("the subject is empty or too long")]
    Subject,
}
