//! Help: the documents of the repository as pages, and which of their sections says what a page of the console is.

mod documents;
mod links;
mod markdown;
mod page;
mod sections;

pub use documents::{DOCUMENTS, Document};
pub use markdown::headings;
pub use page::{HelpDocumentPage, HelpPage, Page};
pub use sections::{SECTIONS, section};
