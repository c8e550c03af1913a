//! A site in a bucket behind CloudFront: which objects it consists of, and in which order they come and go.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result};
use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use aws_sdk_s3::{
    Client,
    operation::get_object::GetObjectError,
    primitives::ByteStream,
    types::{Tag, Tagging},
};
use aws_types::SdkConfig;
use hosting_rules::{CONFIG, Destinations, Headers, INDEX, Page};

use super::{
    release::Release,
    stack::{Place, Stack},
};
use crate::support::{report, workspace::Workspace};

/// The name of the stack, unless somebody chooses another.
pub(crate) const STACK: &str = "velvet-rope-hosting";

/// For how long files of earlier releases stay for tabs that still show one: nobody keeps a tab of this site in use for
/// longer without loading it anew.
pub(crate) const KEPT: Duration = Duration::from_hours(7 * 24);

/// Since when an object belongs to no release any more, in seconds since 1970 UTC. S3 itself only knows how old it is.
const SUPERSEDED: &str = "superseded-at";

/// Which site, and where.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    /// The name of its stack.
    pub(crate) stack: &'a str,
    /// `DomainName`, `CertificateArn`, `PriceClass`: those that are to change.
    pub(crate) chosen: &'a [(&'static str, String)],
}

/// Finds out where the site is, and makes the place if there is none: the user pool has to know the address before there
/// is a configuration to publish. Such a site answers with nothing yet.
///
/// # Errors
/// When CloudFormation refuses.
pub(crate) async fn prepare(
    site: &Site<'_>,
    workspace: &Workspace,
    sdk_config: &SdkConfig,
) -> Result<Place> {
    let stack = site.stack();
    if site.chosen.is_empty()
        && let Some(place) = stack.place(sdk_config).await?
    {
        return Ok(place);
    }
    let step = report::step(format_args!("Deploy infra/hosting.yaml as {}", site.stack));
    let place = stack.deploy(workspace, sdk_config, None).await?;
    step.done();
    Ok(place)
}

/// Publishes `release`: its headers, its files, the page last. Files of earlier releases stay for a week, counted from the
/// first publication without them to `now`.
///
/// # Errors
/// When AWS refuses. What was there before is then still served, or all of it can be sent again.
pub(crate) async fn publish(
    site: &Site<'_>,
    workspace: &Workspace,
    sdk_config: &SdkConfig,
    release: &Release,
    now: SystemTime,
) -> Result<Place> {
    let stack = site.stack();
    let bucket = |place: &Place| Bucket {
        client: client(sdk_config),
        name: place.bucket.clone(),
    };
    let served = match stack.place(sdk_config).await? {
        Some(place) => bucket(&place).served().await?,
        None => None,
    };
    let headers = release.headers();
    // Headers change in one moment and the page in another: in between, they have to fit both.
    let for_both = served.map_or_else(
        || headers.clone(),
        |(page, destinations)| {
            Headers::new(
                &release.page.and(&page),
                &release.destinations.and(&destinations),
            )
        },
    );
    let step = report::step(format_args!("Deploy infra/hosting.yaml as {}", site.stack));
    let place = stack.deploy(workspace, sdk_config, Some(&for_both)).await?;
    step.done();

    let step = report::step(format_args!("Upload to s3://{}", place.bucket));
    let bucket = bucket(&place);
    for path in release.paths() {
        bucket.put(release, path).await?;
    }
    let removed = bucket.retire_all_but(&keys(release), seconds(now)).await?;
    invalidate(sdk_config, &place, release, now).await?;
    step.done_with(format_args!(
        "{} files sent, {removed} old ones removed",
        release.paths().len()
    ));

    if for_both != headers {
        let step = report::step("Forget the headers of the release before");
        stack.deploy(workspace, sdk_config, Some(&headers)).await?;
        step.done();
    }
    Ok(place)
}

impl<'a> Site<'a> {
    fn stack(&self) -> Stack<'a> {
        Stack {
            name: self.stack,
            chosen: self.chosen,
        }
    }
}

/// The keys of all objects of a release: each file, and beside it the copy that browsers get.
fn keys(release: &Release) -> BTreeSet<String> {
    let objects = release.paths().into_iter().flat_map(|path| {
        let key = key(path);
        let copy = hosting_rules::has_compressed_copy(path).then(|| format!("{key}.br"));
        std::iter::once(key.to_owned()).chain(copy)
    });
    objects.collect()
}

fn key(path: &str) -> &str {
    path.trim_start_matches('/')
}

fn client(sdk_config: &SdkConfig) -> Client {
    let config = aws_sdk_s3::config::Builder::from(sdk_config).force_path_style(true);
    Client::from_conf(config.build())
}

/// Since 1970 UTC.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

/// A name that no publication before had.
fn nanoseconds(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos()
        .to_string()
}

