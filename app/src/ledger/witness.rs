//! How far somebody outside has seen the log.

use domain::views::{Cosigned, Witnessed};

use crate::ui::{count, visible};

/// In words, as the end of a sentence.
pub(super) fn seen(of: &Witnessed) -> String {
    let witness = visible(&of.witness);
    match &of.seen {
        Ok(Some(Cosigned { size, at })) => {
            format!("{witness} has cosigned {} entries at {}", count(*size), at.absolute())
        }
        Ok(None) => format!("{witness} has cosigned nothing yet"),
        Err(why) => format!("what {witness} has left is not to be believed: {}", visible(why)),
    }
}
