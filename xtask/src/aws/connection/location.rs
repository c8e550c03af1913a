//! Where a stack is: an account and a region, or a local cloud.

use std::time::Duration;

use crate::aws::{LOCAL_ACCOUNT, LOCAL_REGION, ministack};

/// The name of the stack, where the user gives none.
pub(crate) const DEFAULT_STACK: &str = "velvet-rope";

/// An account and a region, or a local cloud that plays them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// The region.
    pub(crate) region: String,
    /// The account's number.
    pub(crate) account: String,
    /// The part of AWS that it belongs to: `aws`, `aws-cn`, `aws-us-gov`.
    pub(crate) partition: String,
    /// The port of the local cloud, if this is one.
    pub(crate) local_port: Option<u16>,
}

impl Location {
    /// The local cloud on `port`.
    pub(crate) fn local(port: u16) -> Self {
        Self {
            region: LOCAL_REGION.to_owned(),
            account: LOCAL_ACCOUNT.to_owned(),
            partition: "aws".to_owned(),
            local_port: Some(port),
        }
    }

    /// Where it is, for people.
    pub(crate) fn shown(&self) -> String {
        let Self {
            region, account, ..
        } = self;
        match self.local_port {
            Some(port) => format!("the local cloud at {}", ministack::url(port)),
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
            ministack::POLL
        } else {
            Duration::from_secs(3)
        }
    }
}

#[cfg(test)]
impl Location {
    /// A location for tests that send no request, or that run a fake server on `local_port`.
    pub(crate) fn for_tests(local_port: Option<u16>) -> Self {
        Self {
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
        let here = Location::for_tests(None);
        assert_eq!(
            here.code_url("a.yaml"),
            "https://s3.eu-west-1.amazonaws.com/velvet-rope-code-123456789012-eu-west-1/a.yaml"
        );
        let china = Location {
            region: "cn-north-1".to_owned(),
            partition: "aws-cn".to_owned(),
            ..here
        };
        let china = china.code_url("a.yaml");
        assert!(
            china.starts_with("https://s3.cn-north-1.amazonaws.com.cn/"),
            "{china}"
        );
    }
}
