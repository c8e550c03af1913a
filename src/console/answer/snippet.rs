//! A request as code, with names of environment variables in place of secrets.

use crate::console::exchange::{DraftBody, RequestDraft};
use crate::console::percent::encode;
use crate::console::secret::is_secret;
use velvet_rope::CallAuth;

/// A language that a request is copied as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Curl,
    Fetch,
    Python,
    Rust,
}

impl Language {
    pub(super) const ALL: [Self; 4] = [Self::Curl, Self::Fetch, Self::Python, Self::Rust];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Fetch => "fetch",
            Self::Python => "Python",
            Self::Rust => "Rust",
        }
    }

    /// What has to be installed, or set, before the code runs.
    pub(super) fn needs(self) -> &'static str {
        match self {
            Self::Curl => "Signing needs curl 7.75 or newer.",
            Self::Fetch => "Signing uses the npm package aws4fetch. Runs in Node.js.",
            Self::Python => "Uses the packages requests and botocore.",
            Self::Rust => "Uses the crate velvet-rope, in an app that has signed the user in.",
        }
    }
}

/// A request, and the parts of the configuration that its code names.
pub(super) struct Source<'a> {
    pub(super) draft: &'a RequestDraft,
    /// The address as it is sent.
    pub(super) url: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    /// Whether the configuration has an API key.
    pub(super) has_api_key: bool,
}

/// A header value: as it is, or the name of the environment variable that has it.
enum Value {
    Plain(String),
    /// A text in front of the variable, and the variable.
    Secret(&'static str, String),
}

const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// The request in a language.
pub(super) fn snippet(language: Language, source: &Source<'_>) -> String {
    match language {
        Language::Curl => curl(source),
        Language::Fetch => fetch(source),
        Language::Python => python(source),
        Language::Rust => rust(source),
    }
}

/// The name of the environment variable for the value of a header: `X-Auth-Token` is `X_AUTH_TOKEN`.
fn variable(header: &str) -> String {
    let upper = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => character.to_ascii_uppercase(),
        _ => '_',
    };
    header.chars().map(upper).collect()
}

impl Source<'_> {
    fn is_signed(&self) -> bool {
        self.draft.auth == CallAuth::Iam
    }

    /// All headers but those of the signature.
    fn headers(&self) -> Vec<(String, Value)> {
        let mut headers = Vec::new();
        for (name, value) in &self.draft.headers {
            let value = if is_secret(name) {
                Value::Secret("", variable(name))
            } else {
                Value::Plain(value.clone())
            };
            headers.push((name.to_ascii_lowercase(), value));
        }
        let has_type = headers.iter().any(|(name, _)| name == "content-type");
        if let (Some(content_type), false) = (self.draft.body.content_type(), has_type) {
            headers.push(("content-type".into(), Value::Plain(content_type.to_owned())));
        }
        if self.has_api_key {
            headers.push(("x-api-key".into(), Value::Secret("", "API_KEY".into())));
        }
        match &self.draft.auth {
            CallAuth::Open | CallAuth::Iam => {}
            CallAuth::Bearer => {
                let token = Value::Secret("Bearer ", "ACCESS_TOKEN".into());
                headers.push(("authorization".into(), token));
            }
            CallAuth::Header { name, .. } => {
                headers.push((name.to_ascii_lowercase(), Value::Secret("", variable(name))));
            }
        }
        headers
    }
}

fn curl(source: &Source<'_>) -> String {
    let method = source.draft.method.as_str();
    let request = match method {
        "HEAD" => "--head".to_owned(),
        _ => ["--request ", method].concat(),
    };
    let mut lines = vec![["curl ", &request, " ", &shell(source.url)].concat()];
    if source.is_signed() {
        let provider = ["aws:amz:", source.region, ":", source.service].concat();
        lines.push(["--aws-sigv4 ", &shell(&provider)].concat());
        lines.push(format!("--user \"${ACCESS_KEY}:${SECRET_KEY}\""));
        lines.push(format!(
            "--header \"x-amz-security-token: ${SESSION_TOKEN}\""
        ));
    }
    for (name, value) in source.headers() {
        lines.push(match value {
            Value::Plain(value) => ["--header ", &shell(&[&name, ": ", &*value].concat())].concat(),
            Value::Secret(before, variable) => format!("--header \"{name}: {before}${variable}\""),
        });
    }
    match &source.draft.body {
        DraftBody::None => {}
        DraftBody::Text { text, .. } => lines.push(["--data-raw ", &shell(text)].concat()),
        DraftBody::Form(pairs) => lines.push(["--data-raw ", &shell(&encoded(pairs))].concat()),
        DraftBody::File { name, .. } => {
            lines.push(["--data-binary ", &shell(&["@", name].concat())].concat());
        }
    }
    lines.join(" \\\n  ")
}

