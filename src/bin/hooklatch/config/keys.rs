//! [`KeySetting`], [`SecretSetting`] and [`TenantSetting`]: where secrets are. None of them holds one.

use std::collections::BTreeMap;

use hooklatch::{Keyring, Secret, Tenants};

use super::Fault;

/// Where one secret is.
#[derive(Clone, Debug)]
pub(crate) struct SecretSetting;

impl SecretSetting {
    /// Reads it anew.
    ///
    /// # Errors
    /// The variable is not set, the file cannot be read, or what is there is empty.
    pub(crate) fn secret(&self) -> Result<Secret, Fault> {
        let _ = self;
        Err(Fault::of_file("".as_ref(), "cannot be read yet"))
    }
}

/// Where the keys and parameters of a source are.
#[derive(Clone, Debug)]
pub(crate) struct KeySetting;

impl KeySetting {
    /// Reads them anew, so that whoever changed a file or rolled a secret has it counted.
    ///
    /// # Errors
    /// A variable is not set, a file cannot be read, or what is there is empty.
    pub(crate) fn keyring(&self) -> Result<Keyring, Fault> {
        let _ = self;
        Err(Fault::of_file("".as_ref(), "cannot be read yet"))
    }
}

/// Where the keys of tenants are.
#[derive(Clone, Debug)]
pub(crate) struct TenantSetting;

impl TenantSetting {
    /// For `Hooks::tenants`: reads a tenant's keys anew whenever it is asked.
    pub(crate) fn tenants(&self) -> Tenants {
        let _ = self;
        Tenants::new(BTreeMap::<String, Keyring>::new())
    }

    /// The keyrings of the tenants that the file itself names, read anew, to replace those in use at a reload.
    ///
    /// # Errors
    /// As of [`KeySetting::keyring`], of any of them.
    pub(crate) fn keyrings(&self) -> Result<BTreeMap<String, Keyring>, Fault> {
        let _ = self;
        Ok(BTreeMap::new())
    }
}
