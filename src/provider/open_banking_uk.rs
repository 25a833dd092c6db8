//! Open Banking UK, as its banks write. Their page: "Read/Write Data API Profile: message signing".
//!
//! - A detached token (PS256) over the body in `x-jws-signature`. Its header has to say when (`iat`), who (`iss`) and by
//!   which trust anchor (`tan`), and that all of it must be understood (`crit`).
//! - Before version 3.1.4 the body was signed as it is, `b64` false (RFC 7797); that counts too.
//! - Keys are known by their `kid`, which is their name in the keyring. Where it has a `Param::Issuer`, `iss` has to be
//!   that.
//! - What id and type an event has is each bank's own affair: an event is known by its content.
#![doc = mounting_by_kid!(OPEN_BANKING_UK, "open-banking-uk", "ob-kid", ".with(hooklatch::Param::Issuer, \"0015800001041RHAAY\")", "")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{
        Algorithm, Jws, Method, Must, Names, Part, Proof, Requirement, Scheme, TimeFormat,
        Timestamp, TokenPayload,
    },
    secret::Param,
    source::Source,
};

/// Open Banking UK: a detached PS256 token over the body, in `x-jws-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const OPEN_BANKING_UK: Scheme = Scheme {
    name: Cow::Borrowed("open-banking-uk"),
    docs: Cow::Borrowed("Read/Write Data API Profile: message signing"),
    quirks: Cow::Borrowed(
        "a detached token; its header says when and by whom it was signed; no event id",
    ),
    proof: Proof::Jws(Jws {
        payload: TokenPayload::Detached,
        require: Cow::Borrowed(&[
            Requirement {
                of: Source::Protected(Cow::Borrowed("/crit")),
                must: Must::Present,
            },
            Requirement {
                of: Source::Protected(Cow::Borrowed("/http:~1~1openbanking.org.uk~1iss")),
                must: Must::Present,
            },
            Requirement {
                of: Source::Protected(Cow::Borrowed("/http:~1~1openbanking.org.uk~1iss")),
                must: Must::EqualParamIfSet(Param::Issuer),
            },
            Requirement {
                of: Source::Protected(Cow::Borrowed("/http:~1~1openbanking.org.uk~1tan")),
                must: Must::Present,
            },
        ]),
        critical: Cow::Borrowed(&[
            Cow::Borrowed("http://openbanking.org.uk/iat"),
            Cow::Borrowed("http://openbanking.org.uk/iss"),
            Cow::Borrowed("http://openbanking.org.uk/tan"),
        ]),
        unencoded: true,
        ..Jws::CLAIMS
    }),
    signature: Source::header("x-jws-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::RsaPssSha256,
        ..Method::RS256
    }]),
    key_id: Some(Source::protected("/kid")),
    content: Cow::Borrowed(&[Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::protected("/http:~1~1openbanking.org.uk~1iat"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    ..Scheme::HMAC_SHA256
};
