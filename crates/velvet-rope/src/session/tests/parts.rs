//! Parts alone, on fakes, without the client.

use std::rc::Rc;
use std::time::Duration;

use serde_json::json;

use crate::http::HttpResponse;
use crate::session::context::Context;
use crate::session::credentials_cache::{CredentialsCache, Subject};
use crate::session::idle::Idle;
use crate::session::session_store::SessionStore;
use crate::session::state::{Session, SignedOutReason};
use crate::session::testing::values::{credentials, signed_in};
use crate::session::testing::{FakeCloud, FakeHost, World, run, wait};
use crate::store::{MemoryStore, Store as _};
use crate::time::Timestamp;

type TestContext = Context<Rc<FakeCloud>, Rc<MemoryStore>, FakeHost>;
type TestStore = SessionStore<Rc<FakeCloud>, Rc<MemoryStore>, FakeHost>;

fn store(context: &Rc<TestContext>) -> (TestStore, Rc<CredentialsCache>) {
    let cache = Rc::<CredentialsCache>::default();
    (SessionStore::new(context.clone(), cache.clone()), cache)
}

#[test]
fn the_session_store_writes_storage_and_never_an_older_revision_over_a_newer_one() {
    run(async {
        let context = World::new().context();
        let (store, _) = store(&context);
        store.begin(&signed_in("session-1", 5));
        assert_eq!(store.stored().map(|stored| stored.revision), Some(5));
        store.update(&signed_in("session-1", 4));
        assert_eq!(store.stored().map(|stored| stored.revision), Some(5));
        store.update(&signed_in("session-1", 6));
        assert_eq!(store.stored().map(|stored| stored.revision), Some(6));
        store.begin(&signed_in("session-2", 1));
        assert_eq!(
            store.stored().map(|stored| stored.id).as_deref(),
            Some("session-2")
        );
    });
}

#[test]
fn a_session_that_is_restored_stays_so_until_it_begins() {
    run(async {
        let context = World::new().context();
        let (store, _) = store(&context);
        let session = signed_in("session-1", 1);
        store.set(Session::Restoring(Some(Box::new(session.clone()))));
        store.update(&session);
        assert!(matches!(store.session(), Session::Restoring(Some(_))));
        store.begin(&session);
        assert!(matches!(store.session(), Session::SignedIn(_)));
    });
}

#[test]
fn ended_sessions_are_remembered_in_memory_and_for_other_tabs() {
    run(async {
        let context = World::new().context();
        let (store, _) = store(&context);
        store.begin(&signed_in("session-1", 1));
        store.forget(SignedOutReason::SignedOut);
        assert_eq!(store.stored(), None);
        assert!(store.has_ended("session-1"));
        for number in 0..100 {
            store.note_ended(format!("other-{number}"));
        }
        let shared = context.ports.shared.get("velvet-rope.ended").unwrap();
        assert_eq!(shared.unwrap().split(' ').count(), 16);
        assert!(store.has_ended("session-1"), "this tab forgot it");
        let (elsewhere, _) = self::store(&context);
        assert!(elsewhere.has_ended("other-99") && !elsewhere.has_ended("session-1"));
    });
}

#[test]
fn credentials_are_dropped_when_another_session_begins_and_not_when_tokens_change() {
    run(async {
        let context = World::new().context();
        let (store, cache) = store(&context);
        store.begin(&signed_in("session-1", 1));
        let subject = Subject {
            session: Some("session-1".to_owned()),
            role: None,
        };
        let store_credentials = || {
            let generation = cache.generation();
            cache.store(generation, subject.clone(), &credentials(2_000_000_000));
        };
        store_credentials();
        store.update(&signed_in("session-1", 2));
        assert!(cache.expiration().is_some());
        for end in [
            Session::SigningIn,
            Session::SignedOut(SignedOutReason::Idle),
            Session::SignedIn(Box::new(signed_in("session-2", 1))),
        ] {
            store.begin(&signed_in("session-1", 2));
            store_credentials();
            store.set(end);
            assert_eq!(cache.expiration(), None);
        }
    });
}

#[test]
fn inactivity_warns_before_it_ends_and_activity_restarts_it() {
    run(async {
        let world = World::configured(|config| config["session"] = json!({ "idle_minutes": 10 }));
        let idle = Idle::new(world.context());
        idle.restart();
        wait(539).await;
        assert!(!idle.is_over());
        assert_eq!(idle.end(), None);
        wait(2).await;
        assert!(!idle.is_over());
        let began = world.cloud.now().shifted(-541);
        assert_eq!(idle.end(), Some(began.plus(Duration::from_mins(10))));
        idle.touch();
        assert_eq!(idle.end(), None);
        wait(600).await;
        assert!(!idle.restart_unless_over(), "activity came too late");
        assert!(idle.is_over() && idle.expired_while_closed());
    });
}

#[test]
fn the_context_learns_the_time_stores_it_and_knows_it_after_a_reload() {
    run(async {
        let world = World::new();
        let context = world.context();
        let server = context.device_time().shifted(1_000);
        context.share_offset(context.offset_from_refusal(Some(server), &silent()));
        assert_eq!(context.now(), server);
        let stored = context.ports.sessions.get("velvet-rope.clock").unwrap();
        assert_eq!(stored.as_deref(), Some("1000"));
        context.correct_clock(0);
        assert_eq!(context.now(), context.device_time());
        assert_ne!(context.now(), Timestamp(0));
    });
}

fn silent() -> HttpResponse {
    HttpResponse::new(403, Vec::new(), "")
}
