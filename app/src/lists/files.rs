//! A list as a file: all that match, whatever the page.

use domain::preferences::ListSettings;
use domain::views::ExportFormat;
use leptos::prelude::*;

use crate::paths;
use crate::queries::Exported;
use crate::ui::LinkButton;

#[component]
pub fn Files(
    of: Exported,
    /// Of a list that people set up for themselves: the file has the columns that they see.
    #[prop(optional)]
    settings: ListSettings,
) -> impl IntoView {
    let columns = of.list().chosen(&settings);
    let file = |(label, format)| {
        let href = paths::export(&of, format, columns.as_deref());
        // safe link: from crate::paths above
        view! { <LinkButton href>{label}</LinkButton> }
    };
    [("Download as CSV", ExportFormat::Csv), ("As JSON Lines", ExportFormat::JsonLines)]
        .map(file)
        .collect_view()
}
