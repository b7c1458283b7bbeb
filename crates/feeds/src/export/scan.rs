//! What `aws dynamodb scan` and `query` print: one object with `Items`, `Count`, and a token where more was to come.

use std::io::{self, Read};

use super::{LIMIT, Numbered, list};
use crate::Bad;
use crate::window::{self, Window};

/// The most that a member besides the items may have, in bytes.
const MEMBER: usize = 64 * 1024;

pub(super) struct Scan<'a> {
    window: Window<'a>,
    place: Place,
    items: u64,
    /// How many of them are of pages before this one.
    earlier: u64,
    /// What the page says of the number of its items.
    count: Option<u64>,
    /// It says that this was not all.
    more: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Beginning,
    Object,
    Items,
    Over,
}

impl<'a> Scan<'a> {
    pub fn open(source: impl Read + 'a) -> io::Result<Self> {
        let window = Window::open(source, u64::MAX)?;
        Ok(Self { window, place: Place::Beginning, items: 0, earlier: 0, count: None, more: false })
    }

    /// Items may have lost their types in a library. `serial`: what the attribute with the serial number is called.
    pub fn next(&mut self, serial: &str) -> Result<Option<Numbered<'static>>, Bad> {
        loop {
            match (self.place, self.window.peek()?) {
                (Place::Beginning, Some(b'{')) => {
                    self.window.skip();
                    self.place = Place::Object;
                }
                (Place::Object, Some(b'"')) => self.member()?,
                (Place::Object, Some(b'}')) => {
                    self.window.skip();
                    self.place = Place::Over;
                }
                (Place::Items, Some(b']')) => {
                    self.window.skip();
                    self.place = Place::Object;
                }
                (Place::Items, Some(_)) => {
                    self.items += 1;
                    let item = match self.window.value(LIMIT)? {
                        window::Value::Overlong => Err("it is longer than 1 MiB".to_owned()),
                        window::Value::Whole(bytes) => list::item(bytes, serial),
                    };
                    return Ok(Some((self.items, item)));
                }
                (Place::Over, None) => return self.end(),
                // The pages of a scan that were written into one file.
                (Place::Over, Some(b'{')) => {
                    self.end_of_page()?;
                    (self.place, self.earlier, self.count, self.more) =
                        (Place::Beginning, self.items, None, false);
                }
                (Place::Over, Some(_)) => return Err(damaged("something follows its end")),
                (_, None) => return Err(damaged("it ends before its closing bracket")),
                (_, Some(_)) => return Err(damaged("it is not well-formed JSON")),
            }
        }
    }

    fn member(&mut self) -> Result<(), Bad> {
        let window::Value::Whole(key) = self.window.value(MEMBER)? else {
            return Err(damaged("it is not well-formed JSON"));
        };
        let key: String = serde_json::from_slice(key).map_err(|_| damaged("it is not well-formed JSON"))?;
        if self.window.peek()? != Some(b':') {
            return Err(damaged("it is not well-formed JSON"));
        }
        self.window.skip();
        match (key.as_str(), self.window.peek()?) {
            ("Items", Some(b'[')) => {
                self.window.skip();
                self.place = Place::Items;
                return Ok(());
            }
            (_, None) => return Err(damaged("it ends before its closing bracket")),
            _ => (),
        }
        if let window::Value::Whole(value) = self.window.value(MEMBER)? {
            match key.as_str() {
                "Count" => self.count = serde_json::from_slice(value).ok(),
                "LastEvaluatedKey" | "NextToken" => self.more |= value != b"null",
                _ => (),
            }
        }
        Ok(())
    }

    fn end(&self) -> Result<Option<Numbered<'static>>, Bad> {
        if self.more {
            return Err(damaged(
                "it is a part of the table: more pages follow. Scan without --max-items and --no-paginate",
            ));
        }
        self.end_of_page().map(|()| None)
    }

    fn end_of_page(&self) -> Result<(), Bad> {
        let items = self.items - self.earlier;
        match self.count.filter(|count| *count != items) {
            Some(count) => Err(damaged(&format!("it has {items} items and says that it has {count}"))),
            None => Ok(()),
        }
    }
}

fn damaged(what: &str) -> Bad {
    Bad::CutShort(what.to_owned())
}
