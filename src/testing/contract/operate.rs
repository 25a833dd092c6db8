//! [`operate_contract`]: what an operator may do to deliveries.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use super::{
    ContractTime, RETENTION, WORKS,
    inbox::{Contract, NEW, dead},
};
use crate::{
    key::Key,
    store::{
        Accepted, Claimed, DeliveryQuery, DeliveryState, Entry, Inbox, OnRepeat, Operate,
        Settlement,
    },
};

/// Checks that an inbox keeps the rules of [`Operate`] that concern what runs.
///
/// 1. A retry makes a dead delivery pending, its attempts counted from 1, with a larger fence. Nothing else is retried.
/// 2. A replay runs a delivery once more, under a key of its own; with the same nonce nothing happens.
/// 3. A list finds the deliveries of a receiver by their state, newest first.
/// 4. Content of a dead delivery is free for others. Where none took it, a retry holds it again: once the delivery is pending
///    or completed, a copy under another id is a replay. Where another took it, the retry runs without it.
///
/// As [`inbox_contract`](super::inbox_contract), it uses keys of its own. Nothing is purged.
///
/// ```no_run
/// # async fn f<S: hooklatch::Inbox + hooklatch::store::Operate + 'static>(store: std::sync::Arc<S>) {
/// use hooklatch::testing::{ContractTime, inbox_contract, operate_contract};
///
/// inbox_contract(store.clone(), ContractTime::Real).await;
/// operate_contract(store).await;
/// # }
/// ```
///
/// # Panics
/// When a rule is broken, naming it, or when the store returns an error.
pub async fn operate_contract<S: Inbox + Operate + 'static>(store: Arc<S>) {
    let operated = Operated {
        inbox: Contract {
            store: store.clone(),
            time: ContractTime::Real,
            run: RandomState::new().hash_one(()),
        },
        operate: store,
    };
    operated.retry().await;
    operated.replay().await;
    operated.list().await;
    operated.retried_content().await;
    operated.content_taken_over().await;
    operated.content_claimed().await;
}

struct Operated {
    inbox: Contract,
    operate: Arc<dyn Operate>,
}

impl Operated {
    async fn retries(&self, event: Key, expected: bool, rule: &str) {
        let retried = self.operate.retry(event).await.expect(WORKS);
        assert_eq!(retried, expected, "broken rule: {rule}");
    }

    /// Runs the only delivery that is due.
    async fn runs(&self, rule: &str, settlement: Settlement) {
        let leased = self
            .inbox
            .lease_one(rule, "a delivery is due, and no other")
            .await;
        assert_eq!(leased.attempt, 1, "broken rule: attempts count from 1");
        let settled = self
            .inbox
            .settle(leased.event, leased.fence, settlement)
            .await;
        assert!(settled, "broken rule: the holder settles");
    }

    fn content(&self, rule: &str, id: &str) -> Entry {
        self.inbox.with_content(rule, id, OnRepeat::Refuse)
    }

    /// A dead delivery with content `1`.
    async fn dead_content(&self, rule: &str) -> Key {
        let first = self.content(rule, "1");
        let event = first.claim.event;
        self.inbox.expect(first, NEW, "fresh content is new").await;
        self.runs(rule, dead()).await;
        event
    }

    async fn retry(&self) {
        let (inbox, entry) = (&self.inbox, self.inbox.entry("retried", "1"));
        let event = entry.claim.event;
        self.retries(event, false, "what is unknown is not retried")
            .await;
        inbox.expect(entry, NEW, "a fresh delivery is new").await;
        self.retries(event, false, "what is pending is not retried")
            .await;
        let first = inbox.lease_one("retried", "a fresh delivery is due").await;
        self.retries(event, false, "what is running is not retried")
            .await;
        assert!(inbox.settle(event, first.fence, dead()).await);
        self.retries(event, true, "what is dead is retried").await;
        let second = inbox.lease_one("retried", "what is retried is due").await;
        assert_eq!(second.attempt, 1, "broken rule: attempts are counted anew");
        assert!(second.fence > first.fence, "broken rule: fences grow");
        assert!(
            inbox
                .settle(event, second.fence, Settlement::Done(RETENTION))
                .await,
            "broken rule: the holder settles"
        );
        self.retries(event, false, "what is completed is not retried")
            .await;
    }

