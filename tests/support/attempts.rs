//! The failed runs of a delivery, as a store keeps them: one text for all stores.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use hooklatch::{
    Hooks, Key,
    store::{Activity, Attempt, Inbox, Leased, Operate, Settlement},
    testing::Sender,
};
use time::OffsetDateTime;
use tower::ServiceExt;

const RECEIVER: &str = "runs";
const LEASE: Duration = Duration::from_millis(200);

/// What a store is asked, and where its deliveries come from.
pub(crate) struct Runs<S> {
    store: S,
    sender: Sender,
    receive: hooklatch::Receive,
    began: OffsetDateTime,
}

impl<S: Inbox + Operate + Clone + 'static> Runs<S> {
    pub(crate) fn new(store: &S) -> Self {
        let scheme = hooklatch::provider::STANDARD_WEBHOOKS;
        let sender = Sender::new(scheme.clone());
        let receiver = Hooks::new()
            .receiver(RECEIVER, scheme, sender.keyring())
            .unwrap()
            .shared_inbox(Arc::new(store.clone()));
        Self {
            receive: receiver.accept_only().unwrap(),
            store: store.clone(),
            sender,
            // The stores keep milliseconds.
            began: OffsetDateTime::now_utc() - Duration::from_millis(1),
        }
    }

    async fn arrives(&self, id: &str) -> Leased {
        let event = self.sender.event("a", serde_json::json!({})).id(id);
        let Ok(answer) = self.receive.clone().oneshot(event.request()).await;
        assert!(answer.status().is_success());
        self.lease().await
    }

    async fn lease(&self) -> Leased {
        let mut leased = self.store.lease(RECEIVER, 9, LEASE).await.unwrap();
        assert_eq!(leased.len(), 1);
        leased.remove(0)
    }

    async fn fails(&self, run: &Leased, reason: &str) {
        let (after, reason) = (Duration::ZERO, reason.into());
        let retry = Settlement::Retry { after, reason };
        assert!(
            self.store
                .settle(run.event, run.fence, retry)
                .await
                .unwrap()
        );
    }

    async fn attempts(&self, event: Key) -> Vec<Attempt> {
        self.store.show(event).await.unwrap().unwrap().attempts
    }

    async fn errors(&self, event: Key) -> Vec<(u32, String)> {
        let attempts = self.attempts(event).await.into_iter();
        attempts
            .map(|attempt| (attempt.number, attempt.error))
            .collect()
    }

    /// Runs that failed are kept in order, the last twenty; one that ended without an outcome is among them.
    pub(crate) async fn are_kept(&self) {
        let first = self.arrives("evt_kept").await;
        assert!(first.lost == 0 && self.attempts(first.event).await.is_empty());
        self.fails(&first, "the shop is closed").await;
        assert!(
            !self
                .store
                .settle(first.event, first.fence, dead("stale"))
                .await
                .unwrap()
        );
        let second = self.lease().await;
        assert!(second.lost == 0);
        tokio::time::sleep(LEASE * 2).await;
        let third = self.lease().await;
        assert_eq!(third.lost, 1);
        assert!(
            self.store
                .settle(third.event, third.fence, dead("no such shop"))
                .await
                .unwrap()
        );
        let errors = self.errors(first.event).await;
        let told: Vec<_> = errors
            .iter()
            .map(|(number, error)| (*number, &**error))
            .collect();
        let lost = "it ended without an outcome: the process was killed, or the store could not be reached";
        assert_eq!(
            told,
            [(1, "the shop is closed"), (2, lost), (3, "no such shop")]
        );
        let times: Vec<_> = self
            .attempts(first.event)
            .await
            .iter()
            .map(|one| one.ended_at)
            .collect();
        assert!(
            self.began <= times[0] && times.is_sorted() && times[2] <= OffsetDateTime::now_utc()
        );
        self.count_anew_after_a_retry(first.event).await;
    }

    /// An operator's retry counts anew, behind what is known.
    async fn count_anew_after_a_retry(&self, event: Key) {
        assert!(self.store.retry(event).await.unwrap());
        let mut run = self.lease().await;
        assert!(run.attempt == 1 && run.lost == 0);
        for number in 1..=20 {
            self.fails(&run, &format!("failure {number}")).await;
            run = self.lease().await;
        }
        let errors = self.errors(event).await;
        assert_eq!(errors.len(), 20);
        assert_eq!((errors[0].0, errors[19].0), (1, 20));
        let done = Settlement::Done(Duration::from_secs(60));
        assert!(self.store.settle(run.event, run.fence, done).await.unwrap());
        assert_eq!(
            self.attempts(event).await.len(),
            20,
            "what failed before stays known"
        );
    }

    /// A run that succeeds writes nothing; a removal takes the failed runs with it.
    pub(crate) async fn go_with_their_delivery(&self, rows: impl AsyncFn() -> i64) {
        let before = rows().await;
        let good = self.arrives("evt_good").await;
        let done = || Settlement::Done(Duration::from_secs(60));
        assert!(
            self.store
                .settle(good.event, good.fence, done())
                .await
                .unwrap()
        );
        assert_eq!(rows().await, before);
        let forgotten = self.arrives("evt_forgotten").await;
        self.fails(&forgotten, "once").await;
        assert_eq!(rows().await, before + 1);
        assert!(self.store.forget(forgotten.event).await.unwrap());
        assert_eq!(rows().await, before);

        let revived = self.arrives("evt_revived").await;
        assert!(
            self.store
                .settle(revived.event, revived.fence, dead("hopeless"))
                .await
                .unwrap()
        );
        assert_eq!(rows().await, before + 1);
        let again = self.arrives("evt_revived").await;
        assert!(self.attempts(again.event).await.is_empty());
        assert!(
            self.store
                .settle(again.event, again.fence, dead("hopeless"))
                .await
                .unwrap()
        );
        let later = OffsetDateTime::now_utc() + Duration::from_secs(60);
        for finished in [
            hooklatch::store::Finished::Dead,
            hooklatch::store::Finished::Completed,
        ] {
            let _ = self.store.purge(finished, later).await.unwrap();
        }
        assert_eq!(rows().await, 0);
    }

    /// What happened is counted step by step.
    pub(crate) async fn are_counted(&self) {
        let since = OffsetDateTime::now_utc() - Duration::from_secs(60);
        let count = async |step: u64| {
            let all = self
                .store
                .activity(since, Duration::from_secs(step))
                .await
                .unwrap();
            let ours = all
                .into_iter()
                .filter(|activity| activity.receiver == RECEIVER);
            ours.collect::<Vec<Activity>>()
        };
        let sum = |all: &[Activity]| {
            let add = |sum: [u64; 3], one: &Activity| {
                [sum[0] + one.arrived, sum[1] + one.failed, sum[2] + one.dead]
            };
            all.iter().fold([0; 3], add)
        };
        let before = sum(&count(1).await);
        let one = self.arrives("evt_counted").await;
        self.fails(&one, "once").await;
        let one = self.lease().await;
        assert!(
            self.store
                .settle(one.event, one.fence, dead("twice"))
                .await
                .unwrap()
        );
        let two = self.arrives("evt_counted_too").await;
        let done = Settlement::Done(Duration::from_secs(60));
        assert!(self.store.settle(two.event, two.fence, done).await.unwrap());
        let steps = count(1).await;
        let after = sum(&steps);
        assert_eq!(
            [0, 1, 2].map(|column| after[column] - before[column]),
            [2, 2, 1]
        );
        assert!(steps.is_sorted_by_key(|step| step.at) && steps[0].at >= since);
        assert_eq!(sum(&count(3600).await), after);
        assert_eq!(count(3600).await.len(), 1);
        let future = OffsetDateTime::now_utc() + Duration::from_secs(60);
        assert!(
            self.store
                .activity(future, Duration::ZERO)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

fn dead(reason: &str) -> Settlement {
    let reason = reason.into();
    Settlement::Dead { reason }
}
