//! [`claims_contract`]: what every store of claims must do.

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::task::JoinSet;

use super::ManualClock;
use crate::{
    key::Key,
    store::{Claim, Claimed, Claims, Fence, OnRepeat},
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
///
/// The store may hold other keys: the contract uses its own, different in every run. A lease or a retention may be longer
/// than asked for by up to a quarter of a second, never shorter.
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
}

struct Contract {
    store: Arc<dyn Claims>,
    time: ContractTime,
    run: u64,
}

impl Contract {
    async fn once(&self) {
        let claim = self.event("once");
        let (fence, attempt) = self.new_run(&claim, "a fresh event is new").await;
        assert_eq!(attempt, 1, "the first run is attempt 1");
        self.expect(
            &claim,
            Claimed::Running,
            "a copy of a running event is told so",
        )
        .await;
        self.expect(
            &claim,
            Claimed::Running,
            "every copy of a running event is told so",
        )
        .await;
        self.completes(&claim, fence, "the holder completes").await;
        self.expect(
            &claim,
            Claimed::Completed,
            "a copy of a completed event is told so",
        )
        .await;
        self.expect(
            &claim,
            Claimed::Completed,
            "every copy of a completed event is told so",
        )
        .await;
        self.new_run(&self.event("another"), "another event is new")
            .await;
    }

    async fn one_winner(&self) {
        for claim in [self.event("crowd"), self.both("crowd 2", "crowd 2")] {
            let mut copies = JoinSet::new();
            for _ in 0..100 {
                let store = Arc::clone(&self.store);
                copies.spawn(async move { store.claim(&claim).await });
            }
            let mut winners = 0;
            while let Some(copy) = copies.join_next().await {
                match copy.expect("a claim must not panic").expect(WORKS) {
                    Claimed::New { attempt, .. } => {
                        assert_eq!(attempt, 1, "the winner of many copies has attempt 1");
                        winners += 1;
                    }
                    other => assert_eq!(
                        other,
                        Claimed::Running,
                        "the losers of many copies are told so"
                    ),
                }
            }
            assert_eq!(winners, 1, "of 100 copies at once exactly one is new");
        }
    }

    async fn attempts_and_fences(&self) {
        let claim = self.event("attempts");
        let mut last = None;
        for expected in 1..=5 {
            let (fence, attempt) = self
                .new_run(&claim, "a released event is new at once")
                .await;
            assert_eq!(attempt, expected, "the attempts of an event are counted");
            assert!(last < Some(fence), "the fences of an event increase");
            last = Some(fence);
            self.releases(&claim, fence, "the holder releases").await;
        }
    }

    async fn lease(&self) {
        let claim = self.event("lease");
        let (first, _) = self.new_run(&claim, "a fresh event is new").await;
        self.pass(LEASE / 2).await;
        self.expect(&claim, Claimed::Running, "a lease does not end early")
            .await;
        self.pass(LEASE / 2 + SLACK).await;
        let (second, attempt) = self
            .new_run(&claim, "an event whose lease is over is new")
            .await;
        assert_eq!(attempt, 2, "a run whose lease ended counts as an attempt");
        assert!(second > first, "taking over gives a larger fence");
        self.expect(&claim, Claimed::Running, "whoever took over has a lease")
            .await;
    }

    async fn renewal(&self) {
        let claim = self.event("renewal");
        let (fence, _) = self.new_run(&claim, "a fresh event is new").await;
        for _ in 0..4 {
            self.pass(LEASE / 2).await;
            self.renews(&claim, fence, "the holder renews").await;
        }
        self.expect(&claim, Claimed::Running, "a renewed lease goes on")
            .await;
        self.pass(LEASE + SLACK).await;
        self.new_run(&claim, "a renewed lease ends, too").await;
    }

    async fn late_finish(&self) {
        let claim = self.both("late", "late");
        let (fence, _) = self.new_run(&claim, "a fresh event is new").await;
        self.pass(LEASE + SLACK).await;
        self.renews(
            &claim,
            fence,
            "a renewal after the lease counts, if nobody took over",
        )
        .await;
        self.expect(&claim, Claimed::Running, "a late renewal starts a lease")
            .await;
        self.pass(LEASE + SLACK).await;
        self.completes(
            &claim,
            fence,
            "a completion after the lease counts, if nobody took over",
        )
        .await;
        self.expect(&claim, Claimed::Completed, "a late completion counts")
            .await;
        let copy = self.both("late copy", "late");
        self.expect(
            &copy,
            REPLAY_OF_COMPLETED,
            "a late completion keeps the content",
        )
        .await;
    }

