//! The store in memory: the contract of all stores, what it does when it is full, and a model to agree with.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::HashMap,
    future::Future,
    pin::pin,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use hooklatch::{
    Key,
    store::{Claim, Claimed, Claims, Fence, MemoryStore, OnRepeat, StoreError, StoreFuture},
    testing::{ContractTime, ManualClock, claims_contract, claims_full_contract},
};
use proptest::prelude::*;

const HOUR: Duration = Duration::from_secs(3600);
/// How long a run is remembered whose lease is over.
const LAPSED: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn memory_keeps_the_contract() {
    let clock = ManualClock::default();
    let store = MemoryStore::new().clock(Arc::new(clock.clone()));
    claims_contract(Arc::new(store), ContractTime::Manual(clock)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_the_contract_in_real_time() {
    claims_contract(Arc::new(MemoryStore::new()), ContractTime::Real).await;
}

#[tokio::test]
async fn memory_keeps_the_contract_of_full_stores() {
    // One shard for all keys, and many.
    for capacity in [1, 10, 10_000] {
        claims_full_contract(Arc::new(MemoryStore::with_capacity(capacity)), capacity).await;
    }
}

#[test]
fn a_full_store_forgets_the_oldest_completed_event() {
    let full = Full::new(3);
    for name in ["a", "b", "c"] {
        full.complete(&event(name));
        full.clock.advance(Duration::from_secs(60));
    }
    full.clock.advance(HOUR);
    full.start(&event("d"));
    assert_eq!(full.claim(&event("b")).unwrap(), Claimed::Completed);
    full.start(&event("e"));
    assert_eq!(full.claim(&event("c")).unwrap(), Claimed::Completed);
    assert_eq!(full.store.stats().forgotten, 2);
    assert_eq!(
        full.know(["a", "b", "c", "d", "e"]),
        [false, false, true, true, true]
    );
}

#[test]
fn a_full_store_refuses_new_events_until_an_hour_has_passed() {
    let full = Full::new(2);
    full.complete(&event("a"));
    full.complete(&event("b"));
    full.clock.advance(HOUR - Duration::from_secs(1));
    assert!(full.claim(&event("c")).unwrap_err().is_full());
    assert_eq!(
        full.claim(&event("a")).unwrap(),
        Claimed::Completed,
        "known events are still answered"
    );
    assert_eq!(full.store.stats().forgotten, 0);
    full.clock.advance(Duration::from_secs(1));
    full.start(&event("c"));
    assert_eq!(full.store.stats().forgotten, 1);
}

#[test]
fn a_run_in_progress_is_never_forgotten() {
    let full = Full::new(2);
    let (a, b) = (event("a"), event("b"));
    let (fence_a, fence_b) = (full.start(&a), full.start(&b));
    for _ in 0..1000 {
        full.clock.advance(Duration::from_secs(20));
        assert!(now(full.store.renew(&a, fence_a)).unwrap());
        assert!(now(full.store.renew(&b, fence_b)).unwrap());
        assert!(full.claim(&event("c")).unwrap_err().is_full());
    }
    assert!(now(full.store.complete(&a, fence_a)).unwrap());
    assert!(now(full.store.complete(&b, fence_b)).unwrap());
}

#[test]
fn what_holds_no_promise_goes_first() {
    let full = Full::new(4);
    let brief = Claim::new(event("expired").event);
    let brief = with(brief, |claim| claim.retention = 2 * HOUR);
    full.complete(&event("completed"));
    full.complete(&brief);
    full.clock.advance(HOUR + HOUR / 2);
    full.start(&event("lapsed"));
    full.fail(&event("failed"));
    full.clock.advance(HOUR / 2);
    let counts = || {
        let stats = full.store.stats();
        (
            stats.in_progress,
            stats.completed,
            stats.failed,
            stats.forgotten,
        )
    };
    full.start(&event("1"));
    assert_eq!(counts(), (2, 1, 1, 0), "the expired event made room");
    full.start(&event("2"));
    assert_eq!(counts(), (3, 1, 0, 0), "then the failed one");
    full.start(&event("3"));
    assert_eq!(counts(), (3, 1, 0, 0), "then the run whose lease is over");
    assert_eq!(full.claim(&event("completed")).unwrap(), Claimed::Completed);
    full.start(&event("4"));
    assert_eq!(counts(), (4, 0, 0, 1), "then the completed one");
    assert!(full.claim(&event("5")).unwrap_err().is_full());
    assert_eq!(
        full.know(["expired", "failed", "lapsed", "completed"]),
        [false; 4]
    );
}

#[test]
fn a_large_store_makes_room_for_several_at_once_but_breaks_no_promise_before_it_must() {
    let full = Full::new(16_384);
    for id in 0..16_000 {
        full.complete(&event(&format!("completed {id}")));
    }
    for id in 0..384 {
        full.fail(&event(&format!("failed {id}")));
    }
    full.clock.advance(HOUR);
    for id in 0..384 {
        full.start(&event(&format!("new {id}")));
        assert_eq!(full.store.stats().forgotten, 0);
    }
    full.start(&event("one more"));
    assert_eq!(full.store.stats().forgotten, 4, "one in 4,096");
    full.start(&event("and another"));
    assert_eq!(full.store.stats().forgotten, 4);
}

#[test]
fn protection_is_respected_and_does_not_protect_others() {
    let full = Full::new(2);
    let long = with(event("protected"), |claim| claim.protect = 10 * HOUR);
    full.complete(&long);
    full.clock.advance(Duration::from_secs(1));
    full.complete(&event("b"));
    full.clock.advance(HOUR);
    full.start(&event("c"));
    full.clock.advance(Duration::from_secs(10));
    assert!(full.claim(&event("d")).unwrap_err().is_full());
    assert_eq!(full.claim(&long).unwrap(), Claimed::Completed);
    assert_eq!(full.know(["protected", "b", "c"]), [true, false, true]);
}

#[test]
fn an_event_and_its_content_are_forgotten_together() {
    let full = Full::new(4);
    full.complete(&both("a", "content a"));
    full.clock.advance(Duration::from_secs(1));
    full.complete(&both("b", "content b"));
    assert!(full.claim(&event("c")).unwrap_err().is_full());
    let copy = full.claim(&both("copy", "content a")).unwrap();
    assert_eq!(copy, Claimed::Replay { completed: true });
    full.clock.advance(HOUR);
    full.start(&event("c"));
    let stats = full.store.stats();
    assert_eq!((stats.events, stats.contents, stats.forgotten), (2, 1, 1));
    let copy = full.claim(&both("copy", "content b")).unwrap();
    assert_eq!(copy, Claimed::Replay { completed: true });
    assert_eq!(full.know(["a", "b", "c"]), [false, true, true]);
    assert_eq!(full.store.stats().contents, 0);
}

#[test]
fn a_claim_of_two_keys_is_all_or_nothing_when_full() {
    let full = Full::new(3);
    full.start(&both("a", "content a"));
    assert!(full.claim(&both("b", "content b")).unwrap_err().is_full());
    full.start(&event("c"));
    assert_eq!(
        full.know(["a", "b", "c"]),
        [true, false, true],
        "nothing was taken"
    );
    assert!(
        Full::new(1)
            .claim(&both("a", "content"))
            .unwrap_err()
            .is_full()
    );
    assert!(Full::new(0).claim(&event("a")).unwrap_err().is_full());
}

#[test]
fn released_content_makes_room() {
    let full = Full::new(2);
    full.fail(&both("a", "content a"));
    full.start(&event("b"));
    let stats = full.store.stats();
    assert_eq!((stats.failed, stats.in_progress, stats.contents), (1, 1, 0));
}

#[test]
fn a_small_retention_is_a_limit_and_not_a_promise() {
    let full = Full::new(10);
    let brief = with(event("brief"), |claim| {
        claim.retention = Duration::from_secs(10);
    });
    full.complete(&brief);
    full.clock.advance(Duration::from_secs(9));
    assert_eq!(full.claim(&brief).unwrap(), Claimed::Completed);
    full.clock.advance(Duration::from_secs(1));
    assert_eq!(full.store.stats().events, 0);
}

#[test]
fn of_a_hundred_copies_in_four_threads_one_wins() {
    let (ids, copies, threads) = (1000, 25, 4);
    let store = MemoryStore::new();
    let wins: Vec<AtomicUsize> = (0..ids).map(|_| AtomicUsize::new(0)).collect();
    let start = Barrier::new(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                start.wait();
                for (id, wins) in wins.iter().enumerate() {
                    let claim = both(&format!("id {id}"), &format!("content {id}"));
                    for _ in 0..copies {
                        match now(store.claim(&claim)).unwrap() {
                            Claimed::New { fence, .. } => {
                                wins.fetch_add(1, Ordering::Relaxed);
                                assert!(now(store.complete(&claim, fence)).unwrap());
                            }
                            Claimed::Running | Claimed::Completed => {}
                            other => panic!("{other:?}"),
                        }
                    }
                }
            });
        }
    });
    assert!(wins.iter().all(|wins| wins.load(Ordering::Relaxed) == 1));
    let stats = store.stats();
    assert_eq!(
        (stats.completed, stats.contents, stats.in_progress),
        (ids, ids, 0)
    );
}

