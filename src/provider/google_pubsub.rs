//! Google Cloud Pub/Sub push, and what comes through it. Their page: "Authentication for push subscriptions".
//!
//! - A token of Google's (RS256) as bearer, for the audience of the subscription and in the name of its service account.
//!   The keyring needs both, as `Param::Audience` and `Param::ServiceAccount`: anybody can have a token of Google's for
//!   your audience, but only in another's name.
//! - The body is not signed. `Delivery::coverage` is nothing: ask Google for what counts. One token serves for many
//!   messages, until it expires.
//! - Keys are known by their `kid`, which is their name in the keyring: PEM certificates or JWKs of Google.
//! - The event id is `message.messageId`. Attributes are the publisher's, so there is no event type.
//! - Google Play's notifications for developers come in this way; what happened is in base64 in `message.data`. That they
//!   have no more of a scheme is not confirmed by the sender's own documentation or code.
#![doc = mounting_by_kid!(GOOGLE_PUBSUB, "google-pubsub", "a-kid", ".with(hooklatch::Param::Audience, \"https://example.com/push\").with(hooklatch::Param::ServiceAccount, \"push@project.iam.gserviceaccount.com\")", "")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Discovery, Jws, KeyPlace, Method, Must, Proof, Requirement, Scheme},
    secret::Param,
    source::Source,
};

/// Google Cloud Pub/Sub: a token of Google's in `Authorization: Bearer …`, which says nothing of the body.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GOOGLE_PUBSUB: Scheme = Scheme {
    name: Cow::Borrowed("google-pubsub"),
    docs: Cow::Borrowed("Authentication for push subscriptions"),
    quirks: Cow::Borrowed("a token of Google's, which signs nothing of the body"),
    ..PUSH
};

/// Google Play's real-time developer notifications: through Pub/Sub.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GOOGLE_PLAY_RTDN: Scheme = Scheme {
    name: Cow::Borrowed("google-play-rtdn"),
    docs: Cow::Borrowed("Real-time developer notifications reference guide"),
    quirks: Cow::Borrowed("through Pub/Sub: a token of Google's, which signs nothing of the body"),
    ..PUSH
};

/// What both have in common. No function makes any of it: in a constant `..PUSH` would be refused.
const PUSH: Scheme = Scheme {
    proof: Proof::Jws(Jws {
        require: Cow::Borrowed(&[
            Requirement {
                of: Source::Claim(Cow::Borrowed("/iss")),
                must: Must::OneOf(Cow::Borrowed(&[
                    Cow::Borrowed("https://accounts.google.com"),
                    Cow::Borrowed("accounts.google.com"),
                ])),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/aud")),
                must: Must::EqualParam(Param::Audience),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/email")),
                must: Must::EqualParam(Param::ServiceAccount),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/email_verified")),
                must: Must::Equal(Cow::Borrowed("true")),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/exp")),
                must: Must::Present,
            },
        ]),
        leeway: Duration::from_secs(300),
        ..Jws::CLAIMS
    }),
    signature: Source::Header(Cow::Borrowed("authorization")),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("Bearer "),
        ..Method::RS256
    }]),
    key_id: Some(Source::Protected(Cow::Borrowed("/kid"))),
    discovery: Some(Discovery {
        place: KeyPlace::Fixed(Cow::Borrowed("https://www.googleapis.com/oauth2/v3/certs")),

        ..Discovery::JWKS
    }),
    content: Cow::Borrowed(&[]),
    id: Some(Source::Json(Cow::Borrowed("/message/messageId"))),
    ..Scheme::HMAC_SHA256
};
