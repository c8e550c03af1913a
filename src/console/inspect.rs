//! What a signature covers, and what the gateway makes of it.

use velvet_rope::aws::canonical::{canonical_request, string_to_sign};
use velvet_rope::{CallAuth, HttpRequest, Method};

use super::exchange::RequestDraft;
use crate::messages::SignedPart;

/// A header of a request as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SentHeader {
    pub(super) name: String,
    /// The value; of a secret its length only.
    pub(super) value: String,
    pub(super) added_by: &'static str,
    pub(super) is_signed: bool,
}

/// The texts that a signature covers, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignedTexts {
    /// Date, region, service and `aws4_request`.
    pub(super) scope: String,
    pub(super) signed_headers: String,
    pub(super) canonical_request: String,
    pub(super) string_to_sign: String,
}

/// The two canonical requests of a refused signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) ours: String,
    pub(super) theirs: String,
    /// The first byte that differs.
    pub(super) at: usize,
    /// The line of that byte, from 1.
    pub(super) line: usize,
    /// The part of the request that has this byte.
    pub(super) part: SignedPart,
}

/// A request as it was sent, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<SentHeader>,
    /// `None` for a request without a signature.
    pub(super) signed: Option<SignedTexts>,
    /// `None` unless the gateway answered with its own canonical request.
    pub(super) difference: Option<Difference>,
}

/// What is to be known of a request that was sent. `answer` is the body of the answer, if there is one.
pub(super) fn inspect(request: &HttpRequest, draft: &RequestDraft, answer: Option<&str>) -> Sent {
    Sent {
        method: request.method,
        url: request.url.clone(),
        headers: headers(request, draft),
        signed: signed_texts(request),
        difference: answer.and_then(|answer| difference(request, answer)),
    }
}

/// The headers of a request, with who added each.
fn headers(request: &HttpRequest, draft: &RequestDraft) -> Vec<SentHeader> {
    let signed = authorization(request).and_then(|value| part(value, "SignedHeaders="));
    let signed: Vec<&str> = signed.unwrap_or_default().split(';').collect();
    let of_user = |name: &str| {
        let mut names = draft.headers.iter().map(|(name, _)| name);
        names.any(|known| known.eq_ignore_ascii_case(name))
    };
    let own = match &draft.auth {
        CallAuth::Header { name, .. } => Some(name),
        _ => None,
    };
    let added_by = |name: &str| match name {
        _ if own.is_some_and(|own| own.eq_ignore_ascii_case(name)) => "you, as authorization",
        "x-api-key" => "api.key in config.json",
        "authorization" if draft.auth == CallAuth::Iam => "the signature",
        "authorization" => "the session: the access token",
        "x-amz-date" => "the signature: the time",
        "x-amz-security-token" => "the signature: the AWS credentials",
        _ if of_user(name) => "you",
        "content-type" => "the body",
        _ => "the app",
    };
    let host = request.url.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let mut all = vec![SentHeader {
        name: "host".to_owned(),
        value: host.to_owned(),
        added_by: "the browser",
        is_signed: signed.contains(&"host"),
    }];
    all.extend(request.headers.iter().map(|(name, value)| SentHeader {
        name: name.clone(),
        value: shown(name, value),
        added_by: added_by(name),
        is_signed: signed.contains(&name.as_str()),
    }));
    all
}

/// The value of a header for reading. A signature is no secret: it fits this request only, for five minutes.
fn shown(name: &str, value: &str) -> String {
    let is_signature = name == "authorization" && value.starts_with("AWS4-");
    if super::secret::is_secret(name) && !is_signature {
        return format!("({} characters, hidden)", value.chars().count());
    }
    value.to_owned()
}

/// The texts of a signed request; `None` for any other.
fn signed_texts(request: &HttpRequest) -> Option<SignedTexts> {
    let authorization = authorization(request)?;
    let credential = part(authorization, "Credential=")?;
    let (_, scope) = credential.split_once('/')?;
    let date = header(request, "x-amz-date")?;
    let canonical = canonical_request(request)?;
    let string_to_sign = string_to_sign(date, scope, &canonical.text);
    Some(SignedTexts {
        scope: scope.to_owned(),
        signed_headers: canonical.signed_headers,
        canonical_request: hide(&canonical.text, request),
        string_to_sign,
    })
}

/// Compares the canonical request with that in the gateway's answer: the text between the quotation marks behind "should
/// have been". `None` if the answer has none.
fn difference(request: &HttpRequest, answer: &str) -> Option<Difference> {
    let message: serde_json::Value = serde_json::from_str(answer).ok()?;
    let message = message
        .get("message")
        .or(message.get("Message"))?
        .as_str()?;
    let (_, theirs) =
        message.split_once("The Canonical String for this request should have been\n'")?;
    let (theirs, _) = theirs.split_once("'\n\nThe String-to-Sign")?;
    let ours = hide(&canonical_request(request)?.text, request);
    let theirs = hide(theirs, request);
    let same = ours
        .bytes()
        .zip(theirs.bytes())
        .take_while(|(one, other)| one == other)
        .count();
    let line = ours
        .bytes()
        .take(same)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1;
    let part = if ours == theirs {
        SignedPart::None
    } else {
        differing_part(&ours, &theirs, line)
    };
    Some(Difference {
        ours,
        theirs,
        at: same,
        line,
        part,
    })
}

