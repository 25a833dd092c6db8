//! TLS that the server ends itself.

use std::{fs, path::PathBuf, sync::Arc};

use hooklatch::{ConfigErrorKind, TlsCertificate};
use rcgen::generate_simple_self_signed;
use tempfile::TempDir;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
        version::{TLS12, TLS13},
    },
};

use super::*;

/// The two files of a certificate, and the folder they are in.
struct Files {
    _folder: TempDir,
    chain: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Self {
            chain: folder.path().join("chain.pem"),
            key: folder.path().join("key.pem"),
            _folder: folder,
        };
        files.renew();
        files
    }

    /// Writes another certificate, with another key.
    fn renew(&self) {
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&self.chain, made.cert.pem()).unwrap();
        fs::write(&self.key, made.signing_key.serialize_pem()).unwrap();
    }

    fn load(&self) -> TlsCertificate {
        TlsCertificate::from_pem_files(&self.chain, &self.key).unwrap()
    }

    fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(&self.chain).unwrap()
    }

    /// A client that trusts the certificate as it is now, and speaks this version alone.
    fn client(&self, version: &'static SupportedProtocolVersion, alpn: &[&str]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config).into()
    }

    async fn connect(&self, server: &Running) -> TlsStream<TcpStream> {
        let client = self.client(&TLS13, &["http/1.1"]);
        secure(&client, server).await.unwrap()
    }
}

async fn secure(client: &TlsConnector, server: &Running) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.addr).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    timeout(5_000 * MS, client.connect(name, stream))
        .await
        .expect("an end of the handshake")
}

/// Posts `body` and reads the answer, which ends with it.
async fn echoes(stream: &mut TlsStream<TcpStream>, body: &str) -> String {
    stream.write_all(echo(body).as_bytes()).await.unwrap();
    let mut all = Vec::new();
    while !all.ends_with(body.as_bytes()) {
        let read = timeout(5_000 * MS, stream.read_buf(&mut all)).await;
        assert!(read.expect("an answer").unwrap() > 0, "closed");
    }
    String::from_utf8(all).unwrap()
}

