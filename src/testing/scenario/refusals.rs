//! What must be refused, and how.

use bytes::Bytes;
use http::StatusCode;

use super::{
    exchange::Answer,
    report::Verdict::{self, Flaw, Passed, Skipped},
    run::Run,
};
use crate::{delivery::Coverage, profile::OnClientError, source::Source, testing::Draft};

impl Run {
    pub(super) async fn forged(&self) -> Verdict {
        if self.scheme().coverage() != Coverage::Whole {
            return Skipped(NOT_COVERED);
        }
        let draft = self.fresh().with_flipped_bit();
        self.refused(draft, "a forged body").await
    }

    pub(super) async fn wrong_key(&self) -> Verdict {
        let draft = self.fresh().with_wrong_key();
        self.refused(draft, "a signature of another key").await
    }

    pub(super) async fn missing_signature(&self) -> Verdict {
        let absent = self.fresh().without_signature();
        match self.refused(absent, "an absent signature").await {
            Passed(_) => {
                let empty = self.fresh().with_signature("");
                self.refused(empty, "an empty signature").await
            }
            flaw => flaw,
        }
    }

    pub(super) async fn garbage_signature(&self) -> Verdict {
        let garbage = self.fresh().with_signature(GARBAGE);
        let in_header = matches!(self.scheme().signature.places(), [Source::Header(_), ..]);
        match self.refused(garbage, "a garbage signature").await {
            Passed(_) if in_header => {
                let cut = self.fresh().with_cut_signature();
                self.refused(cut, "a signature that is cut short").await
            }
            verdict => verdict,
        }
    }

    pub(super) async fn stale_timestamp(&self) -> Verdict {
        if self.scheme().timestamp.is_none() {
            return Skipped(NO_TIMESTAMP);
        }
        self.refused(self.fresh().stale(), "a stale timestamp")
            .await
    }

    pub(super) async fn early_timestamp(&self) -> Verdict {
        if self.scheme().timestamp.is_none() {
            return Skipped(NO_TIMESTAMP);
        }
        let draft = self.fresh().early();
        self.refused(draft, "a timestamp of the future").await
    }

    pub(super) async fn changed_timestamp(&self) -> Verdict {
        if self.scheme().timestamp.is_none() {
            return Skipped(NO_TIMESTAMP);
        }
        let draft = self.refreshed();
        self.refused(draft, "a timestamp that is not the signed one")
            .await
    }

    pub(super) async fn not_json(&self) -> Verdict {
        let json = self.fresh().with_wrong_key();
        let other = self.fresh().with_wrong_key().with_body(NOT_JSON);
        let (json, other) = (self.post(json).await, self.post(other).await);
        if json.is_done() || other.is_done() {
            return Flaw(format!(
                "accepts a forged body (JSON {json}, no JSON {other})"
            ));
        }
        if Look::of(&json) == Look::of(&other) {
            return Passed(format!("{other}, as for forged JSON"));
        }
        Flaw(format!(
            "parses before it verifies: a forged body that is no JSON is answered {other}, forged JSON {json}{}",
            beyond_status(&json, &other)
        ))
    }

    pub(super) async fn uniform(&self) -> Verdict {
        let mut failures = vec![
            ("a wrong key", self.fresh().with_wrong_key()),
            ("an absent signature", self.fresh().without_signature()),
            ("an empty signature", self.fresh().with_signature("")),
            ("a garbage signature", self.fresh().with_signature(GARBAGE)),
        ];
        if self.scheme().coverage() == Coverage::Whole {
            failures.push(("a forged body", self.fresh().with_flipped_bit()));
        }
        if self.scheme().timestamp.is_some() {
            failures.push(("a changed timestamp", self.refreshed()));
            // Where the sender gives up after a 4xx, a stale timestamp is better put off: our own clock may be wrong.
            if self.scheme().profile.on_client_error == OnClientError::Retry {
                failures.push(("a stale timestamp", self.fresh().stale()));
            }
        }
        let mut seen = Vec::new();
        for (name, draft) in failures {
            let answer = self.post(draft).await;
            // What is accepted is a flaw of another name.
            if !answer.is_done() {
                seen.push((name, answer));
            }
        }
        let Some(((name, first), others)) = seen.split_first() else {
            return Passed("nothing is refused".to_owned());
        };
        let differs = |(_, other): &&(_, Answer)| Look::of(other) != Look::of(first);
        match others.iter().find(differs) {
            None => Passed(format!("{} failures, all {first}", seen.len())),
            Some((other, answer)) => Flaw(format!(
                "is not uniform: {name} is answered {first}, {other} {answer}{}",
                beyond_status(first, answer)
            )),
        }
    }

    /// An old request that gives itself the time of now.
    fn refreshed(&self) -> Draft {
        let draft = self.fresh();
        let now = draft.now();
        draft.stale().with_timestamp(now)
    }

    /// Posts what must be refused, and not run.
    async fn refused(&self, draft: Draft, what: &str) -> Verdict {
        let before = self.effects();
        let answer = self.post(draft).await;
        let runs = self.ran(before, 0).await.unwrap_or_default();
        match &answer.status {
            _ if runs > 0 => Flaw(format!("accepts {what} ({answer}, and it runs)")),
            Ok(status) if status.is_success() => Flaw(format!("accepts {what} ({answer})")),
            Ok(status) if status.is_client_error() => Passed(format!("{answer}")),
            Ok(StatusCode::SERVICE_UNAVAILABLE) => Passed(format!("{answer}")),
            _ => Flaw(format!("answers {what} with {answer}: a refusal is a 4xx")),
        }
    }
}

/// What a stranger sees of an answer: status, headers, body.
#[derive(PartialEq)]
struct Look<'a> {
    status: Option<StatusCode>,
    headers: Vec<(&'a str, &'a [u8])>,
    body: &'a Bytes,
}

impl<'a> Look<'a> {
    fn of(answer: &'a Answer) -> Self {
        let told = answer.headers.iter();
        let mut headers: Vec<_> = told
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .filter(|(name, _)| !OF_THE_MOMENT.contains(name))
            .collect();
        headers.sort_unstable();
        Self {
            status: answer.status.as_ref().ok().copied(),
            headers,
            body: &answer.body,
        }
    }
}

/// Says that answers of one status differ all the same.
fn beyond_status(one: &Answer, other: &Answer) -> &'static str {
    let (one_look, other_look) = (Look::of(one), Look::of(other));
    match () {
        () if one_look.status != other_look.status => "",
        () if one_look.body != other_look.body => " with another body",
        () => " with other headers",
    }
}

/// Headers that name the moment or the request, and so always differ.
const OF_THE_MOMENT: [&str; 5] = [
    "date",
    "server-timing",
    "traceparent",
    "x-correlation-id",
    "x-request-id",
];
const NOT_COVERED: &str = "the sender's signature does not cover the whole body";
const NO_TIMESTAMP: &str = "the sender signs no timestamp";
const NOT_JSON: &str = "{\"id\": ";
const GARBAGE: &str = "not a signature";
