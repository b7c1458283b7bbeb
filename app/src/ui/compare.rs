//! Two or three records of one certificate side by side. Equal values are quiet; a value that differs is marked.

use leptos::prelude::*;

use super::foreign::visible;

/// One line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub label: &'static str,
    /// One value a side, in the order of the sides; `None` = this side does not say.
    pub values: Vec<Option<String>>,
    /// Written differently, and the same nonetheless.
    alike: bool,
}

impl Compared {
    pub fn new(label: &'static str, values: impl Into<Vec<Option<String>>>) -> Self {
        Self { label, values: values.into(), alike: false }
    }

    /// What differs in this line is within what counts as the same.
    pub fn alike(self, alike: bool) -> Self {
        Self { alike, ..self }
    }

    /// The sides that speak do not all say the same.
    fn differs(&self) -> bool {
        let mut said = self.values.iter().flatten();
        !self.alike && said.next().is_some_and(|first| said.any(|other| other != first))
    }
}

#[component]
pub fn Compare(
    /// What is compared, for the caption.
    #[prop(into)]
    caption: String,
    /// The records' names, such as "Report" and "Inventory", each with whether it exists at all.
    sides: Vec<(&'static str, bool)>,
    lines: Vec<Compared>,
) -> impl IntoView {
    let exists: Vec<bool> = sides.iter().map(|(_, exists)| *exists).collect();
    let line = move |line: Compared| {
        let differs = line.differs();
        let cells = line.values.into_iter().zip(exists.clone()).map(|(value, exists)| match value {
            Some(value) if differs => {
                view! { <td class="mono"><mark>{visible(&value)}</mark></td> }.into_any()
            }
            Some(value) => view! { <td class="mono">{visible(&value)}</td> }.into_any(),
            None if exists => view! { <td class="absent">"not recorded"</td> }.into_any(),
            None => view! { <td class="absent">"no record"</td> }.into_any(),
        });
        view! {
            <tr class:differs=differs>
                <th scope="row">
                    {line.label}
                    {differs.then(|| view! { <span class="visually-hidden">" (differs)"</span> })}
                </th>
                {cells.collect_view()}
            </tr>
        }
    };
    let heads = sides.into_iter().map(|(name, exists)| {
        view! {
            <th scope="col">
                {name}
                {(!exists).then_some(": none")}
            </th>
        }
    });
    let label = caption.clone();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=label>
            <table class="table compare">
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Field"</th>
                        {heads.collect_view()}
                    </tr>
                </thead>
                <tbody>{lines.into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sides_that_speak_can_differ() {
        let line = |values: [Option<&str>; 3]| Compared::new("Subject", values.map(|v| v.map(str::to_owned)));
        assert!(line([Some("a"), Some("b"), None]).differs());
        assert!(!line([Some("a"), Some("b"), None]).alike(true).differs());
        assert!(line([Some("a"), None, Some("b")]).differs());
        assert!(!line([Some("a"), Some("a"), None]).differs());
        assert!(!line([None, None, None]).differs());
    }
}
