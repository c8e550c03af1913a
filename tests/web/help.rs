//! What several tests need: waiting for conditions, and browsers that lack something.

use std::future::Future;
use std::pin::pin;

use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// The value of an expression in JavaScript.
pub(crate) fn js(expression: &str) -> JsValue {
    js_sys::eval(&format!("({expression})")).unwrap()
}

/// Waits, a turn of the browser's loop at a time, until `condition` holds.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..4_000 {
        if condition() {
            return;
        }
        TimeoutFuture::new(5).await;
    }
    panic!("in vain: {what}");
}

/// The outcome of `future`, which has to come without anything else having to happen.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match select(pin!(future), TimeoutFuture::new(20_000)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => panic!("in vain: {what}"),
    }
}

/// A property of an object that is another until this is dropped.
pub(crate) struct Replaced {
    object: Object,
    name: JsValue,
    before: JsValue,
}

/// Replaces the property `name` of `object`, which is an expression in JavaScript as `value` is one.
pub(crate) fn replace(object: &str, name: &str, value: &str) -> Replaced {
    let object: Object = js(object).unchecked_into();
    let name = JsValue::from(name);
    let before = Object::get_own_property_descriptor(&object, &name);
    let now = js(&format!(
        "{{ value: {value}, configurable: true, writable: true }}"
    ));
    Object::define_property(&object, &name, now.unchecked_ref());
    Replaced {
        object,
        name,
        before,
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        if self.before.is_undefined() {
            Reflect::delete_property(&self.object, &self.name).unwrap();
        } else {
            Object::define_property(&self.object, &self.name, self.before.unchecked_ref());
        }
    }
}
