//! Three ways in which Leptos lets foreign text through unescaped.

/// A comment on the line above that vouches for a link which the rule does not recognise.
const VOUCHED: &str = "// safe link:";

/// The line numbers at which a view lets text through raw, each with what to do instead.
pub fn traps(text: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    let mut above = "";
    for (index, line) in text.lines().enumerate() {
        let code = line.trim();
        if !code.starts_with("//") {
            if code.contains("inner_html") {
                found.push((index + 1, "inner_html is not escaped; render views"));
            }
            if code.contains("textarea()") {
                found
                    .push((index + 1, "write <textarea prop:value=…></textarea>, so that this lint sees it"));
            }
            if !above.starts_with(VOUCHED) && unknown_link(code) {
                found.push((
                    index + 1,
                    "links come from crate::paths; else say above why it is a `// safe link:`",
                ));
            }
        }
        above = code;
    }
    for (end, _) in text.match_indices("</textarea") {
        let inside = text[..end].trim_end();
        let last = inside.lines().next_back().unwrap_or_default().trim();
        // `app::typed` says how.
        let escapes = last.starts_with("{escaped(") && last.ends_with(")}");
        if !inside.ends_with('>') && !escapes {
            found.push((
                text[..end].lines().count(),
                "children of <textarea> are not escaped; use crate::typed::escaped",
            ));
        }
    }
    found
}

/// Whether a line sets a link to something else than a literal or a path of ours.
fn unknown_link(line: &str) -> bool {
    ["href", "src", "formaction", "xlink:href"].iter().any(|attribute| {
        line.match_indices(attribute).any(|(at, _)| {
            let starts_word = !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_:-.".contains(c));
            let Some(value) = line[at + attribute.len()..].strip_prefix('=').filter(|_| starts_word) else {
                return false;
            };
            let value = value
                .trim_start_matches(['{', ' '])
                .trim_start_matches("move || ")
                .trim_start_matches("crate::");
            !value.starts_with('"') && !value.starts_with("paths::")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::traps;

    fn lines(text: &str) -> Vec<usize> {
        traps(text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn data_inside_a_textarea_is_found_across_lines() {
        assert_eq!(lines("<textarea name=\"why\">\n  {text}\n</textarea>"), [2]);
        assert_eq!(lines("<textarea>\"words\"</textarea>"), [1]);
        assert_eq!(lines("textarea().child(text)"), [1]);
        assert!(lines("<textarea>\n{escaped(&text)}\n</textarea>").is_empty());
        assert_eq!(lines("<textarea>\n{escaped(&a)}{b}\n</textarea>"), [2]);
        assert!(lines("<textarea\n name=\"why\"\n prop:value=move || text.get()\n>\n</textarea>").is_empty());
    }

    #[test]
    fn raw_html_is_found() {
        assert_eq!(lines("\n<p inner_html=text/>"), [2]);
        assert!(lines("// inner_html is forbidden").is_empty());
    }

    #[test]
    fn links_are_literals_or_paths() {
        for good in [
            "<a href=\"/findings\">",
            "<a href=paths::finding(&id)>",
            "<a href={paths::finding(&id)} class=\"x\">",
            "<a href=move || crate::paths::finding(&id.get())>",
            "<A attr:class=\"x\" href=\"/a\">",
            "// safe link: built by paths::page above\n<a href=next>",
            "let href = finding.href();",
        ] {
            assert!(lines(good).is_empty(), "{good}");
        }
        for bad in [
            "<a href=url>",
            "<a href={url}>",
            "<img src=url>",
            "<a href=move || url.get()>",
            "<a href=format!(\"{url}\")>",
        ] {
            assert_eq!(lines(bad), [1], "{bad}");
        }
    }
}
