//! Markdown as views: no HTML of a document's own gets through, and headings have the names that links on code forges use.

use std::collections::HashMap;

use leptos::prelude::*;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag};

use super::documents::Document;
use super::links::{Target, target};

/// A heading, for the table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    pub level: HeadingLevel,
    pub id: String,
    pub text: String,
}

fn parser(body: &str) -> Parser<'_> {
    Parser::new_ext(body, Options::ENABLE_TABLES)
}

/// All headings, in their order.
pub fn headings(body: &str) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut open = false;
    for event in parser(body) {
        match (event, found.last_mut()) {
            (Event::Start(Tag::Heading { level, .. }), _) => {
                open = true;
                found.push(Heading { level, id: String::new(), text: String::new() });
            }
            (Event::Text(text) | Event::Code(text), Some(heading)) if open => heading.text.push_str(&text),
            (Event::End(pulldown_cmark::TagEnd::Heading(_)), Some(heading)) => {
                open = false;
                let name = name(&heading.text);
                let seen = names.entry(name.clone()).or_default();
                heading.id = if *seen == 0 { name } else { format!("{name}-{seen}") };
                *seen += 1;
            }
            _ => (),
        }
    }
    found
}

/// Lower case, spaces as dashes, no other signs.
fn name(heading: &str) -> String {
    let kept = heading.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|sign| if sign == ' ' { '-' } else { sign }).collect()
}

/// What is open: its kind and what it has so far.
struct Open<'a> {
    tag: Option<Tag<'a>>,
    children: Vec<AnyView>,
}

/// A document below its title.
pub fn render(document: &Document, body: &str) -> AnyView {
    let mut ids = headings(body).into_iter().map(|heading| heading.id);
    let mut open = vec![Open { tag: None, children: Vec::new() }];
    let (mut columns, mut column, mut in_head) = (Vec::new(), 0, false);
    for event in parser(body) {
        let view = match event {
            Event::Start(tag) => {
                match &tag {
                    Tag::Table(alignments) => columns.clone_from(alignments),
                    Tag::TableHead => (column, in_head) = (0, true),
                    Tag::TableRow => (column, in_head) = (0, false),
                    _ => (),
                }
                open.push(Open { tag: Some(tag), children: Vec::new() });
                continue;
            }
            Event::End(_) => {
                let Some(Open { tag: Some(tag), children }) = open.pop() else { continue };
                match tag {
                    Tag::Heading { level, .. } => heading(level, ids.next().unwrap_or_default(), children),
                    Tag::TableCell => {
                        let numeric = columns.get(column) == Some(&Alignment::Right);
                        column += 1;
                        cell(in_head, numeric, children)
                    }
                    tag => element(document, tag, children),
                }
            }
            Event::Code(text) => view! { <code>{text.to_string()}</code> }.into_any(),
            Event::SoftBreak => " ".into_any(),
            Event::HardBreak => view! { <br /> }.into_any(),
            Event::Rule => view! { <hr /> }.into_any(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => text.to_string().into_any(),
            _ => continue,
        };
        if let Some(parent) = open.last_mut() {
            parent.children.push(view);
        }
    }
    open.pop().map_or_else(|| ().into_any(), |root| root.children.collect_view().into_any())
}

fn heading(level: HeadingLevel, id: String, children: Vec<AnyView>) -> AnyView {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => view! { <h2 id=id>{children}</h2> }.into_any(),
        HeadingLevel::H3 => view! { <h3 id=id>{children}</h3> }.into_any(),
        _ => view! { <h4 id=id>{children}</h4> }.into_any(),
    }
}

fn cell(in_head: bool, numeric: bool, children: Vec<AnyView>) -> AnyView {
    let class = numeric.then_some("num");
    match in_head {
        true => view! { <th scope="col" class=class>{children}</th> }.into_any(),
        false => view! { <td class=class>{children}</td> }.into_any(),
    }
}

fn element(document: &Document, tag: Tag<'_>, children: Vec<AnyView>) -> AnyView {
    match tag {
        Tag::Paragraph => view! { <p>{children}</p> }.into_any(),
        Tag::BlockQuote(_) => view! { <blockquote>{children}</blockquote> }.into_any(),
        Tag::CodeBlock(kind) => {
            let language = match kind {
                CodeBlockKind::Fenced(language) if !language.is_empty() => format!("Code, {language}"),
                _ => "Code".to_owned(),
            };
            // It scrolls: the keyboard must reach it.
            view! { <pre tabindex="0" role="region" aria-label=language><code>{children}</code></pre> }
                .into_any()
        }
        Tag::List(Some(start)) => view! { <ol start=start.to_string()>{children}</ol> }.into_any(),
        Tag::List(None) => view! { <ul>{children}</ul> }.into_any(),
        Tag::Item => view! { <li>{children}</li> }.into_any(),
        Tag::Table(_) => view! {
            <div class="help-table" tabindex="0" role="region" aria-label="Table">
                <table>{children}</table>
            </div>
        }
        .into_any(),
        Tag::TableHead => view! { <thead><tr>{children}</tr></thead> }.into_any(),
        Tag::TableRow => view! { <tr>{children}</tr> }.into_any(),
        Tag::Emphasis => view! { <em>{children}</em> }.into_any(),
        Tag::Strong => view! { <strong>{children}</strong> }.into_any(),
        Tag::Link { dest_url, .. } => match target(document, &dest_url) {
            // safe link: of a document of ours, resolved by links.rs
            Target::Here(href) => view! { <a href=href>{children}</a> }.into_any(),
            // safe link: of a document of ours, and https
            Target::Elsewhere(href) => view! { <a href=href rel="noreferrer">{children}</a> }.into_any(),
            Target::File => children.collect_view().into_any(),
        },
        // Pictures are not part of the site; their words are.
        Tag::Image { .. } => view! { <em>{children}</em> }.into_any(),
        _ => children.collect_view().into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_named_as_links_name_them() {
        let body = "## 0. Is it one?\n\ntext\n\n## The `ledger`: what & why\n\n### Same\n\n### Same\n";
        let ids: Vec<String> = headings(body).into_iter().map(|heading| heading.id).collect();
        assert_eq!(ids, ["0-is-it-one", "the-ledger-what--why", "same", "same-1"]);
    }
}
