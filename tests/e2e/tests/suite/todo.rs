//! The example `todo` in a browser: a list of typed JSON and files, on signed routes. All tests share the list of the demo
//! user, so each has titles of its own.

use anyhow::{Result, ensure};
use fantoccini::Locator as Selector;
use fantoccini::elements::Element;
use http::Method;
use serde_json::json;
use velvet_rope_e2e::browser::{NetworkConditions, Role};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

/// Keeps what the page lets the browser save.
const KEEP_SAVED_FILES: &str = "
    window.saved = {};
    const create = URL.createObjectURL;
    URL.createObjectURL = file => (window.saved.file = file, create.call(URL, file));
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () { window.saved.name = this.download; click.call(this); };";
/// The name and the bytes of the saved file, once there is one.
const SAVED_FILE: &str = "
    const done = arguments[0];
    const { file, name } = window.saved;
    if (!file || !name) return done(null);
    file.arrayBuffer().then(buffer => done([name, Array.from(new Uint8Array(buffer))]));";

fn example() -> Setup {
    Setup::default().example("todo")
}

/// Signs the demo user in and waits for the list.
async fn sign_in(fixture: &Fixture) -> Result<()> {
    let name = &fixture.environment.demo_user;
    let password = &fixture.environment.demo_password;
    fixture.open("/").await?;
    let button = fixture.browser.get_by_role(Role::Button, "Sign in");
    button.click().await?;
    fixture.hosted_ui().wait().await?;
    fixture.hosted_ui().sign_in(name, password).await?;
    new_todo(fixture).await.map(drop)
}

/// The field for a new to-do, which only a signed-in user has.
async fn new_todo(fixture: &Fixture) -> Result<Element> {
    let field = fixture
        .browser
        .get_by_role(Role::Textbox, "What is to be done");
    field.element().await
}

async fn add(fixture: &Fixture, title: &str) -> Result<()> {
    let field = new_todo(fixture).await?;
    fixture.browser.type_into(&field, title).await?;
    let button = fixture.browser.get_by_role(Role::Button, "Add");
    button.click().await
}

/// A part of the entry with this title, by an `XPath` relative to it; `None` if it is not there.
async fn part(fixture: &Fixture, title: &str, path: &str) -> Result<Option<Element>> {
    let path = format!("//li[contains(., '{title}')]{path}");
    let mut found = fixture
        .browser
        .client()
        .find_all(Selector::XPath(&path))
        .await?;
    Ok(found.pop())
}

async fn wait_for(fixture: &Fixture, title: &str, path: &str) -> Result<Element> {
    eventually(&format!("{path} of {title}"), async || {
        part(fixture, title, path).await
    })
    .await
}

async fn wait_until_gone(fixture: &Fixture, title: &str) -> Result<()> {
    eventually(&format!("{title} to go"), async || {
        Ok(part(fixture, title, "").await?.is_none().then_some(()))
    })
    .await
}

async fn delete(fixture: &Fixture, title: &str) -> Result<()> {
    let button = wait_for(fixture, title, "//button[.='Delete']").await?;
    fixture.browser.click(&button).await?;
    wait_until_gone(fixture, title).await
}

async fn wait_for_notice(fixture: &Fixture, text: &str) -> Result<()> {
    let notice = fixture.browser.first_by_role(Role::Status);
    eventually(&format!("the notice {text}"), async || {
        if !notice.is_present().await? {
            return Ok(None);
        }
        let shown = notice.element().await?.text().await?;
        Ok(shown.contains(text).then_some(()))
    })
    .await
}

#[test]
fn an_entry_is_added_checked_and_deleted() -> TestResult {
    const TITLE: &str = "Water the plants & the lawn (50%)";
    browser_test(test_name!(), example(), async |fixture| {
        sign_in(fixture).await?;
        add(fixture, TITLE).await?;
        wait_for(fixture, TITLE, "").await?;
        let input = "//input[@type='checkbox']";
        let checkbox = wait_for(fixture, TITLE, input).await?;
        fixture.browser.click(&checkbox).await?;
        // A page that is left cancels its requests.
        eventually("the change to be stored", async || {
            let requests = fixture.proxy.requests();
            let mut changes = requests
                .iter()
                .filter(|request| request.method == Method::PUT);
            Ok(changes.any(|request| request.processed).then_some(()))
        })
        .await?;
        // Loaded again from the API.
        let checked = async || {
            fixture.open("/").await?;
            let input = wait_for(fixture, TITLE, input).await?;
            Ok(input.is_selected().await?.then_some(()))
        };
        eventually("the entry to be done", checked).await?;
        delete(fixture, TITLE).await
    })
}

