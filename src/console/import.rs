//! The API description that the list is made from.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::document::{self, Done};
use super::kept::Kept;
use super::size::size_of;
use crate::browser::file::ChosenFile;
use crate::browser::page;
use crate::messages::{OpenError, describe_open_error};
use velvet_rope::Auth;
use velvet_rope_openapi::{Amount, Document};

/// The field for a pasted document.
const PASTED: &str = "pasted-document";

/// What is known of the document.
#[derive(Clone)]
pub(super) enum Opening {
    None,
    /// It is read now; with where it is from.
    Reading(String),
    /// It cannot be read, and why.
    Failed(OpenError),
    /// It is open; with where it is from, and whether a reload of the page has it again.
    Open {
        document: Arc<Document>,
        from: String,
        is_kept: bool,
    },
}

/// The signals of the import.
#[derive(Clone, Copy)]
pub(super) struct Import {
    pub(super) opening: RwSignal<Opening>,
    /// How far the reading is. Apart from the opening: the button beside it stays while this changes.
    done: RwSignal<Option<Done>>,
    /// Raised by each start and each cancel, so that an older reading ends.
    round: StoredValue<u32>,
}

impl Import {
    /// Opens the document of before, else the configured one.
    pub(super) fn new(auth: Auth, kept: &Kept) -> Self {
        let import = Self {
            opening: kept.opening.clone().into(),
            done: RwSignal::new(None),
            round: StoredValue::new(0),
        };
        if import
            .opening
            .with_untracked(|opening| matches!(opening, Opening::Open { .. }))
        {
            return import;
        }
        import.opening.set(Opening::None);
        if let Some(text) = document::stored() {
            import.read("this tab", text, true);
        } else if let Some(address) = auth.config().api.openapi {
            import.open_address(address);
        }
        import
    }

    /// The open document.
    pub(super) fn document(self) -> Option<Arc<Document>> {
        self.opening.with(|opening| match opening {
            Opening::Open { document, .. } => Some(Arc::clone(document)),
            _ => None,
        })
    }

    fn start(self, from: &str) -> u32 {
        self.done.set(None);
        self.opening.set(Opening::Reading(from.to_owned()));
        self.round.update_value(|round| *round += 1);
        self.round.get_value()
    }

    fn is_current(self, round: u32) -> bool {
        self.round.try_get_value() == Some(round)
    }

    /// Shows what is done; whether to go on.
    fn go_on(self, round: u32, done: Done) -> bool {
        let is_current = self.is_current(round);
        if is_current {
            self.done.set(Some(done));
        }
        is_current
    }

    fn open_address(self, address: String) {
        let round = self.start(&address);
        spawn_local(async move {
            let text = document::text_at(&address, |done| self.go_on(round, done)).await;
            if let Some(text) = text {
                self.finish(round, &address, text, false).await;
            }
        });
    }

    /// Opens a file.
    pub(super) fn open_file(self, file: ChosenFile) {
        let round = self.start(&file.name());
        spawn_local(async move {
            let text = document::text_of_file(&file).await;
            self.finish(round, &file.name(), text, true).await;
        });
    }

    fn read(self, from: &'static str, text: String, keep: bool) {
        let round = self.start(from);
        spawn_local(async move { self.finish(round, from, Ok(text), keep).await });
    }

    async fn finish(self, round: u32, from: &str, text: Result<String, OpenError>, keep: bool) {
        if !self.is_current(round) {
            return;
        }
        let opened = match &text {
            Ok(text) => document::read(text, |done| self.go_on(round, done)).await,
            Err(error) => Some(Err(error.clone())),
        };
        if !self.is_current(round) {
            return;
        }
        let opening = match opened {
            None => Opening::None,
            Some(Err(error)) => Opening::Failed(error),
            Some(Ok(document)) => Opening::Open {
                document,
                from: from.to_owned(),
                is_kept: !keep || text.is_ok_and(|text| document::store(&text)),
            },
        };
        self.opening.set(opening);
    }

    fn close(self) {
        self.round.update_value(|round| *round += 1);
        document::forget();
        self.opening.set(Opening::None);
    }
}

/// Shows the document, or how to open one.
pub(super) fn view_import(auth: Auth, import: Import) -> AnyView {
    let view = move || match import.opening.get() {
        Opening::None => view_choices(import, "Open an API description").into_any(),
        Opening::Reading(from) => view_reading(import, from),
        Opening::Failed(error) => view! {
            <div class="notice" role="alert">
                <p class="notice-title">"The API description cannot be opened"</p>
                <p>{describe_open_error(&error)}</p>
            </div>
            {view_choices(import, "Open another API description")}
        }
        .into_any(),
        Opening::Open {
            document,
            from,
            is_kept,
        } => view_open(auth, import, &document, from, is_kept),
    };
    view! { <div class="import">{view}</div> }.into_any()
}

