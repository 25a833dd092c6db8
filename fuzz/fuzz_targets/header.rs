//! The headers of a signed request, rewritten by a stranger: every preset's grammar from the inside. Whatever still verifies
//! says what its sender said, of the same body, and nothing that another key signed ever does.
#![no_main]

use std::sync::{Arc, LazyLock};

use arbitrary::Arbitrary;
use bytes::Bytes;
use hooklatch::{
    Coverage, Part, Proof, Scheme, SchemeVerifier, Source, Unverified, Verified, Verifier,
    provider,
    testing::{ManualClock, Sender},
};
use http::{HeaderName, HeaderValue, Request, request::Parts};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use time::OffsetDateTime;

#[derive(Arbitrary, Debug)]
struct Stranger<'a> {
    preset: u8,
    edits: Vec<Edit<'a>>,
    flip: usize,
}

/// One change of a header: which one, where in it, and what comes there.
#[derive(Arbitrary, Debug)]
struct Edit<'a> {
    header: u8,
    kind: Kind,
    at: u8,
    length: u8,
    text: Text<'a>,
}

#[derive(Arbitrary, Debug)]
enum Kind {
    /// A piece of it.
    Replace,
    /// One more line of it.
    Repeat,
    Remove,
    /// Its text becomes that of another.
    Exchange,
}

#[derive(Arbitrary, Debug)]
enum Text<'a> {
    Raw(&'a str),
    /// Of the words that the scheme writes headers with.
    Word(u8),
    /// What another header holds.
    Header(u8),
}

/// A request that a sender signed, and what it says.
struct Signed {
    verifier: SchemeVerifier,
    words: Vec<String>,
    head: Parts,
    body: Bytes,
    verified: Verified,
    /// The same, signed by another key.
    foreign: Option<(Parts, Bytes)>,
}

static MOMENT: LazyLock<OffsetDateTime> =
    LazyLock::new(|| OffsetDateTime::from_unix_timestamp(1_700_000_000).expect("a moment"));

static SIGNED: LazyLock<Vec<Signed>> = LazyLock::new(|| provider::ALL.iter().map(signed).collect());

fn signed(scheme: &Scheme) -> Signed {
    let sender = Sender::new(scheme.clone()).clock(Arc::new(ManualClock::new(*MOMENT)));
    let draft = || {
        let event = sender.event("order.paid", json!({"id": "o_1"}));
        event.to("https://hooks.example/hook?a=b")
    };
    let apart = |(request, body): (Request<()>, Bytes)| (request.into_parts().0, body);
    let (head, body) = apart(draft().parts());
    let verifier = SchemeVerifier::new(scheme.clone(), sender.keyring()).expect("its own key");
    let judged = verifier.verify(&Unverified::new(&head, &body, *MOMENT));
    let verified = judged.unwrap_or_else(|why| panic!("{}: {why:?}", scheme.name));
    Signed {
        foreign: Some(apart(draft().with_wrong_key().parts())),
        words: words(scheme),
        verifier,
        head,
        body,
        verified,
    }
}

/// What the headers of a scheme are written with: tags, fields and what stands between them.
fn words(scheme: &Scheme) -> Vec<String> {
    let tags = scheme.methods.iter().flat_map(|method| {
        let tags = [Some(&method.tag), method.fallback_tag.as_ref()];
        tags.into_iter().flatten().map(ToString::to_string)
    });
    let sources = [scheme.id.as_ref(), scheme.key_id.as_ref()];
    let timestamp = scheme.timestamp.as_ref().map(|timestamp| &timestamp.source);
    let fields = sources.into_iter().chain([timestamp]).flatten();
    let fields = fields.filter_map(|source| match source {
        Source::Field(name) => Some(name.to_string()),
        _ => None,
    });
    let plain = [
        ",",
        ";",
        ":",
        "=",
        " ",
        "/",
        ".",
        "\"",
        "\t",
        "t=",
        "v1,",
        "0",
        "1700000001",
        "evt_test",
        "sig1",
        "(created)",
        "\"@method\"",
        "alg",
        "keyid",
        "nonce",
        "tag",
        "created",
        "expires",
    ];
    let plain = plain.map(str::to_owned);
    tags.chain(fields).chain(plain).collect()
}

