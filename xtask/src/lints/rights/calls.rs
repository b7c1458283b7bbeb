//! Which operations of AWS the sources call, on behalf of whom. Only `crates/aws` calls the SDK; who calls it is told by the names of its
//! functions, which the others call on a value that is called `aws`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::super::Source;

/// Permissions by their names in policies.
pub type Actions = BTreeSet<String>;

const AWS: &str = "crates/aws/src";
const LIST: &str = "crates/aws/src/operations.rs";
/// The crates, the names under which their clients go in `crates/aws`, and what policies call the service.
const SERVICES: [(&str, &[&str], &str); 7] = [
    ("aws_sdk_acmpca", &["acmpca"], "acm-pca"),
    ("aws_sdk_cloudtrail", &["cloudtrail"], "cloudtrail"),
    ("aws_sdk_dynamodb", &["dynamodb", "client"], "dynamodb"),
    ("aws_sdk_dynamodbstreams", &["streams"], "dynamodb"),
    ("aws_sdk_kms", &["kms"], "kms"),
    ("aws_sdk_s3", &["s3"], "s3"),
    ("aws_sdk_sns", &["sns"], "sns"),
];
/// The list that the program itself names missing permissions by.
#[path = "../../../../crates/aws/src/operations.rs"]
mod operations;

/// A function of `crates/aws`; those of one name are taken for one.
#[derive(Default)]
struct Function {
    own: BTreeSet<String>,
    executor: BTreeSet<String>,
    /// With whatever clients its caller hands it.
    either: BTreeSet<String>,
    mentions_executor: bool,
    callees: BTreeSet<String>,
}

/// All of them, and who calls them from outside.
pub struct Calls {
    functions: BTreeMap<String, Function>,
    callers: Vec<(PathBuf, BTreeSet<String>)>,
    /// What errors call the operation that failed.
    labels: BTreeSet<String>,
    crates: BTreeSet<String>,
}

impl Calls {
    /// # Errors
    /// One of the sources is no Rust; says which.
    pub fn read(sources: &[Source]) -> Result<Self> {
        let mut all = Self {
            functions: BTreeMap::new(),
            callers: Vec::new(),
            labels: BTreeSet::new(),
            crates: BTreeSet::new(),
        };
        for source in sources.iter().filter(|source| source.kind() == "rs") {
            if source.path.starts_with(AWS) {
                let tokens = tokens(source)?;
                all.of_aws(tokens);
            } else if source.path.starts_with("crates/console/src") || source.path.starts_with("server/src") {
                let mut called = BTreeSet::new();
                let flat = flat(without_tests(tokens(source)?));
                for (at, word) in flat.iter().enumerate() {
                    let on_aws = ["aws .", "aws ( ) ."].iter().any(|on| before(&flat, at, on));
                    if on_aws && flat.get(at + 1).is_some_and(|next| next == "(") {
                        called.insert(word.clone());
                    }
                }
                all.callers.push((source.path.clone(), called));
            }
        }
        Ok(all)
    }

    /// What the functions of `crates/aws` do that the chosen files call: with the executor's credentials, or with those of the process.
    pub fn of(&self, chosen: &dyn Fn(&Path) -> bool, executor: bool) -> Actions {
        let mut todo: Vec<&String> =
            self.callers.iter().filter(|(path, _)| chosen(path)).flat_map(|(_, called)| called).collect();
        let (mut seen, mut operations) = (BTreeSet::new(), BTreeSet::new());
        while let Some(name) = todo.pop() {
            let Some(function) = self.functions.get(name).filter(|_| seen.insert(name)) else { continue };
            operations.extend(if executor { &function.executor } else { &function.own });
            for callee in &function.callees {
                let handed = self.functions.get(callee).map(|callee| &callee.either);
                operations
                    .extend(handed.into_iter().flatten().filter(|_| function.mentions_executor == executor));
                todo.push(callee);
            }
        }
        operations.into_iter().flat_map(|operation| permissions(operation)).collect()
    }

