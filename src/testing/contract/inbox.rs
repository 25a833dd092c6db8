//! [`inbox_contract`]: what every store of deliveries must do.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::join_all;
use time::OffsetDateTime;

use super::{ContractTime, LEASE, RETENTION, SLACK, WORKS};
use crate::{
    key::Key,
    store::{
        Accepted, Claim, Claimed, Entry, Fence, Inbox, Leased, OnRepeat, Settlement, StoreError,
    },
};

/// Checks that a store keeps the rules of [`Inbox`].
///
/// 1. Of many copies at once one is new; every later copy is a duplicate, whatever the state of the first, unless it is
///    dead: then one copy an hour revives it.
/// 2. A delivery is leased to one worker at a time, oldest first, with what was written and its attempts counted from 1.
/// 3. A lease that is over, or a retry whose time has come, is leased again, with a larger fence, and says which of them it
///    is; the former is leased by itself. A fence settles once, and a stale one nothing. A renewal keeps the lease.
/// 4. What is done, dead or another receiver's is not leased.
/// 5. Content that a delivery holds is a replay under another id, until it is dead; or flagged.
/// 6. Claims and deliveries of one event know of each other.
/// 7. The backlog tells what is pending and dead, and how long what is due has waited; arrivals change when something was
///    written.
///
/// As the [contract of claims](super::claims_contract), it uses keys of its own; keep both, since an inbox is a store of
/// claims. What a store does when it is opened again or is full, [`inbox_restart_contract`](super::inbox_restart_contract) and
/// [`inbox_full_contract`](super::inbox_full_contract) check, and what an operator may do [`operate_contract`](super::operate_contract).
///
/// ```no_run
/// # async fn f(store: std::sync::Arc<dyn hooklatch::Inbox>) {
/// use hooklatch::testing::{ContractTime, inbox_contract};
///
/// inbox_contract(store, ContractTime::Real).await;
/// # }
/// ```
///
/// # Panics
/// When a rule is broken, naming it, or when the store returns an error.
pub async fn inbox_contract(store: Arc<dyn Inbox>, time: ContractTime) {
    let run = RandomState::new().hash_one(());
    let contract = Contract { store, time, run };
    contract.once().await;
    contract.one_winner().await;
    contract.leases().await;
    contract.order_and_limit().await;
    contract.lapsed_lease().await;
    contract.alone().await;
    contract.retry().await;
    contract.dead().await;
    contract.born_dead().await;
    contract.content().await;
    contract.flagged_and_freed().await;
    contract.claims().await;
    contract.backlog().await;
}

pub(super) struct Contract {
    pub(super) store: Arc<dyn Inbox>,
    pub(super) time: ContractTime,
    /// Tells the keys of this run from those of others.
    pub(super) run: u64,
}

impl Contract {
    /// A receiver of this rule's own.
    pub(super) fn receiver(&self, rule: &str) -> String {
        format!("contract {:016x} {rule}", self.run)
    }

    pub(super) fn entry(&self, rule: &str, id: &str) -> Entry {
        let receiver = self.receiver(rule);
        let claim = Claim {
            lease: LEASE,
            retention: RETENTION,
            ..Claim::new(Key::event(&receiver, None, id.as_bytes()))
        };
        // The stores keep milliseconds.
        let received_at = OffsetDateTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        Entry {
            tenant: Some("tenant".into()),
            id: Some(id.into()),
            event_type: Some("type".into()),
            head: Bytes::from_static(b"head"),
            ..Entry::new(
                claim,
                &receiver,
                received_at,
                Bytes::from(format!("body of {id}")),
            )
        }
    }

    pub(super) fn with_content(&self, rule: &str, id: &str, on_repeat: OnRepeat) -> Entry {
        let mut entry = self.entry(rule, id);
        entry.claim.content = Some(Key::content(&self.receiver(rule), None, b"content"));
        entry.claim.on_repeat = on_repeat;
        entry
    }

