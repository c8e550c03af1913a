//! Where a stack is deployed to: an account and region of AWS, or a local cloud. Everything after this asks the same
//! questions of both.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_cloudformation::config::{BehaviorVersion, Region};
use aws_types::SdkConfig;

use super::{
    access::{advice, require_region},
    refusal::refusal,
};

/// An account and a region, or a local cloud that plays them.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// How its services are reached.
    pub(crate) sdk_config: SdkConfig,
    /// The region.
    pub(crate) region: String,
    /// The account's number.
    pub(crate) account: String,
    /// The part of AWS that it belongs to: `aws`, `aws-cn`, `aws-us-gov`.
    partition: String,
    /// The port of the local cloud, if this is one.
    pub(crate) local_port: Option<u16>,
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
            region,
            account: identity
                .account()
                .context("AWS named no account")?
                .to_owned(),
            partition: arn.split(':').nth(1).unwrap_or("aws").to_owned(),
            sdk_config,
            local_port,
        })
    }

    /// Where it is, for people.
    pub(crate) fn shown(&self) -> String {
        let Self {
            region, account, ..
        } = self;
        match self.local_port {
            Some(port) => format!("the local cloud at {}", crate::aws::ministack::url(port)),
            None => format!("account {account} in {region}"),
        }
    }

    /// The bucket that code and templates are uploaded to: one for each account and region, whatever the stacks.
    pub(crate) fn code_bucket(&self) -> String {
        format!("velvet-rope-code-{}-{}", self.account, self.region)
    }

    /// Where CloudFormation finds what was uploaded to the code bucket.
    pub(crate) fn code_url(&self, key: &str) -> String {
        let suffix = if self.partition == "aws-cn" {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!(
            "https://s3.{}.{suffix}/{}/{key}",
            self.region,
            self.code_bucket()
        )
    }

    /// How long to wait before asking again. AWS refuses those who ask too often.
    pub(crate) fn poll(&self) -> Duration {
        if self.local_port.is_some() {
            Duration::from_millis(200)
        } else {
            Duration::from_secs(3)
        }
    }
}

/// How the services of the local cloud on `port` are reached.
fn local_config(port: u16, region: &str) -> SdkConfig {
    // The root key of MiniStack: it does not check the signatures made with it.
    let credentials = Credentials::new("test", "test", None, None, "local cloud");
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
            region: "eu-west-1".to_owned(),
            account: "123456789012".to_owned(),
            partition: "aws".to_owned(),
            local_port,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_bucket_is_of_one_account_and_region() {
        assert_eq!(
            Target::for_tests(None).code_url("a.yaml"),
            "https://s3.eu-west-1.amazonaws.com/velvet-rope-code-123456789012-eu-west-1/a.yaml"
        );
        let china = Target {
            region: "cn-north-1".to_owned(),
            partition: "aws-cn".to_owned(),
            ..Target::for_tests(None)
        };
        let china = china.code_url("a.yaml");
        assert!(
            china.starts_with("https://s3.cn-north-1.amazonaws.com.cn/"),
            "{china}"
        );
    }
}
