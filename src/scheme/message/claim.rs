//! What one signature says of itself, and whether that satisfies the policy.

use time::OffsetDateTime;

use super::{
    CONTENT_DIGEST, Component, Target,
    structured::{Bare, Inner, Item, Member},
};
use crate::{
    delivery::{MAX_ID, SignedTime},
    error::{Rejection, RejectionKind},
    scheme::{
        MessageSignature, Part, Scheme,
        ascii::is_graphic,
        keys::{Key, Ring},
        refusal::{malformed, missing},
    },
    source::Source,
};

/// One signature, read and not yet looked at.
pub(super) struct Parsed<'a> {
    pub(super) label: &'a str,
    pub(super) inner: Inner<'a>,
    pub(super) signature: &'a str,
}

/// A signature of the label and tag that count, its components and parameters being such as a request can have.
pub(super) struct Claim<'a> {
    pub(super) inner: &'a Inner<'a>,
    pub(super) components: Vec<Component<'a>>,
    pub(super) signature: &'a str,
    pub(super) alg: Option<&'a str>,
    keyid: Option<&'a str>,
    nonce: Option<&'a str>,
    created: Option<i64>,
    expires: Option<i64>,
}

impl<'a> Parsed<'a> {
    pub(super) fn new(
        label: &'a str,
        input: Member<'a>,
        signature: Member<'a>,
    ) -> Result<Self, &'static str> {
        match (input, signature) {
            (
                Member::Inner(inner),
                Member::Item(Item {
                    value: Bare::Bytes(signature),
                    params,
                }),
            ) if params.0.is_empty() => Ok(Self {
                label,
                inner,
                signature,
            }),
            _ => Err("a signature is not a list of components and a sequence of bytes"),
        }
    }

    pub(super) fn claim(&'a self, policy: &MessageSignature) -> Result<Claim<'a>, Rejection> {
        let text = |name| match self.inner.params.get(name) {
            None => Ok(None),
            Some(Bare::String(text)) => Ok(Some(&**text)),
            Some(_) => Err(malformed(
                "a parameter of the signature that is a string is none",
            )),
        };
        let moment = |name| match self.inner.params.get(name) {
            None => Ok(None),
            Some(Bare::Integer(seconds)) => Ok(Some(*seconds)),
            Some(_) => Err(malformed(
                "a moment of the signature is no whole number of seconds",
            )),
        };
        if policy
            .label
            .as_deref()
            .is_some_and(|label| label != self.label)
        {
            return Err(missing("no signature has the label that counts"));
        }
        let tag = text("tag")?;
        if policy.tag.is_some() && policy.tag.as_deref() != tag {
            return Err(missing("no signature has the tag that counts"));
        }
        let components = self
            .inner
            .items
            .iter()
            .map(Component::of)
            .collect::<Result<Vec<_>, _>>();
        let components = components.map_err(malformed)?;
        let mut before = components.iter().enumerate();
        if before.any(|(at, component)| components.iter().take(at).any(|other| other == component))
        {
            return Err(malformed("a component is covered twice"));
        }
        Ok(Claim {
            components,
            inner: &self.inner,
            signature: self.signature,
            alg: text("alg")?,
            keyid: text("keyid")?,
            nonce: text("nonce")?,
            created: moment("created")?,
            expires: moment("expires")?,
        })
    }
}

