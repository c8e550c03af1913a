//! Reads typed values out of JSON and collects every mistake on the way instead of stopping at the first.
//!
//! A derived deserializer would stop at the first wrong value and would add several kilobytes to the bundle.

use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;

use super::Mistake;
use super::json::Json;

/// The mistakes of one text, in the order in which they were found.
#[derive(Default)]
pub(super) struct Mistakes {
    /// Also those that are not described.
    found: Cell<bool>,
    described: RefCell<Vec<Mistake>>,
}

impl Mistakes {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        !self.found.get()
    }

    /// Those that are described.
    pub(super) fn into_described(self) -> Vec<Mistake> {
        self.described.into_inner()
    }
}

/// One object of the configuration, with the path that leads to it.
///
/// All readers of one text share the list of mistakes. A reader of something that is no object reports that once, and
/// then reads every key as missing without reporting those too.
pub(super) struct Reader<'a, J> {
    /// `None` if the value is missing or no object.
    object: Option<&'a J>,
    /// With dots and indices: `api.routes[1]`. Empty for the whole, and where mistakes are not described.
    path: String,
    mistakes: &'a Mistakes,
}

impl<'a, J: Json> Reader<'a, J> {
    /// Reads `value`, which stands at `path` and may hold no keys but `known`.
    pub(super) fn new(
        value: Option<&'a J>,
        path: String,
        known: &[&str],
        mistakes: &'a Mistakes,
    ) -> Self {
        let reader = Self {
            object: value.filter(|value| value.is_object()),
            path,
            mistakes,
        };
        if reader.object.is_none() {
            reader.report_at(reader.path.clone(), "an object: { … }", value);
        }
        for (key, value) in reader.object.into_iter().flat_map(J::members) {
            if !known.contains(&key) {
                let expected = if J::DESCRIBED {
                    format!("no such key; known here: {}", known.join(", "))
                } else {
                    String::new()
                };
                reader.report_at(reader.key(key), &expected, Some(value));
            }
        }
        reader
    }

    /// The object under `key`, which must be there.
    pub(super) fn section(&self, key: &str, known: &[&str]) -> Reader<'a, J> {
        Reader::new(self.value(key), self.key(key), known, self.mistakes)
    }

    /// The object under `key`, if there is anything.
    pub(super) fn optional_section(&self, key: &str, known: &[&str]) -> Option<Reader<'a, J>> {
        self.value(key)
            .map(|value| Reader::new(Some(value), self.key(key), known, self.mistakes))
    }

    /// The objects in the list under `key`, which must be there.
    pub(super) fn list(&self, key: &str, expected: &str, known: &[&str]) -> Vec<Reader<'a, J>> {
        let Some(values) = self.value(key).and_then(J::items) else {
            self.report(key, expected);
            return Vec::new();
        };
        let reader = |(index, value)| {
            let path = if J::DESCRIBED {
                format!("{}[{index}]", self.key(key))
            } else {
                String::new()
            };
            Reader::new(Some(value), path, known, self.mistakes)
        };
        values.iter().enumerate().map(reader).collect()
    }

    /// The text under `key` as `check` makes it; a missing or wrong one is a mistake.
    ///
    /// `expected` is shown to the user. White space around the text is removed before `check`.
    pub(super) fn required<T>(
        &self,
        key: &str,
        expected: &str,
        check: &dyn Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.value(key).and_then(J::text);
        let value = text.map(super::check::trimmed).and_then(check);
        if value.is_none() && self.object.is_some() {
            let unicode_host = J::DESCRIBED && text.is_some_and(super::check::has_unicode_host);
            let expected = if unicode_host {
                super::check::ASCII_HOST
            } else {
                expected
            };
            self.report(key, expected);
        }
        value
    }

    /// The text under `key` as `check` makes it; a wrong one is a mistake, a missing one is not.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        expected: &str,
        check: &dyn Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.value(key)
            .and_then(|_| self.required(key, expected, check))
    }

    /// The list of texts under `key`, if there is one.
    /// One wrong item makes the whole list a mistake.
    pub(super) fn optional_words(&self, key: &str, expected: &str) -> Option<Vec<String>> {
        let value = self.value(key)?;
        let words = value.items().and_then(|items| {
            let words = items.iter().map(J::text);
            words
                .map(|word| super::check::word(super::check::trimmed(word?)))
                .collect()
        });
        if words.is_none() {
            self.report(key, expected);
        }
        words
    }

    /// The `true` or `false` under `key`, if there is anything.
    pub(super) fn optional_flag(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.flag();
        if flag.is_none() {
            self.report(key, "true or false");
        }
        flag
    }

    /// The whole number under `key`, if there is anything; one outside `range` is a mistake.
    pub(super) fn optional_number(
        &self,
        key: &str,
        expected: &str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let value = self.value(key)?;
        let number = value.number().filter(|number| range.contains(number));
        if number.is_none() {
            self.report(key, expected);
        }
        number
    }

    /// Whether anything stands under `key`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Adds the mistake that what stands under `key` is not `expected`.
    pub(super) fn report(&self, key: &str, expected: &str) {
        self.report_at(self.key(key), expected, self.value(key));
    }

    /// Adds a mistake with a shortened copy of the value.
    fn report_at(&self, key: String, expected: &str, found: Option<&J>) {
        self.mistakes.found.set(true);
        if J::DESCRIBED {
            let found = found.map(J::shown);
            self.mistakes.described.borrow_mut().push(Mistake {
                key,
                expected: expected.to_owned(),
                found,
            });
        }
    }

    /// The value under `key`, of any type. `null` is a value too, and a wrong one.
    fn value(&self, key: &str) -> Option<&'a J> {
        self.object.and_then(|object| object.member(key))
    }

    /// The full name of a key in a message.
    fn key(&self, key: &str) -> String {
        if !J::DESCRIBED {
            String::new()
        } else if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}
