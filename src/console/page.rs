//! The page of the console.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::answer::AnswerPane;
use super::catalog::Catalog;
use super::exchange::{Exchange, ExchangeResult, RequestDraft};
use super::form::{Actions, Form, view_form};
use super::import::{Import, view_import};
use super::inspect::inspect;
use super::kept::{Kept, add};
use super::list::{OperationList, address};
use super::styles;
use crate::browser::file::ChosenFile;
use crate::browser::page;
use crate::route::CONSOLE_PATH;
use velvet_rope::browser::device_now;
use velvet_rope::{Auth, CallError, CancelToken, use_auth};

/// The signals of the page.
#[derive(Clone, Copy)]
struct Console {
    auth: Auth,
    catalog: Signal<Catalog>,
    /// The key of the operation in the address.
    selected: Memo<Option<String>>,
    /// The form of that operation.
    form: RwSignal<Option<Form>>,
    exchanges: RwSignal<Vec<Exchange>>,
    shown: RwSignal<Option<u32>>,
    /// Set while a request is under way.
    sending: RwSignal<Option<CancelToken>>,
    /// A request of before, for the form that comes next.
    replayed: StoredValue<Option<RequestDraft>>,
}

/// The page.
#[component]
pub(crate) fn ConsolePage() -> impl IntoView {
    page::set_title("API console · Velvet Rope");
    styles::adopt();
    let auth = use_auth();
    let kept = Kept::of_tab(auth);
    let import = Import::new(auth, &kept);
    let routes = auth.config().api.routes;
    let catalog = Memo::new(move |_| Catalog::new(&routes, import.document()));
    let catalog = Signal::from(catalog);
    let query = use_query_map();
    let console = Console {
        auth,
        catalog,
        selected: Memo::new(move |_| query.with(|query| query.get("operation"))),
        form: RwSignal::new(None),
        exchanges: kept.exchanges.into(),
        shown: kept.shown.into(),
        sending: RwSignal::new(None),
        replayed: StoredValue::new(None),
    };
    console.end_with_page();
    let navigate = use_navigate();
    let on_open = Callback::new(move |key: String| {
        navigate(
            &address(&key),
            NavigateOptions {
                scroll: false,
                ..NavigateOptions::default()
            },
        );
        request_animation_frame(|| page::focus("operation"));
    });
    let on_drop = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        if let Some(file) = ChosenFile::of_drop(&event) {
            import.open_file(file);
        }
    };
    let is_open = move || console.selected.with(Option::is_some);
    let described = console.described();
    view! {
        <div class="console" class:console-open=is_open>
            <aside
                class="console-list" aria-label="Operations"
                on:dragover=|event| event.prevent_default() on:drop=on_drop
            >
                <h1>"API console"</h1>
                <OperationList catalog selected=console.selected.into() on_open/>
                {view_import(auth, import)}
            </aside>
            <div class="console-work">
                {move || view_work(console, described.get())}
                <AnswerPane
                    exchanges=console.exchanges shown=console.shown
                    on_replay=Callback::new(move |draft| console.replay(draft, on_open))
                    on_send=Callback::new(move |draft| console.send(draft))
                />
            </div>
        </div>
    }
}

/// An operation: its key, and where the document describes it; nothing if the list does not have it.
type Described = (String, Option<Option<String>>);

/// The form of the selected operation.
fn view_work(console: Console, described: Option<Described>) -> AnyView {
    let Some((key, _)) = described else {
        console.form.set(None);
        return view! {
            <p class="empty">
                "Choose an operation. Open an API description to see all operations of your API; without one, the list has the \
                 routes of config.json."
            </p>
        }
        .into_any();
    };
    let back = view! { <a class="console-back" href=CONSOLE_PATH>"← All operations"</a> };
    let found = console.catalog.with_untracked(|catalog| {
        let entry = catalog.entry(&key)?;
        Some(Form::new(catalog, entry))
    });
    console.form.set(found);
    let Some(form) = found else {
        return view! {
            {back}
            <p class="empty">
                "There is no operation "<code>{key}</code>" in the list. Open the API description that has it."
            </p>
        }
        .into_any();
    };
    if let Some(draft) = console.replayed.try_update_value(Option::take).flatten() {
        form.load(&draft);
    }
    let actions = Actions {
        on_send: Callback::new(move |draft| console.send(draft)),
        on_cancel: Callback::new(move |()| {
            if let Some(token) = console.sending.get_untracked() {
                token.cancel();
            }
        }),
        is_sending: Signal::derive(move || console.sending.with(Option::is_some)),
    };
    view! {
        {back}
        {view_form(console.auth, form, console.catalog, actions)}
    }
    .into_any()
}

impl Console {
    /// Cancels the request under way when the page is left.
    fn end_with_page(self) {
        on_cleanup(move || {
            if let Some(token) = self.sending.try_get_untracked().flatten() {
                token.cancel();
            }
        });
    }

    /// The selected operation. A document that is opened meanwhile changes it only if it describes this operation.
    fn described(self) -> Memo<Option<Described>> {
        Memo::new(move |_| {
            let key = self.selected.get()?;
            let pointer = self.catalog.with(|catalog| {
                let operation = catalog.operation(catalog.entry(&key)?);
                Some(operation.map(|operation| operation.pointer.clone()))
            });
            Some((key, pointer))
        })
    }

    /// Sends a request, and shows its result.
    fn send(self, draft: RequestDraft) {
        if self.sending.with_untracked(Option::is_some) {
            return;
        }
        let token = CancelToken::new();
        self.sending.set(Some(token.clone()));
        let sent_at = device_now();
        let sent = Rc::new(RefCell::new(None));
        let request = draft.request(self.auth, &sent).cancel(&token);
        spawn_local(async move {
            let result = request.send().await;
            if self.sending.try_set(None).is_some() {
                // The page is gone.
                return;
            }
            let result = match result {
                Ok(answer) => ExchangeResult::Answered(answer),
                Err(CallError::Cancelled) => return,
                Err(error) => ExchangeResult::Failed(error),
            };
            let text = match &result {
                ExchangeResult::Answered(answer) if answer.refusal.is_some() => Some(answer.text()),
                _ => None,
            };
            // Only what has no secret is kept.
            let request = sent.take();
            let sent = request.map(|request| inspect(&request, &draft, text.as_deref()));
            drop(text);
            let id = add(self.exchanges, |id| Exchange {
                id,
                draft,
                sent_at,
                sent,
                result,
            });
            self.shown.set(Some(id));
        });
    }

    /// Puts a request of before into the form of its operation.
    fn replay(self, draft: RequestDraft, on_open: Callback<String>) {
        if self
            .selected
            .with_untracked(|key| key.as_deref() == Some(&draft.operation))
        {
            if let Some(form) = self.form.get_untracked() {
                form.load(&draft);
                page::focus("operation");
            }
            return;
        }
        let key = draft.operation.clone();
        self.replayed.set_value(Some(draft));
        on_open.run(key);
    }
}
