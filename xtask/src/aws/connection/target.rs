//! Where a stack is deployed to: an account and region of AWS, or a local cloud. Everything after this asks the same
//! questions of both.

use anyhow::{Context as _, Result, anyhow};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_cloudformation::config::{BehaviorVersion, Region};
use aws_types::SdkConfig;

use super::{
    access::{advice, require_region},
    location::Location,
    refusal::refusal,
};
use crate::aws::LOCAL_ACCESS_KEY;

/// A location, and how its services are reached.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// What the clients of the services are made from.
    pub(crate) sdk_config: SdkConfig,
    /// Which account and region.
    pub(crate) location: Location,
}

impl Target {
    /// The local cloud on `port`.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) async fn local(port: u16, region: &str) -> Result<Self> {
        Self::of(local_config(port, region), Some(port)).await
    }

    pub(super) async fn of(sdk_config: SdkConfig, local_port: Option<u16>) -> Result<Self> {
        let region = sdk_config.region().map(ToString::to_string).ok_or_else(|| {
            anyhow!(
                "no region is set: name one with --region eu-west-1, in the environment (AWS_REGION), or in the profile"
            )
        })?;
        require_region(&region)?;
        let identity = aws_sdk_sts::Client::new(&sdk_config)
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| {
                let error = refusal("could not find out whose credentials these are", &error);
                match advice(&format!("{error:#}")) {
                    Some(advice) => error.context(advice),
                    None => error,
                }
            })?;
        let arn = identity.arn().unwrap_or_default();
        Ok(Self {
            location: Location {
                region,
                account: identity
                    .account()
                    .context("AWS named no account")?
                    .to_owned(),
                partition: arn.split(':').nth(1).unwrap_or("aws").to_owned(),
                local_port,
            },
            sdk_config,
        })
    }
}

/// How the services of the local cloud on `port` are reached.
fn local_config(port: u16, region: &str) -> SdkConfig {
    let key = LOCAL_ACCESS_KEY;
    let credentials = Credentials::new(key, key, None, None, "local cloud");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

#[cfg(test)]
impl Target {
    /// A target for tests that send no request, or that run a fake server on `local_port`.
    pub(crate) fn for_tests(local_port: Option<u16>) -> Self {
        Self {
            sdk_config: local_config(local_port.unwrap_or(1), "eu-west-1"),
            location: Location::for_tests(local_port),
        }
    }
}
