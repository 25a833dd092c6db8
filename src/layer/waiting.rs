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
    /// How many events are waited for.
    events: AtomicUsize,
}

impl Waiting {
    /// Waits for the event. After this call the caller must claim once more, or it may wait for a run that ended just
    /// before.
    pub(super) fn join(&self, event: Key) -> Wait<'_> {
        let (sender, receiver) = oneshot::channel();
        self.change(|waiters| waiters.entry(event).or_default().push(sender));
        Wait {
            waiting: self,
            event,
            receiver,
        }
    }

    /// Tells those who wait how the run ended.
    pub(super) fn ended(&self, event: Key, completed: bool) {
        if self.events.load(Ordering::SeqCst) == 0 {
            return;
        }
        let woken = self
            .change(|waiters| waiters.remove(&event))
            .unwrap_or_default();
        for waiter in woken {
            // A waiter that gave up in the meantime was answered already.
            let _ = waiter.send(completed);
        }
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut HashMap<Key, Vec<oneshot::Sender<bool>>>) -> T,
    ) -> T {
        let mut waiters = self.waiters.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut waiters);
        self.events.store(waiters.len(), Ordering::SeqCst);
        changed
    }
}

/// A place among those who wait; given up on drop.
pub(super) struct Wait<'w> {
    waiting: &'w Waiting,
    event: Key,
    receiver: oneshot::Receiver<bool>,
}

impl Wait<'_> {
    /// Whether the event completed; `None` when nobody can tell any more.
    pub(super) async fn ended(&mut self) -> Option<bool> {
        (&mut self.receiver).await.ok()
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.receiver.close();
        self.waiting.change(|waiters| {
            if let Some(those) = waiters.get_mut(&self.event) {
                those.retain(|waiter| !waiter.is_closed());
                if those.is_empty() {
                    waiters.remove(&self.event);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn those_who_wait_learn_the_end_and_those_who_leave_leave_nothing() {
        let waiting = Waiting::default();
        let event = Key::event("a", None, b"1");
        waiting.ended(event, true);
        let (mut one, two) = (waiting.join(event), waiting.join(event));
        drop(two);
        assert_eq!(waiting.events.load(Ordering::SeqCst), 1);
        waiting.ended(Key::event("a", None, b"2"), false);
        waiting.ended(event, true);
        assert_eq!(one.ended().await, Some(true));
        drop(one);
        drop(waiting.join(event));
        assert_eq!(waiting.events.load(Ordering::SeqCst), 0);
        assert!(waiting.waiters.lock().unwrap().is_empty());
    }
}
