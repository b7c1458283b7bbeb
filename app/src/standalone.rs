//! Pages outside the app, for the server program: whoever sees them has no session, no role, or a broken request.
//! Plain HTML without scripts, in the look of the rest.

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use leptos::prelude::*;

use crate::assets;
use crate::error::Correlation;
use crate::paths;
use crate::theme::Theme;
use crate::ui::layout::BrandMark;

/// One such page: say it with one of the constructors, then [`Standalone::respond`].
pub struct Standalone {
    status: StatusCode,
    title: &'static str,
    text: String,
    way_on: WayOn,
}

/// A form that did not get through, to be sent again: where to, how, and its fields.
#[derive(Clone, Debug)]
pub struct Again {
    pub action: String,
    /// The page that it was filled in on, where an error leads back to.
    pub page: Option<String>,
    pub is_multipart: bool,
    pub fields: Vec<(String, String)>,
}

enum WayOn {
    SignIn,
    /// In another tab, and then send this once more.
    SendAgain(Again),
    SignOut,
    Overview,
}

impl Standalone {
    /// Signed in, but none of the groups gives a role.
    pub fn no_role(name: &str) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            title: "You have no role here",
            text: format!(
                "You are signed in as {name}, and none of your groups gives you a role in Countersign. Ask whoever manages your groups to add you as auditor, operator or approver, then sign in again."
            ),
            way_on: WayOn::SignOut,
        }
    }

    /// The role does not cover what was asked for; `reason` says who may.
    pub fn forbidden(reason: &str) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            title: "Not for your role",
            text: reason.to_owned(),
            way_on: WayOn::Overview,
        }
    }

    /// The request did not come from a page of this console.
    pub fn cross_site() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            title: "This did not come from here",
            text: "The form was sent from another site, or your browser hides where it comes from. Nothing was changed.".to_owned(),
            way_on: WayOn::Overview,
        }
    }

    pub fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            title: "No such page",
            text: "Check the address, or start from the overview.".to_owned(),
            way_on: WayOn::Overview,
        }
    }

    /// What was asked for cannot be had as things stand; `why` says what they are.
    pub fn not_now(why: &str) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            title: "Not as things stand",
            text: why.to_owned(),
            way_on: WayOn::Overview,
        }
    }

    pub fn too_large() -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            title: "Too much at once",
            text:
                "The form is larger than the console takes. Nothing was changed. Split it and send the parts."
                    .to_owned(),
            way_on: WayOn::Overview,
        }
    }

    /// Somebody asks for too much in a short time; `when` says when they may ask again.
    pub fn too_many(when: &str) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            title: "Too many requests",
            text: when.to_owned(),
            way_on: WayOn::Overview,
        }
    }

    /// `sent`: the form with which that was found out.
    pub fn session_ended(sent: Option<Again>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            title: "Sign in again",
            text: "Your session has ended. Nothing was changed.".to_owned(),
            way_on: sent.map_or(WayOn::SignIn, WayOn::SendAgain),
        }
    }

    /// `everywhere`: at the identity provider as well.
    pub fn signed_out(everywhere: bool) -> Self {
        let text = match everywhere {
            true => "Your session has ended here and at the identity provider.",
            false => {
                "Your session has ended here. At the identity provider you may still be signed in: end that there if others use this browser."
            }
        };
        Self { status: StatusCode::OK, title: "Signed out", text: text.to_owned(), way_on: WayOn::SignIn }
    }

    /// The identity provider's answer was refused; the log says why under this id. `advice`: what would help, in a sentence or
    /// two.
    pub fn sign_in_failed(correlation: &Correlation, advice: Option<&str>) -> Self {
        let advice = advice.unwrap_or("Try again.");
        Self {
            status: StatusCode::BAD_REQUEST,
            title: "Signing in did not work",
            text: format!(
                "The answer of the identity provider could not be accepted. {advice} If it stays, report the id {correlation}."
            ),
            way_on: WayOn::SignIn,
        }
    }

    /// The identity provider has not answered yet.
    pub fn sign_in_unavailable() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "Sign-in is not available",
            text: "The identity provider does not answer, so nobody can sign in at the moment. The console goes on trying: try again in a minute. If it stays, tell whoever runs the console; its log says why.".to_owned(),
            way_on: WayOn::SignIn,
        }
    }

    /// Something broke; the log says what under this id.
    pub fn broken(correlation: &Correlation) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "This went wrong on our side",
            text: format!(
                "The console could not finish what you asked for. Try again; if it stays, report the id {correlation}."
            ),
            way_on: WayOn::Overview,
        }
    }

    /// The page, in the theme that the request's cookie asks for.
    pub fn respond(self, headers: &HeaderMap) -> Response {
        (self.status, Html(self.html(Theme::from_cookies(headers)))).into_response()
    }

    fn html(self, theme: Theme) -> String {
        let way_on = match self.way_on {
            WayOn::SignIn => view! { <p><a class="button button-primary" href=paths::sign_in(paths::OVERVIEW)>"Sign in"</a></p> }.into_any(),
            WayOn::SendAgain(sent) => send_again(sent).into_any(),
            WayOn::Overview => view! { <p><a class="button" href=paths::OVERVIEW>"Go to the overview"</a></p> }.into_any(),
            WayOn::SignOut => view! {
                <form method="post" action=paths::SIGN_OUT>
                    <button type="submit" class="button button-primary">"Sign out"</button>
                </form>
            }
            .into_any(),
        };
        let owner = Owner::new();
        owner.with(|| {
            view! {
                <!DOCTYPE html>
                <html lang="en" data-theme=theme.attribute()>
                    <head>
                        <meta charset="utf-8" />
                        <meta name="viewport" content="width=device-width, initial-scale=1" />
                        // One text: between two there would be a mark for the browser program.
                        <title>{format!("{} · Countersign", self.title)}</title>
                        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                        // safe link: a file of the site
                        <link rel="stylesheet" href=assets::style() />
                    </head>
                    <body class="alone">
                        <main>
                            <p class="brand"><BrandMark /> "Countersign"</p>
                            <h1>{self.title}</h1>
                            <p>{self.text}</p>
                            {way_on}
                        </main>
                    </body>
                </html>
            }
            .to_html()
        })
    }
}

/// Says in the address of a form that is sent once more which page it was filled in on: the one that sends it is none.
pub const FROM: &str = "from";

/// What was typed, and the form with it. The sign-in takes another tab: this page is where it is.
fn send_again(sent: Again) -> impl IntoView {
    let Again { action, page, is_multipart, fields } = sent;
    let page =
        page.map(|page| form_urlencoded::Serializer::new(String::new()).append_pair(FROM, &page).finish());
    let action = page.map_or(action.clone(), |page| format!("{action}?{page}"));
    // What people write has blanks; ids, hashes and choices have none.
    let written = fields.iter().map(|(_, value)| value.clone()).filter(|value| value.contains([' ', '\n']));
    let written = written.map(|value| view! { <pre class="written">{value}</pre> }).collect_view();
    let hidden = |(name, value): (String, String)| view! { <input type="hidden" name=name value=value /> };
    let enctype = if is_multipart { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
    view! {
        <p>"What you typed is still here. Sign in in another tab, come back to this one, and send it again."</p>
        <p>
            <a class="button button-primary" href=paths::sign_in(paths::OVERVIEW) target="_blank" rel="noopener">
                "Sign in in another tab"
            </a>
        </p>
        <form method="post" action=action enctype=enctype>
            {fields.into_iter().map(hidden).collect_view()}
            {written}
            <button type="submit" class="button">
                "Send it again"
            </button>
        </form>
    }
}
