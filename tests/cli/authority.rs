//! `send` over TLS, to a server whose certificate is of an authority of one's own.

use std::{sync::Arc, thread};

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, pem::PemObject as _},
    },
};

use super::{told, written};

/// A server that answers each first request with 204; its URL and certificate.
fn server() -> (String, String) {
    serving(&CertificateParams::new(["localhost".to_owned()]).unwrap())
}

/// The same, with such a certificate, which it signs itself.
fn serving(params: &CertificateParams) -> (String, String) {
    let signing_key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    let key = PrivateKeyDer::from_pem_slice(signing_key.serialize_pem().as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not trust the certificate hangs up.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = vec![0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                let _ = stream.shutdown().await;
            }
        });
    });
    (format!("https://localhost:{port}/"), cert.pem())
}

#[test]
fn only_the_authority_of_the_file_is_trusted() {
    let (url, pem) = server();
    let send = |url: &str, more: &[&str]| {
        let keys = ["send", "github", url, "--secret-env", "HOOK_SECRET"];
        told(&[&keys[..], more].concat())
    };
    let (_folder, ca) = written("authority.pem", &pem);
    let (text, fault, code) = send(&url, &["--ca", &ca]);
    assert!(
        text.contains("  204: 1\n") && code == Some(0),
        "{text}{fault}"
    );
    let (_other, ca_of_other) = written("other.pem", &server().1);
    for more in [&[][..], &["--ca", &ca_of_other]] {
        let (text, _, code) = send(&url, more);
        assert!(text.contains("failed: 1") && code == Some(2), "{text}");
    }
    let (_empty, empty) = written("empty.pem", "");
    for (url, file) in [
        (&*url, &*empty),
        (&url, "no/such.pem"),
        ("http://localhost:1/", &ca),
    ] {
        let (_, fault, code) = send(url, &["--ca", file]);
        assert!(fault.contains("--ca") && code == Some(2), "{fault}");
    }
}

/// As `openssl req -x509` makes them: of an authority, and the server's own.
fn of_authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

#[test]
fn an_authority_of_the_file_may_be_the_server_itself() {
    let send = |url: &str, pem: &str| {
        let (_folder, ca) = written("cert.pem", pem);
        let keys = ["send", "github", url, "--secret-env", "HOOK_SECRET"];
        told(&[&keys[..], &["--ca", &ca]].concat())
    };
    let (url, pem) = serving(&of_authority("localhost"));
    let (text, fault, code) = send(&url, &pem);
    assert!(
        text.contains("  204: 1\n") && code == Some(0),
        "{text}{fault}"
    );
    // Its name and its time count, and another one of the same name is a stranger.
    let (elsewhere, elsewhere_pem) = serving(&of_authority("elsewhere.example"));
    let mut old = of_authority("localhost");
    old.not_after = date_time_ymd(2020, 1, 1);
    let (old, old_pem) = serving(&old);
    let mut young = of_authority("localhost");
    young.not_before = date_time_ymd(2999, 1, 1);
    let (young, young_pem) = serving(&young);
    let (_, other_pem) = serving(&of_authority("localhost"));
    for (url, pem, reason) in [
        (&elsewhere, &elsewhere_pem, "not valid for name"),
        (&old, &old_pem, "expired"),
        (&young, &young_pem, "not valid yet"),
        (&url, &other_pem, "basicConstraints=critical,CA:FALSE"),
    ] {
        let (text, _, code) = send(url, pem);
        assert!(text.contains(reason) && code == Some(2), "{reason}: {text}");
    }
}

#[test]
fn another_protocol_is_asked_for() {
    let (url, pem) = server();
    let (_folder, ca) = written("cert.pem", &pem);
    let plain = url.replace("https:", "http:");
    let keys = ["--secret-env", "HOOK_SECRET"];
    let (text, _, _) = told(&[&["send", "github", &plain], &keys[..]].concat());
    assert!(text.contains(": is it https?\n"), "{text}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}/",
        listener.local_addr().unwrap().port()
    );
    thread::spawn(move || {
        use std::io::Write as _;
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        thread::sleep(std::time::Duration::from_millis(500));
    });
    let keys = ["--secret-env", "HOOK_SECRET", "--ca", &ca];
    let (text, _, code) = told(&[&["send", "github", &url], &keys[..]].concat());
    assert!(
        text.contains(": is it http?\n") && code == Some(2),
        "{text}"
    );
}
