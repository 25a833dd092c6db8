//! A server on a real socket, and a client that speaks in raw bytes.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use hooklatch::{Hooks, Server};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

use crate::presets::Signed;
use crate::support::MS;

/// Ends with the test's runtime.
pub(crate) struct Running {
    pub(crate) addr: SocketAddr,
    _server: JoinHandle<()>,
}

pub(crate) async fn serve(server: Server, app: Router, hooks: &Hooks) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let run = server
        .hooks(hooks)
        .run(listener, app, std::future::pending());
    let server = tokio::spawn(async move { run.await.unwrap() });
    Running {
        addr,
        _server: server,
    }
}

impl Running {
    pub(crate) async fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream,
            read: Vec::new(),
        }
    }

    /// One request on a connection of its own.
    pub(crate) async fn answer(&self, request: &[u8]) -> Answer {
        let mut client = self.connect().await;
        client.send(request).await;
        client.answer().await
    }

    pub(crate) async fn status(&self, request: &[u8]) -> u16 {
        self.answer(request).await.status()
    }
}

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    /// The server may have closed already; what it said is still read.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next whole answer, of a body as long as it says.
    pub(crate) async fn answer(&mut self) -> Answer {
        let head = loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                break end + 4;
            }
            assert!(
                self.more().await,
                "closed after {:?}",
                String::from_utf8_lossy(&self.read)
            );
        };
        let text = String::from_utf8_lossy(&self.read[..head]).to_ascii_lowercase();
        let length = text
            .split("\r\n")
            .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok())
            .unwrap_or(0);
        while self.read.len() < head + length {
            assert!(self.more().await, "closed within a body");
        }
        Answer(self.read.drain(..head + length).collect())
    }

    /// Whether the server closes without another byte.
    pub(crate) async fn is_closed(&mut self) -> bool {
        !self.more().await && self.read.is_empty()
    }

    /// Whether nothing comes for a moment.
    pub(crate) async fn is_silent(&mut self) -> bool {
        timeout(100 * MS, self.more()).await.is_err() && self.read.is_empty()
    }

    async fn more(&mut self) -> bool {
        let read = timeout(
            Duration::from_secs(10),
            self.stream.read_buf(&mut self.read),
        );
        matches!(read.await.expect("an answer or the end"), Ok(1..))
    }
}

/// Every byte of an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answer(Vec<u8>);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        String::from_utf8_lossy(&self.0)[9..12].parse().unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let mut lines = text.split("\r\n").skip(1);
        lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(": ")?.to_owned()))
    }

    /// Without the value of `Date`.
    pub(crate) fn timeless(&self) -> String {
        let lines = self.text();
        let lines = lines.split("\r\n").map(|line| {
            if line.starts_with("date: ") {
                "date: now"
            } else {
                line
            }
        });
        lines.collect::<Vec<_>>().join("\r\n")
    }
}

/// The request as it goes over the wire, with the length of its body unless it says another.
pub(crate) fn raw(signed: &Signed) -> Vec<u8> {
    let mut bytes = head(signed);
    if !signed.head.headers().contains_key("content-length")
        && !signed.head.headers().contains_key("transfer-encoding")
    {
        bytes.extend(format!("content-length: {}\r\n", signed.body.len()).bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(&signed.body[..]);
    bytes
}

/// The head without its end.
pub(crate) fn head(signed: &Signed) -> Vec<u8> {
    let path = signed.head.uri();
    let mut bytes = format!("{} {path} HTTP/1.1\r\nhost: a\r\n", signed.head.method()).into_bytes();
    for (name, value) in signed.head.headers() {
        bytes.extend(name.as_str().bytes().chain(*b": "));
        bytes.extend(value.as_bytes().iter().chain(b"\r\n"));
    }
    bytes
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