    async fn replay(&self) {
        let entry = self.inbox.entry("replayed", "1");
        let event = entry.claim.event;
        let replay = async |nonce| self.operate.replay(event, nonce).await.expect(WORKS);
        assert_eq!(
            replay("1").await,
            None,
            "broken rule: what is unknown is not replayed"
        );
        let body = entry.body.clone();
        self.inbox
            .expect(entry, NEW, "a fresh delivery is new")
            .await;
        self.runs("replayed", Settlement::Done(RETENTION)).await;
        let copy = replay("1").await;
        assert!(
            copy.is_some_and(|copy| copy != event),
            "broken rule: a replay has a key of its own"
        );
        assert_eq!(replay("1").await, None, "broken rule: a nonce replays once");
        let leased = self
            .inbox
            .lease_one("replayed", "what is replayed is due")
            .await;
        assert_eq!(
            (Some(leased.event), leased.body),
            (copy, body),
            "broken rule: a replay has the body of the first"
        );
    }

    async fn list(&self) {
        for id in ["1", "2", "3"] {
            let entry = self.inbox.entry("listed", id);
            self.inbox
                .expect(entry, NEW, "a fresh delivery is new")
                .await;
        }
        let receiver = self.inbox.receiver("listed");
        let leased = self.inbox.store.lease(&receiver, 2, RETENTION).await;
        for leased in leased.expect(WORKS) {
            assert!(self.inbox.settle(leased.event, leased.fence, dead()).await);
        }
        for (state, expected) in [
            (DeliveryState::Dead, &["2", "1"][..]),
            (DeliveryState::Pending, &["3"]),
            (DeliveryState::Completed, &[]),
        ] {
            let query = DeliveryQuery::new().receiver(&receiver).state(state);
            let found = self.operate.list(&query).await.expect(WORKS);
            let ids: Vec<_> = found.iter().filter_map(|one| one.id.as_deref()).collect();
            assert_eq!(ids, expected, "broken rule: a list finds what is {state:?}");
        }
    }

    async fn retried_content(&self) {
        let running = self.content("retried content", "1");
        // Written as dead, and never run.
        let born = Entry {
            dead: Some("unreadable".into()),
            ..self.content("retried content of what was born dead", "1")
        };
        for (rule, entry) in [
            ("retried content", running),
            ("retried content of what was born dead", born),
        ] {
            let (event, is_born) = (entry.claim.event, entry.dead.is_some());
            self.inbox.expect(entry, NEW, "fresh content is new").await;
            if !is_born {
                self.runs(rule, dead()).await;
            }
            self.retries(event, true, "what is dead is retried").await;
            self.inbox
                .expect(
                    self.content(rule, "2"),
                    Accepted::Replay { completed: false },
                    "content of a delivery that was retried is a replay",
                )
                .await;
            self.runs(rule, Settlement::Done(RETENTION)).await;
            self.inbox
                .expect(
                    self.content(rule, "3"),
                    Accepted::Replay { completed: true },
                    "content of a delivery that was retried and completed is a replay",
                )
                .await;
        }
    }

    async fn content_taken_over(&self) {
        let rule = "taken over";
        let event = self.dead_content(rule).await;
        self.inbox
            .expect(
                self.content(rule, "2"),
                NEW,
                "content of a dead delivery is free",
            )
            .await;
        self.runs(rule, Settlement::Done(RETENTION)).await;
        self.retries(event, true, "what is dead is retried without its content")
            .await;
        self.runs(rule, Settlement::Done(RETENTION)).await;
        self.inbox
            .expect(
                self.content(rule, "3"),
                Accepted::Replay { completed: true },
                "content that another took stays with it",
            )
            .await;
    }

    async fn content_claimed(&self) {
        let rule = "claimed";
        let event = self.dead_content(rule).await;
        let second = self.content(rule, "2").claim;
        let claimed = self.inbox.store.claim(&second).await.expect(WORKS);
        assert!(
            matches!(
                claimed,
                Claimed::New {
                    repeats_content: false,
                    ..
                }
            ),
            "broken rule: content of a dead delivery is free for a claim (the store said {claimed:?})"
        );
        self.retries(event, true, "what is dead is retried without its content")
            .await;
        self.runs(rule, Settlement::Done(RETENTION)).await;
    }
}
