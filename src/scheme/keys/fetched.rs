//! Keys that a sender publishes.

use std::sync::{Arc, RwLock};

use super::{Key, Keys};
use crate::{error::ConfigError, scheme::Scheme, secret::Keyring};

/// Keys that were fetched, made ready. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct FetchedKeys {
    keys: Arc<[Key]>,
    /// Whether requests do not name their key.
    is_any: bool,
}

impl FetchedKeys {
    /// Those of the keys that the scheme can use.
    pub(in crate::scheme) fn new(scheme: &Scheme, keyring: &Keyring) -> Result<Self, ConfigError> {
        let all = keyring.keys().iter();
        let (able, unable): (Vec<_>, Vec<_>) = all
            .enumerate()
            .map(|(position, key)| Key::all(scheme, key, position, false))
            .partition(Result::is_ok);
        if let (true, Some(Err(reason))) = (able.is_empty(), unable.into_iter().next()) {
            return Err(reason);
        }
        Ok(Self {
            keys: able.into_iter().flatten().flatten().collect(),
            is_any: scheme.key_id.is_none(),
        })
    }

    /// Whether the key that a request names is here.
    pub(crate) fn has(&self, id: &str) -> bool {
        let is_named = |key: &Key| self.is_any || *key.name == *id;
        self.keys.iter().any(is_named)
    }
}

impl Keys {
    /// These keys, and the parameters of the current ones.
    pub(in crate::scheme) fn with_fetched(&self, fetched: &FetchedKeys) -> Self {
        let current = self.current();
        let ring = current.with_keys(Arc::clone(&fetched.keys), Arc::clone(&current.keyring));
        Self {
            scheme: Arc::clone(&self.scheme),
            current: Arc::new(RwLock::new(Arc::new(ring))),
            learning: Arc::default(),
        }
    }
}
