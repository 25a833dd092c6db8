//! Takes a body out of its gzip, within bounds: nobody believes it yet.

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::GzDecoder;

use super::{
    admit::{Taken, overloaded},
    body::too_large,
};
use crate::error::{Rejection, RejectionKind};

/// What is in the gzip, of at most `limit` bytes and not much more than usual for its size; any other body as it is.
pub(super) fn expanded(
    body: Bytes,
    limit: usize,
    permit: Option<&Taken>,
) -> Result<Bytes, Rejection> {
    if !body.starts_with(&MAGIC) {
        return Ok(body);
    }
    let limit = limit.min(body.len().saturating_mul(MOST_TIMES).max(ALWAYS));
    let mut gzip = GzDecoder::new(&*body);
    let mut read = Vec::new();
    let mut chunk = [0; CHUNK];
    loop {
        let count = gzip.read(&mut chunk).map_err(|_| broken())?;
        let Some(bytes) = chunk.get(..count).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        if read.len().saturating_add(count) > limit {
            return Err(too_large(limit));
        }
        read.extend_from_slice(bytes);
        let held = read.len().saturating_add(body.len());
        if permit.is_some_and(|permit| !permit.grow_to(held)) {
            return Err(overloaded());
        }
    }
    // What stands behind the gzip would be covered by nothing.
    if gzip.into_inner().is_empty() {
        Ok(read.into())
    } else {
        Err(broken())
    }
}

fn broken() -> Rejection {
    Rejection::new(RejectionKind::Encoding, "the body is no gzip")
}

/// How a gzip begins (RFC 1952, section 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];
const CHUNK: usize = 8 * 1024;
/// JSON becomes ten to twenty times smaller; what becomes a thousand times smaller was made for that.
const MOST_TIMES: usize = 100;
/// What a body may become whatever its size.
const ALWAYS: usize = 64 * 1024;
