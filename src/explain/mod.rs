//! Why a signature did not match: tries the usual mistakes and names the one that fits.
//!
//! **A development tool.** What it finds out is for the owner of the endpoint: on a terminal, in a log of a development
//! machine, in a test. Never put it into an HTTP answer, and never run it for requests of strangers: it would tell them
//! how close they are (an oracle), and it does thousands of times the work of a verification.
//!
//! [`Refusals`] is the log of the refused requests of a process, which in development explains each by itself.
//!
//! [`Explain`] gives a request to the ordinary verifier. If that refuses it, it changes one thing at a time as the usual
//! mistakes do, as in a secret with a line break or a body that was parsed and written again, and gives each variant to the
//! same verifier, then two things at once. The first variant that verifies names its mistake. That is proof and no guess:
//! no key and no bytes but those that the sender used make the signature match. Where nothing matches, nothing is claimed;
//! what merely looks odd is told apart, as a [hint](Explanation::hints).
//!
//! ```
//! use bytes::Bytes;
//! use hooklatch::{Clock, Keyring, Signable, SystemClock, Unverified, provider};
//! use hooklatch::explain::{Explain, Mistake};
//!
//! let now = SystemClock::default().now();
//! let secret = "whsec_5HkzNq7hLJ3xUPVZ";
//! let sent = br#"{"id":"evt_1"}"#;
//! let signed = provider::STRIPE.sign(&Keyring::new(secret), &Signable::new(sent).with_timestamp(now))?;
//! let mut request = http::Request::post("/").body(())?;
//! request.headers_mut().extend(signed);
//! let (head, ()) = request.into_parts();
//!
//! // A framework has parsed the body and written it again, with a space.
//! let received = Bytes::from_static(br#"{"id": "evt_1"}"#);
//! let keys = Keyring::new(secret);
//! let explanation = Explain::new(&provider::STRIPE, &keys).judge(&Unverified::new(&head, &received, now));
//! let found: Vec<_> = explanation.mistakes().iter().map(|found| found.mistake()).collect();
//! assert_eq!(found, [Mistake::BodyReserialised]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The work is bounded: by the number of variants ([`Explain::limit`]) and by the bytes of all bodies that are read, made or
//! verified (128 MiB). No text it gives holds a secret, a signature, a piece of the body or the query; where nothing fits and the
//! URL is signed, the hint that tells which one was assumed has its path.

mod attempt;
mod body;
mod charset;
mod document;
mod elsewhere;
mod explanation;
mod hints;
mod hypothesis;
mod mistake;
mod refusal;
mod refusals;
mod search;
mod secrets;
mod signature;
mod url;

use crate::{
    scheme::{Scheme, Unverified},
    secret::Keyring,
};

pub(crate) use self::refusals::Witness;
use self::{attempt::Attempt, search::Search};
pub use self::{
    explanation::{Explanation, Finding},
    mistake::Mistake,
    refusals::{Refusals, Refused},
};

/// Explains requests to one endpoint. See the [module](self).
#[derive(Clone, Debug)]
pub struct Explain<'a> {
    scheme: &'a Scheme,
    keyring: &'a Keyring,
    others: Vec<Endpoint<'a>>,
    presets: &'a [Scheme],
    limit: usize,
    hides_path: bool,
}

/// Another endpoint of the same owner.
#[derive(Clone, Copy, Debug)]
struct Endpoint<'a> {
    name: &'a str,
    scheme: &'a Scheme,
    keyring: &'a Keyring,
}

impl<'a> Explain<'a> {
    /// For an endpoint that verifies by this scheme with these keys. A keyring that the verifier refuses is explained too.
    #[must_use]
    pub const fn new(scheme: &'a Scheme, keyring: &'a Keyring) -> Self {
        Self {
            scheme,
            keyring,
            others: Vec::new(),
            presets: &[],
            limit: LIMIT,
            hides_path: false,
        }
    }

    /// Another endpoint that a request may have been meant for, or whose secret may have been swapped with this one's. The
    /// name is told in what is found.
    #[must_use]
    pub fn endpoint(mut self, name: &'a str, scheme: &'a Scheme, keyring: &'a Keyring) -> Self {
        self.others.push(Endpoint {
            name,
            scheme,
            keyring,
        });
        self
    }

    /// The senders that a request may be from with the same secret: usually [`provider::ALL`](crate::provider::ALL).
    #[must_use]
    pub const fn presets(mut self, presets: &'a [Scheme]) -> Self {
        self.presets = presets;
        self
    }

    /// How many variants of the request are verified at most; 4,000 unless set. A request that nothing fits needs one
    /// or two thousand.
    #[must_use]
    pub const fn limit(mut self, variants: usize) -> Self {
        self.limit = variants;
        self
    }

    /// Tells no path of a URL: a tenant or a token may be in it.
    const fn hide_path(mut self) -> Self {
        self.hides_path = true;
        self
    }

    /// What is wrong with a request, if something is. Blocks for as long as the variants take, milliseconds for most
    /// requests and seconds for the largest.
    #[must_use]
    pub fn judge(&self, request: &Unverified<'_>) -> Explanation {
        let base = Attempt::new(self.scheme, self.keyring, request);
        let refusal = match base.judge() {
            Ok(verified) => return Explanation::of_verified(verified, base.now),
            Err(refusal) => refusal,
        };
        let mut search = Search::new(self, self.limit);
        let found = search.one(&base).or_else(|| search.two(&base));
        let hints = if found.is_none() {
            hints::hints(&base, self, &refusal)
        } else {
            Vec::new()
        };
        search.explanation(&refusal, found, hints, base.now)
    }
}

const LIMIT: usize = 4000;
