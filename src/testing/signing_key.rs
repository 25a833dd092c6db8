//! The sender's half of a key.

use std::fmt;

#[cfg(feature = "asymmetric")]
use super::{chain::Certified, key_pair::Pair};
#[cfg(feature = "asymmetric")]
use crate::{
    error::{ConfigError, ConfigErrorKind},
    scheme::{Jws, Proof},
};
use crate::{
    scheme::{Method, Scheme, SignError, Signable, Signed},
    secret::Keyring,
};

/// What a test sender signs with.
#[derive(Clone)]
pub(super) enum SigningKey {
    /// A secret both sides know.
    Secret(Keyring),
    /// A key pair of the sender.
    #[cfg(feature = "asymmetric")]
    Pair(std::sync::Arc<Pair>),
    /// A key whose certificates its tokens present; the receiver has their root.
    #[cfg(feature = "asymmetric")]
    Certified(std::sync::Arc<Certified>),
}

impl SigningKey {
    /// A key for the first method of a scheme: a fixed secret, or a new pair.
    pub(super) fn for_scheme(scheme: &Scheme) -> Self {
        #[cfg(feature = "asymmetric")]
        if let Proof::Jws(Jws {
            chain: Some(chain), ..
        }) = &scheme.proof
        {
            return Self::Certified(std::sync::Arc::new(Certified::generate(chain)));
        }
        let method = scheme.methods.first().expect("the scheme has a method");
        Self::for_method(method)
    }

    fn for_method(method: &Method) -> Self {
        #[cfg(feature = "asymmetric")]
        if let Some(pair) = Pair::generate(method, 0) {
            return Self::Pair(std::sync::Arc::new(pair));
        }
        Self::Secret(Keyring::new(secret_for(
            method,
            "0123456789abcdef0123456789abcdef",
        )))
    }

    /// The pair of a private key in PEM, for the first method of a scheme whose keys are of its kind.
    #[cfg(feature = "asymmetric")]
    pub(super) fn of_private_key(scheme: &Scheme, pem: &[u8]) -> Result<Self, ConfigError> {
        let fault = |what| ConfigError::new(ConfigErrorKind::Key, format!("the key {what}"));
        let der = crate::scheme::private_key(pem).map_err(fault)?;
        let mut methods = scheme.methods.iter();
        let pair = methods.find_map(|method| Pair::load(method, &der));
        let pair = pair.ok_or_else(|| fault("is of a kind that this sender does not sign with"))?;
        Ok(Self::Pair(std::sync::Arc::new(pair)))
    }

    /// Another key of the same kind.
    pub(super) fn other(&self, scheme: &Scheme) -> Self {
        let method = scheme.methods.first().expect("the scheme has a method");
        match self {
            Self::Secret(_) => Self::Secret(Keyring::new(secret_for(
                method,
                "ffffffffffffffffffffffffffffffff",
            ))),
            #[cfg(feature = "asymmetric")]
            Self::Certified(_) => Self::for_scheme(scheme),
            #[cfg(feature = "asymmetric")]
            Self::Pair(pair) => {
                let mut methods = scheme.methods.iter();
                let method = methods
                    .find(|method| method.tag == *pair.tag)
                    .unwrap_or(method);
                let pair = Pair::generate(method, 1).expect("a pair of the same kind");
                Self::Pair(std::sync::Arc::new(pair))
            }
        }
    }

    pub(super) fn keyring(&self) -> Keyring {
        match self {
            Self::Secret(keyring) => keyring.clone(),
            #[cfg(feature = "asymmetric")]
            Self::Pair(pair) => Keyring::new(pair.public_key.clone()),
            #[cfg(feature = "asymmetric")]
            Self::Certified(certified) => Keyring::new(certified.root()),
        }
    }

    /// The text that nobody but sender and receiver may see.
    pub(super) fn secret(&self) -> Option<&[u8]> {
        match self {
            Self::Secret(keyring) => keyring.keys().first().map(|key| key.secret().expose()),
            #[cfg(feature = "asymmetric")]
            Self::Pair(_) | Self::Certified(_) => None,
        }
    }

    /// Signs with this key, and with the parameters of the keyring.
    pub(super) fn sign(
        &self,
        scheme: &Scheme,
        keyring: &Keyring,
        message: &Signable<'_>,
    ) -> Result<Signed, SignError> {
        match self {
            Self::Secret(_) => scheme.sign(keyring, message),
            #[cfg(feature = "asymmetric")]
            Self::Pair(pair) => {
                let name = keyring.keys().first().map_or("", |key| key.name());
                let message = message.clone().with_key_id(name).with_keyring(keyring);
                scheme.sign_with(&pair.tag, &|content| pair.sign(content), &message)
            }
            #[cfg(feature = "asymmetric")]
            Self::Certified(certified) => {
                let tag = scheme.methods.first().map_or("", |method| &method.tag);
                let message = message.clone().with_keyring(keyring);
                let message = message.with_chain(&certified.certificates);
                scheme.sign_with(tag, &|content| certified.sign(content), &message)
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

/// A secret as this method's sender would show it. The text is hexadecimal, and so also base64 of another secret.
fn secret_for(method: &Method, text: &str) -> String {
    let user = if method.tag.eq_ignore_ascii_case("basic ") {
        "user:"
    } else {
        ""
    };
    let id = method
        .key
        .id_before
        .map(|separator| format!("public{separator}"));
    format!(
        "{}{user}{}{text}",
        method.key.prefix,
        id.unwrap_or_default()
    )
}
