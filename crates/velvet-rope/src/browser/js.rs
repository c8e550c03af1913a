//! Conversions to JavaScript values that several files of this module use.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Event;

/// A promise and the function that fulfills it.
pub(super) fn deferred() -> (Promise, Function) {
    // Not `Function::default()`, which compiles source text: a content security policy may forbid that.
    let mut fulfill = JsValue::UNDEFINED;
    let promise = Promise::new(&mut |resolve, _| fulfill = resolve.into());
    (promise, fulfill.unchecked_into())
}

/// Fulfills the promise that `fulfill` belongs to. A second time does nothing.
pub(super) fn settle(fulfill: &Function) {
    let _ = fulfill.call0(&JsValue::UNDEFINED);
}

/// An object of texts.
pub(super) fn object(entries: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in entries {
        let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
    }
    object
}

/// A listener for events, which lives for as long as something can call it.
pub(super) fn listener(then: impl Fn(Event) + 'static) -> Function {
    Closure::<dyn Fn(Event)>::new(then)
        .into_js_value()
        .unchecked_into()
}
