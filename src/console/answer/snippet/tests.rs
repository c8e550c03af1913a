use super::*;
use velvet_rope::Method;

fn draft() -> RequestDraft {
    RequestDraft {
        operation: "POST /items/{id}".into(),
        method: Method::Post,
        path: "/items/{id}".into(),
        path_parameters: vec![("id".into(), "it's".into())],
        query: vec![("q".into(), "a b".into())],
        headers: vec![
            ("X-Trace".into(), "7".into()),
            ("X-Auth-Token".into(), "hidden".into()),
        ],
        body: DraftBody::Text {
            content_type: "application/json".into(),
            text: "{\"name\":\"it's\n\u{7}\"}".into(),
        },
        auth: CallAuth::Iam,
    }
}

fn code(language: Language, draft: &RequestDraft) -> String {
    let source = Source {
        draft,
        url: "https://api.example.com/latest/items/it's?q=a%20b",
        region: "eu-west-1",
        service: "execute-api",
        has_api_key: true,
    };
    snippet(language, &source)
}

#[test]
fn curl_signs_by_itself_and_names_the_environment_in_place_of_secrets() {
    let expected = r#"curl --request POST 'https://api.example.com/latest/items/it'\''s?q=a%20b' \
  --aws-sigv4 'aws:amz:eu-west-1:execute-api' \
  --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
  --header "x-amz-security-token: $AWS_SESSION_TOKEN" \
  --header 'x-trace: 7' \
  --header "x-auth-token: $X_AUTH_TOKEN" \
  --header 'content-type: application/json' \
  --header "x-api-key: $API_KEY" \
  --data-raw '{"name":"it'\''s
BELL"}'"#;
    assert_eq!(
        code(Language::Curl, &draft()),
        expected.replace("BELL", "\u{7}")
    );
}

#[test]
fn fetch_and_python_sign_with_a_package() {
    let expected = r#"import { AwsClient } from "aws4fetch";

const aws = new AwsClient({
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
  region: "eu-west-1",
  service: "execute-api",
});
const response = await aws.fetch("https://api.example.com/latest/items/it's?q=a%20b", {
  method: "POST",
  headers: {
    "x-trace": "7",
    "x-auth-token": process.env.X_AUTH_TOKEN,
    "content-type": "application/json",
    "x-api-key": process.env.API_KEY,
  },
  body: "{\"name\":\"it's\n\x07\"}",
});
console.log(response.status, await response.text());"#;
    assert_eq!(
        code(Language::Fetch, &draft()),
        expected.replace("it's\n", "it's\\n")
    );
    let python = code(Language::Python, &draft());
    assert!(
        python.starts_with("import os\n\nimport requests\nfrom botocore.auth import SigV4Auth\n")
    );
    assert!(
        python.contains("SigV4Auth(credentials, \"execute-api\", \"eu-west-1\").add_auth(signed)")
    );
    assert!(python.contains("    \"x-auth-token\": os.environ[\"X_AUTH_TOKEN\"],\n"));
}

#[test]
fn rust_uses_the_builder_of_the_library() {
    let expected = r#"let answer = auth
    .gateway()
    .post("/items/{id}")
    .path("id", "it's")
    .query("q", "a b")
    .header("X-Trace", "7")
    .header("X-Auth-Token", std::env::var("X_AUTH_TOKEN")?)
    .bytes("application/json", "{\"name\":\"it's\n\x07\"}")
    .auth(CallAuth::Iam)
    .send()
    .await?;
println!("{} {}", answer.status, answer.text());"#;
    assert_eq!(
        code(Language::Rust, &draft()),
        expected.replace("it's\n", "it's\\n")
    );
}

#[test]
fn no_secret_of_the_request_is_in_any_code() {
    let mut draft = draft();
    for auth in [
        CallAuth::Bearer,
        CallAuth::Header {
            name: "Authorization".into(),
            value: "hidden".into(),
        },
    ] {
        draft.auth = auth;
        for language in Language::ALL {
            let code = code(language, &draft);
            assert!(!code.contains("hidden"), "{code}");
            assert!(
                !code.contains("aws4fetch") && !code.contains("botocore"),
                "{code}"
            );
        }
    }
    assert!(code(Language::Curl, &draft).contains("--header \"authorization: $AUTHORIZATION\""));
}

#[test]
fn each_kind_of_body_is_in_each_code() {
    let mut draft = draft();
    draft.body = DraftBody::Form(vec![("a b".into(), "1&2".into())]);
    for (language, expected) in [
        (Language::Curl, "--data-raw 'a%20b=1%262'"),
        (Language::Fetch, "body: \"a%20b=1%262\""),
        (Language::Python, "data = \"a%20b=1%262\""),
        (Language::Rust, ".form([(\"a b\", \"1&2\")])"),
    ] {
        let code = code(language, &draft);
        assert!(code.contains(expected), "{code}");
    }
    draft.body = DraftBody::File {
        name: "cat.png".into(),
        content_type: "image/png".into(),
        bytes: vec![0xff].into(),
    };
    for (language, expected) in [
        (Language::Curl, "--data-binary '@cat.png'"),
        (Language::Fetch, "body: await readFile(\"cat.png\")"),
        (Language::Python, "data = open(\"cat.png\", \"rb\").read()"),
        (
            Language::Rust,
            ".bytes(\"image/png\", std::fs::read(\"cat.png\")?)",
        ),
    ] {
        let code = code(language, &draft);
        assert!(code.contains(expected), "{code}");
    }
    draft.method = Method::Head;
    draft.body = DraftBody::None;
    assert!(code(Language::Curl, &draft).starts_with("curl --head "));
}
