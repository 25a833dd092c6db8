//! The interpreter of tokens: form, key, signature, then claims, in this order.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    Jws, Members, Must, Requirement, TokenPayload, chain,
    token::{self, Token},
    window,
};
use crate::{
    delivery::{EventId, Verified},
    error::Rejection,
    scheme::{
        Encoding, Method, Scheme, SchemeVerifier, Unverified,
        algorithm::Prepared,
        body::check_digest,
        content, encoding,
        head::{Facts, Family},
        keys::{Key, Ring},
        refusal::{malformed, mismatch, unmatched},
        url::{self, signed_url},
        verifier::Signed,
        view::View,
    },
    secret::Secret,
    source::Source,
};

/// Checks a token's form and the name of its algorithm, before the body is read.
pub(in super::super) fn check_head(
    scheme: &Scheme,
    jws: &Jws,
    text: &[u8],
) -> Result<(), Rejection> {
    let token = Token::parse(jws, untagged(scheme, text)?)?;
    check_algorithm(scheme, &token)
}

/// Verifies the token of a request.
pub(in super::super) fn verify(
    verifier: &SchemeVerifier,
    jws: &Jws,
    request: &Unverified<'_>,
) -> Result<Verified, Rejection> {
    let scheme = verifier.scheme();
    let bare = verifier.view(request);
    let (family, text) = Family::find(&verifier.families, &scheme.grammar, &bare)?;
    let token = Token::parse(jws, untagged(scheme, &text)?)?;
    check_algorithm(scheme, &token)?;
    let ring = verifier.keys.current();
    let check = Check {
        verifier,
        jws,
        request,
        family,
        token: &token,
        ring: &ring,
    };
    let proven = check.signature()?;
    check.claims(&proven)
}

/// The name that the token of a request has for its key, which has to be fetched by it.
#[cfg(feature = "discovery")]
pub(in super::super) fn key_name(
    verifier: &SchemeVerifier,
    jws: &Jws,
    request: &Unverified<'_>,
) -> Result<Option<Vec<u8>>, Rejection> {
    let scheme = verifier.scheme();
    let bare = verifier.view(request);
    let (family, text) = Family::find(&verifier.families, &scheme.grammar, &bare)?;
    let token = Token::parse(jws, untagged(scheme, &text)?)?;
    check_algorithm(scheme, &token)?;
    let name = family.key_name(&verifier.view(request).of_token(&token.header, None))?;
    Ok(name.map(Cow::into_owned))
}

/// The token without what stands in front of it.
fn untagged<'t>(scheme: &Scheme, text: &'t [u8]) -> Result<&'t [u8], Rejection> {
    let tag = scheme.methods.first().map_or("", |method| &*method.tag);
    text.strip_prefix(tag.as_bytes())
        .ok_or_else(|| malformed("what is there is no token of the sender's kind"))
}

/// The algorithm has to be that of a method: `none` is never one.
fn check_algorithm(scheme: &Scheme, token: &Token<'_>) -> Result<(), Rejection> {
    let known = |method: &Method| is_named(method, token);
    if scheme.methods.iter().any(known) {
        Ok(())
    } else {
        Err(malformed(
            "the token is signed in a way that does not count",
        ))
    }
}

fn is_named(method: &Method, token: &Token<'_>) -> bool {
    let name = method.algorithm.token_name();
    name.is_some() && name == token.algorithm()
}

/// One token of one request.
struct Check<'c> {
    verifier: &'c SchemeVerifier,
    jws: &'c Jws,
    request: &'c Unverified<'c>,
    family: &'c Family,
    token: &'c Token<'c>,
    ring: &'c Ring,
}

/// A token whose signature matched.
struct Proven<'c> {
    key: &'c Key,
    /// Of what was signed.
    digest: [u8; 32],
    chain: Option<chain::Presented>,
}

