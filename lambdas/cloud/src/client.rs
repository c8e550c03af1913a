//! The configuration of the clients.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::CloudError;

const CONNECTED_WITHIN: Duration = Duration::from_secs(1);
const ATTEMPT_WITHIN: Duration = Duration::from_millis(1500);

/// The settings of the clients: region, credentials and, locally, the endpoint from the environment.
/// A call, with its retries, ends within `call_within`.
pub async fn cloud_config(call_within: Duration) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECTED_WITHIN)
        .operation_attempt_timeout(ATTEMPT_WITHIN)
        .operation_timeout(call_within)
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(
            Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build_https(),
        )
        .timeout_config(timeouts)
        .load()
        .await
}

/// The error code of `service`, or why the request did not reach it.
#[must_use]
pub fn cloud_error<E, R>(service: &'static str, error: &SdkError<E, R>) -> CloudError
where
    E: ProvideErrorMetadata,
{
    let reason = match error {
        SdkError::ServiceError(refused) => refused.err().code().unwrap_or("refused without a code"),
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no connection in time",
        SdkError::DispatchFailure(_) => "could not be reached",
        SdkError::ResponseError(_) => "an answer that cannot be read",
        _ => "the request could not be made",
    };
    CloudError {
        service,
        reason: reason.to_owned(),
    }
}
