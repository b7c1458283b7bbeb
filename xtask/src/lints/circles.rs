//! No circles: whoever reads a file need not have read one that points back to it.
//!
//! A file points to the file that defines what it names. At each level of the modules, a file and the folder of its
//! children are one, and its children may point to it: they are its parts. The crate's root stands beside the modules, and
//! points to those that it uses, not to those that it only declares or hands on with `pub use`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;

use super::modules::{Modules, Name};

/// The arrows between the parts of one module: from, to, and the names that make it.
type Arrows = BTreeMap<(String, String), BTreeSet<String>>;

/// How the crate's root is called among its modules.
const ROOT: &str = "lib.rs";
/// Of so many names of an arrow are some shown.
const SHOWN: usize = 6;

/// The circles among these sources of a crate (paths from its `src`, and texts), each as one line and a line for each of
/// its arrows.
///
/// # Errors
/// One of them is no Rust.
pub fn circles(sources: &[(PathBuf, String)]) -> Result<Vec<String>> {
    let modules = Modules::read(sources)?;
    Ok(arrows(&modules).iter().flat_map(|(level, arrows)| within(level, arrows)).collect())
}

/// For each module the arrows between its parts.
fn arrows(modules: &Modules) -> BTreeMap<Name, Arrows> {
    let mut levels: BTreeMap<Name, Arrows> = BTreeMap::new();
    for (from, module) in &modules.0 {
        for path in &module.mentions {
            let Some(to) = modules.definition(path) else { continue };
            if modules.0.get(to).is_none_or(|target| target.file == module.file) {
                continue;
            }
            let common = from.iter().zip(to).take_while(|(from, to)| from == to).count();
            let part = |name: &Name| match name.get(common) {
                Some(part) => Some(part.clone()),
                None => name.is_empty().then(|| ROOT.to_owned()),
            };
            let (Some(one), Some(other)) = (part(from), part(to)) else { continue };
            let shown = format!("{} ({} to {})", modules.item(path), called(from), called(to));
            let level = levels.entry(from[..common].to_vec()).or_default();
            level.entry((one, other)).or_default().insert(shown);
        }
    }
    levels
}

fn called(module: &Name) -> String {
    if module.is_empty() { ROOT.to_owned() } else { module.join("::") }
}

/// The circles of one level: parts that reach each other.
fn within(level: &Name, arrows: &Arrows) -> Vec<String> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        arrows.keys().map(|(from, _)| (from.as_str(), reach(from, arrows))).collect();
    let both = |one: &str, other: &str| reached.get(one).is_some_and(|reached| reached.contains(other));
    let circles: BTreeSet<BTreeSet<&str>> = reached
        .iter()
        .filter(|(part, reached)| reached.contains(*part))
        .map(|(part, reached)| reached.iter().copied().filter(|other| both(other, part)).collect())
        .collect();
    circles.iter().map(|circle| text(level, circle, arrows)).collect()
}

fn reach<'a>(from: &str, arrows: &'a Arrows) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(part) = next.pop() {
        for (_, to) in arrows.keys().filter(|(from, _)| from == part) {
            if reached.insert(to.as_str()) {
                next.push(to);
            }
        }
    }
    reached
}

