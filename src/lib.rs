// In the repository the README's links to the guide are files, here they are pages: what is said first counts.
#![doc = "[senders]: crate::guide::senders"]
#![doc = "[catalogue]: crate::guide::catalogue"]
#![doc = "[secrets]: crate::guide::secrets"]
#![doc = "[payloads]: crate::guide::payloads"]
#![doc = "[replies]: crate::guide::replies"]
#![doc = "[dedup]: crate::guide::dedup"]
#![doc = "[inbox]: crate::guide::inbox"]
#![doc = "[inspector]: crate::guide::inspector"]
#![doc = "[testing]: crate::guide::testing"]
#![doc = "[cli]: crate::guide::cli"]
#![doc = "[proxy]: crate::guide::proxy"]
#![doc = "[tenants]: crate::guide::tenants"]
#![doc = "[threats]: crate::guide::threats"]
#![doc = ""]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod clock;
mod cloudevents;
mod delivery;
#[cfg(feature = "discovery")]
mod discovery;
mod drain;
mod envelope;
mod error;
pub mod explain;
mod failpoint;
#[cfg(any(doc, doctest))]
pub mod guide;
mod health;
mod hooks;
#[cfg(feature = "inspector")]
#[cfg_attr(docsrs, doc(cfg(feature = "inspector")))]
pub mod inspector;
mod key;
pub mod layer;
pub mod metric;
mod origin;
mod profile;
pub mod provider;
mod public_url;
mod receiver;
pub mod router;
pub mod scheme;
mod secret;
mod serve;
mod source;
pub mod store;
mod tenant;
#[cfg(feature = "testing")]
pub mod testing;
mod worker;

/// The doors of the fuzz targets to what is private.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    /// Reads values at JSON pointers the way a delivery is read; `None` when it cannot be read.
    pub fn read_envelope(pointers: &[&str], document: &str) -> Option<Vec<Option<String>>> {
        let found = crate::envelope::Plan::new(pointers.iter().copied().map(Some))
            .read(document)
            .ok()?;
        let texts = found.iter().map(|raw| raw.map(|raw| raw.get().to_owned()));
        Some(texts.take(pointers.len()).collect())
    }

    /// Reads texts at XML paths the way a delivery is read; `None` when it cannot be read.
    #[cfg(feature = "xml")]
    pub fn read_xml(paths: &[&str], document: &str) -> Option<Vec<Option<String>>> {
        use crate::envelope::xml::{Paths, text};

        let found = crate::envelope::Plan::new(paths.iter().copied().map(Some))
            .read_xml(document, Paths::FromDocument)
            .ok()?;
        let texts = found.iter().take(paths.len());
        texts
            .map(|value| value.as_ref().map_or(Ok(None), text).ok())
            .collect()
    }

    /// The name, file name and bytes of each part of a multipart body; `None` when it cannot be read.
    #[cfg(feature = "multipart")]
    pub fn read_parts(
        content_type: &str,
        body: &[u8],
    ) -> Option<Vec<(String, Option<String>, Vec<u8>)>> {
        let body = bytes::Bytes::copy_from_slice(body);
        let content_type = http::HeaderValue::from_str(content_type).ok()?;
        let headers = http::HeaderMap::from_iter([(http::header::CONTENT_TYPE, content_type)]);
        let parts = crate::envelope::parts(&headers, &body).ok()?;
        let parts = parts.iter();
        Some(
            parts
                .map(|part| {
                    (
                        part.name.clone(),
                        part.file_name.clone(),
                        part.bytes.to_vec(),
                    )
                })
                .collect(),
        )
    }
}

#[cfg(feature = "multipart")]
pub use self::router::{Attachment, Attachments};
pub use self::{
    clock::{Clock, SystemClock},
    cloudevents::CloudEvent,
    delivery::{Coverage, Delivery, SignedTime, Verified},
    error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind},
    health::{Health, Problem},
    hooks::Hooks,
    key::Key,
    layer::{
        AdmitLayer, AnsweredChallenge, ArrivedSecret, DedupLayer, FreshnessLayer, HandshakeLayer,
        ReplayLayer, VerifyLayer,
    },
    profile::{Acknowledgement, OnClientError, Profile, Repeats},
    public_url::PublicUrl,
    receiver::{Receive, Receiver},
    router::{Ack, Batch, Covered, Event, EventRouter, EventType, RawEvent, Reply},
    scheme::{
        Algorithm, Allowed, AnswerHeader, AnswerPart, BodyDigest, Chain, ChallengeAnswer,
        Compression, Condition, Derivation, DigestHash, Discovery, Encoding, Grammar, Handshake,
        Jws, KeyAccess, KeyDocument, KeyFormat, KeyMember, KeyPlace, KeyUrl, Keys, Listed,
        ListedAs, MessageSignature, Method, Must, Names, Part, Proof, Requirement, Scheme,
        SchemeVerifier, Several, SignError, Signable, Signed, TimeFormat, Timestamp, TokenPayload,
        Unverified, Verifier,
    },
    secret::{Keyring, NamedKey, Param, Secret},
    serve::{ServeError, ServeErrorKind, Server, serve},
    source::{FormPayload, Format, Items, Source, TypePart, When},
    store::{Claims, Inbox, MemoryStore},
    worker::{Retries, Worker},
};

#[cfg(feature = "tenants")]
#[cfg_attr(docsrs, doc(cfg(feature = "tenants")))]
pub use self::tenant::{TenantError, TenantFuture, TenantKeys, TenantResolver, Tenants};

#[cfg(feature = "discovery")]
#[cfg_attr(docsrs, doc(cfg(feature = "discovery")))]
pub use self::{
    discovery::{FoundKeys, KeyError, KeyFetcher, KeyFuture, KeySource, Network, NetworkFuture},
    scheme::KeyQuery,
};
