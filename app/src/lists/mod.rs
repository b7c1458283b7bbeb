//! What people set up for themselves on a list: filters under names of their own, the columns, and how close the rows stand.

mod api;
mod files;
mod saved;
mod set_up;

pub use api::{ArrangeList, DeleteFilter, RenameFilter, SaveFilter};
pub use files::Files;
pub use saved::SavedFilters;
pub use set_up::{ListForms, SetUpList};
