//! What the claims in memory cost: `cargo bench --bench claims`. As a test (`cargo test --benches`) with small sizes.
//!
//! Prints rates, bytes per id, and the slowest single claim while the store grows and while it expires, by the thread's
//! own processor time: on a machine that does other work the slowest by the clock on the wall is the scheduler's.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::{
    alloc::System,
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use cpu_time::ThreadTime;
use hooklatch::{
    Clock, Key, SystemClock,
    store::{Claim, Claimed, Claims, Fence, MemoryStore, StoreError, StoreFuture},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use time::OffsetDateTime;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let bench = std::env::args().any(|argument| argument == "--bench");
    let million = if bench { 1_000_000 } else { 2_000 };
    println!("one thread:  {}", rates(million, 1));
    println!("two threads: {}", rates(million, 2));
    bytes(million, false);
    bytes(million, true);
    allocations(million);
    growing(million * 4);
    expiring(million);
    full(million / 10);
}

/// Millions per second: claims of new ids, claims of known ids, a claim and its completion.
fn rates(ids: u64, threads: u64) -> String {
    let round = |work: fn(&MemoryStore, &Claim)| {
        let store = MemoryStore::with_capacity(usize::MAX);
        move || {
            let begin = Instant::now();
            thread::scope(|scope| {
                for thread in 0..threads {
                    let store = &store;
                    scope.spawn(move || {
                        for id in 0..ids / threads {
                            work(store, &event(id * threads + thread));
                        }
                    });
                }
            });
            millions(ids, begin.elapsed())
        }
    };
    let claim = round(|store, claim| {
        answer(store.claim(claim)).unwrap();
    });
    let (new, known) = (claim(), claim());
    let both = round(|store, claim| {
        let fence = start(store, claim);
        assert!(answer(store.complete(claim, fence)).unwrap());
    })();
    let pair = round(|store, claim| {
        let claim = with_content(claim);
        let fence = start(store, &claim);
        assert!(answer(store.complete(&claim, fence)).unwrap());
    })();
    format!(
        "{new} M/s new claims, {known} M/s repeats, {both} M/s claim and complete, {pair} M/s with content"
    )
}

/// All the memory taken per id.
fn bytes(ids: u64, content: bool) {
    let region = Region::new(ALLOCATOR);
    let store = MemoryStore::with_capacity(usize::MAX);
    for id in 0..ids {
        let claim = event(id);
        let claim = if content { with_content(&claim) } else { claim };
        let fence = start(&store, &claim);
        assert!(answer(store.complete(&claim, fence)).unwrap());
    }
    let change = region.change();
    let bytes = change.bytes_allocated - change.bytes_deallocated;
    let what = if content {
        "event and content"
    } else {
        "event alone"
    };
    println!(
        "{:.1} bytes per id, {what} (by its own count {:.1})",
        ratio(bytes, ids),
        ratio(store.stats().bytes, ids)
    );
}

/// Allocations of claims and completions once the tables have grown.
fn allocations(ids: u64) {
    let clock = TestClock::default();
    let store = MemoryStore::with_capacity(usize::MAX).clock(Arc::new(clock.clone()));
    let run = |from: u64| {
        for id in from..from + ids {
            let mut claim = event(id);
            claim.retention = Duration::from_secs(60);
            let fence = start(&store, &claim);
            assert!(answer(store.complete(&claim, fence)).unwrap());
        }
        clock.advance(Duration::from_secs(60));
    };
    (0..4).for_each(|round| run(round * ids));
    let region = Region::new(ALLOCATOR);
    run(4 * ids);
    println!(
        "{} allocations for {ids} new ids in a grown store",
        region.change().allocations
    );
}

fn growing(ids: u64) {
    let store = MemoryStore::with_capacity(usize::MAX);
    let mut slow = Slow::default();
    for id in 0..ids {
        let claim = event(id);
        slow.time(|| start(&store, &claim));
    }
    println!("growing to {ids} ids: {slow}");
}

