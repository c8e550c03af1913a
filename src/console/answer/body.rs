//! The body of an answer.

use leptos::prelude::*;

use super::content::{Content, content_of, file_name, media_type};
use super::hex;
use super::json::view_json;
use crate::browser::share::{self, ObjectUrl};
use crate::components::copy::copy_button;
use crate::console::size::size_of;
use velvet_rope::Answer;

/// Characters of a text that are shown at once: browsers need long to lay out more.
const TEXT: usize = 100_000;
/// Bytes that are shown at once.
const BYTES: usize = 4_096;

/// A way to show a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Tree,
    Image,
    Raw,
    Bytes,
}

impl Mode {
    fn label(self) -> &'static str {
        match self {
            Self::Tree => "Tree",
            Self::Image => "Image",
            Self::Raw => "Raw",
            Self::Bytes => "Bytes",
        }
    }
}

fn modes(content: Content) -> &'static [Mode] {
    match content {
        Content::Empty => &[],
        Content::Json => &[Mode::Tree, Mode::Raw, Mode::Bytes],
        Content::Text => &[Mode::Raw, Mode::Bytes],
        Content::Image => &[Mode::Image, Mode::Bytes],
        Content::Bytes => &[Mode::Bytes],
    }
}

/// Shows a body. `path` is that of the request, for the name of the file that it is saved as.
pub(super) fn view_body(answer: &Answer, path: &str) -> AnyView {
    let content = content_of(answer);
    let modes = modes(content);
    let Some(&first) = modes.first() else {
        return view! { <p class="answer-hint">"The answer has no body."</p> }.into_any();
    };
    let mode = RwSignal::new(first);
    let buttons = modes.iter().map(|&at| {
        let pressed = move || (mode.get() == at).to_string();
        view! {
            <button type="button" class="tool" aria-pressed=pressed on:click=move |_| mode.set(at)>{at.label()}</button>
        }
    });
    let buttons = (modes.len() > 1).then(|| buttons.collect_view());
    let (name, kind) = (file_name(answer, path), media_type(answer));
    let body = answer.body.clone();
    let saved = body.clone();
    let on_download = move |_| share::download(&name, &saved, &kind);
    let copied = body.clone();
    let is_text = matches!(content, Content::Json | Content::Text);
    let copy = is_text.then(|| copy_button("tool", "Copy", move || copied.text().into_owned()));
    let kind = media_type(answer);
    let shown = move || match mode.get() {
        Mode::Tree => view_json(body.text().into_owned()),
        Mode::Image => view_image(&body, &kind),
        Mode::Raw => view_in_pieces(body.len(), TEXT, {
            let body = body.clone();
            move |length| text_start(&body, length)
        }),
        Mode::Bytes => view_in_pieces(body.len(), BYTES, {
            let body = body.clone();
            move |length| hex::dump(&body[..length.min(body.len())])
        }),
    };
    view! {
        <div class="answer-tools">
            {buttons}
            <span class="answer-tools-end">
                {copy}
                <button type="button" class="tool" on:click=on_download>"Download"</button>
            </span>
        </div>
        {shown}
    }
    .into_any()
}

/// The first `length` bytes as text, to the end of the last character.
fn text_start(bytes: &[u8], length: usize) -> String {
    let mut end = length.min(bytes.len());
    while end < bytes.len() && end > 0 && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// Shows the start of something long, and a button for more.
fn view_in_pieces(
    length: usize,
    piece: usize,
    start: impl Fn(usize) -> String + Send + Sync + 'static,
) -> AnyView {
    let shown = RwSignal::new(piece);
    let more = move || {
        let so_far = shown.get();
        (so_far < length).then(|| {
            view! {
                <p class="answer-hint">
                    "The first "{size_of(so_far)}" of "{size_of(length)}" are shown. "
                    <button type="button" class="tool" on:click=move |_| shown.update(|shown| *shown += piece)>"Show more"</button>
                </p>
            }
        })
    };
    view! {
        <pre class="answer-raw" tabindex="0" aria-label="Body">{move || start(shown.get())}</pre>
        {more}
    }
    .into_any()
}

fn view_image(bytes: &[u8], content_type: &str) -> AnyView {
    let Some(url) = ObjectUrl::new(bytes, content_type) else {
        return view! { <p class="answer-hint">"The browser cannot show this image."</p> }
            .into_any();
    };
    let source = url.as_str().to_owned();
    let failed = RwSignal::new(false);
    let url = StoredValue::new(url);
    on_cleanup(move || url.dispose());
    let image = move || {
        if failed.get() {
            view! { <p class="answer-hint">"The body is not an image that the browser can show."</p> }.into_any()
        } else {
            view! { <img class="answer-image" src=source.clone() alt="The answer" on:error=move |_| failed.set(true)/> }
                .into_any()
        }
    };
    image.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_not_cut_within_a_character() {
        assert_eq!(text_start("aüb".as_bytes(), 2), "a");
        assert_eq!(text_start("aüb".as_bytes(), 3), "aü");
        assert_eq!(text_start("aüb".as_bytes(), 99), "aüb");
        assert_eq!(text_start(b"", 5), "");
    }
}
