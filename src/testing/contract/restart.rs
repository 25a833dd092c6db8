//! [`claims_restart_contract`] and [`inbox_restart_contract`]: what a store still knows when it is opened again.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use super::{Contract, ContractTime, LEASE, REPLAY_OF_COMPLETED, RETENTION, SLACK, WORKS, inbox};
use crate::store::{Accepted, Claim, Claimed, Claims, Fence, Inbox, OnRepeat, Settlement};

/// Checks that a store of [`Claims`] still knows its events when it is closed and opened again. For stores that remember.
///
/// 1. What was completed stays completed, and its content is a replay.
/// 2. What runs stays so until its lease is over, and the fence from before still renews and completes it.
/// 3. What failed, or whose lease is over, is new again, with a larger fence and its attempts counted on.
///
/// `open` opens the same store each time, and keeps no copy: what it returns is dropped before it is called again.
///
/// ```no_run
/// # async fn f() {
/// use hooklatch::{
///     store::SqliteStore,
///     testing::{ContractTime, claims_restart_contract},
/// };
///
/// let open = async || SqliteStore::open("hooks.db").await.expect("a file");
/// claims_restart_contract(open, ContractTime::Real).await;
/// # }
/// ```
///
/// # Panics
/// When a rule is broken, naming it, or when the store returns an error.
pub async fn claims_restart_contract<S: Claims + 'static>(
    open: impl AsyncFn() -> S,
    time: ContractTime,
) {
    let run = RandomState::new().hash_one(());
    let contract = async || Contract {
        store: Arc::new(open().await),
        time: time.clone(),
        run,
    };
    let fences = claims_before(&contract().await).await;
    claims_after(&contract().await, fences).await;
}

/// The events of that contract: one that completes, with a copy of its content, and those that run, fail and lapse.
struct Events {
    completed: Claim,
    copy: Claim,
    running: Claim,
    failed: Claim,
    lapsed: Claim,
}

impl Events {
    fn of(contract: &Contract) -> Self {
        Self {
            completed: contract.both("completed", "completed"),
            copy: contract.both("copy", "completed"),
            // Longer than it takes to open the store.
            running: Claim {
                lease: RETENTION,
                ..contract.event("running")
            },
            failed: contract.event("failed"),
            lapsed: contract.event("lapsed"),
        }
    }
}

/// Leaves events in all states. Tells the fences of what runs, failed and lapses.
async fn claims_before(contract: &Contract) -> [Fence; 3] {
    let events = Events::of(contract);
    let start = async |claim| contract.new_run(claim, "a fresh event is new").await.0;
    let fence = start(&events.completed).await;
    contract
        .completes(&events.completed, fence, "the holder completes")
        .await;
    let (running, failed) = (start(&events.running).await, start(&events.failed).await);
    contract
        .releases(&events.failed, failed, "the holder releases")
        .await;
    [running, failed, start(&events.lapsed).await]
}

async fn claims_after(contract: &Contract, [running, failed, lapsed]: [Fence; 3]) {
    let events = Events::of(contract);
    for (claim, expected, rule) in [
        (
            &events.completed,
            Claimed::Completed,
            "what was completed stays so",
        ),
        (
            &events.copy,
            REPLAY_OF_COMPLETED,
            "content of what was completed stays known",
        ),
        (&events.running, Claimed::Running, "what runs stays so"),
    ] {
        contract.expect(claim, expected, rule).await;
    }
    contract.pass(LEASE + SLACK).await;
    for (claim, old) in [(&events.failed, failed), (&events.lapsed, lapsed)] {
        let rule = "what failed or lapsed before is new";
        let (fence, attempt) = contract.new_run(claim, rule).await;
        assert_eq!(attempt, 2, "broken rule: attempts go on counting");
        assert!(fence > old, "broken rule: fences grow");
    }
    let claim = &events.running;
    contract
        .expect(claim, Claimed::Running, "a lease does not end early")
        .await;
    contract
        .renews(claim, running, "a fence from before renews")
        .await;
    contract
        .completes(claim, running, "a fence from before completes")
        .await;
}