#[test]
fn threads_that_fight_over_contents_neither_wait_in_a_circle_nor_lose_count() {
    let store = MemoryStore::with_capacity(40);
    let threads = 8;
    let start = Barrier::new(threads);
    thread::scope(|scope| {
        for thread in 0..threads {
            let (store, start) = (&store, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..5_000 {
                    let n = round * (thread + 1) + thread;
                    let claim = both(&format!("id {}", n % 31), &format!("content {}", n % 7));
                    match now(store.claim(&claim)) {
                        Ok(Claimed::New { fence, .. }) if n % 3 == 0 => {
                            assert!(now(store.release(&claim, fence)).is_ok());
                        }
                        Ok(Claimed::New { fence, .. }) => {
                            let _ = now(store.complete(&claim, fence)).unwrap();
                            let _ = now(store.forget(claim.event)).unwrap();
                        }
                        Ok(_) => {}
                        Err(error) => assert!(error.is_full()),
                    }
                }
            });
        }
    });
    for id in 0..31 {
        let _ = now(store.forget(event(&format!("id {id}")).event)).unwrap();
    }
    let stats = store.stats();
    assert_eq!((stats.events, stats.contents), (0, 0));
    for id in 0..40 {
        let claimed = now(store.claim(&event(&format!("again {id}")))).unwrap();
        assert!(
            matches!(claimed, Claimed::New { .. }),
            "all the room came back"
        );
    }
    assert!(now(store.claim(&event("one more"))).unwrap_err().is_full());
}