    /// Operations that are called and not in the program's list, and the other way round.
    pub fn unlisted(&self) -> Vec<String> {
        unlisted(&self.called(), operations::OPERATIONS)
    }

    fn called(&self) -> BTreeSet<String> {
        let called =
            |function: &Function| [&function.own, &function.executor, &function.either].map(Clone::clone);
        self.functions.values().flat_map(called).flatten().collect()
    }

    /// Operations that errors name and that are not seen to be called, and crates of services that nobody knows here.
    pub fn unseen(&self) -> Vec<String> {
        let called = self.called();
        let given: Actions = called.iter().flat_map(|operation| permissions(operation)).collect();
        let labels = self.labels.iter().filter(|label| !called.contains(*label) && !given.contains(*label));
        let labels =
            labels.map(|label| format!("{AWS}: who calls {label}? name the client as its service is named"));
        let known = |name: &&String| !SERVICES.iter().any(|(service, ..)| service == name);
        let crates = self.crates.iter().filter(known);
        labels
            .chain(crates.map(|name| format!("xtask/src/lints/rights/calls.rs: add {name} to SERVICES")))
            .collect()
    }

    fn of_aws(&mut self, tokens: TokenStream) {
        let tokens = without_tests(tokens);
        for word in flat(tokens.clone()) {
            if word.starts_with("aws_sdk_") {
                self.crates.insert(word);
            } else if let Some(label) = label(&word) {
                self.labels.insert(label.to_owned());
            }
        }
        let mut bodies = Vec::new();
        functions(tokens, "", &mut bodies);
        for (of, name, body) in bodies {
            let function = self.functions.entry(named(&of, &name)).or_default();
            let flat = flat(body);
            function.mentions_executor |= flat.iter().any(|word| word == "executor");
            for (at, word) in flat.iter().enumerate() {
                if let Some(operation) = operation(&flat, at) {
                    let whose = match flat.get(at.saturating_sub(4)).map(String::as_str) {
                        Some("executor") => &mut function.executor,
                        Some("clients") => &mut function.either,
                        _ => &mut function.own,
                    };
                    whose.insert(operation);
                } else if flat.get(at + 1).is_some_and(|next| next == "(") {
                    let (own, on_aws) = (before(&flat, at, "self ."), before(&flat, at, "aws ."));
                    let of_type =
                        at.checked_sub(3).filter(|_| before(&flat, at, ": :")).map(|at| flat[at].as_str());
                    function.callees.extend(match of_type {
                        Some("Self") => Some(named(&of, word)),
                        Some(path) => Some(named(path, word)),
                        None if own => Some(named(&of, word)),
                        None if on_aws || !before(&flat, at, ".") => Some(word.clone()),
                        None => None,
                    });
                }
            }
        }
    }
}

/// Functions of types have the type's name with them; those of `Aws`, which is all that others call, have not, nor have those of modules.
fn named(of: &str, name: &str) -> String {
    match of.starts_with(|first: char| first.is_ascii_uppercase()) && of != "Aws" {
        true => format!("{of}::{name}"),
        false => name.to_owned(),
    }
}

// What is called on clients in the files of a folder.
///
/// # Errors
/// One of them is no Rust; says which.
pub fn in_folder(sources: &[Source], folder: &Path) -> Result<Actions> {
    let mut found = Actions::new();
    for source in sources.iter().filter(|source| source.path.starts_with(folder) && source.kind() == "rs") {
        let flat = flat(without_tests(tokens(source)?));
        for (at, word) in flat.iter().enumerate().filter(|(at, _)| before(&flat, *at, ".")) {
            // The crates are not named where the client is: whatever service has it.
            if flat.get(at + 1..at + 3).is_some_and(|next| next == ["(", ")"]) {
                found.extend(
                    SERVICES
                        .iter()
                        .flat_map(|(.., service)| permissions(&format!("{service}:{}", pascal(word)))),
                );
            }
        }
    }
    Ok(found)
}

