//! HTML laid out to be read and compared: a line for each block, without the marks for the browser program, the scripts
//! and the drawings of icons.

/// Elements that begin a line.
const BLOCKS: [&str; 43] = [
    "article", "body", "button", "caption", "dd", "details", "div", "dl", "dt", "fieldset", "footer", "form",
    "h1", "h2", "h3", "head", "header", "html", "input", "label", "legend", "li", "link", "main", "meta",
    "nav", "noscript", "ol", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td",
    "textarea", "th", "thead", "title", "tr", "ul",
];
/// Those of them that have no end.
const VOID: [&str; 3] = ["input", "link", "meta"];

#[derive(Default)]
struct Lines {
    done: Vec<String>,
    line: String,
    /// How deep the line stands.
    depth: usize,
}

impl Lines {
    fn add(&mut self, text: &str, depth: usize) {
        if self.line.is_empty() {
            self.depth = depth;
        }
        self.line.push_str(text);
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.trim().is_empty() {
            self.done.push("  ".repeat(self.depth) + line.trim());
        }
    }
}

pub fn laid_out(html: &str) -> String {
    let mut lines = Lines::default();
    // The blocks that have begun, each with whether a block stands in it.
    let mut open = Vec::<bool>::new();
    let mut rest = html;
    while !rest.is_empty() {
        let token = next(rest);
        rest = &rest[token.len()..];
        let name = token.trim_start_matches(['<', '/']).split([' ', '>']).next().unwrap_or_default();
        if token.starts_with("<!--") || token == "<!>" {
        } else if matches!(name, "svg" | "script") {
            rest = rest.split_once(&format!("</{name}>")).unwrap().1;
            lines.add(if name == "svg" { "<svg>" } else { "" }, open.len());
        } else if !token.starts_with('<') || !BLOCKS.contains(&name) {
            lines.add(token, open.len());
        } else if token.starts_with("</") {
            if open.pop().unwrap() {
                lines.end();
            }
            lines.add(token, open.len());
            lines.end();
        } else {
            lines.end();
            lines.add(token, open.len());
            if let Some(parent) = open.last_mut() {
                *parent = true;
            }
            match VOID.contains(&name) {
                true => lines.end(),
                false => open.push(false),
            }
        }
    }
    lines.end();
    lines.done.join("\n")
}

/// The text or the tag at the beginning.
fn next(html: &str) -> &str {
    let end = match html.starts_with('<') {
        true if html.starts_with("<!--") => html.find("-->").map(|at| at + 3),
        true => html.find('>').map(|at| at + 1),
        false => html.find('<'),
    };
    &html[..end.unwrap_or(html.len())]
}

#[test]
fn blocks_are_lines() {
    let html =
        "<div><!--<() />--><p>one<!> <b>two</b></p>three<ul><li>four</li></ul><svg><path></path></svg></div>";
    let expected = [
        "<div>",
        "  <p>one <b>two</b></p>",
        "  three",
        "  <ul>",
        "    <li>four</li>",
        "  </ul>",
        "  <svg>",
        "</div>",
    ];
    assert_eq!(laid_out(html), expected.join("\n"));
}
