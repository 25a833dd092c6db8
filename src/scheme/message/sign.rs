//! Signs a message as RFC 9421 says.

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
        headers::Headers,
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
    let mut headers = Headers::of(message);
    if scheme.content.contains(&Part::Body) {
        headers.put(CONTENT_DIGEST, &content_digest(message.body))?;
    }
    headers.put_id(scheme, message)?;
    let names = scheme.content.iter().flat_map(names);
    let inner = Inner {
        items: names.map(identifier).collect(),
        params: params(scheme, policy, message, key)?,
    };
    let components = inner.items.iter().map(Component::of);
    let components: Vec<_> = components
        .collect::<Result<_, _>>()
        .map_err(SignError::new)?;
    let target = Target::new(url).ok_or(SignError::new("the URL is none that can be signed"))?;
    let signed = Message {
        method: &message.method,
        target: &target,
        headers: &headers.all,
    };
    let base = super::base(&components, &inner, &signed).map_err(SignError::new)?;
    let signature =
        make(&|sink| sink(&base)).ok_or(SignError::new("the signature cannot be written"))?;
    let label = policy.label.as_deref().unwrap_or(LABEL);
    let mut input = format!("{label}=");
    inner.write(&mut input);
    headers.put(SIGNATURE_INPUT, &input)?;
    let name = scheme.signature_header();
    headers.put(
        name.ok_or(SignError::new("the signature has no header"))?,
        &format!("{label}=:{signature}:"),
    )?;
    Ok(headers.signed())
}

/// The components that stand for a part of the content.
fn names(part: &Part) -> Vec<&str> {
    match part {
        Part::Method => vec!["@method"],
        Part::Url => vec!["@target-uri"],
        Part::Path => vec!["@path", "@query"],
        Part::Header(name) => vec![&**name],
        Part::Body => vec!["content-digest"],
        _ => vec![],
    }
}

fn identifier(name: &str) -> Item<'_> {
    Item {
        value: Bare::String(name.to_ascii_lowercase().into()),
        params: Params::default(),
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
        let moment = message.timestamp;
        let moment = moment.ok_or(SignError::new("the scheme signs a timestamp: give one"))?;
        params.push(("created", Bare::Integer(moment.unix_timestamp())));
    }
    let reads_nonce = matches!(&scheme.id, Some(Source::Field(name)) if name == NONCE);
    let nonce = message.id.filter(|_| reads_nonce);
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

const LABEL: &str = "sig1";
