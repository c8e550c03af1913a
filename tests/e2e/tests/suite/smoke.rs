//! The checks of `cargo xtask smoke`, against the local cloud.

use anyhow::{Result, ensure};
use serde_json::json;
use velvet_rope_e2e::browser::Capability;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::site::CspMode;
use velvet_rope_e2e::smoke::{Outcome, Report, Target, run};
use velvet_rope_e2e::test_name;

async fn smoke(fixture: &Fixture) -> Result<Report> {
    let environment = &fixture.environment;
    let target = Target {
        site: fixture.site.url("/").parse()?,
        user: environment.demo_user.clone(),
        password: environment.demo_password.clone(),
        browser: environment.browser.clone(),
    };
    run(&target, Report::default()).await
}

/// What the report says of the check `name`.
fn outcome<'a>(report: &'a Report, name: &str) -> Option<&'a Outcome> {
    let mut checks = report.checks().iter();
    checks
        .find(|check| check.name == name)
        .map(|check| &check.outcome)
}

fn differs(report: &Report, name: &str, part: &str) -> Result<()> {
    let found = outcome(report, name);
    ensure!(
        matches!(found, Some(Outcome::Differs(detail)) if detail.contains(part)),
        "expected {name:?} to differ with {part:?}: {found:?}"
    );
    Ok(())
}

#[test]
fn a_good_system_passes_every_smoke_check() -> TestResult {
    browser_test(
        test_name!(),
        Setup::direct()
            .parts()
            .on_public_port()
            .needs(Capability::DirectConnection),
        async |fixture| {
            let report = smoke(fixture).await?;
            ensure!(report.is_ok(), "{report:#?}");
            ensure!(report.checks().len() == 15, "{report:#?}");
            Ok(())
        },
    )
}

#[test]
fn headers_of_another_release_are_named() -> TestResult {
    let setup = Setup::direct()
        .on_public_port()
        .csp(CspMode::Mismatched)
        .needs(Capability::DirectConnection);
    browser_test(test_name!(), setup, async |fixture| {
        let report = smoke(fixture).await?;
        differs(&report, "security headers", "Content-Security-Policy of /")
    })
}

#[test]
fn a_refusal_that_the_page_cannot_read_and_a_failed_sign_in_are_named() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default()
            .on_public_port()
            .needs(Capability::DirectConnection),
        async |fixture| {
            fixture
                .proxy
                .inject(RequestKind::PROTECTED_ROUTE, Fault::WithoutCors);
            let refused = StubResponse::json(400, &json!({ "error": "invalid_client" }));
            fixture
                .proxy
                .inject(RequestKind::USER_POOL_TOKEN, Fault::Respond(refused));
            let report = smoke(fixture).await?;
            differs(
                &report,
                "CORS headers of a refusal",
                "allows the origin none",
            )?;
            differs(
                &report,
                "sign-in through the hosted UI",
                "This sign-in failed",
            )?;
            ensure!(
                matches!(outcome(&report, "sign-out"), Some(Outcome::Skipped(_))),
                "{report:#?}"
            );
            Ok(())
        },
    )
}
