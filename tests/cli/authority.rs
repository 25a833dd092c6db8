//! `send` over TLS, to a server whose certificate is of an authority of one's own.

use std::{sync::Arc, thread};

use rcgen::{CertifiedKey, generate_simple_self_signed};
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
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
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
        assert!(text.contains("failed: 1") && code == Some(1), "{text}");
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
