//! Makes tokens like the sender's, for tests and examples.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use super::{
    Jws, Members, Must, Requirement, TokenPayload,
    token::{encoded, pointer_to},
};
use crate::{
    scheme::{
        Method, Part, Scheme, SignError, Signable, Signed,
        algorithm::Feed,
        draft::{Beside, Draft},
        encoding,
    },
    secret::{Keyring, NamedKey, Param, Secret},
    source::Source,
};

/// What signs: a method, the name of its key and the parameters of the receiver's keyring, and the signature itself.
pub(in super::super) struct Signer<'s> {
    pub(in super::super) method: &'s Method,
    pub(in super::super) keyring: Option<&'s Keyring>,
    /// The certificates of the key, where the sender shows them.
    pub(in super::super) chain: &'s [String],
    pub(in super::super) make: &'s dyn Fn(Feed<'_>) -> Option<String>,
}

impl Signer<'_> {
    /// Signs a message with a token.
    pub(in super::super) fn sign(
        &self,
        scheme: &Scheme,
        jws: &Jws,
        message: &Signable<'_>,
    ) -> Result<Signed, SignError> {
        let mut making = Making {
            signer: self,
            scheme,
            jws,
            message,
            draft: Draft::new(scheme, message),
            header: Value::Object(Map::new()),
            claims: Value::Object(Map::new()),
        };
        making.event()?;
        making.said()?;
        making.head();
        let token = making.token()?;
        let place = making.draft.one_of(&scheme.signature).clone();
        if jws.payload == TokenPayload::Event {
            making.draft.set_body("{}");
        }
        making.draft.put(&place, &token)?;
        Ok(making.draft.finish())
    }

    fn param(&self, param: Param) -> Option<&str> {
        let value = self.keyring?.param(param).map(Secret::expose)?;
        str::from_utf8(value).ok()
    }
}

/// A token in the making.
struct Making<'m> {
    signer: &'m Signer<'m>,
    scheme: &'m Scheme,
    jws: &'m Jws,
    message: &'m Signable<'m>,
    draft: Draft,
    header: Value,
    claims: Value,
}

