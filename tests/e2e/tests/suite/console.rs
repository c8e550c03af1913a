//! The API console: any operation of the API, called as the signed-in user.

use std::fs;

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use serde_json::{Value, json};
use velvet_rope_e2e::browser::Capability;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

/// The to-do routes of the demo API as API Gateway exports them, with mistakes that do not concern them.
const DOCUMENT: &str = r##"{
  "openapi": "3.0.1",
  "info": { "title": "To-do", "version": "1" },
  "servers": [{ "url": "https://other.execute-api.eu-west-1.amazonaws.com/{basePath}", "variables": { "basePath": { "default": "prod" } } }],
  "tags": [{ "name": "todos" }],
  "paths": {
    "/todos": {
      "get": { "tags": ["todos"], "summary": "The list", "security": [{ "sigv4": [] }] },
      "post": {
        "tags": ["todos"], "summary": "Add one", "security": [{ "sigv4": [] }],
        "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/New" } } } }
      }
    },
    "/todos/{id}": {
      "delete": { "tags": ["todos"], "security": [{ "sigv4": [] }], "responses": { "204": { "$ref": "#/components/responses/Gone" } } }
    }
  },
  "components": {
    "schemas": { "New": { "type": "object", "required": ["title"], "properties": { "title": { "type": "string", "example": "Tea" } } } },
    "securitySchemes": { "sigv4": { "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4" } }
  }
}"##;

async fn open(fixture: &Fixture) -> Result<()> {
    fixture.open("/console").await?;
    fixture.console().heading().element().await?;
    Ok(())
}

async fn stored(fixture: &Fixture) -> Result<String> {
    let script = "return JSON.stringify([{ ...sessionStorage }, { ...localStorage }]);";
    let stored = fixture.browser.evaluate(script, Vec::new()).await?;
    Ok(stored.as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_signed_in_user_calls_a_route_and_sees_what_was_signed() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        open(fixture).await?;
        let console = fixture.console();
        console.type_into("#operation-search", "protected").await?;
        console.wait_for_operations(&["GET /require-auth"]).await?;
        console.choose("GET /require-auth").await?;
        console.send_and_wait("200").await?;
        console
            .wait_for_text(".json-tree", "You're past the velvet rope!")
            .await?;
        console.open_tab("Headers").await?;
        console
            .wait_for_text(".header-table", "content-type")
            .await?;
        console.open_tab("Request").await?;
        console
            .wait_for_text(".tab-panel", "GET\n/latest/require-auth\n")
            .await?;
        console
            .wait_for_text(".tab-panel", "x-amz-security-token:(hidden)")
            .await?;
        console.open_tab("Code").await?;
        console
            .wait_for_text(".tab-panel", "--aws-sigv4 'aws:amz:eu-west-1:execute-api'")
            .await?;
        let page = console.text("body").await?.unwrap_or_default();
        for secret in fixture.proxy.secrets() {
            ensure!(!page.contains(&secret), "a secret is on the page");
        }
        Ok(())
    })
}

#[test]
fn what_was_typed_survives_a_reload_and_secrets_are_not_stored() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/console?operation=GET%20%2Fno-auth").await?;
        let console = fixture.console();
        console.button("Add to the query").click().await?;
        console.type_into("[aria-label='Query: name']", "a").await?;
        console
            .type_into("[aria-label='Query: value']", "b c")
            .await?;
        console.button("Add a header").click().await?;
        console
            .type_into("[aria-label='Headers: name']", "X-Auth-Token")
            .await?;
        console
            .type_into("[aria-label='Headers: value']", "never-stored")
            .await?;
        let stored = stored(fixture).await?;
        ensure!(stored.contains("X-Auth-Token"), "{stored}");
        ensure!(!stored.contains("never-stored"), "{stored}");
        fixture.browser.client().refresh().await?;
        let value = eventually("the query of before", async || {
            let value = console.find("[aria-label='Query: value']").await?;
            let value = value.prop("value").await?.unwrap_or_default();
            ensure!(value == "b c", "the value is {value:?}");
            Ok(Some(value))
        });
        value.await?;
        let header = console.find("[aria-label='Headers: value']").await?;
        ensure!(header.prop("value").await?.as_deref() == Some(""));
        // The API does not allow this header.
        let remove = console
            .find("[aria-label='Headers: value'] + button")
            .await?;
        fixture.browser.click(&remove).await?;
        console.send().await?;
        let requests = fixture.proxy.wait_for(1, RequestKind::OPEN_ROUTE).await?;
        ensure!(requests[0].parameter("a") == Some("b c"), "{requests:?}");
        Ok(())
    })
}

