//! URL challenges: whether a receiver answers as it should.

use std::sync::Arc;

use hooklatch::{Clock, EventRouter, Hooks, Param, RawEvent, Scheme, testing::ManualClock};
use http::{HeaderMap, StatusCode};
use time::OffsetDateTime;
use tower::ServiceExt as _;

use super::{
    case::{Answer, Case, Expect},
    keys::keyring,
};

/// Whether the first of these schemes answers a case's challenge as it should, or what is otherwise.
pub(crate) fn answer(case: &Case, schemes: &[Scheme]) -> Result<(), String> {
    let scheme = schemes.first().ok_or("no scheme to judge it by")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let (status, headers, body) = runtime.block_on(ask(case, scheme))?;
    match &case.expected_response {
        Some(expected) => compare(expected, status, &headers, &body),
        None if status.is_success() == (case.expect == Expect::Valid) => Ok(()),
        None => Err(format!("answered {status}")),
    }
}

async fn ask(case: &Case, scheme: &Scheme) -> Result<(StatusCode, HeaderMap, Vec<u8>), String> {
    let now = case.now.map(OffsetDateTime::from_unix_timestamp);
    let now = now.transpose().map_err(|error| format!("now: {error}"))?;
    let clock: Arc<dyn Clock> = match now {
        Some(now) => Arc::new(ManualClock::new(now)),
        None => hooklatch::SystemClock::shared(),
    };
    let url = case.url.as_deref().unwrap_or("https://example.com/");
    let keys = keyring(case, scheme).with(Param::PublicUrl, url);
    let receiver = Hooks::new()
        .with_clock(clock)
        .receiver("vectors", scheme.clone(), keys)
        .map_err(|error| error.to_string())?;
    let events = EventRouter::new().fallback(|_: RawEvent| async { StatusCode::IM_A_TEAPOT });
    let request = case.request(axum::body::Body::from(case.body()?))?;
    let Ok(response) = receiver.receive(events).oneshot(request).await;
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await;
    let body = body.map_err(|error| error.to_string())?;
    Ok((head.status, head.headers, body.to_vec()))
}

fn compare(
    expected: &Answer,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), String> {
    if let Some(expected) = expected.status.filter(|code| *code != status.as_u16()) {
        return Err(format!("answered {status}, not {expected}"));
    }
    for (name, value) in &expected.headers {
        let found = headers.get(name).and_then(|found| found.to_str().ok());
        if !found.is_some_and(|found| found.starts_with(&**value)) {
            return Err(format!("answered {name}: {found:?}, not {value:?}"));
        }
    }
    if let Some(name) = expected
        .absent_headers
        .iter()
        .find(|name| headers.contains_key(&***name))
    {
        return Err(format!("answered with the header {name}"));
    }
    if let Some(expected) = &expected.json {
        let found = serde_json::from_slice::<serde_json::Value>(body);
        if !found.is_ok_and(|found| found == *expected) {
            return Err(format!(
                "answered {:?}, not {expected}",
                String::from_utf8_lossy(body)
            ));
        }
    }
    match &expected.body {
        Some(expected) if expected.as_bytes() != body => Err(format!(
            "answered {:?}, not {expected:?}",
            String::from_utf8_lossy(body)
        )),
        _ => Ok(()),
    }
}
