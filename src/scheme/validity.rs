//! When a key counts and whose it is, as its certificate says.

use std::sync::Arc;

use time::OffsetDateTime;

/// What the certificate of a key says of it.
#[derive(Clone, Debug)]
pub(super) struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    names: Arc<[Box<str>]>,
}

impl Validity {
    /// The names are those of the subject alternative name, and only where it has none the common name (RFC 6125).
    #[cfg(feature = "asymmetric")]
    pub(super) fn of(certificate: &super::certificate::Certificate) -> Self {
        let names = certificate.dns_names().iter().map(|name| (**name).into());
        let mut names: Vec<Box<str>> = names.collect();
        if names.is_empty() {
            names.extend(certificate.common_name().map(Into::into));
        }
        Self {
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            names: names.into(),
        }
    }

    pub(super) fn holds_at(&self, now: OffsetDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    pub(super) fn is_of(&self, name: &str) -> bool {
        self.names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    }
}
