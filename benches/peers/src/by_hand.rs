//! Receivers as people write them: a handler that verifies, deduplicates by a set of ids, and decodes.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use hooklatch::{Scheme, provider};
use http::HeaderMap;
use sha2::Sha256;
use webhook_verify::{Provider, Secret};

use super::bodies::{Enveloped, Invoice, IssuesEvent, StripeEnvelope, decode};

/// How a receiver by hand verifies.
#[derive(Clone)]
pub enum With {
    Svix(Arc<svix::webhooks::Webhook>),
    WebhookVerify(Provider, Arc<Secret>),
    /// With care: key state computed once, nothing copied, compared in constant time.
    Hmac(Scheme, Hmac<Sha256>),
}

impl With {
    pub fn svix(secret: &str) -> Self {
        Self::Svix(Arc::new(
            svix::webhooks::Webhook::new(secret).expect("a key"),
        ))
    }

    pub fn webhook_verify(scheme: &Scheme, secret: &str) -> Self {
        Self::WebhookVerify(provider_of(scheme), Arc::new(Secret::new(secret)))
    }

    pub fn hmac(scheme: &Scheme, secret: &str) -> Self {
        let key = match secret.strip_prefix("whsec_") {
            Some(key) if scheme.name == provider::STANDARD_WEBHOOKS.name => {
                BASE64_STANDARD.decode(key).expect("a key")
            }
            _ => secret.as_bytes().to_vec(),
        };
        Self::Hmac(scheme.clone(), mac(&key))
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Option<()> {
        match self {
            Self::Svix(webhook) => webhook.verify(body, headers).ok(),
            Self::WebhookVerify(provider, secret) => {
                webhook_verify::verify(provider.clone(), headers, body, secret, Default::default())
                    .ok()
            }
            Self::Hmac(scheme, key) => with_care(scheme, key, headers, body),
        }
    }
}

fn with_care(scheme: &Scheme, key: &Hmac<Sha256>, headers: &HeaderMap, body: &[u8]) -> Option<()> {
    let text = |name| headers.get(name)?.to_str().ok();
    let (mut mac, mut expected) = (key.clone(), [0_u8; 32]);
    if scheme.name == provider::GITHUB.name {
        hex::decode_to_slice(
            text("x-hub-signature-256")?.strip_prefix("sha256=")?,
            &mut expected,
        )
        .ok()?;
    } else if scheme.name == provider::STRIPE.name {
        let fields = || {
            text("stripe-signature")
                .into_iter()
                .flat_map(|text| text.split(','))
        };
        let at = fields().find_map(|field| field.strip_prefix("t="))?;
        is_fresh(at)?;
        hex::decode_to_slice(
            fields().find_map(|field| field.strip_prefix("v1="))?,
            &mut expected,
        )
        .ok()?;
        mac.update(at.as_bytes());
        mac.update(b".");
    } else {
        let at = text("webhook-timestamp")?;
        is_fresh(at)?;
        let signature = text("webhook-signature")?
            .split(' ')
            .find_map(|entry| entry.strip_prefix("v1,"))?;
        (BASE64_STANDARD
            .decode_slice(signature, &mut expected)
            .ok()?
            == 32)
            .then_some(())?;
        for part in [text("webhook-id")?, ".", at, "."] {
            mac.update(part.as_bytes());
        }
    }
    mac.update(body);
    mac.verify_slice(&expected).ok()
}

fn is_fresh(at: &str) -> Option<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    (now.abs_diff(at.parse().ok()?) <= 300).then_some(())
}

pub fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("any length")
}

pub fn provider_of(scheme: &Scheme) -> Provider {
    match &*scheme.name {
        "github" => Provider::GitHub,
        "stripe" => Provider::Stripe,
        _ => Provider::StandardWebhooks,
    }
}

#[derive(Clone)]
struct Receiver {
    scheme: Scheme,
    with: With,
    seen: Arc<Mutex<HashSet<String>>>,
}

/// A receiver by hand, typed.
pub fn router(scheme: &Scheme, with: With) -> Router {
    let receiver = Receiver {
        scheme: scheme.clone(),
        with,
        seen: Arc::default(),
    };
    Router::new()
        .route("/hook", post(receive))
        .with_state(Arc::new(receiver))
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if receiver.with.verify(&headers, &body).is_none() {
        return StatusCode::UNAUTHORIZED;
    }
    let header_id = |name| {
        headers
            .get(name)
            .and_then(|id| id.to_str().ok())
            .map(str::to_owned)
    };
    let handled = match &*receiver.scheme.name {
        "github" => header_id("x-github-delivery").zip(decode::<IssuesEvent>(&body).map(drop)),
        "stripe" => decode::<StripeEnvelope<Invoice>>(&body)
            .filter(|event| event.r#type == "invoice.paid")
            .map(|event| (event.id, drop(event.data.object))),
        _ => header_id("webhook-id").zip(
            decode::<Enveloped<Invoice>>(&body)
                .filter(|event| event.r#type == "invoice.paid")
                .map(|event| drop(event.data)),
        ),
    };
    let Some((id, ())) = handled else {
        return StatusCode::UNPROCESSABLE_ENTITY;
    };
    receiver.seen.lock().expect("no panic").insert(id);
    StatusCode::OK
}