    async fn stale_fence(&self) {
        let claim = self.event("stale");
        let (stale, _) = self.new_run(&claim, "a fresh event is new").await;
        self.pass(LEASE + SLACK).await;
        let (current, _) = self
            .new_run(&claim, "an event whose lease is over is new")
            .await;
        self.unchanged(&claim, stale, Claimed::Running, "a stale fence")
            .await;
        self.pass(LEASE / 2).await;
        assert!(
            !self.store.renew(&claim, stale).await.expect(WORKS),
            "a stale fence renews nothing"
        );
        self.pass(LEASE / 2 + SLACK).await;
        let (last, _) = self
            .new_run(&claim, "a stale renewal does not extend the lease")
            .await;
        self.unchanged(&claim, current, Claimed::Running, "a stale fence")
            .await;
        self.completes(&claim, last, "the current holder completes")
            .await;
        self.unchanged(
            &claim,
            stale,
            Claimed::Completed,
            "a stale fence after completion",
        )
        .await;
    }

    async fn used_fence(&self) {
        let claim = self.event("used");
        let unknown = Fence::new(u64::MAX / 4);
        assert!(
            !self.store.renew(&claim, unknown).await.expect(WORKS),
            "an unknown event is not renewed"
        );
        assert!(
            !self.store.complete(&claim, unknown).await.expect(WORKS),
            "an unknown event is not completed"
        );
        assert!(
            !self.store.release(&claim, unknown).await.expect(WORKS),
            "an unknown event is not released"
        );
        let (released, _) = self
            .new_run(&claim, "finishing an unknown event leaves no trace")
            .await;
        self.unchanged(&claim, unknown, Claimed::Running, "a fence never given")
            .await;
        self.releases(&claim, released, "the holder releases").await;
        assert!(
            !self.store.complete(&claim, released).await.expect(WORKS),
            "a released run cannot complete"
        );
        assert!(
            !self.store.renew(&claim, released).await.expect(WORKS),
            "a released run cannot be renewed"
        );
        let (completed, _) = self.new_run(&claim, "a released event is new").await;
        self.unchanged(&claim, released, Claimed::Running, "a released fence")
            .await;
        self.completes(&claim, completed, "the holder completes")
            .await;
        assert!(
            !self.store.release(&claim, completed).await.expect(WORKS),
            "a completed run cannot be released"
        );
        assert!(
            !self.store.renew(&claim, completed).await.expect(WORKS),
            "a completed run cannot be renewed"
        );
        self.expect(
            &claim,
            Claimed::Completed,
            "a completed event stays completed",
        )
        .await;
    }

    async fn replay(&self) {
        let (first, second) = (
            self.both("original", "content"),
            self.both("copy", "content"),
        );
        let (fence, _) = self.new_run(&first, "fresh content is new").await;
        self.expect(
            &second,
            REPLAY_OF_RUNNING,
            "content of a running event is a replay",
        )
        .await;
        self.expect(
            &first,
            Claimed::Running,
            "the event that holds the content is running",
        )
        .await;
        self.releases(&first, fence, "the holder releases").await;
        let (fence, attempt) = self
            .new_run(&second, "content of a failed event is free")
            .await;
        assert_eq!(attempt, 1, "a refused replay is not an attempt");
        self.expect(
            &first,
            REPLAY_OF_RUNNING,
            "content now belongs to the second event",
        )
        .await;
        self.completes(&second, fence, "the holder completes").await;
        self.expect(
            &first,
            REPLAY_OF_COMPLETED,
            "content of a completed event is a replay",
        )
        .await;
        self.expect(
            &second,
            Claimed::Completed,
            "the event that holds the content is completed",
        )
        .await;
        let alone = Claim {
            content: None,
            ..first
        };
        let (_, attempt) = self
            .new_run(&alone, "without content an event is only itself")
            .await;
        assert_eq!(
            attempt, 2,
            "refused replays are not attempts, earlier runs are"
        );
    }

    async fn replay_leaves_no_trace(&self) {
        let (holder, copy) = (self.both("holder", "held"), self.both("traceless", "held"));
        let (fence, _) = self.new_run(&holder, "fresh content is new").await;
        self.expect(
            &copy,
            REPLAY_OF_RUNNING,
            "content of a running event is a replay",
        )
        .await;
        assert!(
            !self.forgets(copy.event).await,
            "a refused replay leaves no trace of its event"
        );
        self.completes(&holder, fence, "the holder completes").await;
        self.expect(
            &copy,
            REPLAY_OF_COMPLETED,
            "content of a completed event is a replay",
        )
        .await;
        assert!(
            !self.forgets(copy.event).await,
            "a refused replay leaves no trace of its event"
        );
        let (_, attempt) = self
            .new_run(
                &self.both("traceless", "fresh"),
                "a refused event with other content is new",
            )
            .await;
        assert_eq!(attempt, 1, "a refused replay is not an attempt");
    }

