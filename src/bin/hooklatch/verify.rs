//! `hooklatch verify`.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use hooklatch::{Coverage, SchemeVerifier, Verified, Verifier as _};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    Outcome,
    asked::{AskedArguments, Endpoint, unverified},
    keys::told,
    request::{Received, RequestArguments},
    say, say_json,
};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    asked: AskedArguments,
    #[command(flatten)]
    request: RequestArguments,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let (endpoint, _) = arguments.asked.endpoints()?;
    let received = arguments.request.read()?;
    let verified = verified(&endpoint, &received)?;
    if arguments.json {
        say_json(&as_json(verified.as_ref()))?;
    } else {
        let text = match &verified {
            Ok(verified) => accepted(verified),
            Err(refusal) => format!("refused: {refusal}\n"),
        };
        say(text.as_bytes())?;
    }
    Ok(ExitCode::from(u8::from(verified.is_err())))
}

/// What the signature proves, or why the request is refused; an error where the keys cannot be used.
fn verified(endpoint: &Endpoint, received: &Received) -> Result<Result<Verified, String>, String> {
    let verifier = SchemeVerifier::new(endpoint.scheme.clone(), endpoint.keys.clone());
    let verifier = verifier.map_err(|error| told(&error))?;
    let url = endpoint.url(received);
    let verified = verifier
        .check_head(&received.head)
        .and_then(|()| verifier.verify(&unverified(received, url.as_deref())))
        .map_err(|rejection| rejection.to_string());
    Ok(verified.and_then(|verified| fresh(verified, endpoint.tolerance, received.at)))
}

fn fresh(
    verified: Verified,
    tolerance: Option<Duration>,
    now: OffsetDateTime,
) -> Result<Verified, String> {
    let Some(time) = verified.timestamp() else {
        return Ok(verified);
    };
    let (past, future) = tolerance.map_or((time.past, time.future), |both| (both, both));
    let age = now - time.at;
    let what = match age.whole_seconds() {
        seconds if age > past => format!("{seconds} s before"),
        seconds if -age > future => format!("{} s after", seconds.unsigned_abs()),
        _ => return Ok(verified),
    };
    Err(format!(
        "stale (401): the signature matches, and was made {what} the request was received (--received-at)"
    ))
}

fn as_json(verified: Result<&Verified, &String>) -> Value {
    match verified {
        Err(refusal) => json!({ "verifies": false, "refusal": refusal }),
        Ok(verified) => json!({
            "verifies": true,
            "key": verified.key(),
            "covers": format!("{:?}", verified.coverage()).to_lowercase(),
            "id": verified.id(),
            "signed_at": verified.timestamp().map(|time| time.at.unix_timestamp()),
        }),
    }
}

fn accepted(verified: &Verified) -> String {
    let coverage = covers(verified.coverage());
    let mut text = format!(
        "verified by the key {:?}\ncovers: {coverage}\n",
        verified.key()
    );
    if let Some(id) = verified.id() {
        text.push_str(&format!("id: {id}\n"));
    }
    if let Some(time) = verified.timestamp() {
        text.push_str(&format!("signed at: {}\n", time.at));
    }
    text
}

/// What a signature covers, in words.
pub(crate) const fn covers(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Whole => "the whole body",
        Coverage::Partial => "some fields",
        Coverage::Nothing => "no byte of the body",
        _ => "unknown",
    }
}