    pub(super) async fn pass(&self, time: Duration) {
        match &self.time {
            ContractTime::Manual(clock) => clock.advance(time),
            ContractTime::Real => tokio::time::sleep(time).await,
        }
    }

    pub(super) async fn expect(&self, entry: Entry, expected: Accepted, rule: &str) {
        let accepted = self.store.accept(entry).await.expect(WORKS);
        assert_eq!(accepted, expected, "broken rule: {rule}");
    }

    pub(super) async fn lease(&self, rule: &str) -> Vec<Leased> {
        let receiver = self.receiver(rule);
        self.store.lease(&receiver, 10, LEASE).await.expect(WORKS)
    }

    pub(super) async fn lease_one(&self, rule: &str, what: &str) -> Leased {
        let mut leased = self.lease(rule).await;
        assert_eq!(leased.len(), 1, "broken rule: {what}");
        leased.remove(0)
    }

    pub(super) async fn none_due(&self, rule: &str, what: &str) {
        let leased = self.lease(rule).await;
        assert!(leased.is_empty(), "broken rule: {what}: {leased:?}");
    }

    pub(super) async fn settle(&self, event: Key, fence: Fence, settlement: Settlement) -> bool {
        self.store
            .settle(event, fence, settlement)
            .await
            .expect(WORKS)
    }

    async fn once(&self) {
        let entry = self.entry("once", "1");
        let mut arrivals = self.store.arrivals();
        self.expect(entry.clone(), NEW, "a fresh delivery is new")
            .await;
        // A store that others write to may be told of it a little later.
        let told = tokio::time::timeout(Duration::from_secs(10), arrivals.changed()).await;
        assert!(
            matches!(told, Ok(Ok(()))),
            "broken rule: a new delivery is an arrival"
        );
        self.expect(
            entry.clone(),
            Accepted::Duplicate,
            "a copy of a pending delivery is a duplicate",
        )
        .await;
        let leased = self
            .lease_one("once", "a fresh delivery is due at once")
            .await;
        self.expect(
            entry.clone(),
            Accepted::Duplicate,
            "a copy of a running delivery is a duplicate",
        )
        .await;
        assert!(
            self.settle(leased.event, leased.fence, Settlement::Done(RETENTION))
                .await,
            "broken rule: the holder settles"
        );
        self.expect(
            entry,
            Accepted::Duplicate,
            "a copy of a completed delivery is a duplicate",
        )
        .await;
        self.none_due("once", "what is done is not leased").await;
        assert!(
            !self.settle(leased.event, leased.fence, dead()).await,
            "broken rule: a fence settles once"
        );
    }

    async fn one_winner(&self) {
        let copies = (0..100).map(|_| self.store.accept(self.entry("winner", "1")));
        let answers: Result<Vec<Accepted>, StoreError> =
            join_all(copies).await.into_iter().collect();
        let answers = answers.expect(WORKS);
        let new = answers.iter().filter(|answer| **answer == NEW).count();
        assert_eq!(new, 1, "broken rule: of many copies at once one is new");
        assert!(
            answers
                .iter()
                .all(|answer| [NEW, Accepted::Duplicate].contains(answer)),
            "broken rule: the others are duplicates"
        );
    }

    async fn leases(&self) {
        for id in 0..20 {
            self.expect(
                self.entry("leases", &id.to_string()),
                NEW,
                "a fresh delivery is new",
            )
            .await;
        }
        let receiver = self.receiver("leases");
        let takers = (0..8).map(|_| self.store.lease(&receiver, 5, LEASE));
        let mut seen = HashSet::new();
        let mut count = 0;
        for leased in join_all(takers).await {
            for leased in leased.expect(WORKS) {
                count += 1;
                let id = leased.id.clone().unwrap_or_default();
                assert_eq!(leased.attempt, 1, "broken rule: attempts count from 1");
                assert_eq!(
                    leased.body,
                    format!("body of {id}"),
                    "broken rule: the body is as written"
                );
                assert_eq!(leased.head, "head", "broken rule: the head is as written");
                assert_eq!(
                    leased.tenant.as_deref(),
                    Some("tenant"),
                    "broken rule: the tenant is as written"
                );
                assert_eq!(
                    leased.retention, RETENTION,
                    "broken rule: the retention is as written"
                );
                let entry = self.entry("leases", &id);
                assert_eq!(
                    leased.received_at, entry.received_at,
                    "broken rule: the arrival is as written"
                );
                assert_eq!(
                    leased.event, entry.claim.event,
                    "broken rule: the event is as written"
                );
                seen.insert(leased.event);
            }
        }
        assert_eq!(
            seen.len(),
            count,
            "broken rule: a delivery is leased to one worker"
        );
        while count < 20 {
            let more = self.lease("leases").await;
            assert!(!more.is_empty(), "broken rule: all that is due is leased");
            count += more.len();
        }
    }