fn fetch(source: &Source<'_>) -> String {
    let mut code: Vec<String> = Vec::new();
    let is_file = matches!(source.draft.body, DraftBody::File { .. });
    if is_file {
        code.push("import { readFile } from \"node:fs/promises\";\n".to_owned());
    }
    let call = if source.is_signed() {
        code.push(
            "import { AwsClient } from \"aws4fetch\";\n\nconst aws = new AwsClient({\n".to_owned(),
        );
        for (name, variable) in [
            ("accessKeyId", ACCESS_KEY),
            ("secretAccessKey", SECRET_KEY),
            ("sessionToken", SESSION_TOKEN),
        ] {
            code.push(format!("  {name}: process.env.{variable},\n"));
        }
        code.push(format!("  region: {},\n", quote(source.region)));
        code.push(format!("  service: {},\n}});\n", quote(source.service)));
        "aws.fetch"
    } else {
        if is_file {
            code.push("\n".to_owned());
        }
        "fetch"
    };
    code.push(format!(
        "const response = await {call}({}, {{\n",
        quote(source.url)
    ));
    code.push(format!(
        "  method: {},\n",
        quote(source.draft.method.as_str())
    ));
    let headers = source.headers();
    if !headers.is_empty() {
        code.push("  headers: {\n".to_owned());
        for (name, value) in headers {
            let value = match value {
                Value::Plain(value) => quote(&value),
                Value::Secret("", variable) => ["process.env.", &variable].concat(),
                Value::Secret(before, variable) => format!("`{before}${{process.env.{variable}}}`"),
            };
            code.push(format!("    {}: {value},\n", quote(&name)));
        }
        code.push("  },\n".to_owned());
    }
    match &source.draft.body {
        DraftBody::None => {}
        DraftBody::Text { text, .. } => code.push(format!("  body: {},\n", quote(text))),
        DraftBody::Form(pairs) => code.push(format!("  body: {},\n", quote(&encoded(pairs)))),
        DraftBody::File { name, .. } => {
            code.push(format!("  body: await readFile({}),\n", quote(name)));
        }
    }
    code.push("});\nconsole.log(response.status, await response.text());".to_owned());
    code.concat()
}

fn python(source: &Source<'_>) -> String {
    let headers = source.headers();
    let needs_os = source.is_signed()
        || headers
            .iter()
            .any(|(_, value)| matches!(value, Value::Secret(..)));
    let mut code: Vec<String> = Vec::new();
    if needs_os {
        code.push("import os\n\n".to_owned());
    }
    code.push("import requests\n".to_owned());
    if source.is_signed() {
        code.push(
            "from botocore.auth import SigV4Auth\nfrom botocore.awsrequest import AWSRequest\n"
                .to_owned(),
        );
        code.push("from botocore.credentials import Credentials\n".to_owned());
    }
    code.push(format!(
        "\nmethod = {}\nurl = {}\n",
        quote(source.draft.method.as_str()),
        quote(source.url)
    ));
    code.push("headers = {\n".to_owned());
    for (name, value) in headers {
        let value = match value {
            Value::Plain(value) => quote(&value),
            Value::Secret("", variable) => format!("os.environ[\"{variable}\"]"),
            Value::Secret(before, variable) => format!("\"{before}\" + os.environ[\"{variable}\"]"),
        };
        code.push(format!("    {}: {value},\n", quote(&name)));
    }
    code.push("}\n".to_owned());
    let data = match &source.draft.body {
        DraftBody::None => "None".to_owned(),
        DraftBody::Text { text, .. } => quote(text) + ".encode()",
        DraftBody::Form(pairs) => quote(&encoded(pairs)),
        DraftBody::File { name, .. } => format!("open({}, \"rb\").read()", quote(name)),
    };
    code.push(format!("data = {data}\n"));
    if source.is_signed() {
        code.push(format!(
            "credentials = Credentials(\n    os.environ[\"{ACCESS_KEY}\"],\n    os.environ[\"{SECRET_KEY}\"],\n    \
             os.environ[\"{SESSION_TOKEN}\"],\n)\nsigned = AWSRequest(method=method, url=url, headers=headers, data=data)\n\
             SigV4Auth(credentials, {}, {}).add_auth(signed)\nheaders = dict(signed.headers)\n",
            quote(source.service),
            quote(source.region)
        ));
    }
    code.push("response = requests.request(method, url, headers=headers, data=data)\nprint(response.status_code, response.text)".to_owned());
    code.concat()
}

