//! [`claims_contract`]: what every store of claims must do.

mod content;
mod full;
mod inbox;
mod lifetime;
mod operate;
mod restart;
mod runs;

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;

pub use self::{
    full::{claims_full_contract, inbox_full_contract},
    inbox::inbox_contract,
    operate::operate_contract,
    restart::{claims_restart_contract, inbox_restart_contract},
};
use super::ManualClock;
use crate::{
    key::Key,
    store::{Claim, Claimed, Claims, Fence},
};

/// How a [`claims_contract`] lets time pass.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ContractTime {
    /// Moves the clock the store was made with.
    Manual(ManualClock),
    /// Waits, for stores with a clock of their own. Takes a few seconds, with leases of one; a call must
    /// not take longer than a quarter of that.
    Real,
}

/// Checks that a store keeps the rules of [`Claims`].
///
/// 1. A fresh event is new; while it runs every copy is told so; once completed, every copy is told that.
/// 2. Of many copies at once exactly one is new.
/// 3. Each run has a larger fence than the one before, and its number counts from 1.
/// 4. A released event is new again at once; one whose lease is over is new again too.
/// 5. A renewal keeps the lease. Completing late counts as long as nobody took over.
/// 6. A fence that is used up or not current changes nothing.
/// 7. Content held by another event is a replay, and the refused claim leaves no trace; or it is flagged and the event
///    taken alone. Released, forgotten, lapsed and expired content is free.
/// 8. The event's key decides before its content: the same event with other content is a duplicate.
/// 9. A forgotten or expired event is as if never seen.
/// 10. A store that does all this says so when it is asked: [`Claims::ping`], [`Claims::condition`].
///
/// The store may hold other keys: the contract uses its own, different in every run. A lease or a retention may be longer
/// than asked for by up to a quarter of a second, never shorter. What a store does when it is opened again or is full,
/// [`claims_restart_contract`] and [`claims_full_contract`] check.
///
/// ```
/// use std::sync::Arc;
/// use hooklatch::{
///     store::MemoryStore,
///     testing::{ContractTime, ManualClock, claims_contract},
/// };
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let clock = ManualClock::default();
/// let store = MemoryStore::new().clock(Arc::new(clock.clone()));
/// claims_contract(Arc::new(store), ContractTime::Manual(clock)).await;
/// # });
/// ```
///
/// # Panics
/// When a rule is broken, naming it, or when the store returns an error.
pub async fn claims_contract(store: Arc<dyn Claims>, time: ContractTime) {
    let run = RandomState::new().hash_one(());
    let contract = Contract { store, time, run };
    let contract = &contract;
    // Each rule has keys of its own, so that waiting for one does not have to wait for another.
    let rules: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = vec![
        Box::pin(contract.once()),
        Box::pin(contract.one_winner()),
        Box::pin(contract.attempts_and_fences()),
        Box::pin(contract.lease()),
        Box::pin(contract.renewal()),
        Box::pin(contract.late_finish()),
        Box::pin(contract.stale_fence()),
        Box::pin(contract.used_fence()),
        Box::pin(contract.replay()),
        Box::pin(contract.replay_leaves_no_trace()),
        Box::pin(contract.replay_after_the_lease()),
        Box::pin(contract.content_taken_over()),
        Box::pin(contract.content_taken_over_is_not_finished()),
        Box::pin(contract.flagged_repeat()),
        Box::pin(contract.relabelled_repeat()),
        Box::pin(contract.other_content()),
        Box::pin(contract.forgotten()),
        Box::pin(contract.retention()),
    ];
    match contract.time {
        ContractTime::Manual(_) => {
            for rule in rules {
                rule.await;
            }
        }
        ContractTime::Real => {
            join_all(rules).await;
        }
    }
    contract.sound().await;
}

struct Contract {
    store: Arc<dyn Claims>,
    time: ContractTime,
    run: u64,
}

impl Contract {
    fn event(&self, name: &str) -> Claim {
        Claim {
            lease: LEASE,
            retention: RETENTION,
            ..Claim::new(Key::event("contract", None, self.name(name).as_bytes()))
        }
    }

    fn both(&self, event: &str, content: &str) -> Claim {
        let content = Key::content("contract", None, self.name(content).as_bytes());
        Claim {
            content: Some(content),
            ..self.event(event)
        }
    }

    fn name(&self, name: &str) -> String {
        format!("{:016x} {name}", self.run)
    }

    async fn pass(&self, time: Duration) {
        match &self.time {
            ContractTime::Manual(clock) => clock.advance(time),
            ContractTime::Real => tokio::time::sleep(time).await,
        }
    }

    async fn new_run(&self, claim: &Claim, rule: &str) -> (Fence, u32) {
        self.run_of(claim, false, rule).await
    }

    async fn flagged(&self, claim: &Claim, rule: &str) -> (Fence, u32) {
        self.run_of(claim, true, rule).await
    }

    async fn run_of(&self, claim: &Claim, flagged: bool, rule: &str) -> (Fence, u32) {
        let claimed = self.store.claim(claim).await.expect(WORKS);
        let run = match claimed {
            Claimed::New {
                fence,
                attempt,
                repeats_content,
            } if repeats_content == flagged => Some((fence, attempt)),
            _ => None,
        };
        assert!(
            run.is_some(),
            "broken rule: {rule} (the store said {claimed:?})"
        );
        run.unwrap_or((Fence::new(0), 0))
    }

    async fn expect(&self, claim: &Claim, expected: Claimed, rule: &str) {
        assert_eq!(
            self.store.claim(claim).await.expect(WORKS),
            expected,
            "broken rule: {rule}"
        );
    }

    async fn completes(&self, claim: &Claim, fence: Fence, rule: &str) {
        assert!(
            self.store.complete(claim, fence).await.expect(WORKS),
            "broken rule: {rule}"
        );
    }

    async fn releases(&self, claim: &Claim, fence: Fence, rule: &str) {
        assert!(
            self.store.release(claim, fence).await.expect(WORKS),
            "broken rule: {rule}"
        );
    }

    async fn renews(&self, claim: &Claim, fence: Fence, rule: &str) {
        assert!(
            self.store.renew(claim, fence).await.expect(WORKS),
            "broken rule: {rule}"
        );
    }

    async fn forgets(&self, event: Key) -> bool {
        self.store.forget(event).await.expect(WORKS)
    }

    /// Nothing this fence asks for is done.
    async fn unchanged(&self, claim: &Claim, fence: Fence, state: Claimed, what: &str) {
        assert!(
            !self.store.renew(claim, fence).await.expect(WORKS),
            "broken rule: {what} renews nothing"
        );
        self.expect(claim, state, &format!("{what} renews nothing"))
            .await;
        assert!(
            !self.store.complete(claim, fence).await.expect(WORKS),
            "broken rule: {what} completes nothing"
        );
        self.expect(claim, state, &format!("{what} completes nothing"))
            .await;
        assert!(
            !self.store.release(claim, fence).await.expect(WORKS),
            "broken rule: {what} releases nothing"
        );
        self.expect(claim, state, &format!("{what} releases nothing"))
            .await;
    }
}

const REPLAY_OF_RUNNING: Claimed = Claimed::Replay { completed: false };
const REPLAY_OF_COMPLETED: Claimed = Claimed::Replay { completed: true };
const WORKS: &str = "the store answers during its contract";
const LEASE: Duration = Duration::from_secs(1);
/// How much longer than asked a store may hold a lease or a retention.
const SLACK: Duration = Duration::from_millis(250);
/// Longer than a whole run of the contract in real time.
const RETENTION: Duration = Duration::from_secs(3600);
