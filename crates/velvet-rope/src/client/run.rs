//! Keeps the session up to date: regular checks, wake-ups of the page, messages of other tabs, and user activity.
//!
//! Browsers throttle and suspend timers of hidden pages. So each check compares times instead of counting intervals,
//! and every sign that the page is awake again starts one more check.

use std::rc::{Rc, Weak};

use super::{BrowserClient, parts};
use crate::browser::{page, spawn};
use crate::host::Host as _;
use crate::session::state::Session;
use crate::session::tick::{LONGEST_WAIT, Tick};

/// Renews the session ahead of time, ends it when it is idle, and follows the other tabs, for as long as something
/// else holds `client`. Calls `after` after every check, so that the app can read [`idle_end`] again.
///
/// [`idle_end`]: crate::session::Client::idle_end
///
/// Call it once per client. When the last other reference to `client` is dropped, the checks end and the listeners do
/// nothing.
pub fn run(client: &Rc<BrowserClient>, after: impl Fn() + 'static) {
    let after: Rc<dyn Fn()> = Rc::new(after);
    follow_tabs(client, &after);
    follow_returns(client);
    let weak = Rc::downgrade(client);
    client.when_session(move || spawn(start(weak, after)));
}

/// Loads what follows a session, which guests do not need.
async fn start(client: Weak<BrowserClient>, after: Rc<dyn Fn()>) {
    while let Some(client) = client.upgrade() {
        let (following, after) = (Rc::clone(&client), Rc::clone(&after));
        if parts::follow_session(following, after).await.is_ok() {
            return;
        }
        client.report_unavailable(Some(client.host().now().plus(LONGEST_WAIT)));
        client.host().pause(LONGEST_WAIT).await;
    }
}

/// The regular checks, the wake-ups of the page, and user activity.
pub(super) fn keep_current(client: &Rc<BrowserClient>, after: &Rc<dyn Fn()>) {
    check_regularly(client, after);
    let (weak, then) = (Rc::downgrade(client), Rc::clone(after));
    page::on_wake(move || {
        if let Some(client) = weak.upgrade() {
            let after = Rc::clone(&then);
            spawn(async move {
                follow(client.wake().await, &*after);
            });
        }
    });
    let (weak, then) = (Rc::downgrade(client), Rc::clone(after));
    page::on_activity(move || {
        if let Some(client) = weak.upgrade() {
            client.touch();
            then();
        }
    });
}

/// Checks as often as [`Tick::wait`] says: between one and five seconds.
fn check_regularly(client: &Rc<BrowserClient>, after: &Rc<dyn Fn()>) {
    let (weak, after) = (Rc::downgrade(client), Rc::clone(after));
    spawn(async move {
        while let Some(client) = weak.upgrade() {
            let wait = follow(client.tick().await, &*after);
            client.host().pause(wait).await;
        }
    });
}

/// A page that comes back out of the browser's cache still says that it is leaving for the provider. Any other page has
/// missed the messages of the tabs meanwhile; a tab with a newer session answers, also one that has a session where this page has none.
fn follow_returns(client: &Rc<BrowserClient>) {
    let weak = Rc::downgrade(client);
    page::on_return(move || {
        let Some(client) = weak.upgrade() else {
            return;
        };
        spawn(async move {
            if let Err(unavailable) = parts::resume_page(Rc::clone(&client)).await {
                client.fail(unavailable.into());
            }
        });
    });
}

/// Restores the session of a page that was leaving for the provider, or shows it to the other tabs.
pub(super) async fn resume(client: &BrowserClient) {
    if matches!(client.session(), Session::SigningIn) {
        // An error of the renewal is reported as an event.
        let _ = client.retry().await;
    } else if client.has_session() {
        client.announce().await;
    } else if !client.host().claims().await.is_empty() {
        client.ask_tabs().await;
    }
}

/// Passes the messages of other tabs to the client.
fn follow_tabs(client: &Rc<BrowserClient>, after: &Rc<dyn Fn()>) {
    let (weak, after) = (Rc::downgrade(client), Rc::clone(after));
    client.host().listen(move |text| {
        if let Some(client) = weak.upgrade() {
            let after = Rc::clone(&after);
            spawn(async move {
                // A session that this tab misses now is in a later message, or found by its next page load.
                let _ = parts::on_message(client, text).await;
                after();
            });
        }
    });
}

/// Acts on the result of a check. Returns the longest wait until the next one.
fn follow(tick: Tick, after: &dyn Fn()) -> std::time::Duration {
    after();
    if let Some(url) = tick.leave_for {
        let _ = page::leave_for(&url);
    }
    tick.wait
}
