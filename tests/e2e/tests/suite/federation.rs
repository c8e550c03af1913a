//! Signing in at a provider behind the user pool (`identity_provider=NAME`): for the site it is the user pool.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use url::Url;
use velvet_rope_e2e::aws::Aws;
use velvet_rope_e2e::here;
use velvet_rope_e2e::stage::{
    FEDERATED_CLIENT, FEDERATED_CLIENT_SECRET, Setup, Stage, Verdict, play,
};
use velvet_rope_e2e::wait::eventually;

/// Tells the user pool of the provider, as the template does on AWS. The local cloud's templates cannot.
async fn add_provider(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let pool = stage.config["user_pool"]["id"].clone();
    let known = json!({ "UserPoolId": pool, "ProviderName": stage.cloud.federated_provider });
    let aws = Aws::of(&stage.cloud);
    // That of an earlier run is at another address.
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

/// The provider sends people to AWS's address of the user pool; this takes them to the local cloud's.
async fn cross_to_the_local_cloud(stage: &Stage) -> Result<()> {
    let callback = stage.cloud.federation_callback()?;
    let arrived = eventually("the way back to the user pool", async || {
        let address = stage.browser.address().await?;
        Ok(address.as_str().starts_with(&callback).then_some(address))
    })
    .await?;
    let mut local = Url::parse(&stage.cloud.cloud_url)?;
    local.set_path(arrived.path());
    local.set_query(arrived.query());
    stage.browser.open(local.as_str()).await
}

#[test]
fn a_user_of_a_provider_behind_the_user_pool_signs_in_there_and_calls_every_kind_of_route()
-> Verdict {
    let setup = Setup::with_federation()
        .parts()
        .config(|config| config["user_pool"]["identity_provider"] = json!("StandIn"));
    play(here!(), setup, async |stage| {
        let name = stage.config["user_pool"]["identity_provider"].as_str();
        ensure!(
            name == Some(stage.cloud.federated_provider.as_str()),
            "another name: {name:?}"
        );
        add_provider(stage).await?;
        stage.open("/").await?;
        // No page of the user pool in between.
        stage.sign_in_at_provider("bob").await?;
        cross_to_the_local_cloud(stage).await?;
        stage.header().wait_for_user("Bob").await?;
        let sub = stage.home().user_id("Bob").await?;
        ensure!(
            sub != "bob",
            "the tokens are the provider's, not the user pool's"
        );
        stage.home().protected_route().call().await?.ok()?;
        let said = stage.home().card("Token route").call().await?.ok()?;
        let caller = said.get("caller").context("no caller")?;
        ensure!(caller["sub"] == sub.as_str(), "{said}");
        Ok(())
    })
}
