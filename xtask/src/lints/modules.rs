//! What the modules of a crate are called, hold and mention, read from their tokens; code of tests alone is left out.
//!
//! It knows names and paths, not types: a method that is called says nothing here of the file that has it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The path of a module or of something in it, from the crate's root, which is empty.
pub type Name = Vec<String>;

/// One module, in a file of its own or inside another's.
#[derive(Default)]
pub struct Module {
    pub file: PathBuf,
    /// What is defined in it; modules too.
    defines: BTreeSet<String>,
    /// What its `use` declarations bring into it, by the name that it has there.
    imports: BTreeMap<String, Name>,
    /// The modules of which it imports all.
    globs: Vec<Name>,
    /// What it names, but for what it only hands on from its own children.
    pub mentions: BTreeSet<Name>,
}

/// The modules of one crate.
#[derive(Default)]
pub struct Modules(pub BTreeMap<Name, Module>);

impl Modules {
    /// Reads the sources of a crate: paths from its `src`, and texts.
    ///
    /// # Errors
    /// One of them is no Rust; says which.
    pub fn read(sources: &[(PathBuf, String)]) -> Result<Self> {
        let mut found = Self::default();
        let mut tests = Vec::new();
        for (file, text) in sources {
            let tokens = TokenStream::from_str(text).map_err(|error| anyhow!("{error}"));
            let tokens = tokens.with_context(|| file.display().to_string())?;
            let mut reader = Reader { file, found: &mut found, tests: &mut tests };
            reader.module(module_of(file), tokens);
        }
        found.0.retain(|name, _| !tests.iter().any(|test| name.starts_with(test)));
        Ok(found)
    }

    /// The module that defines what a path names, as far as it can be told: the innermost module on the path, or the one
    /// that a module on the path has it from. `None`: it is not of this crate.
    pub fn definition(&self, path: &[String]) -> Option<&Name> {
        self.resolve(path, 0)
    }

    /// The part of a path that names something in a module: a type, not the method behind it; else the module.
    pub fn item<'a>(&self, path: &'a [String]) -> &'a str {
        let rest = self.innermost(path).map_or(path, |(_, rest)| rest);
        rest.first().or(path.last()).map_or("the crate", String::as_str)
    }

    fn innermost<'a>(&self, path: &'a [String]) -> Option<(&Name, &'a [String])> {
        (0..=path.len()).rev().find_map(|length| {
            let (module, rest) = path.split_at(length);
            self.0.get_key_value(module).map(|(name, _)| (name, rest))
        })
    }

    fn resolve(&self, path: &[String], depth: usize) -> Option<&Name> {
        let (known, rest) = self.innermost(path)?;
        let module = self.0.get(known)?;
        // Two modules may import all of each other.
        let (Some((first, after)), true) = (rest.split_first(), depth < 16) else { return Some(known) };
        if module.defines.contains(first) {
            return Some(known);
        }
        if let Some(origin) = module.imports.get(first) {
            return self.resolve(&[origin, after].concat(), depth + 1);
        }
        let behind = module.globs.iter().filter_map(|glob| {
            let origin = self.resolve(&[glob.as_slice(), rest].concat(), depth + 1)?;
            self.0.get(origin)?.defines.contains(first).then_some(origin)
        });
        behind.into_iter().next().or(Some(known))
    }
}

/// `runs/drive.rs` is `runs::drive`, `runs/mod.rs` is `runs`, `lib.rs` and `main.rs` are the root.
fn module_of(file: &Path) -> Name {
    let path = file.with_extension("");
    let mut name: Name = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if matches!(name.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        name.pop();
    }
    name
}

/// Walks through the tokens of one file.
struct Reader<'a> {
    file: &'a Path,
    found: &'a mut Modules,
    /// Modules that only tests have.
    tests: &'a mut Vec<Name>,
}

impl Reader<'_> {
    fn module(&mut self, name: Name, tokens: TokenStream) {
        let mut module = Module { file: self.file.to_owned(), ..Module::default() };
        self.tokens(&name, &mut module, tokens, true);
        self.found.0.insert(name, module);
    }

    /// `top`: these tokens are items of the module, not what is inside one of them.
    fn tokens(&mut self, name: &Name, module: &mut Module, tokens: TokenStream, top: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut hands_on) = (0, false);
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Punct(hash) if hash.as_char() == '#' && for_tests(tokens.get(at + 1)) => {
                    let end = end_of_item(&tokens, at + 2);
                    if top && let Some(child) = declared_module(&tokens[at + 2..end]) {
                        self.tests.push([name.as_slice(), &[child]].concat());
                    }
                    at = end;
                }
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    let next = tokens.get(at + 1);
                    match (word.as_str(), next) {
                        ("pub", _) => hands_on = true,
                        ("use", _) => {
                            let end = end_of_item(&tokens, at);
                            let mut leaves = Vec::new();
                            use_tree(&tokens[at + 1..end], &mut Vec::new(), &mut leaves);
                            for leaf in leaves {
                                import(name, module, leaf, top, hands_on);
                            }
                            (at, hands_on) = (end, false);
                            continue;
                        }
                        ("mod", Some(TokenTree::Ident(child))) if top => {
                            let child = child.to_string();
                            module.defines.insert(child.clone());
                            if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                                self.module([name.as_slice(), &[child]].concat(), body.stream());
                                at += 1;
                            }
                            at += 2;
                            hands_on = false;
                            continue;
                        }
                        (
                            "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static",
                            Some(TokenTree::Ident(item)),
                        ) if top => {
                            module.defines.insert(item.to_string());
                            hands_on = false;
                        }
                        _ => {
                            let (path, length) = path_at(&tokens, at);
                            if path.len() > 1 {
                                mention(name, module, path);
                            }
                            at += length;
                            continue;
                        }
                    }
                    at += 1;
                }
                TokenTree::Group(group) => {
                    self.tokens(name, module, group.stream(), false);
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }
}

