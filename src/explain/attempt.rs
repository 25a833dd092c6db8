//! [`Attempt`]: a request, and what it is verified by; each of these may be changed.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::request::Parts;
use time::OffsetDateTime;

use crate::{
    delivery::Verified,
    scheme::{Method, Scheme, SchemeVerifier, Unverified, Verifier as _},
    secret::{Keyring, NamedKey, Param, Secret},
};

use super::{body::MOST_JSON, document::Document, mistake::Mistake, refusal::Refusal};

/// A request and what it is verified by. Cheap to clone but for the keyring.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) scheme: Arc<Scheme>,
    pub(super) keyring: Keyring,
    pub(super) head: Arc<Parts>,
    pub(super) body: Bytes,
    /// The body as JSON, which is read at most once.
    pub(super) document: Arc<OnceLock<Option<Document>>>,
    /// The URL by which the sender knows the endpoint, where the receiver's policy tells.
    pub(super) url: Option<String>,
    pub(super) now: OffsetDateTime,
}

/// An attempt with a mistake undone.
pub(super) struct Variant {
    pub(super) attempt: Attempt,
    pub(super) mistake: Mistake,
    /// What exactly was undone: it completes the sentence "The signature matches …".
    pub(super) detail: String,
}

impl Attempt {
    pub(super) fn new(scheme: &Scheme, keyring: &Keyring, request: &Unverified<'_>) -> Self {
        Self {
            scheme: Arc::new(scheme.clone()),
            keyring: keyring.clone(),
            head: Arc::new(request.head.clone()),
            body: request.body.clone(),
            document: Arc::default(),
            url: request.url.map(str::to_owned),
            now: request.now,
        }
    }

    /// What the ordinary verifier says, or why there can be none.
    pub(super) fn judge(&self) -> Result<Verified, Refusal> {
        let verifier = SchemeVerifier::new(Scheme::clone(&self.scheme), self.keyring.clone())
            .map_err(Refusal::Setup)?;
        let request = Unverified::new(&self.head, &self.body, self.now);
        let request = match &self.url {
            Some(url) => request.with_url(url),
            None => request,
        };
        verifier.check_head(&self.head).map_err(Refusal::Head)?;
        verifier.verify(&request).map_err(Refusal::Body)
    }

    pub(super) fn variant(self, mistake: Mistake, detail: impl Into<String>) -> Variant {
        Variant {
            attempt: self,
            mistake,
            detail: detail.into(),
        }
    }

    pub(super) fn with_body(&self, body: Vec<u8>) -> Self {
        Self {
            body: body.into(),
            document: Arc::default(),
            ..self.clone()
        }
    }

    pub(super) fn with_head(&self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut head = Parts::clone(&self.head);
        change(&mut head);
        Self {
            head: Arc::new(head),
            ..self.clone()
        }
    }

    pub(super) fn with_scheme(&self, change: impl FnOnce(&mut Scheme)) -> Self {
        let mut scheme = Scheme::clone(&self.scheme);
        change(&mut scheme);
        Self {
            scheme: Arc::new(scheme),
            ..self.clone()
        }
    }

    /// The scheme with each of its methods changed.
    pub(super) fn with_methods(&self, change: impl Fn(&mut Method)) -> Self {
        self.with_scheme(|scheme| scheme.methods.to_mut().iter_mut().for_each(change))
    }

    /// The keyring with each secret changed that can be; `None` where none can. Short secrets are then allowed: whether
    /// one fits is asked, not whether it is good.
    pub(super) fn with_secrets(&self, change: impl Fn(&[u8]) -> Option<Secret>) -> Option<Self> {
        let changed = |key: &NamedKey| Some((key.clone(), change(key.secret().expose())?));
        let keys: Vec<_> = self.keyring.keys().iter().filter_map(changed).collect();
        if keys.is_empty() {
            return None;
        }
        let keyring = keys.into_iter().fold(self.params_alone(), add);
        Some(Self {
            keyring,
            ..self.clone()
        })
    }

    /// The keyring with a last moment for none of its keys.
    pub(super) fn without_last_moments(&self) -> Option<Self> {
        let expired = |key: &NamedKey| key.not_after().is_some_and(|last| last < self.now);
        self.keyring.keys().iter().any(expired).then(|| Self {
            keyring: self
                .keyring
                .keys()
                .iter()
                .fold(self.params_alone(), |keyring, key| {
                    keyring.and(key.name().to_owned(), key.secret().clone())
                }),
            ..self.clone()
        })
    }

    pub(super) fn with_param(&self, param: Param, value: &str) -> Self {
        Self {
            keyring: self.keyring.clone().with(param, value),
            ..self.clone()
        }
    }

    /// The parameters of the keyring, and no key.
    fn params_alone(&self) -> Keyring {
        let params = self.keyring.params().iter();
        params.fold(
            Keyring::empty().insecure_allow_short_secrets(),
            |keyring, (param, value)| keyring.with(*param, value.clone()),
        )
    }

    /// The body as JSON; `None` where it is none, or too large to be written again.
    pub(super) fn document(&self) -> Option<&Document> {
        let read = || {
            let fits = self.body.len() <= MOST_JSON;
            fits.then(|| Document::read(&self.body)).flatten()
        };
        self.document.get_or_init(read).as_ref()
    }

    /// The text of a request header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }
}

fn add(keyring: Keyring, (key, secret): (NamedKey, Secret)) -> Keyring {
    let name = key.name().to_owned();
    match key.not_after() {
        Some(last) => keyring.and_until(name, secret, last),
        None => keyring.and(name, secret),
    }
}
