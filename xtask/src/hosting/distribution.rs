//! The CloudFront distribution in front of a site.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudfront::{
    Client,
    types::{InvalidationBatch, Paths},
};
use aws_types::SdkConfig;

use super::stack::Place;
use crate::{
    aws::connection::{refusal::refusal, target::Target},
    support::report,
};

/// How long CloudFront may take to bring a change to all edge locations. It usually takes minutes.
const DEPLOYED_WITHIN: Duration = Duration::from_mins(30);

/// Waits until all edge locations have the latest configuration: CloudFormation does not wait for that after it changed a
/// policy, and a new page with old headers does not run.
///
/// # Errors
/// When CloudFront refuses, or it takes longer than half an hour.
pub(super) async fn wait_until_deployed(target: &Target, place: &Place) -> Result<()> {
    let step = report::step("Wait until CloudFront has deployed the headers");
    let client = Client::new(&target.sdk_config);
    let mut activity = step.activity();
    let started = Instant::now();
    loop {
        // Before the first look too: the status changes a moment after the policy.
        tokio::time::sleep(target.location.poll()).await;
        let request = client.get_distribution().id(&place.distribution);
        let answer = request.send().await;
        let answer =
            answer.map_err(|error| refusal("could not look at the distribution", &error))?;
        let status = answer.distribution().map_or("", |found| found.status());
        if status == "Deployed" {
            break;
        }
        if started.elapsed() > DEPLOYED_WITHIN {
            bail!(
                "the distribution {} is still {status} after {} min; run the command again to publish",
                place.distribution,
                DEPLOYED_WITHIN.as_secs() / 60
            );
        }
        activity.update(status);
    }
    drop(activity);
    step.done();
    Ok(())
}

/// Lets CloudFront forget the files at `paths`. It asks the bucket about them anyway, but a file may have been published
/// with other headers by other means.
///
/// # Errors
/// When CloudFront refuses.
pub(super) async fn invalidate(
    sdk_config: &SdkConfig,
    place: &Place,
    mut paths: Vec<String>,
    now: SystemTime,
) -> Result<()> {
    paths.push("/".to_owned());
    let paths = Paths::builder()
        .quantity(i32::try_from(paths.len()).unwrap_or(i32::MAX))
        .set_items(Some(paths))
        .build()?;
    let batch = InvalidationBatch::builder()
        .caller_reference(nanoseconds(now))
        .paths(paths)
        .build()?;
    Client::new(sdk_config)
        .create_invalidation()
        .distribution_id(&place.distribution)
        .invalidation_batch(batch)
        .send()
        .await
        .context("could not make CloudFront forget the files that changed")?;
    Ok(())
}

/// A name that no publication before had.
fn nanoseconds(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos()
        .to_string()
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A CloudFront that answers each request with the next of `statuses`.
    async fn fake_cloudfront(listener: TcpListener, mut statuses: Vec<&str>) {
        while !statuses.is_empty() {
            let status = statuses.remove(0);
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(connection.read_u8().await.unwrap());
            }
            let body = format!(
                "<Distribution><Id>E1</Id><ARN>arn</ARN><Status>{status}</Status><LastModifiedTime>2026-01-01T00:00:00Z\
                 </LastModifiedTime><InProgressInvalidationBatches>0</InProgressInvalidationBatches>\
                 <DomainName>site.example.com</DomainName></Distribution>"
            );
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn waits_until_the_distribution_is_deployed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let place = Place {
            site_url: String::new(),
            bucket: String::new(),
            distribution: "E1".to_owned(),
        };
        let target = Target::for_tests(Some(port));
        let statuses = vec!["InProgress", "InProgress", "Deployed"];
        let server = tokio::spawn(fake_cloudfront(listener, statuses));
        wait_until_deployed(&target, &place).await.unwrap();
        // The server ends after its last answer.
        assert!(server.is_finished(), "not all answers were waited for");
    }
}