/// Everything expires at once; claims of new ids clean up as they go, then all of it is cleaned by a count.
fn expiring(ids: u64) {
    let clock = TestClock::default();
    let store = MemoryStore::with_capacity(usize::MAX).clock(Arc::new(clock.clone()));
    for id in 0..ids {
        let claim = event(id);
        let fence = start(&store, &claim);
        assert!(answer(store.complete(&claim, fence)).unwrap());
    }
    clock.advance(Duration::from_secs(40 * 24 * 3600));
    let mut slow = Slow::default();
    for id in ids..ids + ids / 2 {
        let claim = event(id);
        slow.time(|| start(&store, &claim));
    }
    println!("while {ids} ids expire: {slow}");
    assert_eq!(u64::try_from(store.stats().events).unwrap(), ids / 2);

    clock.advance(Duration::from_secs(80 * 24 * 3600));
    thread::scope(|scope| {
        let sweep = scope.spawn(|| {
            let begin = Instant::now();
            (store.stats(), begin.elapsed())
        });
        let mut slow = Slow::default();
        for id in 2 * ids..2 * ids + ids / 4 {
            let claim = event(id);
            slow.time(|| start(&store, &claim));
        }
        let (_, took) = sweep.join().unwrap();
        println!(
            "while stats() removes {} expired ids ({took:?} in all): {slow}",
            ids / 2
        );
    });
}

/// A full store that forgets one event for every new one, and one that may forget nothing.
fn full(ids: u64) {
    let clock = TestClock::default();
    let capacity = usize::try_from(ids).unwrap();
    let store = MemoryStore::with_capacity(capacity).clock(Arc::new(clock.clone()));
    for id in 0..ids {
        let claim = event(id);
        let fence = start(&store, &claim);
        assert!(answer(store.complete(&claim, fence)).unwrap());
    }
    let mut slow = Slow::default();
    for id in ids..ids + ids / 10 {
        let claim = event(id);
        slow.time(|| assert!(answer(store.claim(&claim)).unwrap_err().is_full()));
    }
    println!("full, refusing: {slow}");
    clock.advance(Duration::from_secs(3600));
    let mut slow = Slow::default();
    for id in ids..ids + ids / 2 {
        let claim = event(id);
        slow.time(|| start(&store, &claim));
    }
    println!("full, forgetting: {slow}");
}

/// The worst of many claims.
#[derive(Default)]
struct Slow {
    worst: Duration,
    worst_wall: Duration,
    total: Duration,
    count: u64,
}

impl Slow {
    fn time<T>(&mut self, work: impl FnOnce() -> T) {
        let begin = Instant::now();
        let processor = ThreadTime::now();
        work();
        self.worst = self.worst.max(processor.elapsed());
        let wall = begin.elapsed();
        self.worst_wall = self.worst_wall.max(wall);
        self.total += wall;
        self.count += 1;
    }
}

impl std::fmt::Display for Slow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            worst, worst_wall, ..
        } = self;
        let rate = millions(self.count, self.total);
        write!(
            f,
            "worst claim {worst:?} ({worst_wall:?} on the wall), {rate} M/s as measured"
        )
    }
}

fn event(id: u64) -> Claim {
    // Spread like the hashes that keys are, at no cost.
    let [high, low] = [id.wrapping_mul(0x9e37_79b9_7f4a_7c15), id].map(u64::to_le_bytes);
    let mut key = [0; 16];
    key[..8].copy_from_slice(&high);
    key[8..].copy_from_slice(&low);
    Claim::new(Key::from_bytes(key))
}

fn with_content(claim: &Claim) -> Claim {
    let mut content = *claim.event.as_bytes();
    content.reverse();
    let mut claim = *claim;
    claim.content = Some(Key::from_bytes(content));
    claim
}

fn start(store: &MemoryStore, claim: &Claim) -> Fence {
    match answer(store.claim(claim)).unwrap() {
        Claimed::New { fence, .. } => fence,
        other => unreachable!("{other:?}"),
    }
}

fn answer<T: Unpin>(answer: StoreFuture<'_, T>) -> Result<T, StoreError> {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("a store in memory never waits"),
    }
}

fn millions(count: u64, time: Duration) -> String {
    format!(
        "{:.2}",
        ratio(usize::try_from(count).unwrap(), 1_000_000) / time.as_secs_f64()
    )
}

#[allow(clippy::as_conversions, clippy::cast_precision_loss)]
fn ratio(a: usize, b: u64) -> f64 {
    a as f64 / b as f64
}

/// `ManualClock` without the feature `testing`.
#[derive(Clone, Debug, Default)]
struct TestClock(Arc<std::sync::atomic::AtomicU64>);

impl TestClock {
    fn advance(&self, time: Duration) {
        self.0
            .fetch_add(time.as_secs(), std::sync::atomic::Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        SystemClock::shared().now()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(std::sync::atomic::Ordering::Relaxed))
    }
}
