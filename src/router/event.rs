//! [`Event`], [`RawEvent`] and [`Batch`]: axum extractors that decode the delivery.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{StatusCode, request::Parts};
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use super::{covered::Covered, decode::decode};
use crate::{
    answer::{self, Deferred},
    delivery::Delivery,
    error::{Rejection, RejectionKind},
};

/// An event, its payload decoded as `T`.
///
/// What is decoded is the sender's payload (Stripe `/data/object`, Slack `/event`, Standard Webhooks `/data`, GitHub
/// the whole body), from JSON, a form, and with their features from XML (`@name` is an attribute, `$text` the text
/// beside it, names are local ones) and the text parts of a multipart body. A payload that does not fit `T` is a
/// permanent refusal, 422, and the log says where it did not fit; [`RawEvent`] always fits.
///
/// Bounded: JSON and XML are read 128 levels deep, a form 1,000 fields or parts wide; XML with a document type, and so
/// with entities of its own, is refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<T> {
    /// The event id. Where the sender gives none: the key of the content in hexadecimal, so it is never empty.
    pub id: String,
    /// The event type; empty where the sender gives none.
    pub event_type: String,
    /// When the request arrived here.
    pub received_at: OffsetDateTime,
    /// Which run of this event it is, from 1.
    pub attempt: u32,
    /// The payload.
    pub data: T,
}

impl<T: DeserializeOwned> Event<T> {
    /// Decodes a delivery outside of a handler, as for a queue of your own or in a test.
    ///
    /// # Errors
    /// [`RejectionKind::Unreadable`]: the payload cannot be read or does not fit `T`; the detail says where.
    pub fn decode(delivery: &Delivery) -> Result<Self, Rejection> {
        let data = decode(&delivery.payload()?).map_err(|misfit| {
            Rejection::new(
                RejectionKind::Unreadable,
                format!("the payload does not fit: {misfit}"),
            )
            .at(delivery.receiver_name())
        })?;
        Ok(Self {
            id: id_of(delivery),
            event_type: type_of(delivery),
            received_at: delivery.received_at(),
            attempt: delivery.attempt(),
            data,
        })
    }
}

impl<S, T> FromRequestParts<S> for Event<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let delivery = Delivery::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        Self::decode(&delivery).map_err(|rejection| refuse(rejection, &delivery))
    }
}

/// An event as it came: the whole body, or of a batch's item its own JSON or XML.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RawEvent {
    /// The event id. Where the sender gives none: the key of the content in hexadecimal, so it is never empty.
    pub id: String,
    /// The event type; empty where the sender gives none.
    pub event_type: String,
    /// When the request arrived here.
    pub received_at: OffsetDateTime,
    /// Which run of this event it is, from 1.
    pub attempt: u32,
    /// The body.
    pub body: Bytes,
}

impl<S: Send + Sync> FromRequestParts<S> for RawEvent {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let delivery = Delivery::from_request_parts(parts, state).await?;
        Ok(Self {
            id: id_of(&delivery),
            event_type: type_of(&delivery),
            received_at: delivery.received_at(),
            attempt: delivery.attempt(),
            body: delivery.handled_body(),
        })
    }
}

/// The unfinished events of a batch together; of a delivery that is no batch, its one event.
///
/// Each item still has its own claim: they are completed together when the handler returns 2xx, and freed together
/// otherwise; a retry of the batch runs only what is unfinished. One item that does not fit `T` refuses them all.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper around the events")]
pub struct Batch<T>(pub Vec<Event<T>>);

impl<S, T> FromRequestParts<S> for Batch<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let delivery = Delivery::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        if delivery.is_item() {
            return Err(ask_for_all());
        }
        let events = if delivery.is_unsplit_batch() {
            delivery
                .split()
                .map_err(|reason| delivery.unreadable(reason))
                .and_then(|items| read_all(&items))
        } else {
            read_all(delivery.together())
        };
        events
            .map(Self)
            .map_err(|rejection| refuse(rejection, &delivery))
    }
}

/// A payload type that names its event type, for [`EventRouter::on_event`](crate::EventRouter::on_event).
pub trait EventType {
    /// The event type, as `invoice.paid`, or a `prefix*`.
    const TYPE: &str;
}

/// The arguments of a handler whose last is `Event<T>` or `Batch<T>` with a `T` that names its event type.
///
/// Implemented for axum's handler markers; nothing else needs it.
#[diagnostic::on_unimplemented(
    message = "this handler's last argument must be `Event<T>` or `Batch<T>` where `T: EventType`",
    note = "implement `EventType` for the payload, or register the handler with `on(\"type\", handler)`"
)]
pub trait NamedByPayload {
    /// The event type the handler's payload names.
    const TYPE: &str;
}

/// What [`Event`] and [`Batch`] have in common for [`NamedByPayload`].
trait Carries {
    type Payload: EventType;
}

impl<T: EventType> Carries for Event<T> {
    type Payload = T;
}

impl<T: EventType> Carries for Batch<T> {
    type Payload = T;
}

impl<E: Carries> Carries for Covered<E> {
    type Payload = E::Payload;
}

macro_rules! named_by_payload {
    ($($before:ident)*) => {
        impl<M, $($before,)* E: Carries> NamedByPayload for (M, $($before,)* E,) {
            const TYPE: &str = <E::Payload as EventType>::TYPE;
        }
    };
}

named_by_payload!();
named_by_payload!(A1);
named_by_payload!(A1 A2);
named_by_payload!(A1 A2 A3);
named_by_payload!(A1 A2 A3 A4);
named_by_payload!(A1 A2 A3 A4 A5);
named_by_payload!(A1 A2 A3 A4 A5 A6);
named_by_payload!(A1 A2 A3 A4 A5 A6 A7);

fn read_all<T: DeserializeOwned>(items: &[Delivery]) -> Result<Vec<Event<T>>, Rejection> {
    items.iter().map(Event::decode).collect()
}

fn id_of(delivery: &Delivery) -> String {
    delivery
        .id()
        .map_or_else(|| delivery.event_key().to_string(), str::to_owned)
}

fn type_of(delivery: &Delivery) -> String {
    delivery.event_type().unwrap_or_default().to_owned()
}

pub(super) fn refuse(rejection: Rejection, delivery: &Delivery) -> Response {
    answer::stopping(rejection.into_response(), delivery.profile())
}

fn ask_for_all() -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    response.extensions_mut().insert(Deferred { route: None });
    response
}
