//! Names that change with the content. A browser that was told to keep a file for ever would keep the old content under the
//! old name.

use sha2::{Digest as _, Sha256};

/// As many as Trunk's hashes have.
const DIGITS: usize = 16;

/// What stands for `content` in the name of its file.
pub(crate) fn hash(content: &[u8]) -> String {
    let mut hash = hex(Sha256::digest(content).as_slice());
    hash.truncate(DIGITS);
    hash
}

/// Two digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = |text: String, byte: &u8| text + &format!("{byte:02x}");
    bytes.iter().fold(String::new(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_hash_of_the_content() {
        // printf start | sha256sum
        assert_eq!(hash(b"start"), "cced28c6dc3f99c2");
        assert!(hosting_rules::is_hashed(&format!(
            "/app-{}.js",
            hash(b"start")
        )));
    }
}