impl<'c> Check<'c> {
    /// Finds the key whose signature it is.
    fn signature(&self) -> Result<Proven<'c>, Rejection> {
        let presented = match &self.jws.chain {
            Some(chain) => Some(chain::presented(chain, &self.token.header)?),
            None => None,
        };
        let payloads = self.payloads()?;
        let name = self.key_name()?;
        let mut expired = true;
        for (_, key) in self.ring.counting_at(self.request.now) {
            expired = false;
            let Some(method) = self.verifier.scheme().methods.get(key.method) else {
                continue;
            };
            let counts = self.counts(key, name.as_deref()) && key.is_valid_at(self.request.now);
            if !counts || !is_named(method, self.token) {
                continue;
            }
            let leaf = match &presented {
                Some(presented) => match presented.leaf(&key.prepared, method) {
                    Some(leaf) => Some(leaf),
                    None => continue,
                },
                None => None,
            };
            let prepared = leaf.as_ref().unwrap_or(&key.prepared);
            let matched = payloads
                .iter()
                .find_map(|payload| self.matches(prepared, method, payload));
            if let Some(digest) = matched {
                return Ok(Proven {
                    key,
                    digest,
                    chain: presented,
                });
            }
        }
        Err(unmatched(expired, "no key and token agree on these bytes"))
    }

    /// The digest of what was signed, if the signature is this key's over this payload.
    fn matches(&self, key: &Prepared, method: &Method, payload: &[u8]) -> Option<[u8; 32]> {
        let mut buffer = encoding::EMPTY;
        let signature = method.decode(self.token.signature, &mut buffer)?;
        let feed = |sink: &mut dyn FnMut(&[u8])| {
            sink(self.token.protected);
            sink(b".");
            sink(payload);
        };
        if !Signed::new(key, &feed).by(key, signature) {
            return None;
        }
        let mut hash = Sha256::new();
        feed(&mut |chunk| hash.update(chunk));
        Some(hash.finalize().into())
    }

    /// What may be signed behind the header: the token's own payload, or the content in each spelling of the URL.
    fn payloads(&self) -> Result<Vec<Cow<'c, [u8]>>, Rejection> {
        if self.jws.payload != TokenPayload::Detached {
            return Ok(vec![Cow::Borrowed(self.token.payload)]);
        }
        let scheme = self.verifier.scheme();
        let view = &self.view(None);
        let facts = self.family.facts(scheme, view)?;
        let covered = self.family.covered(None, view)?;
        let values = facts.values(self.request, &covered, self.ring);
        if content::is_ambiguous(&scheme.content, &values) {
            return Err(malformed(
                "the id or a text contains the delimiter beside it in the signed content",
            ));
        }
        let urls = self.verifier.urls(self.ring, self.request)?;
        let contents = self.verifier.contents(&values, &urls);
        let payload = |values| {
            let mut bytes = Vec::new();
            content::feed(&scheme.content, &values, &mut |chunk| {
                bytes.extend_from_slice(chunk);
            });
            if self.token.encoded {
                bytes = token::encoded(&bytes).into_bytes();
            }
            Cow::Owned(bytes)
        };
        Ok(contents.map(payload).collect())
    }

    /// What the token says of the key's name, where the sender's keys have one.
    fn key_name(&self) -> Result<Option<Cow<'_, [u8]>>, Rejection> {
        self.family.key_name(&self.view(None))
    }

    /// Whether the token names this key. One that names none counts where there is but one.
    fn counts(&self, key: &Key, name: Option<&[u8]>) -> bool {
        let named = self.verifier.scheme().key_id.is_some() && self.jws.chain.is_none();
        match name {
            _ if !named => true,
            Some(name) => *name == *key.name.as_bytes(),
            None => self.ring.keys.iter().all(|other| other.name == key.name),
        }
    }

    /// Judges the claims of a token whose signature matched.
    fn claims(&self, proven: &Proven<'_>) -> Result<Verified, Rejection> {
        let scheme = self.verifier.scheme();
        let claims = if self.jws.payload == TokenPayload::Detached {
            Members::default()
        } else {
            self.token.claims()?
        };
        let view = &self.view(Some(&claims));
        let facts = self.family.facts(scheme, view)?;
        for (requirement, text) in self.jws.require.iter().zip(self.family.compared(view)?) {
            if !self.holds(requirement, &claims, text.as_deref()) {
                return Err(mismatch("a claim of the token is not what it has to be"));
            }
        }
        let empty = self.jws.empty_without_digest && self.request.body.is_empty();
        if facts.body_digest.is_some() || !empty {
            check_digest(scheme, facts.body_digest.as_ref(), self.request)?;
        }
        let time = facts.timestamp.as_ref().map(|stamp| stamp.time);
        if let (Some(presented), Some(time)) = (&proven.chain, time)
            && !presented.counts_at(&proven.key.prepared, time.at)
        {
            return Err(mismatch("a certificate of the token did not count then"));
        }
        let late = self.family.late_timestamp(scheme, view)?;
        let time = window::of(self.jws, scheme, time.or(late), &claims)?;
        Ok(self.verified(proven, &facts, time))
    }

    fn verified(
        &self,
        proven: &Proven<'_>,
        facts: &Facts<'_>,
        time: Option<crate::delivery::SignedTime>,
    ) -> Verified {
        let coverage = self.verifier.coverage;
        let id = facts.id.as_ref().and_then(|id| match id.header {
            Some(value) => Some(EventId::Header(value.clone())),
            None => str::from_utf8(&id.text)
                .ok()
                .map(|text| EventId::Text(text.into())),
        });
        let first = self.ring.keys.first();
        // A token that says nothing of the body may come with one body after another.
        let says_what = coverage != crate::delivery::Coverage::Nothing;
        Verified {
            key_is_old: first.is_some_and(|first| first.name != proven.key.name),
            id_is_signed: self.verifier.signs_id && id.is_some(),
            id,
            timestamp: time,
            coverage,
            digest: says_what.then_some(proven.digest),
            ..Verified::assertion(std::sync::Arc::clone(&proven.key.name))
        }
    }

    /// Whether a requirement holds; `text` is that of the request, where it is compared with one.
    fn holds(&self, requirement: &Requirement, claims: &Members, text: Option<&[u8]>) -> bool {
        let found = self.found(&requirement.of, claims);
        let is = |wanted: &[u8]| {
            let equal = |found: &Cow<'_, str>| bool::from(found.as_bytes().ct_eq(wanted));
            found.iter().any(equal)
        };
        match &requirement.must {
            Must::Present => self.is_there(&requirement.of, claims),
            Must::Equal(wanted) => is(wanted.as_bytes()),
            Must::OneOf(several) => several.iter().any(|wanted| is(wanted.as_bytes())),
            Must::EqualParam(param) => self.ring.param(*param).map(Secret::expose).is_some_and(is),
            Must::EqualParamIfSet(param) => {
                self.ring.param(*param).map(Secret::expose).is_none_or(is)
            }
            Must::EqualText(_) => text.is_some_and(is),
            Must::UrlSha256(encoding) => self
                .url_digests(*encoding)
                .iter()
                .any(|url| is(url.as_bytes())),
        }
    }

    /// The texts at the first place that holds one.
    fn found<'m>(&'m self, of: &Source, claims: &'m Members) -> Vec<Cow<'m, str>> {
        let texts = of.places().iter().map(|place| match place {
            Source::Claim(pointer) if pointer == "/aud" => claims.texts(pointer),
            Source::Claim(pointer) => claims.text(pointer).into_iter().collect(),
            Source::Protected(pointer) => self.token.header.text(pointer).into_iter().collect(),
            _ => Vec::new(),
        });
        texts
            .into_iter()
            .find(|texts| !texts.is_empty())
            .unwrap_or_default()
    }

    fn is_there(&self, of: &Source, claims: &Members) -> bool {
        of.places().iter().any(|place| match place {
            Source::Claim(pointer) => claims.at(pointer).is_some(),
            Source::Protected(pointer) => self.token.header.at(pointer).is_some(),
            _ => false,
        })
    }

    fn url_digests(&self, encoding: Encoding) -> Vec<String> {
        let urls = url::spellings(&signed_url(self.ring, self.request));
        let digest = |url: String| encoding::encode(encoding, &Sha256::digest(url));
        urls.into_iter().flatten().filter_map(digest).collect()
    }

    fn view<'v>(&'v self, claims: Option<&'v Members>) -> View<'v> {
        let view = self.verifier.view(self.request);
        view.of_token(&self.token.header, claims)
    }
}
