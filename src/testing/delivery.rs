//! A delivery without a signature, to test a handler by itself.

use std::{borrow::Cow, sync::Arc};

use http::{HeaderValue, Request};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    clock::{Clock, SystemClock},
    delivery::{Arrival, Coverage, Delivery, Verified},
    scheme::Scheme,
    source::{Source, TypePart},
};

/// A delivery of this type with this payload, as if it had been verified: id `evt_test`, attempt 1, received now.
///
/// Give it to a handler as [`Event::decode`](crate::Event::decode), or to a whole [`EventRouter`](crate::EventRouter) as
/// [`Delivery::to_request`]:
///
/// ```
/// use hooklatch::{Event, EventRouter, testing};
/// use serde_json::json;
/// use tower::ServiceExt;
///
/// #[derive(serde::Deserialize)]
/// struct Invoice { id: String }
///
/// async fn paid(event: Event<Invoice>) -> String { event.data.id }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let delivery = testing::delivery("invoice.paid", json!({"id": "in_1"}));
/// assert_eq!(paid(Event::decode(&delivery).unwrap()).await, "in_1");
///
/// let router = EventRouter::new().on("invoice.paid", paid);
/// let Ok(response) = router.oneshot(delivery.to_request()).await;
/// assert_eq!(response.status(), 200);
/// # }
/// ```
///
/// # Panics
/// When the type is not text that a header can hold.
#[must_use]
#[expect(
    clippy::needless_pass_by_value,
    reason = "`json!(…)` is what callers have at hand"
)]
pub fn delivery(event_type: &str, payload: Value) -> Delivery {
    let scheme = Scheme {
        name: Cow::Borrowed("test"),
        event_type: vec![TypePart::new(Source::header(TYPE_HEADER))].into(),
        ..Scheme::HMAC_SHA256
    };
    let receiver: Arc<str> = "test".into();
    let event_type = HeaderValue::from_str(event_type).expect("the event type is text");
    let request = Request::post("/test")
        .header("content-type", "application/json")
        .header(TYPE_HEADER, event_type);
    let (head, ()) = request.body(()).expect("a complete request").into_parts();
    let verified = Verified::assertion("test")
        .covering(Coverage::Whole)
        .with_id("evt_test", true);
    let arrival = Arrival {
        received_at: SystemClock.now(),
        arrived: Instant::now(),
    };
    let origin = Arc::new(scheme.origin(&receiver));
    Delivery::new(
        origin,
        verified,
        &head,
        payload.to_string().into(),
        arrival,
        None,
    )
    .expect("the id is not in the body, so nothing of it is read")
}

const TYPE_HEADER: &str = "x-event-type";
