//! [`Scheme::sign`]: signs like the sender, for tests, examples and the command line.

use std::{borrow::Cow, error::Error as StdError, fmt};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use time::OffsetDateTime;

use super::{
    Grammar, Method, Part, Scheme,
    content::{self, MOST_HEADERS, Values},
    encoding,
    head::header_name,
    keys::{method_of, prepare},
};
use crate::{
    error::ConfigError,
    secret::{Keyring, Param, Secret},
    source::Source,
};

/// What is to be signed.
///
/// ```
/// # use hooklatch::{Keyring, Signable, provider};
/// let message = Signable::new(b"{}").with_timestamp(time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(1));
/// let signed = provider::STRIPE.sign(&Keyring::new("whsec_5HkzNq7hLJ3xUPVZ"), &message)?;
/// assert_eq!(signed[0].0, "stripe-signature");
/// # Ok::<(), hooklatch::SignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signable<'a> {
    body: &'a [u8],
    method: http::Method,
    url: Cow<'a, Uri>,
    headers: Cow<'a, HeaderMap>,
    id: Option<&'a str>,
    timestamp: Option<OffsetDateTime>,
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
            timestamp: None,
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

    /// The timestamp, where the scheme has one.
    #[must_use]
    pub const fn with_timestamp(mut self, timestamp: OffsetDateTime) -> Self {
        self.timestamp = Some(timestamp);
        self
    }
}

impl Scheme {
    /// Signs a message as the sender would with the first key of the keyring. Gives the headers to put on the request:
    /// the signature, and the id and timestamp where they are headers; under the first of the scheme's prefixes.
    ///
    /// # Errors
    /// When the message lacks what the scheme signs, a key cannot be used, or the scheme's signatures are made with a
    /// private key that only the sender has (then see [`sign_with`](Self::sign_with)).
    pub fn sign(
        &self,
        keyring: &Keyring,
        message: &Signable<'_>,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, SignError> {
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
        let prepared = prepare(method, key.secret(), keyring.allows_short_secrets())
            .map_err(SignError::new)?;
        let public_url = keyring
            .param(Param::PublicUrl)
            .map(Secret::expose)
            .and_then(|url| str::from_utf8(url).ok());
        self.signed_by(method, message, public_url, &|content| {
            let mac = prepared.mac(&|sink| sink(content));
            mac.map_or_else(
                || prepared.token(),
                |mac| encoding::encode(method.encoding, mac.as_slice()),
            )
        })
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
    ) -> Result<Vec<(HeaderName, HeaderValue)>, SignError> {
        self.check()?;
        let method = self.methods.iter().find(|method| method.tag == tag);
        let method = method.ok_or(SignError::new("the scheme has no method of this tag"))?;
        self.signed_by(method, message, None, &|content| {
            encoding::encode(method.encoding, &make(content))
        })
    }

    fn signed_by(
        &self,
        method: &Method,
        message: &Signable<'_>,
        public_url: Option<&str>,
        make: &dyn Fn(&[u8]) -> Option<String>,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, SignError> {
        let Source::Header(name) = &self.signature else {
            return Err(SignError::new("only a signature in a header can be made"));
        };
        let timestamp = self.timestamp_text(message)?;
        if message.id.is_none() && self.content.contains(&Part::Id) {
            return Err(SignError::new("the scheme signs the id: give one"));
        }
        let content = self.content_of(
            message,
            timestamp.as_deref().unwrap_or_default(),
            public_url,
        )?;
        let signature = make(&content).ok_or(SignError::new(
            "the signature cannot be written as the scheme says",
        ))?;
        let mut fields = Vec::new();
        let mut headers = Vec::new();
        let id = message.id.map(ToOwned::to_owned);
        for (source, text) in [
            (self.timestamp.as_ref().map(|time| &time.source), timestamp),
            (self.id.as_ref(), id),
        ] {
            match (source, text) {
                (Some(Source::Field(name)), Some(text)) => fields.push((&**name, text)),
                (Some(Source::Header(name)), Some(text)) => headers.push(self.header(name, &text)?),
                _ => {}
            }
        }
        headers.insert(
            0,
            self.header(name, &self.written(method, &fields, &signature))?,
        );
        Ok(headers)
    }

    fn timestamp_text(&self, message: &Signable<'_>) -> Result<Option<String>, SignError> {
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

    fn content_of(
        &self,
        message: &Signable<'_>,
        timestamp: &str,
        public_url: Option<&str>,
    ) -> Result<Vec<u8>, SignError> {
        let values = Values {
            id: message.id.unwrap_or_default().as_bytes(),
            timestamp: timestamp.as_bytes(),
            method: message.method.as_str(),
            public_url,
            uri: &message.url,
            headers: self.covered_headers(message, timestamp)?,
            all_headers: &message.headers,
            body: message.body,
        };
        if content::is_ambiguous(&self.content, &values) {
            return Err(SignError::new(
                "the id or a header contains the delimiter behind it in the signed content",
            ));
        }
        let mut bytes = Vec::new();
        content::feed(&self.content, &values, &mut |chunk| {
            bytes.extend_from_slice(chunk);
        });
        Ok(bytes)
    }

    /// The values of the covered headers: those the request has, and those that signing adds.
    fn covered_headers<'v>(
        &self,
        message: &'v Signable<'_>,
        timestamp: &'v str,
    ) -> Result<[&'v [u8]; MOST_HEADERS], SignError> {
        let names = self.content.iter().filter_map(|part| match part {
            Part::Header(name) => Some(name),
            _ => None,
        });
        let prefix = self.header_prefixes.first().map_or("", |prefix| prefix);
        let is = |source: Option<&Source>, name: &str| matches!(source, Some(Source::Header(header)) if header.eq_ignore_ascii_case(name));
        let mut values = [&b""[..]; MOST_HEADERS];
        for (slot, name) in values.iter_mut().zip(names) {
            let present = message
                .headers
                .get(format!("{prefix}{name}"))
                .map(HeaderValue::as_bytes);
            let found = if is(self.timestamp.as_ref().map(|time| &time.source), name) {
                Some(timestamp.as_bytes())
            } else if is(self.id.as_ref(), name) {
                message.id.map(str::as_bytes)
            } else {
                present
            };
            *slot = found.ok_or(SignError::new(
                "a header that the scheme signs is missing from the message",
            ))?;
        }
        Ok(values)
    }

    /// The signature text.
    fn written(&self, method: &Method, fields: &[(&str, String)], signature: &str) -> String {
        let tag = &*method.tag;
        match self.grammar {
            Grammar::Single => format!("{tag}{signature}"),
            Grammar::List { assign, .. } => format!("{tag}{assign}{signature}"),
            Grammar::Fields { separator, assign } => {
                let mut text = String::new();
                for (name, value) in fields {
                    text.extend([*name, &assign.to_string(), value, &separator.to_string()]);
                }
                text + tag + &assign.to_string() + signature
            }
        }
    }

    fn header(&self, name: &str, value: &str) -> Result<(HeaderName, HeaderValue), SignError> {
        let prefix = self.header_prefixes.first().map_or("", |prefix| prefix);
        let value = HeaderValue::from_str(value)
            .map_err(|_| SignError::new("the id cannot be sent in a header"))?;
        Ok((header_name(prefix, name)?, value))
    }
}

/// Why a message could not be signed. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignError(Cow<'static, str>);

impl SignError {
    const fn new(what: &'static str) -> Self {
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