/// `own . dynamodb . get_item ( )`: the operation whose name is at this place.
fn operation(flat: &[String], at: usize) -> Option<String> {
    let called = before(flat, at, ".") && flat.get(at + 1..at + 3)? == ["(", ")"];
    let client = flat.get(at.checked_sub(2)?)?;
    let (.., service) =
        SERVICES.iter().find(|(_, clients, _)| called && clients.contains(&client.as_str()))?;
    Some(format!("{service}:{}", pascal(&flat[at])))
}

fn permissions(operation: &str) -> Vec<String> {
    operations::permissions(operation).into_iter().map(str::to_owned).collect()
}

/// Operations that are called and not listed, and listed and not called.
fn unlisted<'a>(called: &'a BTreeSet<String>, listed: &'a [(&str, &[&str], operations::On)]) -> Vec<String> {
    let lacking = called.iter().filter(|name| !listed.iter().any(|(listed, ..)| listed == *name));
    let idle = listed.iter().filter(|(name, ..)| !called.contains(*name));
    let lacking = lacking.map(|name| format!("{LIST}: add {name}, which is called"));
    lacking.chain(idle.map(|(name, ..)| format!("{LIST}: remove {name}, which nothing calls"))).collect()
}

fn pascal(snake: &str) -> String {
    let capital =
        |word: &str| word.chars().next().map(|first| first.to_ascii_uppercase().to_string() + &word[1..]);
    snake.split('_').filter_map(capital).collect()
}

/// `"dynamodb:GetItem"`, with its quotes.
fn label(word: &str) -> Option<&str> {
    let (service, operation) = word.strip_prefix('"')?.strip_suffix('"')?.split_once(':')?;
    let known = SERVICES.iter().any(|(.., name)| *name == service);
    let named = operation.starts_with(|first: char| first.is_ascii_uppercase());
    (known && named && operation.chars().all(char::is_alphanumeric)).then(|| &word[1..word.len() - 1])
}

fn before(flat: &[String], at: usize, words: &str) -> bool {
    let words: Vec<&str> = words.split(' ').collect();
    at.checked_sub(words.len()).is_some_and(|from| flat[from..at] == words[..])
}

fn tokens(source: &Source) -> Result<TokenStream> {
    let tokens = TokenStream::from_str(&source.text).map_err(|error| anyhow!("{error}"));
    tokens.with_context(|| source.path.display().to_string())
}

/// All words and signs in a row, the delimiters of groups too.
fn flat(tokens: TokenStream) -> Vec<String> {
    let mut words = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                words.push(open.to_owned());
                words.extend(flat(group.stream()));
                words.push(close.to_owned());
            }
            other => words.push(other.to_string()),
        }
    }
    words
}

/// The functions with their bodies and the types that they are of; `of`: the type whose `impl` this is in.
fn functions(tokens: TokenStream, of: &str, found: &mut Vec<(String, String, TokenStream)>) {
    let mut tokens = tokens.into_iter();
    // Behind `impl`, the last name that stands in no angle brackets.
    let (mut implemented, mut angles) = (None, 0);
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "fn" => {
                let Some(TokenTree::Ident(name)) = tokens.next() else { continue };
                let body = tokens.by_ref().find_map(|token| match token {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                        Some(Some(group.stream()))
                    }
                    TokenTree::Punct(sign) if sign.as_char() == ';' => Some(None),
                    _ => None,
                });
                found.extend(body.flatten().map(|body| (of.to_owned(), name.to_string(), body)));
            }
            TokenTree::Ident(word) if word == "impl" => implemented = Some(String::new()),
            TokenTree::Ident(word) if angles == 0 && implemented.is_some() => {
                implemented = Some(word.to_string())
            }
            TokenTree::Punct(sign) if sign.as_char() == '<' => angles += 1,
            TokenTree::Punct(sign) if sign.as_char() == '>' => angles -= 1,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                functions(group.stream(), &implemented.take().unwrap_or_default(), found);
            }
            _ => (),
        }
    }
}

