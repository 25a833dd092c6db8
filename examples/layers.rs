//! The layers without a receiver: in a plain axum application, and on a bare tower service.
//!
//! Run with
//!
//! ```text
//! cargo run --example layers
//! ```
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use std::{convert::Infallible, error::Error};

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hooklatch::{
    AdmitLayer, DedupLayer, Delivery, FreshnessLayer, MemoryStore, ReplayLayer, VerifyLayer,
    provider, testing::Sender,
};
use serde_json::json;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let github = Sender::new(provider::GITHUB);
    in_axum(&github).await?;
    in_tower(&github).await
}

/// In axum a `Delivery` is an extractor. Unlike behind an `EventRouter`, the rest of axum works as everywhere: the path,
/// the state, extensions.
async fn in_axum(github: &Sender) -> Result<(), Box<dyn Error>> {
    async fn pushed(
        Path(team): Path<String>,
        Extension(region): Extension<&'static str>,
        delivery: Delivery,
    ) {
        let event_type = delivery.event_type().unwrap_or("(none)");
        println!("  {event_type} for {team} in {region}");
    }

    // The order matters, and a receiver would see to it: nothing is believed before `VerifyLayer`, and nothing is
    // remembered before it either.
    let memory = MemoryStore::new();
    let layers = ServiceBuilder::new()
        .layer(AdmitLayer::new())
        .layer(VerifyLayer::new(provider::GITHUB, github.keyring())?)
        .layer(FreshnessLayer::new())
        .layer(ReplayLayer::new(memory.clone()))
        .layer(DedupLayer::new(memory));
    let app = Router::new()
        .route("/teams/{team}/github", post(pushed))
        // `route_layer`, so that a path that does not exist is answered 404 and not 401.
        .route_layer(layers)
        .route("/health", get(|| async { "ok" }))
        .layer(Extension("eu"));

    println!("in axum");
    let push = || github.event("push", json!({"ref": "refs/heads/main"}));
    let push = || push().to("/teams/crabs/github").id("1");
    expect(200, &app, push().request()).await?;
    println!("the same again, a retry:");
    expect(200, &app, push().request()).await?;
    println!("the same bytes under another id, which GitHub does not sign:");
    expect(409, &app, push().id("2").request()).await?;
    println!("a body changed by one bit:");
    expect(401, &app, push().id("3").with_flipped_bit().request()).await?;
    println!("an unsigned request elsewhere:");
    expect(200, &app, Request::get("/health").body(Body::empty())?).await
}

/// On a bare service a `Delivery` is in the extensions of the request, and `body()` gives exactly the bytes that were
/// signed.
async fn in_tower(github: &Sender) -> Result<(), Box<dyn Error>> {
    let service = ServiceBuilder::new()
        .layer(VerifyLayer::new(provider::GITHUB, github.keyring())?)
        .service(service_fn(|request: Request| async move {
            let Some(delivery) = request.extensions().get::<Delivery>() else {
                return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
            };
            println!("  {} signed bytes", delivery.body().len());
            Ok::<_, Infallible>(StatusCode::NO_CONTENT.into_response())
        }));

    println!("in tower");
    let push = || github.event("push", json!({"ref": "refs/heads/main"}));
    expect(204, &service, push().request()).await?;
    println!("signed with another key:");
    expect(401, &service, push().with_wrong_key().request()).await
}

async fn expect<S>(status: u16, service: &S, request: Request) -> Result<(), Box<dyn Error>>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    let Ok(response) = service.clone().oneshot(request).await;
    println!("  answered {}", response.status());
    if response.status() == status {
        Ok(())
    } else {
        Err(format!("expected {status}").into())
    }
}
