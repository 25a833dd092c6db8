//! Adyen. Their page: "Verify HMAC signatures".
//!
//! - The key is the hex text of their page, decoded.
//! - Standard webhooks (`adyen`) sign each item on its own, within the item, over `pspReference`,
//!   `originalReference`, `merchantAccountCode`, `merchantReference`, `amount.value`, `amount.currency`, `eventCode`
//!   and `success`; what is missing is empty. One bad item refuses the delivery. All else of an item, its `reason`
//!   and `eventDate` too, is nobody's word.
//! - `merchantReference` may hold the `:` that joins the fields; an item in which another field does is refused.
//! - An item has no id of its own (a payment has several events), so it is known by its content. The type is its
//!   `eventCode`. There is no timestamp.
//! - Banking and platform webhooks (`adyen-platform`) sign the whole body, in the header `HmacSignature`.
//! - Adyen waits for 10 seconds and tries for a week.
#![doc = mounting!(ADYEN, "adyen", Keyring::new("DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00"), "AUTHORISATION")]
#![doc = mounting!(ADYEN_PLATFORM, "adyen-platform", Keyring::new("DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00"), "balancePlatform.transfer.created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Encoding, KeyFormat, Method, Part, Proof, Scheme},
    source::{Items, Source, TypePart},
};

/// A text of an item, which is signed as an empty one where it is missing.
macro_rules! signed {
    ($part:ident, $name:literal) => {
        Part::Where(
            Source::Json(Cow::Borrowed(concat!("/NotificationRequestItem/", $name))),
            Cow::Borrowed(&[Part::$part(Source::Json(Cow::Borrowed(concat!(
                "/NotificationRequestItem/",
                $name
            ))))]),
        )
    };
}

/// Adyen, standard webhooks: HMAC-SHA-256 in base64 over eight fields of each item, joined by `:`, within the item.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ADYEN: Scheme = Scheme {
    name: Cow::Borrowed("adyen"),
    docs: Cow::Borrowed("Verify HMAC signatures"),
    quirks: Cow::Borrowed("each item is signed on its own, over eight of its fields"),
    proof: Proof::Items,
    signature: Source::json("/NotificationRequestItem/additionalData/hmacSignature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Hex,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        signed!(Text, "pspReference"),
        Part::literal(":"),
        signed!(Text, "originalReference"),
        Part::literal(":"),
        signed!(Text, "merchantAccountCode"),
        Part::literal(":"),
        signed!(FreeText, "merchantReference"),
        Part::literal(":"),
        signed!(Text, "amount/value"),
        Part::literal(":"),
        signed!(Text, "amount/currency"),
        Part::literal(":"),
        signed!(Text, "eventCode"),
        Part::literal(":"),
        signed!(Text, "success"),
    ]),
    items: Some(Items {
        pointer: Cow::Borrowed("/notificationItems"),
        id: None,
        event_type: Cow::Borrowed(&[TypePart::new(Source::json(
            "/NotificationRequestItem/eventCode",
        ))]),
    }),
    profile: Profile {
        answer_within: Duration::from_secs(10),
        retry_horizon: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

/// Adyen, banking and platform webhooks: HMAC-SHA-256 in base64 over the body, in `HmacSignature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ADYEN_PLATFORM: Scheme = Scheme {
    name: Cow::Borrowed("adyen-platform"),
    docs: Cow::Borrowed("Verify HMAC signatures"),
    quirks: Cow::Borrowed("the key is hex; the signature covers the body"),
    signature: Source::header("hmacsignature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Hex,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    profile: Profile {
        answer_within: Duration::from_secs(10),
        retry_horizon: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};
