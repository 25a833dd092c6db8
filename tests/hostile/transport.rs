//! Lies about length and encoding, halves of requests, bodies that never end, over real connections.

use std::time::{Duration, Instant};

use hooklatch::{Compression, Server, Several};
use tokio::{io::AsyncWriteExt, time::sleep};

use crate::attacks;
use crate::presets::{Endpoint, Stage};

use crate::support::{MS, status};
use crate::wire::{Running, head, raw, serve};

struct Wired {
    stage: Stage,
    server: Running,
}

impl Wired {
    async fn new() -> Self {
        Self::with(Server::new()).await
    }

    async fn with(server: Server) -> Self {
        let stage = Stage::new();
        let server = serve(server, stage.router(), &stage.world.hooks).await;
        Self { stage, server }
    }

    /// Nothing ran, nothing is written, and a good request is handled over the wire.
    async fn unharmed(&self, endpoint: &Endpoint, runs: usize) {
        assert_eq!(self.stage.runs.count(), runs, "no effect");
        let stats = self.stage.store().stats();
        assert_eq!((stats.in_progress, stats.failed), (0, 0), "nothing written");
        let good = raw(&endpoint.good(&format!("good_{runs}")));
        assert_eq!(
            self.server.status(&good).await,
            200,
            "{}",
            endpoint.preset.name
        );
        assert_eq!(self.stage.runs.count(), runs + 1);
    }
}

#[tokio::test]
async fn every_authentication_failure_is_the_same_bytes() {
    let wired = Wired::new().await;
    let mut seen = std::collections::BTreeMap::<String, String>::new();
    let mut count = 0;
    for endpoint in &wired.stage.endpoints {
        let mut client = wired.server.connect().await;
        let most = match (wired.stage.is_thorough(endpoint), endpoint.preset.leads) {
            (true, _) => usize::MAX,
            (false, true) => 40,
            (false, false) => 5,
        };
        let attacks = attacks::all(endpoint).take(most);
        let attacks = attacks.filter(|(_, signed)| goes_over_the_wire(signed));
        for (what, signed) in attacks {
            client.send(&raw(&signed)).await;
            let answer = client.answer().await;
            assert_eq!(
                answer.status(),
                401,
                "{}: {what:.120}",
                endpoint.preset.name
            );
            seen.entry(answer.timeless())
                .or_insert_with(|| format!("{} {what:.80}", endpoint.preset.name));
            count += 1;
        }
        if endpoint.preset.timestamp().is_some() && endpoint.preset.stale() == 401 {
            client.send(&raw(&endpoint.draft("1").stale().into())).await;
            let answer = client.answer().await;
            seen.entry(answer.timeless())
                .or_insert_with(|| "stale".to_owned());
        }
    }
    let runs = wired.stage.runs.count();
    assert_eq!((runs, wired.stage.store().stats().events), (0, 0));
    assert_eq!(seen.len(), 1, "after {count}: {seen:#?}");
    wired.unharmed(&wired.stage.endpoints[0], 0).await;
}

#[tokio::test]
async fn a_failure_found_before_the_body_is_the_same_bytes_as_one_found_after() {
    let wired = Wired::new().await;
    let mut seen = std::collections::BTreeMap::<String, String>::new();
    for endpoint in wired.stage.leaders() {
        let sizes: &[usize] = match wired.stage.is_thorough(endpoint) {
            true => &[0, 10, 100_000, 900_000],
            false => &[0, 10],
        };
        for &size in sizes {
            let signed = endpoint.good("1").with_body("a".repeat(size));
            let before = match endpoint.preset.signature() {
                place if place.is_in_body() => signed.clone(),
                place => signed.clone().without_at(&place),
            };
            // A token lets any body in.
            let known =
                endpoint.preset.takes_any_body() && !endpoint.preset.signature().is_in_body();
            let after = (!known).then_some(("after", signed));
            for (what, signed) in after.into_iter().chain([("before", before)]) {
                let answer = wired.server.answer(&raw(&signed)).await;
                let name = &endpoint.preset.name;
                assert_eq!(answer.status(), 401, "{name}: {what} {size}");
                seen.entry(answer.timeless())
                    .or_insert_with(|| format!("{name} {what} {size}"));
            }
        }
    }
    assert_eq!(seen.len(), 1, "{seen:#?}");
}

