//! [`Witness`]: follows a request until it is known whether it is refused.

use axum::{extract::OriginalUri, response::Response};
use bytes::Bytes;
use http::{Extensions, Method, Request, Uri, request::Parts};
use time::OffsetDateTime;

use super::{Refusals, asked::Asked, refused::Refused};
use crate::{
    error::{Rejection, RejectionKind},
    scheme::{Keys, Unverified},
};

/// What is known of a request by the time it is refused.
pub(crate) struct Witness {
    refusals: Refusals,
    asked: Asked,
    body_bytes: Option<usize>,
    evidence: Option<Evidence>,
}

/// What a refusal is explained by: the request as it was verified, and the keys.
pub(super) struct Evidence {
    pub(super) head: Parts,
    pub(super) body: Bytes,
    pub(super) url: Option<String>,
    pub(super) now: OffsetDateTime,
    /// `None`: the verifier is not ours.
    pub(super) keys: Option<Keys>,
}

impl Witness {
    pub(crate) fn new(
        refusals: &Refusals,
        method: &Method,
        uri: &Uri,
        extensions: &Extensions,
    ) -> Self {
        Self {
            refusals: refusals.clone(),
            asked: Asked::new(method, uri, extensions),
            body_bytes: None,
            evidence: None,
        }
    }

    /// Whether a refusal of this kind is explained, for which all of the request must be read.
    pub(crate) fn explains(&self, kind: RejectionKind) -> bool {
        self.refusals.explains() && is_of_signature(kind)
    }

    /// The request was read, and is verified by these keys.
    pub(crate) fn read(&mut self, request: &Unverified<'_>, keys: impl FnOnce() -> Option<Keys>) {
        self.body_bytes = Some(request.body.len());
        if self.refusals.explains() {
            self.evidence = Some(Evidence {
                head: bare(request.head),
                body: request.body.clone(),
                url: request.url.map(str::to_owned),
                now: request.now,
                keys: keys(),
            });
        }
    }

    /// The request was answered: records it if it was refused and nobody did so before.
    pub(crate) fn answered(self, response: &mut Response, at: OffsetDateTime) {
        let extensions = response.extensions();
        let Some(rejection) = extensions.get::<Rejection>() else {
            return;
        };
        if extensions.get::<Recorded>().is_some() {
            return;
        }
        let status = response.status();
        let refused = Refused::new(rejection, status, at, &self.asked, self.body_bytes);
        let evidence = self.evidence.filter(|_| is_of_signature(refused.kind));
        self.refusals.record(refused, evidence);
        response.extensions_mut().insert(Recorded);
    }
}

/// Marks the answer of a refusal that was recorded: several layers see it. No part of what is sent.
#[derive(Clone)]
struct Recorded;

/// Whether the signature, its timestamp or the keys are at fault.
const fn is_of_signature(kind: RejectionKind) -> bool {
    matches!(
        kind,
        RejectionKind::KeysUnavailable
            | RejectionKind::SignatureMalformed
            | RejectionKind::SignatureMismatch
            | RejectionKind::SignatureMissing
            | RejectionKind::Stale
    )
}

/// The head without what others hung on to it, as a permit.
fn bare(head: &Parts) -> Parts {
    let mut bare = Request::new(()).into_parts().0;
    bare.method.clone_from(&head.method);
    bare.uri.clone_from(&head.uri);
    bare.version = head.version;
    bare.headers.clone_from(&head.headers);
    if let Some(original) = head.extensions.get::<OriginalUri>() {
        bare.extensions.insert(original.clone());
    }
    bare
}

impl Evidence {
    /// Its size in memory, in bytes.
    pub(super) fn size(&self) -> usize {
        let headers = self.head.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len().saturating_add(value.len()));
        headers.fold(self.body.len(), usize::saturating_add)
    }

    pub(super) fn request(&self) -> Unverified<'_> {
        Unverified {
            url: self.url.as_deref(),
            ..Unverified::new(&self.head, &self.body, self.now)
        }
    }
}