    async fn replay_after_the_lease(&self) {
        let (first, second) = (self.both("lapsed", "lapsing"), self.both("heir", "lapsing"));
        let (stale, _) = self.new_run(&first, "fresh content is new").await;
        self.pass(LEASE / 2).await;
        self.renews(&first, stale, "the holder renews").await;
        self.pass(LEASE / 2 + SLACK).await;
        self.expect(
            &second,
            REPLAY_OF_RUNNING,
            "a renewal keeps the content, too",
        )
        .await;
        self.pass(LEASE / 2).await;
        let (fence, _) = self
            .new_run(&second, "content whose lease is over is free")
            .await;
        self.completes(&second, fence, "the heir of content completes")
            .await;
        self.expect(
            &first,
            REPLAY_OF_COMPLETED,
            "the content now belongs to the heir",
        )
        .await;
    }

    async fn content_taken_over(&self) {
        let (first, second) = (self.both("robbed", "taken"), self.both("taker", "taken"));
        let (stale, _) = self.new_run(&first, "fresh content is new").await;
        self.pass(LEASE + SLACK).await;
        let (fence, _) = self
            .new_run(&second, "content whose lease is over is free")
            .await;
        self.releases(&first, stale, "the event itself was not taken over")
            .await;
        let third = self.both("third", "taken");
        self.expect(
            &third,
            REPLAY_OF_RUNNING,
            "a release frees only what its claim still holds",
        )
        .await;
        assert!(
            self.forgets(first.event).await,
            "a failed event can be forgotten"
        );
        self.expect(
            &third,
            REPLAY_OF_RUNNING,
            "forgetting frees only what the event still holds",
        )
        .await;
        self.releases(&second, fence, "the holder releases").await;
        self.new_run(&third, "released content is free").await;
    }

    async fn content_taken_over_is_not_finished(&self) {
        let (first, second) = (self.both("slow", "shared"), self.both("quick", "shared"));
        let third = self.both("asks", "shared");
        let (stale, _) = self.new_run(&first, "fresh content is new").await;
        self.pass(LEASE + SLACK).await;
        let (fence, _) = self
            .new_run(&second, "content whose lease is over is free")
            .await;
        self.pass(LEASE / 2).await;
        self.renews(&first, stale, "the event itself was not taken over")
            .await;
        self.completes(&first, stale, "the event itself was not taken over")
            .await;
        self.expect(
            &first,
            Claimed::Completed,
            "an event completes without its content",
        )
        .await;
        self.expect(
            &third,
            REPLAY_OF_RUNNING,
            "a completion leaves content that another event took",
        )
        .await;
        self.pass(LEASE / 2 + SLACK).await;
        let (_, attempt) = self
            .new_run(&third, "a renewal leaves content that another event took")
            .await;
        assert_eq!(
            attempt, 1,
            "broken rule: a refused replay is not an attempt"
        );
        self.completes(
            &second,
            fence,
            "a completion after the lease counts, if nobody took over",
        )
        .await;
    }

    async fn flagged_repeat(&self) {
        let flag = |event| Claim {
            on_repeat: OnRepeat::Flag,
            ..self.both(event, "ordinary")
        };
        let (first, second) = (flag("flag 1"), flag("flag 2"));
        let (holder, _) = self.new_run(&first, "fresh content is not flagged").await;
        let (fence, attempt) = self
            .flagged(&second, "repeated content is flagged and runs")
            .await;
        assert_eq!(attempt, 1, "a flagged run is attempt 1");
        self.expect(&second, Claimed::Running, "a flagged event runs once")
            .await;
        self.releases(&second, fence, "a flagged run releases")
            .await;
        let refused = self.both("flag 3", "ordinary");
        self.expect(
            &refused,
            REPLAY_OF_RUNNING,
            "a flagged run does not free the content",
        )
        .await;
        let (fence, _) = self
            .flagged(&second, "repeated content is flagged again")
            .await;
        self.completes(&second, fence, "a flagged run completes")
            .await;
        self.expect(
            &refused,
            REPLAY_OF_RUNNING,
            "a flagged run does not complete the content",
        )
        .await;
        self.completes(&first, holder, "the holder completes").await;
        self.flagged(&flag("flag 4"), "content of a completed event is flagged")
            .await;
        assert!(
            self.forgets(second.event).await,
            "a flagged event can be forgotten"
        );
        self.expect(
            &refused,
            REPLAY_OF_COMPLETED,
            "forgetting a flagged event keeps the content",
        )
        .await;
    }