fn differing_part(ours: &str, theirs: &str, line: usize) -> SignedPart {
    let of = |text: &str| text.lines().nth(line - 1).unwrap_or_default().to_owned();
    let (ours, theirs) = (of(ours), of(theirs));
    let name = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
    match line {
        1 => SignedPart::Method,
        2 => SignedPart::Path,
        3 => SignedPart::Query,
        _ if name(&ours) == "host" || name(&theirs) == "host" => SignedPart::Host,
        _ if ours.len() == 64 && theirs.len() == 64 && !ours.contains(':') => SignedPart::Body,
        _ if ours.contains(';') && !ours.contains(':') => SignedPart::SignedHeaders,
        _ => SignedPart::Header,
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn authorization(request: &HttpRequest) -> Option<&str> {
    header(request, "authorization").filter(|value| value.starts_with("AWS4-HMAC-SHA256 "))
}

/// A part of the header `authorization`, up to the comma.
fn part<'a>(authorization: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = authorization.split_once(name)?;
    value.split(',').next()
}

/// A text without the session token and the API key.
fn hide(text: &str, request: &HttpRequest) -> String {
    let mut text = text.to_owned();
    for name in ["x-amz-security-token", "x-api-key"] {
        if let Some(value) = header(request, name).filter(|value| !value.is_empty()) {
            text = text.replace(value, "(hidden)");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::exchange::DraftBody;
    use velvet_rope::Timestamp;
    use velvet_rope::aws::{Credentials, Scope, SecretAccessKey, SessionToken, sign};

    fn draft() -> RequestDraft {
        RequestDraft {
            operation: "POST /a".into(),
            method: Method::Post,
            path: "/a".into(),
            path_parameters: Vec::new(),
            query: Vec::new(),
            headers: vec![("X-Trace".into(), "7".into())],
            body: DraftBody::None,
            auth: CallAuth::Iam,
        }
    }

    fn signed() -> HttpRequest {
        let request = HttpRequest::new(Method::Post, "https://api.example.com/latest/a?b=1")
            .header("x-trace", "7")
            .header("x-api-key", "key-of-twenty-letters")
            .header("content-type", "application/json")
            .body("{}");
        let credentials = Credentials {
            identity_id: String::new(),
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: SecretAccessKey::new("secret"),
            session_token: Some(SessionToken::new("token-of-the-session")),
            expiration: Timestamp(u64::MAX),
        };
        let scope = Scope {
            region: "eu-west-1",
            service: "execute-api",
        };
        sign(request, &credentials, scope, Timestamp(1_440_938_160)).unwrap()
    }

    /// The answer of API Gateway, as in <https://github.com/mhart/aws4/issues/33>.
    fn refusal(canonical: &str) -> String {
        let message = format!(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
             signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have \
             been\n'{canonical}'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n…'\n"
        );
        serde_json::json!({ "message": message }).to_string()
    }

    #[test]
    fn each_header_has_its_source_and_no_secret_is_shown() {
        let headers = headers(&signed(), &draft());
        let of = |name: &str| headers.iter().find(|header| header.name == name).unwrap();
        assert_eq!(of("host").value, "api.example.com");
        assert_eq!(of("x-trace").added_by, "you");
        assert_eq!(of("x-api-key").added_by, "api.key in config.json");
        assert_eq!(of("content-type").added_by, "the body");
        assert!(
            headers
                .iter()
                .all(|header| header.is_signed || header.name == "authorization")
        );
        let all = format!("{headers:?}");
        assert!(
            !all.contains("token-of-the-session") && !all.contains("key-of-twenty"),
            "{all}"
        );
        assert!(of("authorization").value.contains("Signature="));
    }

    #[test]
    fn the_texts_are_those_that_were_signed() {
        let texts = signed_texts(&signed()).unwrap();
        assert_eq!(texts.scope, "20150830/eu-west-1/execute-api/aws4_request");
        assert_eq!(
            texts.signed_headers,
            "content-type;host;x-amz-date;x-amz-security-token;x-api-key;x-trace"
        );
        assert!(
            texts
                .canonical_request
                .contains("x-amz-security-token:(hidden)\n")
        );
        assert!(
            texts
                .string_to_sign
                .starts_with("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/")
        );
        assert_eq!(
            signed_texts(&HttpRequest::new(Method::Get, "https://a.example/")),
            None
        );
    }

    #[test]
    fn the_first_differing_byte_names_the_cause() {
        let request = signed();
        let canonical = canonical_request(&request).unwrap().text;
        for (from, to, line, part) in [
            ("POST", "GET", 1, SignedPart::Method),
            ("/latest/a", "/a", 2, SignedPart::Path),
            ("b=1", "b=2", 3, SignedPart::Query),
            ("host:api.", "host:other.", 5, SignedPart::Host),
            ("x-trace:7", "x-trace:8", 9, SignedPart::Header),
            (";x-trace\n", "\n", 11, SignedPart::SignedHeaders),
            ("44136fa355b3678a", "54136fa355b3678a", 12, SignedPart::Body),
        ] {
            let answer = refusal(&canonical.replacen(from, to, 1));
            let difference = difference(&request, &answer).unwrap();
            assert_eq!(difference.line, line, "{from}");
            assert_eq!(difference.part, part);
            assert!(!difference.theirs.contains("token-of-the-session"));
        }
        let same = difference(&request, &refusal(&canonical)).unwrap();
        assert_eq!(same.part, SignedPart::None);
        assert_eq!(difference(&request, "{\"message\":\"Forbidden\"}"), None);
        assert_eq!(difference(&request, "no JSON"), None);
    }
}
