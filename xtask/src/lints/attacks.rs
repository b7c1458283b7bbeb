//! The attacks of docs/SECURITY.md are all there, and the tests that they name exist.

use super::Source;

const LIST: &str = "docs/SECURITY.md";
/// How many there are; the list only grows.
const ATTACKS: usize = 45;
/// How a row begins that says why there is no test.
const UNDEFENDED: [&str; 2] = ["not defended, because", "not yet defended:"];

/// What is wrong with the list, as `file:line: what to do`.
pub fn unproven(sources: &[Source]) -> Vec<String> {
    let Some(list) = sources.iter().find(|source| source.path.as_os_str() == LIST) else {
        return vec![format!("{LIST}:1: it must list the attacks")];
    };
    let mut violations = Vec::new();
    let mut next = 1;
    for (index, line) in list.text.lines().enumerate() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [number, .., how] = cells.as_slice() else { continue };
        let Ok(number) = number.parse::<usize>() else { continue };
        if number != next {
            violations.push(list.at(index + 1, &format!("attack {next} belongs here")));
        }
        next = number + 1;
        let named: Vec<&str> = how.split('`').skip(1).step_by(2).collect();
        if named.is_empty() && !UNDEFENDED.iter().any(|words| how.contains(words)) {
            violations.push(list.at(index + 1, "name a test, or say why it is not defended"));
        }
        for test in named.iter().filter(|test| !exists(test, sources)) {
            violations.push(list.at(index + 1, &format!("there is no test `{test}`")));
        }
    }
    if next <= ATTACKS {
        violations.push(list.at(1, &format!("attack {next} is missing")));
    }
    violations
}

/// A function of a Rust test, or the sentence of a browser test.
fn exists(test: &str, sources: &[Source]) -> bool {
    let (kind, written) = match test.contains(' ') {
        true => ("ts", format!("test(\"{test}\"")),
        false => ("rs", format!("fn {test}(")),
    };
    sources.iter().any(|source| source.kind() == kind && source.text.contains(&written))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: &str) -> Vec<String> {
        let first: String = (1..ATTACKS).map(|n| format!("| {n} | x | `proven` |\n")).collect();
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.to_owned() };
        unproven(&[
            source(LIST, &(first + rows)),
            source("a/tests/b.rs", "async fn proven() {}"),
            source("end2end/tests/a.spec.ts", "test(\"an auditor cannot\", async () => {"),
        ])
    }

    #[test]
    fn each_attack_names_a_test_that_exists_or_says_why_not() {
        for good in [
            "| 45 | x | `proven` |",
            "| 45 | x | `proven`, `an auditor cannot` |",
            "| 45 | x | not yet defended: nothing limits it |",
            "| 45 | x | not defended, because it is theirs |",
        ] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in [
            "",
            "| 46 | x | `proven` |",
            "| 45 | x | |",
            "| 45 | x | `gone` |",
            "| 45 | x | `nobody can` |",
            "| 45 | x | soon |",
        ] {
            assert_eq!(found(bad).len(), 1, "{bad}: {:?}", found(bad));
        }
        assert_eq!(unproven(&[]).len(), 1);
    }
}
