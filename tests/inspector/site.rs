//! An inspector over a receiver whose handler fails where it is told to.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, body::Body, response::Response};
use hooklatch::{
    Ack, Clock, EventRouter, RawEvent, Receive, Server, SystemClock,
    explain::Refusals,
    inspector::Inspector,
    store::{DeliveryQuery, Operate, StoredDelivery},
};
use http::{HeaderValue, Request, header};
use tower::ServiceExt;

use crate::world::{World, sender, signed};

pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) refusals: Refusals,
    pub(crate) receive: Receive,
    /// The pages, without a token.
    pub(crate) app: Router,
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::at(SystemClock::shared()).await
    }

    /// One where deliveries arrive by this clock.
    pub(crate) async fn at(clock: Arc<dyn Clock>) -> Self {
        let mut world = World::new().await;
        let refusals = Refusals::explaining();
        world.hooks = world
            .hooks
            .with_clock(clock)
            .with_refusals(refusals.clone());
        let receive = world
            .receiver()
            .body_limit(4 * 1024 * 1024)
            .receive(events());
        let store = Arc::new(world.store.clone());
        let app = Inspector::new(store).refusals(refusals.clone()).router();
        Self {
            world,
            refusals,
            receive,
            app,
        }
    }

    /// Takes a delivery in, and waits for what becomes of it.
    pub(crate) async fn deliver(&self, body: &str) -> StoredDelivery {
        let mut request = signed(body);
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        let Ok(response) = self.receive.clone().oneshot(request).await;
        assert_eq!(response.status(), 200);
        self.world.settled().await.swap_remove(0)
    }

    /// Takes one in that nothing is known of but its id and type.
    pub(crate) async fn deliver_event(&self, id: &str, event_type: &str) -> StoredDelivery {
        self.deliver(&crate::world::body(id, event_type)).await
    }

    /// Sends what another key signed.
    pub(crate) async fn refuse(&self, body: &str) {
        let request = sender().raw(body.to_owned()).with_wrong_key().request();
        let Ok(response) = self.receive.clone().oneshot(request).await;
        assert_eq!(response.status(), 401);
    }

    /// Serves an application on the loopback.
    pub(crate) async fn serve(&self, app: Router) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::new().hooks(&self.world.hooks);
        tokio::spawn(server.serve_on(listener, app));
        address
    }

    pub(crate) async fn newest(&self) -> StoredDelivery {
        let query = DeliveryQuery::new().limit(1);
        self.world.store.list(&query).await.unwrap().swap_remove(0)
    }
}

/// Events whose type begins with `fail` fail, those with `refuse` are refused, all others are done.
fn events() -> EventRouter {
    EventRouter::new()
        .on("fail*", async |_: RawEvent| -> Result<(), Ack> {
            Err(std::io::Error::other("the upstream is down"))?
        })
        .on("refuse*", async |_: RawEvent| Ack::Refuse)
        .fallback(async |_: RawEvent| {})
}

/// Asks as a browser of this machine does.
pub(crate) fn get(path: &str) -> Request<Body> {
    let request = Request::get(path).header(header::HOST, HOST);
    request.body(Body::empty()).unwrap()
}

/// Sends a form as a page of the inspector does.
pub(crate) fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    Request::post(path)
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Response {
    app.clone().oneshot(request).await.unwrap()
}

/// The status of a page, and the page.
pub(crate) async fn page(app: &Router, path: &str) -> (u16, String) {
    let response = send(app, get(path)).await;
    (response.status().as_u16(), text(response).await)
}

pub(crate) async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn header_of<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// The value of a hidden field of the first form that has it.
pub(crate) fn field(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// What a page links to.
pub(crate) fn links(page: &str) -> Vec<String> {
    let attributes = page.split(" href=\"").skip(1);
    attributes
        .filter_map(|rest| rest.split('"').next())
        .map(|link| link.replace("&amp;", "&"))
        .collect()
}

pub(crate) const HOST: &str = "localhost:9000";
