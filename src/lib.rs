//! hooklatch
#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod delivery;
mod envelope;
mod error;
mod key;
pub mod metric;
mod origin;
mod profile;
mod secret;
mod source;

pub use self::{
    clock::{Clock, SystemClock},
    delivery::{Coverage, Delivery, SignedTime, Verified},
    error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind},
    key::Key,
    profile::{OnClientError, Profile, Repeats},
    secret::{Keyring, NamedKey, Param, Secret},
    source::{Items, Source, TypePart, When},
};