/// Spaces at the ends are not part of a value, and a head has its limits.
fn goes_over_the_wire(signed: &crate::places::Signed) -> bool {
    let values = || signed.head.headers().values();
    let trimmed = |value: &http::HeaderValue| value.as_bytes().trim_ascii() == value.as_bytes();
    let size: usize = values().map(|value| value.len() + 40).sum();
    values().all(trimmed)
        && size + signed.head.uri().to_string().len() < 30_000
        && signed.head.headers().len() < 60
}

#[tokio::test]
async fn a_head_too_large_is_431_and_one_that_is_none_is_400() {
    let wired = Wired::new().await;
    for endpoint in wired.stage.leaders() {
        let good = endpoint.good("1");
        let place = endpoint.preset.signature();
        let name = place.header().unwrap_or("x-signature");
        let huge = good.clone().with(name, "v1,A ".repeat(37_500));
        let many = (0..80).fold(good.clone(), |signed, _| signed.and(name, "v1"));
        for (what, signed, expected) in [("huge", huge, 431), ("many", many, 431)] {
            let answer = wired.server.answer(&raw(&signed)).await;
            assert_eq!(answer.status(), expected, "{what}");
        }
    }
    let rest = "host: a\r\ncontent-length: 0\r\n\r\n";
    for line in [
        "POST /stripe HTTP/1.1\r\nx y: 1\r\n".to_owned() + rest,
        "POST /stripe HTTP/1.1\r\nstripe-signature: a\0b\r\n".to_owned() + rest,
        "POST /stripe HTTP/1.1\r\n: x\r\n".to_owned() + rest,
        "POST /str ipe HTTP/1.1\r\n".to_owned() + rest,
        "POST /stripe HTTP/9.1\r\n".to_owned() + rest,
        "\0\0\0\0\r\n\r\n".to_owned(),
        "POST /stripe HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"
            .to_owned(),
        "POST /stripe HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n".to_owned(),
        "POST /stripe HTTP/1.1\r\nhost: a\r\ncontent-length: +5\r\n\r\nabcde".to_owned(),
        "POST /stripe HTTP/1.1\r\nhost: a\r\ncontent-length: 0x5\r\n\r\nabcde".to_owned(),
        "POST /stripe HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999999\r\n\r\n"
            .to_owned(),
        "POST /stripe HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, gzip\r\n\r\n".to_owned(),
        "POST /stripe HTTP/1.1\r\nhost: a\r\ntransfer-encoding: nonsense\r\n\r\n".to_owned(),
    ] {
        let got = wired.server.status(line.as_bytes()).await;
        assert_eq!(got, 400, "{line:?}");
    }
    wired.unharmed(&wired.stage.endpoints[0], 0).await;
}