    async fn order_and_limit(&self) {
        for id in ["a", "b", "c"] {
            self.expect(self.entry("order", id), NEW, "a fresh delivery is new")
                .await;
            // So that each is due at a time of its own.
            self.pass(Duration::from_millis(5)).await;
        }
        let receiver = self.receiver("order");
        let mut ids = Vec::new();
        for _ in 0..3 {
            let leased = self.store.lease(&receiver, 1, LEASE).await.expect(WORKS);
            assert_eq!(
                leased.len(),
                1,
                "broken rule: no more are leased than were asked for"
            );
            ids.extend(leased.into_iter().filter_map(|leased| leased.id));
        }
        assert_eq!(
            ids,
            ["a", "b", "c"].map(Box::from),
            "broken rule: the oldest is leased first"
        );
        self.none_due("another", "what another receiver has is not leased")
            .await;
    }

    async fn lapsed_lease(&self) {
        self.expect(self.entry("lapsed", "1"), NEW, "a fresh delivery is new")
            .await;
        let first = self.lease_one("lapsed", "a fresh delivery is due").await;
        let claim = Claim {
            lease: LEASE,
            ..Claim::new(first.event)
        };
        self.pass(LEASE / 2).await;
        assert!(
            self.store.renew(&claim, first.fence).await.expect(WORKS),
            "broken rule: the holder renews"
        );
        self.pass(LEASE / 2 + SLACK / 2).await;
        self.none_due("lapsed", "a renewal keeps the lease").await;
        self.pass(LEASE / 2 + SLACK).await;
        let second = self
            .lease_one("lapsed", "a delivery whose lease is over is due")
            .await;
        assert_eq!(second.attempt, 2, "broken rule: each lease is an attempt");
        assert!(
            (first.lost, second.lost) == (0, 1),
            "broken rule: a run after a lease that was over says so"
        );
        assert!(second.fence > first.fence, "broken rule: fences grow");
        for settlement in [Settlement::Done(RETENTION), dead(), soon()] {
            assert!(
                !self.settle(first.event, first.fence, settlement).await,
                "broken rule: a stale fence settles nothing"
            );
        }
        assert!(
            !self.store.renew(&claim, first.fence).await.expect(WORKS),
            "broken rule: a stale fence renews nothing"
        );
        assert!(
            self.settle(second.event, second.fence, Settlement::Done(RETENTION))
                .await,
            "broken rule: the holder settles"
        );
    }

    async fn alone(&self) {
        for id in ["1", "2"] {
            self.expect(self.entry("alone", id), NEW, "a fresh delivery is new")
                .await;
        }
        assert_eq!(self.lease("alone").await.len(), 2, "both are due");
        self.pass(LEASE + SLACK).await;
        self.expect(self.entry("alone", "3"), NEW, "a fresh delivery is new")
            .await;
        let mut lost = Vec::new();
        for _ in 0..3 {
            let leased = self
                .lease_one("alone", "what ended without an outcome is leased by itself")
                .await;
            lost.push(leased.lost);
        }
        assert_eq!(lost, [1, 1, 0], "broken rule: the oldest is leased first");
        self.none_due("alone", "each is leased once").await;
    }

