//! Deploying a template by CloudFormation: create or update, wait, read the outputs.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};
use aws_sdk_cloudformation::{
    Client,
    error::ProvideErrorMetadata as _,
    types::{Capability, Parameter, Stack},
};
use aws_sdk_s3::{
    operation::create_bucket::CreateBucketError,
    primitives::ByteStream,
    types::{BucketLocationConstraint, CreateBucketConfiguration},
};
use aws_types::SdkConfig;

use super::{events, package::Package, refusal::refusal};

const POLL: Duration = Duration::from_millis(300);
const DEPLOYED_WITHIN: Duration = Duration::from_mins(20);

/// A stack to be deployed.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// The name of the stack.
    pub(crate) stack: String,
    /// The text of the template.
    pub(crate) template: String,
    /// The values of the template's parameters; the others keep their defaults.
    pub(crate) parameters: Vec<(&'static str, String)>,
}

impl Deployment {
    /// Creates or updates the stack and returns its outputs.
    ///
    /// # Errors
    /// When CloudFormation refuses the template or rolls back; the message then carries the failed events.
    pub(crate) async fn deploy(&self, sdk_config: &SdkConfig) -> Result<HashMap<String, String>> {
        let client = Client::new(sdk_config);
        if let Some(existing) = self.describe(&client).await? {
            // Such a stack holds nothing and can only be deleted.
            if status(&existing) == "ROLLBACK_COMPLETE" {
                self.delete(&client).await?;
                self.create(&client).await?;
            } else if !self.update(&client).await? {
                return Ok(outputs(&existing));
            }
        } else {
            self.create(&client).await?;
        }
        let stack = self.wait_until_settled(&client).await?;
        match status(&stack) {
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" => Ok(outputs(&stack)),
            failed => bail!("{}", self.rollback_message(&client, failed).await?),
        }
    }

    async fn create(&self, client: &Client) -> Result<()> {
        client
            .create_stack()
            .stack_name(&self.stack)
            .template_body(&self.template)
            .set_parameters(Some(self.parameters()))
            .capabilities(Capability::CapabilityNamedIam)
            .send()
            .await
            .map_err(|error| refusal("could not create the stack", &error))?;
        Ok(())
    }

    /// Begins an update; `false` when nothing would change.
    async fn update(&self, client: &Client) -> Result<bool> {
        let update = client
            .update_stack()
            .stack_name(&self.stack)
            .template_body(&self.template)
            .set_parameters(Some(self.parameters()))
            .capabilities(Capability::CapabilityNamedIam)
            .send()
            .await;
        match update {
            Ok(_) => Ok(true),
            Err(error) if error.message().is_some_and(|m| m.contains("No updates")) => Ok(false),
            Err(error) => Err(refusal("could not update the stack", &error)),
        }
    }

    async fn delete(&self, client: &Client) -> Result<()> {
        client
            .delete_stack()
            .stack_name(&self.stack)
            .send()
            .await
            .map_err(|error| refusal("could not delete the failed stack", &error))?;
        let started = Instant::now();
        while self.describe(client).await?.is_some() {
            pause(started, "the deletion of the failed stack").await?;
        }
        Ok(())
    }

    async fn wait_until_settled(&self, client: &Client) -> Result<Stack> {
        let started = Instant::now();
        loop {
            let stack = self.describe(client).await?;
            let stack = stack.ok_or_else(|| anyhow!("the stack {} is gone", self.stack))?;
            if !status(&stack).ends_with("_IN_PROGRESS") {
                return Ok(stack);
            }
            pause(started, "the deployment").await?;
        }
    }

    async fn describe(&self, client: &Client) -> Result<Option<Stack>> {
        match client
            .describe_stacks()
            .stack_name(&self.stack)
            .send()
            .await
        {
            Ok(found) => Ok(found.stacks.unwrap_or_default().into_iter().next()),
            Err(error)
                if error
                    .message()
                    .is_some_and(|m| m.contains("does not exist")) =>
            {
                Ok(None)
            }
            Err(error) => Err(refusal("could not look at the stack", &error)),
        }
    }

    async fn rollback_message(&self, client: &Client, status: &str) -> Result<String> {
        let events = client
            .describe_stack_events()
            .stack_name(&self.stack)
            .send()
            .await
            .map_err(|error| refusal("could not read the stack's events", &error))?;
        let failures = events::failures(events.stack_events());
        Ok(events::rollback_message(&self.stack, status, &failures))
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.parameters
            .iter()
            .map(|(key, value)| {
                Parameter::builder()
                    .parameter_key(*key)
                    .parameter_value(value)
                    .build()
            })
            .collect()
    }
}

async fn pause(started: Instant, what: &str) -> Result<()> {
    if started.elapsed() > DEPLOYED_WITHIN {
        bail!(
            "{what} did not end within {} min",
            DEPLOYED_WITHIN.as_secs() / 60
        );
    }
    tokio::time::sleep(POLL).await;
    Ok(())
}

fn status(stack: &Stack) -> &str {
    stack.stack_status().map_or("", |status| status.as_str())
}

fn outputs(stack: &Stack) -> HashMap<String, String> {
    stack
        .outputs()
        .iter()
        .filter_map(|output| Some((output.output_key()?.into(), output.output_value()?.into())))
        .collect()
}

/// Puts code and templates where the stack expects them, in a bucket created on the way.
///
/// # Errors
/// When the bucket cannot be created or written to.
pub(crate) async fn upload(
    sdk_config: &SdkConfig,
    bucket: &str,
    packages: Vec<Package>,
) -> Result<()> {
    let path_style = aws_sdk_s3::config::Builder::from(sdk_config)
        .force_path_style(true)
        .build();
    let client = aws_sdk_s3::Client::from_conf(path_style);
    create_bucket(&client, sdk_config, bucket).await?;
    for Package { key, content } in packages {
        client
            .put_object()
            .bucket(bucket)
            .key(&key)
            .body(ByteStream::from(content))
            .send()
            .await
            .map_err(|error| refusal("could not upload what the stack is made of", &error))
            .with_context(|| format!("bucket {bucket}, key {key}"))?;
    }
    Ok(())
}

async fn create_bucket(
    client: &aws_sdk_s3::Client,
    sdk_config: &SdkConfig,
    bucket: &str,
) -> Result<()> {
    let location = sdk_config
        .region()
        .map(|region| BucketLocationConstraint::from(region.as_ref()))
        .filter(|location| location.as_str() != "us-east-1")
        .map(|location| {
            CreateBucketConfiguration::builder()
                .location_constraint(location)
                .build()
        });
    let created = client
        .create_bucket()
        .bucket(bucket)
        .set_create_bucket_configuration(location)
        .send()
        .await;
    match created {
        Err(error)
            if !error
                .as_service_error()
                .is_some_and(CreateBucketError::is_bucket_already_owned_by_you) =>
        {
            Err(refusal("could not create the code bucket", &error))
        }
        _ => Ok(()),
    }
}