impl Claim<'_> {
    /// Whether all of a header is covered.
    pub(super) fn covers(&self, header: &str) -> bool {
        self.components
            .iter()
            .any(|component| component.is_header(header))
    }

    /// Whether everything is covered that has to be. Without a URL and body, what depends on these is left for later.
    pub(super) fn check_shape(
        &self,
        scheme: &Scheme,
        message: Option<(&Target, &[u8])>,
    ) -> Result<(), Rejection> {
        if self.components.is_empty() {
            return Err(malformed("the signature covers no component"));
        }
        let has = |component: Component<'_>| self.components.contains(&component);
        let has_query = message.is_some_and(|(target, _)| target.has_query());
        let has_body = message.is_some_and(|(_, body)| !body.is_empty());
        let path = has(Component::RequestTarget)
            || (has(Component::Path) && (has(Component::Query) || !has_query));
        for part in &*scheme.content {
            let (is_covered, what) = match part {
                Part::Method => (has(Component::Method), "@method"),
                Part::Url => (
                    has(Component::TargetUri) || (has(Component::Authority) && path),
                    "@target-uri, nor @authority with @path and @query",
                ),
                Part::Path => (
                    has(Component::TargetUri) || path,
                    "@path and @query, nor @target-uri",
                ),
                Part::Body => (
                    !has_body || self.covers(CONTENT_DIGEST.as_str()),
                    "content-digest, and there is a body",
                ),
                Part::Header(name) => (self.covers(name), &**name),
                Part::Timestamp => (self.created.is_some(), "created"),
                Part::Id => (!reads_nonce(scheme) || self.nonce.is_some(), "nonce"),
                // No part of a message: the check of the scheme refuses them.
                _ => (false, "what the scheme says"),
            };
            if !is_covered {
                return Err(Rejection::new(
                    RejectionKind::SignatureMalformed,
                    format!("the signature does not cover {what}"),
                ));
            }
        }
        self.timestamp(scheme)?;
        self.id(scheme)?;
        Ok(())
    }

    /// Whether a key that this signature may be of is there, and of the algorithm it tells.
    pub(super) fn check_key(&self, scheme: &Scheme, ring: &Ring) -> Result<(), Rejection> {
        let mut keys = ring.keys.iter().filter(|key| self.is_of(key)).peekable();
        let mismatch = |what| Err(Rejection::new(RejectionKind::SignatureMismatch, what));
        if keys.peek().is_none() {
            return mismatch("the keyid is the name of no key in the keyring");
        }
        let agrees = |key: &Key| {
            let method = scheme.methods.get(key.method);
            self.alg
                .is_none_or(|alg| method.is_some_and(|method| method.tag == alg))
        };
        if keys.any(agrees) {
            Ok(())
        } else {
            mismatch("the alg is not that of the key")
        }
    }

    /// Whether the signature has run out by now.
    pub(super) fn has_run_out(&self, now: OffsetDateTime) -> bool {
        let is_past = |expires: i64| expires < now.unix_timestamp();
        self.expires.is_some_and(is_past)
    }

    /// Whether the signature counts now.
    pub(super) fn check_time(&self, now: OffsetDateTime) -> Result<(), Rejection> {
        let times = self.created.zip(self.expires);
        if times.is_some_and(|(created, expires)| expires < created) {
            return Err(malformed("the signature runs out before it was made"));
        }
        if self.has_run_out(now) {
            return Err(Rejection::new(
                RejectionKind::Stale,
                "the signature has run out",
            ));
        }
        Ok(())
    }

    /// Whether the signature may be of this key.
    pub(super) fn is_of(&self, key: &Key) -> bool {
        self.keyid.is_none_or(|keyid| *keyid == *key.public_id())
    }

    pub(super) fn timestamp(&self, scheme: &Scheme) -> Result<Option<SignedTime>, Rejection> {
        let Some(timestamp) = &scheme.timestamp else {
            return Ok(None);
        };
        let created = self
            .created
            .ok_or_else(|| missing("the signature does not say when it was created"))?;
        let read = timestamp.read(created.to_string().as_bytes(), &scheme.profile);
        read.map(Some)
            .ok_or_else(|| malformed("created is no moment"))
    }

    /// The nonce, where the scheme takes it for the id.
    pub(super) fn id(&self, scheme: &Scheme) -> Result<Option<String>, Rejection> {
        let Some(nonce) = self.nonce.filter(|_| reads_nonce(scheme)) else {
            return Ok(None);
        };
        if !(1..=MAX_ID).contains(&nonce.len()) || !is_graphic(nonce.as_bytes()) {
            return Err(malformed(
                "the nonce is empty, too long or not visible ASCII",
            ));
        }
        Ok(Some(nonce.to_owned()))
    }
}

fn reads_nonce(scheme: &Scheme) -> bool {
    matches!(&scheme.id, Some(Source::Field(name)) if name == NONCE)
}

/// The parameter that may be an event's id.
pub(in crate::scheme) const NONCE: &str = "nonce";
