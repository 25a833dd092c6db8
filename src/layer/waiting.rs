//! Copies of an event that wait for the first one to end, within this process.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::oneshot;

use crate::key::Key;

/// Who waits for which event. Costs one atomic load where nobody waits, which is nearly always.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    waiters: Mutex<HashMap<Key, Vec<oneshot::Sender<bool>>>>,
    count: AtomicUsize,
}

impl Waiting {
    /// Waits for the event: whether it completed. After this call the caller must claim once more, or it may wait for
    /// a run that ended just before.
    pub(super) fn join(&self, event: Key) -> oneshot::Receiver<bool> {
        let (sender, receiver) = oneshot::channel();
        let mut waiters = self.waiters.lock().unwrap_or_else(PoisonError::into_inner);
        let those = waiters.entry(event).or_default();
        let before = those.len();
        // Those who gave up are swept here, so that a stream of copies of a slow event does not pile up.
        those.retain(|waiter| !waiter.is_closed());
        those.push(sender);
        self.count.fetch_add(1, Ordering::SeqCst);
        self.count.fetch_sub(
            before.saturating_add(1).saturating_sub(those.len()),
            Ordering::SeqCst,
        );
        receiver
    }

    /// Tells those who wait how the run ended.
    pub(super) fn ended(&self, event: Key, completed: bool) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let woken = self
            .waiters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&event)
            .unwrap_or_default();
        self.count.fetch_sub(woken.len(), Ordering::SeqCst);
        for waiter in woken {
            // A waiter that gave up in the meantime was answered already.
            let _ = waiter.send(completed);
        }
    }
}
