//! Making a page into a newer one of the same address: what is the same stays, with its focus, its scrolling and what is
//! unfolded.

use leptos::web_sys::{Element, Node};
use wasm_bindgen::{JsCast, JsValue};

use super::forms;

/// Attributes that are the reader's and not the page's.
const OWN: [&str; 3] = ["open", "data-touched", "data-copied"];

/// Makes the content of `old` that of `new`, which is taken apart.
pub fn children(old: &Node, new: &Node) -> Result<(), JsValue> {
    let mut place = old.first_child();
    while let Some(fresh) = new.first_child() {
        match place.take() {
            Some(there) if is_same(&there, &fresh) => {
                place = there.next_sibling();
                new.remove_child(&fresh)?;
                update(&there, &fresh)?;
            }
            Some(there) => {
                place = there.next_sibling();
                old.replace_child(&fresh, &there)?;
            }
            None => drop(old.append_child(&fresh)?),
        }
    }
    while let Some(left) = place {
        place = left.next_sibling();
        old.remove_child(&left)?;
    }
    Ok(())
}

/// Whether one can become the other without anybody being led elsewhere by a link or a form that they are about to use.
fn is_same(old: &Node, new: &Node) -> bool {
    let names = |name: &str| attribute(old, name) == attribute(new, name);
    old.node_name() == new.node_name() && ["id", "href", "action", "name"].into_iter().all(names)
}

fn attribute(node: &Node, name: &str) -> Option<String> {
    node.dyn_ref::<Element>().and_then(|element| element.get_attribute(name))
}

fn update(old: &Node, new: &Node) -> Result<(), JsValue> {
    let (Some(was), Some(is)) = (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) else {
        if old.node_value() != new.node_value() {
            old.set_node_value(new.node_value().as_deref());
        }
        return Ok(());
    };
    match was.tag_name().as_str() {
        "LEPTOS-ISLAND" => return Ok(()),
        "FORM" if forms::is_in_use(was) => return Ok(()),
        // Fields keep what was typed whatever their attributes say.
        "FORM" => return was.replace_with_with_node_1(is),
        _ => (),
    }
    for name in was.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if !is.has_attribute(&name) && !OWN.contains(&name.as_str()) {
            was.remove_attribute(&name)?;
        }
    }
    for name in is.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        let value = is.get_attribute(&name);
        if value != was.get_attribute(&name) && !OWN.contains(&name.as_str()) {
            was.set_attribute(&name, &value.unwrap_or_default())?;
        }
    }
    children(old, new)
}
