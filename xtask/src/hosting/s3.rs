//! A site in a bucket behind CloudFront: which objects it consists of, and in which order they come and go.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail};
use aws_sdk_s3::{
    Client,
    operation::get_object::GetObjectError,
    primitives::ByteStream,
    types::{Tag, Tagging},
};
use hosting_rules::{CONFIG, Destinations, Headers, INDEX, Page};

use super::{
    distribution,
    release::Release,
    stack::{HostingStack, Place, are_only_headers, place_of},
};
use crate::{aws::cloudformation::approval::Approval, support::report};

/// For how long files of earlier releases stay for tabs that still show one: a tab is rarely in
/// use for longer without a reload.
pub(crate) const KEPT: Duration = Duration::from_hours(7 * 24);

/// Since when an object belongs to no release any more, in seconds since 1970 UTC. S3 itself only knows how old it is.
const SUPERSEDED: &str = "superseded-at";

/// Creates or updates the stack of the site, once the user agrees: the user pool has to know the address before there is
/// a configuration to publish. A new site answers 404. `None` when the user does not agree.
///
/// # Errors
/// When CloudFormation refuses, or there is no terminal to ask on.
pub(crate) async fn prepare(stack: &HostingStack<'_>, approval: Approval) -> Result<Option<Place>> {
    let Some(plan) = stack.plan(None, approval).await? else {
        return Ok(None);
    };
    if !plan.changes().is_empty() {
        plan.show();
        let question = "The system has to know the address of its site first. Deploy this? [y/N]";
        if !plan.agreed(approval, question).await? {
            return Ok(None);
        }
    }
    place_of(&plan.execute().await?).map(Some)
}

/// Publishes `release`: its headers, its files, the page last. Files of earlier releases stay for a week, counted from the
/// first publication without them to `now`. The user agreed to this already; `approval` is for changes of the stack
/// beyond its headers.
///
/// # Errors
/// When AWS refuses. The release before is then still served, and publishing can be repeated.
pub(crate) async fn publish(
    stack: &HostingStack<'_>,
    release: &Release,
    now: SystemTime,
    approval: Approval,
) -> Result<Place> {
    let place = stack.place().await?;
    let place = place.with_context(|| format!("there is no hosting stack {}", stack.name))?;
    let sdk_config = &stack.target.sdk_config;
    let bucket = Bucket {
        client: client(sdk_config),
        name: place.bucket.clone(),
    };
    let headers = release.headers();
    // Headers change in one moment and the page in another: in between, they have to fit both.
    let for_both = bucket.served().await?.map_or_else(
        || headers.clone(),
        |(page, destinations)| {
            Headers::new(
                &release.page.and(&page),
                &release.destinations.and(&destinations),
            )
        },
    );
    if set_headers(stack, &for_both, approval).await? {
        distribution::wait_until_deployed(stack.target, &place).await?;
    }

    let step = report::step(format_args!("Upload to s3://{}", place.bucket));
    for path in release.paths() {
        bucket.put(release, path).await?;
    }
    let removed = bucket.retire_all_but(&keys(release), seconds(now)).await?;
    distribution::invalidate(sdk_config, &place, unhashed(release), now).await?;
    step.done_with(format_args!(
        "{} files sent, {removed} old ones removed",
        release.paths().len()
    ));

    if for_both != headers {
        set_headers(stack, &headers, approval).await?;
    }
    Ok(place)
}

/// Whether the stack changed for it.
async fn set_headers(
    stack: &HostingStack<'_>,
    headers: &Headers,
    approval: Approval,
) -> Result<bool> {
    let plan = stack.plan(Some(headers), approval).await?;
    let plan = plan.context("the hosting stack was not created")?;
    if !are_only_headers(plan.changes()) {
        plan.show();
        if !plan.agreed(approval, "Deploy this? [y/N]").await? {
            bail!(
                "the hosting stack does not have the headers of the release; run the command again to publish it"
            );
        }
    }
    let is_change = !plan.changes().is_empty();
    plan.execute().await?;
    Ok(is_change)
}

/// The paths of the files whose content changes while their names stay.
fn unhashed(release: &Release) -> Vec<String> {
    let paths = keys(release).into_iter().map(|key| format!("/{key}"));
    paths
        .filter(|path| !hosting_rules::is_hashed(path.trim_end_matches(".br")))
        .collect()
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

fn client(sdk_config: &aws_types::SdkConfig) -> Client {
    let config = aws_sdk_s3::config::Builder::from(sdk_config).force_path_style(true);
    Client::from_conf(config.build())
}

/// Since 1970 UTC.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
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

    /// Sends a file, its compressed copy first: a request for the copy never gets a 404.
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
