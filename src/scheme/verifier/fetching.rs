//! Keys that are fetched before a request can be verified.

use std::time::Duration;

use super::{SchemeVerifier, topic};
use crate::{
    error::{ConfigError, Rejection},
    scheme::{KeyQuery, Proof, Unverified, head::Family, jws, keys::FetchedKeys},
    secret::Keyring,
};

impl SchemeVerifier {
    /// The same verifier with keys that were fetched, and the parameters of its own keyring.
    pub(crate) fn with_fetched(&self, keys: &FetchedKeys) -> Self {
        self.with_keys(self.keys.with_fetched(keys))
    }

    /// Makes keys ready that were fetched; those of other kinds than the scheme's are left aside.
    pub(crate) fn fetched(&self, keyring: &Keyring) -> Result<FetchedKeys, ConfigError> {
        FetchedKeys::new(&self.scheme, keyring)
    }

    /// What has to be fetched before the request can be verified; `None` where nothing has to be. Nothing of the request is
    /// believed yet but that what it names is on the scheme's list.
    pub(crate) fn key_query(
        &self,
        request: &Unverified<'_>,
    ) -> Result<Option<KeyQuery>, Rejection> {
        let ring = self.keys.current();
        if self.scheme.discovery.is_none() || !ring.keys.is_empty() {
            return Ok(None);
        }
        if let Proof::Jws(token) = &self.scheme.proof {
            let name = jws::key_name(self, token, request)?;
            return KeyQuery::new(&self.scheme, &ring, None, name.as_deref()).map(Some);
        }
        let view = &self.view(request);
        let (family, text) = Family::find(&self.families, &self.scheme.grammar, view)?;
        let topic = topic(family, &ring, view)?;
        let id = family.key_id(&self.scheme, &text, view)?;
        KeyQuery::new(&self.scheme, &ring, topic, id.as_deref()).map(Some)
    }

    /// How much longer fetched keys count while their source fails.
    pub(crate) fn stale_keys(&self) -> Duration {
        let discovery = self.scheme.discovery.as_ref();
        discovery.map_or(Duration::ZERO, |discovery| discovery.stale)
    }
}
