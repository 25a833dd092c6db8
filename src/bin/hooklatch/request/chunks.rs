//! A body in chunks (RFC 9112, section 7.1), as it stands in a raw request.

/// The body without them. Nothing is passed over: what a server would not take for this body is a fault, with a reason.
pub(super) fn joined(chunks: &[u8]) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let mut rest = chunks;
    loop {
        let (line, after) =
            line(rest).ok_or("the line with the size of a chunk has no end, which is CR LF")?;
        rest = after;
        let size = size(line).ok_or("a chunk does not begin with its size in hexadecimal")?;
        if size == 0 {
            break;
        }
        let (chunk, after) = rest
            .split_at_checked(size)
            .ok_or("a chunk is shorter than its size says: the file ends before")?;
        body.extend_from_slice(chunk);
        rest = after
            .strip_prefix(b"\r\n")
            .ok_or("a chunk is longer than its size says: no CR LF is where it ends")?;
    }
    // Trailers tell nothing that was signed.
    loop {
        let (line, after) =
            line(rest).ok_or("there is no empty line, which is CR LF, behind the last chunk")?;
        rest = after;
        if line.is_empty() {
            break;
        }
        if !line.contains(&b':') {
            return Err("a line behind the last chunk is no header".to_owned());
        }
    }
    if rest.is_empty() {
        Ok(body)
    } else {
        Err("something stands behind the end of the chunks".to_owned())
    }
}

/// A line and what is behind it.
fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.windows(2).position(|two| two == b"\r\n")?;
    Some((text.get(..end)?, text.get(end + 2..)?))
}

/// The size before an extension, if there is one.
fn size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii_end();
    // Not a sign, which parsing would take.
    let is_size = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let digits = str::from_utf8(digits).ok().filter(|_| is_size)?;
    usize::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_nothing_else_is() {
        let whole = b"5\r\nhello\r\n0A;a=b\r\n, \r\nworld!\r\n0\r\nX-Trailer: 1\r\n\r\n";
        assert_eq!(joined(whole).unwrap(), b"hello, \r\nworld!");
        assert_eq!(joined(b"0\r\n\r\n").unwrap(), b"");
        for end in 0..whole.len() {
            assert!(joined(&whole[..end]).is_err(), "{end}");
        }
        for bad in [
            "5\nhello\n0\n\n",
            "4\r\nhello\r\n0\r\n\r\n",
            "6\r\nhello\r\n0\r\n\r\n",
            "+5\r\nhello\r\n0\r\n\r\n",
            "\r\nhello\r\n0\r\n\r\n",
            "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
            "fffffffffffffff0\r\nhello\r\n0\r\n\r\n",
            "0\r\nno header\r\n\r\n",
            "0\r\n\r\nmore",
        ] {
            assert!(joined(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