/// Without what stands under `#[cfg(test)]`, to the end of its block.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut skipping = false;
    for token in tokens {
        match &token {
            TokenTree::Group(group) if group.stream().to_string().replace(' ', "") == "cfg(test)" => {
                skipping = true
            }
            TokenTree::Group(group) if skipping && group.delimiter() == Delimiter::Brace => skipping = false,
            TokenTree::Punct(sign) if skipping && sign.as_char() == ';' => skipping = false,
            _ if skipping => (),
            _ => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sources: &[(&str, &str)]) -> Calls {
        let sources: Vec<Source> = sources
            .iter()
            .map(|(path, text)| Source { path: path.into(), text: (*text).to_owned() })
            .collect();
        Calls::read(&sources).unwrap()
    }

    const STORE: &str = r#"
        impl Aws {
            pub async fn thing(&self) { self.read().await }
            async fn read(&self) { let get = self.own.dynamodb.get_item().table_name("x"); get.send().map_err(sdk("dynamodb:GetItem")) }
            pub async fn strike(&self) { let executor = self.executor(); Self::look(executor); executor.acmpca.revoke_certificate().send() }
            pub async fn seen(&self) { Self::look(&self.own) }
            async fn look(clients: &Clients) { clients.acmpca.describe_certificate_authority().send() }
            pub async fn all(&self) { self.own.dynamodb.transact_write_items().send() }
        }
        #[cfg(test)]
        mod tests { fn never() { self.own.s3.delete_object().send() } }
    "#;

    #[test]
    fn calls_are_those_of_the_functions_that_a_file_calls() {
        let calls = read(&[
            (AWS_FILE, STORE),
            ("server/src/a.rs", "fn a() { self.aws.thing().await; aws\n.seen() }"),
            ("server/src/b.rs", "fn b() { console.aws().strike(); other.all() }"),
        ]);
        let of = |file: &'static str, executor| {
            calls.of(&|path| path.ends_with(file), executor).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(of("a.rs", false), ["acm-pca:DescribeCertificateAuthority", "dynamodb:GetItem"]);
        assert_eq!(of("b.rs", true), ["acm-pca:DescribeCertificateAuthority", "acm-pca:RevokeCertificate"]);
        assert!(of("a.rs", true).is_empty() && of("b.rs", false).is_empty());
        assert!(calls.unseen().is_empty(), "{:?}", calls.unseen());
    }

    #[test]
    fn a_transaction_needs_what_it_is_made_of() {
        let calls = read(&[(AWS_FILE, STORE), ("server/src/a.rs", "fn a() { aws.all() }")]);
        assert_eq!(calls.of(&|_| true, false).len(), 4);
    }

    #[test]
    fn the_list_of_operations_is_what_is_called() {
        let called = BTreeSet::from(["kms:Sign".to_owned(), "s3:GetObject".to_owned()]);
        let found = unlisted(
            &called,
            &[("s3:GetObject", &[], operations::On::Objects), ("s3:Old", &[], operations::On::Bucket)],
        );
        assert!(
            found.len() == 2 && found[0].contains("add kms:Sign") && found[1].contains("remove s3:Old"),
            "{found:?}"
        );
    }

    #[test]
    fn a_call_under_another_name_is_noticed() {
        let hidden = r#"impl Aws { fn a(&self) { let it = &self.own.dynamodb; it.scan().send().map_err(sdk("dynamodb:Scan")) } }"#;
        assert!(read(&[(AWS_FILE, hidden)]).unseen()[0].contains("dynamodb:Scan"));
        assert!(read(&[(AWS_FILE, "use aws_sdk_sqs::Client;")]).unseen()[0].contains("aws_sdk_sqs"));
    }

    const AWS_FILE: &str = "crates/aws/src/store.rs";
}
