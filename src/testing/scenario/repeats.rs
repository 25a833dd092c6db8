//! Events that come more than once.

use futures_util::future::join_all;

use super::{
    Switch,
    report::Verdict::{self, Flaw, Passed, Skipped},
    run::Run,
};
use crate::{
    delivery::Coverage,
    profile::{OnClientError, Repeats},
};

impl Run {
    pub(super) async fn duplicate(&self) -> Verdict {
        let (before, draft) = (self.effects(), self.fresh());
        let first = self.post(draft.clone()).await;
        self.ran(before, 1).await;
        let second = self.post(draft).await;
        if !first.is_done() || !second.is_done() {
            return Flaw(format!(
                "refuses a duplicate ({first}, then {second}): the sender goes on trying"
            ));
        }
        match self.ran(before, 1).await {
            Some(0) => Flaw("acknowledges an event and its duplicate without a run".to_owned()),
            Some(1) => Passed(format!("ran once, {first} and {second}")),
            Some(runs) => Flaw(format!("runs a duplicate again ({runs} runs)")),
            None => Passed(format!("{first} and {second}; runs are not counted")),
        }
    }

    pub(super) async fn redelivery(&self) -> Verdict {
        if !self.scheme().profile.redelivery_keeps_id {
            return Skipped("the sender gives a redelivery another id");
        }
        let (before, draft) = (self.effects(), self.fresh());
        let first = self.post(draft.clone()).await;
        self.ran(before, 1).await;
        for n in [1, 2] {
            let again = self.post(draft.clone().retry(n)).await;
            if !again.is_done() {
                return Flaw(format!(
                    "refuses a redelivery ({first}, then {again}): the sender goes on trying"
                ));
            }
        }
        match self.ran(before, 1).await {
            Some(0) => Flaw("acknowledges an event and its redelivery without a run".to_owned()),
            Some(1) => Passed("ran once in three deliveries".to_owned()),
            Some(runs) => Flaw(format!("runs a redelivery again ({runs} runs)")),
            None => Passed("acknowledged; runs are not counted".to_owned()),
        }
    }

    pub(super) async fn copies(&self) -> Verdict {
        let (before, draft) = (self.effects(), self.fresh());
        let copies = self.plan.copies;
        let answers = join_all((0..copies).map(|_| self.post(draft.clone()))).await;
        let last = self.retried(&draft).await;
        let ran = self.ran(before, 1).await;
        let refused = answers.iter().find(|answer| answer.is_refusal());
        let broken = answers.iter().find(|answer| answer.status.is_err());
        match (ran, refused.or(broken)) {
            (Some(0), _) => Flaw("acknowledges concurrent copies without a run".to_owned()),
            (Some(runs), _) if runs > 1 => Flaw(format!(
                "runs {} when {copies} copies arrive together",
                times(runs)
            )),
            (_, Some(answer)) => Flaw(format!("answers a concurrent copy with {answer}")),
            _ if !last.is_done() => Flaw(format!(
                "goes on refusing copies after the first is done ({last})"
            )),
            (None, None) => Passed("none refused; runs are not counted".to_owned()),
            (Some(_), None) => {
                let later = answers.iter().filter(|answer| !answer.is_done()).count();
                Passed(format!("ran once, {later} of {copies} put off"))
            }
        }
    }

    pub(super) async fn failed_then_retried(&self) -> Verdict {
        let Some(switch) = &self.plan.failing else {
            return Skipped("not judged: `failing` gives no way to make the handler fail");
        };
        let (before, draft) = (self.effects(), self.fresh());
        let failing = Failing::on(switch);
        let failed = self.post(draft.clone()).await;
        drop(failing);
        if self.effects().is_some() && self.effects() != before {
            return Skipped("not judged: the handler had its effect although told to fail");
        }
        if failed.is_refusal() && self.scheme().profile.on_client_error != OnClientError::Retry {
            return Flaw(format!(
                "loses the event: a failure is answered {failed}, after which the sender gives up"
            ));
        }
        // An acknowledged failure is not lost where the receiver tries again by itself.
        if failed.is_done() {
            return match self.ran(before, 1).await {
                Some(1) => Passed(format!("{failed}, then run again by itself")),
                _ => Flaw(format!(
                    "loses the event: a failure was acknowledged ({failed})"
                )),
            };
        }
        let retry = self.retried(&draft).await;
        match self.ran(before, 1).await {
            _ if !retry.is_done() => Flaw(format!(
                "loses the event: after a failure its retries are refused ({retry})"
            )),
            Some(0) => Flaw(
                "loses the event: a retry after a failure was acknowledged without a run"
                    .to_owned(),
            ),
            Some(1) => Passed(format!("{failed}, then ran once, {retry}")),
            Some(runs) => Flaw(format!("runs {} after a failure", times(runs))),
            None => Passed(format!("{failed}, then {retry}; runs are not counted")),
        }
    }

