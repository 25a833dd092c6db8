//! `hooklatch explain`.

use std::process::ExitCode;

use clap::Args;
use hooklatch::{
    Keyring, Scheme, Unverified,
    explain::{Explain, Explanation},
    provider,
};
use serde_json::{Value, json};

use super::{
    Outcome,
    keys::{KeyArguments, from_env, scheme, told},
    request::RequestArguments,
    say, say_json,
    unseen::Unseen,
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
    /// Another endpoint of yours that the request may be meant for, or whose secret may be swapped with this one's: a name,
    /// its sender, and the environment variable of its secret. May repeat.
    #[arg(long = "endpoint", value_name = "NAME=SENDER:VARIABLE", value_parser = Unseen(endpoint))]
    endpoints: Vec<Endpoint>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Another endpoint, and the variable of its secret.
#[derive(Clone, Debug)]
struct Endpoint {
    name: String,
    scheme: Scheme,
    variable: String,
}

fn endpoint(text: &str) -> Result<Endpoint, String> {
    let fault = "write it as NAME=SENDER:VARIABLE, as billing=stripe:BILLING_SECRET";
    let (name, rest) = text.split_once('=').ok_or(fault)?;
    let (sender, variable) = rest.rsplit_once(':').ok_or(fault)?;
    Ok(Endpoint {
        name: name.to_owned(),
        scheme: scheme(sender)?,
        variable: variable.to_owned(),
    })
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let keyring = arguments.keys.keyring()?;
    let received = arguments.request.read()?;
    let others = arguments.endpoints.iter();
    let others: Vec<(&Endpoint, Keyring)> = others
        .map(|other| Ok((other, from_env(&other.variable)?)))
        .collect::<Result<_, String>>()?;
    let explain = Explain::new(&arguments.scheme, &keyring).presets(provider::ALL);
    let explain = others.iter().fold(explain, |explain, (other, keys)| {
        explain.endpoint(&other.name, &other.scheme, keys)
    });
    let request = Unverified::new(&received.head, &received.body, received.at);
    let explanation = explain.judge(&request);
    if arguments.json {
        say_json(&as_json(&explanation));
    } else {
        say(told(&explanation).as_bytes());
    }
    Ok(code(&explanation))
}

fn code(explanation: &Explanation) -> ExitCode {
    ExitCode::from(match explanation {
        found if found.verifies() => 0,
        found if !found.mistakes().is_empty() => 1,
        _ => 3,
    })
}

fn as_json(explanation: &Explanation) -> Value {
    let found = explanation.mistakes().iter().map(|found| {
        json!({
            "mistake": found.mistake().name(),
            "detail": told(&found.detail()),
            "fix": told(&found.fix()),
        })
    });
    json!({
        "verifies": explanation.verifies(),
        "refusal": explanation.refusal(),
        "mistakes": found.collect::<Vec<_>>(),
        "hints": explanation.hints(),
        "tried": explanation.tried(),
        "complete": explanation.is_complete(),
    })
}