/// What is read, how much of it, and a button that ends it.
fn view_reading(import: Import, from: String) -> AnyView {
    let text = move || import.done.get().map_or_else(String::new, describe);
    // The bar says the same to screen readers, at their own pace.
    let share = move || import.done.get().and_then(share);
    view! {
        <p role="status">"Reading "<code>{from}</code>"…"</p>
        <progress class="import-progress" aria-label="Reading the API description" max="100" value=share></progress>
        <p class="field-hint import-amount" aria-hidden="true">{text}</p>
        <button type="button" class="tool" on:click=move |_| import.close()>"Cancel"</button>
    }
    .into_any()
}

/// How much is done: `4.2 MB of 13 MB`.
fn describe(done: Done) -> String {
    match done {
        Done::Loaded(bytes) => [&size_of(bytes), " loaded"].concat(),
        Done::Read(Amount::Text { done, total }) => {
            [&size_of(done), " of ", &size_of(total)].concat()
        }
        Done::Read(Amount::Parts { done, total }) => {
            format!("{done} of {total} paths and components")
        }
    }
}

/// The percentage, if the whole is known.
fn share(done: Done) -> Option<String> {
    let (Amount::Text { done, total } | Amount::Parts { done, total }) = match done {
        Done::Loaded(_) => return None,
        Done::Read(amount) => amount,
    };
    let percent = done.saturating_mul(100).checked_div(total)?;
    Some(percent.to_string())
}

fn view_choices(import: Import, title: &'static str) -> AnyView {
    let on_choose = move |event| {
        if let Some(file) = ChosenFile::of_input(&event) {
            import.open_file(file);
        }
    };
    let on_paste = move |_| {
        let text = page::text_of(PASTED);
        if !text.trim().is_empty() {
            import.read("the pasted text", text, true);
        }
    };
    view! {
        <details class="import-choices">
            <summary>{title}</summary>
            <p class="field-hint">
                "OpenAPI 3.0 or 3.1, or Swagger 2.0, as JSON or YAML: for example what API Gateway exports. Drop the file here, or:"
            </p>
            <label class="field-name">
                "Choose a file "
                <input type="file" class="request-file" accept=".json,.yaml,.yml" on:change=on_choose/>
            </label>
            <label class="field-name" for=PASTED>"Paste the text"</label>
            <textarea id=PASTED class="request-text" rows="4" spellcheck="false"></textarea>
            <button type="button" class="tool" on:click=on_paste>"Open the text"</button>
        </details>
    }
    .into_any()
}

fn view_open(
    auth: Auth,
    import: Import,
    document: &Document,
    from: String,
    is_kept: bool,
) -> AnyView {
    let title = match document.title.as_str() {
        "" => "Untitled API".to_owned(),
        title => title.to_owned(),
    };
    let count = document.operations.len();
    let lost = (!is_kept).then(|| {
        view! { <p class="field-hint">"It is too long to be kept: after a reload, open it again."</p> }
    });
    view! {
        <p class="import-title"><strong>{title}</strong></p>
        <p class="field-hint">{counted(count, "operation")}" from "<code>{from}</code></p>
        {view_server(auth, document)}
        {view_problems(document)}
        {lost}
        <button type="button" class="tool" on:click=move |_| import.close()>"Close the document"</button>
    }
    .into_any()
}

/// Requests only go to the API of the configuration: a document must not send credentials elsewhere.
fn view_server(auth: Auth, document: &Document) -> Option<AnyView> {
    let base_url = auth.config().api.base_url;
    let host = |url: &str| {
        let after = url.split("://").nth(1)?;
        after.split(['/', '?']).next().map(str::to_ascii_lowercase)
    };
    let own = host(&base_url);
    let first = document.servers.first()?;
    let is_other = document
        .servers
        .iter()
        .all(|server| host(&server.url) != own);
    let view = (is_other && host(&first.url).is_some()).then(|| {
        view! {
            <p class="field-hint">
                "The document is about "<code>{first.url.clone()}</code>". Requests go to "<code>{base_url}</code>", the API of config.json."
            </p>
        }
    })?;
    Some(view.into_any())
}

fn view_problems(document: &Document) -> Option<AnyView> {
    let count = document.problems.len() + document.omitted_problems;
    let view = (count > 0).then(|| {
        let problems = document.problems.iter().take(200).map(|problem| {
            view! { <li><code>{problem.to_string()}</code></li> }
        });
        let problems = problems.collect_view();
        view! {
            <details class="import-problems">
                <summary>{counted(count, "problem")}" in the document"</summary>
                <ul>{problems}</ul>
            </details>
        }
    })?;
    Some(view.into_any())
}

/// A number with its noun: `1 problem`, `2 problems`.
fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_amount_has_units_and_a_share_if_the_whole_is_known() {
        let text = Amount::Text {
            done: 4_210_000,
            total: 13_001_822,
        };
        let parts = Amount::Parts { done: 3, total: 8 };
        for (done, words, percent) in [
            (Done::Loaded(812_000), "812 kB loaded", None),
            (Done::Read(text), "4.2 MB of 13 MB", Some("32")),
            (Done::Read(parts), "3 of 8 paths and components", Some("37")),
        ] {
            assert_eq!(describe(done), words);
            assert_eq!(share(done).as_deref(), percent);
        }
        let none = Amount::Parts { done: 0, total: 0 };
        assert_eq!(share(Done::Read(none)), None);
    }
}