    async fn relabelled_repeat(&self) {
        let flag = |event| Claim {
            on_repeat: OnRepeat::Flag,
            ..self.both(event, "must not repeat")
        };
        let first = self.both("plain 1", "must not repeat");
        let (fence, _) = self.new_run(&first, "fresh content is new").await;
        let rule =
            "content that came as what must not repeat is refused, whatever a copy calls itself";
        self.expect(&flag("plain 2"), REPLAY_OF_RUNNING, rule).await;
        self.completes(&first, fence, "the holder completes").await;
        self.expect(&flag("plain 2"), REPLAY_OF_COMPLETED, rule)
            .await;
    }

    async fn other_content(&self) {
        let (first, again) = (
            self.both("edited", "version 1"),
            self.both("edited", "version 2"),
        );
        let (fence, _) = self.new_run(&first, "fresh content is new").await;
        self.expect(
            &again,
            Claimed::Running,
            "a running event with other content is a duplicate",
        )
        .await;
        self.releases(&first, fence, "the holder releases").await;
        let (fence, attempt) = self
            .new_run(&again, "a released event may come with other content")
            .await;
        assert_eq!(attempt, 2, "an event with other content is the same event");
        self.expect(
            &self.both("thief", "version 2"),
            REPLAY_OF_RUNNING,
            "the new content is held",
        )
        .await;
        let (other, _) = self
            .new_run(&self.both("finder", "version 1"), "the old content is free")
            .await;
        self.completes(&again, fence, "the holder completes").await;
        self.expect(
            &first,
            Claimed::Completed,
            "a completed event with other content is a duplicate",
        )
        .await;
        self.expect(
            &self.both("thief", "version 2"),
            REPLAY_OF_COMPLETED,
            "the new content is kept",
        )
        .await;
        self.releases(
            &self.both("finder", "version 1"),
            other,
            "the finder releases",
        )
        .await;
    }

    async fn forgotten(&self) {
        assert!(
            !self.forgets(self.event("never seen").event).await,
            "there is nothing to forget of an unknown event"
        );
        let (first, second) = (
            self.both("forgotten", "gone"),
            self.both("finds it free", "gone"),
        );
        let (old, _) = self.new_run(&first, "fresh content is new").await;
        assert!(
            self.forgets(first.event).await,
            "a running event can be forgotten"
        );
        assert!(
            !self.forgets(first.event).await,
            "an event is forgotten once"
        );
        assert!(
            !self.store.complete(&first, old).await.expect(WORKS),
            "a forgotten run cannot complete"
        );
        let (fence, attempt) = self.new_run(&first, "a forgotten event is new").await;
        assert_eq!(attempt, 1, "a forgotten event starts from attempt 1");
        assert_ne!(
            fence, old,
            "a forgotten event does not get an old fence again"
        );
        self.unchanged(&first, old, Claimed::Running, "a fence of a forgotten run")
            .await;
        self.completes(&first, fence, "the holder completes").await;
        self.expect(
            &second,
            REPLAY_OF_COMPLETED,
            "content of a completed event is a replay",
        )
        .await;
        assert!(
            self.forgets(first.event).await,
            "a completed event can be forgotten"
        );
        self.new_run(&second, "content of a forgotten event is free")
            .await;
    }

    async fn retention(&self) {
        let short = |claim| Claim {
            retention: LEASE * 2,
            ..claim
        };
        let first = short(self.both("retained", "retained"));
        let second = short(self.both("retained copy", "retained"));
        let (fence, _) = self.new_run(&first, "fresh content is new").await;
        self.pass(LEASE / 2).await;
        self.completes(&first, fence, "the holder completes").await;
        self.pass(LEASE + LEASE / 2).await;
        self.expect(
            &first,
            Claimed::Completed,
            "retention counts from completion and does not end early",
        )
        .await;
        self.expect(&second, REPLAY_OF_COMPLETED, "content is retained as long")
            .await;
        self.pass(LEASE / 2 + SLACK).await;
        let (_, attempt) = self
            .new_run(&second, "content is free after retention")
            .await;
        assert_eq!(attempt, 1, "a refused replay is not an attempt");
        let alone = Claim {
            content: None,
            ..first
        };
        let (_, attempt) = self
            .new_run(&alone, "an event is new after its retention")
            .await;
        assert_eq!(attempt, 1, "an expired event starts from attempt 1");
        let brief = short(self.event("brief"));
        let (fence, _) = self.new_run(&brief, "a fresh event is new").await;
        self.completes(&brief, fence, "the holder completes").await;
        self.pass(LEASE * 2 + SLACK).await;
        assert!(
            !self.forgets(brief.event).await,
            "there is nothing to forget of an expired event"
        );
    }

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
