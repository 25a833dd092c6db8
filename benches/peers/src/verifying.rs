//! Verification alone: head and body in hand, all keys ready.

use std::hint::black_box;

use bytes::Bytes;
use hmac::Mac;
use hooklatch::{Scheme, SchemeVerifier, Unverified, Verifier, provider, testing::Sender};
use http::{HeaderMap, request::Parts};
use time::OffsetDateTime;

use super::{Ready, Workload, bodies, by_hand};

pub const WORKLOADS: &[Workload] = &[
    ("verify/standard/1k/limit", |n| {
        raw_hmac(provider::STANDARD_WEBHOOKS, 1024, 42, n)
    }),
    ("verify/standard/1k/hooklatch", |n| {
        hooklatch(provider::STANDARD_WEBHOOKS, 1024, n)
    }),
    ("verify/standard/1k/hooklatch+head", |n| {
        with_head(provider::STANDARD_WEBHOOKS, 1024, n)
    }),
    ("verify/standard/1k/standardwebhooks", |n| {
        standardwebhooks(1024, n)
    }),
    ("verify/standard/1k/svix", |n| svix(1024, n)),
    ("verify/standard/1k/webhook-verify", |n| {
        webhook_verify(provider::STANDARD_WEBHOOKS, 1024, n)
    }),
    ("verify/github/1k/limit", |n| {
        raw_hmac(provider::GITHUB, 1024, 0, n)
    }),
    ("verify/github/1k/hooklatch", |n| {
        hooklatch(provider::GITHUB, 1024, n)
    }),
    ("verify/github/1k/webhook-verify", |n| {
        webhook_verify(provider::GITHUB, 1024, n)
    }),
    ("verify/github/64k/limit", |n| {
        raw_hmac(provider::GITHUB, 65_536, 0, n)
    }),
    ("verify/github/64k/hooklatch", |n| {
        hooklatch(provider::GITHUB, 65_536, n)
    }),
    ("verify/stripe/1k/limit", |n| {
        raw_hmac(provider::STRIPE, 1024, 11, n)
    }),
    ("verify/stripe/1k/hooklatch", |n| {
        hooklatch(provider::STRIPE, 1024, n)
    }),
    ("verify/stripe/1k/webhook-verify", |n| {
        webhook_verify(provider::STRIPE, 1024, n)
    }),
    ("verify/stripe/64k/limit", |n| {
        raw_hmac(provider::STRIPE, 65_536, 11, n)
    }),
    ("verify/stripe/64k/hooklatch", |n| {
        hooklatch(provider::STRIPE, 65_536, n)
    }),
];

fn signed(scheme: Scheme, size: usize) -> (Sender, Parts, Bytes) {
    let sender = Sender::new(scheme);
    let (request, body) = sender
        .raw(bodies::sized(size))
        .id("msg_2b3c4d5e6f7g8h9i0j1k2l3m4n5")
        .parts();
    (sender, request.into_parts().0, body)
}

/// What nobody can do without: a MAC over as many bytes as are signed.
fn raw_hmac(scheme: Scheme, size: usize, beside_the_body: usize, n: usize) -> Ready {
    let (sender, _, body) = signed(scheme, size);
    let (mac, beside) = (
        by_hand::mac(sender.key_text().as_bytes()),
        vec![b'x'; beside_the_body],
    );
    Box::new(move || {
        for _ in 0..n {
            let mac = mac.clone().chain_update(&beside).chain_update(&body);
            black_box(mac.finalize().into_bytes());
        }
    })
}

fn hooklatch(scheme: Scheme, size: usize, n: usize) -> Ready {
    let (sender, head, body) = signed(scheme.clone(), size);
    let verifier = SchemeVerifier::new(scheme, sender.keyring()).expect("a verifier");
    let now = OffsetDateTime::now_utc();
    Box::new(move || {
        for _ in 0..n {
            black_box(
                verifier
                    .verify(&Unverified::new(&head, &body, now))
                    .expect("verified"),
            );
        }
    })
}

fn with_head(scheme: Scheme, size: usize, n: usize) -> Ready {
    let (sender, head, body) = signed(scheme.clone(), size);
    let verifier = SchemeVerifier::new(scheme, sender.keyring()).expect("a verifier");
    let now = OffsetDateTime::now_utc();
    Box::new(move || {
        for _ in 0..n {
            verifier.check_head(&head).expect("well-formed");
            black_box(
                verifier
                    .verify(&Unverified::new(&head, &body, now))
                    .expect("verified"),
            );
        }
    })
}

fn standardwebhooks(size: usize, n: usize) -> Ready {
    let (headers, body, secret) = for_peers(provider::STANDARD_WEBHOOKS, size);
    let webhook = standardwebhooks::Webhook::new(&secret).expect("a key");
    Box::new(move || (0..n).for_each(|_| webhook.verify(&body, &headers).expect("verified")))
}

fn svix(size: usize, n: usize) -> Ready {
    let (headers, body, secret) = for_peers(provider::STANDARD_WEBHOOKS, size);
    let webhook = svix::webhooks::Webhook::new(&secret).expect("a key");
    Box::new(move || (0..n).for_each(|_| webhook.verify(&body, &headers).expect("verified")))
}

fn webhook_verify(scheme: Scheme, size: usize, n: usize) -> Ready {
    let provider = by_hand::provider_of(&scheme);
    let (headers, body, secret) = for_peers(scheme, size);
    let secret = webhook_verify::Secret::new(secret);
    Box::new(move || {
        for _ in 0..n {
            webhook_verify::verify(
                provider.clone(),
                &headers,
                &body,
                &secret,
                Default::default(),
            )
            .expect("verified");
        }
    })
}

fn for_peers(scheme: Scheme, size: usize) -> (HeaderMap, Bytes, String) {
    let (sender, head, body) = signed(scheme, size);
    (head.headers, body, sender.key_text())
}
