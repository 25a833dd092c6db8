//! MessageBird. Their page: "Verifying HTTP requests".
//!
//! - A token (HS256, HS384 or HS512, one key for all) in `MessageBird-Signature-JWT`. Its claims are digests: `url_hash` of
//!   the whole URL that MessageBird was given, `payload_hash` of the body, which is missing only where the body is empty.
//! - Behind a proxy say how the URL is to be told, with [`PublicUrl`](crate::PublicUrl) or the keyring's
//!   `Param::PublicUrl`.
//! - A token counts for a minute (`nbf`, `exp`), clocks may be five seconds apart. The event id is the claim `jti`.
//! - Where a type stands depends on the product: there is no event type.
//! - Some events come as GET, with the event in the query: the receiver takes POST alone.
#![doc = mounting!(MESSAGEBIRD, "messagebird", Keyring::new("36efdd1aace2e26cd490f0d951138253"), "*")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Algorithm, BodyDigest, Encoding, Jws, Method, Must, Proof, Requirement, Scheme},
    source::Source,
};

/// MessageBird: HS256, HS384 or HS512 over digests of URL and body, in `MessageBird-Signature-JWT`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MESSAGEBIRD: Scheme = Scheme {
    name: Cow::Borrowed("messagebird"),
    docs: Cow::Borrowed("Verifying HTTP requests"),
    quirks: Cow::Borrowed("a token that names the digests of the URL and the body"),
    proof: Proof::Jws(Jws {
        require: Cow::Borrowed(&[
            Requirement {
                of: Source::Claim(Cow::Borrowed("/iss")),
                must: Must::Equal(Cow::Borrowed("MessageBird")),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/exp")),
                must: Must::Present,
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/nbf")),
                must: Must::Present,
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/url_hash")),
                must: Must::UrlSha256(Encoding::Hex),
            },
        ]),
        empty_without_digest: true,
        leeway: Duration::from_secs(5),
        ..Jws::CLAIMS
    }),
    signature: Source::header("messagebird-signature-jwt"),
    methods: Cow::Borrowed(&[
        Method::HS256,
        Method {
            algorithm: Algorithm::HmacSha384,
            ..Method::HS256
        },
        Method {
            algorithm: Algorithm::HmacSha512,
            ..Method::HS256
        },
    ]),
    content: Cow::Borrowed(&[]),
    body_digest: Some(BodyDigest {
        source: Source::claim("/payload_hash"),
        ..BodyDigest::SHA256
    }),
    id: Some(Source::claim("/jti")),
    ..Scheme::HMAC_SHA256
};
