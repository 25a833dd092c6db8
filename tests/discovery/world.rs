//! A sender that publishes its keys on a TLS server of this machine, and a receiver that fetches them there.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{body::Body, response::Response};
use hooklatch::{
    Algorithm, Discovery, Encoding, EventRouter, Hooks, KeyDocument, KeyFetcher, KeyFormat,
    KeyPlace, Keyring, Method, Network, NetworkFuture, RawEvent, Receive, Scheme, Source,
    testing::{ManualClock, Sender},
};
use http::{HeaderName, Request};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};
use tower::ServiceExt;

pub(crate) const HOST: &str = "keys.acme.example";
pub(crate) const URL: &str = "https://keys.acme.example/keys";
pub(crate) const PUBLIC: &str = "93.184.216.34";

/// What the server answers at a path.
#[derive(Clone)]
pub(crate) enum Answer {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// A byte every so often, without an end.
    Drip,
    /// Nothing.
    Silence,
}

impl Answer {
    pub(crate) fn ok(body: &str) -> Self {
        Self::with("200 OK", "", body)
    }

    pub(crate) fn with(status: &str, headers: &str, body: &str) -> Self {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        );
        Self::Bytes([head.as_bytes(), body.as_bytes()].concat())
    }
}

/// The server, what it was asked, and the way there.
#[derive(Clone, Debug)]
pub(crate) struct Site(Arc<Inner>);

struct Inner {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
    addresses: Mutex<Vec<Vec<IpAddr>>>,
    resolved: Mutex<Vec<String>>,
    connected: Mutex<Vec<SocketAddr>>,
    local: SocketAddr,
    authority: Vec<u8>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Site")
    }
}

impl Site {
    /// A server that has a certificate for these hosts.
    pub(crate) async fn start(hosts: &[&str]) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_key = KeyPair::generate().unwrap();
        let ca = params.self_signed(&ca_key).unwrap();
        let issuer = Issuer::new(params, ca_key);
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let leaf = CertificateParams::new(names).unwrap();
        let leaf = leaf.signed_by(&key, &issuer).unwrap();
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self(Arc::new(Inner {
            answers: Mutex::default(),
            asked: Mutex::default(),
            addresses: Mutex::new(vec![vec![PUBLIC.parse().unwrap()]]),
            resolved: Mutex::default(),
            connected: Mutex::default(),
            local: listener.local_addr().unwrap(),
            authority: ca.der().to_vec(),
        }));
        tokio::spawn(
            site.clone()
                .serve(listener, TlsAcceptor::from(Arc::new(config))),
        );
        site
    }

    async fn serve(self, listener: TcpListener, tls: TlsAcceptor) {
        while let Ok((stream, _)) = listener.accept().await {
            let (site, tls) = (self.clone(), tls.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = tls.accept(stream).await else {
                    return;
                };
                let mut request = Vec::new();
                let complete = |request: &[u8]| {
                    let text = String::from_utf8_lossy(request);
                    text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                        let length = head.to_ascii_lowercase();
                        let length = length
                            .split("content-length: ")
                            .nth(1)
                            .map(|rest| rest.lines().next().unwrap().parse::<usize>().unwrap());
                        body.len() >= length.unwrap_or(0)
                    })
                };
                while !complete(&request) {
                    if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
                        return;
                    }
                }
                let request = String::from_utf8(request).unwrap();
                let path = request.split(' ').nth(1).unwrap().to_owned();
                site.0.asked.lock().unwrap().push(request);
                let answer = site.0.answers.lock().unwrap().get(&path).cloned();
                match answer.unwrap_or_else(|| Answer::with("404 Not Found", "", "")) {
                    Answer::Bytes(bytes) => {
                        let _ = stream.write_all(&bytes).await;
                        let _ = stream.shutdown().await;
                    }
                    Answer::Drip => {
                        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
                        let _ = stream.write_all(head).await;
                        let mut pace = tokio::time::interval(Duration::from_millis(20));
                        while stream.write_all(b" ").await.is_ok() && stream.flush().await.is_ok() {
                            pace.tick().await;
                        }
                    }
                    Answer::Silence => std::future::pending().await,
                }
            });
        }
    }

    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        self.0
            .answers
            .lock()
            .unwrap()
            .insert(path.to_owned(), answer);
    }

    /// The addresses of every host: those of each look-up in turn, the last for all after.
    pub(crate) fn resolves_to(&self, turns: &[&[&str]]) {
        let parse = |turn: &&[&str]| {
            turn.iter()
                .map(|address| address.parse().unwrap())
                .collect()
        };
        *self.0.addresses.lock().unwrap() = turns.iter().map(parse).collect();
    }

    /// The requests that came.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.asked.lock().unwrap().clone()
    }

    pub(crate) fn resolved(&self) -> usize {
        self.0.resolved.lock().unwrap().len()
    }

    pub(crate) fn connected(&self) -> Vec<SocketAddr> {
        self.0.connected.lock().unwrap().clone()
    }

    /// A fetcher that trusts this server.
    pub(crate) fn fetcher(&self) -> KeyFetcher {
        KeyFetcher::trusting([&*self.0.authority])
            .unwrap()
            .network(self.clone())
    }

    /// Publishes these keys.
    pub(crate) fn publish(&self, keys: &[(&str, &Sender)]) {
        self.answer("/keys", Answer::ok(&list(keys)));
    }
}

