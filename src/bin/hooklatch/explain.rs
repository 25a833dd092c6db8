//! `hooklatch explain`.

use std::process::ExitCode;

use clap::Args;
use hooklatch::{
    Scheme,
    explain::{Explain, Explanation},
    provider,
};
use serde_json::{Value, json};

use super::{
    Outcome,
    asked::{AskedArguments, Endpoint, unverified},
    keys::{from_env, scheme, told},
    request::RequestArguments,
    say, say_json,
    unseen::Unseen,
};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    asked: AskedArguments,
    #[command(flatten)]
    request: RequestArguments,
    /// Another endpoint of yours that the request may be meant for, or whose secret may be swapped with this one's: a name,
    /// its sender, and the environment variable of its secret. May repeat.
    #[arg(long = "endpoint", value_name = "NAME=SENDER:VARIABLE", value_parser = Unseen(endpoint))]
    endpoints: Vec<Named>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Another endpoint, and the variable of its secret.
#[derive(Clone, Debug)]
struct Named {
    name: String,
    scheme: Scheme,
    variable: String,
}

fn endpoint(text: &str) -> Result<Named, String> {
    let fault = "write it as NAME=SENDER:VARIABLE, as billing=stripe:BILLING_SECRET";
    let (name, rest) = text.split_once('=').ok_or(fault)?;
    let (sender, variable) = rest.rsplit_once(':').ok_or(fault)?;
    Ok(Named {
        name: name.to_owned(),
        scheme: scheme(sender)?,
        variable: variable.to_owned(),
    })
}

impl Named {
    fn endpoint(&self) -> Result<Endpoint, String> {
        let keys = from_env(&self.variable)?;
        Ok(Endpoint::new(self.name.clone(), self.scheme.clone(), keys))
    }
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let (asked, mut others) = arguments.asked.endpoints()?;
    for named in &arguments.endpoints {
        others.push(named.endpoint()?);
    }
    let received = arguments.request.read()?;
    let explain = Explain::new(&asked.scheme, &asked.keys).presets(provider::ALL);
    let explain = others.iter().fold(explain, |explain, other| {
        explain.endpoint(&other.name, &other.scheme, &other.keys)
    });
    let url = asked.url(&received);
    let explanation = explain.judge(&unverified(&received, url.as_deref()));
    if arguments.json {
        say_json(&as_json(&explanation))?;
    } else {
        say(told(&explanation).as_bytes())?;
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
