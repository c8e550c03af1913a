//! What a body is, and the name of the file that it is saved as.

use velvet_rope::Answer;

/// How a body can be shown best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Empty,
    Json,
    Text,
    Image,
    Bytes,
}

/// What the body of an answer is: as its content type says, and where that says nothing, as it looks.
pub(super) fn content_of(answer: &Answer) -> Content {
    let content_type = media_type(answer);
    let is_text = || str::from_utf8(answer.bytes()).is_ok();
    let is_json_type = content_type.ends_with("/json") || content_type.ends_with("+json");
    if answer.bytes().is_empty() {
        Content::Empty
    } else if content_type.starts_with("image/") {
        Content::Image
    } else if !is_text() {
        Content::Bytes
    } else if is_json_type || looks_like_json(answer.bytes()) {
        Content::Json
    } else {
        Content::Text
    }
}

/// The content type without its parameters, in lower case; empty if CORS hides it or there is none.
pub(super) fn media_type(answer: &Answer) -> String {
    let value = answer.header("content-type").unwrap_or_default();
    let end = value.find(';').unwrap_or(value.len());
    value[..end].trim().to_ascii_lowercase()
}

fn looks_like_json(bytes: &[u8]) -> bool {
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace();
    let first = bytes.iter().find(|byte| !is_blank(byte));
    let last = bytes.iter().rfind(|byte| !is_blank(byte));
    matches!(
        (first, last),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
    )
}

/// The name for the file: that of the header `content-disposition`, else the last segment of the path with the ending of
/// the content type. It has no folder.
pub(super) fn file_name(answer: &Answer, path: &str) -> String {
    let disposition = answer.header("content-disposition").unwrap_or_default();
    let given = disposition
        .split(';')
        .find_map(|part| part.trim().strip_prefix("filename="));
    let given = given.map(|name| base_name(name.trim_matches('"')));
    if let Some(given) = given.filter(|name| !name.is_empty()) {
        return given;
    }
    let path = path.split('?').next().unwrap_or_default();
    let segment = path.rsplit('/').find(|segment| !segment.is_empty());
    let name = base_name(&segment.unwrap_or("answer").replace(['{', '}', '+'], ""));
    if name.contains('.') {
        return name;
    }
    let media_type = media_type(answer);
    let ending = match media_type.as_str() {
        "image/jpeg" => "jpg",
        "image/svg+xml" => "svg",
        "text/plain" | "" => "txt",
        "application/octet-stream" => "bin",
        other => match other.rsplit_once(['/', '+']) {
            Some((_, ending)) => ending,
            None => "bin",
        },
    };
    [&name, ".", ending].concat()
}

/// The last part of a path, without characters that file systems do not allow.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars()
        .filter(|character| !character.is_control() && !"<>:\"|?*".contains(*character))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use velvet_rope::HttpResponse;
    use velvet_rope::gateway::answer::read_answer;

    fn answer(headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers = headers.iter().map(owned).collect();
        let mut response = HttpResponse::new(200, headers, "");
        response.body = body.to_vec().into();
        read_answer(&response)
    }

    #[test]
    fn a_body_is_what_its_type_says_or_what_it_looks_like() {
        let typed = |content_type: &str, body: &[u8]| {
            content_of(&answer(&[("content-type", content_type)], body))
        };
        assert_eq!(typed("application/json", b""), Content::Empty);
        assert_eq!(
            typed("Application/Problem+JSON; charset=utf-8", b"oops"),
            Content::Json
        );
        assert_eq!(typed("text/html", b"<p>"), Content::Text);
        assert_eq!(typed("image/png", b"\x89PNG"), Content::Image);
        assert_eq!(typed("text/plain", b"\xff\xfe"), Content::Bytes);
        assert_eq!(content_of(&answer(&[], b" [1]\n")), Content::Json);
        assert_eq!(content_of(&answer(&[], b"[1")), Content::Text);
    }

    #[test]
    fn a_file_is_named_by_the_answer_or_by_the_path_and_has_no_folder() {
        let disposition = "attachment; filename=\"../../etc/re*port.pdf\"";
        let named = answer(&[("content-disposition", disposition)], b"x");
        assert_eq!(file_name(&named, "/a"), "report.pdf");
        for (content_type, path, expected) in [
            ("application/json", "/items/7", "7.json"),
            ("application/problem+json", "/items", "items.json"),
            ("image/jpeg", "/photos/{id}?x=1", "id.jpg"),
            ("", "/", "answer.txt"),
            ("application/zip", "/files/all.zip", "all.zip"),
            ("application/octet-stream", "/files/{proxy+}", "proxy.bin"),
        ] {
            let answer = answer(&[("content-type", content_type)], b"x");
            assert_eq!(file_name(&answer, path), expected);
        }
    }
}
