//! The sender: copies of every event to all receivers, over few connections that are kept.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread::{self, JoinHandle, sleep},
    time::Duration,
};

use hooklatch::testing::Sender;

use crate::node::{SECRET, acme};

/// What is sent, and how far it is.
pub(crate) struct Load {
    events: Arc<Vec<Vec<u8>>>,
    copies: usize,
    ports: Vec<u16>,
    pub(crate) sent: Arc<AtomicUsize>,
}

/// What became of it.
#[derive(Default)]
pub(crate) struct Answers {
    /// How often the answer was 200.
    pub(crate) accepted: usize,
    /// How often it was 503 with `Retry-After`.
    pub(crate) later: usize,
    /// How often there was none.
    pub(crate) none: usize,
    /// What else was answered.
    pub(crate) odd: Vec<String>,
    /// The events that were answered 200.
    known: Vec<bool>,
}

enum Answer {
    Accepted,
    Later,
    Odd(String),
}

impl Load {
    pub(crate) fn new(paths: &[(&str, usize)], copies: usize, ports: Vec<u16>) -> Self {
        let mut events = Vec::new();
        for (path, count) in paths {
            events.extend((0..*count).map(|number| request(path, number)));
        }
        assert!(events.len().is_multiple_of(HANDFUL) && copies.is_multiple_of(CLIENTS));
        // Events of all paths side by side.
        events.sort_by_key(|event| {
            event.iter().rev().take(8).fold(0_u32, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
            })
        });
        Self {
            events: Arc::new(events),
            copies,
            ports,
            sent: Arc::default(),
        }
    }

    /// Sends it in the background. Every client brings its copies of a handful of events, beginning with another one than
    /// the others do, before it goes on to the next handful: so many events are new at the same time, and the copies of
    /// each come to all receivers at about the same time.
    pub(crate) fn start(&self) -> JoinHandle<Answers> {
        let each = self.copies / CLIENTS;
        let clients: Vec<JoinHandle<Answers>> = (0..CLIENTS)
            .map(|client| {
                let (events, sent) = (Arc::clone(&self.events), Arc::clone(&self.sent));
                let mut link = Link::new(self.ports.clone(), client);
                thread::spawn(move || {
                    let mut answers = Answers {
                        known: vec![false; events.len()],
                        ..Answers::default()
                    };
                    for first in (0..events.len()).step_by(HANDFUL) {
                        for at in 0..HANDFUL * each {
                            let number = first + (client * HANDFUL / CLIENTS + at) % HANDFUL;
                            answers.note(number, link.post(&events[number]));
                            sent.fetch_add(1, SeqCst);
                        }
                    }
                    answers
                })
            })
            .collect();
        let (events, sent) = (Arc::clone(&self.events), Arc::clone(&self.sent));
        let mut link = Link::new(self.ports.clone(), 0);
        thread::spawn(move || {
            let mut all = Answers {
                known: vec![false; events.len()],
                ..Answers::default()
            };
            for client in clients {
                all.add(client.join().unwrap());
            }
            // A sender comes again until it is answered 200.
            for (number, event) in events.iter().enumerate() {
                while !all.known[number] {
                    let answer = link.post(event);
                    sent.fetch_add(1, SeqCst);
                    if !matches!(answer, Ok(Answer::Accepted)) {
                        sleep(Duration::from_millis(50));
                    }
                    all.note(number, answer);
                }
            }
            all
        })
    }

    /// Waits until this share of it is sent.
    pub(crate) fn wait_for(&self, share: f64) {
        let all = u32::try_from(self.events.len() * self.copies).unwrap();
        while f64::from(u32::try_from(self.sent.load(SeqCst)).unwrap()) < f64::from(all) * share {
            sleep(Duration::from_millis(5));
        }
    }
}

impl Answers {
    fn note(&mut self, event: usize, answer: io::Result<Answer>) {
        match answer {
            Ok(Answer::Accepted) => {
                self.accepted += 1;
                self.known[event] = true;
            }
            Ok(Answer::Later) => self.later += 1,
            Ok(Answer::Odd(head)) => self.odd.push(head),
            Err(_) => self.none += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.later += other.later;
        self.none += other.none;
        self.odd.extend(other.odd);
        for (known, other) in self.known.iter_mut().zip(other.known) {
            *known |= other;
        }
    }
}

/// A connection to one receiver; to the next one where that does not answer.
struct Link {
    ports: Vec<u16>,
    at: usize,
    stream: Option<TcpStream>,
}

impl Link {
    const fn new(ports: Vec<u16>, at: usize) -> Self {
        Self {
            ports,
            at,
            stream: None,
        }
    }

    fn post(&mut self, request: &[u8]) -> io::Result<Answer> {
        let answer = self.try_post(request);
        if answer.is_err() {
            self.stream = None;
            self.at += 1;
        }
        answer
    }

    fn try_post(&mut self, request: &[u8]) -> io::Result<Answer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let port = self.ports[self.at % self.ports.len()];
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_nodelay(true)?;
                self.stream.insert(stream)
            }
        };
        stream.write_all(request)?;
        let mut head = Vec::new();
        // The answers have no body.
        while !head.ends_with(b"\r\n\r\n") {
            let mut part = [0; 1024];
            match stream.read(&mut part)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                size => head.extend_from_slice(&part[..size]),
            }
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        Ok(match head.split(' ').nth(1) {
            _ if !head.contains("content-length: 0\r\n") => Answer::Odd(head),
            Some("200") => Answer::Accepted,
            Some("503") if head.contains("\r\nretry-after: ") => Answer::Later,
            _ => Answer::Odd(head),
        })
    }
}

/// A signed request as it goes over the wire.
fn request(path: &str, number: usize) -> Vec<u8> {
    let body = format!(r#"{{"id":"{path}_{number}","type":"a"}}"#);
    let signed = Sender::with_secret(acme(), SECRET)
        .raw(body.clone())
        .request();
    let mut bytes = format!("POST /{path} HTTP/1.1\r\nhost: localhost\r\n").into_bytes();
    for (name, value) in signed.headers() {
        if name != "content-length" && name != "host" {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
    }
    bytes.extend(format!("content-length: {}\r\n\r\n{body}", body.len()).bytes());
    bytes
}

/// How many events are brought side by side.
const HANDFUL: usize = 40;

/// How many connections there are, the same number to each receiver.
const CLIENTS: usize = 20;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
