//! [`Scheme::sign`]: signs like the sender, for tests, examples and the command line.

use std::{borrow::Cow, collections::BTreeMap, error::Error as StdError, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde_json::Value;
use time::OffsetDateTime;

use super::{
    Grammar, Part, Proof, Scheme,
    algorithm::Feed,
    draft::{Beside, Draft, signed_url},
    draft_signature, encoding,
    jws::Signer,
    message,
    prepare::{method_of, prepare, split_id},
};
use crate::{error::ConfigError, secret::Keyring, source::Source};

/// What is to be signed.
///
/// ```
/// # use hooklatch::{Keyring, Signable, provider};
/// let message = Signable::new(b"{}").with_timestamp(time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(1));
/// let signed = provider::STRIPE.sign(&Keyring::new("whsec_5HkzNq7hLJ3xUPVZ"), &message)?;
/// assert_eq!(signed.headers()[0].0, "stripe-signature");
/// # Ok::<(), hooklatch::SignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signable<'a> {
    pub(super) body: &'a [u8],
    pub(super) method: http::Method,
    pub(super) url: Cow<'a, Uri>,
    pub(super) headers: Cow<'a, HeaderMap>,
    pub(super) id: Option<&'a str>,
    pub(super) key_id: Option<&'a str>,
    pub(super) timestamp: Option<OffsetDateTime>,
    keyring: Option<&'a Keyring>,
    /// The certificates of the key, in base64.
    chain: &'a [String],
}

impl<'a> Signable<'a> {
    /// A body to be posted to `/`.
    #[must_use]
    pub fn new(body: &'a [u8]) -> Self {
        Self {
            body,
            method: http::Method::POST,
            url: Cow::Owned(Uri::default()),
            headers: Cow::Owned(HeaderMap::new()),
            id: None,
            key_id: None,
            timestamp: None,
            keyring: None,
            chain: &[],
        }
    }

    /// The method, where it is signed.
    #[must_use]
    pub fn with_method(mut self, method: http::Method) -> Self {
        self.method = method;
        self
    }

    /// The URL, where it or its path is signed.
    #[must_use]
    pub fn with_url(mut self, url: &'a Uri) -> Self {
        self.url = Cow::Borrowed(url);
        self
    }

    /// The headers the request already has, where some are signed.
    #[must_use]
    pub fn with_headers(mut self, headers: &'a HeaderMap) -> Self {
        self.headers = Cow::Borrowed(headers);
        self
    }

    /// The event id, where it is a header or field.
    #[must_use]
    pub const fn with_id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// The id by which the request names its key, where it does. [`Scheme::sign`] knows that of the key; for
    /// [`Scheme::sign_with`] it has to be given.
    #[must_use]
    pub const fn with_key_id(mut self, id: &'a str) -> Self {
        self.key_id = Some(id);
        self
    }

    /// The timestamp, where the scheme has one.
    #[must_use]
    pub const fn with_timestamp(mut self, timestamp: OffsetDateTime) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// The receiver's keyring, where its key is not what signs: for [`Scheme::sign_with`]. Its parameters are signed, and a
    /// token names its first key.
    #[must_use]
    pub const fn with_keyring(mut self, keyring: &'a Keyring) -> Self {
        self.keyring = Some(keyring);
        self
    }

    /// The chain of certificates that a token presents: each in base64, the key's own first.
    #[must_use]
    pub const fn with_chain(mut self, chain: &'a [String]) -> Self {
        self.chain = chain;
        self
    }
}

/// What signing gives: headers to put on the request, and the body and URL where the sender writes into these.
///
/// ```
/// use hooklatch::{Keyring, Signable, provider};
/// use time::OffsetDateTime;
///
/// // Mailgun's signature stands in the body.
/// let keys = Keyring::new("key-8f742231b10e8888abcd99yyyzzz85a5");
/// let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
/// let message = Signable::new(br#"{"event-data":{"event":"opened"}}"#).with_timestamp(now).with_id("a-token");
/// let signed = provider::MAILGUN.sign(&keys, &message)?;
/// let body = signed.body().map_or(&b""[..], |body| &body[..]);
/// assert!(body.starts_with(b"{") && body.windows(11).any(|text| text == br#""signature""#));
/// # Ok::<(), hooklatch::SignError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a signature counts on the request it is put on"]
pub struct Signed {
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Option<Bytes>,
    pub(super) url: Option<Uri>,
}

impl Signed {
    /// The headers to put on the request: the signature first, where it is one, then the timestamp, id and digest.
    #[must_use]
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The body to send, where the sender writes a signature, timestamp or id into it; else the message's own is.
    #[must_use]
    pub const fn body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    /// The URL to send to, where the sender adds to its query; else the message's own is.
    #[must_use]
    pub const fn url(&self) -> Option<&Uri> {
        self.url.as_ref()
    }
}

/// The headers.
impl IntoIterator for Signed {
    type Item = (HeaderName, HeaderValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.headers.into_iter()
    }
}

