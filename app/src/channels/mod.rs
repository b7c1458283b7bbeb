//! The channels through which people are told, and how each fares.

mod api;
mod page;

pub use api::TestChannel;
pub use page::{Channels, ChannelsPage};
