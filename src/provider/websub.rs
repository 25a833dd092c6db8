//! WebSub (W3C), formerly PubSubHubbub. The page: "WebSub", section 7, "Authenticated Content Distribution".
//!
//! - The hub chooses the hash and says which: `X-Hub-Signature: sha256=…`. [`WEBSUB`] takes SHA-256 and what is longer, with
//!   one secret for all. Many hubs know SHA-1 alone: [`WEBSUB_SHA1`] takes that too. What is less than the receiver takes is
//!   refused.
//! - The secret is the `hub.secret` of your subscription, below 200 bytes.
//! - A body is the topic's own, as a feed in Atom: no id or type is known, and an event is its content.
//! - A hub also asks by GET before it begins (`hub.challenge`).
#![doc = mounting!(WEBSUB, "websub", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "*")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, ChallengeAnswer, Condition, Handshake, Method, Scheme},
    secret::Param,
    source::Source,
};

/// WebSub: HMAC of the hub's choice from SHA-256 up in hex over the body, as `sha256=…` in `x-hub-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WEBSUB: Scheme = Scheme {
    name: Cow::Borrowed("websub"),
    docs: Cow::Borrowed("WebSub: Authenticated Content Distribution"),
    quirks: Cow::Borrowed("the hub chooses the hash, from SHA-256 up; no event id or type"),
    signature: Source::header("x-hub-signature"),
    methods: Cow::Borrowed(&[SHA256, SHA384, SHA512]),
    handshakes: Cow::Borrowed(&[
        Handshake {
            signed: false,
            method: Cow::Borrowed("GET"),
            when: Cow::Borrowed(&[
                Condition::Equals(Source::query("hub.mode"), Cow::Borrowed("subscribe")),
                Condition::Listed(Source::query("hub.topic"), Param::Topics),
            ]),
            answer: ChallengeAnswer::Echo(Source::query("hub.challenge")),
        },
        Handshake {
            signed: false,
            method: Cow::Borrowed("GET"),
            when: Cow::Borrowed(&[
                Condition::Equals(Source::query("hub.mode"), Cow::Borrowed("unsubscribe")),
                Condition::Unlisted(Source::query("hub.topic"), Param::Topics),
            ]),
            answer: ChallengeAnswer::Echo(Source::query("hub.challenge")),
        },
        Handshake {
            signed: false,
            method: Cow::Borrowed("GET"),
            when: Cow::Borrowed(&[
                Condition::Equals(Source::query("hub.mode"), Cow::Borrowed("denied")),
                Condition::Listed(Source::query("hub.topic"), Param::Topics),
            ]),
            answer: ChallengeAnswer::Acknowledge,
        },
        Handshake {
            signed: false,
            method: Cow::Borrowed("GET"),
            when: Cow::Borrowed(&[Condition::Present(Source::query("hub.mode"))]),
            answer: ChallengeAnswer::Refuse(404),
        },
    ]),
    ..Scheme::HMAC_SHA256
};

/// WebSub with hubs that know SHA-1 alone: the same as [`WEBSUB`], and `sha1=…`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WEBSUB_SHA1: Scheme = Scheme {
    name: Cow::Borrowed("websub-sha1"),
    docs: Cow::Borrowed("WebSub: Authenticated Content Distribution"),
    signature: Source::header("x-hub-signature"),
    quirks: Cow::Borrowed("the hub chooses the hash, SHA-1 too; no event id or type"),
    methods: Cow::Borrowed(&[
        Method {
            tag: Cow::Borrowed("sha1="),
            algorithm: Algorithm::HmacSha1,
            ..Method::HMAC_SHA256
        },
        SHA256,
        SHA384,
        SHA512,
    ]),
    ..Scheme::HMAC_SHA256
};

const SHA256: Method = Method {
    tag: Cow::Borrowed("sha256="),
    ..Method::HMAC_SHA256
};

const SHA384: Method = Method {
    tag: Cow::Borrowed("sha384="),
    algorithm: Algorithm::HmacSha384,
    ..Method::HMAC_SHA256
};

const SHA512: Method = Method {
    tag: Cow::Borrowed("sha512="),
    algorithm: Algorithm::HmacSha512,
    ..Method::HMAC_SHA256
};