impl Scheme {
    /// Signs a message as the sender would with the first key of the keyring, under the first of the scheme's header
    /// prefixes.
    ///
    /// # Errors
    /// When the message lacks what the scheme signs, a key cannot be used, or the scheme's signatures are made with a
    /// private key that only the sender has (then see [`sign_with`](Self::sign_with)).
    pub fn sign(&self, keyring: &Keyring, message: &Signable<'_>) -> Result<Signed, SignError> {
        self.check()?;
        let key = keyring
            .keys()
            .first()
            .ok_or(SignError::new("the keyring has no key"))?;
        let found = method_of(self, key.secret().expose());
        let (_, method) = found.ok_or(SignError::new("the key is of no method of this scheme"))?;
        if method.algorithm.is_public_key() {
            return Err(SignError::new(
                "this signature is made with the sender's private key, which nobody else has",
            ));
        }
        let (id, secret) = split_id(&method.key, key.secret()).map_err(SignError::new)?;
        let ready =
            prepare(method, &secret, keyring.allows_short_secrets()).map_err(SignError::new)?;
        let prepared = ready.prepared;
        let make = |content: Feed<'_>| {
            prepared.mac(content).map_or_else(
                || prepared.token(),
                |mac| encoding::encode(method.encoding, mac.as_slice()),
            )
        };
        if let Proof::Jws(jws) = &self.proof {
            let signer = Signer {
                method,
                keyring: Some(keyring),
                chain: &[],
                make: &make,
            };
            return signer.sign(self, jws, message);
        }
        let key_id = message
            .key_id
            .or(id.as_deref())
            .unwrap_or_else(|| key.name());
        let message = message.clone().with_key_id(key_id);
        self.signed_by(&method.tag, &message, Some(keyring), &make)
    }

    /// Signs a message with the method of this tag, the raw signature over the content being made by `make`: for
    /// signatures by a private key.
    ///
    /// # Errors
    /// When the message lacks what the scheme signs, or the scheme has no method of this tag.
    pub fn sign_with(
        &self,
        tag: &str,
        make: &dyn Fn(&[u8]) -> Vec<u8>,
        message: &Signable<'_>,
    ) -> Result<Signed, SignError> {
        self.check()?;
        let method = self.methods.iter().find(|method| method.tag == tag);
        let method = method.ok_or(SignError::new("the scheme has no method of this tag"))?;
        let make = |feed: Feed<'_>| {
            let mut content = Vec::new();
            feed(&mut |chunk| content.extend_from_slice(chunk));
            encoding::encode(method.encoding, &make(&content))
        };
        if let Proof::Jws(jws) = &self.proof {
            let signer = Signer {
                method,
                keyring: message.keyring,
                chain: message.chain,
                make: &make,
            };
            return signer.sign(self, jws, message);
        }
        self.signed_by(&method.tag, message, message.keyring, &make)
    }

    fn signed_by(
        &self,
        tag: &str,
        message: &Signable<'_>,
        keyring: Option<&Keyring>,
        make: &dyn Fn(Feed<'_>) -> Option<String>,
    ) -> Result<Signed, SignError> {
        if self.proof.names_parts() {
            return self.signed_whole(message, keyring, make);
        }
        if self.proof == Proof::Items {
            return self.signed_items(tag, message, keyring, make);
        }
        self.signed_parts(tag, message, keyring, make)
    }

    /// A signature over the parts of the content.
    fn signed_parts(
        &self,
        tag: &str,
        message: &Signable<'_>,
        keyring: Option<&Keyring>,
        make: &dyn Fn(Feed<'_>) -> Option<String>,
    ) -> Result<Signed, SignError> {
        let timestamp = self.timestamp_text(message)?;
        self.check_names(message)?;
        let mut draft = Draft::new(self, message);
        let mut fields = Vec::new();
        let own = |text: Option<&str>| text.map(ToOwned::to_owned);
        let time = self.timestamp.as_ref().map(|time| &time.source);
        // An id of the body that the signature does not name is the message's own business.
        let id = self.id.as_ref();
        let id = id.filter(|id| self.reads_early(id, &Part::Id));
        let named = [
            (time, timestamp.clone()),
            (id, own(message.id)),
            (self.key_id.as_ref(), own(message.key_id)),
            (self.method_id.as_ref(), Some(tag.to_owned())),
        ];
        for (source, text) in named {
            let (Some(source), Some(text)) = (source, text) else {
                continue;
            };
            match draft.one_of(source) {
                Source::Field(name) => fields.push((name.to_string(), text)),
                place => draft.put(place, &text)?,
            }
        }
        for listed in Part::each(&self.content) {
            let Part::Listed(listed) = listed else {
                continue;
            };
            let text = draft.listed(listed)?;
            match &listed.list {
                Source::Field(name) => fields.push((name.to_string(), text)),
                place => draft.put(place, &text)?,
            }
        }
        draft.put_digest(self)?;
        // What the parts of the content ask of the signature's own fields, they find in it.
        let key_id = message.key_id.unwrap_or_default();
        let before = self.written(key_id, self.written_tag(tag), &fields, "-");
        let signature = draft
            .sign(
                self,
                Beside::Signature(&before),
                timestamp.as_deref().unwrap_or_default(),
                keyring,
                make,
            )?
            .ok_or(SignError::new(
                "the signature cannot be written as the scheme says",
            ))?;
        let text = self.written(key_id, self.written_tag(tag), &fields, &signature);
        draft.put_signature(self, &text)?;
        Ok(draft.finish())
    }

    /// A signature over the whole message.
    fn signed_whole(
        &self,
        message: &Signable<'_>,
        keyring: Option<&Keyring>,
        make: &dyn Fn(Feed<'_>) -> Option<String>,
    ) -> Result<Signed, SignError> {
        let key = message
            .key_id
            .ok_or(SignError::new("the request names its key: give its id"))?;
        let url = signed_url(keyring, &message.url, &message.headers);
        match &self.proof {
            Proof::MessageSignature(policy) => {
                message::sign(self, policy, message, &url, key, make)
            }
            _ => draft_signature::sign(self, message, &url, key, make),
        }
    }

    /// Each item of a batch signed on its own.
    fn signed_items(
        &self,
        tag: &str,
        message: &Signable<'_>,
        keyring: Option<&Keyring>,
        make: &dyn Fn(Feed<'_>) -> Option<String>,
    ) -> Result<Signed, SignError> {
        let one = Self {
            proof: Proof::Composed,
            items: None,
            ..self.clone()
        };
        let not_a_batch = SignError::new("the scheme signs the items of a JSON batch");
        let pointer = self.items.as_ref().map_or("", |items| &*items.pointer);
        let items = self
            .items_of(message.body)
            .map_err(|_| not_a_batch.clone())?;
        let mut signed = Vec::new();
        for item in items {
            let message = Signable {
                body: item.as_bytes(),
                ..message.clone()
            };
            let body = one.signed_by(tag, &message, keyring, make)?.body;
            let body = body.ok_or_else(|| not_a_batch.clone())?;
            signed.push(serde_json::from_slice(&body).map_err(|_| not_a_batch.clone())?);
        }
        let document = serde_json::from_slice::<Value>(message.body);
        let mut document = document.map_err(|_| not_a_batch.clone())?;
        *document.pointer_mut(pointer).ok_or(not_a_batch)? = Value::Array(signed);
        Ok(Signed {
            headers: Vec::new(),
            body: Some(document.to_string().into()),
            url: None,
        })
    }

    /// Whether the message has the names that the request needs.
    fn check_names(&self, message: &Signable<'_>) -> Result<(), SignError> {
        if message.id.is_none() && self.content.contains(&Part::Id) {
            return Err(SignError::new("the scheme signs the id: give one"));
        }
        if message.key_id.is_none() && self.names_key() {
            return Err(SignError::new("the request names its key: give its id"));
        }
        Ok(())
    }

    pub(super) fn timestamp_text(
        &self,
        message: &Signable<'_>,
    ) -> Result<Option<String>, SignError> {
        let Some(timestamp) = &self.timestamp else {
            return Ok(None);
        };
        let moment = message
            .timestamp
            .ok_or(SignError::new("the scheme signs a timestamp: give one"))?;
        let text = timestamp.format.print(moment);
        text.map(Some).ok_or(SignError::new(
            "the timestamp cannot be written as the sender writes it",
        ))
    }

    /// The tag as the signature's text has it: not at all, where a method is named elsewhere.
    fn written_tag<'t>(&self, tag: &'t str) -> &'t str {
        if self.method_id.is_some() { "" } else { tag }
    }

    /// The signature text.
    fn written(
        &self,
        key_id: &str,
        tag: &str,
        fields: &[(String, String)],
        signature: &str,
    ) -> String {
        match self.grammar {
            Grammar::Single => format!("{tag}{signature}"),
            Grammar::List { assign, .. } => format!("{tag}{assign}{signature}"),
            Grammar::KeyedList { assign, .. } => format!("{key_id}{assign}{tag}{signature}"),
            Grammar::Base64Json => {
                let fields = fields.iter().cloned();
                let signature = [(tag.to_owned(), signature.to_owned())];
                let members: BTreeMap<String, String> = fields.chain(signature).collect();
                STANDARD.encode(serde_json::json!(members).to_string())
            }
            Grammar::Positional { separator, .. } => {
                let first = fields.first().map_or("", |(_, value)| value);
                format!("{first}{separator}{signature}")
            }
            Grammar::Fields { separator, assign } => {
                let mut text = String::new();
                for (name, value) in fields {
                    text = format!("{text}{name}{assign}{value}{separator}");
                }
                format!("{text}{tag}{assign}{signature}")
            }
        }
    }
}

impl Scheme {
    /// Whether a request says which key signed it.
    pub(super) const fn names_key(&self) -> bool {
        self.key_id.is_some() || matches!(self.grammar, Grammar::KeyedList { .. })
    }
}

/// Why a message could not be signed. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignError(Cow<'static, str>);

impl SignError {
    pub(super) const fn new(what: &'static str) -> Self {
        Self(Cow::Borrowed(what))
    }
}

impl From<ConfigError> for SignError {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string().into())
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for SignError {}
