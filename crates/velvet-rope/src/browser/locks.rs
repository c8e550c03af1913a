//! Web Locks: names that the tabs of one origin hold, exclusively or shared, and release when they close
//! (<https://w3c.github.io/web-locks/>). Browsers before 2022 and pages without https have none.
//!
//! `host` builds locks and claims of the session on them: an exclusive one for a lock, a shared one for a claim.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::js::{deferred, object, settle};

// `web_sys` has these only for builds that allow it unstable interfaces.
#[wasm_bindgen]
extern "C" {
    type NavigatorWithLocks;

    #[wasm_bindgen(method, getter)]
    fn locks(this: &NavigatorWithLocks) -> Option<LockManager>;

    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        granted: &JsValue,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;
}

/// `None` outside of secure contexts and in browsers without Web Locks.
fn manager() -> Option<LockManager> {
    let navigator = web_sys::window()?.navigator();
    navigator.unchecked_into::<NavigatorWithLocks>().locks()
}

/// Whether others may hold a name at the same time.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    Exclusive,
    Shared,
}

/// A name that this tab holds until this is dropped; nothing at all where the browser has no locks.
#[derive(Debug)]
pub struct WebLock {
    /// Fulfills the promise that the browser holds the name for.
    release: Function,
    /// Fulfilled when the browser has let go, rejected when it refused the name.
    ended: Option<Promise>,
}

impl WebLock {
    /// Waits for the name. Dropping the future cancels the request.
    ///
    /// Without Web Locks it returns at once, so a tab that is alone works as usual.
    pub(super) async fn acquire(name: &str, mode: Mode) -> Self {
        let (held, release) = deferred();
        let (granted, grant) = deferred();
        let mut lock = Self {
            release,
            ended: None,
        };
        let Some(manager) = manager() else {
            return lock;
        };
        let mode = match mode {
            Mode::Exclusive => "exclusive",
            Mode::Shared => "shared",
        };
        let on_grant = Closure::<dyn FnMut() -> Promise>::new(move || {
            settle(&grant);
            held.clone()
        });
        let asked = manager.request(name, &object(&[("mode", mode)]), &on_grant.into_js_value());
        if let Ok(ended) = asked {
            lock.ended = Some(ended.clone());
            // A browser that keeps no site data refuses every name: then there is nothing to wait for.
            let _ = JsFuture::from(Promise::race(&Array::of2(&granted, &ended))).await;
        }
        lock
    }

    /// Releases the lock. When it returns, no tab sees the name held by this lock.
    pub(super) async fn release(mut self) {
        let ended = self.ended.take();
        drop(self);
        if let Some(ended) = ended {
            let _ = JsFuture::from(ended).await;
        }
    }
}

impl Drop for WebLock {
    fn drop(&mut self) {
        settle(&self.release);
    }
}

/// What follows `prefix` in each name that a tab of this origin holds.
/// A name is listed once for each tab that holds it.
pub(super) async fn held_after(prefix: &str) -> Vec<String> {
    let Some(Ok(asked)) = manager().map(|manager| manager.query()) else {
        return Vec::new();
    };
    let Ok(snapshot) = JsFuture::from(asked).await else {
        return Vec::new();
    };
    let held = Reflect::get(&snapshot, &"held".into()).unwrap_or_default();
    let Ok(held) = held.dyn_into::<Array>() else {
        return Vec::new();
    };
    let name = |lock: JsValue| {
        let name = Reflect::get(&lock, &"name".into()).ok()?.as_string()?;
        Some(name.strip_prefix(prefix)?.to_owned())
    };
    held.iter().filter_map(name).collect()
}
