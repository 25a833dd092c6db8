//! `forward`: posts the event to an HTTP upstream, and judges its answer.

use std::{error::Error as StdError, io, sync::Arc, time::Duration};

use bytes::Bytes;
use hooklatch::{Clock as _, Delivery, Keyring, Secret, Signable, SystemClock, provider};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, builderstates::WantsSchemes};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::time::timeout;
use tokio_rustls::rustls::{ClientConfig, crypto::aws_lc_rs};

use super::{Ended, TARGET};

/// Connections to upstreams, kept for the next event.
#[derive(Clone, Debug)]
pub(in super::super) struct Client(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Client {
    /// Trusts the authorities of the system, and where it has none, those that Mozilla trusts.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub(in super::super) fn new() -> io::Result<Self> {
        let provider = aws_lc_rs::default_provider();
        let native = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider.clone());
        let builder = match native {
            Ok(builder) => builder,
            Err(error) => {
                tracing::info!(target: TARGET, %error, "the system has no authorities to trust: those of Mozilla count");
                HttpsConnectorBuilder::new()
                    .with_provider_and_webpki_roots(provider)
                    .map_err(io::Error::other)?
            }
        };
        Ok(Self::with(builder))
    }

    /// Verifies as this says.
    pub(super) fn trusting(tls: ClientConfig) -> Self {
        Self::with(HttpsConnectorBuilder::new().with_tls_config(tls))
    }

    fn with(builder: HttpsConnectorBuilder<WantsSchemes>) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(LONGEST_CONNECT));
        let connector = builder
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(LONGEST_IDLE)
            .build(connector);
        Self(client)
    }
}

/// Posts events to one upstream.
#[derive(Clone)]
pub(super) struct Forward(Arc<Upstream>);

struct Upstream {
    client: Client,
    url: Uri,
    keys: Option<Keyring>,
    timeout: Duration,
}

impl Forward {
    pub(super) fn new(client: Client, url: Uri, secret: Option<Secret>, timeout: Duration) -> Self {
        Self(Arc::new(Upstream {
            client,
            url,
            keys: secret.map(Keyring::new),
            timeout,
        }))
    }

    pub(super) async fn post(&self, delivery: &Delivery, body: Bytes) -> Ended {
        let upstream = &*self.0;
        let request = match upstream.request(delivery, body) {
            Ok(request) => request,
            Err(error) => return Ended::Failed(format!("the event cannot be signed: {error}")),
        };
        match timeout(upstream.timeout, upstream.exchange(request)).await {
            Ok(Ok((status, after))) => judge(status, after),
            Ok(Err(error)) => {
                Ended::Failed(format!("the upstream cannot be reached: {}", root(&error)))
            }
            Err(_) => Ended::Failed("the upstream did not answer in time".to_owned()),
        }
    }
}

impl Upstream {
    fn request(
        &self,
        delivery: &Delivery,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, hooklatch::SignError> {
        let mut headers = facts(delivery);
        if let Some(keys) = &self.keys {
            // The key of the event: the same at every attempt, another for the same id of another source.
            let id = delivery.event_key().to_string();
            let message = Signable::new(&body)
                .with_id(&id)
                .with_timestamp(SystemClock::default().now());
            let signed = provider::STANDARD_WEBHOOKS.sign(keys, &message)?;
            headers.extend(signed.headers().iter().cloned());
        }
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = http::Method::POST;
        request.uri_mut().clone_from(&self.url);
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// The status of the answer and its `Retry-After`. Of its body as much is read as makes the connection good for the next
    /// event.
    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, legacy::Error> {
        let response = self.client.0.request(request).await?;
        let status = response.status();
        let after = response.headers().get(header::RETRY_AFTER).cloned();
        drain(response.into_body()).await;
        Ok((status, after))
    }
}

type Answer = (StatusCode, Option<HeaderValue>);

async fn drain(mut body: Incoming) {
    let mut left = MOST_READ;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            return;
        }
    }
}

