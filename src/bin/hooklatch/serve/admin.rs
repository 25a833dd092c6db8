//! The admin address: is it alive, is it ready, what did it count; and the inspector.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use hooklatch::{Secret, inspector::Inspector};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use subtle::ConstantTimeEq as _;

use super::generation::Current;

/// Counts from now on, for `/metrics`.
///
/// # Errors
/// Something else counts already.
pub(super) fn count() -> Result<PrometheusHandle, String> {
    let handlers = Matcher::Full("hooklatch_handler_seconds".to_owned());
    let counting = PrometheusBuilder::new()
        .set_buckets_for_metric(handlers, HANDLER_SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| error.to_string())?;
    hooklatch::metric::describe();
    Ok(counting)
}

/// What is served on the admin address. With a token `/metrics` is for its bearer alone; `/healthz` and `/readyz`, which
/// tell no secret, are for anybody who reaches the address. The inspector, which has a guard of its own, has the rest.
pub(super) fn app(
    current: Current,
    metrics: PrometheusHandle,
    token: Option<Secret>,
    inspector: Option<Inspector>,
) -> Router {
    let guarded = Router::new().route("/metrics", get(async move || rendered(&metrics)));
    let guarded = match token {
        Some(token) => guarded.layer(middleware::from_fn_with_state(token, bearer_only)),
        None => guarded,
    };
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async move || current.health()))
        .merge(guarded)
        .merge(inspector.map_or_else(Router::new, Inspector::router))
}

fn rendered(metrics: &PrometheusHandle) -> Response {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], metrics.render()).into_response()
}

async fn bearer_only(State(token): State<Secret>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    if given.is_some_and(|given| bears(given.as_bytes(), token.expose())) {
        return next.run(request).await;
    }
    let bearer = HeaderValue::from_static("Bearer");
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, bearer)],
    )
        .into_response()
}

/// Compared in constant time for tokens of the same length.
fn bears(header: &[u8], token: &[u8]) -> bool {
    let Some((scheme, given)) = header.split_at_checked(BEARER.len()) else {
        return false;
    };
    scheme.eq_ignore_ascii_case(BEARER) && bool::from(given.trim_ascii().ct_eq(token))
}

const BEARER: &[u8] = b"bearer ";

/// From a handler that only writes a row to one that is given up.
const HANDLER_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_has_the_whole_token() {
        for (header, fits) in [
            ("Bearer a-token", true),
            ("bearer a-token", true),
            ("Bearer a-toke", false),
            ("Bearer a-token2", false),
            ("Bearer ", false),
            ("Basic a-token", false),
            ("a-token", false),
            ("", false),
        ] {
            assert_eq!(bears(header.as_bytes(), b"a-token"), fits, "{header}");
        }
    }
}
