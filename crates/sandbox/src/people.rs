//! The people who can sign in to the sandbox: one for each role, one with two, and one with none.

/// Somebody the sign-in page offers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) username: &'static str,
    pub(crate) name: &'static str,
    /// The `sub` claim: never changes, never used for anybody else.
    pub(crate) subject: &'static str,
    /// The roles that the sandbox's configuration gives to the groups.
    pub(crate) roles: &'static [&'static str],
    /// The `groups` claim.
    pub(crate) groups: &'static [&'static str],
}

/// Everybody, in the order of the sign-in page.
pub(crate) const PEOPLE: [Person; 5] = [
    Person {
        username: "operator",
        name: "Olivia Okafor",
        subject: "2d7f5c0e-operator",
        roles: &["operator"],
        groups: &["pki-operators"],
    },
    Person {
        username: "approver",
        name: "Anton Petrov",
        subject: "9b41e6a2-approver",
        roles: &["approver"],
        groups: &["pki-approvers"],
    },
    Person {
        username: "operator-approver",
        name: "Bea Lindqvist",
        subject: "c83d1f77-operator-approver",
        roles: &["operator", "approver"],
        groups: &["pki-operators", "pki-approvers"],
    },
    Person {
        username: "auditor",
        name: "Amara Diallo",
        subject: "5e06b9d4-auditor",
        roles: &["auditor"],
        groups: &["pki-auditors"],
    },
    Person { username: "stranger", name: "Sam Novak", subject: "f1a28c35-stranger", roles: &[], groups: &[] },
];

/// Who signs in under this name.
pub(crate) fn by_username(username: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.username == username)
}
