//! Dropbox. Their page: "Webhooks".
//!
//! - The key is the secret of the app.
//! - A notification only names the accounts in which something changed (`/list_folder/accounts`); it has no type, id
//!   or time, and the next is the same byte for byte. So a completed one is remembered for a second, and what a
//!   handler does must bear to be done again: list what changed since its cursor.
//! - For the same reason a captured request can be sent again. It makes the handler look, and says nothing.
//! - Dropbox waits for ten seconds and tries again with growing pauses.
#![doc = mounting!(DROPBOX, "dropbox", Keyring::new("8f742231b10e8888abcd99"))]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{ChallengeAnswer, Condition, Handshake, Scheme},
    source::Source,
};

/// Dropbox: HMAC-SHA-256 in hex over the body, in `X-Dropbox-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DROPBOX: Scheme = Scheme {
    name: Cow::Borrowed("dropbox"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed(
        "one notification is like another: it names accounts, and is remembered for a second only",
    ),
    signature: Source::header("x-dropbox-signature"),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("GET"),
        when: Cow::Borrowed(&[Condition::Present(Source::query("challenge"))]),
        answer: ChallengeAnswer::Echo(Source::query("challenge")),
    }]),
    profile: Profile {
        retention: Duration::from_secs(1),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};
