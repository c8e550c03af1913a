//! What surrounds the page. Two hosts in one page stand for two tabs: locks and channels keep them apart as
//! they would keep tabs.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, join, select};
use js_sys::{Array, Reflect};
use velvet_rope::browser::host::BrowserHost;
use velvet_rope::host::Host as _;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::{js, replace, soon, until};

type Log = Rc<RefCell<Vec<String>>>;

fn log() -> (Log, impl Fn(&str) + Clone + 'static) {
    let log = Log::default();
    let entries = Rc::clone(&log);
    (log, move |entry: &str| {
        entries.borrow_mut().push(entry.to_owned());
    })
}

/// Waits until the browser has queued a request for a lock whose name ends so.
async fn queued(name: &str) {
    loop {
        let asked = js("navigator.locks.query()").unchecked_into::<js_sys::Promise>();
        let locks = JsFuture::from(asked).await.unwrap();
        let pending: Array = Reflect::get(&locks, &"pending".into())
            .unwrap()
            .unchecked_into();
        let is_it = |lock| {
            let held = Reflect::get(&lock, &"name".into()).unwrap();
            held.as_string().unwrap().ends_with(name)
        };
        if pending.iter().any(is_it) {
            return;
        }
    }
}

async fn claims(host: &BrowserHost) -> Vec<String> {
    let mut claims = soon("claims", host.claims()).await;
    claims.sort();
    claims
}

#[wasm_bindgen_test]
async fn a_lock_is_held_by_one_tab_at_a_time() {
    let (entries, write) = log();
    let first = BrowserHost::new("exclusion");
    let lock = soon("a free lock", first.lock("renewal")).await;
    write("first in");
    let second_writes = write.clone();
    spawn_local(async move {
        let _lock = BrowserHost::new("exclusion").lock("renewal").await;
        second_writes("second in");
    });
    soon("the second tab waits", queued("exclusion.lock.renewal")).await;
    write("first out");
    drop(lock);
    until("the second tab has the lock", || {
        entries.borrow().len() == 3
    })
    .await;
    assert_eq!(*entries.borrow(), ["first in", "first out", "second in"]);
    soon("the lock is free again", first.lock("renewal")).await;
}

#[wasm_bindgen_test]
async fn other_names_and_other_sites_have_locks_of_their_own() {
    let host = BrowserHost::new("apart");
    let _lock = soon("a lock", host.lock("renewal")).await;
    soon("another name", host.lock("other")).await;
    soon("another site", BrowserHost::new("apart-2").lock("renewal")).await;
    soon("a claim", host.claim(Some("renewal"))).await;
}

#[wasm_bindgen_test]
async fn who_stops_waiting_for_a_lock_does_not_get_it() {
    let host = BrowserHost::new("impatient");
    let lock = soon("a lock", host.lock("renewal")).await;
    {
        let waiting = pin!(host.lock("renewal"));
        let queued = pin!(queued("impatient.lock.renewal"));
        let first = soon("the wait", select(waiting, queued)).await;
        assert!(matches!(first, Either::Right(_)), "two hold the lock");
    }
    drop(lock);
    soon("the lock is free", host.lock("renewal")).await;
}

#[wasm_bindgen_test]
async fn a_claim_is_seen_by_all_until_another_takes_its_place() {
    let (first, second) = (BrowserHost::new("claims"), BrowserHost::new("claims"));
    assert!(claims(&first).await.is_empty());
    first.claim(Some("one")).await;
    assert_eq!(claims(&first).await, ["one"]);
    assert_eq!(claims(&second).await, ["one"]);
    soon("one name for two", second.claim(Some("one"))).await;
    assert_eq!(claims(&first).await, ["one", "one"]);
    second.claim(Some("two")).await;
    assert_eq!(claims(&first).await, ["one", "two"]);
    first.claim(None).await;
    assert_eq!(claims(&first).await, ["two"]);
    assert!(claims(&BrowserHost::new("claims-2")).await.is_empty());
    let _lock = first.lock("three").await;
    assert_eq!(claims(&first).await, ["two"]);
}

#[wasm_bindgen_test]
async fn a_claim_ends_with_its_tab() {
    let (first, second) = (BrowserHost::new("gone"), BrowserHost::new("gone"));
    second.claim(Some("one")).await;
    assert_eq!(claims(&first).await, ["one"]);
    drop(second);
    let ended = async { while !first.claims().await.is_empty() {} };
    soon("the claim ends", ended).await;
}

#[wasm_bindgen_test]
async fn of_claims_made_at_once_the_last_one_counts() {
    let host = BrowserHost::new("at-once");
    join(host.claim(Some("one")), host.claim(Some("two"))).await;
    assert_eq!(claims(&host).await, ["two"]);
    join(host.claim(Some("three")), host.claim(None)).await;
    assert!(claims(&host).await.is_empty());
}

