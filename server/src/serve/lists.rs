//! Lists of certificates, pasted or as a file: the one form that browsers send as `multipart/form-data`, with JavaScript and
//! without. Each leads to the page of its dry run, or back to the form with what is wrong.

use app::error::{AppError, sent_back};
use app::paths;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Extension, Router};
use console::Console;
use domain::views::Selection;
use domain::{Actor, AuthorityId};

use super::guard::LARGEST_BODY;

/// The route; what it demands is in the guard's table.
pub fn routes(console: Console) -> anyhow::Result<Router> {
    let limit = DefaultBodyLimit::max(usize::try_from(LARGEST_BODY)?);
    Ok(Router::new().route(paths::LISTS, post(take)).layer(limit).with_state(console))
}

async fn take(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    form: Multipart,
) -> Response {
    let address = match keep(&console, &actor, form).await {
        Ok(address) => address,
        Err(error) => sent_back(paths::NEW_REVOCATION, paths::LISTS, &error),
    };
    Redirect::to(&address).into_response()
}

/// The address of the page that the list leads to.
async fn keep(console: &Console, actor: &Actor, mut form: Multipart) -> Result<String, AppError> {
    let broken = |_: MultipartError| AppError::invalid("", "The form came incomplete. Send it again.");
    let (mut authority, mut pasted, mut file) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(broken)?;
        match name.as_str() {
            "authority" => authority = std::str::from_utf8(&bytes).ok().and_then(|id| id.parse().ok()),
            "serials" => pasted = Some(bytes).filter(|bytes| !bytes.trim_ascii().is_empty()),
            "file" => file = Some(bytes).filter(|bytes| !bytes.is_empty()),
            _ => {}
        }
    }
    let authority: AuthorityId =
        authority.ok_or_else(|| AppError::invalid("authority", "Choose an authority."))?;
    let list = match (pasted, file) {
        (Some(list), None) | (None, Some(list)) => list,
        (None, None) => {
            return Err(AppError::invalid("serials", "Paste at least one serial number, or choose a file."));
        }
        (Some(_), Some(_)) => {
            return Err(AppError::invalid("serials", "Paste a list or choose a file, not both."));
        }
    };
    let id = console.keep_list(actor, &authority, &list).await?;
    Ok(paths::revoke_all(Some(&authority), &Selection::List { id, despite_unread: false }))
}
