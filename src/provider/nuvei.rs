//! Nuvei. Their page: "Webhooks (DMNs)".
//!
//! - **Insecure**: the checksum is the plain SHA-256 of the merchant's secret followed by seven fields, with nothing
//!   between them, so a digit can move from one to the next. `Delivery::coverage` is partial: of the amount, status and
//!   transaction ask the API before you give value.
//! - A notification is a form; set it to POST, since one in the query is no event here.
//! - The event id is that of the transaction: a second notification of it in another state is a duplicate only if it also
//!   has the same `PPP_TransactionID`.
//! - The moment (`responseTimeStamp`) stands without its zone, so freshness is not judged.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(NUVEI_DMN, "nuvei-dmn", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "APPROVED")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, Method, Part, Scheme},
    source::{Source, TypePart},
};

/// Nuvei: SHA-256 in hex of the secret and seven fields, in the field `advanceResponseChecksum`. **Insecure.**
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const NUVEI_DMN: Scheme = Scheme {
    name: Cow::Borrowed("nuvei-dmn"),
    docs: Cow::Borrowed("Webhooks (DMNs)"),
    quirks: Cow::Borrowed("insecure: a plain hash of secret and some fields of a form"),
    signature: Source::form("advanceResponseChecksum"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::InsecurePrefixSha256,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Text(Source::form("totalAmount")),
        Part::Text(Source::form("currency")),
        Part::Text(Source::form("responseTimeStamp")),
        Part::Text(Source::form("PPP_TransactionID")),
        Part::Text(Source::form("Status")),
        Part::Text(Source::form("productId")),
    ]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::form("Status"))]),
    ..Scheme::HMAC_SHA256
};