/// What a new host of this site hears.
fn heard(site: &str) -> (BrowserHost, Log) {
    let host = BrowserHost::new(site);
    let (log, write) = log();
    host.listen(move |text| write(&text));
    (host, log)
}

#[wasm_bindgen_test]
async fn a_text_reaches_the_other_tabs_of_its_site_and_only_those() {
    let (first, by_first) = heard("channel");
    let (second, by_second) = heard("channel");
    let (_third, by_third) = heard("channel-2");
    first.broadcast("from the first");
    // Any page of the same origin can send any message.
    let stranger = web_sys::BroadcastChannel::new("velvet-rope.channel").unwrap();
    stranger.post_message(&7.into()).unwrap();
    stranger.post_message(&js("{ text: 'no' }")).unwrap();
    second.broadcast("from the second");
    BrowserHost::new("channel-2").broadcast("from elsewhere");
    // What was sent before these has arrived by now, if it arrives at all.
    until("the last text came", || {
        by_first.borrow().contains(&"from the second".to_owned()) && !by_third.borrow().is_empty()
    })
    .await;
    until("the first text came", || !by_second.borrow().is_empty()).await;
    assert_eq!(*by_first.borrow(), ["from the second"]);
    assert_eq!(*by_second.borrow(), ["from the first"]);
    assert_eq!(*by_third.borrow(), ["from elsewhere"]);
}

#[wasm_bindgen_test]
async fn a_pause_ends_no_sooner_than_it_is_long() {
    let host = BrowserHost::new("pause");
    let clock = || js("performance.now()").as_f64().unwrap();
    let before = clock();
    soon("a pause", host.pause(Duration::from_millis(50))).await;
    // Browsers round their clocks.
    assert!(clock() - before > 48.0, "{}", clock() - before);
    soon("no pause", host.pause(Duration::ZERO)).await;
}

#[wasm_bindgen_test]
async fn a_pause_longer_than_a_browser_can_count_does_not_end_at_once() {
    let host = BrowserHost::new("pause");
    let long = pin!(host.pause(Duration::MAX));
    let short = pin!(host.pause(Duration::from_millis(100)));
    assert!(matches!(select(long, short).await, Either::Right(_)));
}

#[wasm_bindgen_test]
async fn a_pause_that_nobody_waits_for_leaves_no_timer() {
    let host = BrowserHost::new("pause");
    let counting = "((clear) => (id) => { window.cleared = id; clear.call(window, id); })(window.clearTimeout)";
    let _replaced = replace("window", "clearTimeout", counting);
    let no_wait = std::future::ready(());
    select(pin!(host.pause(Duration::from_hours(1))), no_wait).await;
    assert!(js("window.cleared").as_f64().is_some());
}

#[wasm_bindgen_test]
fn time_chance_and_network_are_those_of_the_browser() {
    let host = BrowserHost::new("values");
    assert!(host.now() >= velvet_rope::browser::clock::now());
    let (one, other) = (host.jitter(), host.jitter());
    assert!((0.0..1.0).contains(&one) && (0.0..1.0).contains(&other));
    assert_ne!(one.to_bits(), other.to_bits());
    assert!(host.is_online());
    let _replaced = replace("navigator", "onLine", "false");
    assert!(!host.is_online());
}

#[wasm_bindgen_test]
async fn without_web_locks_a_tab_acts_as_if_it_were_alone() {
    let host = BrowserHost::new("no-locks");
    let refusing = "{ request: () => Promise.reject(new DOMException('', 'SecurityError')), \
         query: () => Promise.reject(new DOMException('', 'SecurityError')) }";
    let throwing = "{ request() { throw 1; }, query() { throw 1; } }";
    let strange =
        "{ request: (name, options, then) => Promise.resolve(then()), query: async () => 7 }";
    for locks in ["undefined", refusing, throwing, strange] {
        let _replaced = replace("navigator", "locks", locks);
        let _first = soon("a lock", host.lock("renewal")).await;
        soon("a claim", host.claim(Some("one"))).await;
        soon("no claim", host.claim(None)).await;
        assert!(claims(&host).await.is_empty(), "{locks}");
    }
}

#[wasm_bindgen_test]
fn without_channels_nothing_is_sent() {
    for channel in ["undefined", "function () { throw 1; }"] {
        let _replaced = replace("window", "BroadcastChannel", channel);
        let host = BrowserHost::new("no-channel");
        host.listen(|text| panic!("heard {text}"));
        host.broadcast("no tab");
    }
}
