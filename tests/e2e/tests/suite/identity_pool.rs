//! Errors of the identity pool, as recorded from AWS. The proxy returns them.

use anyhow::ensure;
use serde_json::json;
use velvet_rope_e2e::fixture::{Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Edit, Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;

/// An error, and the notice that the page must show.
struct Refusal {
    at: RequestKind,
    code: &'static str,
    message: &'static str,
    title: &'static str,
    says: &'static str,
    offers: &'static [&'static str],
}

const NOT_AUTHORIZED: &str = "NotAuthorizedException";

const REFUSALS: [Refusal; 6] = [
    Refusal {
        at: RequestKind::GET_ID,
        code: NOT_AUTHORIZED,
        message: "Token is not from a supported provider of this identity pool.",
        title: "The identity pool is not linked to the user pool",
        says: "User access",
        offers: &[],
    },
    Refusal {
        at: RequestKind::GET_ID,
        code: NOT_AUTHORIZED,
        message: "Invalid login token. Token expired: 1754028847 >= 1754027905",
        title: "Your sign-in has expired",
        says: "no longer takes the ID token",
        offers: &["Sign in"],
    },
    Refusal {
        at: RequestKind::GET_ID,
        code: "ResourceNotFoundException",
        message: "IdentityPool 'eu-west-1:00000000-1111-2222-3333-444444444444' not found.",
        title: "There is no such identity pool",
        says: "identity_pool.id",
        offers: &[],
    },
    Refusal {
        at: RequestKind::GET_CREDENTIALS,
        code: "InvalidIdentityPoolConfigurationException",
        message: "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
        title: "The identity pool has no role for you",
        says: "sts:AssumeRoleWithWebIdentity",
        offers: &[],
    },
    Refusal {
        at: RequestKind::GET_CREDENTIALS,
        code: NOT_AUTHORIZED,
        message: "Token is inactive",
        title: "Your sign-in was ended elsewhere",
        says: "disabled or deleted",
        offers: &["Sign in"],
    },
    Refusal {
        at: RequestKind::GET_CREDENTIALS,
        code: "TooManyRequestsException",
        message: "Rate exceeded",
        title: "The identity pool is busy",
        says: "too many requests",
        offers: &["Try again"],
    },
];

#[test]
fn every_identity_pool_error_has_its_own_message() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let card = fixture.home().protected_route();
        for refusal in REFUSALS {
            let body = json!({ "__type": refusal.code, "message": refusal.message });
            // AWS sends the colon.
            let answer = StubResponse::json(400, &body)
                .header("x-amzn-errortype", &format!("{}:", refusal.code));
            fixture.proxy.clear_faults();
            fixture.proxy.inject(refusal.at, Fault::Respond(answer));
            let notice = card.call_expecting_notice().await?;
            ensure!(
                notice.title == refusal.title,
                "{}: {notice:?}",
                refusal.message
            );
            notice
                .contains_text(refusal.says)?
                .has_buttons(refusal.offers)?;
        }
        ensure!(
            fixture.proxy.count(RequestKind::PROTECTED_ROUTE) == 0,
            "the route was called without credentials"
        );
        // The last error can be retried, and the session still works.
        fixture.proxy.clear_faults();
        card.click_button("Try again").await?.ok()?;
        Ok(())
    })
}

#[test]
fn an_identity_pool_that_is_not_linked_names_what_to_compare() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let Some(unlinked) = REFUSALS.first() else {
            return Ok(());
        };
        let body = json!({ "__type": unlinked.code, "message": unlinked.message });
        fixture
            .proxy
            .inject(unlinked.at, Fault::Respond(StubResponse::json(400, &body)));
        let notice = fixture
            .home()
            .protected_route()
            .call_expecting_notice()
            .await?;
        for pointer in ["/user_pool/id", "/user_pool/client_id", "/identity_pool/id"] {
            let value = fixture
                .config
                .pointer(pointer)
                .and_then(|value| value.as_str())
                .unwrap_or("nothing");
            notice.contains_text(value)?;
        }
        Ok(())
    })
}

#[test]
fn wrong_credentials_are_refused_by_the_gateway_and_explained() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        // MiniStack checks the signature.
        fixture.proxy.inject(
            RequestKind::GET_CREDENTIALS,
            Fault::EditResponse(Edit::default().set(
                "/Credentials/SecretKey",
                json!("wrongwrongwrongwrongwrongwrongwrongwrong"),
            )),
        );
        let outcome = fixture.home().protected_route().call().await?;
        ensure!(
            outcome.status.as_deref() == Some("403 Forbidden"),
            "{outcome:?}"
        );
        let notice = outcome.notice.unwrap_or_default();
        ensure!(notice.title == "The signature does not match", "{notice:?}");
        notice.contains_text("api.base_url")?;
        Ok(())
    })
}