#[test]
fn a_file_comes_back_byte_by_byte() -> TestResult {
    const TITLE: &str = "Sort the photos";
    const NAME: &str = "Ferien +1 & Meer é.bin";
    browser_test(test_name!(), example(), async |fixture| {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join(NAME);
        // Every byte, so that most of it is not UTF-8, in more than the browser hashes itself.
        let content: Vec<u8> = (0..=255_u8).cycle().take(40_000).collect();
        std::fs::write(&file, &content)?;
        fixture.browser.add_init_script(KEEP_SAVED_FILES).await?;
        sign_in(fixture).await?;
        add(fixture, TITLE).await?;
        let input = wait_for(fixture, TITLE, "//input[@type='file']").await?;
        input.send_keys(&file.to_string_lossy()).await?;
        let button = format!("//button[.='{NAME}']");
        let file = wait_for(fixture, TITLE, &button).await?;
        fixture.browser.click(&file).await?;
        let saved = eventually("the saved file", async || {
            let client = fixture.browser.client();
            let saved = client.execute_async(SAVED_FILE, Vec::new()).await?;
            Ok((!saved.is_null()).then_some(saved))
        })
        .await?;
        ensure!(saved[0] == NAME, "saved as {}", saved[0]);
        let bytes: Vec<u8> = serde_json::from_value(saved[1].clone())?;
        ensure!(bytes == content, "{} bytes came back", bytes.len());
        delete(fixture, TITLE).await
    })
}

#[test]
fn offline_the_page_says_so_and_works_again_later() -> TestResult {
    const TITLE: &str = "Buy a longer cable";
    browser_test(test_name!(), example(), async |fixture| {
        sign_in(fixture).await?;
        fixture
            .browser
            .set_network(NetworkConditions::Offline)
            .await?;
        add(fixture, TITLE).await?;
        wait_for_notice(fixture, "offline").await?;
        fixture
            .browser
            .set_network(NetworkConditions::Normal)
            .await?;
        ensure!(part(fixture, TITLE, "").await?.is_none(), "it was added");
        add(fixture, TITLE).await?;
        wait_for(fixture, TITLE, "").await?;
        delete(fixture, TITLE).await
    })
}

#[test]
fn the_list_is_requested_again_after_a_429_and_a_new_entry_is_not() -> TestResult {
    const TITLE: &str = "Do less";
    browser_test(test_name!(), example(), async |fixture| {
        let throttled = || {
            let body = json!({ "message": "Too Many Requests" });
            let answer = StubResponse::json(429, &body);
            Fault::Respond(answer.header("x-amzn-errortype", "TooManyRequestsException"))
        };
        let sent = |method: &str| {
            let sent = fixture.proxy.requests_of(RequestKind::TODOS);
            sent.iter().filter(|sent| sent.method == method).count()
        };
        fixture
            .proxy
            .inject_times(1, RequestKind::TODOS, throttled());
        sign_in(fixture).await?;
        fixture.proxy.wait_for(2, RequestKind::TODOS).await?;
        ensure!(sent("GET") == 2, "{:?}", fixture.proxy.requests());
        fixture
            .proxy
            .inject_times(1, RequestKind::TODOS, throttled());
        add(fixture, TITLE).await?;
        wait_for_notice(fixture, "Too Many Requests").await?;
        ensure!(sent("POST") == 1, "{:?}", fixture.proxy.requests());
        ensure!(part(fixture, TITLE, "").await?.is_none(), "it was added");
        Ok(())
    })
}

#[test]
fn expired_credentials_are_replaced_without_the_user() -> TestResult {
    const TITLE: &str = "Renew the passport";
    browser_test(test_name!(), example(), async |fixture| {
        sign_in(fixture).await?;
        let body = json!({ "message": "The security token included in the request is expired" });
        let answer = StubResponse::json(403, &body);
        let expired = Fault::Respond(answer.header("x-amzn-errortype", "ExpiredTokenException"));
        // The list must be there first, or this fault meets the request for it.
        fixture.proxy.wait_for(1, RequestKind::TODOS).await?;
        fixture.proxy.inject_times(1, RequestKind::TODOS, expired);
        add(fixture, TITLE).await?;
        wait_for(fixture, TITLE, "").await?;
        let credentials = fixture.proxy.count(RequestKind::GET_CREDENTIALS);
        ensure!(credentials == 2, "{credentials} requests for credentials");
        delete(fixture, TITLE).await
    })
}

#[test]
fn a_sign_out_ends_a_call_under_way() -> TestResult {
    const TITLE: &str = "Say goodbye";
    browser_test(test_name!(), example(), async |fixture| {
        sign_in(fixture).await?;
        fixture.proxy.wait_for(1, RequestKind::TODOS).await?;
        fixture.proxy.inject(RequestKind::TODOS, Fault::Hold);
        fixture.proxy.clear_requests();
        add(fixture, TITLE).await?;
        fixture.proxy.wait_for(1, RequestKind::TODOS).await?;
        let user = &fixture.environment.demo_user;
        fixture
            .browser
            .get_by_role(Role::Button, user)
            .click()
            .await?;
        let sign_out = fixture.browser.get_by_role(Role::Button, "Sign out");
        sign_out.click().await?;
        let sign_in = fixture.browser.get_by_role(Role::Button, "Sign in");
        sign_in.element().await?;
        fixture.proxy.clear_faults();
        let list = fixture
            .browser
            .client()
            .find_all(Selector::Css("li"))
            .await?;
        ensure!(list.is_empty(), "the list of the user is still there");
        let repeated = fixture.proxy.count(RequestKind::TODOS);
        ensure!(repeated == 1, "{:?}", fixture.proxy.requests());
        Ok(())
    })
}
