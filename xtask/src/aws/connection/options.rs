//! Which account and region, or which local cloud, a command line names. Only commands that reach AWS compile this: it
//! brings every way to get credentials with it.

use anyhow::Result;
use aws_config::{
    BehaviorVersion, Region,
    default_provider::region::DefaultRegionChain,
    profile::{self, ProfileFileCredentialsProvider},
    provider_config::ProviderConfig,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::{location::DEFAULT_STACK, target::Target};
use crate::{aws::LOCAL_REGION, support::report};

/// Where to, on the command line.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Connection {
    /// The profile of the AWS configuration whose credentials are used
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// The AWS region
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// A local cloud instead of AWS, such as <http://localhost:4566>
    #[arg(long, value_name = "URL", value_parser = port_of_endpoint)]
    pub(crate) endpoint: Option<u16>,
    /// The name of the stack
    #[arg(long, default_value = DEFAULT_STACK)]
    pub(crate) stack: String,
}

impl Connection {
    /// Finds out the account and the region.
    ///
    /// # Errors
    /// When there are no credentials, no region, or no answer; the message says which setting changes that.
    pub(crate) async fn open(&self) -> Result<Target> {
        if let Some(port) = self.endpoint {
            if self.profile.is_some() {
                report::line("==> A local cloud asks for no credentials: --profile is not used");
            }
            let region = self.region.as_deref().unwrap_or(LOCAL_REGION);
            return Target::local(port, region).await;
        }
        let http_client = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let region = self.region().await;
        let mut loader =
            aws_config::defaults(BehaviorVersion::latest()).http_client(http_client.clone());
        if let Some(profile) = &self.profile {
            // By itself the chain would take credentials from the environment first, whatever the profile, and
            // deploy into another account than the one that was asked for.
            let configuration = ProviderConfig::without_region().with_http_client(http_client);
            let provider = of_profile(profile, region.clone(), configuration).build();
            loader = loader.profile_name(profile).credentials_provider(provider);
        }
        if let Some(region) = region {
            loader = loader.region(region);
        }
        let sdk_config = loader.load().await;
        Target::of(sdk_config, None).await
    }

    /// The region of the option, of the environment or of the profile.
    async fn region(&self) -> Option<Region> {
        if let Some(region) = &self.region {
            return Some(Region::new(region.clone()));
        }
        let chain = DefaultRegionChain::builder();
        let chain = match &self.profile {
            Some(profile) => chain.profile_name(profile),
            None => chain,
        };
        chain.build().region().await
    }
}

/// The credentials of a profile. One that assumes a role asks STS, and that in a region.
fn of_profile(
    profile: &str,
    region: Option<Region>,
    configuration: ProviderConfig,
) -> profile::credentials::Builder {
    ProfileFileCredentialsProvider::builder()
        .configure(&configuration.with_region(region))
        .profile_name(profile)
}

/// A local cloud is on this machine: functions run here, and the browser reaches it under one name only.
fn port_of_endpoint(endpoint: &str) -> Result<u16, String> {
    let port = ["http://localhost:", "http://127.0.0.1:"]
        .iter()
        .find_map(|start| endpoint.strip_prefix(start))
        .and_then(|rest| rest.trim_end_matches('/').parse().ok());
    port.ok_or_else(|| "a local cloud has an address like http://localhost:4566".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_credential_types::provider::ProvideCredentials as _;
    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::HttpRequest,
        result::ConnectorError,
    };

    use super::*;

    /// Notes where requests go, and answers none.
    #[derive(Debug, Clone, Default)]
    struct FakeConnector {
        requested: Arc<Mutex<Vec<String>>>,
    }

    impl HttpConnector for FakeConnector {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            self.requested
                .lock()
                .unwrap()
                .push(request.uri().to_owned());
            HttpConnectorFuture::ready(Err(ConnectorError::user("fake".into())))
        }
    }

    #[tokio::test]
    async fn a_profile_that_assumes_a_role_asks_sts_in_the_region() {
        let profiles = "[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = example\n\
                        [profile role]\nrole_arn = arn:aws:iam::123456789012:role/Deployer\nsource_profile = base\n";
        let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, profiles);
        let connector = FakeConnector::default();
        let requested = Arc::clone(&connector.requested);
        let connector = SharedHttpConnector::new(connector);
        let http_client = http_client_fn(move |_, _| connector.clone());
        let configuration = ProviderConfig::without_region().with_http_client(http_client);
        let region = Some(Region::from_static("eu-west-1"));
        let provider = of_profile("role", region, configuration)
            .profile_files(files.build())
            .build();
        assert!(provider.provide_credentials().await.is_err());
        let requested = requested.lock().unwrap();
        let first = requested.first().map_or("", String::as_str);
        assert!(first.contains("sts.eu-west-1.amazonaws.com"), "{first}");
    }

    #[test]
    fn a_local_cloud_is_on_this_machine() {
        assert_eq!(port_of_endpoint("http://localhost:4566"), Ok(4566));
        assert_eq!(port_of_endpoint("http://127.0.0.1:4567/"), Ok(4567));
        for other in [
            "https://localhost:4566",
            "http://cloud.example:4566",
            "4566",
            "http://localhost",
        ] {
            assert!(port_of_endpoint(other).is_err(), "{other}");
        }
    }
}
