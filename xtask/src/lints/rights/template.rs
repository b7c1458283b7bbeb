//! A template of CloudFormation, as far as the lints need it. Tags are dropped: `!Ref X` is the text X, `!If [c, a, b]` a list.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use yaml_rust2::{Yaml, YamlLoader};

use super::super::Source;
use super::calls::Actions;

const OPERATING: &str = "docs/OPERATING.md";

/// One file.
pub struct Template(Yaml);

impl Template {
    /// # Errors
    /// It cannot be read, or is no YAML.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self(YamlLoader::load_from_str(text)?.into_iter().next().context("it is empty")?))
    }

    /// The properties of a resource.
    pub fn properties(&self, resource: &str) -> &Yaml {
        &self.0["Resources"][resource]["Properties"]
    }

    /// What the policies of a role, or a policy, allow.
    pub fn actions(&self, resource: &str) -> Actions {
        let allowed = |statement: &&Yaml| statement["Effect"].as_str() == Some("Allow");
        self.statements(resource)
            .into_iter()
            .filter(allowed)
            .flat_map(|statement| texts(&statement["Action"]))
            .collect()
    }

    /// Whether the keys that a role may touch are those of docs/OPERATING.md. `column`: of its tables, the process's.
    pub fn keys(&self, role: &str, column: usize, sources: &[Source]) -> Vec<String> {
        let operating = sources.iter().find(|source| source.path == Path::new(OPERATING));
        let operating = operating.map(|source| source.text.as_str()).unwrap_or_default();
        let mut found = Vec::new();
        for (sid, heading, right) in [
            ("ConsoleReads", "| partition key of the table |", "reads"),
            ("ConsoleWrites", "| partition key of the table |", "writes"),
            ("ConsoleLists", "| partition key of the index", "reads"),
        ] {
            let documented = documented(operating, heading, column, right);
            let statements = self.statements(role);
            let statement = statements.iter().find(|statement| statement["Sid"].as_str() == Some(sid));
            let given = statement.map(|statement| {
                texts(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
            });
            let given: BTreeSet<String> = given.into_iter().flatten().collect();
            for (word, keys) in
                [("lacks", documented.difference(&given)), ("must not have", given.difference(&documented))]
            {
                found.extend(keys.map(|key| {
                    format!("deploy/console.yaml: {role}/{sid} {word} the key \"{key}\" ({OPERATING})")
                }));
            }
        }
        found
    }

    fn statements<'a>(&'a self, resource: &str) -> Vec<&'a Yaml> {
        let properties = self.properties(resource);
        let inline =
            properties["Policies"].as_vec().into_iter().flatten().map(|policy| &policy["PolicyDocument"]);
        let documents = inline.chain([&properties["PolicyDocument"]]);
        let statements = documents.filter_map(|document| document["Statement"].as_vec()).flatten();
        // A statement under a condition is a list with it: condition, this, that.
        let inner = |statement: &'a Yaml| -> Vec<&'a Yaml> {
            match statement {
                Yaml::Array(choice) => choice.iter().filter(|one| one.as_hash().is_some()).collect(),
                one => vec![one],
            }
        };
        statements.flat_map(inner).collect()
    }
}

/// A text, or the texts of a list.
pub fn texts(yaml: &Yaml) -> Vec<String> {
    match yaml {
        Yaml::Array(all) => all.iter().filter_map(Yaml::as_str).map(str::to_owned).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    }
}

/// The first column of the table below a heading, of the rows that say so in another.
fn documented(text: &str, heading: &str, column: usize, right: &str) -> BTreeSet<String> {
    let table =
        text.lines().skip_while(|line| !line.starts_with(heading)).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let says = cells.get(column)?.split(", ").any(|word| word == right);
        says.then(|| cells[0].trim_matches('`').to_owned())
    };
    table.skip(2).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = r#"
Resources:
  Role:
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - { Sid: ConsoleReads, Effect: Allow, Action: [a:Get, a:List], Resource: !Ref X, Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["RUN#*", OLD] } } }
              - { Effect: Deny, Action: a:Delete }
              - !If [Crl, { Effect: Allow, Action: b:Put }, !Ref AWS::NoValue]
"#;

    #[test]
    fn allowed_is_what_is_not_denied_and_what_stands_under_a_condition_too() {
        let template = Template::parse(ROLE).unwrap();
        assert_eq!(template.actions("Role").into_iter().collect::<Vec<_>>(), ["a:Get", "a:List", "b:Put"]);
    }

    #[test]
    fn keys_are_those_of_the_document() {
        let text = "| partition key of the table | what | web |\n|---|---|---|\n| `RUN#*` | x | reads, writes |\n| `NEW` | x | reads |\n| `NOT` | x | – |\n";
        let operating = Source { path: OPERATING.into(), text: text.to_owned() };
        let found = Template::parse(ROLE).unwrap().keys("Role", 2, &[operating]);
        let all = found.join("\n");
        assert!(
            all.contains("ConsoleReads lacks the key \"NEW\"")
                && all.contains("ConsoleReads must not have the key \"OLD\""),
            "{all}"
        );
        assert!(all.contains("ConsoleWrites lacks the key \"RUN#*\"") && found.len() == 3, "{all}");
    }
}
