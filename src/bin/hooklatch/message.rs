//! A message to be signed, as `sign` and `send` take it.

use clap::Args;
use hooklatch::{
    Clock as _, Scheme,
    testing::{Draft, Sender},
};
use http::{HeaderName, HeaderValue, Method, Uri, header};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{
    keys::{KeyArguments, scheme},
    request::{body, header as header_argument},
};

/// What is signed, and by whom.
#[derive(Debug, Args)]
pub(crate) struct MessageArguments {
    /// The sender: the name of a preset, or the path of a JSON file that describes a scheme.
    #[arg(value_name = "SENDER", value_parser = scheme)]
    scheme: Scheme,
    #[command(flatten)]
    keys: KeyArguments,
    /// The body: text, `@FILE`, or `@-` for the standard input. `{}` unless given.
    #[arg(long, short = 'd', value_name = "BODY", conflicts_with = "event")]
    body: Option<String>,
    /// Compose an event of this type, as the sender writes it, instead of a body.
    #[arg(long, value_name = "TYPE", value_parser = visible)]
    event: Option<String>,
    /// The payload of that event: JSON, `@FILE` or `@-`. `{}` unless given.
    #[arg(long, value_name = "JSON", requires = "event")]
    payload: Option<String>,
    /// The event id, where this sender has one. A new one each time, unless given.
    #[arg(long, value_parser = visible)]
    id: Option<String>,
    /// A header, as 'Name: value', put there before signing. May repeat.
    #[arg(long, short = 'H', value_name = "HEADER", value_parser = header_argument)]
    header: Vec<(HeaderName, HeaderValue)>,
    /// The method.
    #[arg(long, default_value = "POST")]
    method: Method,
}

/// A text that every place of a request can hold.
fn visible(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
        .ok_or_else(|| "it must be visible ASCII".to_owned())
}

/// A message that can be signed again and again.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    draft: Draft,
    id: String,
    id_is_given: bool,
}

impl MessageArguments {
    pub(crate) fn message(&self, url: &Uri, id: &str) -> Result<Message, String> {
        let sender = self.sender()?;
        let draft = match &self.event {
            Some(event_type) => sender.event(event_type, self.payload()?),
            None => self.raw(&sender)?,
        };
        let mut draft = draft.to(&url.to_string()).method(self.method.clone());
        for (name, value) in &self.header {
            draft = draft.header(name.clone(), text(value)?);
        }
        Ok(Message {
            draft,
            id: self.id.clone().unwrap_or_else(|| id.to_owned()),
            id_is_given: self.id.is_some(),
        })
    }

    fn sender(&self) -> Result<Sender, String> {
        let keyring = self.keys.keyring()?;
        let key = keyring.keys().first();
        let key = key.ok_or("give the secret, with --secret-env or --secret-file")?;
        let secret = str::from_utf8(key.secret().expose()).map_err(|_| "the secret is not text")?;
        let scheme = self.scheme.clone();
        let mut sender = if secret.contains("PRIVATE KEY-----") {
            Sender::with_private_key(scheme, secret.as_bytes())
                .map_err(|error| error.to_string())?
        } else {
            Sender::with_secret(scheme, secret)
        };
        for (param, value) in self.keys.params() {
            let value = str::from_utf8(value.expose()).map_err(|_| "a parameter is not text")?;
            sender = sender.with(*param, value);
        }
        Ok(sender)
    }

    fn payload(&self) -> Result<Value, String> {
        let text = body(self.payload.as_deref().unwrap_or("{}"))?;
        serde_json::from_slice(&text).map_err(|error| format!("the payload is no JSON: {error}"))
    }

    /// The body, with the type that it looks like, where none is given.
    fn raw(&self, sender: &Sender) -> Result<Draft, String> {
        let body = body(self.body.as_deref().unwrap_or("{}"))?;
        let is_json = serde_json::from_slice::<IgnoredAny>(&body).is_ok();
        let draft = sender.raw(body);
        if self
            .header
            .iter()
            .any(|(name, _)| name == header::CONTENT_TYPE)
        {
            return Ok(draft);
        }
        let kind = if is_json {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        Ok(draft.header(header::CONTENT_TYPE, kind))
    }
}

fn text(value: &HeaderValue) -> Result<&str, String> {
    value
        .to_str()
        .map_err(|_| "a header holds more than visible ASCII".to_owned())
}

impl Message {
    /// To be signed now, under its id.
    pub(crate) fn draft(&self) -> Draft {
        self.draft.clone().id(&self.id)
    }

    /// To be signed now, as the event of this number.
    pub(crate) fn numbered(&self, number: usize) -> Draft {
        if self.id_is_given && number == 0 {
            return self.draft();
        }
        self.draft.clone().id(&format!("{}_{number}", self.id))
    }
}

impl Message {
    /// Whether another event of this message has the same signature: its body is the same, and its id, in a header, is not
    /// signed. A receiver takes it for a replay.
    pub(crate) fn repeats_itself(&self) -> bool {
        let now = hooklatch::SystemClock::default().now();
        let parts = |number| self.numbered(number).at(now).try_parts().ok();
        let (Some(one), Some(other)) = (parts(0), parts(1)) else {
            return false;
        };
        let headers = one.0.headers().iter();
        let differ = headers.filter(|(name, value)| other.0.headers().get(*name) != Some(*value));
        one.1 == other.1 && one.0.uri() == other.0.uri() && differ.count() == 1
    }
}

/// An id that is new: of the time, in nanoseconds since 1970.
pub(crate) fn new_id() -> String {
    let now = hooklatch::SystemClock::default().now();
    format!("evt_{:x}", now.unix_timestamp_nanos())
}
