//! A request that was recorded: a raw HTTP request, the dump of `curl -v`, or flags.

mod chunks;

use std::{
    fs,
    io::{self, Read as _},
};

use bytes::Bytes;
use clap::Args;
use hooklatch::{Clock as _, SystemClock};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, request::Parts};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::unseen::Unseen;

/// The request to judge.
#[derive(Debug, Args)]
pub(crate) struct RequestArguments {
    /// A file with the raw HTTP request (request line, headers, an empty line, the body as it was received), or with what
    /// `curl -v` prints, which has no body: give that with --body. `-` is the standard input.
    #[arg(long, value_name = "FILE")]
    request: Option<String>,
    /// A header, as 'Name: value'. May repeat; takes the place of those of the same name in the file.
    #[arg(long, short = 'H', value_name = "HEADER", allow_hyphen_values = true, value_parser = Unseen(header))]
    header: Vec<(HeaderName, HeaderValue)>,
    /// The body: text, `@FILE`, or `@-` for the standard input. Every byte counts.
    #[arg(long, short = 'd', value_name = "BODY", allow_hyphen_values = true)]
    body: Option<String>,
    /// The URL by which the sender knows the endpoint, where the signature covers it. Else that of the request line, as `sign
    /// --format http` writes it; where that is only a path, of the header Host, with https.
    #[arg(long)]
    url: Option<Uri>,
    /// The method, where it is signed.
    #[arg(long, value_name = "METHOD")]
    method: Option<Method>,
    /// When the request was received: seconds since 1970, or RFC 3339. Now, unless given.
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true, value_parser = moment)]
    received_at: Option<OffsetDateTime>,
}

/// A request as it was received.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) at: OffsetDateTime,
    /// Whether `--url` says by which URL the sender knows the endpoint.
    pub(crate) names_url: bool,
}

impl RequestArguments {
    pub(crate) fn read(&self) -> Result<Received, String> {
        let recorded = match &self.request {
            Some(path) => parse(&content(path)?)?,
            None => Request::post("/")
                .body(None)
                .map_err(|error| error.to_string())?,
        };
        let (mut head, mut body) = recorded.into_parts();
        for (name, _) in &self.header {
            head.headers.remove(name);
        }
        head.headers.extend(self.header.iter().cloned());
        if let Some(url) = &self.url {
            head.uri = url.clone();
            name_host(&mut head);
        }
        if let Some(method) = &self.method {
            head.method = method.clone();
        }
        if let Some(text) = &self.body {
            body = Some(self::body(text)?);
        }
        let body = body.ok_or("there is no body: give it with --body")?;
        let at = self
            .received_at
            .unwrap_or_else(|| SystemClock::default().now());
        Ok(Received {
            head,
            body,
            at,
            names_url: self.url.is_some(),
        })
    }
}

fn name_host(head: &mut Parts) {
    let host = head.uri.authority().map(http::uri::Authority::as_str);
    if let Some(host) = host.and_then(|host| HeaderValue::from_str(host).ok()) {
        head.headers.entry(header::HOST).or_insert(host);
    }
}

/// The bytes of a body argument.
pub(crate) fn body(text: &str) -> Result<Bytes, String> {
    match text.strip_prefix('@') {
        Some(path) => content(path).map(Bytes::from),
        None => Ok(text.to_owned().into()),
    }
}

fn content(path: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if path == "-" {
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    read.map_err(|error| format!("{path}: {error}"))
}

/// A header argument.
pub(crate) fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("write it as 'Name: value'")?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|error| error.to_string())?;
    let value = HeaderValue::from_str(value.trim()).map_err(|error| error.to_string())?;
    Ok((name, value))
}

/// A moment argument.
pub(crate) fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let seconds = text.parse().ok();
    let moment = seconds.map_or_else(
        || OffsetDateTime::parse(text, &Rfc3339).ok(),
        |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok(),
    );
    moment.ok_or_else(|| {
        "write a moment as 2026-03-01T12:00:00Z, or as seconds since 1970".to_owned()
    })
}

/// A request with its body, which a dump of curl does not have.
fn parse(file: &[u8]) -> Result<Request<Option<Bytes>>, String> {
    let is_dump = lines(file).any(|line| line.starts_with(b"> "));
    if is_dump {
        let head = lines(file).filter_map(|line| line.strip_prefix(b">"));
        let head = head
            .map(<[u8]>::trim_ascii)
            .take_while(|line| !line.is_empty());
        return request(head, None);
    }
    let (end, body) = end_of_head(file);
    let (head, _) = file.split_at_checked(end).unwrap_or((file, &[]));
    let mut request = request(lines(head), Some(Bytes::copy_from_slice(body)))?;
    if is_chunked(request.headers())? {
        let joined = chunks::joined(body).map_err(|fault| {
            format!("the body is not in chunks, as its head says: {fault}; without them give it with --body")
        })?;
        *request.body_mut() = Some(joined.into());
    }
    Ok(request)
}

/// Whether the body is in chunks. In another coding, or with a length as well, it could be read in two ways.
fn is_chunked(headers: &HeaderMap) -> Result<bool, String> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(false),
        (Some(coding), None) if !coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Err(
            "the only transfer-encoding that is read is `chunked`: give the body with --body"
                .to_owned(),
        ),
        (Some(_), None) if !headers.contains_key(header::CONTENT_LENGTH) => Ok(true),
        _ => {
            Err("the head says more than once how long the body is: give it with --body".to_owned())
        }
    }
}

/// Where the head ends, and what follows the empty line behind it.
fn end_of_head(file: &[u8]) -> (usize, &[u8]) {
    let mut at = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let next = at + line.len();
        if line.trim_ascii().is_empty() {
            return (at, file.get(next..).unwrap_or_default());
        }
        at = next;
    }
    (at, &[])
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn request<'l>(
    mut lines: impl Iterator<Item = &'l [u8]>,
    body: Option<Bytes>,
) -> Result<Request<Option<Bytes>>, String> {
    let fault = "the file does not begin with a request line, as `POST /hooks HTTP/1.1`";
    let line = lines
        .next()
        .and_then(|line| str::from_utf8(line).ok())
        .ok_or(fault)?;
    let mut words = line.split_ascii_whitespace();
    let method = words.next().and_then(|word| word.parse::<Method>().ok());
    let uri = words.next().and_then(|word| word.parse::<Uri>().ok());
    words
        .next()
        .filter(|word| word.starts_with("HTTP/"))
        .ok_or(fault)?;
    let mut request = Request::new(body);
    *request.method_mut() = method.ok_or(fault)?;
    *request.uri_mut() = uri.ok_or(fault)?;
    let headers = request.headers_mut();
    lines
        .filter(|line| !line.is_empty())
        .try_for_each(|line| add(headers, line))?;
    Ok(request)
}

fn add(headers: &mut HeaderMap, line: &[u8]) -> Result<(), String> {
    let colon = line.iter().position(|byte| *byte == b':');
    let pair = colon.and_then(|at| Some((line.get(..at)?, line.get(at + 1..)?)));
    let parsed = pair.and_then(|(name, value)| {
        let name = HeaderName::from_bytes(name).ok()?;
        Some((name, HeaderValue::from_bytes(value.trim_ascii()).ok()?))
    });
    let (name, value) = parsed.ok_or("a line of the head is no header")?;
    headers.append(name, value);
    Ok(())
}
