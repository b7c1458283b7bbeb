//! Lists. A real table; its rows and cells are plain `<tr>`, `<th scope="row">` and `<td>` of the page.

use std::borrow::Cow;

use domain::preferences::Density;
use leptos::prelude::*;

use super::icon::Icon;

/// The order a column is in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Ascending,
    Descending,
}

/// A column's head.
#[derive(Clone, Debug)]
pub struct Column {
    label: Cow<'static, str>,
    number: bool,
    sort: Option<(String, Option<Sort>)>,
}

impl Column {
    pub fn text(label: impl Into<Cow<'static, str>>) -> Self {
        Self { label: label.into(), number: false, sort: None }
    }

    /// Stands to the right; give its cells `class="num"`.
    pub fn number(label: impl Into<Cow<'static, str>>) -> Self {
        Self { number: true, ..Self::text(label) }
    }

    /// Sorts by a link to `href`; `now` is the order the list has by this column, if any.
    pub fn sorted(self, href: String, now: Option<Sort>) -> Self {
        Self { sort: Some((href, now)), ..self }
    }

    fn head(self) -> impl IntoView {
        let Self { label, number, sort } = self;
        let order = sort.as_ref().and_then(|(_, now)| *now).map(|now| match now {
            Sort::Ascending => ("ascending", Icon::Up),
            Sort::Descending => ("descending", Icon::Down),
        });
        let icon = order.map_or(Icon::Sort, |(_, icon)| icon);
        let label = match sort {
            // safe link: the page's, from crate::paths
            Some((href, _)) => view! { <a href=href>{label} {icon.draw()}</a> }.into_any(),
            None => label.into_any(),
        };
        view! {
            <th scope="col" class:num=number aria-sort=order.map(|(word, _)| word)>
                {label}
            </th>
        }
    }
}

/// A table in a frame that scrolls by itself; the children are its rows. For no rows show [`super::Empty`] instead.
#[component]
pub fn Table(
    /// What is listed, for those who cannot see the heading above.
    #[prop(into)]
    caption: String,
    columns: Vec<Column>,
    #[prop(optional)] density: Density,
    children: Children,
) -> impl IntoView {
    let label = caption.clone();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=label>
            <table class="table" class:compact=density == Density::Compact>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{columns.into_iter().map(Column::head).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