#[tokio::test]
async fn methods_and_paths() {
    let wired = Wired::new().await;
    for method in [
        "GET",
        "HEAD",
        "PUT",
        "OPTIONS",
        "DELETE",
        "PATCH",
        "TRACE",
        "POSTED",
        "post",
        "P!#$%&'*+.^_`|~9",
    ] {
        let request = format!("{method} /stripe HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
        let answer = wired.server.answer(request.as_bytes()).await;
        assert_eq!(answer.status(), 405, "{method}");
        assert_eq!(answer.header("allow").as_deref(), Some("POST"), "{method}");
    }
    let stripe = wired.stage.endpoint("stripe");
    let good = String::from_utf8(raw(&stripe.good("1"))).unwrap();
    for path in [
        "/stripe/",
        "//stripe",
        "/github/../stripe",
        "/%73tripe",
        "/stripe%00",
        "/STRIPE",
        "/./stripe",
        "*",
        "/",
        "/stripe;x",
        "/stripe/..",
    ] {
        let request = good.replacen("/stripe", path, 1);
        let got = wired.server.status(request.as_bytes()).await;
        assert!(matches!(got, 400 | 404), "{path}: {got}");
    }
    assert_eq!(wired.stage.runs.count(), 0);
    let absolute = good.replacen("/stripe", "http://a/stripe?x=1", 1);
    assert_eq!(wired.server.status(absolute.as_bytes()).await, 200);
    wired.unharmed(stripe, 1).await;
}

#[tokio::test]
async fn lengths_that_lie_and_encodings() {
    let wired = Wired::new().await;
    for (runs, endpoint) in wired.stage.leaders().enumerate() {
        let good = endpoint.good("1");
        let size = good.body.len();
        let limit = endpoint.preset.scheme.profile.body_limit;
        let long = |length: usize| good.clone().with("content-length", length.to_string());
        for length in [limit + 1, usize::MAX / 2, usize::MAX] {
            let answer = wired.server.answer(&raw(&long(length))).await;
            // hyper refuses what fits no length itself.
            assert!(
                matches!(answer.status(), 413 | 400 | 431),
                "{length}: {}",
                answer.text()
            );
        }
        assert_eq!(wired.server.status(&raw(&long(limit + 1))).await, 413);
        if endpoint.preset.covers_all() {
            let short = raw(&long(size - 1));
            assert_eq!(wired.server.status(&short).await, 401, "cut");
        }
        for encoding in [
            "gzip",
            "GZIP",
            "br",
            "deflate",
            "zstd",
            "identity, gzip",
            "x",
        ] {
            // Ten megabytes of zeros would come out of it.
            let bomb = good
                .clone()
                .with("content-encoding", encoding)
                .with_body(&b"\x1f\x8b\x08\0"[..]);
            // Where the packed bytes are signed, these are not, and are never unpacked.
            let signs_packed = endpoint.preset.scheme.compression == Compression::SignedCompressed;
            let expected = match signs_packed && encoding.eq_ignore_ascii_case("gzip") {
                true => 401,
                false => 415,
            };
            let got = wired.server.status(&raw(&bomb)).await;
            assert_eq!(got, expected, "{}: {encoding}", endpoint.preset.name);
        }
        // Of a token's request it would be an empty body.
        if !endpoint.preset.takes_any_body() {
            let coded = good
                .clone()
                .with("transfer-encoding", "gzip, chunked")
                .with_body("0\r\n\r\n");
            let got = wired.server.status(&raw(&coded)).await;
            assert!(
                matches!(got, 400 | 401 | 501),
                "{}: {got}",
                endpoint.preset.name
            );
        }
        wired.unharmed(endpoint, runs).await;
    }
}

#[tokio::test]
async fn chunked_bodies() {
    let wired = Wired::new().await;
    let stripe = wired.stage.endpoint("stripe");
    let good = stripe.good("1");
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let body = str::from_utf8(&good.body).unwrap().to_owned();
    let chunked = good.clone().with("transfer-encoding", "chunked");
    let endless = chunked
        .clone()
        .with_body(chunk(&"a".repeat(60_000)).repeat(20));
    assert_eq!(
        wired.server.status(&raw(&endless)).await,
        413,
        "over the limit without an end"
    );
    for broken in [
        "zz\r\nabc\r\n",
        "5\r\nab",
        "-1\r\na\r\n",
        "ffffffffffffffff1\r\na\r\n",
    ] {
        let mut client = wired.server.connect().await;
        client.send(&raw(&chunked.clone().with_body(broken))).await;
        client.stream.shutdown().await.unwrap();
        // Answered 400, or let go where the client has closed.
        let _ = client.is_closed().await;
    }
    wired.unharmed(wired.stage.endpoint("github"), 0).await;
    let whole = body
        .chars()
        .map(|c| chunk(&c.to_string()))
        .collect::<String>();
    let ended = chunked.with_body(format!("{whole}0\r\nstripe-signature: x\r\n\r\n"));
    assert_eq!(
        wired.server.status(&raw(&ended)).await,
        200,
        "byte by byte, with a trailer"
    );
    assert_eq!(wired.stage.runs.count(), 2);
    // A length beside the chunks counts for nothing: one request, one answer.
    let mut smuggled = raw(&stripe
        .good("2")
        .with("transfer-encoding", "chunked")
        .with_body("0\r\n\r\n"));
    let at = smuggled
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    smuggled.splice(at..at, *b"\r\ncontent-length: 40");
    let got = wired.server.status(&smuggled).await;
    assert!(matches!(got, 400 | 401), "{got}");
    wired.unharmed(stripe, 2).await;
}

#[tokio::test]
async fn expect_100_continue() {
    let wired = Wired::new().await;
    for endpoint in wired.stage.leaders() {
        let good = endpoint.good("1").with("expect", "100-continue");
        let place = endpoint.preset.signature();
        // Where the header may repeat, a text that is no signature stands alone.
        let twice = if endpoint.preset.scheme.several == Several::Repeated {
            good.clone().put(&place, "x")
        } else {
            good.clone().again(&place, "x")
        };
        // A signature in the body is not known to be missing before it; nor is one that a challenge need not have.
        let outside = !place.is_in_body();
        let needed = outside && !endpoint.preset.may_be_unsigned();
        let packs = endpoint.preset.scheme.compression != Compression::Refused;
        let refused = [
            (needed, 401, good.clone().without_at(&place)),
            (outside, 401, twice),
            (!packs, 415, good.clone().with("content-encoding", "gzip")),
            (true, 413, good.clone().with("content-length", "999999999")),
        ];
        let known = refused.into_iter().filter(|(known, ..)| *known);
        for (_, expected, signed) in known {
            let mut client = wired.server.connect().await;
            let whole = raw(&signed);
            client.send(&whole[..whole.len() - signed.body.len()]).await;
            assert_eq!(
                client.answer().await.status(),
                expected,
                "{}: and no 100 before",
                endpoint.preset.name
            );
            assert!(client.is_closed().await, "and nothing more");
        }
        let mut client = wired.server.connect().await;
        let whole = raw(&good);
        client.send(&whole[..whole.len() - good.body.len()]).await;
        assert_eq!(client.answer().await.status(), 100);
        client.send(&good.body).await;
        assert_eq!(client.answer().await.status(), 200);
    }
    assert_eq!(wired.stage.runs.count(), wired.stage.leaders().count());
}

#[tokio::test]
async fn halves_and_drips() {
    let server = Server::new().header_timeout(400 * MS);
    let wired = Wired::with(server).await;
    let stripe = wired.stage.endpoint("stripe");
    let good = stripe.good("1");
    let whole = raw(&good);
    // A part of a head, of a body, and the client is gone.
    for part in [
        1,
        20,
        head(&good).len(),
        whole.len() - good.body.len(),
        whole.len() - 1,
    ] {
        let mut client = wired.server.connect().await;
        client.send(&whole[..part]).await;
        drop(client);
    }
    let began = Instant::now();
    let mut client = wired.server.connect().await;
    client.send(&whole[..30]).await;
    assert!(client.is_closed().await);
    assert!(began.elapsed() < Duration::from_secs(3));
    // Byte by byte, but in time.
    let mut client = wired.server.connect().await;
    for byte in &whole {
        client.send(&[*byte]).await;
    }
    assert_eq!(client.answer().await.status(), 200);
    wired.unharmed(stripe, 1).await;
}

#[tokio::test]
async fn a_body_that_pauses_or_drips_is_a_408() {
    let stage = Stage::of(&["stripe"]);
    let stripe = stage.endpoint("stripe");
    let receiver = stage
        .world
        .receiver("brief", hooklatch::provider::STRIPE, &stripe.sender);
    let app = receiver
        .body_timeouts(200 * MS, 500 * MS)
        .receive(stage.runs.router());
    let app = axum::Router::new().route_service("/stripe", app);
    let server = serve(Server::new(), app, &stage.world.hooks).await;
    let good = stripe.good("1");
    let whole = raw(&good);
    let mut client = server.connect().await;
    client.send(&whole[..whole.len() - 1]).await;
    assert_eq!(client.answer().await.status(), 408, "a pause");
    let mut client = server.connect().await;
    client.send(&whole[..whole.len() - 20]).await;
    for byte in &whole[whole.len() - 20..whole.len() - 1] {
        sleep(50 * MS).await;
        client.send(&[*byte]).await;
    }
    assert_eq!(client.answer().await.status(), 408, "a drip");
    assert_eq!(stage.runs.count(), 0);
    assert_eq!(server.status(&whole).await, 200);
}

#[tokio::test]
async fn a_silent_connection_is_only_silent() {
    let wired = Wired::new().await;
    let mut silent = wired.server.connect().await;
    assert!(silent.is_silent().await);
    let stripe = wired.stage.endpoint("stripe");
    assert_eq!(status(&stripe.app, stripe.good("1").request()).await, 200);
    silent.send(&raw(&stripe.good("1"))).await;
    assert_eq!(silent.answer().await.status(), 200);
}