/// The bucket of a site.
struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    /// What the site consists of now; nothing when nothing of use is there.
    async fn served(&self) -> Result<Option<(Page, Destinations)>> {
        let (Some(page), Some(config)) = (self.text(INDEX).await?, self.text(CONFIG).await?) else {
            return Ok(None);
        };
        Ok(Page::read(&page).ok().zip(Destinations::of(&config).ok()))
    }

    async fn text(&self, path: &str) -> Result<Option<String>> {
        let request = self.client.get_object().bucket(&self.name).key(key(path));
        let object = match request.send().await {
            Ok(object) => object,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetObjectError::is_no_such_key) =>
            {
                return Ok(None);
            }
            Err(error) => {
                return Err(error).with_context(|| format!("could not read {path} of the bucket"));
            }
        };
        let bytes = object
            .body
            .collect()
            .await
            .with_context(|| format!("half of {path} came out of the bucket"))?;
        Ok(String::from_utf8(bytes.to_vec()).ok())
    }

    /// Sends a file, its compressed copy first: whoever asks for the copy of something gets no 404.
    async fn put(&self, release: &Release, path: &str) -> Result<()> {
        let content = release.content(path)?;
        if let Some(brotli) = content.brotli {
            self.put_object(path, &format!("{}.br", key(path)), brotli, Some("br"))
                .await?;
        }
        self.put_object(path, key(path), content.plain, None).await
    }

    async fn put_object(
        &self,
        path: &str,
        key: &str,
        content: Vec<u8>,
        encoding: Option<&str>,
    ) -> Result<()> {
        let request = self.client.put_object().bucket(&self.name).key(key);
        request
            .cache_control(hosting_rules::cache_control(path))
            .content_type(hosting_rules::content_type(path))
            .set_content_encoding(encoding.map(str::to_owned))
            .body(ByteStream::from(content))
            .send()
            .await
            .with_context(|| format!("could not upload {key}"))?;
        Ok(())
    }

    /// Removes what belongs to no release for long enough, and notes the time on what has just become so. How many
    /// objects went.
    async fn retire_all_but(&self, current: &BTreeSet<String>, now: u64) -> Result<usize> {
        let mut removed = 0;
        for key in self.keys().await?.difference(current) {
            match self.superseded_at(key).await? {
                None => self.mark(key, now).await?,
                Some(since) if now.saturating_sub(since) < KEPT.as_secs() => {}
                Some(_) => {
                    let request = self.client.delete_object().bucket(&self.name).key(key);
                    request
                        .send()
                        .await
                        .with_context(|| format!("could not remove {key}"))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    async fn keys(&self) -> Result<BTreeSet<String>> {
        let request = self.client.list_objects_v2().bucket(&self.name);
        let mut pages = request.into_paginator().send();
        let mut keys = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.context("could not list the bucket")?;
            keys.extend(
                page.contents()
                    .iter()
                    .filter_map(|object| object.key().map(str::to_owned)),
            );
        }
        Ok(keys)
    }

    async fn superseded_at(&self, key: &str) -> Result<Option<u64>> {
        let request = self.client.get_object_tagging().bucket(&self.name).key(key);
        let tags = request
            .send()
            .await
            .with_context(|| format!("could not read the tags of {key}"))?;
        let mut tags = tags.tag_set().iter();
        Ok(tags
            .find(|tag| tag.key() == SUPERSEDED)
            .and_then(|tag| tag.value().parse().ok()))
    }

    async fn mark(&self, key: &str, now: u64) -> Result<()> {
        let tag = Tag::builder()
            .key(SUPERSEDED)
            .value(now.to_string())
            .build()?;
        let tagging = Tagging::builder().tag_set(tag).build()?;
        let request = self
            .client
            .put_object_tagging()
            .bucket(&self.name)
            .key(key)
            .tagging(tagging);
        request
            .send()
            .await
            .with_context(|| format!("could not tag {key}"))?;
        Ok(())
    }
}

/// Lets CloudFront forget what may have changed under its name. It asks the bucket about those files anyway, but it does
/// not have to be believed in that: a file may have been published with other headers by other means.
async fn invalidate(
    sdk_config: &SdkConfig,
    place: &Place,
    release: &Release,
    now: SystemTime,
) -> Result<()> {
    let objects = keys(release).into_iter().map(|key| format!("/{key}"));
    let mut paths: Vec<String> = objects
        .filter(|path| !hosting_rules::is_hashed(path.trim_end_matches(".br")))
        .collect();
    paths.push("/".to_owned());
    let paths = Paths::builder()
        .quantity(i32::try_from(paths.len()).unwrap_or(i32::MAX))
        .set_items(Some(paths))
        .build()?;
    let batch = InvalidationBatch::builder()
        .caller_reference(nanoseconds(now))
        .paths(paths)
        .build()?;
    aws_sdk_cloudfront::Client::new(sdk_config)
        .create_invalidation()
        .distribution_id(&place.distribution)
        .invalidation_batch(batch)
        .send()
        .await
        .context("could not make CloudFront forget the files that changed")?;
    Ok(())
}
