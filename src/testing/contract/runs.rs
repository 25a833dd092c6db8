//! Who runs, and with which fence.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{Contract, LEASE, REPLAY_OF_COMPLETED, SLACK, WORKS};
use crate::store::{Claimed, Condition, Fence};

impl Contract {
    pub(super) async fn sound(&self) {
        let ping = self.store.ping().await;
        assert!(ping.is_ok(), "a store that works answers: {ping:?}");
        assert_eq!(
            self.store.condition(),
            Condition::Sound,
            "nothing is wrong with a store that works"
        );
    }

    pub(super) async fn once(&self) {
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

    pub(super) async fn one_winner(&self) {
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

    pub(super) async fn attempts_and_fences(&self) {
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

    pub(super) async fn lease(&self) {
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

    pub(super) async fn renewal(&self) {
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

    pub(super) async fn late_finish(&self) {
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

    pub(super) async fn stale_fence(&self) {
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

    pub(super) async fn used_fence(&self) {
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
}