fn text(level: &Name, circle: &BTreeSet<&str>, arrows: &Arrows) -> String {
    let parts: Vec<&str> = circle.iter().copied().collect();
    let place = if level.is_empty() { "the crate".to_owned() } else { level.join("::") };
    let mut text = format!("a circle in {place}: {}", parts.join(", "));
    for ((from, to), names) in arrows {
        if circle.contains(from.as_str()) && circle.contains(to.as_str()) {
            let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
            let more = if names.len() > SHOWN {
                format!(", and {} more", names.len() - SHOWN)
            } else {
                String::new()
            };
            text.push_str(&format!("\n    {from} -> {to}: {}{more}", shown.join(", ")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::circles;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = files.iter().map(|(path, text)| ((*path).into(), (*text).to_owned())).collect();
        circles(&sources).unwrap()
    }

    fn first_lines(files: &[(&str, &str)]) -> Vec<String> {
        found(files).into_iter().map(|circle| circle.lines().next().unwrap().to_owned()).collect()
    }

    #[test]
    fn files_that_point_to_each_other_are_a_circle_with_its_names() {
        let circle = found(&[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::{self, Thing}; pub fn f() { b::g() }"),
            ("b.rs", "pub struct Thing; pub fn g() { super::a::f() }"),
            ("c.rs", "use crate::a::f;"),
        ]);
        assert_eq!(
            circle,
            [
                "a circle in the crate: a, b\n    a -> b: Thing (a to b), b (a to b), g (a to b)\n    b -> a: f (b to a)"
            ]
        );
    }

    #[test]
    fn a_folder_and_its_file_are_one() {
        let circle = first_lines(&[
            ("lib.rs", "mod one; mod other;"),
            ("one.rs", "mod part; pub struct One;"),
            ("one/part.rs", "use crate::other::deep::Deep;"),
            ("other/mod.rs", "pub mod deep; mod last;"),
            ("other/deep.rs", "pub struct Deep;"),
            ("other/last.rs", "fn f(_: crate::one::One) {}"),
        ]);
        assert_eq!(circle, ["a circle in the crate: one, other"]);
    }

    #[test]
    fn three_make_a_circle_and_inside_a_folder_too() {
        let circle = first_lines(&[
            ("lib.rs", "mod m;"),
            ("m/mod.rs", "mod a; mod b; mod c;"),
            ("m/a.rs", "use super::b::B; pub struct A;"),
            ("m/b.rs", "use super::c::C; pub struct B;"),
            ("m/c.rs", "fn f() -> crate::m::a::A {} pub struct C;"),
        ]);
        assert_eq!(circle, ["a circle in m: a, b, c"]);
    }

    #[test]
    fn what_is_handed_on_points_from_its_user_to_where_it_is_defined() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::A; pub(crate) use b::*;"),
            ("a.rs", "use crate::B; pub struct A;"),
            ("b.rs", "pub struct B; pub struct C;"),
        ];
        assert!(found(&files).is_empty());
        let back = [files[0], files[1], ("b.rs", "use crate::A as Renamed; pub struct B;")];
        assert_eq!(first_lines(&back), ["a circle in the crate: a, b"]);
    }

    #[test]
    fn the_root_is_a_file_like_others_once_it_uses_something() {
        let uses =
            |root: &'static str| first_lines(&[("lib.rs", root), ("a.rs", "use crate::Root; pub fn f() {}")]);
        assert!(uses("mod a; pub use a::f; pub struct Root;").is_empty());
        assert_eq!(uses("mod a; pub struct Root; fn g() { a::f() }"), ["a circle in the crate: a, lib.rs"]);
    }

    #[test]
    fn children_may_point_to_their_module() {
        let files = [
            ("lib.rs", "mod m;"),
            ("m.rs", "mod part; pub struct M(part::Part);"),
            ("m/part.rs", "use super::M; pub struct Part;"),
        ];
        assert!(found(&files).is_empty());
    }

    #[test]
    fn tests_comments_and_texts_point_nowhere() {
        let files = [
            ("lib.rs", "mod a; mod b; #[cfg(test)] mod fixture;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            (
                "b.rs",
                "//! Not crate::a::A.\npub struct B; const T: &str = \"crate::a::A\";\n\
                 #[cfg(test)] mod tests { use super::*; use crate::a::A; }\n#[cfg(all(test, unix))] use crate::a::A;",
            ),
            ("fixture.rs", "use crate::{a::A, b::B};"),
        ];
        assert!(found(&files).is_empty());
        let real = [files[0], files[1], ("b.rs", "#[cfg(not(test))] use crate::a::A; pub struct B;")];
        assert_eq!(found(&real).len(), 1);
    }

    #[test]
    fn what_views_and_inner_modules_name_counts() {
        let circle = first_lines(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub fn link() {} pub use crate::b::B;"),
            ("b.rs", "pub struct B; mod ssr { fn f() { view! { <a href=super::super::a::link()> } } }"),
        ]);
        assert_eq!(circle, ["a circle in the crate: a, b"]);
    }

    #[test]
    fn what_is_no_rust_is_said() {
        let error = circles(&[("a.rs".into(), "fn f( {".to_owned())]).unwrap_err();
        assert!(format!("{error:#}").starts_with("a.rs"), "{error:#}");
    }
}
