//! A chain of certificates that a token presents, up to a root that the keyring pins.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use time::OffsetDateTime;

use super::{Chain, Members};
use crate::{
    error::Rejection,
    scheme::{Method, algorithm::Prepared, certificate::Certificate, refusal::malformed},
};

/// The certificates of a token, which nobody vouches for yet. Of the root it presents nothing is kept.
pub(super) struct Presented {
    leaf: Certificate,
    intermediate: Certificate,
}

/// The chain of a token's header: three certificates, and those below the root marked as the sender marks them.
pub(super) fn presented(chain: &Chain, header: &Members) -> Result<Presented, Rejection> {
    let texts = header.at("/x5c").and_then(Value::as_array);
    let [leaf, intermediate, _] = texts.map(Vec::as_slice).unwrap_or_default() else {
        return Err(malformed("the token does not present three certificates"));
    };
    let (Some(leaf), Some(intermediate)) = (certificate(leaf), certificate(intermediate)) else {
        return Err(malformed("a certificate of the token cannot be read"));
    };
    let marked = leaf.has_extension(&chain.leaf)
        && intermediate.has_extension(&chain.intermediate)
        && intermediate.is_ca();
    if marked {
        Ok(Presented { leaf, intermediate })
    } else {
        Err(malformed(
            "a certificate of the token is not of the sender's kind",
        ))
    }
}

fn certificate(text: &Value) -> Option<Certificate> {
    let der = STANDARD.decode(text.as_str()?).ok()?;
    Certificate::from_der(&der).ok()
}

impl Presented {
    /// The leaf's key, if the chain ends at this root.
    pub(super) fn leaf(&self, root: &Prepared, method: &Method) -> Option<Prepared> {
        let root = root.root()?;
        let vouched =
            signed_by(&self.intermediate, root) && signed_by(&self.leaf, &self.intermediate);
        if !vouched {
            return None;
        }
        Prepared::new(method.algorithm, method.encoding, self.leaf.spki()).ok()
    }

    /// Whether all of the chain was valid at this moment.
    pub(super) fn counts_at(&self, root: &Prepared, moment: OffsetDateTime) -> bool {
        let mut all = [Some(&self.leaf), Some(&self.intermediate), root.root()].into_iter();
        all.all(|one| one.is_some_and(|one| one.counts_at(moment)))
    }
}

fn signed_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    certificate.issuer() == issuer.subject() && certificate.is_signed_by(issuer.spki())
}

/// A root as the keyring has it: PEM, or DER in base64.
pub(in super::super) fn root(text: &[u8]) -> Result<Prepared, &'static str> {
    let text = text.trim_ascii();
    let root = if text.starts_with(b"-----BEGIN") {
        Certificate::from_pem(text)?
    } else {
        let der = STANDARD.decode(text).map_err(|_| "is no certificate")?;
        Certificate::from_der(&der)?
    };
    if root.is_ca() {
        Ok(Prepared::Root(Box::new(root)))
    } else {
        Err("is a certificate that may sign no other")
    }
}
