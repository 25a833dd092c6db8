//! A secret that a URL challenge brings.

use std::sync::{Arc, PoisonError, atomic::Ordering};

use super::{Key, Keys};
use crate::{
    error::ConfigError,
    secret::{Keyring, Secret},
};

/// Gives the chance back on drop.
pub(crate) struct Learning(pub(super) Keys);

impl Learning {
    /// Makes this secret the key, beside the parameters there are.
    pub(crate) fn finish(self, secret: &Secret) -> Result<(), ConfigError> {
        let keys = &self.0;
        let keyring = Keyring::new(secret.clone());
        let ready = keyring.keys().iter().enumerate();
        let ready = ready.map(|(position, key)| Key::all(&keys.scheme, key, position, false));
        let ready: Vec<Vec<Key>> = ready.collect::<Result<_, _>>()?;
        let mut current = keys.current.write().unwrap_or_else(PoisonError::into_inner);
        // Its owner may have put keys there meanwhile; those count.
        if current.keys.is_empty() {
            let keyring = Keyring::clone(&current.keyring).and("current", secret.clone());
            let keys = ready.into_iter().flatten().collect();
            *current = Arc::new(current.with_keys(keys, Arc::new(keyring)));
        }
        Ok(())
    }
}

impl Drop for Learning {
    fn drop(&mut self) {
        self.0.learning.store(false, Ordering::Release);
    }
}