    async fn retry(&self) {
        self.expect(self.entry("retry", "1"), NEW, "a fresh delivery is new")
            .await;
        let first = self.lease_one("retry", "a fresh delivery is due").await;
        let later = Settlement::Retry {
            after: LEASE,
            reason: "not now".into(),
        };
        assert!(
            self.settle(first.event, first.fence, later.clone()).await,
            "broken rule: the holder settles"
        );
        assert!(
            !self.settle(first.event, first.fence, later).await,
            "broken rule: a fence settles once"
        );
        self.none_due("retry", "a retry waits for its time").await;
        self.expect(
            self.entry("retry", "1"),
            Accepted::Duplicate,
            "a copy of a delivery that waits is a duplicate",
        )
        .await;
        self.pass(LEASE + SLACK).await;
        let second = self
            .lease_one("retry", "a retry whose time has come is due")
            .await;
        assert_eq!(second.attempt, 2, "broken rule: attempts go on counting");
        assert!(
            second.lost == 0,
            "broken rule: a run after a failure had an outcome before it"
        );
    }

    async fn dead(&self) {
        let entry = self.entry("dead", "1");
        self.expect(entry.clone(), NEW, "a fresh delivery is new")
            .await;
        let first = self.lease_one("dead", "a fresh delivery is due").await;
        assert!(
            self.settle(first.event, first.fence, dead()).await,
            "broken rule: the holder settles"
        );
        self.pass(LEASE + SLACK).await;
        self.none_due("dead", "what is dead is not leased").await;
        self.expect(
            entry.clone(),
            Accepted::Revived,
            "a copy revives what is dead",
        )
        .await;
        let second = self.lease_one("dead", "what was revived is due").await;
        assert_eq!(
            second.attempt, 1,
            "broken rule: what was revived has all its attempts"
        );
        assert!(second.fence > first.fence, "broken rule: fences grow");
        assert!(
            self.settle(second.event, second.fence, dead()).await,
            "broken rule: the holder settles"
        );
        self.expect(
            entry,
            Accepted::Dead,
            "a second copy within the hour does not revive it",
        )
        .await;
    }

    async fn born_dead(&self) {
        let entry = Entry {
            dead: Some("unreadable".into()),
            ..self.entry("born dead", "1")
        };
        self.expect(entry, NEW, "what cannot be handled is written")
            .await;
        self.none_due("born dead", "what cannot be handled is not leased")
            .await;
    }

    async fn content(&self) {
        let first = self.with_content("content", "1", OnRepeat::Refuse);
        let second = self.with_content("content", "2", OnRepeat::Refuse);
        self.expect(first.clone(), NEW, "fresh content is new")
            .await;
        let pending = Accepted::Replay { completed: false };
        self.expect(
            second.clone(),
            pending,
            "content of a pending delivery is a replay",
        )
        .await;
        self.expect(
            first,
            Accepted::Duplicate,
            "the event decides before its content",
        )
        .await;
        let leased = self
            .lease_one("content", "a refused replay is not kept")
            .await;
        assert!(
            self.settle(leased.event, leased.fence, Settlement::Done(RETENTION))
                .await,
            "broken rule: the holder settles"
        );
        let done = Accepted::Replay { completed: true };
        self.expect(second, done, "content of a completed delivery is a replay")
            .await;
    }

    async fn flagged_and_freed(&self) {
        self.expect(
            self.with_content("flag", "1", OnRepeat::Flag),
            NEW,
            "fresh content is not flagged",
        )
        .await;
        let flagged = Accepted::New {
            repeats_content: true,
        };
        self.expect(
            self.with_content("flag", "2", OnRepeat::Flag),
            flagged,
            "repeated content is flagged",
        )
        .await;
        let mut leased = self.lease("flag").await;
        leased.sort_by(|a, b| a.id.cmp(&b.id));
        let flags: Vec<bool> = leased.iter().map(|leased| leased.repeats_content).collect();
        assert_eq!(
            flags,
            [false, true],
            "broken rule: a repeat says so when it runs"
        );

        self.expect(
            self.with_content("freed", "1", OnRepeat::Refuse),
            NEW,
            "fresh content is new",
        )
        .await;
        let leased = self.lease_one("freed", "a fresh delivery is due").await;
        assert!(
            self.settle(leased.event, leased.fence, dead()).await,
            "broken rule: the holder settles"
        );
        self.expect(
            self.with_content("freed", "2", OnRepeat::Refuse),
            NEW,
            "content of a dead delivery is free",
        )
        .await;
    }

