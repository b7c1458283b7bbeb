//! How a person has set up the lists of the console for themselves: filters under names of their own, the columns that they
//! want to see, and how close the rows stand. Nothing is allowed or refused because of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::id::id;

/// How many filters a person may save for each list.
pub const MOST_FILTERS: usize = 30;
/// The most bytes of what a saved filter says.
const LONGEST: usize = 2000;

id!(
    /// What a person calls a filter that they have saved.
    FilterName,
    "a name of a filter (1 to 60 characters, none of them hidden)",
    |text| {
        (1..=60).contains(&text.chars().count())
            && text.trim() == text
            && !text.chars().any(crate::foreign::is_hidden)
    }
);

/// A list that can be set up.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OwnList {
    /// The list of certificates.
    Certificates,
    /// The list of findings.
    Findings,
}

impl OwnList {
    /// The name in URLs and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The columns that can be left out. What a row is named by, and what it is chosen with, always stay.
    pub fn columns(self) -> &'static [ListColumn] {
        use ListColumn::{Authority, Device, Expires, FirstSeen, Issued, Severity, State, Status, Subject};
        match self {
            Self::Certificates => &[Device, Subject, Authority, Issued, Expires, Status],
            Self::Findings => &[Severity, Device, State, Issued, FirstSeen],
        }
    }
}

/// A column that can be left out.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ListColumn {
    /// The device, and of a finding its authority too.
    Device,
    /// The subject's distinguished name.
    Subject,
    /// The authority that issued it.
    Authority,
    /// When the certificate was issued.
    Issued,
    /// The end of the certificate's validity.
    Expires,
    /// Active, expiring, expired or revoked.
    Status,
    /// How bad the finding is.
    Severity,
    /// Where the finding's handling is, and who has it in hand.
    State,
    /// When the finding was first seen.
    FirstSeen,
}

impl ListColumn {
    /// The name in forms and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What the column's head says in this list.
    pub fn label(self, list: OwnList) -> &'static str {
        match (self, list) {
            (Self::Device, OwnList::Findings) => "Device and authority",
            (Self::Device, OwnList::Certificates) => "Device",
            (Self::Subject, _) => "Subject",
            (Self::Authority, _) => "Authority",
            (Self::Issued, _) => "Issued",
            (Self::Expires, _) => "Expires",
            (Self::Status, _) => "Status",
            (Self::Severity, _) => "Severity",
            (Self::State, _) => "State and owner",
            (Self::FirstSeen, _) => "First seen",
        }
    }
}

/// How close the rows of a list stand.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Density {
    /// With room between the rows.
    #[default]
    Comfortable,
    /// With little room between them.
    Compact,
}

impl Density {
    /// Every density, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in forms and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Comfortable => "Comfortable",
            Self::Compact => "Compact",
        }
    }
}

/// A filter with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    /// The name that its owner gave it.
    pub name: FilterName,
    /// The query of the list's address. It is read anew wherever it is used.
    pub query: String,
}

/// One list as a person has set it up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListSettings {
    /// In the order in which they were saved, each name once.
    pub filters: Vec<SavedFilter>,
    /// The columns that are left out.
    pub hidden: BTreeSet<ListColumn>,
    /// How close its rows stand.
    pub density: Density,
}

/// All lists of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The list of certificates.
    pub certificates: ListSettings,
    /// The list of findings.
    pub findings: ListSettings,
}

/// Why a list is not set up so, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSetUp {
    /// There are [`MOST_FILTERS`] of this list already.
    #[error("You have {MOST_FILTERS} saved filters of this list. Delete one first.")]
    TooMany,
    /// Another filter of this list has the name.
    #[error("You have a filter of this name already.")]
    Taken,
    /// No filter of this list has the name.
    #[error("You have no such filter any more. Read the list again.")]
    Gone,
    /// The list is not narrowed: the query is empty.
    #[error("Narrow the list first: there is nothing to be saved.")]
    Nothing,
    /// The query has more than 2,000 bytes.
    #[error("This filter is too long to be saved. Take a part of it away.")]
    TooLong,
}

impl Preferences {
    /// One list, to read.
    pub fn of(&self, list: OwnList) -> &ListSettings {
        match list {
            OwnList::Certificates => &self.certificates,
            OwnList::Findings => &self.findings,
        }
    }

    /// One list, to change.
    pub fn of_mut(&mut self, list: OwnList) -> &mut ListSettings {
        match list {
            OwnList::Certificates => &mut self.certificates,
            OwnList::Findings => &mut self.findings,
        }
    }
}

