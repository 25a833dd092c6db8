//! Posts over one connection, which is opened again when it has ended.

use std::{
    fmt, io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri, header, uri::PathAndQuery};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{Error as TlsError, pki_types::ServerName},
};

use super::{
    super::authorities::Trusted,
    summary::{Answer, Failure},
};

/// Where requests go.
pub(super) struct Target {
    host: String,
    port: u16,
    authority: HeaderValue,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    timeout: Duration,
}

impl Target {
    pub(super) fn new(url: &Uri, timeout: Duration, ca: Option<&Path>) -> Result<Self, String> {
        let fault = "the URL has to be like http://localhost:3000/webhooks";
        let is_https = match url.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(fault.to_owned()),
        };
        let authority = url.authority().ok_or(fault)?;
        if authority.as_str().contains('@') {
            return Err("credentials in a URL are not sent".to_owned());
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let port = authority
            .port_u16()
            .unwrap_or(if is_https { 443 } else { 80 });
        if ca.is_some() && !is_https {
            return Err(
                "--ca: there is no certificate to verify, the URL is one of plain HTTP".to_owned(),
            );
        }
        let tls = if is_https {
            let tls = trusted(ca)?.client().map_err(|error| error.to_string())?;
            Some((Arc::new(tls).into(), name(&host)?))
        } else {
            None
        };
        Ok(Self {
            authority: authority.as_str().parse().map_err(|_| fault)?,
            host,
            port,
            tls,
            timeout,
        })
    }

    async fn connect(&self) -> io::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect((&*self.host, self.port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => handshake(stream).await,
            Some((tls, name)) => handshake(tls.connect(name.clone(), stream).await?).await,
        }
    }

    /// What went wrong, with a question where the other end seems to speak another protocol.
    fn explained(&self, error: &io::Error) -> String {
        let cause = error.get_ref();
        let http = cause.and_then(|cause| cause.downcast_ref::<hyper::Error>());
        let tls = cause.and_then(|cause| cause.downcast_ref::<TlsError>());
        match (&self.tls, http, tls) {
            (None, Some(http), _) if http.is_parse() => format!("{error}: is it https?"),
            (_, _, Some(TlsError::InvalidMessage(_))) => format!("{error}: is it http?"),
            (_, _, Some(TlsError::General(reason))) => reason.clone(),
            _ => error.to_string(),
        }
    }
}

async fn handshake<S>(stream: S) -> io::Result<SendRequest<Full<Bytes>>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    tokio::spawn(connection);
    Ok(sender)
}

/// The authorities of a file, else those that Mozilla trusts.
fn trusted(ca: Option<&Path>) -> Result<Trusted, String> {
    let Some(path) = ca else {
        return Ok(Trusted::by_mozilla());
    };
    let fault = |error: &dyn fmt::Display| format!("--ca {}: {error}", path.display());
    let trusted = Trusted::read(path).map_err(|error| fault(&error))?;
    if trusted.is_empty() {
        return Err(fault(&"there is no certificate in it"));
    }
    Ok(trusted)
}

fn name(host: &str) -> Result<ServerName<'static>, String> {
    ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())
}

/// One connection, and the request that is sent over it.
pub(super) struct Client<'t> {
    target: &'t Target,
    connection: Option<SendRequest<Full<Bytes>>>,
    loaded: Request<Full<Bytes>>,
    /// Whether the request that is posted now has begun to leave.
    is_sent: bool,
}

impl<'t> Client<'t> {
    pub(super) fn new(target: &'t Target) -> Self {
        Self {
            target,
            connection: None,
            loaded: Request::default(),
            is_sent: false,
        }
    }

    /// The request to post from now on. Its URL is written as a path, as servers are asked.
    pub(super) fn load(&mut self, (mut head, body): (Request<()>, Bytes)) {
        let path = head.uri().path_and_query().cloned();
        *head.uri_mut() = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
        let host = self.target.authority.clone();
        head.headers_mut().entry(header::HOST).or_insert(host);
        self.loaded = head.map(|()| Full::new(body));
    }

    /// Posts it. How long the answer took begins after the connection is there.
    pub(super) async fn post(&mut self, forged: bool) -> Answer {
        self.is_sent = false;
        let result = match tokio::time::timeout(self.target.timeout, self.exchange()).await {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(error)) => Err(self.target.explained(&error)),
            Err(_) => Err("no answer in time".to_owned()),
        };
        let result = result.map_err(|reason| Failure {
            reason,
            is_sent: self.is_sent,
        });
        if result.is_err() {
            self.connection = None;
        }
        Answer { forged, result }
    }

    async fn exchange(&mut self) -> io::Result<(StatusCode, Duration)> {
        let mut connection = match self.connection.take() {
            Some(open) if !open.is_closed() => open,
            _ => self.target.connect().await?,
        };
        connection.ready().await.map_err(io::Error::other)?;
        let start = Instant::now();
        self.is_sent = true;
        let sent = connection.send_request(self.loaded.clone()).await;
        let response = sent.map_err(io::Error::other)?;
        let status = response.status();
        let mut body = response.into_body();
        // Read to its end, so that the connection can be used again.
        while let Some(frame) = body.frame().await {
            frame.map_err(io::Error::other)?;
        }
        let took = start.elapsed();
        self.connection = Some(connection);
        Ok((status, took))
    }
}
