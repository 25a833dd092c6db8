//! `hooklatch providers`.

use std::{fmt::Write as _, process::ExitCode, time::Duration};

use clap::Args;
use hooklatch::{Algorithm, OnClientError, Proof, Scheme, Source, provider};
use serde_json::{Value, json};

use super::{Outcome, say, say_json, verify::covers};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A sender, or a part of its name; all of them unless given.
    name: Option<String>,
    /// Print JSON, with all that the preset says.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let found = found(arguments.name.as_deref())?;
    if arguments.json {
        say_json(&found.iter().map(|scheme| as_json(scheme)).collect())?;
    } else if let [one] = &*found {
        say(card(one).as_bytes())?;
    } else {
        say(table(&found).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The sender of this name, else those whose names have it in them.
fn found(name: Option<&str>) -> Result<Vec<&'static Scheme>, String> {
    let Some(name) = name else {
        return Ok(provider::ALL.iter().collect());
    };
    if let Some(scheme) = provider::by_name(name) {
        return Ok(vec![scheme]);
    }
    let lower = name.to_lowercase();
    let all = provider::ALL.iter();
    let found: Vec<_> = all.filter(|scheme| scheme.name.contains(&lower)).collect();
    if found.is_empty() {
        return Err(format!(
            "there is no sender {name:?}; `hooklatch providers` lists them"
        ));
    }
    Ok(found)
}

fn table(schemes: &[&Scheme]) -> String {
    let longest = |column: fn(&Scheme) -> usize| schemes.iter().map(|scheme| column(scheme)).max();
    let name = longest(|scheme| scheme.name.len()).unwrap_or_default();
    let made = longest(|scheme| made(scheme).len()).unwrap_or_default();
    let mut text = format!(
        "{:name$}  {:made$}  COVERS               DOCS\n",
        "NAME", "SIGNATURE"
    );
    for scheme in schemes {
        let covers = covers(scheme.coverage());
        let signature = self::made(scheme);
        let _ = writeln!(
            text,
            "{:name$}  {signature:made$}  {covers:19}  {}",
            scheme.name, scheme.docs
        );
    }
    text
}

fn card(scheme: &Scheme) -> String {
    let profile = &scheme.profile;
    let on_4xx = match profile.on_client_error {
        OnClientError::Retry => "tries again",
        OnClientError::GiveUp => "gives that delivery up",
        OnClientError::Disable => "may disable the endpoint",
    };
    let timestamp = scheme.timestamp.as_ref().map_or_else(
        || "none".to_owned(),
        |timestamp| {
            let place = place(&timestamp.source);
            match timestamp.window(profile) {
                (past, future) if past == future => format!("{place}, {} either way", span(past)),
                (past, future) => {
                    let (past, future) = (span(past), span(future));
                    format!("{place}, of the event: up to {past} old, or {future} early")
                }
            }
        },
    );
    let id = scheme.id.as_ref().map_or_else(
        || "none".to_owned(),
        |id| {
            format!(
                "{}, {}",
                place(id),
                if scheme.signs_id() {
                    "signed"
                } else {
                    "not signed"
                }
            )
        },
    );
    let retries = if profile.retry_horizon.is_zero() {
        "none by itself".to_owned()
    } else {
        format!("for {}", span(profile.retry_horizon))
    };
    let rows = [
        ("docs", scheme.docs.to_string()),
        (
            "signature",
            format!("{} in {}", made(scheme), place(&scheme.signature)),
        ),
        ("covers", covers(scheme.coverage()).to_owned()),
        ("timestamp", timestamp),
        ("event id", id),
        ("waits", span(profile.answer_within)),
        ("retries", retries),
        ("after a 4xx", on_4xx.to_owned()),
        ("remembered", span(profile.retention)),
        ("body limit", format!("{} bytes", profile.body_limit)),
        ("odd", scheme.quirks.to_string()),
    ];
    let rows = rows.iter().filter(|(_, value)| !value.is_empty());
    rows.fold(format!("{}\n", scheme.name), |mut text, (name, value)| {
        let _ = writeln!(text, "  {name:12} {value}");
        text
    })
}

/// How signatures are made.
fn made(scheme: &Scheme) -> String {
    match scheme.proof {
        Proof::Jws(_) => return "token (JWS)".to_owned(),
        Proof::MessageSignature(_) => return "HTTP message signature".to_owned(),
        Proof::DraftSignature => return "draft HTTP signature".to_owned(),
        _ => {}
    }
    let mut names: Vec<&str> = scheme
        .methods
        .iter()
        .map(|method| algorithm(method.algorithm))
        .collect();
    names.dedup();
    names.join(", ")
}

const fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::HmacSha1 => "HMAC-SHA-1",
        Algorithm::HmacSha256 => "HMAC-SHA-256",
        Algorithm::HmacSha384 => "HMAC-SHA-384",
        Algorithm::HmacSha512 => "HMAC-SHA-512",
        Algorithm::InsecurePrefixSha256 => "plain SHA-256 (insecure)",
        Algorithm::Token => "static token",
        Algorithm::Ed25519 => "Ed25519",
        Algorithm::EcdsaP256
        | Algorithm::EcdsaP256Raw
        | Algorithm::EcdsaP256Sha1
        | Algorithm::EcdsaP384Raw
        | Algorithm::EcdsaP521Raw => "ECDSA",
        _ => "RSA",
    }
}

/// A place of a request, in words.
fn place(source: &Source) -> String {
    match source {
        Source::Header(name) => format!("the header {name}"),
        Source::Field(name) => format!("the field {name} beside the signature"),
        Source::Query(name) => format!("the query parameter {name}"),
        Source::Json(pointer) => format!("the JSON body at {pointer:?}"),
        Source::Form(name) => format!("the form field {name}"),
        Source::Xml(path) => format!("the XML body at {path}"),
        Source::Claim(pointer) => format!("the token's claim {pointer}"),
        Source::Protected(pointer) => format!("the token's header {pointer}"),
        Source::OtherMember(_) => "the other member of the JSON body".to_owned(),
        Source::Body => "the body".to_owned(),
        Source::FirstOf(places) => {
            let places: Vec<_> = places.iter().map(place).collect();
            places.join(" or ")
        }
    }
}

/// A span of time, of each unit a whole number.
fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let mut left = seconds;
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let parts = units.into_iter().filter_map(|(unit, name)| {
        let count = left / unit;
        left %= unit;
        (count > 0 || (unit == 1 && seconds == 0)).then(|| format!("{count} {name}"))
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn as_json(scheme: &Scheme) -> Value {
    let window = scheme.timestamp.as_ref().map(|timestamp| {
        let (past, future) = timestamp.window(&scheme.profile);
        json!({ "past": past.as_secs(), "future": future.as_secs() })
    });
    json!({
        "name": scheme.name,
        "docs": scheme.docs,
        "quirks": scheme.quirks,
        "signature": made(scheme),
        "covers": format!("{:?}", scheme.coverage()).to_lowercase(),
        "signs_id": scheme.signs_id(),
        "window": window,
        "scheme": scheme,
    })
}