fn rust(source: &Source<'_>) -> String {
    let draft = source.draft;
    let mut lines = vec!["let answer = auth".to_owned(), ".gateway()".to_owned()];
    lines.push(format!(
        ".{}({})",
        draft.method.as_str().to_ascii_lowercase(),
        quote(&draft.path)
    ));
    if draft.method.as_str() == "OPTIONS" {
        lines.pop();
        lines.push(format!(".request(Method::Options, {})", quote(&draft.path)));
    }
    for (verb, pairs) in [("path", &draft.path_parameters), ("query", &draft.query)] {
        for (name, value) in pairs {
            lines.push(format!(".{verb}({}, {})", quote(name), quote(value)));
        }
    }
    for (name, value) in &draft.headers {
        lines.push(if is_secret(name) {
            format!(
                ".header({}, std::env::var(\"{}\")?)",
                quote(name),
                variable(name)
            )
        } else {
            format!(".header({}, {})", quote(name), quote(value))
        });
    }
    match &draft.body {
        DraftBody::None => {}
        DraftBody::Text { content_type, text } => {
            lines.push(format!(".bytes({}, {})", quote(content_type), quote(text)));
        }
        DraftBody::Form(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(name, value)| format!("({}, {})", quote(name), quote(value)));
            lines.push(format!(".form([{}])", pairs.collect::<Vec<_>>().join(", ")));
        }
        DraftBody::File {
            name, content_type, ..
        } => {
            lines.push(format!(
                ".bytes({}, std::fs::read({})?)",
                quote(content_type),
                quote(name)
            ));
        }
    }
    lines.push(match &draft.auth {
        CallAuth::Open => ".auth(CallAuth::Open)".to_owned(),
        CallAuth::Iam => ".auth(CallAuth::Iam)".to_owned(),
        CallAuth::Bearer => ".auth(CallAuth::Bearer)".to_owned(),
        CallAuth::Header { name, .. } => format!(
            ".auth(CallAuth::Header {{ name: {}.into(), value: std::env::var(\"{}\")? }})",
            quote(name),
            variable(name)
        ),
    });
    lines.extend([".send()".to_owned(), ".await?;".to_owned()]);
    lines.join("\n    ") + "\nprintln!(\"{} {}\", answer.status, answer.text());"
}

/// A text for a POSIX shell.
fn shell(text: &str) -> String {
    ["'", &text.replace('\'', r"'\''"), "'"].concat()
}

/// A text in quotation marks, as JavaScript, Python and Rust read it.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // The three languages have this escape in common.
            '\0'..='\x1f' | '\x7f' => {
                let code = u32::from(character);
                let digit = |value: u32| char::from_digit(value, 16).unwrap_or('0');
                quoted.extend(['\\', 'x', digit(code / 16), digit(code % 16)]);
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Pairs as forms send them (URL Standard, `application/x-www-form-urlencoded`).
fn encoded(pairs: &[(String, String)]) -> String {
    let encoded = |(name, value): &(String, String)| [encode(name), encode(value)].join("=");
    pairs.iter().map(encoded).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests;
