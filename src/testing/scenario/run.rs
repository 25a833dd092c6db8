//! One run: what all judges use.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    Report, Scenarios, Situation,
    exchange::{Answer, App},
    report::Verdict,
};
use crate::{
    scheme::Scheme,
    testing::{Draft, Sender},
};

/// A receiver under test.
pub(super) struct Run {
    pub(super) plan: Scenarios,
    pub(super) app: App,
    /// Tells the events of this run from those of another at the same store.
    nonce: u32,
    made: AtomicU32,
    leaked: AtomicBool,
}

impl Run {
    pub(super) fn new(plan: Scenarios, app: App) -> Self {
        let random = RandomState::new().build_hasher().finish().to_le_bytes();
        let [a, b, c, d, ..] = random;
        Self {
            plan,
            app,
            nonce: u32::from_le_bytes([a, b, c, d]),
            made: AtomicU32::new(0),
            leaked: AtomicBool::new(false),
        }
    }

    pub(super) async fn all(self) -> Report {
        let before = self.effects();
        let refused = !self.post(self.fresh()).await.is_done();
        if !refused {
            self.ran(before, 1).await;
        }
        let mut outcomes = Vec::new();
        for situation in self.plan.situations.clone() {
            let verdict = if refused && situation != Situation::Valid {
                Verdict::Skipped("not judged: a genuine event is refused")
            } else {
                self.judge(situation).await
            };
            outcomes.push(verdict.of(situation));
        }
        Report::new(outcomes)
    }

    async fn judge(&self, situation: Situation) -> Verdict {
        match situation {
            Situation::Valid => self.valid().await,
            Situation::OtherSpelling => self.other_spelling().await,
            Situation::Forged => self.forged().await,
            Situation::WrongKey => self.wrong_key().await,
            Situation::MissingSignature => self.missing_signature().await,
            Situation::GarbageSignature => self.garbage_signature().await,
            Situation::StaleTimestamp => self.stale_timestamp().await,
            Situation::EarlyTimestamp => self.early_timestamp().await,
            Situation::ChangedTimestamp => self.changed_timestamp().await,
            Situation::NotJson => self.not_json().await,
            Situation::Uniform => self.uniform().await,
            Situation::Duplicate => self.duplicate().await,
            Situation::Redelivery => self.redelivery().await,
            Situation::Copies => self.copies().await,
            Situation::FailedThenRetried => self.failed_then_retried().await,
            Situation::HangUp => self.hang_up().await,
            Situation::OtherId => self.other_id().await,
            Situation::Batch => self.batch().await,
            Situation::Handshake => self.handshake().await,
            Situation::Oversized => self.oversized().await,
            Situation::SecretInAnswer => self.secret_in_answer().await,
        }
    }

    pub(super) const fn sender(&self) -> &Sender {
        &self.plan.sender
    }

    pub(super) fn scheme(&self) -> &Scheme {
        self.sender().scheme()
    }

    /// An event that did not come before.
    pub(super) fn fresh(&self) -> Draft {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let (event_type, payload) = (self.plan.event)(number);
        self.told_apart(self.sender().event(&event_type, payload), number)
    }

    /// A batch of events that did not come before.
    pub(super) fn fresh_batch(&self, events: usize) -> Draft {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let (event_type, payload) = (self.plan.event)(number);
        let items = (0..events).map(|_| (event_type.as_str(), payload.clone()));
        self.told_apart(self.sender().batch(items), number)
    }

    /// Gives a draft an id of its own. Where the id is not signed, identical bytes are a replay, so the bytes are told
    /// apart too: by white space at the end, which changes no payload.
    fn told_apart(&self, draft: Draft, number: u32) -> Draft {
        let draft = draft
            .id(&format!("evt_{:08x}_{number}", self.nonce))
            .to(&self.plan.path);
        if self.scheme().signs_id() {
            return draft;
        }
        let bits = format!("{:032b}{number:b}", self.nonce);
        draft.with_tail(&bits.replace('0', " ").replace('1', "\t"))
    }

    /// Posts a draft.
    pub(super) async fn post(&self, draft: Draft) -> Answer {
        let answer = self.app.send(draft.request()).await;
        self.look_for_the_secret(&answer);
        answer
    }

    /// Posts the retries of a draft until one is acknowledged, within patience; the last answer.
    pub(super) async fn retried(&self, draft: &Draft) -> Answer {
        let last = Instant::now() + self.plan.patience;
        let mut pause = Duration::from_millis(5);
        for n in 1..=u8::MAX {
            let answer = self.post(draft.clone().retry(n)).await;
            if answer.is_done() || Instant::now() >= last {
                return answer;
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(250));
        }
        self.post(draft.clone()).await
    }

    /// How often the handler had its effect so far.
    pub(super) fn effects(&self) -> Option<usize> {
        self.plan.counting.as_ref().map(|count| count())
    }

    /// How often the handler had its effect since, once it had it so often as expected and nothing more comes.
    pub(super) async fn ran(&self, before: Option<usize>, expected: usize) -> Option<usize> {
        let since = || Some(self.effects()?.saturating_sub(before?));
        let last = Instant::now() + self.plan.patience;
        while since()? < expected && Instant::now() < last {
            sleep(Duration::from_millis(5)).await;
        }
        sleep(QUIET).await;
        since()
    }

    /// Whether an answer so far held the secret.
    pub(super) fn has_leaked(&self) -> bool {
        self.leaked.load(Ordering::SeqCst)
    }

    /// Every answer passes here.
    pub(super) fn look_for_the_secret(&self, answer: &Answer) {
        let Some(secret) = self.sender().secret() else {
            return;
        };
        let holds = |text: &[u8]| text.windows(secret.len().max(1)).any(|part| part == secret);
        let headers = answer.headers.values();
        if holds(&answer.body) || headers.into_iter().any(|value| holds(value.as_bytes())) {
            self.leaked.store(true, Ordering::SeqCst);
        }
    }
}

/// In which a run too many shows itself.
const QUIET: Duration = Duration::from_millis(20);
