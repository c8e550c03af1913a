//! What a service of the cloud answered instead of doing what it was asked for, in one line.

use std::error::Error;

use aws_sdk_cloudformation::error::ProvideErrorMetadata;

/// An error that says `what` could not be done and why: the service's code and message, or what
/// kept the request from reaching it.
pub(crate) fn refusal<E>(what: &str, error: &E) -> anyhow::Error
where
    E: Error + ProvideErrorMetadata + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => anyhow::anyhow!("{what}: {code}: {message}"),
        (Some(code), None) => anyhow::anyhow!("{what}: {code}"),
        _ => {
            let causes: Vec<_> = anyhow::Chain::new(error).map(ToString::to_string).collect();
            anyhow::anyhow!("{what}: {}", causes.join(": "))
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::{
        config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
        error::{ErrorMetadata, SdkError},
        operation::create_stack::CreateStackError,
    };

    use super::*;

    #[test]
    fn has_the_code_and_the_message_of_the_service() {
        let metadata = ErrorMetadata::builder()
            .code("ValidationError")
            .message("no such type");
        let error = CreateStackError::generic(metadata.build());
        let error = SdkError::service_error(error, ());
        let message = refusal("could not create the stack", &error).to_string();
        assert_eq!(
            message,
            "could not create the stack: ValidationError: no such type"
        );
    }

    #[tokio::test]
    async fn has_the_cause_when_the_service_is_not_reached() {
        let config = aws_sdk_cloudformation::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            // No server listens on the port of the discard service.
            .endpoint_url("http://127.0.0.1:9")
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let client = aws_sdk_cloudformation::Client::from_conf(config);
        let error = client.describe_stacks().send().await.unwrap_err();
        let message = refusal("could not look at the stack", &error).to_string();
        assert!(
            message.starts_with("could not look at the stack: dispatch failure: "),
            "{message}"
        );
        assert!(message.contains("tcp connect error"), "{message}");
    }
}
