//! `hooklatch sign`.

use std::{fmt::Write as _, process::ExitCode};

use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::{Request, Uri};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::{
    Outcome,
    keys::told,
    message::{MessageArguments, new_id},
    request::moment,
    say, say_json,
};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    message: MessageArguments,
    /// The URL the request is for; some senders sign it.
    #[arg(long, default_value = "http://localhost:3000/")]
    url: Uri,
    /// When it is signed: seconds since 1970, or RFC 3339. Now, unless given.
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true, value_parser = moment)]
    at: Option<OffsetDateTime>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Headers)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The headers, a line each.
    Headers,
    /// A curl line that posts the request.
    Curl,
    /// The raw HTTP request, as `verify` and `explain` read it. Its first line has the whole URL, so that they know all of it
    /// where it is signed.
    Http,
    /// An object with method, URL, headers and body.
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let message = arguments.message.message(&arguments.url, &new_id())?;
    let mut draft = message.draft();
    if let Some(moment) = arguments.at {
        draft = draft.at(moment);
    }
    let (request, body) = draft.try_parts().map_err(|error| told(&error))?;
    match arguments.format {
        Format::Headers => say(headers(&request).as_bytes())?,
        Format::Curl => say(curl(&request, &body)?.as_bytes())?,
        Format::Http => say(&raw(&request, &body))?,
        Format::Json => say_json(&as_json(&request, &body)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Name and value of each header.
fn pairs(request: &Request<()>) -> impl Iterator<Item = (&str, &str)> {
    let headers = request.headers().iter();
    headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
}

fn headers(request: &Request<()>) -> String {
    pairs(request).fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{name}: {value}");
        text
    })
}

fn curl(request: &Request<()>, body: &[u8]) -> Result<String, String> {
    let body = text(body)?;
    let mut line = format!(
        "curl -X {} {}",
        request.method(),
        quoted(&request.uri().to_string())
    );
    for (name, value) in pairs(request) {
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
    }
    let _ = writeln!(line, " --data-raw {}", quoted(body));
    Ok(line)
}

/// A word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn raw(request: &Request<()>, body: &[u8]) -> Vec<u8> {
    let uri = request.uri();
    // The absolute form (RFC 9112, section 3.2.2): a path alone does not tell http from https.
    let mut head = format!("{} {uri} HTTP/1.1\r\n", request.method());
    if let Some(host) = uri.authority() {
        let _ = write!(head, "host: {host}\r\n");
    }
    for (name, value) in pairs(request) {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn as_json(request: &Request<()>, body: &Bytes) -> Result<Value, String> {
    let headers: Map<String, Value> = pairs(request)
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    Ok(json!({
        "method": request.method().as_str(),
        "url": request.uri().to_string(),
        "headers": headers,
        "body": text(body)?,
    }))
}

fn text(body: &[u8]) -> Result<&str, String> {
    str::from_utf8(body).map_err(|_| "the body is not text: use --format http".to_owned())
}