impl ListSettings {
    /// Whether the column is to be seen.
    pub fn shows(&self, column: ListColumn) -> bool {
        !self.hidden.contains(&column)
    }

    /// Saves what the list is narrowed to now.
    ///
    /// # Errors
    /// There is nothing to save, or no room for it, or one of this name.
    pub fn save(&mut self, name: FilterName, query: String) -> Result<(), NotSetUp> {
        match () {
            () if query.is_empty() => Err(NotSetUp::Nothing),
            () if query.len() > LONGEST => Err(NotSetUp::TooLong),
            () if self.place(&name).is_some() => Err(NotSetUp::Taken),
            () if self.filters.len() >= MOST_FILTERS => Err(NotSetUp::TooMany),
            () => {
                self.filters.push(SavedFilter { name, query });
                Ok(())
            }
        }
    }

    /// Gives a saved filter another name.
    ///
    /// # Errors
    /// There is none of this name, or another one of the new name.
    pub fn rename(&mut self, name: &FilterName, to: FilterName) -> Result<(), NotSetUp> {
        if *name != to && self.place(&to).is_some() {
            return Err(NotSetUp::Taken);
        }
        let place = self.place(name).ok_or(NotSetUp::Gone)?;
        self.filters.iter_mut().skip(place).take(1).for_each(|filter| filter.name = to.clone());
        Ok(())
    }

    /// Forgets a saved filter.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn delete(&mut self, name: &FilterName) -> Result<(), NotSetUp> {
        let place = self.place(name).ok_or(NotSetUp::Gone)?;
        self.filters.remove(place);
        Ok(())
    }

    /// Shows these columns of `list`, and its rows so close.
    pub fn arrange(&mut self, list: OwnList, shown: &[ListColumn], density: Density) {
        self.hidden = list.columns().iter().filter(|column| !shown.contains(column)).copied().collect();
        self.density = density;
    }

    fn place(&self, name: &FilterName) -> Option<usize> {
        self.filters.iter().position(|filter| filter.name == *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FilterName {
        text.parse().unwrap()
    }

    #[test]
    fn a_filter_is_saved_once_renamed_and_deleted() {
        let mut list = ListSettings::default();
        assert_eq!(list.save(name("mine"), String::new()), Err(NotSetUp::Nothing));
        assert_eq!(list.save(name("mine"), "x".repeat(LONGEST + 1)), Err(NotSetUp::TooLong));
        list.save(name("mine"), "status=active".to_owned()).unwrap();
        assert_eq!(list.save(name("mine"), "status=revoked".to_owned()), Err(NotSetUp::Taken));
        list.save(name("other"), "status=revoked".to_owned()).unwrap();
        assert_eq!(list.rename(&name("mine"), name("other")), Err(NotSetUp::Taken));
        assert_eq!(list.rename(&name("none"), name("new")), Err(NotSetUp::Gone));
        list.rename(&name("mine"), name("mine")).unwrap();
        list.rename(&name("mine"), name("new")).unwrap();
        let known: Vec<_> = list.filters.iter().map(|one| (one.name.as_str(), one.query.as_str())).collect();
        assert_eq!(known, [("new", "status=active"), ("other", "status=revoked")]);
        assert_eq!(list.delete(&name("mine")), Err(NotSetUp::Gone));
        list.delete(&name("new")).unwrap();
        assert_eq!(list.filters.len(), 1);
        for number in 1..MOST_FILTERS {
            list.save(name(&format!("{number}")), "q=a".to_owned()).unwrap();
        }
        assert_eq!(list.save(name("one more"), "q=a".to_owned()), Err(NotSetUp::TooMany));
    }

    #[test]
    fn a_name_is_short_and_shows_all_that_is_in_it() {
        for good in ["a", "Ablaufend, DE-Süd", "<script>alert(1)</script>", &"é".repeat(60)] {
            assert!(good.parse::<FilterName>().is_ok(), "{good}");
        }
        for wrong in ["", " ", " a", "a\n", "a\u{202e}b", "a\0", &"x".repeat(61)] {
            assert!(wrong.parse::<FilterName>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn only_what_was_left_out_is_hidden() {
        for &list in OwnList::VARIANTS {
            let mut settings = ListSettings::default();
            assert!(list.columns().iter().all(|column| settings.shows(*column)));
            settings.arrange(list, &[ListColumn::Issued], Density::Compact);
            let shown: Vec<_> = list.columns().iter().filter(|column| settings.shows(**column)).collect();
            assert_eq!(shown, [&ListColumn::Issued]);
            settings.arrange(list, list.columns(), Density::Comfortable);
            assert_eq!(settings, ListSettings::default());
        }
    }
}