/// One path of a `use` declaration.
struct Leaf {
    path: Vec<String>,
    /// What it is called afterwards.
    alias: Option<String>,
    glob: bool,
}

fn import(name: &Name, module: &mut Module, leaf: Leaf, top: bool, hands_on: bool) {
    let Some(path) = absolute(name, &leaf.path).or_else(|| relative(name, module, &leaf.path)) else {
        return;
    };
    if top && leaf.glob {
        module.globs.push(path.clone());
    } else if top && let Some(called) = leaf.alias.or_else(|| path.last().cloned()) {
        module.imports.insert(called, path.clone());
    }
    let own_child = path.starts_with(name) && path.len() > name.len();
    if !(hands_on && own_child) {
        module.mentions.insert(path);
    }
}

fn mention(name: &Name, module: &mut Module, path: Vec<String>) {
    if let Some(path) = absolute(name, &path).or_else(|| relative(name, module, &path)) {
        module.mentions.insert(path);
    }
}

/// A path that says where it begins.
fn absolute(module: &Name, path: &[String]) -> Option<Name> {
    let mut base = module.clone();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => base.clear(),
        "self" => {}
        "super" => {
            base.pop()?;
        }
        _ => return None,
    }
    rest = &rest[1..];
    while rest.first().is_some_and(|part| part == "super") {
        base.pop()?;
        rest = &rest[1..];
    }
    base.extend(rest.iter().filter(|part| *part != "self").cloned());
    Some(base)
}

/// A path that begins with a child of the module, or with what it imported.
fn relative(name: &Name, module: &Module, path: &[String]) -> Option<Name> {
    let (first, rest) = path.split_first()?;
    if module.defines.contains(first) {
        return Some([name.as_slice(), path].concat());
    }
    module.imports.get(first).map(|origin| [origin.as_slice(), rest].concat())
}

/// The path that begins at an identifier, and how many tokens it has.
fn path_at(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let (mut path, mut at) = (Vec::new(), start);
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        path.push(word.to_string());
        at += 1;
        if !separator(tokens, at) {
            break;
        }
        at += 2;
    }
    (path, at - start)
}

fn separator(tokens: &[TokenTree], at: usize) -> bool {
    let colon =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(dot)) if dot.as_char() == ':');
    colon(tokens.get(at)) && colon(tokens.get(at + 1))
}

/// The leaves of `a::{b, c as d, e::*}`.
fn use_tree(tokens: &[TokenTree], prefix: &mut Vec<String>, leaves: &mut Vec<Leaf>) {
    for tree in tokens.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')) {
        let (path, length) = path_at(tree, 0);
        let depth = prefix.len();
        prefix.extend(path);
        match tree.get(length..) {
            Some([TokenTree::Group(group), ..]) if group.delimiter() == Delimiter::Brace => {
                use_tree(&group.stream().into_iter().collect::<Vec<_>>(), prefix, leaves);
            }
            Some([TokenTree::Punct(star), ..]) if star.as_char() == '*' => {
                leaves.push(Leaf { path: prefix.clone(), alias: None, glob: true });
            }
            Some([TokenTree::Ident(_), TokenTree::Ident(alias), ..]) => {
                leaves.push(Leaf { path: prefix.clone(), alias: Some(alias.to_string()), glob: false });
            }
            _ if prefix.len() > depth => {
                leaves.push(Leaf { path: prefix.clone(), alias: None, glob: false });
            }
            _ => {}
        }
        prefix.truncate(depth);
    }
}

/// Whether these are the brackets of `#[cfg(test)]` or the like, or of `#[test]`.
fn for_tests(brackets: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = brackets else { return false };
    let text = group.stream().to_string();
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    match words.next() {
        Some("test") => true,
        Some("cfg") => {
            let words: Vec<&str> = words.collect();
            words.contains(&"test") && !words.contains(&"not")
        }
        _ => false,
    }
}

/// Where the item ends that begins at `start`: behind its semicolon or its braces.
fn end_of_item(tokens: &[TokenTree], start: usize) -> usize {
    let declares_use =
        tokens[start..].iter().take(3).any(|token| matches!(token, TokenTree::Ident(word) if word == "use"));
    let last = tokens[start..].iter().position(|token| match token {
        TokenTree::Punct(end) => end.as_char() == ';',
        TokenTree::Group(body) => body.delimiter() == Delimiter::Brace && !declares_use,
        _ => false,
    });
    last.map_or(tokens.len(), |last| start + last + 1)
}

/// The name in `mod name;` or `pub mod name { … }`.
fn declared_module(tokens: &[TokenTree]) -> Option<String> {
    let at = tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "mod"))?;
    match tokens.get(at + 1)? {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    }
}
