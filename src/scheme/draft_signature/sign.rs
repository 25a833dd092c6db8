//! Signs a message as the drafts before RFC 9421 say.

use http::header;

use super::{CREATED, HS2019, Message, REQUEST_TARGET, parameters::Parameters, takes_date};
use crate::scheme::{
    Part, Scheme, TimeFormat,
    algorithm::Feed,
    headers::Headers,
    message::{digest, target::Target},
    sign::{SignError, Signable, Signed},
};

/// The headers of a signature over all that the scheme wants covered.
pub(in crate::scheme) fn sign(
    scheme: &Scheme,
    message: &Signable<'_>,
    url: &str,
    key: &str,
    make: &dyn Fn(Feed<'_>) -> Option<String>,
) -> Result<Signed, SignError> {
    let mut headers = Headers::of(message);
    let created = put_moment(scheme, message, &mut headers)?;
    if scheme.content.contains(&Part::Body) {
        headers.put(digest::DIGEST, &digest::digest(message.body))?;
    }
    headers.put_id(scheme, message)?;
    let mut names: Vec<String> = Vec::new();
    let lines = |part| lines(part, created.is_some());
    for name in scheme.content.iter().flat_map(lines) {
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
        headers: &headers.all,
    };
    let base = signed.base(&parameters).map_err(SignError::new)?;
    let signature = make(&|sink| sink(base.as_bytes()));
    let signature = signature.ok_or(SignError::new("the signature cannot be written"))?;
    let name = scheme.signature_header();
    let name = name.ok_or(SignError::new("the signature has no header"))?;
    let kind = if name == header::AUTHORIZATION {
        "Signature "
    } else {
        ""
    };
    let created = created.map_or_else(String::new, |created| format!("created={created},"));
    let text = format!(
        "{kind}keyId=\"{key}\",algorithm=\"{HS2019}\",{created}headers=\"{}\",signature=\"{signature}\"",
        names.join(" ")
    );
    headers.put(name, &text)?;
    Ok(headers.signed())
}

/// Puts the moment into the header of the date; where the signature itself says it, gives its text.
fn put_moment(
    scheme: &Scheme,
    message: &Signable<'_>,
    headers: &mut Headers,
) -> Result<Option<String>, SignError> {
    let Some(timestamp) = &scheme.timestamp else {
        return Ok(None);
    };
    let moment = message.timestamp;
    let moment = moment.ok_or(SignError::new("the scheme signs a timestamp: give one"))?;
    let format = if takes_date(scheme) {
        timestamp.format
    } else {
        TimeFormat::UnixSeconds
    };
    let text = format.print(moment).ok_or(SignError::new(
        "the timestamp cannot be written as the sender writes it",
    ))?;
    if takes_date(scheme) {
        headers.put(header::DATE, &text)?;
        return Ok(None);
    }
    Ok(Some(text))
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
