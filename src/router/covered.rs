//! [`Covered`]: an argument for handlers that act on what the body says.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::{
    delivery::{Coverage, Delivery},
    error::RejectionKind,
};

/// An argument that a handler gets only where the signature covers every byte of the body (of a batch's item: of the
/// item), as `Covered<Event<T>>`.
///
/// With senders whose signature covers less, or that send a token alone, anything in the body may be somebody else's
/// writing. A handler that acts on what the body says asks for this, and never runs for them: the sender is answered
/// 503, the log names the fault, and it is ours ([`RejectionKind::Misconfigured`]). A handler for such a sender takes the
/// bare argument, reads what [`Delivery::covered`] tells and fetches the rest from the sender.
///
/// [`Receiver::require_whole_coverage`](crate::Receiver::require_whole_coverage) finds the same fault when the receiver
/// is built.
///
/// ```
/// use hooklatch::{Covered, Event, EventRouter};
///
/// #[derive(serde::Deserialize)]
/// struct Invoice { id: String, amount_paid: i64 }
///
/// async fn paid(Covered(event): Covered<Event<Invoice>>) {
///     println!("{} paid {}", event.data.id, event.data.amount_paid);
/// }
/// let router: EventRouter = EventRouter::new().on("invoice.paid", paid);
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper around the argument")]
pub struct Covered<E>(pub E);

impl<S, E> FromRequestParts<S> for Covered<E>
where
    S: Send + Sync,
    E: FromRequestParts<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let delivery = Delivery::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let covered = match delivery.coverage() {
            Coverage::Whole => {
                let inner = E::from_request_parts(parts, state).await;
                return inner.map(Self).map_err(IntoResponse::into_response);
            }
            Coverage::Partial => "only a part of it",
            Coverage::Nothing => "nothing of it",
        };
        let detail = format!(
            "a handler takes a `Covered` body, and the signature of {} covers {covered}",
            delivery.provider()
        );
        Err(delivery
            .refusal(RejectionKind::Misconfigured, detail)
            .into_response())
    }
}
