//! Help: the documents of the repository as pages. Which of their sections says what a page is: `crate::what_is`.

mod documents;
mod links;
mod markdown;
mod page;

pub use documents::{DOCUMENTS, Document};
pub use markdown::headings;
pub use page::{HelpDocumentPage, HelpPage, Page};
