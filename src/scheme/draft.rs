//! A request in the making: texts are put where the sender puts them, then its content is signed.

use http::{HeaderName, HeaderValue, Uri, header, request::Parts};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{
    Listed, Scheme, Several,
    algorithm::Feed,
    content, encoding,
    head::{Family, header_name},
    header::Signatures,
    keys::signed_params,
    several::numbered,
    sign::{SignError, Signable, Signed},
    url,
    view::View,
};
use crate::{
    envelope::{Kind, is_json},
    secret::{Keyring, Param},
    source::Source,
};

/// What is sent so far. The head has the message's own headers and those that were put.
pub(super) struct Draft {
    head: Parts,
    body: Vec<u8>,
    prefix: String,
    id: String,
    /// The headers that were put, in order.
    put: Vec<(HeaderName, HeaderValue)>,
    body_changed: bool,
    url_changed: bool,
}

impl Draft {
    pub(super) fn new(scheme: &Scheme, message: &Signable<'_>) -> Self {
        let mut request = http::Request::new(());
        request.method_mut().clone_from(&message.method);
        request.uri_mut().clone_from(&message.url);
        request.headers_mut().clone_from(&message.headers);
        // What is no JSON and says nothing of itself is a form.
        request
            .headers_mut()
            .entry(header::CONTENT_TYPE)
            .or_insert(FORM);
        let (head, ()) = request.into_parts();
        let prefix = scheme.header_prefixes.first();
        Self {
            head,
            body: message.body.to_vec(),
            prefix: prefix.map(ToString::to_string).unwrap_or_default(),
            id: message.id.unwrap_or_default().to_owned(),
            put: Vec::new(),
            body_changed: false,
            url_changed: false,
        }
    }

