//! What of the page a Content-Security-Policy has to know: the scripts and styles that are written into it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The sources of the scripts and styles in a page, as a Content-Security-Policy names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub(crate) script_sources: Vec<String>,
    pub(crate) style_sources: Vec<String>,
}

/// A page that no policy without `unsafe-inline` can allow.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PageError {
    /// A tag, a script or a style that does not end.
    #[error("the page has a <script> or a <style> that does not end")]
    Unfinished,
    /// Styles in attributes.
    #[error(
        "the page has style=\"…\", which its policy does not allow; put it into a file of style/"
    )]
    StyleAttribute,
}

impl Page {
    /// Reads the text of an `index.html`.
    ///
    /// # Errors
    /// [`PageError`] when the policy could not allow what is written into it.
    pub fn read(html: &str) -> Result<Self, PageError> {
        // Before they are hashed, the parser makes every line end in one line feed (HTML, section 13.2.3.5).
        let html = html.replace("\r\n", "\n").replace('\r', "\n");
        let mut page = Self::default();
        let mut rest = html.as_str();
        while let Some(Tag {
            name,
            before,
            inside,
            after,
        }) = next_tag(rest)?
        {
            check_attributes(before)?;
            let (text, behind) =
                split_at_word(after, &format!("</{name}")).ok_or(PageError::Unfinished)?;
            if name == STYLE {
                add(&mut page.style_sources, source(text));
            } else if !has_attribute(inside, "src") {
                add(&mut page.script_sources, source(text));
            }
            rest = behind;
        }
        check_attributes(rest)?;
        Ok(page)
    }

    /// A page that may be this one or `other`.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for source in &other.script_sources {
            add(&mut both.script_sources, source.clone());
        }
        for source in &other.style_sources {
            add(&mut both.style_sources, source.clone());
        }
        both
    }

    /// A page that is not built yet: what stands for the hashes of its scripts and styles is no hash.
    #[must_use]
    pub fn placeholder() -> Self {
        Self {
            script_sources: vec!["'sha256-{of a script in dist/index.html}'".to_owned()],
            style_sources: vec!["'sha256-{of the style in dist/index.html}'".to_owned()],
        }
    }
}

/// Adds `source`, unless it is there.
fn add(sources: &mut Vec<String>, source: String) {
    if !sources.contains(&source) {
        sources.push(source);
    }
}

/// The source expression for a script or a style with this text (CSP level 3, section 2.3.1).
fn source(text: &str) -> String {
    format!(
        "'sha256-{}'",
        STANDARD.encode(Sha256::digest(text.as_bytes()))
    )
}

const STYLE: &str = "style";

/// A tag that begins a script or a style.
struct Tag<'a> {
    name: &'static str,
    /// What is before it.
    before: &'a str,
    /// Its attributes.
    inside: &'a str,
    /// What is behind it.
    after: &'a str,
}

fn next_tag(html: &str) -> Result<Option<Tag<'_>>, PageError> {
    let tags =
        ["script", STYLE].map(|name| Some((name, split_at_word(html, &format!("<{name}"))?)));
    let first = tags
        .into_iter()
        .flatten()
        .min_by_key(|(_, (before, _))| before.len());
    let Some((name, (before, after))) = first else {
        return Ok(None);
    };
    let mut quote = None;
    for (index, byte) in after.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => {
                return Ok(Some(Tag {
                    name,
                    before,
                    inside: &after[..index],
                    after: &after[index + 1..],
                }));
            }
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            _ => {}
        }
    }
    Err(PageError::Unfinished)
}

/// Splits where `word` stands, in upper or lower case, and nothing that would make it another word follows.
fn split_at_word<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let start = from + lower[from..].find(word)?;
        let end = start + word.len();
        let next = lower.as_bytes().get(end);
        if next.is_none_or(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-')) {
            return Some((&text[..start], &text[end..]));
        }
        from = end;
    }
}

fn has_attribute(tag: &str, name: &str) -> bool {
    let names = tag
        .split_ascii_whitespace()
        .map(|word| word.split('=').next().unwrap_or_default());
    names
        .into_iter()
        .any(|word| word.trim_end_matches('/').eq_ignore_ascii_case(name))
}

fn check_attributes(markup: &str) -> Result<(), PageError> {
    let mut rest = markup;
    while let Some((_, after)) = rest.split_once('<') {
        let tag = after.split('>').next().unwrap_or_default();
        if has_attribute(tag, STYLE) {
            return Err(PageError::StyleAttribute);
        }
        rest = after;
    }
    Ok(())
}
