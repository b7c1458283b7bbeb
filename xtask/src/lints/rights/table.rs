//! The console's table in deploy/tables.yaml, against the names that `countersign init` makes it with.

use std::path::Path;

use yaml_rust2::Yaml;

use super::super::Source;
use super::template::Template;

const KEYS: &str = "crates/aws/src/keys.rs";

/// What differs.
pub fn differs(sources: &[Source], template: &Template) -> Vec<String> {
    let keys = sources.iter().find(|source| source.path == Path::new(KEYS));
    let keys = keys.map(|source| source.text.as_str()).unwrap_or_default();
    let named = |constant: &str| {
        let line =
            keys.lines().find_map(|line| line.strip_prefix(&format!("pub const {constant}: &str = \"")));
        line.and_then(|rest| rest.split('"').next()).unwrap_or("missing")
    };
    let table = template.properties("ConsoleStore");
    let index = &table["GlobalSecondaryIndexes"][0];
    let schema = |of: &Yaml| {
        let element = |element: &Yaml| {
            format!(
                "{} {}",
                element["AttributeName"].as_str().unwrap_or("?"),
                element["KeyType"].as_str().unwrap_or("?")
            )
        };
        of["KeySchema"].as_vec().into_iter().flatten().map(element).collect::<Vec<_>>().join(", ")
    };
    let text = |yaml: &Yaml| yaml.as_str().unwrap_or("missing").to_owned();
    let wanted = [
        ("keys", schema(table), format!("{} HASH, {} RANGE", named("PK"), named("SK"))),
        ("index", text(&index["IndexName"]), named("LIST").to_owned()),
        (
            "keys of the index",
            schema(index),
            format!("{} HASH, {} RANGE", named("LIST_PK"), named("LIST_SK")),
        ),
        ("projection", text(&index["Projection"]["ProjectionType"]), "ALL".to_owned()),
        (
            "time to live",
            text(&table["TimeToLiveSpecification"]["AttributeName"]),
            named("EXPIRES").to_owned(),
        ),
        ("billing", text(&table["BillingMode"]), "PAY_PER_REQUEST".to_owned()),
    ];
    let differs = wanted.iter().filter(|(_, found, wanted)| found != wanted);
    let say = |(what, found, wanted): &(&str, String, String)| {
        format!("deploy/tables.yaml: the console table's {what}: {found}, must be {wanted} ({KEYS})")
    };
    differs.map(say).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &str = "pub const PK: &str = \"pk\";\npub const SK: &str = \"sk\";\npub const LIST: &str = \"list\";\npub const LIST_PK: &str = \"list_pk\";\npub const LIST_SK: &str = \"list_sk\";\npub const EXPIRES: &str = \"expires\";\n";
    const TABLE: &str = r#"
Resources:
  ConsoleStore:
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      GlobalSecondaryIndexes:
        - IndexName: list
          KeySchema: [{ AttributeName: list_pk, KeyType: HASH }, { AttributeName: list_sk, KeyType: RANGE }]
          Projection: { ProjectionType: ALL }
      TimeToLiveSpecification: { AttributeName: expires, Enabled: true }
"#;

    #[test]
    fn a_table_of_another_shape_is_found() {
        let keys = [Source { path: KEYS.into(), text: NAMES.to_owned() }];
        let found = |table: &str| differs(&keys, &Template::parse(table).unwrap());
        assert!(found(TABLE).is_empty(), "{:?}", found(TABLE));
        for (from, to) in [
            ("expires", "ttl"),
            ("list_sk", "list_pk"),
            ("ALL", "KEYS_ONLY"),
            ("IndexName: list", "IndexName: by"),
        ] {
            assert_eq!(found(&TABLE.replacen(from, to, 1)).len(), 1, "{from}");
        }
    }
}
