//! CloudEvents over HTTP webhooks, as [`CLOUDEVENTS_HTTP`] and [`CLOUDEVENTS_WEBHOOK`], with the token in the URL as
//! [`CLOUDEVENTS_QUERY`], in batches as [`CLOUDEVENTS_BATCH`]. Their page: "HTTP 1.1 Web Hooks for Event Delivery".
//!
//! - Nothing is signed: a bearer token says who sent the request, and nothing of what is in it. It stands in
//!   `Authorization`, or in the query as `access_token`, where logs of URLs hold it.
//! - The event id and type are `ce-id` and `ce-type` (binary mode), else `/id` and `/type` of the body (structured mode). What
//!   a handler decodes is the whole body: in structured mode the envelope, unless `Receiver::payload("/data")` says
//!   otherwise. In binary mode the data has to be JSON or XML.
//! - An id is unique for its source alone. Where several sources deliver, give each a receiver.
//! - The URL challenge is an OPTIONS with `WebHook-Request-Origin`. Only the origins that the keyring lists as
//!   `Param::AllowedOrigins` are let in, at the rate of `Param::AllowedRate` if it has one. Another is answered without the
//!   header that would let it in; the status says nothing to the sender.
//! - How often an event comes again is up to the sender.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{EventRouter, Hooks, Keyring, Param, RawEvent, provider};
//!
//! async fn handle(event: RawEvent) {
//!     println!("{} {}", event.id, event.event_type);
//! }
//!
//! let hooks = Hooks::new();
//! let keys = Keyring::new("a-token-of-sixteen-bytes-or-more")
//!     .with(Param::AllowedOrigins, "eventemitter.example.com")
//!     .with(Param::AllowedRate, "120");
//! let receiver = hooks.receiver("cloudevents", provider::CLOUDEVENTS_HTTP, keys)?;
//! let events = EventRouter::new().on("com.example.made", handle);
//! let app: Router = Router::new().route_service("/webhooks/cloudevents", receiver.receive(events));
//!
//! let wrong = Keyring::new("short");
//! assert!(hooks.receiver("wrong", provider::CLOUDEVENTS_HTTP, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::borrow::Cow;

use crate::{
    scheme::{AnswerHeader, AnswerPart, ChallengeAnswer, Condition, Handshake, Method, Scheme},
    secret::Param,
    source::{Items, Source, TypePart},
};

/// CloudEvents, one a request, in binary or structured mode: a bearer token in `Authorization`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLOUDEVENTS_HTTP: Scheme = Scheme {
    name: Cow::Borrowed("cloudevents-http"),
    docs: Cow::Borrowed("HTTP 1.1 Web Hooks for Event Delivery"),
    quirks: Cow::Borrowed("a bearer token; origins are let in by headers, not by a status"),
    id: Some(Source::FirstOf(Cow::Borrowed(ID))),
    event_type: Cow::Borrowed(TYPE),
    handshakes: Cow::Borrowed(HANDSHAKES),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("ce-dataschema"),
        Cow::Borrowed("ce-source"),
        Cow::Borrowed("ce-specversion"),
        Cow::Borrowed("ce-subject"),
        Cow::Borrowed("ce-time"),
    ]),
    ..Scheme::BEARER
};

/// The same, under the name of its specification.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLOUDEVENTS_WEBHOOK: Scheme = Scheme {
    name: Cow::Borrowed("cloudevents-webhook"),
    ..CLOUDEVENTS_HTTP
};

/// CloudEvents, one a request, with the token in the query, as `access_token`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLOUDEVENTS_QUERY: Scheme = Scheme {
    name: Cow::Borrowed("cloudevents-webhook-query"),
    signature: Source::query("access_token"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    ..CLOUDEVENTS_HTTP
};

/// CloudEvents in batches (`application/cloudevents-batch+json`): a bearer token in `Authorization`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLOUDEVENTS_BATCH: Scheme = Scheme {
    name: Cow::Borrowed("cloudevents-http-batch"),
    id: None,
    event_type: Cow::Borrowed(&[]),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/id")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    }),
    ..CLOUDEVENTS_HTTP
};

const ID: &[Source] = &[Source::header("ce-id"), Source::json("/id")];

const TYPE: &[TypePart] = &[
    TypePart::new(Source::header("ce-type")),
    TypePart::otherwise(Source::json("/type")),
];

const HANDSHAKES: &[Handshake] = &[Handshake {
    signed: false,
    method: Cow::Borrowed("OPTIONS"),
    when: Cow::Borrowed(&[Condition::Listed(ORIGIN, Param::AllowedOrigins)]),
    answer: ChallengeAnswer::Headers(Cow::Borrowed(&[
        AnswerHeader {
            name: Cow::Borrowed("webhook-allowed-origin"),
            value: Cow::Borrowed(&[AnswerPart::Challenge(ORIGIN)]),
        },
        AnswerHeader {
            name: Cow::Borrowed("webhook-allowed-rate"),
            value: Cow::Borrowed(&[AnswerPart::Param(Param::AllowedRate, Cow::Borrowed("*"))]),
        },
        AnswerHeader {
            name: Cow::Borrowed("allow"),
            value: Cow::Borrowed(&[AnswerPart::Literal(Cow::Borrowed("POST"))]),
        },
    ])),
}];

const ORIGIN: Source = Source::header("webhook-request-origin");
