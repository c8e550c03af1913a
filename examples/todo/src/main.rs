//! A to-do list on the signed routes below `/todos`: typed JSON, and files as bytes.
use leptos::{ev, html, prelude::*, task::spawn_local};
use velvet_rope::{
    AuthProvider, BrowserRequest, Loaded, SignInButton, SignedIn, SignedOut, UserMenu, use_auth,
};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlInputElement, Url, js_sys::Array, js_sys::Uint8Array};
const BYTES: &str = "application/octet-stream";

#[derive(Clone, serde::Deserialize)]
struct Todo {
    id: String,
    title: String,
    done: bool,
    attachment: Option<String>,
}

/// The bytes of the answer; else a text for the user.
async fn send(request: BrowserRequest) -> Result<Vec<u8>, String> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let bytes = answer.is_success().then(|| answer.bytes().to_vec());
    bytes.ok_or_else(|| format!("{}: {}", answer.status, answer.text()))
}

/// Sends the file that the user chose.
fn attach(event: &ev::Event, upload: &BrowserRequest, send: impl Fn(BrowserRequest) + 'static) {
    let files = event_target::<HtmlInputElement>(event).files();
    if let Some(file) = files.and_then(|files| files.get(0)) {
        let upload = upload.clone().query("name", file.name());
        spawn_local(async move {
            if let Ok(content) = JsFuture::from(file.array_buffer()).await {
                send(upload.bytes(BYTES, Uint8Array::new(&content).to_vec()));
            }
        });
    }
}

#[component]
fn Todos() -> impl IntoView {
    let api = StoredValue::new_local(use_auth().gateway());
    let (field, notice) = (NodeRef::<html::Input>::new(), RwSignal::new(String::new()));
    let list = velvet_rope::gateway_resource::<Vec<Todo>>(|gateway| gateway.get("/todos"));
    Effect::new(move |_| match list.get() {
        Loaded::Refused(answer) => notice.set(format!("{}: {}", answer.status, answer.text())),
        Loaded::Failed(error) => notice.set(error.to_string()),
        Loaded::Loading | Loaded::Value(_) | Loaded::Unexpected(_) => {}
    });
    let change = move |request: BrowserRequest| {
        spawn_local(async move {
            notice.set(send(request).await.err().unwrap_or_default());
            list.reload();
        });
    };
    let add = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            let todo = serde_json::json!({ "title": field.value() });
            change(api.get_value().post("/todos").json(&todo));
            field.set_value("");
        }
    };
    let entry = move |todo: Todo| {
        let (api, id) = (api.get_value(), todo.id);
        let content = serde_json::json!({ "title": todo.title, "done": !todo.done });
        let replace = api.put("/todos/{id}").path("id", &id).json(&content);
        let delete = api.delete("/todos/{id}").path("id", &id);
        let upload = api.put("/todos/{id}/attachment").path("id", &id);
        let download = api.get("/todos/{id}/attachment").path("id", &id);
        let file = todo.attachment.map(|name| {
            let link = NodeRef::<html::A>::new();
            let download = move |_| {
                let request = download.clone().header("accept", BYTES);
                spawn_local(async move {
                    let saved = send(request).await.map(|bytes| {
                        let parts = Array::of1(&Uint8Array::from(&bytes[..]));
                        let copy = Blob::new_with_u8_array_sequence(&parts).ok()?;
                        let link = link.get_untracked()?;
                        link.set_href(&Url::create_object_url_with_blob(&copy).ok()?);
                        link.click();
                        Url::revoke_object_url(&link.href()).ok()
                    });
                    notice.set(saved.err().unwrap_or_default());
                });
            };
            view! {
                <button on:click=download>{name.clone()}</button>
                <a node_ref=link download=name hidden></a>
            }
        });
        view! {
            <li>
                <label><input type="checkbox" prop:checked=todo.done on:change=move |_| change(replace.clone())/>{todo.title}</label>
                {file}
                <label class="file">"Attach a file" <input type="file" on:change=move |event| attach(&event, &upload, change)/></label>
                <button on:click=move |_| change(delete.clone())>"Delete"</button>
            </li>
        }
    };
    view! {
        <form on:submit=add>
            <input aria-label="What is to be done" required node_ref=field/> <button>"Add"</button>
        </form>
        <p role="status">{notice}</p>
        <ul>{move || list.latest().into_iter().flatten().map(entry).collect_view()}</ul>
    }
}

fn main() {
    leptos::mount::mount_to_body(|| {
        view! {
            <AuthProvider>
                <h1>"To-do"</h1> <UserMenu/>
                <SignedOut><SignInButton return_to="/"/></SignedOut> <SignedIn><Todos/></SignedIn>
            </AuthProvider>
        }
    });
}
