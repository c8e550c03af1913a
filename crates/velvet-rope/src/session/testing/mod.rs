//! Test support: a fake cloud, a fake browser with any number of tabs, and a clock that advances only while every task
//! waits.

mod cloud;
mod host;
pub(super) mod values;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

pub(super) use cloud::{FakeCloud, Fault, Kind};
pub(super) use host::{FakeBrowser, FakeHost};

use super::context::Context;
use super::error::AuthError;
use super::event::{Change, EventKind};
use super::restore::Restored;
use super::state::{Session, SignedIn, SignedOutReason};
use super::{Client, Completed, Ports};
use crate::config::{Config, StorageKind, parse};
use crate::oauth::authorize::Entropy;
use crate::oauth::callback::{Callback, Code};
use crate::oauth::options::SignInOptions;
use crate::store::MemoryStore;
use crate::time::Timestamp;

/// When every test begins, by the clock of the cloud.
pub(super) const START: Timestamp = Timestamp(1_700_000_000);
pub(super) const ORIGIN: &str = "https://app.example.com";
pub(super) const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
pub(super) const CLIENT_ID: &str = "1example23456789abcdefghij";

pub(super) type TestClient = Client<Rc<FakeCloud>, Rc<MemoryStore>, FakeHost>;

/// Runs a test in one thread, with a clock that advances when every task waits.
pub(super) fn run<F: Future>(test: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test)
}

pub(super) async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// A cloud and a browser.
pub(super) struct World {
    pub(super) config: Config,
    pub(super) cloud: Rc<FakeCloud>,
    pub(super) browser: Rc<FakeBrowser>,
    /// What all tabs share: `localStorage`.
    local: Rc<MemoryStore>,
    pub(super) shared: Rc<MemoryStore>,
    sign_ins: Cell<u8>,
}

impl World {
    pub(super) fn new() -> Self {
        Self::configured(|_| ())
    }

    /// A world with another configuration than the example's.
    pub(super) fn configured(change: impl FnOnce(&mut Value)) -> Self {
        let example = crate::config::EXAMPLE;
        let mut value: Value = serde_json::from_str(example).unwrap();
        change(&mut value);
        let cloud = Rc::new(FakeCloud::default());
        Self {
            config: parse(&value.to_string()).unwrap(),
            browser: Rc::new(FakeBrowser::new(Rc::clone(&cloud))),
            cloud,
            local: Rc::default(),
            shared: Rc::default(),
            sign_ins: Cell::new(0),
        }
    }

    /// Opens a tab.
    pub(super) fn tab(&self) -> Tab {
        self.tab_on(Rc::default(), Rc::default())
    }

    /// Loads a tab anew.
    pub(super) fn reload(&self, tab: Tab) -> Tab {
        let (sessions, pending) = (Rc::clone(&tab.sessions), Rc::clone(&tab.pending));
        tab.close();
        if self.config.session.storage == StorageKind::Memory {
            return self.tab_on(Rc::default(), pending);
        }
        self.tab_on(sessions, pending)
    }

    fn ports(
        &self,
        sessions: Rc<MemoryStore>,
        pending: Rc<MemoryStore>,
        host: FakeHost,
    ) -> Ports<Rc<FakeCloud>, Rc<MemoryStore>, FakeHost> {
        Ports {
            transport: Rc::clone(&self.cloud),
            sessions,
            pending,
            shared: Rc::clone(&self.shared),
            host,
            signer: Box::new(crate::aws::signer::BuiltInSigner::default()),
        }
    }

    /// The context of a tab, for a part alone.
    pub(super) fn context(&self) -> Rc<Context<Rc<FakeCloud>, Rc<MemoryStore>, FakeHost>> {
        let (host, _) = self.browser.open_tab();
        let ports = self.ports(Rc::default(), Rc::default(), host);
        Rc::new(Context::new(self.config.clone(), ORIGIN.to_owned(), ports))
    }

