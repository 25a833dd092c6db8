//! The presets as data, and a stage with an endpoint for each.

use axum::{Router, body::Body, extract::Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use hooklatch::{
    EventRouter, MemoryStore, Method, Receive, Scheme, provider,
    testing::{Draft, Sender},
};
use http::{HeaderName, HeaderValue};
use sha2::Sha256;

use crate::support::{Runs, World, payload, status};

/// How a preset is attacked.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(crate) scheme: fn() -> Scheme,
    pub(crate) signature: &'static str,
    /// What stands in front of the signature in its header.
    pub(crate) mark: &'static str,
    pub(crate) timestamp: Time,
    pub(crate) encoding: Written,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    None,
    Header(&'static str),
    Field,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Hex,
    Base64,
}

pub(crate) const PRESETS: [Preset; 6] = [
    Preset {
        name: "stripe",
        scheme: || provider::STRIPE,
        signature: "stripe-signature",
        mark: "v1=",
        timestamp: Time::Field,
        encoding: Written::Hex,
    },
    Preset {
        name: "github",
        scheme: || provider::GITHUB,
        signature: "x-hub-signature-256",
        mark: "sha256=",
        timestamp: Time::None,
        encoding: Written::Hex,
    },
    Preset {
        name: "standard-v1",
        scheme: || provider::STANDARD_WEBHOOKS,
        signature: "webhook-signature",
        mark: "v1,",
        timestamp: Time::Header("webhook-timestamp"),
        encoding: Written::Base64,
    },
    Preset {
        name: "standard-v1a",
        scheme: standard_v1a,
        signature: "webhook-signature",
        mark: "v1a,",
        timestamp: Time::Header("webhook-timestamp"),
        encoding: Written::Base64,
    },
    Preset {
        name: "slack",
        scheme: || provider::SLACK,
        signature: "x-slack-signature",
        mark: "v0=",
        timestamp: Time::Header("x-slack-request-timestamp"),
        encoding: Written::Hex,
    },
    Preset {
        name: "sendgrid",
        scheme: || provider::SENDGRID,
        signature: "x-twilio-email-event-webhook-signature",
        mark: "",
        timestamp: Time::Header("x-twilio-email-event-webhook-timestamp"),
        encoding: Written::Base64,
    },
];

/// The same scheme; the test sender signs with its first method.
fn standard_v1a() -> Scheme {
    let mut methods: Vec<Method> = provider::STANDARD_WEBHOOKS.methods.into_owned();
    methods.reverse();
    Scheme {
        methods: methods.into(),
        ..provider::STANDARD_WEBHOOKS
    }
}

/// A signed request, head and body apart, before and after an attack.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) head: http::Request<()>,
    pub(crate) body: Bytes,
}

impl Signed {
    pub(crate) fn request(&self) -> Request {
        self.head.clone().map(|()| Body::from(self.body.clone()))
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.head
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
        self
    }

    pub(crate) fn and(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.head
            .headers_mut()
            .append(HeaderName::from_static(name), value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.head.headers_mut().remove(name);
        self
    }

    pub(crate) fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn header(&self, name: &str) -> String {
        let value = self.head.headers().get(name).expect("the header");
        value.to_str().unwrap().to_owned()
    }
}

impl From<Draft> for Signed {
    fn from(draft: Draft) -> Self {
        let (head, body) = draft.parts();
        Self { head, body }
    }
}

/// One preset's receiver and its sender.
pub(crate) struct Endpoint {
    pub(crate) preset: &'static Preset,
    pub(crate) sender: Sender,
    pub(crate) app: Receive,
}

impl Endpoint {
    /// A good event that nobody has sent yet.
    pub(crate) fn good(&self, id: &str) -> Signed {
        self.draft(id).into()
    }

    pub(crate) fn draft(&self, id: &str) -> Draft {
        let event = serde_json::json!({"object": payload(), "about": id});
        self.sender
            .event("push", event)
            .id(id)
            .to(&format!("/{}", self.preset.name))
    }

    /// The signature's text in front of the signature, and the signature.
    pub(crate) fn signature(&self, signed: &Signed) -> (String, String) {
        let text = signed.header(self.preset.signature);
        let at = text.find(self.preset.mark).unwrap() + self.preset.mark.len();
        (text[..at].to_owned(), text[at..].to_owned())
    }