    /// Hangs up at the first time the receiver waits for something, then at the second, and so on: at each of them a
    /// handler can be cut off.
    pub(super) async fn hang_up(&self) -> Verdict {
        if self.effects().is_none() {
            return Skipped("not judged without `counting`: answers do not tell what was cut off");
        }
        for waits in 1..=MOST_WAITS {
            let (before, draft) = (self.effects(), self.fresh());
            let finished = self.app.hang_up(draft.clone().request(), waits).await;
            if let Some(answer) = finished {
                self.look_for_the_secret(&answer);
                self.ran(before, 1).await;
                return Passed(match waits.saturating_sub(1) {
                    0 => "the handler waits for nothing, so nothing is cut off".to_owned(),
                    places => format!("ran once, wherever it was cut off ({places} places)"),
                });
            }
            let retry = self.retried(&draft).await;
            match self.ran(before, 1).await.unwrap_or_default() {
                _ if !retry.is_done() => return Flaw(format!(
                    "loses the event when the client hangs up: its retries are refused ({retry})"
                )),
                0 => return Flaw(
                    "loses the event when the client hangs up: its retry was acknowledged without a run"
                        .to_owned(),
                ),
                1 => {}
                runs => return Flaw(format!("runs {} when the client hangs up", times(runs))),
            }
        }
        Passed(format!(
            "ran once, wherever it was cut off (the first {MOST_WAITS} places)"
        ))
    }

    pub(super) async fn other_id(&self) -> Verdict {
        let scheme = self.scheme();
        if scheme.id.is_none() || scheme.signs_id() || scheme.items.is_some() {
            return Skipped("the id is signed, or there is none");
        }
        if scheme.coverage() != Coverage::Whole || self.repeats_are_ordinary() {
            return Skipped("identical bytes are ordinary for this sender");
        }
        let (before, draft) = (self.effects(), self.fresh());
        let first = self.post(draft.clone()).await;
        self.ran(before, 1).await;
        let replay = self.post(draft.with_other_id()).await;
        match self.ran(before, 1).await {
            None => Skipped("not judged without `counting`: a replay may be acknowledged"),
            Some(0) => Flaw("acknowledges an event without a run".to_owned()),
            Some(1) => Passed(format!("ran once, {first} and {replay}")),
            Some(_) => Flaw(format!("runs a replay under another id ({replay})")),
        }
    }

    /// Whether this sender sends identical bytes for two events of this type.
    fn repeats_are_ordinary(&self) -> bool {
        match &self.scheme().profile.repeats {
            Repeats::Refuse => false,
            Repeats::Flag => true,
            Repeats::FlagTypes(types) => {
                let (event_type, _) = (self.plan.event)(0);
                let first = event_type.split('.').next().unwrap_or_default();
                types
                    .iter()
                    .any(|known| *known == event_type || known == first)
            }
        }
    }
}

/// A handler that fails until this is dropped.
struct Failing<'a>(&'a Switch);

impl<'a> Failing<'a> {
    fn on(switch: &'a Switch) -> Self {
        switch(true);
        Self(switch)
    }
}

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        (self.0)(false);
    }
}

fn times(runs: usize) -> String {
    match runs {
        2 => "twice".to_owned(),
        runs => format!("{runs} times"),
    }
}

/// At how many places a handler is cut off.
const MOST_WAITS: usize = 8;
