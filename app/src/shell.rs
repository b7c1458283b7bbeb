//! The HTML document around the app. Server only.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::assets;
use crate::routes::App;
use crate::session::use_viewer;

pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=use_viewer().theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                // safe link: a file of the site
                <link rel="stylesheet" href=assets::style() />
                <HydrationScripts options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
