//! A request, and the endpoint that is to explain it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hooklatch::{
    Encoding, Keyring, Scheme, Unverified,
    explain::{Explain, Explanation},
    provider,
    testing::Sender,
};
use http::request::Parts;
use time::{Duration, OffsetDateTime};

pub(crate) const NOW: OffsetDateTime =
    OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::seconds(1_772_366_400));
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const URL: &str = "https://hooks.example.com/in/here?a=b";

/// Senders with HMACs: in hex and base64, with and without timestamps, marks, families of headers and prefixes of secrets.
pub(crate) const SENDERS: &[Scheme] = &[
    provider::GITHUB,
    provider::SHOPIFY,
    provider::SLACK,
    provider::STANDARD_WEBHOOKS,
    provider::STRIPE,
    provider::ZOOM,
];

/// Senders that sign with a private key: ECDSA, Ed25519 and RSA.
pub(crate) const PUBLIC_KEY_SENDERS: &[Scheme] = &[
    provider::CIRCLE,
    provider::DISCORD,
    provider::SENDGRID,
    provider::SHIPENGINE,
    provider::TELNYX,
    provider::WISE,
];

/// Senders that sign the URL they were given.
pub(crate) const URL_SENDERS: &[Scheme] = &[
    provider::CONTENTFUL,
    provider::HUBSPOT_V3,
    provider::MANDRILL,
    provider::SQUARE,
    provider::TRELLO,
    provider::TWILIO,
];

pub(crate) struct Situation {
    pub(crate) scheme: Scheme,
    pub(crate) secret: String,
    pub(crate) keys: Keyring,
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) now: OffsetDateTime,
    /// Other endpoints of the same owner.
    pub(crate) others: Vec<(&'static str, Scheme, Keyring)>,
}

impl Situation {
    /// Everything is as it should be.
    pub(crate) fn correct(scheme: &Scheme) -> Self {
        Self::with_body(scheme, body_for(scheme))
    }

    pub(crate) fn with_body(scheme: &Scheme, body: impl Into<Bytes>) -> Self {
        Self::signed(scheme, &secret(scheme, SECRET), body)
    }

    /// Signed by a secret, as the sender has it.
    pub(crate) fn signed(scheme: &Scheme, secret: &str, body: impl Into<Bytes>) -> Self {
        let sender = Sender::with_secret(scheme.clone(), secret);
        Self {
            keys: keyring(secret),
            secret: secret.to_owned(),
            ..Self::by(&sender, scheme, body)
        }
    }

    /// Signed by a sender, whose keys are its own.
    pub(crate) fn by(sender: &Sender, scheme: &Scheme, body: impl Into<Bytes>) -> Self {
        let draft = sender.raw(body).at(NOW).to(URL);
        let kind = http::header::CONTENT_TYPE;
        let draft = if URL_SENDERS
            .iter()
            .any(|other| other.name == scheme.name && is_form(other))
        {
            draft.header(kind, "application/x-www-form-urlencoded")
        } else {
            draft.header(kind, "application/json")
        };
        let (request, body) = draft.parts();
        let (mut head, ()) = request.into_parts();
        // As it arrives: the path in the request line, the host in its header.
        head.headers
            .insert("host", "hooks.example.com".parse().unwrap());
        head.uri = head.uri.path_and_query().unwrap().as_str().parse().unwrap();
        Self {
            scheme: scheme.clone(),
            keys: sender.keyring(),
            secret: sender.key_text(),
            head,
            body,
            now: NOW,
            others: Vec::new(),
        }
    }

    pub(crate) fn explain(&self) -> Explanation {
        let explain = Explain::new(&self.scheme, &self.keys).presets(provider::ALL);
        let explain = self
            .others
            .iter()
            .fold(explain, |explain, (name, scheme, keys)| {
                explain.endpoint(name, scheme, keys)
            });
        explain.judge(&Unverified::new(&self.head, &self.body, self.now))
    }

    /// The same with another scheme than the one it was signed by.
    pub(crate) fn configured(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// The same with another secret configured.
    pub(crate) fn with_secret(mut self, secret: &str) -> Self {
        self.keys = keyring(secret);
        self
    }

    pub(crate) fn received(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.head.headers.insert(name, value.parse().unwrap());
        self
    }

    pub(crate) fn at_path(mut self, path: &str) -> Self {
        self.head.uri = path.parse().unwrap();
        self
    }
}

pub(crate) fn keyring(secret: &str) -> Keyring {
    Keyring::new(secret)
}

/// A secret as this sender shows it.
pub(crate) fn secret(scheme: &Scheme, text: &str) -> String {
    let key = &scheme.methods[0].key;
    match key.encoding {
        Encoding::Base64 => format!("{}{}", key.prefix, STANDARD.encode(text)),
        _ => text.to_owned(),
    }
}

fn is_form(scheme: &Scheme) -> bool {
    ["mandrill", "twilio"].contains(&&*scheme.name)
}

/// A body that this sender can sign.
pub(crate) fn body_for(scheme: &Scheme) -> &'static str {
    if is_form(scheme) {
        "text=hello+world&mandrill_events=%5B%5D"
    } else {
        JSON
    }
}

pub(crate) const JSON: &str = r#"{"type":"greeting","id":"evt_1","data":{"text":"hello","list":[1,2.50,null],"url":"https://a.example/b"}}"#;
