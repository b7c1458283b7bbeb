//! Key facts: a description list, label muted, value strong.

use leptos::prelude::*;

use super::copy::CopyButton;

/// Holds [`Fact`]s, in two columns where the page is wide enough.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// A label within a sentence: "Serial number" as "serial number"; "ARN" and "S3 object" stay.
fn noun(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => label.to_owned(),
    }
}

#[component]
pub fn Fact(
    label: &'static str,
    /// What the copy button takes, for anything one would paste into a shell.
    #[prop(optional, into)]
    copy: Option<String>,
    /// Over both columns: ARNs, hashes, subjects.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="fact" class:fact-wide=wide>
            <dt>{label}</dt>
            <dd>
                {children()}
                {copy.map(|value| view! { " " <CopyButton value what=noun(label) /> })}
            </dd>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::noun;

    #[test]
    fn a_label_is_a_noun_within_a_sentence() {
        let nouns = ["Serial number", "ARN", "S3 object", "", "É"].map(noun);
        assert_eq!(nouns, ["serial number", "ARN", "S3 object", "", "É"]);
    }
}
