//! [`KeyQuery`]: what is asked for the key of one request.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

use super::{
    KeyAccess, KeyDocument, KeyMember, KeyPlace, Scheme,
    discovery::{Topic, filled, is_id, known},
    keys::Ring,
    refusal::malformed,
};
use crate::{
    error::Rejection,
    secret::{Param, Secret},
};

/// What is asked for the key that a request names: a URL that the scheme's [`Discovery`](crate::Discovery) allows. Prints
/// no credential.
#[derive(Clone)]
pub struct KeyQuery {
    scheme: Arc<Scheme>,
    url: Box<str>,
    id: Box<str>,
    bearer: Option<Secret>,
    body: Option<Secret>,
}

impl KeyQuery {
    pub(super) fn new(
        scheme: &Arc<Scheme>,
        ring: &Ring,
        topic: Option<&Topic>,
        id: Option<&[u8]>,
    ) -> Result<Self, Rejection> {
        let unusable = || malformed("the request names its key by what is no name of one");
        let discovery = scheme.discovery.as_ref().ok_or_else(unusable)?;
        let id = str::from_utf8(id.unwrap_or(ANY)).map_err(|_| unusable())?;
        let known = |name: &str| known(name, topic, ring);
        let url = match &discovery.place {
            KeyPlace::Named(_) => {
                discovery.allows(id.as_bytes(), topic, ring)?;
                Some(id.to_owned())
            }
            KeyPlace::Fixed(url) => filled(url, "", &known).filter(|_| is_id(id)),
            KeyPlace::PerKey(url) => filled(url, id, &known),
        };
        let token = matches!(discovery.access, KeyAccess::Bearer);
        let token = token.then(|| ring.param(Param::AccessToken).cloned());
        let body = match &discovery.access {
            KeyAccess::Post(members) => Some(body(members, id, ring).ok_or_else(unusable)?),
            KeyAccess::Open | KeyAccess::Bearer => None,
        };
        Ok(Self {
            url: url.ok_or_else(unusable)?.into(),
            id: id.into(),
            bearer: token.flatten(),
            body,
            scheme: Arc::clone(scheme),
        })
    }

    /// The URL to ask.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name of the key, as the request has it; `current` where requests do not name their key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the URL answers.
    #[must_use]
    pub fn document(&self) -> &KeyDocument {
        let discovery = self.scheme.discovery.as_ref();
        discovery.map_or(&KeyDocument::Jwks, |discovery| &discovery.document)
    }

    /// The token to ask with, as a bearer token.
    #[must_use]
    pub const fn bearer(&self) -> Option<&Secret> {
        self.bearer.as_ref()
    }

    /// The JSON to ask with, by POST. It may hold credentials.
    #[must_use]
    pub fn body(&self) -> Option<Secret> {
        self.body.clone()
    }

    /// What tells this question from others: the URL, and where it is asked for one key alone the key's name.
    pub(crate) fn scope(&self) -> String {
        match &self.body {
            Some(_) => format!("{} {}", self.url, self.id),
            None => self.url.to_string(),
        }
    }

    /// Whether anybody may ask.
    pub(crate) const fn is_open(&self) -> bool {
        self.bearer.is_none() && self.body.is_none()
    }
}

impl fmt::Debug for KeyQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyQuery")
            .field("sender", &self.scheme.name)
            .field("url", &self.url)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn body(
    members: &[(std::borrow::Cow<'static, str>, KeyMember)],
    id: &str,
    ring: &Ring,
) -> Option<Secret> {
    let mut object = Map::new();
    for (name, member) in members {
        let text = match member {
            KeyMember::KeyId => id,
            KeyMember::Param(param) => str::from_utf8(ring.param(*param)?.expose()).ok()?,
        };
        object.insert(name.to_string(), text.into());
    }
    Some(Value::Object(object).to_string().into())
}

/// What the one key is called where requests do not name it.
const ANY: &[u8] = b"current";