impl Making<'_> {
    /// Where the token is the event, its claims are the message's body.
    fn event(&mut self) -> Result<(), SignError> {
        if self.jws.payload == TokenPayload::Event {
            let body: Option<Value> = serde_json::from_slice(self.message.body).ok();
            self.claims = body.filter(Value::is_object).ok_or(SignError::new(
                "the token is the event, which has to be a JSON object",
            ))?;
        }
        Ok(())
    }

    /// What the header and the claims have to say.
    fn said(&mut self) -> Result<(), SignError> {
        let timestamp = self.scheme.timestamp_text(self.message)?;
        if let (Some(stamp), Some(text)) = (&self.scheme.timestamp, timestamp) {
            self.put(&stamp.source, &text)?;
        }
        let id = self.scheme.id.as_ref();
        let id = id.filter(|id| self.scheme.reads_early(id, &Part::Id));
        if let (Some(id), Some(text)) = (id, self.message.id) {
            self.put(id, text)?;
        }
        for requirement in &*self.jws.require {
            self.require(requirement)?;
        }
        let body = self.draft.body();
        let bare = self.jws.empty_without_digest && body.is_empty();
        if let Some(digest) = self.scheme.body_digest.as_ref().filter(|_| !bare) {
            let text = digest.of(body);
            self.put(&digest.source, &text.unwrap_or_default())?;
        }
        Ok(())
    }

    fn require(&mut self, requirement: &Requirement) -> Result<(), SignError> {
        let missing = SignError::new("the token names a parameter: give the receiver's keyring");
        let text = match &requirement.must {
            Must::Present => return self.present(&requirement.of),
            Must::Equal(text) => text.to_string(),
            Must::OneOf(texts) => texts.first().map(ToString::to_string).unwrap_or_default(),
            Must::EqualParam(param) => self.signer.param(*param).ok_or(missing)?.to_owned(),
            Must::EqualParamIfSet(param) => match self.signer.param(*param) {
                Some(text) => text.to_owned(),
                None => return Ok(()),
            },
            Must::EqualText(source) => self.text(source)?,
            Must::UrlSha256(encoding) => {
                let url = self.draft.signed_url(self.signer.keyring);
                encoding::encode(*encoding, &Sha256::digest(url)).unwrap_or_default()
            }
        };
        self.put(&requirement.of, &text)
    }

    /// Something where anything will do: of a moment the message's, of the end five minutes later.
    fn present(&mut self, of: &Source) -> Result<(), SignError> {
        let [Source::Claim(pointer) | Source::Protected(pointer), ..] = of.places() else {
            return Ok(());
        };
        let place = if matches!(of.places(), [Source::Protected(_), ..]) {
            &self.header
        } else {
            &self.claims
        };
        if place.pointer(pointer).is_some() {
            return Ok(());
        }
        let text = match &**pointer {
            "/exp" => seconds(self.moment()?.saturating_add(LIFETIME)),
            "/iat" | "/nbf" => seconds(self.moment()?),
            _ => self.message.id.unwrap_or("made up").to_owned(),
        };
        self.put(of, &text)
    }

    /// A text of the request, which gets one where it has none.
    fn text(&mut self, source: &Source) -> Result<String, SignError> {
        if let Some(text) = self.draft.text(self.scheme, source)? {
            return Ok(text);
        }
        let place = self.draft.one_of(source).clone();
        self.draft.put(&place, MADE_UP)?;
        Ok(MADE_UP.to_owned())
    }

    /// The name of the algorithm and of the key, and what has to be understood.
    fn head(&mut self) {
        let name = self.signer.method.algorithm.token_name();
        set(&mut self.header, "/alg", name.unwrap_or_default().into());
        if self.jws.payload != TokenPayload::Detached && self.header.get("typ").is_none() {
            set(&mut self.header, "/typ", "JWT".into());
        }
        let keys = self.signer.keyring.map(Keyring::keys).unwrap_or_default();
        let first = keys.first().map(NamedKey::name);
        let key = self.message.key_id.or(first);
        if let (Some(Source::Protected(pointer)), Some(key)) = (&self.scheme.key_id, key) {
            set(&mut self.header, pointer, key.into());
        }
        let critical = self.jws.critical.iter();
        let there = critical.filter(|name| self.header.get(&***name).is_some());
        let names: Vec<Value> = there.map(|name| (**name).into()).collect();
        if !names.is_empty() {
            set(&mut self.header, &pointer_to("crit"), names.into());
        }
        if !self.signer.chain.is_empty() {
            set(&mut self.header, "/x5c", self.signer.chain.into());
        }
    }

    fn token(&mut self) -> Result<String, SignError> {
        self.list_headers();
        let protected = encoded(self.header.to_string().as_bytes());
        let claims = encoded(self.claims.to_string().as_bytes());
        let detached = self.jws.payload == TokenPayload::Detached;
        let payload = if detached { self.content()? } else { claims };
        let signature = (self.signer.make)(&|sink| {
            sink(protected.as_bytes());
            sink(b".");
            sink(payload.as_bytes());
        });
        let signature = signature.ok_or(SignError::new("the token cannot be signed"))?;
        let shown = if detached { "" } else { &payload };
        let tag = &self.signer.method.tag;
        Ok(format!("{tag}{protected}.{shown}.{signature}"))
    }

    /// Lists the headers that have to be signed.
    fn list_headers(&mut self) {
        for part in &*self.scheme.content {
            if let Part::Listed(listed) = part
                && let Source::Protected(pointer) = &listed.list
            {
                let names = listed.always.join(&listed.separator.to_string());
                set(&mut self.header, pointer, names.into());
            }
        }
    }

    /// The detached payload, encoded.
    fn content(&self) -> Result<String, SignError> {
        let header = Members::parse(self.header.to_string().as_bytes()).unwrap_or_default();
        let timestamp = self.scheme.timestamp_text(self.message)?;
        let content = |feed: Feed<'_>| {
            let mut content = Vec::new();
            feed(&mut |chunk| content.extend_from_slice(chunk));
            Some(encoded(&content))
        };
        let timestamp = timestamp.unwrap_or_default();
        let made = self.draft.sign(
            self.scheme,
            Beside::Token(&header),
            &timestamp,
            self.signer.keyring,
            &content,
        )?;
        Ok(made.unwrap_or_default())
    }

    /// Puts a text into the token or the request.
    fn put(&mut self, source: &Source, text: &str) -> Result<(), SignError> {
        match self.draft.one_of(source) {
            Source::Claim(pointer) => set(&mut self.claims, pointer, value(pointer, text)),
            Source::Protected(pointer) => set(&mut self.header, pointer, value(pointer, text)),
            place => self.draft.put(&place.clone(), text)?,
        }
        Ok(())
    }

    fn moment(&self) -> Result<OffsetDateTime, SignError> {
        let moment = self.message.timestamp;
        moment.ok_or(SignError::new("the token names a moment: give one"))
    }
}

fn seconds(moment: OffsetDateTime) -> String {
    moment.unix_timestamp().to_string()
}

/// Moments are numbers, and truth is no text.
fn value(pointer: &str, text: &str) -> Value {
    let is_moment = ["/exp", "/iat", "/nbf"].contains(&pointer) || pointer.ends_with("Date");
    match (text, text.parse::<u64>()) {
        ("true", _) => true.into(),
        ("false", _) => false.into(),
        (_, Ok(number)) if is_moment || pointer.ends_with("~1iat") => number.into(),
        _ => text.into(),
    }
}

/// Sets a value at a JSON pointer, objects being made on the way.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(members) = place.as_object_mut() else {
            return;
        };
        place = members.entry(token).or_insert(Value::Null);
    }
    *place = value;
}

/// How long a token counts.
const LIFETIME: Duration = Duration::minutes(5);
const MADE_UP: &str = "https://example.com/";
