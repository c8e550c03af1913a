//! Bytes that are no text.

use std::fmt::Write as _;

/// Bytes in a line.
const LINE: usize = 16;

/// Bytes as `xxd` prints them: the offset, sixteen bytes, and their ASCII characters.
pub(super) fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (line, bytes) in bytes.chunks(LINE).enumerate() {
        // Writing to a string does not fail.
        let _ = write!(text, "{:08x} ", line * LINE);
        for position in 0..LINE {
            let _ = match bytes.get(position) {
                Some(byte) => write!(text, " {byte:02x}"),
                None => write!(text, "   "),
            };
        }
        text.push_str("  ");
        let shown = |byte: &u8| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        };
        text.extend(bytes.iter().map(shown));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_an_offset_sixteen_bytes_and_their_characters() {
        let bytes: Vec<u8> = b"PNG\xff\x00 is an image".to_vec();
        let expected = "00000000  50 4e 47 ff 00 20 69 73 20 61 6e 20 69 6d 61 67  PNG.. is an imag\n\
                        00000010  65                                               e\n";
        assert_eq!(dump(&bytes), expected);
        assert_eq!(dump(&[]), "");
    }
}
