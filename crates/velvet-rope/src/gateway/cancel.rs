//! A handle that cancels calls, for event handlers and for the end of a component.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

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
    watches: AtomicUsize,
    waiting: Mutex<Vec<(usize, Waker)>>,
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
        for (_, waker) in waiting {
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
        let watch = self.watch();
        poll_fn(|context| {
            if watch.poll(context) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Waits for it, until that is dropped.
    pub(crate) fn watch(&self) -> Watch {
        let watches = self.0.watches.fetch_add(1, Ordering::Relaxed);
        Watch {
            token: self.clone(),
            number: watches,
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<(usize, Waker)>> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a token. A token may outlive many calls, so what they wait with is removed when they end.
pub(crate) struct Watch {
    token: CancelToken,
    number: usize,
}

impl Watch {
    /// Whether the token was cancelled; if not, the task is woken when it is.
    pub(crate) fn poll(&self, context: &mut Context<'_>) -> bool {
        if self.token.is_cancelled() {
            return true;
        }
        let mut waiting = self.token.waiting();
        waiting.retain(|(number, _)| *number != self.number);
        waiting.push((self.number, context.waker().clone()));
        false
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut waiting = self.token.waiting();
        waiting.retain(|(number, _)| *number != self.number);
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

    #[test]
    fn a_wait_that_is_dropped_leaves_nothing_behind() {
        let token = CancelToken::new();
        for _ in 0..3 {
            let mut wait = Box::pin(token.cancelled());
            assert_eq!((&mut wait).now_or_never(), None);
            assert_eq!((&mut wait).now_or_never(), None);
            assert_eq!(token.waiting().len(), 1);
        }
        assert_eq!(token.waiting().len(), 0);
    }
}