#[tokio::test]
async fn both_versions_are_spoken_and_http_1_alone() {
    let files = Files::new();
    let server = start(brief().tls(&files.load())).await;
    for (version, spoken) in [
        (&TLS12, ProtocolVersion::TLSv1_2),
        (&TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let client = files.client(version, &["h2", "http/1.1"]);
        let mut stream = secure(&client, &server).await.unwrap();
        let connection = stream.get_ref().1;
        assert_eq!(connection.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(connection.protocol_version(), Some(spoken));
        for body in ["one", "two"] {
            let answer = echoes(&mut stream, body).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        assert!(
            secure(&files.client(version, &["h2"]), &server)
                .await
                .is_err()
        );
        assert!(secure(&files.client(version, &[]), &server).await.is_ok());
    }
}

#[tokio::test]
async fn large_bodies_come_and_go_whole() {
    let files = Files::new();
    let server = start(Server::new().tls(&files.load())).await;
    let body = "a line of a large body\n".repeat(100_000);
    let mut stream = files.connect(&server).await;
    let answer = echoes(&mut stream, &body).await;
    assert!(answer.ends_with(&body) && answer.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_handshake_has_the_time_of_a_head_and_holds_up_nobody() {
    let files = Files::new();
    let server = start(brief().tls(&files.load())).await;
    let began = Instant::now();
    let silent = server.connect().await;
    let mut dripping = server.connect().await;
    dripping.send("\u{16}\u{3}\u{1}").await;
    let mut stream = files.connect(&server).await;
    echoes(&mut stream, "in between").await;
    assert!(began.elapsed() < 250 * MS, "{:?}", began.elapsed());
    for mut client in [silent, dripping] {
        assert_eq!(client.rest().await, "");
    }
    assert!(
        (250 * MS..900 * MS).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn after_the_handshake_the_limits_are_those_of_plain_connections() {
    let files = Files::new();
    let server = start(brief().tls(&files.load())).await;
    for begun in ["", "POST /echo HTTP/1.1\r\nhost:"] {
        let mut stream = files.connect(&server).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        let began = Instant::now();
        let mut all = Vec::new();
        let _ = timeout(5_000 * MS, stream.read_to_end(&mut all))
            .await
            .expect("the server closes");
        assert!(all.is_empty());
        assert!(
            (200 * MS..900 * MS).contains(&began.elapsed()),
            "{begun}: {:?}",
            began.elapsed()
        );
    }
    let mut stream = files.connect(&server).await;
    let head = "POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 3000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(&vec![0; 3_000_000]).await;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_connection_counts_from_its_accept() {
    let files = Files::new();
    let server = start(brief().max_connections(1).tls(&files.load())).await;
    let began = Instant::now();
    let _silent = server.connect().await;
    sleep(50 * MS).await;
    let mut stream = files.connect(&server).await;
    echoes(&mut stream, "late").await;
    assert!(began.elapsed() >= 250 * MS, "{:?}", began.elapsed());
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_left() {
    let files = Files::new();
    let server = start(brief().tls(&files.load())).await;
    let mut plain = server.connect().await;
    plain.send(&echo("plain")).await;
    assert!(!plain.rest().await.contains("HTTP/1.1"));
    echoes(&mut files.connect(&server).await, "secured").await;
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_open_connections_stay() {
    let files = Files::new();
    let certificate = files.load();
    let server = start(brief().tls(&certificate)).await;
    let shown = |stream: &TlsStream<TcpStream>| {
        let chain = stream.get_ref().1.peer_certificates().unwrap();
        chain.first().unwrap().clone().into_owned()
    };
    let (mut open, before) = (files.connect(&server).await, files.certificate());
    assert_eq!(shown(&open), before);

    // What cannot be used changes nothing.
    let key = fs::read(&files.key).unwrap();
    fs::write(&files.key, "half a key").unwrap();
    let fault = certificate.reload().unwrap_err();
    assert_eq!(fault.kind(), ConfigErrorKind::Key);
    assert!(!fault.to_string().contains("half"), "{fault}");
    assert_eq!(shown(&files.connect(&server).await), before);
    fs::write(&files.key, key).unwrap();

    files.renew();
    certificate.reload().unwrap();
    let mut fresh = files.connect(&server).await;
    assert_eq!(shown(&fresh), files.certificate());
    assert_ne!(shown(&fresh), before);
    echoes(&mut open, "still there").await;
    echoes(&mut fresh, "new").await;
}

#[tokio::test]
async fn a_drain_answers_what_is_in_flight_and_waits_for_no_handshake() {
    let files = Files::new();
    let server = start(Server::new().tls(&files.load())).await;
    let _silent = server.connect().await;
    let mut stream = files.connect(&server).await;
    let request = b"POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(request).await.unwrap();
    server.events.slow_began.notified().await;
    let reading = tokio::spawn(async move {
        let mut all = String::new();
        stream.read_to_string(&mut all).await.unwrap();
        all
    });
    let (took, result) = server.stop().await;
    result.unwrap();
    assert!(took < 2_000 * MS, "{took:?}");
    // Ended by the server in order, with the notice that TLS has for it: else reading would have failed.
    let answer = reading.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let (files, other) = (Files::new(), Files::new());
    let missing = files.chain.with_file_name("missing.pem");
    for (chain, key, kind, named) in [
        (&missing, &files.key, ConfigErrorKind::Setting, &missing),
        (&files.key, &files.key, ConfigErrorKind::Setting, &files.key),
        (&files.chain, &missing, ConfigErrorKind::Key, &missing),
        (
            &files.chain,
            &files.chain,
            ConfigErrorKind::Key,
            &files.chain,
        ),
        (&files.chain, &other.key, ConfigErrorKind::Key, &other.key),
    ] {
        let fault = TlsCertificate::from_pem_files(chain, key).unwrap_err();
        assert_eq!(fault.kind(), kind, "{fault}");
        assert!(
            fault.to_string().starts_with(named.to_str().unwrap()),
            "{fault}"
        );
    }
    let shown = format!("{:?} {:?}", files.load(), Server::new().tls(&files.load()));
    assert!(
        shown.contains("chain.pem") && !shown.contains("PrivateKey"),
        "{shown}"
    );
}
