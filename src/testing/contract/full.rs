//! [`claims_full_contract`] and [`inbox_full_contract`]: what a store does that has no room.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{Contract, ContractTime, RETENTION, WORKS, inbox};
use crate::store::{Accepted, Claim, Claimed, Claims, Entry, Inbox, Settlement};

/// Checks what a store of [`Claims`] does that has no room for new events. For stores with a bound.
///
/// 1. While all that it knows is running, a claim of a new event fails, and its error says that the store
///    [is full](crate::store::StoreError::is_full): so the sender is told to come again. It leaves no trace.
/// 2. No run is forgotten to make room. Known events are still answered, runs still renewed and completed.
/// 3. Where events are forgotten, there is room for new ones.
///
/// `capacity` is after how many events it must be full, one at least. The store must be empty, and is so again in the end.
///
/// ```
/// use std::sync::Arc;
/// use hooklatch::{store::MemoryStore, testing::claims_full_contract};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// claims_full_contract(Arc::new(MemoryStore::with_capacity(100)), 100).await;
/// # });
/// ```
///
/// # Panics
/// When a rule is broken, naming it, or when the store returns another error.
pub async fn claims_full_contract(store: Arc<dyn Claims>, capacity: usize) {
    let contract = Contract {
        store,
        time: ContractTime::Real,
        run: RandomState::new().hash_one(()),
    };
    let store = &contract.store;
    let claim = |number: usize| Claim {
        // So that none is over before the contract is.
        lease: RETENTION,
        ..contract.event(&format!("full {number}"))
    };
    let mut running = Vec::new();
    let refused = loop {
        let next = claim(running.len());
        match store.claim(&next).await {
            Ok(Claimed::New { fence, .. }) => running.push((next, fence)),
            Err(error) if error.is_full() => break next,
            other => unreachable!("broken rule: a store is full or takes new events: {other:?}"),
        }
        assert!(
            running.len() <= capacity,
            "broken rule: a store of {capacity} events takes no more"
        );
    };
    assert!(
        !contract.forgets(refused.event).await,
        "broken rule: an event that found no room leaves no trace"
    );
    for (claim, fence) in &running {
        contract
            .expect(claim, Claimed::Running, "no run is forgotten to make room")
            .await;
        contract
            .renews(claim, *fence, "a run is renewed in a full store")
            .await;
    }
    if let Some((claim, fence)) = running.first() {
        contract
            .completes(claim, *fence, "a run completes in a full store")
            .await;
        contract
            .expect(
                claim,
                Claimed::Completed,
                "what completed is known in a full store",
            )
            .await;
    }
    for (claim, _) in &running {
        assert!(
            contract.forgets(claim.event).await,
            "broken rule: an event can be forgotten in a full store"
        );
    }
    finds_room(&contract, &refused).await;
    contract.forgets(refused.event).await;
}

/// Claims until there is room.
async fn finds_room(contract: &Contract, claim: &Claim) {
    let began = Instant::now();
    while let Err(error) = contract.store.claim(claim).await {
        assert!(
            error.is_full() && began.elapsed() < PATIENCE,
            "broken rule: there is room where events were forgotten: {error}"
        );
        sleep(PAUSE).await;
    }
}

/// Checks what an [`Inbox`] does where as many deliveries are pending as may be. For stores with a bound.
///
/// 1. A new delivery is refused by an error that says that the store [is full](crate::store::StoreError::is_full): so the
///    sender is told to come again. It leaves no trace.
/// 2. Nothing that is pending is forgotten to make room, and a copy of it never is a new one. All of it is leased and settled.
/// 3. When that is done, there is room for new ones, after some seconds at most.
///
/// `capacity` is after how many pending deliveries it must be full, at the latest after twice as many where it counts late.
/// Nothing may be pending.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use hooklatch::{
///     store::SqliteStore,
///     testing::{ManualClock, inbox_full_contract},
/// };
///
/// let clock = Arc::new(ManualClock::default());
/// let store = SqliteStore::open_with("hooks.db", clock, 100).await?;
/// inbox_full_contract(Arc::new(store), 100).await;
/// # Ok(()) }
/// ```
///
/// # Panics
/// When a rule is broken, naming it, or when the store returns another error.
pub async fn inbox_full_contract(store: Arc<dyn Inbox>, capacity: usize) {
    let contract = inbox::Contract {
        store,
        time: ContractTime::Real,
        run: RandomState::new().hash_one(()),
    };
    let store = &contract.store;
    let entry = |number: usize| contract.entry("full", &number.to_string());
    let mut pending = 0;
    while accepts(&contract, entry(pending)).await {
        pending += 1;
        assert!(
            pending <= capacity.saturating_mul(2),
            "broken rule: a store of {capacity} pending deliveries takes no more, or little more where it counts late"
        );
    }
    let refused = entry(pending);
    let forgotten = store.forget(refused.claim.event).await.expect(WORKS);
    assert!(
        !forgotten,
        "broken rule: a delivery that found no room leaves no trace"
    );
    for number in 0..pending {
        // It may be refused as well.
        let copy = store.accept(entry(number)).await;
        assert!(
            matches!(&copy, Ok(Accepted::Duplicate)) || copy.is_err_and(|error| error.is_full()),
            "broken rule: a copy of what is pending is not new in a full store"
        );
    }
    let receiver = contract.receiver("full");
    let mut done = 0;
    while done < pending {
        let leased = store.lease(&receiver, 10, RETENTION).await.expect(WORKS);
        assert!(
            !leased.is_empty(),
            "broken rule: nothing that is pending is forgotten to make room"
        );
        for leased in leased {
            let settlement = Settlement::Done(RETENTION);
            assert!(
                contract
                    .settle(leased.event, leased.fence, settlement)
                    .await,
                "broken rule: the holder settles in a full store"
            );
            done += 1;
        }
    }
    contract
        .none_due("full", "what found no room is not leased")
        .await;
    let began = Instant::now();
    while !accepts(&contract, refused.clone()).await {
        assert!(
            began.elapsed() < PATIENCE,
            "broken rule: there is room where nothing is pending"
        );
        sleep(PAUSE).await;
    }
}

/// Whether there is room for a delivery that is new.
async fn accepts(contract: &inbox::Contract, entry: Entry) -> bool {
    match contract.store.accept(entry).await {
        Ok(accepted) => {
            assert_eq!(accepted, inbox::NEW, "broken rule: a fresh delivery is new");
            true
        }
        Err(error) => {
            assert!(
                error.is_full(),
                "broken rule: a store without room says so: {error}"
            );
            false
        }
    }
}

/// How long a store may take to find out that it has room again.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);
