// In the repository the README's links to the guide are files, here they are pages: what is said first counts.
#![doc = "[senders]: crate::guide::senders"]
#![doc = "[secrets]: crate::guide::secrets"]
#![doc = "[replies]: crate::guide::replies"]
#![doc = "[dedup]: crate::guide::dedup"]
#![doc = "[testing]: crate::guide::testing"]
#![doc = "[proxy]: crate::guide::proxy"]
#![doc = "[tenants]: crate::guide::tenants"]
#![doc = "[threats]: crate::guide::threats"]
#![doc = ""]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod clock;
mod delivery;
mod drain;
mod envelope;
mod error;
#[cfg(any(doc, doctest))]
pub mod guide;
mod hooks;
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
}

pub use self::{
    clock::{Clock, SystemClock},
    delivery::{Coverage, Delivery, SignedTime, Verified},
    error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind},
    hooks::Hooks,
    key::Key,
    layer::{AdmitLayer, DedupLayer, FreshnessLayer, HandshakeLayer, ReplayLayer, VerifyLayer},
    profile::{OnClientError, Profile, Repeats},
    public_url::PublicUrl,
    receiver::{Receive, Receiver},
    router::{Ack, Batch, Event, EventRouter, EventType, RawEvent, Reply},
    scheme::{
        Algorithm, AnswerPart, BodyDigest, ChallengeAnswer, Condition, Derivation, Encoding,
        Grammar, Handshake, KeyFormat, Keys, Method, Names, Part, Scheme, SchemeVerifier,
        SignError, Signable, Signed, TimeFormat, Timestamp, Unverified, Verifier,
    },
    secret::{Keyring, NamedKey, Param, Secret},
    serve::{ServeError, ServeErrorKind, Server, serve},
    source::{Items, Source, TypePart, When},
    store::{Claims, MemoryStore},
};

#[cfg(feature = "tenants")]
#[cfg_attr(docsrs, doc(cfg(feature = "tenants")))]
pub use self::tenant::{TenantError, TenantFuture, TenantKeys, TenantResolver, Tenants};