    async fn claims(&self) {
        let accepted = self.entry("claims", "accepted");
        self.expect(accepted.clone(), NEW, "a fresh delivery is new")
            .await;
        let running = self.store.claim(&accepted.claim).await.expect(WORKS);
        assert_eq!(
            running,
            Claimed::Running,
            "broken rule: an event whose delivery is pending is taken"
        );
        let claimed = self.entry("claims", "claimed");
        let answer = self.store.claim(&claimed.claim).await.expect(WORKS);
        let Claimed::New { fence, .. } = answer else {
            unreachable!("broken rule: a fresh event is new: {answer:?}");
        };
        self.expect(
            claimed.clone(),
            Accepted::Running,
            "an event that is run without a delivery is not acknowledged",
        )
        .await;
        assert!(
            self.store
                .release(&claimed.claim, fence)
                .await
                .expect(WORKS),
            "broken rule: the holder releases"
        );
        self.expect(claimed.clone(), NEW, "an event whose run failed is new")
            .await;
        assert!(
            self.store.forget(claimed.claim.event).await.expect(WORKS),
            "broken rule: a delivery can be forgotten"
        );
        self.expect(claimed, NEW, "a forgotten delivery is new")
            .await;
    }

    async fn backlog(&self) {
        let receiver = self.receiver("backlog");
        let before = self.store.backlog(&receiver).await.expect(WORKS);
        assert_eq!(
            (before.pending, before.dead, before.oldest),
            (0, 0, None),
            "broken rule: nothing is pending at first"
        );
        for id in ["1", "2", "3"] {
            self.expect(self.entry("backlog", id), NEW, "a fresh delivery is new")
                .await;
        }
        let leased = self.store.lease(&receiver, 2, LEASE).await.expect(WORKS);
        let settlements = [Settlement::Done(RETENTION), dead()];
        for (leased, settlement) in leased.iter().zip(settlements) {
            assert!(
                self.settle(leased.event, leased.fence, settlement).await,
                "broken rule: the holder settles"
            );
        }
        let after = self.store.backlog(&receiver).await.expect(WORKS);
        assert_eq!(
            (after.pending, after.dead),
            (1, 1),
            "broken rule: the backlog counts what is left"
        );
        assert!(
            after.oldest.is_some(),
            "broken rule: the backlog has an age"
        );
        let running = self
            .store
            .lease(&receiver, 1, RETENTION)
            .await
            .expect(WORKS);
        let while_it_runs = self.store.backlog(&receiver).await.expect(WORKS);
        for leased in running {
            let settlement = Settlement::Retry {
                after: RETENTION,
                reason: "not now".into(),
            };
            assert!(
                self.settle(leased.event, leased.fence, settlement).await,
                "broken rule: the holder settles"
            );
        }
        let while_it_waits = self.store.backlog(&receiver).await.expect(WORKS);
        for backlog in [while_it_runs, while_it_waits] {
            assert_eq!(
                (backlog.pending, backlog.oldest),
                (1, None),
                "broken rule: what runs or waits for its next attempt is pending and not late"
            );
        }
    }
}

pub(super) const NEW: Accepted = Accepted::New {
    repeats_content: false,
};

pub(super) fn dead() -> Settlement {
    Settlement::Dead {
        reason: "hopeless".into(),
    }
}

fn soon() -> Settlement {
    Settlement::Retry {
        after: Duration::ZERO,
        reason: "not now".into(),
    }
}
