//! The value of a header field as signatures take it. Pure.

use http::{HeaderMap, HeaderName, HeaderValue};

/// All lines of a field, each without the white space around it, joined by `, ` (RFC 9421, section 2.1). A field that is
/// not there has none; one that is no visible ASCII cannot be signed.
pub(in crate::scheme) fn combined(
    headers: &HeaderMap,
    name: &HeaderName,
) -> Result<String, &'static str> {
    let mut lines = lines(headers, name)?.into_iter();
    let mut text = lines
        .next()
        .ok_or("a header under the signature is missing")?
        .to_owned();
    for line in lines {
        text.push_str(", ");
        text.push_str(line);
    }
    Ok(text)
}

/// The same of a field that only signatures have, which has no white space around it: HTTP servers take that off, so here
/// it is another spelling.
pub(in crate::scheme) fn exact(
    headers: &HeaderMap,
    name: &HeaderName,
) -> Result<String, &'static str> {
    let is_loose = |value: &HeaderValue| value.as_bytes().trim_ascii() != value.as_bytes();
    if headers.get_all(name).iter().any(is_loose) {
        return Err("a header that the signature needs has white space around it");
    }
    combined(headers, name)
}

/// The lines of a field, each without the white space around it. A line that was folded came as one: HTTP servers
/// replace or refuse such.
pub(in crate::scheme) fn lines<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Vec<&'a str>, &'static str> {
    let values = headers.get_all(name).iter();
    let line = |value: &'a HeaderValue| {
        let text = value
            .to_str()
            .map_err(|_| "a header under the signature is not visible ASCII")?;
        Ok(text.trim_matches([' ', '\t']))
    };
    values.map(line).collect()
}
