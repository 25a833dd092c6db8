//! How long an event is remembered.

use super::{Contract, LEASE, REPLAY_OF_COMPLETED, SLACK, WORKS};
use crate::store::{Claim, Claimed};

impl Contract {
    pub(super) async fn forgotten(&self) {
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

    pub(super) async fn retention(&self) {
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
}
