//! Signs a message as the drafts before RFC 9421 say.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{CREATED, HS2019, Message, REQUEST_TARGET, parameters::Parameters};
use crate::{
    scheme::{
        Part, Scheme, TimeFormat,
        algorithm::Feed,
        message::{digest, target::Target},
        sign::{SignError, Signable, Signed},
    },
    source::Source,
};

/// The headers of a signature over all that the scheme wants covered.
pub(in crate::scheme) fn sign(
    scheme: &Scheme,
    message: &Signable<'_>,
    url: &str,
    key: &str,
    make: &dyn Fn(Feed<'_>) -> Option<String>,
) -> Result<Signed, SignError> {
    let mut headers: HeaderMap = message.headers.clone().into_owned();
    let mut put = Vec::new();
    let mut add = |name: HeaderName, text: &str| {
        let value = header_value(text)?;
        headers.insert(name.clone(), value.clone());
        put.push((name, value));
        Ok::<(), SignError>(())
    };
    let mut created = None;
    if let Some(timestamp) = &scheme.timestamp {
        let moment = message
            .timestamp
            .ok_or(SignError::new("the scheme signs a timestamp: give one"))?;
        let unprintable = SignError::new("the timestamp cannot be written as the sender writes it");
        if timestamp.source == Source::header("date") {
            add(
                header::DATE,
                &timestamp.format.print(moment).ok_or(unprintable)?,
            )?;
        } else {
            created = Some(TimeFormat::UnixSeconds.print(moment).ok_or(unprintable)?);
        }
    }
    if scheme.content.contains(&Part::Body) {
        add(digest::DIGEST, &digest::digest(message.body))?;
    }
    if let (Some(Source::Header(name)), Some(id)) = (&scheme.id, message.id) {
        let name = HeaderName::from_bytes(name.as_bytes());
        add(
            name.map_err(|_| SignError::new("the id has no header name"))?,
            id,
        )?;
    }
    let mut names: Vec<String> = Vec::new();
    for name in scheme
        .content
        .iter()
        .flat_map(|part| lines(part, created.is_some()))
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let parameters = Parameters {
        key_id: key,
        algorithm: Some(HS2019),
        created: created.as_deref(),
        expires: None,
        headers: names.iter().map(String::as_str).collect(),
        signature: "",
    };
    let target = Target::new(url).ok_or(SignError::new("the URL is none that can be signed"))?;
    let signed = Message {
        method: &message.method,
        target: &target,
        headers: &headers,
    };
    let base = signed.base(&parameters).map_err(SignError::new)?;
    let signature = make(&|sink| sink(base.as_bytes()))
        .ok_or(SignError::new("the signature cannot be written"))?;
    let name = scheme
        .signature_header()
        .ok_or(SignError::new("the signature has no header"))?;
    let kind = if name == header::AUTHORIZATION {
        "Signature "
    } else {
        ""
    };
    let created = created
        .map(|created| format!("created={created},"))
        .unwrap_or_default();
    let text = format!(
        "{kind}keyId=\"{key}\",algorithm=\"{HS2019}\",{created}headers=\"{}\",signature=\"{signature}\"",
        names.join(" ")
    );
    let mut headers = vec![(name, header_value(&text)?)];
    headers.append(&mut put);
    Ok(Signed {
        headers,
        body: None,
        url: None,
    })
}

/// The lines that stand for a part of the content.
fn lines(part: &Part, created: bool) -> Vec<String> {
    let names = match part {
        Part::Method | Part::Path => vec![REQUEST_TARGET],
        Part::Url => vec![REQUEST_TARGET, "host"],
        Part::Body => vec!["digest"],
        Part::Timestamp if created => vec![CREATED],
        Part::Timestamp => vec!["date"],
        Part::Header(name) => return vec![name.to_ascii_lowercase()],
        _ => vec![],
    };
    names.into_iter().map(str::to_owned).collect()
}

fn header_value(text: &str) -> Result<HeaderValue, SignError> {
    let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii());
    value.ok_or(SignError::new("the signature cannot be sent in a header"))
}
