//! JSON for people: the same octets with line breaks and indentation between them. Order, numbers and spelling stay as
//! they were, for the record is evidence.

/// Deeper than this, lines are no longer indented further.
const DEEPEST: usize = 40;

/// Sets each member and element on a line of its own. Text that is no JSON comes out with other white space, no worse.
pub(super) fn indent(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth: usize = 0;
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        if in_string {
            text.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' => {
                text.push(c);
                while rest.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                match rest.next_if(|next| matches!((c, next), ('{', '}') | ('[', ']'))) {
                    Some(end) => text.push(end),
                    None => {
                        depth += 1;
                        line(&mut text, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            c if c.is_ascii_whitespace() => (),
            c => {
                in_string = c == '"';
                text.push(c);
            }
        }
    }
    text
}

fn line(text: &mut String, depth: usize) {
    text.push('\n');
    (0..depth.min(DEEPEST)).for_each(|_| text.push_str("  "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_its_order_and_its_numbers() {
        let json = r#"{"z":1.10,"a": [ ],"b":{"q":"x, \"y\": {\\"},"n":[1,12345678901234567890123],"e":{}}"#;
        let text = indent(json);
        let expected = "{\n  \"z\": 1.10,\n  \"a\": [],\n  \"b\": {\n    \"q\": \"x, \\\"y\\\": {\\\\\"\n  },\n  \"n\": [\n    1,\n    12345678901234567890123\n  ],\n  \"e\": {}\n}";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_no_json_or_too_deep_does_no_harm() {
        assert_eq!(indent("\"never ends"), "\"never ends");
        assert_eq!(indent("}]"), "\n}\n]");
        assert!(indent(&"[".repeat(100_000)).len() < 100_000 * 100);
    }
}
