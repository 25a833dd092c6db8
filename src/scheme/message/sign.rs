//! Signs a message as RFC 9421 says.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    CONTENT_DIGEST, MessageSignature, Part, SIGNATURE_INPUT, Scheme,
    claim::NONCE,
    component::{Component, Message},
    digest::content_digest,
    structured::{Bare, Inner, Item, Params},
    target::Target,
};
use crate::{
    scheme::{
        algorithm::Feed,
        sign::{SignError, Signable, Signed},
    },
    source::Source,
};

/// The headers of a signature over all that the scheme wants covered.
pub(in crate::scheme) fn sign(
    scheme: &Scheme,
    policy: &MessageSignature,
    message: &Signable<'_>,
    url: &str,
    key: &str,
    make: &dyn Fn(Feed<'_>) -> Option<String>,
) -> Result<Signed, SignError> {
    let mut headers: HeaderMap = message.headers.clone().into_owned();
    let mut put = Vec::new();
    if scheme.content.contains(&Part::Body) {
        let digest = header_value(&content_digest(message.body))?;
        headers.insert(CONTENT_DIGEST, digest.clone());
        put.push((CONTENT_DIGEST, digest));
    }
    if let (Some(Source::Header(name)), Some(id)) = (&scheme.id, message.id) {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| SignError::new("the id has no header name"))?;
        headers.insert(name.clone(), header_value(id)?);
        put.push((name, header_value(id)?));
    }
    let items: Vec<Item<'_>> = scheme
        .content
        .iter()
        .flat_map(|part| names(part))
        .map(|name| Item {
            value: Bare::String(name.to_ascii_lowercase().into()),
            params: Params::default(),
        })
        .collect();
    let inner = Inner {
        params: params(scheme, policy, message, key)?,
        items,
    };
    let target = Target::new(url).ok_or(SignError::new("the URL is none that can be signed"))?;
    let signed = Message {
        method: &message.method,
        target: &target,
        headers: &headers,
    };
    let components = inner
        .items
        .iter()
        .map(Component::of)
        .collect::<Result<Vec<_>, _>>();
    let components = components.map_err(SignError::new)?;
    let base = super::base(&components, &inner, &signed).map_err(SignError::new)?;
    let signature =
        make(&|sink| sink(&base)).ok_or(SignError::new("the signature cannot be written"))?;
    let label = policy.label.as_deref().unwrap_or(LABEL);
    let mut input = format!("{label}=");
    inner.write(&mut input);
    let name = scheme
        .signature_header()
        .ok_or(SignError::new("the signature has no header"))?;
    let mut headers = vec![
        (name, header_value(&format!("{label}=:{signature}:"))?),
        (SIGNATURE_INPUT, header_value(&input)?),
    ];
    headers.append(&mut put);
    Ok(Signed {
        headers,
        body: None,
        url: None,
    })
}

/// The components that stand for a part of the content.
fn names(part: &Part) -> Vec<&str> {
    match part {
        Part::Method => vec!["@method"],
        Part::Url => vec!["@target-uri"],
        Part::Path => vec!["@path", "@query"],
        Part::Header(name) => vec![&**name],
        Part::Body => vec![CONTENT_DIGEST_NAME],
        _ => vec![],
    }
}

fn params<'a>(
    scheme: &Scheme,
    policy: &'a MessageSignature,
    message: &Signable<'a>,
    key: &'a str,
) -> Result<Params<'a>, SignError> {
    let mut params = Vec::new();
    if scheme.timestamp.is_some() {
        let moment = message
            .timestamp
            .ok_or(SignError::new("the scheme signs a timestamp: give one"))?;
        params.push(("created", Bare::Integer(moment.unix_timestamp())));
    }
    let nonce = message
        .id
        .filter(|_| matches!(&scheme.id, Some(Source::Field(name)) if name == NONCE));
    let texts = [
        ("keyid", Some(key)),
        (NONCE, nonce),
        ("tag", policy.tag.as_deref()),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            params.push((name, Bare::String(text.into())));
        }
    }
    Ok(Params(params))
}

fn header_value(text: &str) -> Result<HeaderValue, SignError> {
    let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii());
    value.ok_or(SignError::new("the signature cannot be sent in a header"))
}

const LABEL: &str = "sig1";
const CONTENT_DIGEST_NAME: &str = "content-digest";
