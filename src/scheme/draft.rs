//! A request in the making: texts are put where the sender puts them, then its content is signed.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, request::Parts};
use serde_json::{Map, Value};

use super::{
    Encoding, Listed, Scheme, Several,
    algorithm::Feed,
    content, encoding,
    head::{Family, header_name},
    header::{Signatures, unpacked},
    jws::Members,
    keys::signed_params,
    place::Place,
    several::numbered,
    sign::{SignError, Signable, Signed},
    url,
    view::View,
};
use crate::{
    envelope::{Kind, form_field, is_json, parts, text_part, unwrap},
    secret::{Keyring, Param},
    source::{FormPayload, Source},
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
    /// The field of a form that holds the document.
    wrapped: Option<FormPayload>,
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
            wrapped: scheme.form_payload.clone(),
        }
    }

    /// Of a source that stands for several, the one that this body can have.
    pub(super) fn one_of<'s>(&self, source: &'s Source) -> &'s Source {
        let json = is_json(&self.body) || self.wrapped.is_some();
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
                let changed = if is_json(&self.body) {
                    with_member(&self.body, pointer, text)
                } else {
                    self.with_wrapped_member(pointer, text)
                };
                self.body = changed.ok_or(SignError::new(
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
            Source::Body => {
                self.body = text.as_bytes().to_vec();
                self.body_changed = true;
            }
            // A token has them.
            Source::Claim(_) | Source::Protected(_) => {}
            Source::Field(_) | Source::Xml(_) | Source::OtherMember(_) | Source::FirstOf(_) => {}
        }
        Ok(())
    }

    /// The names of the headers to sign: those that have to be, else the content type. Not the id, which nobody can rely
    /// on to be listed.
    pub(super) fn listed(&mut self, listed: &Listed) -> Result<String, SignError> {
        if !listed.always.is_empty() {
            return Ok(listed.always.join(&listed.separator.to_string()));
        }
        let name = header::CONTENT_TYPE;
        let value = self.head.headers.get(&name);
        let text = value.and_then(|value| value.to_str().ok());
        let text = text.unwrap_or("application/json").to_owned();
        self.put_header(name.as_str(), &text)?;
        Ok(name.as_str().to_owned())
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
        let text = digest.of(&self.body);
        self.put(&digest.source, &text.unwrap_or_default())
    }

    /// The signature over the content, as verification would read it.
    pub(super) fn sign(
        &self,
        scheme: &Scheme,
        beside: Beside<'_>,
        timestamp: &str,
        keyring: Option<&Keyring>,
        make: &dyn Fn(Feed<'_>) -> Option<String>,
    ) -> Result<Option<String>, SignError> {
        let body = self.body.clone().into();
        let plan = Family::plan(scheme);
        let wrapped = scheme.form_payload.as_ref();
        let view = View::new(&self.head, Some(&body), &plan, wrapped);
        let (view, text) = match beside {
            Beside::Token(header) => (view.of_token(header, None), None),
            Beside::Signature(text) => {
                let text = unpacked(&scheme.grammar, text.as_bytes().into());
                (view, Some(text.map_err(SignError::new)?))
            }
        };
        let parse = |text| Signatures::parse_spaced(&scheme.grammar, scheme.spaced, text);
        let signatures = text.as_deref().map(parse).transpose();
        let signatures = signatures.map_err(SignError::new)?;
        let view = &view;
        let family = Family::new(scheme, &self.prefix)?;
        let covered = family.covered(signatures.as_ref(), view).map_err(|_| {
            SignError::new("a header or text that the scheme signs is missing from the message")
        })?;
        let params = keyring.map(|keyring| signed_params(scheme, keyring));
        let params = params.transpose()?.unwrap_or_default();
        let url = self.signed_url(keyring);
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

    /// The URL that is signed.
    pub(super) fn signed_url(&self, keyring: Option<&Keyring>) -> String {
        signed_url(keyring, &self.head.uri, &self.head.headers)
    }

    /// The body so far.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Another body than the message's.
    pub(super) fn set_body(&mut self, body: &str) {
        body.as_bytes().clone_into(&mut self.body);
        self.body_changed = true;
    }

    /// The text of a place, as verification would read it.
    pub(super) fn text(
        &self,
        scheme: &Scheme,
        source: &Source,
    ) -> Result<Option<String>, SignError> {
        let body = self.body.clone().into();
        let plan = Family::plan(scheme);
        let view = View::new(&self.head, Some(&body), &plan, None);
        let found = Place::new(&self.prefix, source)?.read(None, &view);
        let found = found.map_err(|_| SignError::new("a text of the message cannot be read"))?;
        Ok(found.and_then(|found| String::from_utf8(found.text.into_owned()).ok()))
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

    /// The form with this text in the JSON document that stands in it.
    fn with_wrapped_member(&self, pointer: &str, text: &str) -> Option<Vec<u8>> {
        let wrapped = self.wrapped.as_ref()?;
        let (headers, body) = (&self.head.headers, Bytes::from(self.body.clone()));
        let kind = Kind::of(headers, &body);
        let field = match kind {
            Kind::Form => form_field(&body, wrapped.field()),
            Kind::Multipart => text_part(&parts(headers, &body).ok()?, wrapped.field()),
            Kind::Json | Kind::Xml | Kind::Other => return None,
        };
        let field = field.ok()??;
        let document = unwrap(field.clone().into_bytes(), wrapped).ok()?;
        let document = with_member(&document, pointer, text)?;
        let written = match wrapped {
            FormPayload::Text(_) => String::from_utf8(document).ok()?,
            FormPayload::Base64(_) => encoding::encode(Encoding::Base64, &document)?,
        };
        if kind == Kind::Form {
            return Some(with_field(&body, wrapped.field(), &written));
        }
        let body = str::from_utf8(&body).ok()?;
        Some(body.replacen(&field, &written, 1).into_bytes())
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
        place = match place {
            Value::Array(items) => items.get_mut(token.parse::<usize>().ok()?)?,
            place => place.as_object_mut()?.entry(token).or_insert(Value::Null),
        };
    }
    let number = text.parse::<u64>().ok().map(Value::from);
    *place = number.unwrap_or_else(|| text.into());
    // White space behind the document stays: it may be all that tells it from another.
    let mut written = document.to_string().into_bytes();
    written.extend_from_slice(body.get(body.trim_ascii_end().len()..)?);
    Some(written)
}

/// What the parts of a content may ask of what stands beside a signature.
#[derive(Clone, Copy)]
pub(super) enum Beside<'a> {
    /// A signature text whose signature is still to be made.
    Signature(&'a str),
    /// A token with this header.
    Token(&'a Members),
}

/// The URL that is signed: that of the keyring, else that of the message.
pub(super) fn signed_url(keyring: Option<&Keyring>, uri: &Uri, headers: &HeaderMap) -> String {
    let given = keyring
        .and_then(|keyring| keyring.param(Param::PublicUrl))
        .and_then(|url| str::from_utf8(url.expose()).ok());
    given.map_or_else(
        || url::received(uri, headers),
        |url| url::with_query(url, uri.query()),
    )
}
