//! The page that compares the configuration with the system, and the same checks from a terminal.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_doctor::{Finding, State};
use velvet_rope_e2e::doctor::examine;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;

/// The findings on the page, each as title, state and text; none until all are there.
const FINDINGS: &str = "
    if (/Checking/.test(document.querySelector('.doctor-summary')?.innerText ?? 'Checking')) return [];
    return [...document.querySelectorAll('.finding')].map(finding => [
        finding.querySelector('h2').firstChild.textContent.trim(),
        finding.querySelector('.finding-state').innerText,
        finding.innerText,
    ]);";

async fn findings(fixture: &Fixture) -> Result<Vec<[String; 3]>> {
    velvet_rope_e2e::wait::eventually("the findings", async || {
        let found = fixture.browser.evaluate(FINDINGS, Vec::new()).await?;
        let found: Vec<[String; 3]> = serde_json::from_value(found)?;
        Ok((!found.is_empty()).then_some(found))
    })
    .await
}

async fn failed(fixture: &Fixture) -> Result<Vec<[String; 3]>> {
    let mut findings = findings(fixture).await?;
    findings.retain(|[_, state, _]| state == "failed");
    Ok(findings)
}

/// The identity pool of the local cloud lets guests in.
fn with_guests(config: &mut Value) {
    config["identity_pool"]["guest_access"] = json!(true);
}

#[test]
fn a_system_that_fits_has_nothing_to_change() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().config(with_guests),
        async |fixture| {
            fixture.sign_in().await?;
            fixture.open("/doctor").await?;
            let findings = findings(fixture).await?;
            ensure!(findings.len() >= 9, "{findings:?}");
            let bad: Vec<_> = findings
                .iter()
                .filter(|[_, state, _]| state == "failed" || state == "warning")
                .collect();
            ensure!(bad.is_empty(), "{bad:?}");
            let signed = findings
                .iter()
                .any(|[title, state, _]| title.starts_with("Signed call") && state == "ok");
            ensure!(signed, "{findings:?}");
            velvet_rope_e2e::axe::check(fixture, "the page that checks the setup").await
        },
    )
}

fn mistaken(config: &mut Value) {
    config["identity_pool"]["id"] = json!("eu-west-1:00000000-0000-0000-0000-000000000000");
}

#[test]
fn wrong_settings_are_named_with_what_to_change() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().config(mistaken),
        async |fixture| {
            fixture
                .proxy
                .inject(RequestKind::OPEN_ROUTE, Fault::WithoutCors);
            // The local cloud accepts every client id.
            let refusal = StubResponse::json(400, &json!({ "error": "invalid_client" }));
            fixture
                .proxy
                .inject(RequestKind::USER_POOL_TOKEN, Fault::Respond(refusal));
            fixture.open("/doctor").await?;
            let failed = failed(fixture).await?;
            for (title, fix) in [
                ("Client id and code flow", "user_pool.client_id"),
                ("Identity pool", "identity_pool.id"),
                ("CORS of GET /no-auth", "OPTIONS"),
            ] {
                let found = failed.iter().find(|[found, _, _]| found == title);
                ensure!(
                    found.is_some_and(|[_, _, text]| text.contains(fix)),
                    "{title}: {failed:?}"
                );
            }
            Ok(())
        },
    )
}

#[test]
fn a_terminal_finds_the_same() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let site = fixture.site.url("/").parse()?;
        let mut findings: Vec<Finding> = Vec::new();
        let config = fixture.config.to_string();
        let is_well = examine(&site, Some(config), |finding| {
            findings.push(finding.clone());
        })
        .await?;
        ensure!(is_well, "{findings:?}");
        let ok = findings
            .iter()
            .filter(|finding| finding.state == State::Ok)
            .count();
        ensure!(ok >= 6, "{findings:?}");
        Ok(())
    })
}
