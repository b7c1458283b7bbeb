//! When a report was made: said, or the time of its file if its rows bear that out.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use domain::Timestamp;

use super::{Files, OfflineError};

/// Clocks differ, and people leave out the seconds.
const SLACK: Duration = Duration::from_secs(60);
/// A file that is this much newer than its newest row may have been copied long after the report was made.
const FAR: Duration = Duration::from_secs(86_400);

/// The time of a file.
pub(super) fn modified(path: &Path) -> Result<Timestamp, OfflineError> {
    let error = |source| OfflineError::File { path: path.to_path_buf(), error: source };
    let time = std::fs::metadata(path).and_then(|data| data.modified()).map_err(error)?;
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ok(Timestamp::from_unix(i64::try_from(seconds).unwrap_or(0)).unwrap_or(Timestamp::EPOCH))
}

/// The time by which a report is judged that is said to be made then, or whose file has that time. `newest` is when something
/// in it happened last. A guess is taken down to the first moment at which all of its rows can be judged: what the inventory
/// says of later times is then too young, and no finding rests on the guess.
pub(super) fn checked(
    files: &Files,
    made: Timestamp,
    newest: Option<Timestamp>,
) -> Result<Timestamp, OfflineError> {
    let refused = |reason| Err(OfflineError::CreatedAt { path: files.report.clone(), reason });
    let (what, guessed) = match files.report_created_at {
        Some(_) => ("it was made, as --report-created-at says,", false),
        None => ("its file is", true),
    };
    match newest {
        Some(newest) if newest > made.plus(SLACK) => {
            let (made, newest) = (made.absolute(), newest.absolute());
            refused(format!("{what} of {made}, but it tells of something that happened at {newest}"))
        }
        _ if !guessed => Ok(made),
        None => refused("it has no rows that would bear out the time of its file".to_owned()),
        Some(newest) if made.since(newest) > FAR => {
            let (made, newest) = (made.absolute(), newest.absolute());
            refused(format!(
                "its file is of {made}, but its newest row is of {newest}: it may have been copied long after"
            ))
        }
        Some(newest) => Ok(made.min(newest.plus(files.grace))),
    }
}
