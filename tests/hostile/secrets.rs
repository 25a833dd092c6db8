//! What is logged and printed: never a secret, a signature, a query or a body.

use std::io;
use std::sync::{Arc, Mutex};

use hooklatch::{Ack, Event, EventRouter, Keyring, RawEvent, SchemeVerifier, Server, provider};
use serde_json::json;
use tracing::subscriber::set_default;
use tracing_subscriber::fmt::MakeWriter;

use crate::presets::{Endpoint, Preset, Signed, Stage, presets};
use crate::support::{MS, Runs, World, status};
use crate::wire::{raw, serve};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// What was logged since the last time.
    fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes).unwrap()
    }
}

const MARK: &str = "body-marker-7f3a";

#[tokio::test]
async fn no_log_line_holds_a_secret_a_signature_or_a_body() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    // With one subscriber only, what another test's thread logs first would be taken for unwanted everywhere.
    let _second = tracing::dispatcher::Dispatch::new(tracing_subscriber::registry());
    let _guard = set_default(subscriber);
    let events = EventRouter::new()
        .on("misfit", |_: Event<u64>| async {})
        .on("panic", |event: RawEvent| async move {
            assert!(event.id.is_empty(), "as the test wants");
        })
        .on("retry", |_: RawEvent| async { Ack::Retry })
        .on("slow", |_: RawEvent| tokio::time::sleep(1000 * MS))
        .on("push", |_: RawEvent| async {});
    let world = World::new();
    for preset in presets().into_iter().filter(Preset::is_written_by_sender) {
        let endpoint = Endpoint::new(&world, preset, events.clone(), |receiver| {
            receiver.answer_deadline(20 * MS).handler_deadline(50 * MS)
        });
        let private = attack_in_public(&endpoint, &world).await;
        let text = log.take();
        assert!(
            text.contains("refused") && text.contains("signature_mismatch"),
            "it is logged at all"
        );
        for secret in private {
            let line = text.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "{}: {secret}", endpoint.preset.name);
        }
    }
}

/// Sends all that is logged otherwise, and tells what no line may hold. What takes long or a socket is sent by one of each
/// shape.
async fn attack_in_public(endpoint: &Endpoint, world: &World) -> Vec<String> {
    let (preset, sender, app) = (&endpoint.preset, &endpoint.sender, &endpoint.app);
    let (path, place) = (format!("/{}", preset.name), preset.signature());
    let draft = |kind: &str| {
        let body = json!({MARK: MARK, "action": null});
        sender
            .event(kind, body)
            .id(kind)
            .to(&format!("{path}?note={MARK}"))
    };
    let mut private = vec![MARK.to_owned(), "token=".to_owned(), "note=".to_owned()];
    private.push(sender.key_text());
    let mut requests: Vec<Signed> = vec![
        draft("push").with_flipped_bit().into(),
        draft("push").with_wrong_key().into(),
        draft("push")
            .at(time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(9_000))
            .into(),
    ];
    let kinds: &[&str] = match preset.leads {
        true => &["push", "push", "misfit", "panic", "retry", "slow", "nobody"],
        false => &["push", "push", "misfit"],
    };
    for kind in kinds {
        let signed = Signed::from(draft(kind));
        // Batches and tokens apart, each has a signature of its own.
        private.push(endpoint.signature(&signed).1);
        requests.push(signed);
    }
    let push = || Signed::from(draft("push"));
    requests.push(push().without_at(&place));
    requests.push(push().again(&place, "x"));
    requests.push(push().with("content-encoding", "gzip"));
    requests.push(push().with("content-length", "999999999"));
    private.push(endpoint.signature(&push()).1);
    for signed in &requests {
        let _ = status(app, signed.request()).await;
    }
    if preset.leads {
        let served = axum::Router::new().route_service(&path, app.clone());
        let server = serve(Server::new(), served, &world.hooks).await;
        for signed in &requests {
            let _ = server.status(&raw(signed)).await;
        }
        tokio::time::sleep(60 * MS).await;
    }
    private
}

