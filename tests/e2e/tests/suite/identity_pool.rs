//! An identity pool that refuses, in the words that AWS was seen to use. The stand-in plays it.

use anyhow::ensure;
use serde_json::json;
use velvet_rope_e2e::here;
use velvet_rope_e2e::proxy::{Answer, Fault, Matches};
use velvet_rope_e2e::stage::{Setup, Verdict, play};

/// A refusal, and what the page must make of it.
struct Refusal {
    at: Matches,
    code: &'static str,
    message: &'static str,
    title: &'static str,
    says: &'static str,
    offers: &'static [&'static str],
}

const NOT_AUTHORIZED: &str = "NotAuthorizedException";

const REFUSALS: [Refusal; 6] = [
    Refusal {
        at: Matches::GET_ID,
        code: NOT_AUTHORIZED,
        message: "Token is not from a supported provider of this identity pool.",
        title: "The identity pool is not linked to the user pool",
        says: "User access",
        offers: &[],
    },
    Refusal {
        at: Matches::GET_ID,
        code: NOT_AUTHORIZED,
        message: "Invalid login token. Token expired: 1754028847 >= 1754027905",
        title: "Your sign-in has expired",
        says: "no longer takes the ID token",
        offers: &["Sign in"],
    },
    Refusal {
        at: Matches::GET_ID,
        code: "ResourceNotFoundException",
        message: "IdentityPool 'eu-west-1:00000000-1111-2222-3333-444444444444' not found.",
        title: "There is no such identity pool",
        says: "identity_pool.id",
        offers: &[],
    },
    Refusal {
        at: Matches::GET_CREDENTIALS,
        code: "InvalidIdentityPoolConfigurationException",
        message: "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
        title: "The identity pool has no role for you",
        says: "sts:AssumeRoleWithWebIdentity",
        offers: &[],
    },
    Refusal {
        at: Matches::GET_CREDENTIALS,
        code: NOT_AUTHORIZED,
        message: "Token is inactive",
        title: "Your sign-in was ended elsewhere",
        says: "disabled or deleted",
        offers: &["Sign in"],
    },
    Refusal {
        at: Matches::GET_CREDENTIALS,
        code: "TooManyRequestsException",
        message: "Rate exceeded",
        title: "The identity pool is busy",
        says: "too many requests",
        offers: &["Try again"],
    },
];

#[test]
fn every_refusal_of_the_identity_pool_has_words_of_its_own() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        let card = stage.home().protected_route();
        for refusal in REFUSALS {
            let body = json!({ "__type": refusal.code, "message": refusal.message });
            // The colon is what AWS sends.
            let answer =
                Answer::json(400, &body).header("x-amzn-errortype", &format!("{}:", refusal.code));
            stage.proxy.heal();
            stage.proxy.set(refusal.at, Fault::Answer(answer));
            let notice = card.call_refused().await?;
            ensure!(
                notice.title == refusal.title,
                "{}: {notice:?}",
                refusal.message
            );
            notice.says(refusal.says)?.offers(refusal.offers)?;
        }
        ensure!(
            stage.proxy.count(Matches::PROTECTED_ROUTE) == 0,
            "the route was called without credentials"
        );
        // The last one can be tried again, and then the session is as good as before.
        stage.proxy.heal();
        card.press("Try again").await?.ok()?;
        Ok(())
    })
}

#[test]
fn an_identity_pool_that_is_not_linked_names_what_to_compare() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        let Some(unlinked) = REFUSALS.first() else {
            return Ok(());
        };
        let body = json!({ "__type": unlinked.code, "message": unlinked.message });
        stage
            .proxy
            .set(unlinked.at, Fault::Answer(Answer::json(400, &body)));
        let notice = stage.home().protected_route().call_refused().await?;
        for pointer in ["/user_pool/id", "/user_pool/client_id", "/identity_pool/id"] {
            let value = stage
                .config
                .pointer(pointer)
                .and_then(|value| value.as_str())
                .unwrap_or("nothing");
            notice.says(value)?;
        }
        Ok(())
    })
}

#[test]
fn wrong_credentials_are_refused_by_the_gateway_and_explained() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        // The signature is checked by MiniStack itself.
        stage.proxy.set(
            Matches::GET_CREDENTIALS,
            Fault::EditJson(|answer| {
                answer["Credentials"]["SecretKey"] =
                    json!("wrongwrongwrongwrongwrongwrongwrongwrong");
            }),
        );
        let outcome = stage.home().protected_route().call().await?;
        ensure!(
            outcome.status.as_deref() == Some("403 Forbidden"),
            "{outcome:?}"
        );
        let notice = outcome.notice.unwrap_or_default();
        ensure!(notice.title == "The signature does not match", "{notice:?}");
        notice.says("api.base_url")?;
        Ok(())
    })
}
