//! How the release is served: headers, caching, paths, and what the content security policy and the digests in the page
//! prevent.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;
use velvet_rope_e2e::browser::{Capability, Role};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::site::CspMode;
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_EACH_TIME: &str = "no-cache";

/// Calls `eval` for an event, because scripts of WebDriver are exempt from the policy.
const EVALUATE: &str = "
    // Not at once: a script may evaluate while the driver runs one.
    addEventListener('evaluate', () => setTimeout(() => {
        try {
            window.outcome = new Function('return 1')();
        } catch (error) {
            window.outcome = error.name;
        }
    }));";

/// Keeps what the frame says until the app is there.
const NOTE: &str = "
    window.noted = [];
    new MutationObserver(() => {
        const status = document.querySelector('.boot[role=status]');
        if (status && !window.noted.includes(status.textContent)) window.noted.push(status.textContent);
    }).observe(document, { subtree: true, childList: true, characterData: true });";

/// Adds a frame, as an injected script would.
const FRAME: &str = "
    const frame = document.createElement('iframe');
    frame.src = 'http://127.0.0.1:59999/';
    document.body.append(frame);";

async fn ask(fixture: &Fixture, path: &str, encodings: &str) -> Result<Response<Bytes>> {
    let request = Request::get(fixture.site.direct_url(path))
        .header(header::ACCEPT_ENCODING, encodings)
        .body(Full::default())?;
    Client::default().send(request).await
}

fn value<'a>(answer: &'a Response<Bytes>, name: &str) -> Result<&'a str> {
    let value = answer
        .headers()
        .get(name)
        .with_context(|| format!("there is no {name}"))?;
    Ok(value.to_str()?)
}

/// The path of the script that the page pins by digest. All others are in the page.
async fn script(fixture: &Fixture) -> Result<String> {
    Ok(named(fixture, ".js", "integrity=\"sha384-")
        .await?
        .remove(0))
}

/// The path of the style sheet that the script in the page loads.
async fn later_style(fixture: &Fixture) -> Result<String> {
    let answer = ask(fixture, "/", "identity").await?;
    let page = String::from_utf8(answer.body().to_vec())?;
    let named = page.split('"').filter(|text| text.starts_with("/later-"));
    let paths: Vec<&str> = named.collect();
    let [path] = paths.as_slice() else {
        anyhow::bail!("the page names the style sheets {paths:?}")
    };
    Ok((*path).to_owned())
}

/// The path of the module, which has no digest, so that the browser compiles it while it loads.
async fn module(fixture: &Fixture) -> Result<String> {
    Ok(named(fixture, ".wasm", "as=\"fetch\"").await?.remove(0))
}

/// The paths with this extension in tags of the page that have `attribute`.
async fn named(fixture: &Fixture, ending: &str, attribute: &str) -> Result<Vec<String>> {
    let answer = ask(fixture, "/", "identity").await?;
    let page = String::from_utf8(answer.body().to_vec())?;
    let tags = page.split('<').filter(|tag| tag.contains(attribute));
    let addresses = tags.filter_map(|tag| {
        let (_, address) = tag
            .split_once("href=\"")
            .or_else(|| tag.split_once("src=\""))?;
        address.split('"').next()
    });
    let paths: Vec<String> = addresses
        .filter(|path| path.ends_with(ending))
        .map(str::to_owned)
        .collect();
    ensure!(!paths.is_empty(), "the page names no {ending}");
    Ok(paths)
}