#[test]
fn threads_that_need_room_at_once_all_find_it() {
    let full = Full::new(1000);
    for id in 0..1000 {
        full.complete(&event(&format!("old {id}")));
    }
    full.clock.advance(HOUR);
    thread::scope(|scope| {
        for thread in 0..4 {
            let full = &full;
            scope.spawn(move || {
                for id in 0..200 {
                    full.start(&event(&format!("new {thread} {id}")));
                }
            });
        }
    });
    let stats = full.store.stats();
    assert_eq!((stats.events, stats.in_progress), (1000, 800));
    assert_eq!(stats.forgotten, 800);
}

#[test]
fn a_clock_at_the_end_of_time_does_no_harm() {
    let full = Full::new(10);
    full.complete(&event("a"));
    full.start(&both("b", "content"));
    full.clock.advance(Duration::MAX);
    assert_eq!(full.store.stats().events, 0);
    full.complete(&event("c"));
    full.clock.advance(Duration::MAX);
    assert_eq!(full.claim(&event("c")).unwrap(), Claimed::Completed);
    assert_eq!(full.store.stats().events, 1);
}

#[test]
fn a_million_ids_and_then_none() {
    let ids = 1_000_000;
    let full = Full::new(ids);
    let brief = |id: usize| Claim::new(Key::event("many", None, &id.to_le_bytes()));
    let brief = |id| with(brief(id), |claim| claim.retention = HOUR);
    for id in 0..ids {
        full.complete(&brief(id));
    }
    assert_eq!(full.store.stats().completed, ids);
    for id in 0..ids {
        assert_eq!(
            full.claim(&brief(id)).unwrap(),
            Claimed::Completed,
            "none got lost"
        );
    }
    assert!(full.claim(&event("one more")).unwrap_err().is_full());
    full.clock.advance(HOUR);
    full.start(&event("one more"));
    let stats = full.store.stats();
    assert_eq!((stats.events, stats.forgotten), (1, 0));
    for id in 0..1000 {
        full.start(&brief(id));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_agrees_with_a_model(
        // One shard for all keys, and many.
        capacity in prop::sample::select(vec![10, 1000]),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let full = Full::new(capacity);
        let mut model = Model::default();
        for step in steps {
            model.take(&full, step);
        }
        model.count(&full);
    }

    #[test]
    fn a_small_store_never_breaks_a_promise(capacity in 1..8_usize, steps in prop::collection::vec(step(), 1..200)) {
        let full = Full::new(capacity);
        let mut promises = Promises::default();
        for step in steps {
            promises.take(&full, step);
            let stats = full.store.stats();
            prop_assert!(stats.events + stats.contents <= capacity);
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Claim(Claim),
    /// Renew, complete or release with the last fence of this event, or one of those before.
    Renew(Claim, usize),
    Complete(Claim, usize),
    Release(Claim, usize),
    Forget(Key),
    /// Compare the counts. Not after every step, since counting cleans up.
    Count,
    Pass(Duration),
}

fn step() -> impl Strategy<Value = Step> {
    let old = prop_oneof![4 => Just(0_usize), 1 => 1..3_usize];
    let times = prop::sample::select(vec![
        1, 7, 10, 29, 30, 60, 600, 3599, 3600, 4000, 7200, 90_000,
    ]);
    prop_oneof![
        6 => any_claim().prop_map(Step::Claim),
        1 => (any_claim(), old.clone()).prop_map(|(claim, old)| Step::Renew(claim, old)),
        4 => (any_claim(), old.clone()).prop_map(|(claim, old)| Step::Complete(claim, old)),
        2 => (any_claim(), old).prop_map(|(claim, old)| Step::Release(claim, old)),
        1 => any_claim().prop_map(|claim| Step::Forget(claim.event)),
        1 => Just(Step::Count),
        2 => times.prop_map(|seconds| Step::Pass(Duration::from_secs(seconds))),
    ]
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let seconds = |of: &[u64]| prop::sample::select(of.to_vec()).prop_map(Duration::from_secs);
    let claim = (0..6_u8, prop::option::of(0..4_u8), any::<bool>());
    (
        claim,
        seconds(&[10, 30]),
        seconds(&[60, 7200, 80_000]),
        seconds(&[0, 3600, 10_000]),
    )
        .prop_map(|((event, content, flag), lease, retention, protect)| {
            with(self::event(&event.to_string()), |claim| {
                claim.content = content.map(|content| Key::content("stores", None, &[content]));
                claim.on_repeat = if flag {
                    OnRepeat::Flag
                } else {
                    OnRepeat::Refuse
                };
                claim.lease = lease;
                claim.retention = retention;
                claim.protect = protect;
            })
        })
}

/// The rules, written down with no thought for speed: a store that is never full must agree with every answer.
#[derive(Default)]
struct Model {
    time: Duration,
    events: HashMap<Key, ModelEvent>,
    /// Every fence given, by event, the last one first.
    fences: HashMap<Key, Vec<Fence>>,
}

#[derive(Clone, Copy)]
struct ModelEvent {
    state: ModelState,
    fence: Fence,
    attempt: u32,
    content: Option<Key>,
    may_repeat: bool,
    /// The end of the lease or of the retention.
    until: Duration,
    gone: Duration,
}

#[derive(Clone, Copy, PartialEq)]
enum ModelState {
    Running,
    Completed,
    Failed,
}

impl Model {
    fn take(&mut self, full: &Full, step: Step) {
        match step {
            Step::Claim(claim) => self.claim(&claim, full.claim(&claim).unwrap()),
            Step::Renew(claim, old) => self.settle(&claim, old, ModelState::Running, |fence| {
                now(full.store.renew(&claim, fence)).unwrap()
            }),
            Step::Complete(claim, old) => {
                self.settle(&claim, old, ModelState::Completed, |fence| {
                    now(full.store.complete(&claim, fence)).unwrap()
                });
            }
            Step::Release(claim, old) => self.settle(&claim, old, ModelState::Failed, |fence| {
                now(full.store.release(&claim, fence)).unwrap()
            }),
            Step::Forget(key) => {
                assert_eq!(
                    now(full.store.forget(key)).unwrap(),
                    self.events.remove(&key).is_some()
                );
            }
            Step::Count => self.count(full),
            Step::Pass(time) => {
                full.clock.advance(time);
                self.time += time;
                self.events.retain(|_, event| event.gone > self.time);
            }
        }
    }

    fn count(&self, full: &Full) {
        let stats = full.store.stats();
        let count = |state| {
            self.events
                .values()
                .filter(|event| event.state == state)
                .count()
        };
        assert_eq!(stats.events, self.events.len());
        assert_eq!(stats.in_progress, count(ModelState::Running));
        assert_eq!(stats.completed, count(ModelState::Completed));
        assert_eq!(stats.failed, count(ModelState::Failed));
        assert_eq!(
            stats.contents,
            self.events
                .values()
                .filter(|event| event.content.is_some())
                .count()
        );
        assert_eq!(stats.forgotten, 0);
    }

    fn claim(&mut self, claim: &Claim, answer: Claimed) {
        let known = self.events.get(&claim.event).copied();
        match known {
            Some(event) if event.state == ModelState::Completed => {
                return assert_eq!(answer, Claimed::Completed);
            }
            Some(event) if event.state == ModelState::Running && event.until > self.time => {
                return assert_eq!(answer, Claimed::Running);
            }
            _ => {}
        }
        let holder = self.holder(claim);
        if let Some(holder) = holder
            && !(holder.may_repeat && claim.on_repeat == OnRepeat::Flag)
        {
            let completed = holder.state == ModelState::Completed;
            return assert_eq!(answer, Claimed::Replay { completed });
        }
        let Claimed::New {
            fence,
            attempt,
            repeats_content,
        } = answer
        else {
            panic!("{answer:?} instead of a run");
        };
        assert_eq!(attempt, known.map_or(0, |event| event.attempt) + 1);
        assert_eq!(repeats_content, holder.is_some());
        let fences = self.fences.entry(claim.event).or_default();
        assert!(fences.first() < Some(&fence));
        fences.insert(0, fence);
        let content = claim.content.filter(|_| holder.is_none());
        for event in self
            .events
            .values_mut()
            .filter(|event| event.content == content)
        {
            event.content = None;
        }
        let event = ModelEvent {
            state: ModelState::Running,
            fence,
            attempt,
            content,
            may_repeat: claim.on_repeat == OnRepeat::Flag,
            until: self.time + claim.lease,
            gone: self.time + claim.lease + LAPSED,
        };
        self.events.insert(claim.event, event);
    }

    /// The other live event that holds the content.
    fn holder(&self, claim: &Claim) -> Option<ModelEvent> {
        let content = claim.content?;
        let holds = |event: &&ModelEvent| event.content == Some(content) && event.until > self.time;
        self.events.values().find(holds).copied()
    }

    fn settle(
        &mut self,
        claim: &Claim,
        old: usize,
        state: ModelState,
        answer: impl Fn(Fence) -> bool,
    ) {
        let fence = self
            .fences
            .get(&claim.event)
            .and_then(|fences| fences.get(old));
        let fence = fence.copied().unwrap_or(Fence::new(u64::MAX / 2));
        let event = self.events.get_mut(&claim.event);
        let event =
            event.filter(|event| event.state == ModelState::Running && event.fence == fence);
        assert_eq!(answer(fence), event.is_some());
        let Some(event) = event else { return };
        event.state = state;
        event.until = self.time + claim.retention;
        event.gone = event.until;
        if state == ModelState::Running {
            event.until = self.time + claim.lease;
            event.gone = event.until + LAPSED;
        }
        if state == ModelState::Failed {
            event.content = None;
        }
    }
}

/// What even a full store must not forget: runs in progress, and what completed less than an hour ago.
#[derive(Default)]
struct Promises {
    time: Duration,
    fences: HashMap<Key, Fence>,
    running: HashMap<Key, Duration>,
    completed: HashMap<Key, Duration>,
}

impl Promises {
    fn take(&mut self, full: &Full, step: Step) {
        match step {
            Step::Claim(claim) => self.claim(full, &claim),
            Step::Renew(claim, _) => {
                let done = self
                    .fences
                    .get(&claim.event)
                    .is_some_and(|fence| now(full.store.renew(&claim, *fence)).unwrap());
                assert!(done || !self.runs(claim.event), "a run was forgotten");
                if done {
                    self.running.insert(claim.event, self.time + claim.lease);
                }
            }
            Step::Complete(claim, _) => {
                let done = self
                    .fences
                    .get(&claim.event)
                    .is_some_and(|fence| now(full.store.complete(&claim, *fence)).unwrap());
                assert!(done || !self.runs(claim.event), "a run was forgotten");
                if done {
                    self.running.remove(&claim.event);
                    let kept = claim.retention.min(claim.protect.max(HOUR));
                    self.completed.insert(claim.event, self.time + kept);
                }
            }
            Step::Release(claim, _) => {
                let done = self
                    .fences
                    .get(&claim.event)
                    .is_some_and(|fence| now(full.store.release(&claim, *fence)).unwrap());
                assert!(done || !self.runs(claim.event), "a run was forgotten");
                self.running.remove(&claim.event);
            }
            Step::Forget(key) => {
                let _ = now(full.store.forget(key)).unwrap();
                self.running.remove(&key);
                self.completed.remove(&key);
            }
            Step::Count => {}
            Step::Pass(time) => {
                full.clock.advance(time);
                self.time += time;
                self.completed.retain(|_, until| *until > self.time);
            }
        }
    }

    fn claim(&mut self, full: &Full, claim: &Claim) {
        let answer = full.claim(claim);
        if self.runs(claim.event) {
            return assert_eq!(answer.unwrap(), Claimed::Running);
        }
        if self.completed.contains_key(&claim.event) {
            return assert_eq!(answer.unwrap(), Claimed::Completed);
        }
        if let Ok(Claimed::New { fence, .. }) = answer {
            self.fences.insert(claim.event, fence);
            self.running.insert(claim.event, self.time + claim.lease);
        }
    }

    fn runs(&self, key: Key) -> bool {
        self.running
            .get(&key)
            .is_some_and(|until| *until > self.time)
    }
}

/// A small store, its clock and short ways to use them.
struct Full {
    store: MemoryStore,
    clock: ManualClock,
}

impl Full {
    fn new(capacity: usize) -> Self {
        let clock = ManualClock::default();
        let store = MemoryStore::with_capacity(capacity).clock(Arc::new(clock.clone()));
        Self { store, clock }
    }

    fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        now(self.store.claim(claim))
    }

    fn start(&self, claim: &Claim) -> Fence {
        match self.claim(claim).unwrap() {
            Claimed::New { fence, .. } => fence,
            other => panic!("{other:?}"),
        }
    }

    fn complete(&self, claim: &Claim) {
        let fence = self.start(claim);
        assert!(now(self.store.complete(claim, fence)).unwrap());
    }

    /// Which of these events are known. Forgets them.
    fn know<const N: usize>(&self, names: [&str; N]) -> [bool; N] {
        names.map(|name| now(self.store.forget(event(name).event)).unwrap())
    }

    fn fail(&self, claim: &Claim) {
        let fence = self.start(claim);
        assert!(now(self.store.release(claim, fence)).unwrap());
    }
}

fn event(name: &str) -> Claim {
    Claim::new(Key::event("stores", None, name.as_bytes()))
}

fn both(name: &str, content: &str) -> Claim {
    let content = Key::content("stores", None, content.as_bytes());
    with(event(name), |claim| claim.content = Some(content))
}

fn with(mut claim: Claim, change: impl FnOnce(&mut Claim)) -> Claim {
    change(&mut claim);
    claim
}

/// The answer of a store that answers at once.
fn now<T: Unpin>(answer: StoreFuture<'_, T>) -> Result<T, StoreError> {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}