#[tokio::test]
async fn no_debug_output_holds_a_secret_or_a_signature() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let secret = endpoint.sender.key_text();
        let scheme = endpoint.preset.scheme.clone();
        let keys = endpoint.sender.keyring().and("rolled", secret.clone());
        let verifier = SchemeVerifier::new(scheme.clone(), keys.clone()).unwrap();
        let hooks = hooklatch::Hooks::new();
        let receiver = hooks.receiver("a", scheme.clone(), keys.clone()).unwrap();
        let printed = format!(
            "{keys:?} {keys:#?} {verifier:?} {:?} {receiver:?} {hooks:?} {:?} {:?} {:?} {scheme:?}",
            verifier.keys(),
            receiver.keys(),
            receiver.receive(EventRouter::new()),
            endpoint.sender,
        );
        assert!(!printed.contains(&secret), "{printed}");
        let bytes = format!("{:?}", secret.as_bytes());
        assert!(!printed.contains(bytes.trim_matches(['[', ']'])));
        // What is in front of a key tells what it is, and is no secret.
        let prefix = endpoint.preset.sent.methods[0].key.prefix.len();
        for wrong in [
            secret[..prefix + (secret.len() - prefix) / 5].to_owned(),
            format!("{secret}\n"),
            format!("sk_live_{secret}"),
        ] {
            if let Err(error) = hooks.receiver("b", scheme.clone(), Keyring::new(wrong.clone())) {
                let printed = format!("{error} {error:?}");
                assert!(!printed.contains(wrong.trim()), "{printed}");
            }
        }
    }
}

#[tokio::test]
async fn a_delivery_prints_no_body_and_a_refusal_no_value() {
    let printed = Arc::new(Mutex::new(String::new()));
    let events = EventRouter::new().fallback({
        let printed = Arc::clone(&printed);
        move |delivery: hooklatch::Delivery| async move {
            *printed.lock().unwrap() = format!("{delivery:?} {delivery:#?}");
        }
    });
    let stage = Stage::with(events, Runs::default());
    for endpoint in &stage.endpoints {
        let event = endpoint.sender.event("push", json!({MARK: MARK})).request();
        assert_eq!(status(&endpoint.app, event).await, 200);
        let printed = printed.lock().unwrap().clone();
        assert!(
            printed.contains("Delivery") && !printed.contains(MARK),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn a_misfit_tells_where_in_bounds() {
    type Table = std::collections::HashMap<String, u64>;
    let events = EventRouter::new().fallback(|_: Event<Table>| async {});
    let world = World::new();
    let (standard, app) = world.endpoint(provider::STANDARD_WEBHOOKS, events);
    let request = standard
        .event("a", json!({"x".repeat(100_000): "no number"}))
        .request();
    let response = crate::support::send(&app, request).await;
    let rejection = response.extensions().get::<hooklatch::Rejection>().unwrap();
    assert_eq!(response.status(), 422);
    assert!(
        rejection.detail().len() < 400,
        "{}",
        rejection.detail().len()
    );
    let request = standard
        .event("a", json!({"a\nb\u{1b}[31m": "no number"}))
        .id("2")
        .request();
    let response = crate::support::send(&app, request).await;
    let rejection = response.extensions().get::<hooklatch::Rejection>().unwrap();
    assert!(
        !rejection.to_string().contains(['\n', '\u{1b}']),
        "{rejection}"
    );
}

#[test]
fn a_request_not_yet_believed_prints_neither_headers_nor_body() {
    let request = http::Request::post("/x?token=hunter2")
        .header("x-signature", "hunter2")
        .body(())
        .unwrap();
    let (head, ()) = request.into_parts();
    let body = bytes::Bytes::from_static(b"hunter2");
    let unverified = hooklatch::Unverified::new(&head, &body, time::OffsetDateTime::UNIX_EPOCH);
    let printed = format!("{unverified:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
}