/// Checks that an [`Inbox`] still has its deliveries when it is closed and opened again.
///
/// 1. What is pending is leased, as it was written; a copy of it is a duplicate.
/// 2. What runs is leased to nobody until its lease is over; the fence from before still settles it.
/// 3. What runs and whose lease is over is leased again, with a larger fence and its attempts counted on, and says that a run
///    was lost.
/// 4. What is completed stays so, and its content is a replay. What is dead stays dead.
///
/// `open` is as that of [`claims_restart_contract`].
///
/// ```no_run
/// # async fn f() {
/// use hooklatch::{
///     store::SqliteStore,
///     testing::{ContractTime, inbox_restart_contract},
/// };
///
/// let open = async || SqliteStore::open("hooks.db").await.expect("a file");
/// inbox_restart_contract(open, ContractTime::Real).await;
/// # }
/// ```
///
/// # Panics
/// When a rule is broken, naming it, or when the store returns an error.
pub async fn inbox_restart_contract<S: Inbox + 'static>(
    open: impl AsyncFn() -> S,
    time: ContractTime,
) {
    let run = RandomState::new().hash_one(());
    let contract = async || inbox::Contract {
        store: Arc::new(open().await),
        time: time.clone(),
        run,
    };
    let fences = inbox_before(&contract().await).await;
    inbox_after(&contract().await, fences).await;
}

/// Leaves deliveries in all states. Tells the fences of the run that goes on and of the one that lapses.
async fn inbox_before(contract: &inbox::Contract) -> [Fence; 2] {
    let fresh = async |rule: &str| {
        let entry = contract.with_content(rule, "1", OnRepeat::Refuse);
        contract
            .expect(entry, inbox::NEW, "a fresh delivery is new")
            .await;
    };
    for rule in ["pending", "completed", "buried", "going on", "lapsing"] {
        fresh(rule).await;
    }
    for (rule, settlement) in [
        ("completed", Settlement::Done(RETENTION)),
        ("buried", inbox::dead()),
    ] {
        let leased = contract.lease_one(rule, "a fresh delivery is due").await;
        let settled = contract.settle(leased.event, leased.fence, settlement);
        assert!(settled.await, "broken rule: the holder settles");
    }
    // Longer than it takes to open the store.
    let receiver = contract.receiver("going on");
    let going_on = contract.store.lease(&receiver, 1, RETENTION).await;
    let fence = going_on.expect(WORKS).first().map(|leased| leased.fence);
    let lapsing = contract.lease_one("lapsing", "a fresh delivery is due");
    let fence = fence.expect("broken rule: a fresh delivery is due");
    [fence, lapsing.await.fence]
}

async fn inbox_after(contract: &inbox::Contract, [going_on, lapsed]: [Fence; 2]) {
    let entry = |rule: &str, id: &str| contract.with_content(rule, id, OnRepeat::Refuse);
    for (rule, id, expected) in [
        ("pending", "1", Accepted::Duplicate),
        ("pending", "2", Accepted::Replay { completed: false }),
        ("completed", "1", Accepted::Duplicate),
        ("completed", "2", Accepted::Replay { completed: true }),
        ("going on", "1", Accepted::Duplicate),
        ("going on", "2", Accepted::Replay { completed: false }),
    ] {
        contract
            .expect(entry(rule, id), expected, "what was known stays known")
            .await;
    }
    let pending = contract
        .lease_one("pending", "what is pending stays so")
        .await;
    let written = entry("pending", "1");
    assert_eq!(
        (pending.attempt, pending.lost, pending.body, pending.head),
        (1, 0, written.body, written.head),
        "broken rule: what is pending is as it was written"
    );
    contract.pass(LEASE + SLACK).await;
    for rule in ["completed", "buried", "going on"] {
        contract
            .none_due(rule, "what is done, dead or running is not leased")
            .await;
    }
    let event = entry("going on", "1").claim.event;
    let settled = contract.settle(event, going_on, Settlement::Done(RETENTION));
    assert!(settled.await, "broken rule: a fence from before settles");
    let again = contract
        .lease_one(
            "lapsing",
            "what runs and whose lease is over is leased again",
        )
        .await;
    assert!(
        again.fence > lapsed && (again.attempt, again.lost) == (2, 1),
        "broken rule: a run that was lost is counted"
    );
}
