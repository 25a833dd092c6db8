//! A thin event: the webhook says which object changed, and the handler asks the sender's API what it is like now.
//!
//! Of the event only the id is trusted, and only to ask with. That is also the answer to events that come late or out of
//! order: whatever is fetched is the present state.
//!
//! Run with
//!
//! ```text
//! cargo run --example thin_event
//! ```
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use backon::{ExponentialBuilder, Retryable};
use hooklatch::{Ack, Event, EventRouter, Hooks, Receive, provider, testing::Sender};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

/// All that is believed of the event. Whatever else it carries is not even decoded.
#[derive(serde::Deserialize)]
struct Thin {
    id: String,
}

/// What the API says of it.
#[derive(serde::Deserialize)]
struct Order {
    status: String,
    total: u64,
}

/// The sender's API.
#[derive(Clone)]
struct Api {
    client: reqwest::Client,
    base: String,
}

/// The handler. It is done only when the order was fetched; until then `Ack::Retry`, which `?` gives for any error,
/// lets the sender come again.
async fn changed(State(api): State<Api>, event: Event<Thin>) -> Result<(), Ack> {
    let id = event.data.id;
    // The id becomes part of a URL. It is signed, but a sender may pass on what its own users typed.
    if !is_order_id(&id) {
        println!("  `{id}` is no order");
        return Err(Ack::Refuse);
    }
    let order = api.order(&id).await?;
    println!("  order {id} is {} at {}", order.status, order.total);
    Ok(())
}

fn is_order_id(id: &str) -> bool {
    id.strip_prefix("ord_").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

impl Api {
    fn new(base: String) -> reqwest::Result<Self> {
        // Every wait has an end: all tries together stay below the deadline by which the sender wants an answer.
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(2))
            .no_proxy() // the API of this example is on this machine
            .build()?;
        Ok(Self { client, base })
    }

    /// Tries again what may work the next time, and nothing else.
    async fn order(&self, id: &str) -> reqwest::Result<Order> {
        (|| self.try_order(id))
            .retry(ExponentialBuilder::default().with_min_delay(Duration::from_millis(50)))
            .when(is_transient)
            .notify(|error, pause| {
                let why = error
                    .status()
                    .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                println!(
                    "  the API failed ({why}), again in {} ms",
                    pause.as_millis()
                );
            })
            .await
    }

    async fn try_order(&self, id: &str) -> reqwest::Result<Order> {
        let url = format!("{}/orders/{id}", self.base);
        let response = self.client.get(url).send().await?.error_for_status()?;
        response.json().await
    }
}

/// A 404 stays a 404, and a body that does not fit stays so; a 5xx, a 429, a timeout or a lost connection may pass.
fn is_transient(error: &reqwest::Error) -> bool {
    let status = error
        .status()
        .is_some_and(|status| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS);
    status || error.is_timeout() || error.is_connect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let requests = Arc::new(AtomicU32::new(0));
    let api = Api::new(start_fake_api(Arc::clone(&requests)).await?)?;

    let shop = Sender::new(provider::STANDARD_WEBHOOKS);
    let events = EventRouter::new()
        .on("order.changed", changed)
        .with_state(api);
    let receive = Hooks::new()
        .receiver("shop", provider::STANDARD_WEBHOOKS, shop.keyring())?
        .receive(events);

    let event = |id, order| {
        let thin = json!({"id": order, "status": "whatever somebody claims"});
        shop.event("order.changed", thin).id(id)
    };
    println!("a thin event, while the API is down for a moment:");
    expect(&receive, event("msg_1", "ord_42").request(), 200).await;
    println!("the same event again: nothing is fetched");
    expect(&receive, event("msg_1", "ord_42").request(), 200).await;
    println!("an id that would reach another part of the API:");
    expect(&receive, event("msg_2", "../secrets").request(), 422).await;
    println!("a forged event:");
    let forged = event("msg_3", "ord_42").with_flipped_bit();
    expect(&receive, forged.request(), 401).await;
    let requests = requests.load(Ordering::Relaxed);
    println!("the API was asked {requests} times, two of which it failed");
    assert_eq!(requests, 3);
    Ok(())
}

async fn expect(receive: &Receive, request: axum::extract::Request, status: u16) {
    let Ok(response) = receive.clone().oneshot(request).await;
    println!("  answered {}", response.status());
    assert_eq!(response.status(), status);
}

/// The API of the shop, on a port of this machine: it fails twice, then answers. Gives its address.
async fn start_fake_api(requests: Arc<AtomicU32>) -> Result<String, Box<dyn Error>> {
    async fn order(
        State(requests): State<Arc<AtomicU32>>,
        Path(id): Path<String>,
    ) -> Result<Json<Value>, StatusCode> {
        if requests.fetch_add(1, Ordering::Relaxed) < 2 {
            return Err(StatusCode::BAD_GATEWAY);
        }
        Ok(Json(json!({"id": id, "status": "paid", "total": 1999})))
    }

    let app = Router::new()
        .route("/orders/{id}", get(order))
        .with_state(requests);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok(base)
}
