//! What of the page a Content-Security-Policy has to know: the scripts that are written into it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The sources of the scripts in a page, as a Content-Security-Policy names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub(crate) script_sources: Vec<String>,
}

/// A page that no policy without `unsafe-inline` can allow.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PageError {
    /// A tag or a script that does not end.
    #[error("the page has a <script> that does not end")]
    Unfinished,
    /// Styles in the page instead of a file.
    #[error(
        "the page has styles of its own, in <style> or style=\"…\"; put them into a file of style/"
    )]
    InlineStyle,
}

impl Page {
    /// Reads the text of an `index.html`.
    ///
    /// # Errors
    /// [`PageError`] when the policy could not allow what is written into it.
    pub fn read(html: &str) -> Result<Self, PageError> {
        // Before scripts are hashed, the parser makes every line end in one line feed (HTML, section 13.2.3.5).
        let html = html.replace("\r\n", "\n").replace('\r', "\n");
        let mut script_sources = Vec::new();
        let mut rest = html.as_str();
        while let Some((before, tag, after)) = next_tag(rest, "script")? {
            check_styles(before)?;
            let (script, behind) = split_at_word(after, "</script").ok_or(PageError::Unfinished)?;
            let source = source(script);
            if !has_attribute(tag, "src") && !script_sources.contains(&source) {
                script_sources.push(source);
            }
            rest = behind;
        }
        check_styles(rest)?;
        Ok(Self { script_sources })
    }

    /// A page that may be this one or `other`.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut script_sources = self.script_sources.clone();
        let more = other
            .script_sources
            .iter()
            .filter(|source| !self.script_sources.contains(source));
        script_sources.extend(more.cloned());
        Self { script_sources }
    }

    /// A page that is not built yet: what stands for the hash of its script is no hash.
    #[must_use]
    pub fn placeholder() -> Self {
        Self {
            script_sources: vec!["'sha256-{of the script in dist/index.html}'".to_owned()],
        }
    }
}

/// The source expression for a script with this text (CSP level 3, section 2.3.1).
fn source(script: &str) -> String {
    format!(
        "'sha256-{}'",
        STANDARD.encode(Sha256::digest(script.as_bytes()))
    )
}

/// What is before the next tag `name`, the inside of the tag, and what is behind it.
fn next_tag<'a>(
    html: &'a str,
    name: &str,
) -> Result<Option<(&'a str, &'a str, &'a str)>, PageError> {
    let Some((before, after)) = split_at_word(html, &format!("<{name}")) else {
        return Ok(None);
    };
    let mut quote = None;
    for (index, byte) in after.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Ok(Some((before, &after[..index], &after[index + 1..]))),
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

fn check_styles(markup: &str) -> Result<(), PageError> {
    let mut rest = markup;
    while let Some((_, after)) = rest.split_once('<') {
        let tag = after.split('>').next().unwrap_or_default();
        let is_style = split_at_word(tag, "style").is_some_and(|(before, _)| before.is_empty());
        if is_style || has_attribute(tag, "style") {
            return Err(PageError::InlineStyle);
        }
        rest = after;
    }
    Ok(())
}