    /// Opens a page in a tab with these stores.
    pub(super) fn tab_on(&self, sessions: Rc<MemoryStore>, pending: Rc<MemoryStore>) -> Tab {
        let sessions = match self.config.session.storage {
            StorageKind::Local => Rc::clone(&self.local),
            _ => sessions,
        };
        let (host, mut messages) = self.browser.open_tab();
        let ports = self.ports(Rc::clone(&sessions), Rc::clone(&pending), host);
        let client = Rc::new(Client::new(self.config.clone(), ORIGIN.to_owned(), ports));
        let events = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&events);
        client.watch(move |change| {
            if let Change::Event(event) = change {
                log.borrow_mut().push(event.kind.clone());
            }
        });
        let listener = Rc::clone(&client);
        let latency = Rc::clone(&self.browser);
        let receiver = tokio::task::spawn_local(async move {
            while let Some(text) = messages.recv().await {
                tokio::time::sleep(latency.latency.get()).await;
                listener.on_message(&text).await;
            }
        });
        Tab {
            client,
            sessions,
            pending,
            events,
            tasks: vec![receiver.abort_handle()],
        }
    }

    pub(super) fn entropy(&self) -> Entropy {
        let number = self.sign_ins.get() + 1;
        self.sign_ins.set(number);
        Entropy {
            state: [number; 16],
            nonce: [number.wrapping_add(100); 16],
            code_verifier: [number; 32],
        }
    }

    /// A tab in which a user has signed in.
    pub(super) async fn signed_in(&self) -> Tab {
        let tab = self.tab();
        self.sign_in(&tab).await.unwrap();
        tab
    }

    pub(super) async fn sign_in(&self, tab: &Tab) -> Result<Completed, AuthError> {
        self.sign_in_with(tab, &SignInOptions::default()).await
    }

    pub(super) async fn sign_in_with(
        &self,
        tab: &Tab,
        options: &SignInOptions,
    ) -> Result<Completed, AuthError> {
        let callback = self.come_back(tab, options).await?;
        tab.client.complete_sign_in(callback).await
    }

    /// Goes to the hosted UI and comes back with a code.
    pub(super) async fn come_back(
        &self,
        tab: &Tab,
        options: &SignInOptions,
    ) -> Result<Callback, AuthError> {
        let url = tab
            .client
            .begin_sign_in("/here", options, self.entropy())
            .await?;
        tab.client.leaving();
        Ok(Callback::Code {
            code: Code::new(self.cloud.issue_code(&parameter(&url, "nonce"))),
            state: parameter(&url, "state"),
            issuer: None,
        })
    }
}

pub(super) fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').unwrap().1;
    let found = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.unwrap().1.into_owned()
}

/// A tab of the fake browser.
pub(super) struct Tab {
    pub(super) client: Rc<TestClient>,
    pub(super) sessions: Rc<MemoryStore>,
    pub(super) pending: Rc<MemoryStore>,
    pub(super) events: Rc<RefCell<Vec<EventKind>>>,
    tasks: Vec<tokio::task::AbortHandle>,
}

impl Tab {
    /// Looks after the session from now on, as the page does.
    pub(super) fn look_after(&mut self) {
        let client = Rc::clone(&self.client);
        let heart = tokio::task::spawn_local(async move {
            loop {
                let tick = client.tick().await;
                tokio::time::sleep(tick.wait).await;
            }
        });
        self.tasks.push(heart.abort_handle());
    }

    /// Opens the page: takes up what there is.
    pub(super) async fn open(&self) -> Option<String> {
        match self.client.restore() {
            Restored::Done => {
                self.client.announce().await;
                None
            }
            Restored::Unfinished => {
                let entropy = Entropy {
                    state: [7; 16],
                    nonce: [8; 16],
                    code_verifier: [9; 32],
                };
                self.client.finish_restoring("/there", Some(entropy)).await
            }
        }
    }

    pub(super) fn signed_in(&self) -> SignedIn {
        match self.client.session() {
            Session::SignedIn(signed_in) => *signed_in,
            other => panic!("no user is signed in: {other:?}"),
        }
    }

    pub(super) fn is_signed_in(&self) -> bool {
        matches!(self.client.session(), Session::SignedIn(_))
    }

    pub(super) fn reason(&self) -> SignedOutReason {
        match self.client.session() {
            Session::SignedOut(reason) => reason,
            other => panic!("a user is signed in: {other:?}"),
        }
    }

    pub(super) fn happened(&self, is: impl Fn(&EventKind) -> bool) -> usize {
        self.events
            .borrow()
            .iter()
            .filter(|event| is(event))
            .count()
    }

    /// The tab goes, at once and in the middle of whatever it does.
    pub(super) fn close(self) {
        self.client.host().close();
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Waits for a condition.
pub(super) async fn until(condition: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it did not come true within a minute");
}

/// Lets every task that can go on do so.
pub(super) async fn settle() {
    wait(1).await;
}