#[test]
fn every_response_has_the_headers_of_its_kind() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let wasm = module(fixture).await?;
        let script = script(fixture).await?;
        let expected = [
            ("/", "text/html; charset=utf-8", ASK_EACH_TIME),
            ("/authenticated", "text/html; charset=utf-8", ASK_EACH_TIME),
            ("/index.html", "text/html; charset=utf-8", ASK_EACH_TIME),
            ("/config.json", "application/json", ASK_EACH_TIME),
            ("/signer_bg.wasm", "application/wasm", ASK_EACH_TIME),
            (&wasm, "application/wasm", FOR_EVER),
            (&script, "text/javascript; charset=utf-8", FOR_EVER),
        ];
        for (path, content_type, cache_control) in expected {
            let answer = ask(fixture, path, "gzip, deflate, br, zstd").await?;
            ensure!(
                answer.status() == StatusCode::OK,
                "{path}: {}",
                answer.status()
            );
            ensure!(
                value(&answer, "content-type")? == content_type,
                "{path}: {answer:?}"
            );
            ensure!(
                value(&answer, "cache-control")? == cache_control,
                "{path}: {answer:?}"
            );
            for (name, expected) in fixture.site.headers().all() {
                ensure!(value(&answer, name)? == expected, "{path}: {name}");
            }
            if path != "/config.json" {
                ensure!(
                    value(&answer, "content-encoding")? == "br",
                    "{path}: {answer:?}"
                );
                let plain = ask(fixture, path, "gzip").await?;
                ensure!(
                    plain.headers().get("content-encoding").is_none(),
                    "{path}: {plain:?}"
                );
                ensure!(
                    plain.body().len() > answer.body().len(),
                    "{path} is not compressed"
                );
            }
        }
        Ok(())
    })
}

#[test]
fn a_missing_file_is_missing_and_any_other_address_is_a_page() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        for path in [
            "/velvet-rope-0000000000000000.js",
            "/missing.wasm",
            "/snippets/x.js",
        ] {
            let answer = ask(fixture, path, "br").await?;
            ensure!(
                answer.status() == StatusCode::NOT_FOUND,
                "{path}: {}",
                answer.status()
            );
            value(&answer, "content-security-policy")?;
        }
        fixture.open("/no/such/page").await?;
        fixture.not_found().heading().element().await?;
        Ok(())
    })
}

#[test]
fn the_policy_names_exactly_the_hosts_of_the_configuration() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let answer = ask(fixture, "/", "br").await?;
        let policy = value(&answer, "content-security-policy")?;
        let directive = policy
            .split("; ")
            .find(|directive| directive.starts_with("connect-src "));
        let mut found: Vec<&str> = directive.unwrap_or_default().split(' ').skip(1).collect();
        let base_url = fixture.config["api"]["base_url"]
            .as_str()
            .unwrap_or_default();
        let api = base_url.trim_end_matches("/latest");
        let proxy = format!("http://localhost:{}", fixture.proxy.port());
        let mut expected = vec!["'self'", api, &proxy];
        found.sort_unstable();
        expected.sort_unstable();
        ensure!(found == expected, "{found:?} instead of {expected:?}");
        Ok(())
    })
}

#[test]
fn hashed_files_are_fetched_once_and_the_page_each_time() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().needs(Capability::HttpCache),
        async |fixture| {
            let wasm = module(fixture).await?;
            let asked_before = fixture.site.count("/");
            for _ in 0..3 {
                fixture.open("/").await?;
                fixture.home().wait_for_guest().await?;
            }
            ensure!(
                fixture.site.count("/") == asked_before + 3,
                "asked for the page {} times",
                fixture.site.count("/")
            );
            ensure!(
                fixture.site.count("/config.json") == 3,
                "asked for the configuration {} times",
                fixture.site.count("/config.json")
            );
            ensure!(
                fixture.site.count(&wasm) == 1,
                "asked for {wasm} {} times",
                fixture.site.count(&wasm)
            );
            Ok(())
        },
    )
}

#[test]
fn a_script_that_the_policy_does_not_list_is_blocked_and_reported() -> TestResult {
    let setup = Setup::default().csp(CspMode::Mismatched);
    browser_test(test_name!(), setup, async |fixture| {
        fixture.open("/").await?;
        reported(fixture, "script-src-elem").await?;
        reported(fixture, "style-src-elem").await?;
        shown(
            fixture,
            "its Content-Security-Policy blocks the scripts in the page",
        )
        .await?;
        let console = fixture.browser.console().await?.join("\n");
        let has_messages = fixture.browser.engine().has(Capability::BrowserMessages);
        ensure!(
            !has_messages || console.contains("Content Security Policy"),
            "the console says {console}"
        );
        Ok(())
    })
}