#[test]
fn a_request_is_cancelled_and_the_next_one_is_answered() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        open(fixture).await?;
        let console = fixture.console();
        console.choose("GET /no-auth").await?;
        fixture
            .proxy
            .inject_times(1, RequestKind::OPEN_ROUTE, Fault::Hang);
        console.send().await?;
        console.button("Cancel").click().await?;
        console.button("Cancel").wait_until_gone().await?;
        ensure!(
            console.text(".answer-line").await?.is_none(),
            "a cancelled request has an answer"
        );
        console.send_and_wait("200").await
    })
}

#[test]
fn an_api_description_brings_its_operations_and_its_mistakes_are_listed() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        open(fixture).await?;
        let console = fixture.console();
        let file = std::env::temp_dir().join(format!("velvet-rope-{}.json", std::process::id()));
        fs::write(&file, DOCUMENT)?;
        let input = console.find(".import-choices input[type=file]").await?;
        input.send_keys(&file.to_string_lossy()).await?;
        console.wait_for_text(".import", "3 operations").await?;
        fs::remove_file(&file)?;
        // Where a document says that its API is, credentials are never sent.
        console
            .wait_for_text(
                ".import",
                "https://other.execute-api.eu-west-1.amazonaws.com/prod",
            )
            .await?;
        let problems = console.find(".import-problems summary").await?;
        fixture.browser.click(&problems).await?;
        console
            .wait_for_text(".import-problems", "#/components/responses/Gone")
            .await?;
        console.type_into("#operation-search", "todos add").await?;
        console.wait_for_operations(&["POST /todos"]).await?;
        console.choose("POST /todos").await?;
        let body = console.find(".request-text[aria-label=Body]").await?;
        let example = body.prop("value").await?.unwrap_or_default();
        ensure!(
            serde_json::from_str::<Value>(&example)? == json!({ "title": "Tea" }),
            "{example}"
        );
        console.send_and_wait("201").await?;
        let sent = fixture.proxy.requests_of(RequestKind::TODOS);
        ensure!(
            sent.iter().any(|request| request.method == "POST"),
            "{sent:?}"
        );
        // A reload has the document again.
        fixture.browser.client().refresh().await?;
        console.wait_for_text(".import", "3 operations").await
    })
}

#[test]
fn a_hostile_api_description_is_refused_and_the_page_lives() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        open(fixture).await?;
        let console = fixture.console();
        let deep = format!("{{\"openapi\":\"3.0.1\",\"paths\":{}", "[".repeat(5_000));
        let laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned()
            + &(0..8).fold(String::new(), |text, level| {
                let (name, before) = (char::from(b'b' + level), char::from(b'a' + level));
                text + &format!(
                    "{name}: &{name} [{}]\n",
                    vec![format!("*{before}"); 10].join(",")
                )
            });
        for (text, problem) in [
            (deep, "levels of nested values"),
            (laughs, "aliases expand"),
        ] {
            console.paste_document(&text).await?;
            console.wait_for_text(".import .notice", problem).await?;
        }
        console.choose("GET /no-auth").await?;
        console.send_and_wait("200").await
    })
}

#[test]
fn a_refused_signature_is_compared_with_that_of_the_gateway() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let message = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
                       Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this \
                       request should have been\n'GET\n/require-auth\n\nhost:other\n'\n\nThe String-to-Sign should have \
                       been\n'AWS4-HMAC-SHA256'\n";
        let refusal = StubResponse::json(403, &json!({ "message": message }))
            .header("x-amzn-errortype", "InvalidSignatureException");
        fixture
            .proxy
            .inject(RequestKind::PROTECTED_ROUTE, Fault::Respond(refusal));
        open(fixture).await?;
        let console = fixture.console();
        console.choose("GET /require-auth").await?;
        console.send_and_wait("403").await?;
        console
            .wait_for_text(".answer-content .notice", "The signature does not match")
            .await?;
        console.open_tab("Request").await?;
        console
            .wait_for_text(".tab-panel .notice", "from byte 5 on, in line 2")
            .await?;
        console
            .wait_for_text(".tab-panel .notice", "The path differs")
            .await
    })
}

