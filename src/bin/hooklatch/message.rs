//! A message to be signed, as `sign` and `send` take it.

use std::fmt;

use clap::Args;
use hooklatch::{
    Clock as _, KeyPlace, Keyring, Keys, Scheme,
    testing::{Draft, Sender},
};
use http::{HeaderName, HeaderValue, Method, Uri, header};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{
    config::{PARAMS, is_secret, param},
    keys::{KeyArguments, scheme, told, visible},
    request::{body, header as header_argument},
    unseen::Unseen,
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
    #[arg(
        long,
        short = 'd',
        value_name = "BODY",
        allow_hyphen_values = true,
        conflicts_with = "event"
    )]
    body: Option<String>,
    /// Compose an event of this type, as the sender writes it, instead of a body.
    #[arg(long, value_name = "TYPE", value_parser = visible)]
    event: Option<String>,
    /// The payload of that event: JSON, `@FILE` or `@-`. `{}` unless given.
    #[arg(
        long,
        value_name = "JSON",
        allow_hyphen_values = true,
        requires = "event"
    )]
    payload: Option<String>,
    /// The event id, where this sender has one. A new one each time, unless given.
    #[arg(long, value_parser = visible)]
    id: Option<String>,
    /// A header, as 'Name: value', put there before signing. May repeat.
    #[arg(long, short = 'H', value_name = "HEADER", allow_hyphen_values = true, value_parser = Unseen(header_argument))]
    header: Vec<(HeaderName, HeaderValue)>,
    /// The method.
    #[arg(long, default_value = "POST")]
    method: Method,
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
        let fault = |what: &dyn fmt::Display| format!("key {}: {what}", key.name());
        let secret =
            str::from_utf8(key.secret().expose()).map_err(|_| fault(&"the secret is not text"))?;
        let is_private = secret.contains("PRIVATE KEY-----");
        let scheme = self.scheme.clone();
        let mut sender = if is_private {
            Sender::with_private_key(scheme, secret.as_bytes()).map_err(|error| fault(&error))?
        } else {
            Sender::with_secret(scheme, secret)
        };
        if self.keys.is_named() || !self.names_url() {
            sender = sender.key_name(key.name());
        }
        for (param, value) in self.keys.params()? {
            let value = str::from_utf8(value.expose()).map_err(|_| "a parameter is not text")?;
            sender = sender.with(param, value);
        }
        if !is_private {
            self.check(keyring, &sender)?;
        }
        Ok(sender)
    }

    /// Whether requests name their key by a URL.
    fn names_url(&self) -> bool {
        let discovery = self.scheme.discovery.as_ref();
        discovery.is_some_and(|discovery| matches!(discovery.place, KeyPlace::Named(_)))
    }

    /// Refuses secrets that a receiver of this sender would refuse. Parameters that are not given are made up.
    fn check(&self, keyring: Keyring, sender: &Sender) -> Result<(), String> {
        let mut methods = self.scheme.methods.iter();
        if !methods.any(|method| is_secret(method.algorithm)) {
            return Ok(());
        }
        let made_up = sender.keyring();
        let params = PARAMS.iter().filter_map(|name| param(name));
        let keyring = params.fold(keyring, |keyring, param| match made_up.param(param) {
            Some(value) => keyring.with(param, value.clone()),
            None => keyring,
        });
        Keys::new(&self.scheme, keyring).map_err(|error| told(&error))?;
        Ok(())
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
