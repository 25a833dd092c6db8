//! `hooklatch verify`.

use std::process::ExitCode;

use clap::Args;
use hooklatch::{Coverage, Keyring, Scheme, SchemeVerifier, Unverified, Verified, Verifier as _};
use time::OffsetDateTime;

use super::{
    Outcome,
    keys::{KeyArguments, scheme, told},
    request::{Received, RequestArguments},
    say,
};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The sender: the name of a preset, or the path of a JSON file that describes a scheme.
    #[arg(value_name = "SENDER", value_parser = scheme)]
    scheme: Scheme,
    #[command(flatten)]
    keys: KeyArguments,
    #[command(flatten)]
    request: RequestArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let keyring = arguments.keys.keyring()?;
    let received = arguments.request.read()?;
    let (text, code) = match verified(&arguments.scheme, keyring, &received)? {
        Ok(verified) => (accepted(&verified), ExitCode::SUCCESS),
        Err(refusal) => (format!("refused: {refusal}\n"), ExitCode::FAILURE),
    };
    say(text.as_bytes());
    Ok(code)
}

/// What the signature proves, or why the request is refused; an error where the keys cannot be used.
fn verified(
    scheme: &Scheme,
    keyring: Keyring,
    received: &Received,
) -> Result<Result<Verified, String>, String> {
    let verifier = SchemeVerifier::new(scheme.clone(), keyring).map_err(|error| told(&error))?;
    let request = Unverified::new(&received.head, &received.body, received.at);
    let verified = verifier
        .check_head(&received.head)
        .and_then(|()| verifier.verify(&request))
        .map_err(|rejection| rejection.to_string());
    Ok(verified.and_then(|verified| fresh(verified, received.at)))
}

fn fresh(verified: Verified, now: OffsetDateTime) -> Result<Verified, String> {
    match verified.timestamp() {
        Some(time) if now - time.at > time.past || time.at - now > time.future => Err(format!(
            "stale (401): the signature matches, and was made {} s before the request was received (--received-at)",
            (now - time.at).whole_seconds()
        )),
        _ => Ok(verified),
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