impl Edit<'_> {
    fn apply(&self, words: &[String], head: &mut Parts) {
        let names: Vec<HeaderName> = head.headers.keys().cloned().collect();
        let Some(name) = pick(&names, self.header) else {
            return;
        };
        let held = |name: &HeaderName| {
            head.headers
                .get(name)
                .map(|value| value.as_bytes().to_vec())
        };
        let text = match self.text {
            Text::Raw(text) => text.as_bytes().to_vec(),
            Text::Word(index) => pick(words, index).map_or(Vec::new(), |word| word.clone().into()),
            Text::Header(index) => pick(&names, index).and_then(held).unwrap_or_default(),
        };
        match self.kind {
            Kind::Remove => {
                head.headers.remove(name);
            }
            Kind::Replace => {
                let mut value = held(name).unwrap_or_default();
                let start = usize::from(self.at).min(value.len());
                let end = start.saturating_add(self.length.into()).min(value.len());
                value.splice(start..end, text);
                set(head, name, &value);
            }
            Kind::Exchange => set(head, name, &text),
            Kind::Repeat => {
                if let Ok(value) = HeaderValue::from_bytes(&text) {
                    head.headers.append(name, value);
                }
            }
        }
    }
}

/// Bytes that no header may hold never reach us.
fn set(head: &mut Parts, name: &HeaderName, value: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(value) {
        head.headers.insert(name, value);
    }
}

fn pick<T>(all: &[T], index: u8) -> Option<&T> {
    all.get(usize::from(index) % all.len().max(1))
}

/// Whether an id has to be what the sender said.
fn signs_id(scheme: &Scheme) -> bool {
    let in_token = matches!(scheme.id, Some(Source::Claim(_)));
    scheme.content.contains(&Part::Id) || in_token
}

fuzz_target!(|stranger: Stranger<'_>| {
    let Some(signed) = pick(&SIGNED, stranger.preset) else {
        return;
    };
    let scheme = signed.verifier.scheme();
    let rewritten = |head: &Parts| {
        let mut head = head.clone();
        for edit in stranger.edits.iter().take(8) {
            edit.apply(&signed.words, &mut head);
        }
        head
    };
    let judge = |head: &Parts, body: &Bytes| {
        signed.verifier.check_head(head)?;
        signed
            .verifier
            .verify(&Unverified::new(head, body, *MOMENT))
    };
    if let Some((head, body)) = &signed.foreign {
        let judged = judge(&rewritten(head), body);
        assert!(judged.is_err(), "{}: another key's signature", scheme.name);
    }
    let head = rewritten(&signed.head);
    let Ok(verified) = judge(&head, &signed.body) else {
        return;
    };
    let name = &scheme.name;
    assert_eq!(verified.key(), signed.verified.key(), "{name}: the key");
    // Where only some of it is what a signature has to cover, a header may say more or less of the rest.
    if !matches!(scheme.proof, Proof::Composed) || !scheme.content.is_empty() {
        assert_eq!(
            verified.timestamp(),
            signed.verified.timestamp(),
            "{name}: the time"
        );
    }
    assert_eq!(
        verified.coverage(),
        signed.verified.coverage(),
        "{name}: the coverage"
    );
    if signs_id(scheme) {
        assert_eq!(verified.id(), signed.verified.id(), "{name}: the id");
    }
    if verified.coverage() == Coverage::Whole && !signed.body.is_empty() {
        let mut flipped = signed.body.to_vec();
        let at = stranger.flip % flipped.len();
        flipped[at] ^= 1 << (stranger.flip % 8);
        let judged = judge(&head, &flipped.into());
        assert!(judged.is_err(), "{name}: a flipped bit verified");
    }
});
