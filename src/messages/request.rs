//! Why a request has no readable answer, why its signature is refused, and why a document cannot be opened: the words of the
//! API console.

use velvet_rope::Method;
use velvet_rope_doctor::{Missing, Preflight};
use velvet_rope_openapi::{Limits, ReadError};

use super::status::reason;

/// What a probe of a request found: why a page of `origin` cannot read the answer of `host`, and what to change.
pub(crate) fn describe_unreadable(
    probe: &Preflight,
    method: Method,
    host: &str,
    origin: &str,
) -> String {
    let method = method.as_str();
    match probe {
        Preflight::Allowed => format!(
            "{host} allows the request, and a page can read what it refuses. So the answer of the API itself probably lacks \
             Access-Control-Allow-Origin for {origin}. If the network failed for a moment, send the request again."
        ),
        Preflight::Unreachable(_) => format!(
            "{host} does not answer. The address is wrong, the network or a certificate fails, or the \
             Content-Security-Policy does not allow the host: compare api.base_url in config.json and connect-src."
        ),
        Preflight::NotSent => format!(
            "{host} answers, but a page of {origin} may not read it. A {method} is not repeated to find out more. The route \
             needs an OPTIONS method that allows {method}, this origin and the headers of the tab “Request”."
        ),
        Preflight::Refused(missing) if missing.is_empty() => format!(
            "{host} answers, and allows each header alone. Gateway responses DEFAULT_4XX and DEFAULT_5XX probably lack \
             Access-Control-Allow-Origin, so that a refusal cannot be read."
        ),
        Preflight::Refused(missing)
            if missing.iter().any(|one| matches!(one, Missing::Origin(_))) =>
        {
            format!(
                "{host} answers, but without Access-Control-Allow-Origin for {origin}. Add it to the route, and to the gateway \
                 responses DEFAULT_4XX and DEFAULT_5XX; a path that the API does not have looks the same."
            )
        }
        Preflight::Refused(missing) => {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            format!(
                "{host} answers, but its preflight does not allow {}. Add that to Access-Control-Allow-Headers of the OPTIONS \
                 method.",
                missing.join(", ")
            )
        }
    }
}

/// The part of a canonical request in which the app and the gateway differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedPart {
    /// They do not differ.
    None,
    Method,
    Path,
    Query,
    Host,
    Header,
    SignedHeaders,
    Body,
}

/// The likely cause of a difference, and what to change.
pub(crate) fn describe_difference(part: SignedPart) -> &'static str {
    match part {
        SignedPart::None => {
            "Both are equal, so the secret access key is another one than the gateway's: the credentials and the access key id do \
             not belong together, or something replaced the signature."
        }
        SignedPart::Method => "The method differs: a proxy changes it.",
        SignedPart::Path => {
            "The path differs: a proxy or a custom domain changes it. With a custom domain, api.base_url in config.json has the \
             domain's base path and no stage."
        }
        SignedPart::Query => "The query differs: a proxy adds, removes or encodes parameters.",
        SignedPart::Host => {
            "The host differs: a proxy or a custom domain changes it. Set api.base_url in config.json to the host that the gateway \
             sees, or let the proxy keep the header Host."
        }
        SignedPart::Header => "A header differs: a proxy changes it.",
        SignedPart::SignedHeaders => {
            "The list of signed headers differs: a proxy removes a header."
        }
        SignedPart::Body => "The body differs: a proxy changes it, for example its encoding.",
    }
}

/// Why an API description cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// It cannot be read, or exceeds a limit.
    Document(ReadError),
    /// The file has so many bytes.
    TooLarge(u64),
    /// The browser cannot read the file.
    Unreadable,
    /// The address answers with another status than 200.
    Status { address: String, status: u16 },
    /// The address does not answer.
    Unreachable { address: String, error: String },
}

/// Why an API description cannot be opened, as a text.
pub(crate) fn describe_open_error(error: &OpenError) -> String {
    match error {
        OpenError::Document(error) => format!("{error}."),
        OpenError::TooLarge(bytes) => {
            let limit = Limits::default().bytes;
            format!("The document has {bytes} bytes; the limit is {limit}.")
        }
        OpenError::Unreadable => "The browser cannot read this file.".to_owned(),
        OpenError::Status { address, status } => {
            format!("{address} answered {status} {}.", reason(*status))
        }
        OpenError::Unreachable { address, error } => format!("{address}: {error}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_probe_finds_names_the_setting() {
        let words = |probe: &Preflight| {
            describe_unreadable(
                probe,
                Method::Get,
                "api.example.com",
                "https://app.example.com",
            )
        };
        let header = Preflight::Refused(vec![Missing::Header("x-own".into())]);
        assert!(
            words(&header)
                .contains("does not allow header x-own. Add that to Access-Control-Allow-Headers")
        );
        let origin = Preflight::Refused(vec![Missing::Origin("https://app.example.com".into())]);
        assert!(words(&origin).contains("Access-Control-Allow-Origin for https://app.example.com"));
        assert!(words(&Preflight::Refused(Vec::new())).contains("DEFAULT_4XX"));
        assert!(words(&Preflight::Unreachable(String::new())).contains("connect-src"));
        assert!(words(&Preflight::Allowed).contains("the answer of the API itself"));
        assert!(words(&Preflight::NotSent).contains("not repeated"));
    }
}
