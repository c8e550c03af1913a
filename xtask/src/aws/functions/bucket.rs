//! The bucket that code and templates are uploaded to.

use anyhow::{Context as _, Result};
use aws_sdk_s3::{
    Client,
    operation::{create_bucket::CreateBucketError, head_object::HeadObjectError},
    primitives::ByteStream,
    types::{
        BucketLocationConstraint, CreateBucketConfiguration, Delete, ObjectIdentifier,
        ObjectOwnership, PublicAccessBlockConfiguration, ServerSideEncryption,
        ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    },
};

use super::package::Package;
use crate::aws::connection::{refusal::refusal, target::Target};

/// The code bucket of a target.
#[derive(Debug)]
pub(crate) struct CodeBucket<'a> {
    client: Client,
    target: &'a Target,
    name: String,
}

impl<'a> CodeBucket<'a> {
    /// The bucket, which may not exist yet.
    pub(crate) fn of(target: &'a Target) -> Self {
        let config = aws_sdk_s3::config::Builder::from(&target.sdk_config)
            // A local cloud has no names for its buckets.
            .force_path_style(target.location.local_port.is_some())
            .build();
        Self {
            client: Client::from_conf(config),
            name: target.location.code_bucket(),
            target,
        }
    }

    /// Uploads what is not there yet, into the bucket created on the way; how many objects that were.
    ///
    /// # Errors
    /// When the bucket cannot be created or written to.
    pub(crate) async fn upload(&self, packages: &[Package]) -> Result<usize> {
        self.create().await?;
        let mut uploaded = 0;
        for Package { key, content } in packages {
            // Keys follow the content, so what has the key has the content.
            if self.has(key).await? {
                continue;
            }
            self.client
                .put_object()
                .bucket(&self.name)
                .key(key)
                .expected_bucket_owner(&self.target.location.account)
                .body(ByteStream::from(content.clone()))
                .send()
                .await
                .map_err(|error| refusal("could not upload what the stack is made of", &error))
                .with_context(|| format!("bucket {}, key {key}", self.name))?;
            uploaded += 1;
        }
        Ok(uploaded)
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let head = self.client.head_object().bucket(&self.name).key(key);
        match head
            .expected_bucket_owner(&self.target.location.account)
            .send()
            .await
        {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                Ok(false)
            }
            Err(error) => Err(refusal("could not look into the code bucket", &error)),
        }
    }

    /// Whether there is such a bucket, and it is this account's.
    ///
    /// # Errors
    /// When S3 refuses, as for the bucket of another account.
    pub(crate) async fn exists(&self) -> Result<bool> {
        let head = self.client.head_bucket().bucket(&self.name);
        match head
            .expected_bucket_owner(&self.target.location.account)
            .send()
            .await
        {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_s3::operation::head_bucket::HeadBucketError::is_not_found,
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(refusal("could not look for the code bucket", &error)
                .context(format!("bucket {}", self.name))),
        }
    }

    /// Private, encrypted, and owned by this account alone.
    async fn create(&self) -> Result<()> {
        if self.exists().await? {
            return Ok(());
        }
        // The one region that must not be named.
        let location = (self.target.location.region != "us-east-1").then(|| {
            let region = BucketLocationConstraint::from(self.target.location.region.as_str());
            CreateBucketConfiguration::builder()
                .location_constraint(region)
                .build()
        });
        let created = self
            .client
            .create_bucket()
            .bucket(&self.name)
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .set_create_bucket_configuration(location)
            .send()
            .await;
        match created {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(CreateBucketError::is_bucket_already_owned_by_you) =>
            {
                return Err(refusal("could not create the code bucket", &error)
                    .context(format!("bucket {}", self.name)));
            }
            _ => {}
        }
        self.close_to_the_public().await?;
        self.encrypt().await
    }

    async fn close_to_the_public(&self) -> Result<()> {
        let closed = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        self.client
            .put_public_access_block()
            .bucket(&self.name)
            .public_access_block_configuration(closed)
            .send()
            .await
            .map_err(|error| refusal("could not close the code bucket to the public", &error))?;
        Ok(())
    }

    async fn encrypt(&self) -> Result<()> {
        let by_default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::Aes256)
            .build()
            .context("the encryption of a bucket")?;
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(by_default)
            .build();
        let encryption = ServerSideEncryptionConfiguration::builder()
            .rules(rule)
            .build()
            .context("the encryption of a bucket")?;
        self.client
            .put_bucket_encryption()
            .bucket(&self.name)
            .server_side_encryption_configuration(encryption)
            .send()
            .await
            .map_err(|error| refusal("could not encrypt the code bucket", &error))?;
        Ok(())
    }

    /// Removes the bucket with all that is in it; `false` when there is none.
    ///
    /// # Errors
    /// When that is refused.
    pub(crate) async fn delete(&self) -> Result<bool> {
        if !self.exists().await? {
            return Ok(false);
        }
        while self.delete_objects().await? {}
        self.client
            .delete_bucket()
            .bucket(&self.name)
            .expected_bucket_owner(&self.target.location.account)
            .send()
            .await
            .map_err(|error| refusal("could not delete the code bucket", &error))?;
        Ok(true)
    }

    /// Removes some objects, a thousand at most; `false` when there was none left.
    async fn delete_objects(&self) -> Result<bool> {
        let listed = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .expected_bucket_owner(&self.target.location.account)
            .send()
            .await
            .map_err(|error| refusal("could not list the code bucket", &error))?;
        let objects = listed
            .contents()
            .iter()
            .filter_map(|object| ObjectIdentifier::builder().key(object.key()?).build().ok())
            .collect::<Vec<_>>();
        if objects.is_empty() {
            return Ok(false);
        }
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .build()
            .context("a list of objects")?;
        let deleted = self
            .client
            .delete_objects()
            .bucket(&self.name)
            .expected_bucket_owner(&self.target.location.account)
            .delete(delete)
            .send()
            .await
            .map_err(|error| refusal("could not empty the code bucket", &error))?;
        // Each object may be refused by itself, and asking again would go on for ever.
        if let Some(refused) = deleted.errors().first() {
            anyhow::bail!(
                "could not empty the code bucket: {} of {}",
                refused.code().unwrap_or("refused"),
                refused.key().unwrap_or("?")
            );
        }
        Ok(true)
    }
}
