//! A handle that cancels calls, for event handlers and for the end of a component.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

/// Cancels the calls that were given a copy of it. Copies cancel the same calls.
///
/// ```
/// use velvet_rope::CancelToken;
///
/// let cancel = CancelToken::new();
/// let on_click = {
///     let cancel = cancel.clone();
///     move || cancel.cancel()
/// };
/// on_click();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    cancelled: AtomicBool,
    waiting: Mutex<Vec<Waker>>,
}

impl CancelToken {
    /// A token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the calls under way, and those that begin later with this token.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
        let waiting = std::mem::take(&mut *self.waiting());
        for waker in waiting {
            waker.wake();
        }
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Ends when it is cancelled.
    pub async fn cancelled(&self) {
        poll_fn(|context| {
            if self.is_cancelled() {
                return Poll::Ready(());
            }
            let mut waiting = self.waiting();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waker>> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn every_copy_ends_when_one_is_cancelled() {
        let token = CancelToken::new();
        let copy = token.clone();
        assert_eq!(token.cancelled().now_or_never(), None);
        copy.cancel();
        assert_eq!(token.cancelled().now_or_never(), Some(()));
    }
}