    /// Signed by the real key over a timestamp text of our choice; where the key is a secret.
    pub(crate) fn signed_at(&self, timestamp: &str, body: &str) -> Option<Signed> {
        self.signed_as("msg_1", timestamp, body)
    }

    pub(crate) fn signed_as(&self, id: &str, timestamp: &str, body: &str) -> Option<Signed> {
        let key = self.sender.key_text();
        let (key, content) = match self.preset.name {
            "stripe" => (key.into_bytes(), format!("{timestamp}.{body}")),
            "slack" => (key.into_bytes(), format!("v0:{timestamp}:{body}")),
            "standard-v1" => {
                let key = STANDARD.decode(key.strip_prefix("whsec_").unwrap());
                (key.unwrap(), format!("{id}.{timestamp}.{body}"))
            }
            _ => return None,
        };
        let mac = Hmac::<Sha256>::new_from_slice(&key)
            .unwrap()
            .chain_update(content)
            .finalize()
            .into_bytes();
        let hex = || {
            mac.iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let signed = self.good("msg_1").with_body(body.to_owned());
        Some(match (self.preset.name, self.preset.timestamp) {
            ("stripe", _) => signed.with("stripe-signature", format!("t={timestamp},v1={}", hex())),
            ("slack", Time::Header(name)) => signed
                .with(name, timestamp)
                .with("x-slack-signature", format!("v0={}", hex())),
            (_, Time::Header(name)) => signed
                .with("webhook-id", id)
                .with(name, timestamp)
                .with("webhook-signature", format!("v1,{}", STANDARD.encode(mac))),
            _ => return None,
        })
    }
}

/// All presets' endpoints around one store, with a handler that counts.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) runs: Runs,
    pub(crate) endpoints: Vec<Endpoint>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let runs = Runs::default();
        Self::with(runs.router(), runs)
    }

    pub(crate) fn with(events: EventRouter, runs: Runs) -> Self {
        let world = World::new();
        let endpoints = PRESETS.iter().map(|preset| {
            let scheme = (preset.scheme)();
            let sender = world.sender(scheme.clone());
            let app = world
                .receiver(preset.name, scheme, &sender)
                .receive(events.clone());
            Endpoint {
                preset,
                sender,
                app,
            }
        });
        Self {
            endpoints: endpoints.collect(),
            runs,
            world,
        }
    }

    pub(crate) fn endpoint(&self, name: &str) -> &Endpoint {
        let mut found = self.endpoints.iter().filter(|at| at.preset.name == name);
        found.next().expect("a preset")
    }

    pub(crate) fn router(&self) -> Router {
        self.endpoints.iter().fold(Router::new(), |router, at| {
            router.route_service(&format!("/{}", at.preset.name), at.app.clone())
        })
    }

    pub(crate) fn store(&self) -> &MemoryStore {
        &self.world.store
    }

    /// Each of these is answered so, without effect or trace, and the endpoint still works.
    pub(crate) async fn refuses(
        &self,
        endpoint: &Endpoint,
        attacks: impl IntoIterator<Item = (String, Signed)>,
        expected: u16,
    ) -> usize {
        let (before, runs) = (self.store().stats(), self.runs.count());
        let mut count = 0;
        for (what, signed) in attacks {
            let got = status(&endpoint.app, signed.request()).await;
            assert_eq!(got, expected, "{}: {what:.120}", endpoint.preset.name);
            count += 1;
        }
        assert_eq!(
            self.runs.count(),
            runs,
            "{}: no effect",
            endpoint.preset.name
        );
        assert_eq!(
            self.store().stats(),
            before,
            "{}: nothing written",
            endpoint.preset.name
        );
        self.works(endpoint).await;
        count
    }

    /// A good request is handled.
    pub(crate) async fn works(&self, endpoint: &Endpoint) {
        let runs = self.runs.count();
        let id = format!("good_{runs}");
        assert_eq!(
            status(&endpoint.app, endpoint.good(&id).request()).await,
            200
        );
        assert_eq!(self.runs.count(), runs + 1, "{}", endpoint.preset.name);
    }
}