#[test]
fn the_policy_blocks_requests_eval_inline_styles_and_frames() -> TestResult {
    let setup = Setup::default().csp(CspMode::Mismatched).with_interface();
    browser_test(test_name!(), setup, async |fixture| {
        fixture.browser.add_init_script(EVALUATE).await?;
        fixture.open("/").await?;
        let elsewhere = "fetch('http://127.0.0.1:9/?stolen').catch(() => {})";
        fixture.browser.evaluate(elsewhere, vec![]).await?;
        reported(fixture, "connect-src").await?;
        let call = "window.dispatchEvent(new window.Event('evaluate'));";
        fixture.browser.evaluate(call, vec![]).await?;
        eventually("the refusal to evaluate", async || {
            let outcome = fixture
                .browser
                .evaluate("return window.outcome", vec![])
                .await?;
            ensure!(outcome == json!("EvalError"), "it answers {outcome}");
            Ok(Some(()))
        })
        .await?;
        fixture
            .browser
            .evaluate("document.body.setAttribute('style', 'color: red')", vec![])
            .await?;
        reported(fixture, "style-src-attr").await?;
        fixture.browser.evaluate(FRAME, vec![]).await?;
        reported(fixture, "frame-src").await
    })
}

/// Waits until the frame in the page shows this text.
async fn shown(fixture: &Fixture, text: &str) -> Result<()> {
    eventually("the frame to say what is wrong", async || {
        let shown = fixture
            .browser
            .evaluate("return document.getElementById('boot').textContent", vec![])
            .await?;
        let shown = shown.as_str().unwrap_or_default();
        ensure!(shown.contains(text), "the page shows {shown:?}");
        Ok(Some(()))
    })
    .await
}

#[test]
fn a_tampered_script_in_the_page_does_not_run() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.site.tamper("/index.html");
        fixture.open("/").await?;
        reported(fixture, "script-src-elem").await?;
        shown(
            fixture,
            "its Content-Security-Policy blocks its own script (inline)",
        )
        .await
    })
}

#[test]
fn a_tampered_file_is_not_used_and_the_app_starts_without_it() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let changed = [script(fixture).await?, later_style(fixture).await?];
        for path in &changed {
            fixture.site.tamper(path);
        }
        fixture.browser.add_init_script(NOTE).await?;
        fixture.open("/").await?;
        fixture.header().wait_for_guest().await?;
        let noted = fixture.browser.evaluate("return window.noted", vec![]);
        let noted = noted.await?;
        ensure!(noted == json!(["Loading…"]), "the frame said {noted}");
        let has_messages = fixture.browser.engine().has(Capability::BrowserMessages);
        for path in changed.into_iter().filter(|_| has_messages) {
            let refusal = format!("refusal of {path}");
            eventually(&refusal, async || {
                let console = fixture.browser.console().await?;
                let refused = |line: &String| line.contains("integrity") && line.contains(&path);
                Ok(console.iter().any(refused).then_some(()))
            })
            .await?;
        }
        Ok(())
    })
}

#[test]
fn a_part_that_cannot_be_loaded_is_a_message_with_a_way_on() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().needs(Capability::DevTools),
        async |fixture| {
            let block = async |urls: &[&str]| {
                let parameters = json!({ "urls": urls });
                let blocked = fixture
                    .browser
                    .devtools("Network.setBlockedURLs", parameters);
                blocked.await
            };
            fixture
                .browser
                .devtools("Network.enable", json!({}))
                .await?;
            block(&["*/pages-*"]).await?;
            fixture.open("/session").await?;
            let retry = fixture.browser.get_by_role(Role::Button, "Try again");
            retry.element().await?;
            let console = fixture.browser.console().await?.join("\n");
            ensure!(
                console.contains("Failed to fetch"),
                "the console says {console}"
            );

            block(&[]).await?;
            retry.click().await?;
            fixture.session_page().heading().element().await?;
            retry.wait_until_gone().await
        },
    )
}

/// Waits for a violation report of `directive`.
async fn reported(fixture: &Fixture, directive: &str) -> Result<()> {
    eventually(&format!("a report about {directive}"), async || {
        let reports = fixture.site.reports();
        let found = reports.iter().any(|report| report.contains(directive));
        Ok(found.then_some(()))
    })
    .await
}