impl Network for Site {
    fn resolve<'a>(&'a self, host: &'a str) -> NetworkFuture<'a, Vec<IpAddr>> {
        self.0.resolved.lock().unwrap().push(host.to_owned());
        let mut turns = self.0.addresses.lock().unwrap();
        let addresses = if turns.len() > 1 {
            turns.remove(0)
        } else {
            turns[0].clone()
        };
        Box::pin(async { Ok(addresses) })
    }

    fn connect(&self, address: SocketAddr) -> NetworkFuture<'_, TcpStream> {
        self.0.connected.lock().unwrap().push(address);
        Box::pin(TcpStream::connect(self.0.local))
    }
}

/// A site whose network is down.
#[derive(Debug)]
pub(crate) struct Down;

impl Network for Down {
    fn resolve<'a>(&'a self, _: &'a str) -> NetworkFuture<'a, Vec<IpAddr>> {
        Box::pin(async { Ok(vec![PUBLIC.parse().unwrap()]) })
    }

    fn connect(&self, _: SocketAddr) -> NetworkFuture<'_, TcpStream> {
        Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })
    }
}

/// The published list of keys.
pub(crate) fn list(keys: &[(&str, &Sender)]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|(id, sender)| json!({"key_identifier": id, "key": sender.key_text()}))
        .collect();
    json!({ "public_keys": keys }).to_string()
}

/// A sender that signs with Ed25519 and names its key in a header.
pub(crate) fn scheme() -> Scheme {
    Scheme {
        name: "acme".into(),
        methods: vec![Method {
            algorithm: Algorithm::Ed25519,
            encoding: Encoding::Base64,
            key: KeyFormat {
                encoding: Encoding::Base64,
                ..KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        }]
        .into(),
        key_id: Some(Source::header("x-key-id")),
        discovery: Some(Discovery {
            place: KeyPlace::Fixed(URL.into()),
            document: KeyDocument::JsonList {
                list: "/public_keys".into(),
                id: "key_identifier".into(),
                key: "key".into(),
            },
            ..Discovery::JWKS
        }),
        id: Some(Source::json("/id")),
        ..Scheme::HMAC_SHA256
    }
}

/// The same sender, each of whose keys has a URL of its own.
pub(crate) fn scheme_per_key(url: &str) -> Scheme {
    Scheme {
        discovery: Some(Discovery {
            place: KeyPlace::PerKey(url.to_owned().into()),
            document: KeyDocument::Json("/key".into()),
            ..Discovery::JWKS
        }),
        ..scheme()
    }
}

/// A sender of this scheme, with a key pair of its own.
pub(crate) fn sender() -> Sender {
    Sender::new(Scheme {
        discovery: None,
        key_id: None,
        ..scheme()
    })
}

/// A request signed by this sender, whose key it names so.
pub(crate) fn request(sender: &Sender, key_id: &str) -> Request<Body> {
    sender
        .raw(r#"{"id":"evt_1","type":"made.up"}"#)
        .header(HeaderName::from_static("x-key-id"), key_id)
        .request()
}

/// A receiver without keys, and its clock.
pub(crate) struct Endpoint {
    pub(crate) receive: Receive,
    pub(crate) clock: ManualClock,
}

impl Endpoint {
    pub(crate) fn new(scheme: Scheme, fetcher: KeyFetcher) -> Self {
        Self::with(scheme, fetcher, Keyring::empty())
    }

    pub(crate) fn with(scheme: Scheme, fetcher: KeyFetcher, keys: Keyring) -> Self {
        let clock = ManualClock::new(OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap());
        let receive = Hooks::new()
            .with_clock(Arc::new(clock.clone()))
            .receiver("acme", scheme, keys)
            .unwrap()
            .key_source(Arc::new(fetcher))
            .receive(EventRouter::new().fallback(|_: RawEvent| async {}));
        Self { receive, clock }
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> Response {
        self.receive.clone().oneshot(request).await.unwrap()
    }

    /// The status of a request signed by this sender with the key of this name.
    pub(crate) async fn status(&self, sender: &Sender, key_id: &str) -> u16 {
        self.answer(request(sender, key_id)).await.status().as_u16()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}
