//! Tests that sleep: either longer than needed or, on a slow day, not long enough. What is to come about is waited for.

use std::path::Path;

/// A comment on the line above that says why time itself is what the test is about.
const VOUCHED: &str = "// time passes:";

/// The line numbers of a test at which it sleeps.
pub fn sleeps(path: &Path, text: &str) -> Vec<usize> {
    if !path.components().any(|part| part.as_os_str() == "tests") {
        return Vec::new();
    }
    let (mut found, mut above) = (Vec::new(), "");
    for (index, line) in text.lines().enumerate() {
        let code = line.trim();
        let calls = |name: &str| code.match_indices(name).any(|(at, _)| !code[..at].ends_with('.'));
        if !code.starts_with("//")
            && !above.starts_with(VOUCHED)
            && (calls("sleep(") || calls("sleep_until("))
        {
            found.push(index + 1);
        }
        above = code;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_sleeps_only_where_it_says_why() {
        let sleeps = |path, text| super::sleeps(Path::new(path), text);
        assert_eq!(sleeps("a/tests/b.rs", "\ntokio::time::sleep(SOON).await;"), [2]);
        assert_eq!(sleeps("a/tests/b.rs", "thread::sleep(SOON);\nsleep_until(then).await;"), [1, 2]);
        for good in
            ["// time passes: a day.\nsleep(DAY).await;", "// sleep(DAY)", "time.sleep(0.05)", "asleep"]
        {
            assert!(sleeps("a/tests/b.rs", good).is_empty(), "{good}");
        }
        assert!(sleeps("a/src/b.rs", "sleep(DAY).await;").is_empty());
    }
}
