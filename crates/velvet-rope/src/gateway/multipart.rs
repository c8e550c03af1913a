//! Bodies of several parts, as forms with files send them (RFC 7578).

use crate::http::Body;

/// Parts of a form: texts and files.
///
/// ```
/// use velvet_rope::Multipart;
///
/// let form = Multipart::new()
///     .text("title", "Holidays")
///     .file("photo", "beach.png", "image/png", vec![0x89, 0x50, 0x4E, 0x47]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Multipart {
    parts: Vec<(String, Body)>,
}

impl Multipart {
    /// A form without parts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        let head = disposition(name);
        self.parts.push((head, value.into().into()));
        self
    }

    /// Adds a file with its name and content type.
    #[must_use]
    pub fn file(
        mut self,
        name: &str,
        file_name: &str,
        content_type: &str,
        bytes: impl Into<Body>,
    ) -> Self {
        let one_line = content_type.replace(['\r', '\n'], " ");
        let head = [
            &disposition(name),
            "; filename=\"",
            &escape(file_name),
            "\"\r\nContent-Type: ",
            &one_line,
        ]
        .concat();
        self.parts.push((head, bytes.into()));
        self
    }

    /// The content type and the body. `boundary` must not occur in a part.
    pub(crate) fn encode(&self, boundary: &str) -> (String, Body) {
        let length =
            |(head, bytes): &(String, Body)| head.len() + bytes.len() + boundary.len() + 10;
        let length: usize = self.parts.iter().map(length).sum();
        let mut body = Vec::with_capacity(length + boundary.len() + 6);
        for (head, bytes) in &self.parts {
            for piece in [
                b"--",
                boundary.as_bytes(),
                b"\r\n",
                head.as_bytes(),
                b"\r\n\r\n",
            ] {
                body.extend_from_slice(piece);
            }
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        for piece in [b"--", boundary.as_bytes(), b"--\r\n"] {
            body.extend_from_slice(piece);
        }
        (
            ["multipart/form-data; boundary=", boundary].concat(),
            body.into(),
        )
    }
}

fn disposition(name: &str) -> String {
    [
        "Content-Disposition: form-data; name=\"",
        &escape(name),
        "\"",
    ]
    .concat()
}

/// As browsers write names into a header (HTML Standard, "multipart/form-data encoding algorithm").
fn escape(name: &str) -> String {
    name.replace('\n', "%0A")
        .replace('\r', "%0D")
        .replace('"', "%22")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_written_as_browsers_write_them() {
        let form = Multipart::new().text("a\"\r\nb", "x").file(
            "f",
            "é.bin",
            "application/octet-stream",
            vec![0, 255],
        );
        let (content_type, body) = form.encode("B");
        assert_eq!(content_type, "multipart/form-data; boundary=B");
        let mut expected =
            b"--B\r\nContent-Disposition: form-data; name=\"a%22%0D%0Ab\"\r\n\r\nx\r\n--B\r\n"
                .to_vec();
        let head = "Content-Disposition: form-data; name=\"f\"; filename=\"é.bin\"\r\n\
                    Content-Type: application/octet-stream\r\n\r\n";
        expected.extend_from_slice(head.as_bytes());
        expected.extend_from_slice(b"\0\xff\r\n--B--\r\n");
        assert_eq!(*body, expected);
    }
}
