//! Pages that ask again: every two seconds while work is under way, twice a minute while somebody waits for what takes
//! longer, and after something was done on them.

use std::time::Duration;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::AppError;

const EVERY: Duration = Duration::from_secs(2);
const SLOWLY: Duration = Duration::from_secs(30);

/// Loads the resource again and again while its value is `under_way`. Without JavaScript the page says how to look
/// again: give it a link to itself.
pub fn refresh_while<T>(
    resource: Resource<Result<T, AppError>>,
    under_way: impl Fn(&T) -> bool + Send + Sync + 'static,
) where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    refresh_every(EVERY, resource, under_way);
}

/// The same for what takes many minutes, or for ever.
pub fn refresh_slowly_while<T>(
    resource: Resource<Result<T, AppError>>,
    awaited: impl Fn(&T) -> bool + Send + Sync + 'static,
) where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    refresh_every(SLOWLY, resource, awaited);
}

fn refresh_every<T>(
    every: Duration,
    resource: Resource<Result<T, AppError>>,
    awaited: impl Fn(&T) -> bool + Send + Sync + 'static,
) where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    Effect::new(move || {
        let again = resource.with(|value| matches!(value, Some(Ok(value)) if awaited(value)));
        let timer = again.then(|| set_timeout_with_handle(move || resource.refetch(), every).ok()).flatten();
        on_cleanup(move || {
            if let Some(timer) = timer {
                timer.clear();
            }
        });
    });
}

/// Loads the resource anew after the action has changed it, or was refused because somebody else had.
pub fn reload_after<T, S>(resource: Resource<Result<T, AppError>>, action: ServerAction<S>)
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    Effect::new(move || {
        let changed =
            action.value().with(|value| matches!(value, Some(Ok(_)) | Some(Err(AppError::Conflict { .. }))));
        if changed {
            resource.refetch();
        }
    });
}
