//! The same content under another event.

use super::{Contract, LEASE, REPLAY_OF_COMPLETED, REPLAY_OF_RUNNING, SLACK};
use crate::store::{Claim, Claimed, OnRepeat};

impl Contract {
    pub(super) async fn replay(&self) {
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

    pub(super) async fn replay_leaves_no_trace(&self) {
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

    pub(super) async fn replay_after_the_lease(&self) {
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

    pub(super) async fn content_taken_over(&self) {
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

    pub(super) async fn content_taken_over_is_not_finished(&self) {
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

    pub(super) async fn flagged_repeat(&self) {
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

    pub(super) async fn relabelled_repeat(&self) {
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

    pub(super) async fn other_content(&self) {
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
}
