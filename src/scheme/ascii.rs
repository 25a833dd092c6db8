//! Texts that nobody believes yet, looked through byte for byte. Pure.

/// Visible ASCII and spaces.
pub(super) fn is_printable(text: &[u8]) -> bool {
    all(text, |byte| matches!(byte, b' '..=b'~'))
}

/// Visible ASCII, no space.
pub(super) fn is_graphic(text: &[u8]) -> bool {
    all(text, |byte| byte.is_ascii_graphic())
}

pub(super) fn contains(text: &[u8], wanted: u8) -> bool {
    !all(text, |byte| byte != wanted)
}

/// Where a byte stands first, for texts that rarely have one.
pub(super) fn find(text: &[u8], wanted: u8) -> Option<usize> {
    let position = || text.iter().position(|byte| *byte == wanted);
    contains(text, wanted).then(position).flatten()
}

/// Whether each byte is as it should be.
fn all(text: &[u8], good: impl Fn(u8) -> bool) -> bool {
    // No early end: the compiler can take all bytes of a chunk at once then. Some bytes of the last chunk were in the one
    // before, which costs less than to take the rest one after the other.
    let each = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & good(*byte));
    let (chunks, _) = text.as_chunks::<16>();
    match text.last_chunk::<16>() {
        Some(last) => chunks
            .iter()
            .fold(each(last), |all, chunk| all & each(chunk)),
        None => each(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_passed_over() {
        for len in 0..70 {
            let good = vec![b'a'; len];
            assert!(is_printable(&good) && is_graphic(&good));
            assert_eq!(find(&good, b'.'), None);
            for at in 0..len {
                let with = |byte| {
                    let mut text = good.clone();
                    text[at] = byte;
                    text
                };
                assert!(is_printable(&with(b' ')) && !is_graphic(&with(b' ')));
                for byte in [0, b'\t', 0x1f, 0x7f, 0x80, 0xff] {
                    assert!(!is_printable(&with(byte)) && !is_graphic(&with(byte)));
                }
                assert_eq!(find(&with(b'.'), b'.'), Some(at));
                assert!(contains(&with(0xff), 0xff));
            }
        }
        assert_eq!(find(b"a.b.", b'.'), Some(1));
    }
}
