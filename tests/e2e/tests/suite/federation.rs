//! Signing in at a provider behind the user pool (`identity_provider=NAME`): the site only sees the user pool.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use url::Url;
use velvet_rope_e2e::aws::Aws;
use velvet_rope_e2e::browser::Capability;
use velvet_rope_e2e::fixture::{
    FEDERATED_CLIENT, FEDERATED_CLIENT_SECRET, Fixture, Setup, TestResult, browser_test,
};
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

/// Adds the provider to the user pool, as the template does on AWS. The local cloud does not support that resource.
async fn add_provider(fixture: &Fixture) -> Result<()> {
    let provider = fixture.provider()?;
    let pool = fixture.config["user_pool"]["id"].clone();
    let known =
        json!({ "UserPoolId": pool, "ProviderName": fixture.environment.federated_provider });
    let aws = Aws::new(&fixture.environment);
    // An earlier run used another port.
    let _ = aws.user_pool("DeleteIdentityProvider", &known).await;
    let mut described = known;
    described["ProviderType"] = json!("OIDC");
    described["ProviderDetails"] = json!({
        "oidc_issuer": provider.issuer(),
        "client_id": FEDERATED_CLIENT,
        "client_secret": FEDERATED_CLIENT_SECRET,
        "attributes_request_method": "GET",
        "authorize_scopes": "openid email profile",
    });
    described["AttributeMapping"] = json!({ "email": "email", "email_verified": "email_verified" });
    aws.user_pool("CreateIdentityProvider", &described).await?;
    Ok(())
}

/// The provider redirects to the user pool's address on AWS; this opens the same path on the local cloud.
async fn cross_to_the_local_cloud(fixture: &Fixture) -> Result<()> {
    let callback = fixture.environment.federation_callback()?;
    let arrived = eventually("the way back to the user pool", async || {
        let address = fixture.browser.url().await?;
        Ok(address.as_str().starts_with(&callback).then_some(address))
    })
    .await?;
    let mut local = Url::parse(&fixture.environment.cloud_url)?;
    local.set_path(arrived.path());
    local.set_query(arrived.query());
    fixture.browser.open(local.as_str()).await
}

#[test]
fn a_user_of_a_provider_behind_the_user_pool_signs_in_there_and_calls_every_kind_of_route()
-> TestResult {
    let setup = Setup::with_federation()
        .needs(Capability::UnreachablePages)
        .parts()
        .config(|config| config["user_pool"]["identity_provider"] = json!("StandIn"));
    browser_test(test_name!(), setup, async |fixture| {
        let name = fixture.config["user_pool"]["identity_provider"].as_str();
        ensure!(
            name == Some(fixture.environment.federated_provider.as_str()),
            "another name: {name:?}"
        );
        add_provider(fixture).await?;
        fixture.open("/").await?;
        // The user pool shows no page.
        fixture.sign_in_at_provider("bob").await?;
        cross_to_the_local_cloud(fixture).await?;
        fixture.header().wait_for_user("Bob").await?;
        let sub = fixture.home().user_id("Bob").await?;
        ensure!(
            sub != "bob",
            "the tokens are the provider's, not the user pool's"
        );
        fixture.home().protected_route().call().await?.ok()?;
        let said = fixture.home().card("Token route").call().await?.ok()?;
        let caller = said.get("caller").context("no caller")?;
        ensure!(caller["sub"] == sub.as_str(), "{said}");
        Ok(())
    })
}
