//! The sender's half of a key.

use std::fmt;

#[cfg(feature = "asymmetric")]
use super::key_pair::Pair;
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
}

impl SigningKey {
    /// A key for this method: a fixed secret, or a new pair.
    pub(super) fn for_method(method: &Method) -> Self {
        #[cfg(feature = "asymmetric")]
        if let Some(pair) = Pair::generate(method, 0) {
            return Self::Pair(std::sync::Arc::new(pair));
        }
        Self::Secret(Keyring::new(secret_for(
            method,
            "0123456789abcdef0123456789abcdef",
        )))
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
            Self::Pair(_) => {
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
        }
    }

    /// The text that nobody but sender and receiver may see.
    pub(super) fn secret(&self) -> Option<&[u8]> {
        match self {
            Self::Secret(keyring) => keyring.keys().first().map(|key| key.secret().expose()),
            #[cfg(feature = "asymmetric")]
            Self::Pair(_) => None,
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
                let message = message.clone().with_params(keyring).with_key_id(name);
                scheme.sign_with(&pair.tag, &|content| pair.sign(content), &message)
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
