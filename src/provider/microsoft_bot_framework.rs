//! Microsoft Bot Framework, by which Teams bots are called. Their page: "Authentication with the Bot Connector API".
//!
//! - A token of Microsoft's (RS256) as bearer, for the bot's app id, which the keyring needs as `Param::Audience`.
//! - The claim `serviceurl` has to be the body's `serviceUrl`: whoever answers elsewhere gives its own token away. Nothing
//!   else of the body is signed, so `Delivery::coverage` is nothing.
//! - Keys are known by their `kid`, which is their name in the keyring. Of the channels that Microsoft endorses a key for
//!   nothing is read: give keys for your channels alone.
//! - It counts from `nbf` to `exp`, and the clocks may be 300 seconds apart.
#![doc = mounting_by_kid!(MICROSOFT_BOT_FRAMEWORK, "microsoft-bot-framework", "bot-1", ".with(hooklatch::Param::Audience, \"00000000-0000-0000-0000-000000000001\")", "message")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Discovery, Jws, KeyDocument, KeyPlace, Method, Must, Proof, Requirement, Scheme},
    secret::Param,
    source::{Source, TypePart},
};

/// Microsoft Bot Framework: a token of Microsoft's in `Authorization: Bearer …`, which says nothing of the body but its
/// service URL.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MICROSOFT_BOT_FRAMEWORK: Scheme = Scheme {
    name: Cow::Borrowed("microsoft-bot-framework"),
    docs: Cow::Borrowed("Authentication with the Bot Connector API"),
    quirks: Cow::Borrowed(
        "a token of Microsoft's, which signs nothing of the body but its serviceUrl",
    ),
    proof: Proof::Jws(Jws {
        require: Cow::Borrowed(&[
            Requirement {
                of: Source::Claim(Cow::Borrowed("/iss")),
                must: Must::Equal(Cow::Borrowed("https://api.botframework.com")),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/aud")),
                must: Must::EqualParam(Param::Audience),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/serviceurl")),
                must: Must::EqualText(Source::Json(Cow::Borrowed("/serviceUrl"))),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/exp")),
                must: Must::Present,
            },
        ]),
        leeway: Duration::from_secs(300),
        ..Jws::CLAIMS
    }),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("Bearer "),
        ..Method::RS256
    }]),
    key_id: Some(Source::protected("/kid")),
    discovery: Some(Discovery {
        place: KeyPlace::Fixed(Cow::Borrowed(
            "https://login.botframework.com/v1/.well-known/openidconfiguration",
        )),
        document: KeyDocument::OpenId(Cow::Borrowed(
            "https://login.botframework.com/v1/.well-known/keys",
        )),
        ..Discovery::JWKS
    }),
    content: Cow::Borrowed(&[]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};
