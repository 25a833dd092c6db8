//! Genuine requests, challenges, and what is no event at all.

use std::sync::atomic::Ordering;

use axum::body::Body;

use super::{
    exchange::counted_body,
    report::Verdict::{self, Flaw, Passed, Skipped},
    run::Run,
};

impl Run {
    pub(super) async fn valid(&self) -> Verdict {
        let before = self.effects();
        let answer = self.post(self.fresh()).await;
        if !answer.is_done() {
            return Flaw(format!("refuses a genuine event ({answer})"));
        }
        match self.ran(before, 1).await {
            Some(0) => Flaw("acknowledges a genuine event without a run".to_owned()),
            Some(1) => Passed(format!("ran once, {answer}")),
            Some(runs) => Flaw(format!("runs a genuine event {runs} times")),
            None => Passed(format!("{answer}; runs are not counted")),
        }
    }

    pub(super) async fn other_spelling(&self) -> Verdict {
        let before = self.effects();
        let answer = self.post(self.fresh().pretty()).await;
        if answer.is_done() {
            self.ran(before, 1).await;
            return Passed(format!("{answer}"));
        }
        Flaw(format!(
            "verifies what it parsed and wrote again, not the bytes that came: refuses other white space ({answer})"
        ))
    }

    pub(super) async fn batch(&self) -> Verdict {
        if self.scheme().items.is_none() {
            return Skipped("the sender sends no batches");
        }
        let (before, batch) = (self.effects(), self.fresh_batch(BATCH));
        let first = self.post(batch.clone()).await;
        let ran = self.ran(before, BATCH).await;
        if !first.is_done() {
            return Flaw(format!("refuses a genuine batch ({first})"));
        }
        if ran.is_some_and(|ran| ran != BATCH) {
            let ran = ran.unwrap_or_default();
            return Flaw(format!("runs {ran} of the {BATCH} events of a batch"));
        }
        let again = self.retried(&batch).await;
        let ran = self.ran(before, BATCH).await;
        match ran {
            _ if !again.is_done() => Flaw(format!("refuses the retry of a batch ({again})")),
            Some(ran) if ran != BATCH => {
                let more = ran.saturating_sub(BATCH);
                Flaw(format!("runs {more} events of a batch again at its retry"))
            }
            Some(_) => Passed(format!("each of {BATCH} events ran once, {first}")),
            None => Passed(format!("{first}; runs are not counted")),
        }
    }

    pub(super) async fn handshake(&self) -> Verdict {
        let challenges = self.sender().handshakes();
        if challenges.is_empty() {
            return Skipped("the sender makes no URL challenge");
        }
        for challenge in challenges {
            let answer = self.post(challenge.draft().to(&self.plan.path)).await;
            let has = |(name, value): &(_, String)| {
                answer
                    .headers
                    .get(name)
                    .is_some_and(|found| found.as_bytes() == value.as_bytes())
            };
            let met = |status: &_| {
                challenge.is_met_by(*status, &answer.body)
                    && challenge.expected_headers().iter().all(has)
            };
            if !answer.status.as_ref().is_ok_and(met) {
                let (status, body) = challenge.expected();
                return Flaw(format!(
                    "does not answer the URL challenge as the sender expects: {answer} instead of {} and {body:?}",
                    status.as_u16()
                ));
            }
        }
        Passed("answered as the sender expects".to_owned())
    }

    pub(super) async fn oversized(&self) -> Verdict {
        let size = self.plan.body_limit.saturating_add(BEYOND);
        let (body, read) = counted_body(size);
        let (head, _) = self.fresh().parts();
        let answer = self.app.send(head.map(|()| body)).await;
        self.look_for_the_secret(&answer);
        let read = read.load(Ordering::SeqCst);
        if read >= size {
            let mib = read / MIB;
            return Flaw(format!(
                "reads an unsigned body of {mib} MiB to its end ({answer})"
            ));
        }
        if !answer.is_refusal() {
            return Flaw(format!("answers {answer} to an oversized body"));
        }
        Passed(format!("{answer} after {} KiB", read / 1024))
    }

    pub(super) async fn secret_in_answer(&self) -> Verdict {
        if self.sender().secret().is_none() {
            return Skipped("the receiver has no secret: its key is public");
        }
        let before = self.effects();
        self.post(self.fresh()).await;
        self.ran(before, 1).await;
        self.post(self.fresh().with_wrong_key()).await;
        self.post(self.fresh().without_signature()).await;
        let (head, _) = self.fresh().parts();
        let answer = self.app.send(head.map(|()| Body::empty())).await;
        self.look_for_the_secret(&answer);
        if self.has_leaked() {
            Flaw("tells the secret in an answer".to_owned())
        } else {
            Passed("in none".to_owned())
        }
    }
}

/// How many events a batch has.
const BATCH: usize = 3;
const MIB: usize = 1024 * 1024;
/// How much an oversized body is larger than the limit.
const BEYOND: usize = 8 * MIB;