/// What the upstream is told of the event, beside its body.
fn facts(delivery: &Delivery) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::USER_AGENT, HeaderValue::from_static(AGENT));
    if let Some(content_type) = delivery.headers().get(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, content_type.clone());
    }
    headers.insert(ATTEMPT, delivery.attempt().into());
    let texts = [
        (RECEIVER, Some(delivery.receiver())),
        (PROVIDER, Some(delivery.provider())),
        (EVENT_ID, delivery.id()),
        (EVENT_TYPE, delivery.event_type()),
        (TENANT, delivery.tenant()),
    ];
    for (name, text) in texts {
        // What is encoded is visible ASCII.
        let value = text.map(|text| utf8_percent_encode(text, NOT_IN_A_HEADER).to_string());
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            headers.insert(name, value);
        }
    }
    headers
}

/// What an upstream means by its status. Standard Webhooks lets a sender retry whatever is not 2xx; but 410 says that nobody is
/// there any more, and these others say of the event itself that it is not wanted as it is. A 401, 404 or 3xx is far more
/// often a mistake in a deployment, which retries outlive.
///
/// `Retry-After` counts where the upstream is too busy (429, 503); the worker reads it, and bounds it.
fn judge(status: StatusCode, after: Option<HeaderValue>) -> Ended {
    let told = || format!("the upstream answered {}", status.as_u16());
    match (status.as_u16(), after) {
        (200..=299, _) => Ended::Done,
        (400 | 410 | 413 | 415 | 422, _) => Ended::Refused(told()),
        (429 | 503, Some(after)) => Ended::Later(told(), after),
        _ => Ended::Failed(told()),
    }
}

/// What went wrong at the bottom: the errors above it say "client error". None of them says the URL.
fn root(mut error: &(dyn StdError + 'static)) -> String {
    let mut is_no_http = false;
    while let Some(source) = error.source() {
        error = source;
        is_no_http |= error
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_parse);
    }
    if is_no_http {
        return format!("{error}: is it https?");
    }
    error.to_string()
}

/// As CloudEvents encodes what does not go into a header.
const NOT_IN_A_HEADER: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

const AGENT: &str = concat!("hooklatch/", env!("CARGO_PKG_VERSION"));
const ATTEMPT: HeaderName = HeaderName::from_static("hooklatch-attempt");
const EVENT_ID: HeaderName = HeaderName::from_static("hooklatch-event-id");
const EVENT_TYPE: HeaderName = HeaderName::from_static("hooklatch-event-type");
const PROVIDER: HeaderName = HeaderName::from_static("hooklatch-provider");
const RECEIVER: HeaderName = HeaderName::from_static("hooklatch-receiver");
const TENANT: HeaderName = HeaderName::from_static("hooklatch-tenant");

/// What is read of an answer's body.
const MOST_READ: usize = 64 * 1024;
const LONGEST_CONNECT: Duration = Duration::from_secs(10);
/// Shorter than servers usually keep a connection, so that they are not who closes it.
const LONGEST_IDLE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_try_again() {
        for (status, expected) in [
            (200, "Done"),
            (204, "Done"),
            (301, "Failed"),
            (400, "Refused"),
            (401, "Failed"),
            (404, "Failed"),
            (408, "Failed"),
            (410, "Refused"),
            (422, "Refused"),
            (425, "Failed"),
            (429, "Failed"),
            (500, "Failed"),
            (503, "Failed"),
        ] {
            let judged = |after| judge(StatusCode::from_u16(status).unwrap(), after);
            let ended = format!("{:?}", judged(None));
            assert!(ended.starts_with(expected), "{status}: {ended}");
            let ended = format!("{:?}", judged(Some(HeaderValue::from_static("120"))));
            let busy = [429, 503].contains(&status);
            let expected = if busy { "Later" } else { expected };
            assert!(ended.starts_with(expected), "{status}: {ended}");
        }
    }
}