#[test]
fn two_answers_are_compared_and_a_request_of_before_is_edited() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        open(fixture).await?;
        let console = fixture.console();
        console.choose("GET /no-auth").await?;
        console.send_and_wait("200").await?;
        let other = StubResponse::json(418, &json!({ "message": "Tea" }));
        fixture
            .proxy
            .inject_times(1, RequestKind::OPEN_ROUTE, Fault::ReplaceResponse(other));
        console.send_and_wait("418").await?;
        let history = console.find(".history summary").await?;
        fixture.browser.click(&history).await?;
        console.button("Compare").click().await?;
        console
            .wait_for_text(".compare", "\"message\": \"Tea\"")
            .await?;
        console.button("Close the comparison").click().await?;
        let first = console
            .find(".history-row:last-child .history-open")
            .await?;
        fixture.browser.click(&first).await?;
        console.wait_for_text(".answer-line .status", "200").await?;
        fixture.open("/console").await?;
        console.heading().element().await?;
        Ok(())
    })
}

#[test]
fn an_operation_is_found_and_sent_by_keyboard() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        open(fixture).await?;
        let console = fixture.console();
        console.find(".operation").await?;
        fixture
            .browser
            .client()
            .active_element()
            .await?
            .send_keys("/")
            .await?;
        ensure!(fixture.browser.focused_name().await? == "Search operations");
        let search = fixture.browser.client().active_element().await?;
        fixture.browser.type_into(&search, "no-auth").await?;
        console.wait_for_operations(&["GET /no-auth"]).await?;
        for key in [Key::Down, Key::Down, Key::Enter] {
            fixture.browser.press(key).await?;
        }
        console.form().element().await?;
        console.button("Add to the query").click().await?;
        console.type_into("[aria-label='Query: name']", "a").await?;
        let field = fixture.browser.client().active_element().await?;
        field
            .send_keys(&format!(
                "{}{}",
                char::from(Key::Control),
                char::from(Key::Enter)
            ))
            .await?;
        console.wait_for_text(".answer-line .status", "200").await
    })
}

#[test]
fn a_guest_signs_in_and_comes_back_to_the_operation() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture
            .open("/console?operation=GET%20%2Frequire-auth")
            .await?;
        let console = fixture.console();
        console
            .wait_for_text(".request", "You are not signed in")
            .await?;
        console.button("Add to the query").click().await?;
        console
            .type_into("[aria-label='Query: name']", "kept")
            .await?;
        console
            .form()
            .get_by_role(velvet_rope_e2e::browser::Role::Button, "Sign in")
            .click()
            .await?;
        fixture.hosted_ui().wait().await?;
        let environment = &fixture.environment;
        fixture
            .hosted_ui()
            .sign_in(&environment.demo_user, &environment.demo_password)
            .await?;
        let name = console.find("[aria-label='Query: name']").await?;
        ensure!(name.prop("value").await?.as_deref() == Some("kept"));
        console.send_and_wait("200").await
    })
}

#[test]
fn narrow_screens_show_one_column_that_does_not_overflow() -> TestResult {
    browser_test(
        test_name!(),
        Setup::direct().needs(Capability::NarrowViewport),
        async |fixture| {
            const OVERFLOW: &str = "const { scrollWidth, clientWidth } = document.documentElement; return scrollWidth - clientWidth;";
            fixture.browser.set_viewport_width(390).await?;
            open(fixture).await?;
            let console = fixture.console();
            let overflow = async || fixture.browser.evaluate(OVERFLOW, Vec::new()).await;
            ensure!(overflow().await? == json!(0), "the list overflows");
            console.choose("GET /no-auth").await?;
            console.send_and_wait("200").await?;
            for tab in ["Headers", "Request", "Code", "Body"] {
                console.open_tab(tab).await?;
                ensure!(overflow().await? == json!(0), "{tab} overflows");
            }
            // The driver does not know that the header covers the top of the page.
            fixture
                .browser
                .evaluate("scrollTo(0, 0);", Vec::new())
                .await?;
            let back = fixture
                .browser
                .get_by_role(velvet_rope_e2e::browser::Role::Link, "← All operations");
            back.click().await?;
            console.find(".operation").await?;
            Ok(())
        },
    )
}

#[test]
fn a_request_that_cors_hides_is_explained_by_requests_with_one_header_each() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        open(fixture).await?;
        let console = fixture.console();
        console.choose("GET /no-auth").await?;
        console.button("Add a header").click().await?;
        console
            .type_into("[aria-label='Headers: name']", "x-not-allowed")
            .await?;
        console
            .type_into("[aria-label='Headers: value']", "1")
            .await?;
        console.send().await?;
        console.button("Find out why").click().await?;
        console
            .wait_for_text(
                ".answer-why",
                "its preflight does not allow header x-not-allowed",
            )
            .await
    })
}
