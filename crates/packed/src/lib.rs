//! Records by the million in memory: each packed into some dozens of bytes, sorted by serial number, unpacked one by one.
//!
//! Knows reports' rows and inventories' items, and nothing of where they come from or what is made of them.

mod batch;
mod bytes;
mod records;
mod sorted;

pub use batch::{Batch, Pack};
pub use records::{Laid, Record};
pub use sorted::{Range, Sorted};

#[cfg(test)]
mod tests;