    /// Of a source that stands for several, the one that this body can have.
    pub(super) fn one_of<'s>(&self, source: &'s Source) -> &'s Source {
        let json = is_json(&self.body);
        let fits = |place: &&Source| match place {
            Source::Json(_) => json,
            Source::Form(_) => !json,
            _ => true,
        };
        source.places().iter().find(fits).unwrap_or(source)
    }

    /// Puts a text at its place. An id that is elsewhere in the body than a signature reads it is the message's business.
    pub(super) fn put(&mut self, place: &Source, text: &str) -> Result<(), SignError> {
        match place {
            Source::Header(name) => self.put_header(name, text)?,
            Source::Query(name) => {
                self.head.uri = with_parameter(&self.head.uri, name, text)
                    .ok_or(SignError::new("the URL cannot take a query parameter"))?;
                self.url_changed = true;
            }
            Source::Json(pointer) => {
                self.body = with_member(&self.body, pointer, text).ok_or(SignError::new(
                    "the scheme writes into the body, which has to be a JSON object",
                ))?;
                self.body_changed = true;
            }
            Source::Form(_) if Kind::of(&self.head.headers, &self.body) != Kind::Form => {
                return Err(SignError::new(
                    "the scheme writes into the body, which has to be a form",
                ));
            }
            Source::Form(name) => {
                self.body = with_field(&self.body, name, text);
                self.body_changed = true;
            }
            Source::Field(_) | Source::Xml(_) | Source::OtherMember(_) | Source::FirstOf(_) => {}
        }
        Ok(())
    }

    /// The names of the headers to sign: those that have to be, and that of the id.
    pub(super) fn listed(&mut self, scheme: &Scheme, listed: &Listed) -> Result<String, SignError> {
        let id = scheme.id.iter().flat_map(Source::places);
        let id = id.filter_map(|place| match place {
            Source::Header(name) if self.head.headers.contains_key(&**name) => Some(name),
            _ => None,
        });
        let mut names: Vec<&str> = Vec::new();
        for name in listed.always.iter().chain(id) {
            if !names.contains(&&**name) {
                names.push(name);
            }
        }
        let list = names.join(&listed.separator.to_string());
        if !list.is_empty() {
            return Ok(list);
        }
        let content_type = self.head.headers.get(header::CONTENT_TYPE).cloned();
        let text = content_type.as_ref().and_then(|value| value.to_str().ok());
        let name = header::CONTENT_TYPE.as_str();
        self.put_header(name, text.unwrap_or("application/json"))?;
        Ok(name.to_owned())
    }

    /// Puts the signature, under the first number where it has one.
    pub(super) fn put_signature(&mut self, scheme: &Scheme, text: &str) -> Result<(), SignError> {
        match self.one_of(&scheme.signature) {
            Source::Header(name) if scheme.several == Several::Numbered => {
                self.put_header(&numbered(name, 1), text)
            }
            place => self.put(place, text),
        }
    }

    /// Puts the digest of the body, where the sender gives one and no form stands for the body instead.
    pub(super) fn put_digest(&mut self, scheme: &Scheme) -> Result<(), SignError> {
        let Some(digest) = &scheme.body_digest else {
            return Ok(());
        };
        if !scheme.needs_digest() && !is_json(&self.body) {
            return Ok(());
        }
        let text = encoding::encode(digest.encoding, &Sha256::digest(&self.body));
        self.put(&digest.source, &text.unwrap_or_default())
    }

    /// The signature over the content, as verification would read it.
    pub(super) fn sign(
        &self,
        scheme: &Scheme,
        signature: &str,
        timestamp: &str,
        keyring: Option<&Keyring>,
        make: &dyn Fn(Feed<'_>) -> Option<String>,
    ) -> Result<Option<String>, SignError> {
        let body = self.body.clone().into();
        let plan = Family::plan(scheme);
        let view = &View::new(&self.head, Some(&body), &plan);
        let family = Family::new(scheme, &self.prefix)?;
        let signatures =
            Signatures::parse(&scheme.grammar, signature.as_bytes()).map_err(SignError::new)?;
        let covered = family.covered(Some(&signatures), view).map_err(|_| {
            SignError::new("a header or text that the scheme signs is missing from the message")
        })?;
        let public_url = keyring
            .and_then(|keyring| keyring.param(Param::PublicUrl))
            .and_then(|url| str::from_utf8(url.expose()).ok());
        let params = keyring.map(|keyring| signed_params(scheme, keyring));
        let params = params.transpose()?.unwrap_or_default();
        let url = public_url.map_or_else(
            || url::received(&self.head.uri, &self.head.headers),
            |url| url::with_query(url, self.head.uri.query()),
        );
        let values = content::Values {
            id: self.id.as_bytes(),
            timestamp: timestamp.as_bytes(),
            method: self.head.method.as_str(),
            url: &url,
            uri: &self.head.uri,
            covered: &covered,
            has_digest: family.has_digest(view),
            body: &self.body,
            params: &params,
            with_optional: false,
            without_fields: false,
        };
        if content::is_ambiguous(&scheme.content, &values) {
            return Err(SignError::new(
                "the id or a text contains the delimiter beside it in the signed content",
            ));
        }
        Ok(make(&|sink| content::feed(&scheme.content, &values, sink)))
    }

    pub(super) fn finish(mut self) -> Signed {
        // The signature was put last and is told first.
        if let Some(signature) = self.put.pop() {
            self.put.insert(0, signature);
        }
        Signed {
            headers: self.put,
            body: self.body_changed.then(|| self.body.into()),
            url: self.url_changed.then_some(self.head.uri),
        }
    }

    fn put_header(&mut self, name: &str, text: &str) -> Result<(), SignError> {
        let value = HeaderValue::from_str(text)
            .map_err(|_| SignError::new("the id cannot be sent in a header"))?;
        let name = header_name(&self.prefix, name)?;
        self.head.headers.insert(name.clone(), value.clone());
        self.put.push((name, value));
        Ok(())
    }
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

fn with_parameter(uri: &Uri, name: &str, text: &str) -> Option<Uri> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let added = form.append_pair(name, text).finish();
    let mut parts = uri.clone().into_parts();
    let path = uri.path();
    let all = uri.query().map_or_else(
        || format!("{path}?{added}"),
        |before| format!("{path}?{before}&{added}"),
    );
    parts.path_and_query = Some(all.parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// A form with this field, once.
fn with_field(body: &[u8], name: &str, text: &str) -> Vec<u8> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(form_urlencoded::parse(body).filter(|(field, _)| field != name));
    form.append_pair(name, text);
    form.finish().into_bytes()
}

/// A JSON document with this text at a pointer, objects being made on the way; a number where it reads as one.
fn with_member(body: &[u8], pointer: &str, text: &str) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(body).ok()?;
    let mut place = &mut document;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = place.as_object_mut()?.entry(token).or_insert(Value::Null);
    }
    let number = text.parse::<u64>().ok().map(Value::from);
    *place = number.unwrap_or_else(|| text.into());
    // White space behind the document stays: it may be all that tells it from another.
    let mut written = document.to_string().into_bytes();
    written.extend_from_slice(body.get(body.trim_ascii_end().len()..)?);
    Some(written)
}
